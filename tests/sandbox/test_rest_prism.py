"""Prism, between whoever calls and the sandbox, has nothing against a call of Adyen, PayPal and UPS, or its answer."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from connectors.sandbox import adyen, paypal, ups
from connectors.sandbox.calls import said
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from tests.sandbox.test_rest_vendors import CARD, PARCEL, PSP, SHOPPER, STORED, Served, logged_in
from tests.vendors import rest
from tests.vendors.prism import proxied, violations
from tests.vendors.specifications import Specification

ERASURE = {"merchantAccount": adyen.MERCHANT, "pspReference": PSP, "forceErasure": True}
FAULTS = {Kind.BUSY: 429, Kind.BUSY_SILENT: 429, Kind.BROKEN: 500, Kind.EXPIRED: 401}
OF_ADYEN = {Kind.BROKEN: 500, Kind.EXPIRED: 401}
"""Neither its specifications nor that of UPS say what too many calls are answered; UPS not even what a 500 is."""
DISABLING = {"merchantAccount": adyen.MERCHANT, "shopperReference": SHOPPER, "recurringDetailReference": CARD}
TRANSACTION = {"transId": "0123456789", "PlatformType": "XOLT", "InquiryType": "U"}
PLACE = {"addressLine1": "12911 Fork Rd", "city": "Baldwin", "state": "MD", "postalCode": "21013", "countryCode": "US"}
REDIRECTION = {
    "requestType": "AA",
    "requesterContactInfo": {"name": "Multitronic", "telephone": "+358103201500"},
    "specialInstructions": None,
    "newDeliveryAddress": {"addressNickName": "Corrected address", "addressInfo": PLACE},
}


@dataclass(frozen=True)
class Asked:
    """A call: what is asked, and the status it is answered with."""

    method: str
    path: str
    status: int
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Specified:
    """What of a vendor Prism judges: `calls` in order; `wrong` it would find wrong."""

    vendor: Any
    specification: Specification
    seed: Mapping[str, Any]
    calls: Sequence[Asked]
    wrong: Asked
    prefix: str = ""
    faults: Mapping[Kind, int] = field(default_factory=lambda: FAULTS)


VENDORS = {
    "adyen erasure": Specified(
        adyen.Adyen,
        rest.DATA_PROTECTION.of([rest.ERASE]),
        {"payments": [{"psp_reference": PSP}]},
        [Asked(*rest.ERASE, 200, ERASURE), Asked(*rest.ERASE, 403, ERASURE | {"merchantAccount": "Another"})],
        Asked(*rest.ERASE, 200, {"forceErasure": "yes"}),
        "/ca/services/DataProtectionService/v1",
        OF_ADYEN,
    ),
    "adyen recurring": Specified(
        adyen.Adyen,
        rest.RECURRING.of([rest.DISABLE]),
        {"cards": {SHOPPER: [CARD]}},
        [Asked(*rest.DISABLE, 200, DISABLING), Asked(*rest.DISABLE, 422, DISABLING)],
        Asked(*rest.DISABLE, 200, {"merchantAccount": adyen.MERCHANT}),
        "/pal/servlet/Recurring/v68",
        OF_ADYEN,
    ),
    "paypal": Specified(
        paypal.PayPal,
        rest.VAULT.of(rest.OF_TOKENS),
        {"payment_tokens": [{"id": STORED}]},
        [Asked(method, rest.TOKEN.format(id=STORED), status) for method, status in (("GET", 200), ("DELETE", 204), ("GET", 404))],
        Asked("GET", rest.TOKEN.format(id="x" * 40), 422),
    ),
    "ups": Specified(
        ups.Ups,
        rest.INTERCEPT.of([rest.REDIRECT]),
        {"in_transit": [PARCEL]},
        [Asked("POST", f"/redirect/address/{PARCEL}?loc=en_US", 200, REDIRECTION, TRANSACTION)],
        Asked("POST", f"/redirect/address/{PARCEL}?loc=en_US", 400, {"requestType": "AA"}, TRANSACTION),
        "/api/deliveryintercept/v2",
        {Kind.EXPIRED: 401},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Watched:
    """A vendor that is served, Prism before it, and what is said to log in."""

    what: Specified
    hosted: Hosted
    login: Mapping[str, str]
    client: httpx2.Client

    def ask(self, asked: Asked) -> httpx2.Response:
        headers = {**self.login, **asked.headers}
        return self.client.request(asked.method, asked.path, json=asked.body, headers=headers)


@pytest.fixture(scope="session", params=VENDORS)
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    what: Specified = VENDORS[request.param]
    clock = Clock(stands=1_750_000_000_000_000)
    made = what.vendor(clock)
    with ExitStack() as stack:
        hosted = stack.enter_context(served_in_a_thread([made], clock))[made.name]
        direct = stack.enter_context(httpx2.Client(base_url=hosted.url, timeout=20))
        url = stack.enter_context(
            proxied(what.specification, f"{hosted.url}{what.prefix}", tmp_path_factory.mktemp("prism"))
        )
        client = stack.enter_context(httpx2.Client(base_url=url, timeout=20))
        hosted.seed(what.seed)
        yield Watched(what, hosted, logged_in(Served(hosted, clock, direct)), client)


def found(answer: httpx2.Response) -> Sequence[str]:
    return violations(dict(answer.headers), answer.content)


def test_what_is_asked_and_answered_is_as_specified(watched: Watched) -> None:
    for asked in watched.what.calls:
        answer = watched.ask(asked)
        assert (answer.status_code, found(answer)) == (asked.status, []), asked
    for kind, status in watched.what.faults.items():
        watched.hosted.fault(kind)
        answer = watched.ask(watched.what.calls[0])
        assert (answer.status_code, found(answer)) == (status, []), kind


def test_what_is_otherwise_is_found(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(watched.ask(watched.what.wrong))
    monkeypatch.setattr(watched.hosted.vendor, "trouble", lambda *_: said(401, ["not", "an", "object"]))
    watched.hosted.fault(Kind.EXPIRED)
    assert found(watched.ask(watched.what.calls[0]))
