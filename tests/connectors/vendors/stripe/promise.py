"""What the connector of Stripe promises. What Stripe takes for one order is one job; it names its objects in addresses."""

from dataclasses import replace

from tests.connectors.orders import MAIL
from tests.connectors.vendors.sandboxed import Sandboxed, staged_on
from tests.connectors.vendors.stripe import seat
from tests.contracts.connector import KEYS_OF_ORDERS, SECRETS, Fault, Promise

_NOTHING_INSIDE = "Stripe says by its status whether a call did it, and does a job whole or not at all."

_SANDBOXED = Sandboxed(
    vendor=seat.vendor,
    text=seat.DESCRIPTOR,
    files=("stripe.key",),
    seeds=lambda: {"objects": seat.objects()},
    order=lambda action: seat.erasure(action=action),
    is_done=lambda _, held: held["objects"][seat.CUS].get("email") != MAIL,
    others=lambda held: {id_: each for id_, each in held["objects"].items() if id_.endswith("Eino")},
    told=lambda state: list(state.redactions),
    secrets=(*SECRETS, seat.PHONE),
)
STRIPE = Promise(
    "stripe",
    {"erase": "verified"},
    staged_on(_SANDBOXED),
    {Fault.ERROR_INSIDE: _NOTHING_INSIDE, Fault.PARTIAL: _NOTHING_INSIDE},
)
DELETION = Promise(
    "stripe: deletion",
    {"erase": "accepted"},
    staged_on(replace(_SANDBOXED, text=f"{seat.DESCRIPTOR}  by: deletion\n", told=None)),
    STRIPE.never | {KEYS_OF_ORDERS: "A deletion has no key; a customer who is gone is deleted."},
)
