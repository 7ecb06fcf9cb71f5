"""The vendors of the sandbox. A vendor more is a line more."""

from collections.abc import Callable, Mapping, Sequence

from connectors.sandbox.adyen import Adyen
from connectors.sandbox.clock import Clock
from connectors.sandbox.klarna import Klarna
from connectors.sandbox.paypal import PayPal
from connectors.sandbox.sendgrid.vendor import SendGrid
from connectors.sandbox.ups import Ups
from connectors.sandbox.vendor import Vendor

VENDORS: Mapping[str, Callable[[Clock], Vendor]] = {
    "sendgrid": SendGrid,
    "adyen": Adyen,
    "klarna": Klarna,
    "paypal": PayPal,
    "ups": Ups,
}


def all_vendors(clock: Clock) -> Sequence[Vendor]:
    """Return one of each, with nothing in it, in the order of their ports."""
    return [make(clock) for make in VENDORS.values()]
