"""The parties whose shipped descriptors are of the channel `rest`: orders they take, and what their sandbox begins with."""

from collections.abc import Callable
from typing import Any

import httpx2

from connectors.sandbox import adyen, klarna, paypal, ups
from connectors.sandbox.clock import Clock
from connectors.sandbox.vendor import Vendor
from lineage.cases.orders import Order, Sending
from tests.connectors import orders
from tests.connectors.vendors.rest.recording import Recorded
from tests.connectors.vendors.rest.stages import Told
from tests.vendors.contracts import valid_answer, valid_request
from tests.vendors.specifications import Specification

CARD, PSP, OTHER = "8314442372419167", "WZXCKJ6CMTNG5S65", "QFQTPCQ8HXSKGK82"
KLARNA_TOKEN, KLARNA_ORDER = "0b1d9815-165e-42e2-8867-35bc03789e00", "7849fd84-47dc-4919-a7ce-0123456789ab"
VAULTED = "8kk8451t"
PARCEL = "1ZA2F8810719086435"
SHOPPER = "C-1001"
OSLO = "Storgata 1, 0155 Oslo, NO"
BALDWIN = "12911 Fork Rd, Baldwin, MD 21013, US"
FILLED: dict[str, dict[str, str]] = {
    "adyen": {"recurring": "{url}/pal/servlet/Recurring/v68", "merchant_account": adyen.MERCHANT},
    "ups": {"requester_name": "Multitronic", "requester_telephone": "+358103201500"},
}
VENDORS: dict[str, Callable[[Clock], Vendor]] = {
    "adyen": adyen.Adyen,
    "klarna": klarna.Klarna,
    "paypal": paypal.PayPal,
    "ups": ups.Ups,
}
Open = Callable[[str], Told]


def order(party: str, *identifiers: tuple[str, str], **more: Any) -> Order:
    return orders.order(party=party, identifiers=(("customer_id", SHOPPER), *identifiers), **more)


def judged(wire: Recorded, specification: Specification, prefix: str, where: str) -> int:
    """Assert that all that went there, and came back, is as the vendor specifies; return how much it was."""
    found = wire.of(where)
    for request, answer in found:
        path = request.url.raw_path.decode()
        plain = httpx2.Request(
            request.method,
            f"http://127.0.0.1{specification.prefix}{path.removeprefix(prefix)}",
            headers=request.headers,
            content=request.content,
        )
        valid_request(specification, plain)
        valid_answer(specification, plain, answer)
    return len(found)


def adyen_order(*references: str, card: str | None = CARD) -> Order:
    cards = [("payment_token", card)] if card else []
    together = (("customer_id", SHOPPER), *cards)
    return order(
        "adyen",
        *cards,
        *(("provider_reference", each) for each in references),
        sendings=(Sending(together, "payment"),),
    )


def redirecting(address: str = BALDWIN) -> Order:
    return order("ups", ("tracking_number", PARCEL), action="rectify", changes={"address": address})


ORDERS: dict[str, Order] = {
    "adyen": adyen_order(PSP),
    "klarna": order("klarna", ("payment_token", KLARNA_TOKEN)),
    "paypal": order("paypal", ("payment_token", VAULTED)),
    "ups": redirecting(),
}
SEEDS: dict[str, dict[str, Any]] = {
    "adyen": {"payments": [{"psp_reference": PSP}], "cards": {SHOPPER: [CARD]}},
    "klarna": {"tokens": {KLARNA_TOKEN: "ACTIVE"}},
    "paypal": {"payment_tokens": [{"id": VAULTED}]},
    "ups": {"in_transit": [PARCEL]},
}
