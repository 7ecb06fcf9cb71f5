"""What the channel `rest` promises of the parties whose descriptors are shipped, and of the one that the page describes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from connectors.sandbox import adyen
from connectors.sandbox.clock import Clock
from connectors.sandbox.vendor import Vendor
from lineage.cases.orders import Order
from lineage.cases.words import Action
from tests.connectors import orders
from tests.connectors.orders import MAIL
from tests.connectors.vendors.rest.club import TOKEN, Club
from tests.connectors.vendors.rest.shipped import (
    CARD,
    FILLED,
    KLARNA_TOKEN,
    ORDERS,
    PARCEL,
    PSP,
    SEEDS,
    SHOPPER,
    VAULTED,
    VENDORS,
)
from tests.connectors.vendors.rest.stages import addressed, page_text, shipped_text
from tests.connectors.vendors.sandboxed import Held, Sandboxed, staged_on
from tests.contracts.connector import CLEAN_ADDRESSES, KEYS_OF_ORDERS, SECRETS, Fault, Promise

OTHER_TOKEN, OTHER_PARCEL, OTHER_MEMBER = (
    "0b1d9815-165e-42e2-8867-35bc03789e01",
    "1ZA2F8810719086436",
    "eino@example.fi",
)
_NO_KEYS = "Its interface has no key of a call; what is told twice is the same to it."
_KEY_UNHEEDED = (
    "A key of the call is sent; the stand-in takes no notice of it, and what is told twice is the same to it."
)
_IN_PATH = "Its interface wants the identifier in the path of the address."
_BY_STATUS = "It says by its status whether a call did it."
_ONE = "A call is of one thing, which is done or not."
_SHORT = {KEYS_OF_ORDERS: _NO_KEYS, Fault.ERROR_INSIDE: _BY_STATUS, Fault.PARTIAL: _ONE}


def _vendor(name: str) -> Callable[[Clock], Vendor]:
    return lambda clock: VENDORS[name](clock)


def _text(name: str) -> str:
    text = addressed(shipped_text(name), "{url}", **FILLED.get(name, {}))
    return text.replace("/requestSubjectErasure", adyen.ERASE) if name == "adyen" else text


def _order(name: str) -> Callable[[Action], Order]:
    return lambda _: replace(ORDERS[name], key=str(uuid4()))


def _seeds(name: str, **others: Any) -> Callable[[], Held]:
    return lambda: {
        key: [*each, *others.get(key, [])] if isinstance(each, list) else each | others.get(key, {})
        for key, each in SEEDS[name].items()
    }


def _shipped(name: str, files: tuple[str, ...], secrets: tuple[str, ...], **how: Any) -> Any:
    made: dict[str, Any] = {"vendor": _vendor(name), "text": _text(name), "files": files, "order": _order(name)}
    return staged_on(Sandboxed(**made, secrets=(SHOPPER, *secrets), **how))


def _member_is_done(action: Action, held: Held) -> bool:
    if action == "rectify":
        return held["members"][MAIL]["phone"] == "+35850"
    return action == "collect" or MAIL not in held["members"]


def _club_order(action: Action) -> Order:
    changes = {"changes": {"phone": "+35850"}, "categories": ("phone",)} if action == "rectify" else {}
    return orders.order(party="bonus-club", form="instruction", action=action, **changes)


CLUB_PARTY = Sandboxed(
    vendor=lambda _: Club(),
    text=addressed(page_text(), "{url}"),
    files=("bonus-club.token",),
    seeds=lambda: {each: {"name": "Maija", "phone": "+358401234567"} for each in (MAIL, OTHER_MEMBER)},
    order=_club_order,
    is_done=_member_is_done,
    others=lambda held: {each: kept for each, kept in held["members"].items() if each != MAIL},
    secrets=(*SECRETS, "+358401234567"),
    keys=(TOKEN,),
    time=lambda vendor: vendor.night(),
)
CLUB = Promise(
    "rest: bonus-club",
    {"erase": "verified", "rectify": "accepted", "collect": "verified"},
    staged_on(CLUB_PARTY),
    {
        CLEAN_ADDRESSES: _IN_PATH,
        KEYS_OF_ORDERS: "Only its deletions have a key.",
        Fault.PARTIAL: _ONE,
    },
)
ADYEN = Promise(
    "rest: adyen",
    {"erase": "accepted"},
    _shipped(
        "adyen",
        ("adyen.key",),
        (CARD, PSP),
        seeds=_seeds("adyen", payments=[{"psp_reference": "QFQTPCQ8HXSKGK82"}]),
        is_done=lambda _, held: PSP in held["asked"] and not held["cards"][SHOPPER],
        others=lambda held: [each for each in held["payments"] if each != PSP],
    ),
    _SHORT,
)
KLARNA = Promise(
    "rest: klarna",
    {"erase": "verified"},
    _shipped(
        "klarna",
        ("klarna.user", "klarna.password"),
        (KLARNA_TOKEN,),
        seeds=_seeds("klarna", tokens={OTHER_TOKEN: "ACTIVE"}),
        is_done=lambda _, held: held["tokens"][KLARNA_TOKEN] == "CANCELLED",
        others=lambda held: held["tokens"][OTHER_TOKEN],
    ),
    _SHORT | {CLEAN_ADDRESSES: _IN_PATH, KEYS_OF_ORDERS: _KEY_UNHEEDED},
)
PAYPAL = Promise(
    "rest: paypal",
    {"erase": "verified"},
    _shipped(
        "paypal",
        ("paypal.client", "paypal.secret"),
        (VAULTED,),
        seeds=_seeds("paypal", payment_tokens=[{"id": "9kk8451t"}]),
        is_done=lambda _, held: VAULTED not in held["payment_tokens"],
        others=lambda held: [each for each in held["payment_tokens"] if each != VAULTED],
    ),
    _SHORT | {CLEAN_ADDRESSES: _IN_PATH},
)
UPS = Promise(
    "rest: ups",
    {"rectify": "accepted"},
    _shipped(
        "ups",
        ("ups.client", "ups.secret"),
        (PARCEL,),
        seeds=_seeds("ups", in_transit=[OTHER_PARCEL]),
        is_done=lambda _, held: held["in_transit"][PARCEL] is not None,
        others=lambda held: held["in_transit"][OTHER_PARCEL],
    ),
    {KEYS_OF_ORDERS: _NO_KEYS, Fault.PARTIAL: _ONE, CLEAN_ADDRESSES: _IN_PATH},
)
