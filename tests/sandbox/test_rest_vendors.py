"""Adyen, PayPal and UPS of the sandbox, judged by their specifications and by Adyen's own SDK; Klarna by its documentation."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import Adyen
import httpx2
import pytest

from connectors.sandbox import adyen, klarna, paypal, ups
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from connectors.sandbox.vendor import Vendor
from tests.vendors import rest
from tests.vendors.contracts import valid_answer, valid_request
from tests.vendors.fuzzing import Otherwise, fuzz
from tests.vendors.specifications import Specification, raw

PSP, CARD, SHOPPER = "WZXCKJ6CMTNG5S65", "8314442372419167", "C-1001"
STORED, PARCEL = "8kk8451t", "1ZA2F8810719086435"
WINDOW = 61_000_000
"""Microseconds: longer than that of any limit."""


@dataclass(frozen=True)
class Served:
    hosted: Hosted
    clock: Clock
    ask: httpx2.Client


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Clock], Vendor]], Served]]:
    with ExitStack() as stack:

        def make(vendor: Callable[[Clock], Vendor]) -> Served:
            clock = Clock(stands=1_750_000_000_000_000)
            made = vendor(clock)
            hosted = stack.enter_context(served_in_a_thread([made], clock))[made.name]
            return Served(hosted, clock, stack.enter_context(httpx2.Client(base_url=hosted.url, timeout=20)))

        yield make


def logged_in(served: Served) -> dict[str, str]:
    """The headers of a login, as the vendor's documentation has it."""
    given = dict(served.hosted.vendor.credentials(served.hosted.url))
    if "adyen.key" in given:
        return {"X-API-Key": given["adyen.key"]}
    path = paypal.TOKEN if "paypal.client" in given else ups.TOKEN
    client, secret = (value for _, value in sorted(given.items()))
    answer = served.ask.post(path, data={"grant_type": "client_credentials"}, auth=(client, secret))
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def filled(served: Served) -> None:
    seeds: dict[str, dict[str, Any]] = {
        "adyen": {"payments": [{"psp_reference": PSP, "shopper": SHOPPER}], "cards": {SHOPPER: [CARD]}},
        "paypal": {"payment_tokens": [{"id": STORED}]},
        "ups": {"in_transit": [PARCEL]},
    }
    served.hosted.seed(seeds[served.hosted.vendor.name])


SPECIFIED: list[tuple[Callable[[Clock], Vendor], Specification, str, str, str, dict[str, str] | None]] = [
    (adyen.Adyen, rest.DATA_PROTECTION, *rest.ERASE, "/ca/services/DataProtectionService/v1", None),
    (adyen.Adyen, rest.RECURRING, *rest.DISABLE, "/pal/servlet/Recurring/v68", None),
    (paypal.PayPal, rest.VAULT, "GET", rest.TOKEN, "", {"id": STORED}),
    (paypal.PayPal, rest.VAULT, "DELETE", rest.TOKEN, "", {"id": STORED}),
    (ups.Ups, rest.INTERCEPT, *rest.REDIRECT, "/api/deliveryintercept/v2", {"tracking_number": PARCEL}),
]


@pytest.mark.parametrize(
    ("vendor", "specification", "method", "path", "prefix", "known"),
    SPECIFIED,
    ids=lambda each: getattr(each, "__name__", each) if isinstance(each, str | type) else "",
)
def test_no_call_of_any_kind_is_answered_otherwise_than_specified(
    serve: Callable[[Callable[[Clock], Vendor]], Served],
    vendor: Callable[[Clock], Vendor],
    specification: Specification,
    method: str,
    path: str,
    prefix: str,
    known: dict[str, str] | None,
) -> None:
    served = serve(vendor)
    filled(served)
    headers = logged_in(served)
    for parameters in (None, known) if known else (None,):
        fuzz(
            specification,
            method,
            path,
            served.hosted.url + prefix,
            headers=headers,
            before=lambda: served.clock.forward(WINDOW // 100),
            path_parameters=parameters,
        )
    assert sum(served.hosted.counts.values()) >= 24


def test_the_fuzzer_finds_an_answer_that_is_otherwise(
    serve: Callable[[Callable[[Clock], Vendor]], Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(adyen.Adyen)
    vendor: Any = served.hosted.vendor
    monkeypatch.setattr(vendor, "admits", lambda _: adyen.said(200, {"result": "DONE"}))
    with pytest.raises(Otherwise):
        fuzz(
            rest.DATA_PROTECTION,
            *rest.ERASE,
            served.hosted.url + "/ca/services/DataProtectionService/v1",
            headers=logged_in(served),
            examples=2,
        )


# Adyen's own SDK


class _Pointed:
    """Adyen's client, its addresses changed for the sandbox's."""

    def __init__(self, served: Served) -> None:
        key = served.hosted.vendor.credentials("")["adyen.key"]
        self._adyen = Adyen.Adyen(xapikey=key, platform="test")
        erasing, recurring = self._adyen.dataProtection.data_protection_api, self._adyen.recurring.recurring_api
        for api in (erasing, recurring):
            api.baseUrl = served.hosted.url + api.baseUrl.partition("adyen.com")[2]
        self.erase, self.disable = erasing.request_subject_erasure, recurring.disable


def test_the_sdk_of_adyen_erases_a_payment_once_its_card_is_disabled(
    serve: Callable[[Callable[[Clock], Vendor]], Served],
) -> None:
    served = serve(adyen.Adyen)
    filled(served)
    client = _Pointed(served)
    erasure = {"merchantAccount": adyen.MERCHANT, "pspReference": PSP, "forceErasure": False}
    assert client.erase(erasure).message == {"result": "ACTIVE_RECURRING_TOKEN_EXISTS"}
    card = {"merchantAccount": adyen.MERCHANT, "shopperReference": SHOPPER, "recurringDetailReference": CARD}
    assert client.disable(card).message == {"response": "[detail-successfully-disabled]"}
    with pytest.raises(Adyen.AdyenAPIUnprocessableEntity):
        client.disable(card)
    assert client.erase(erasure).message == {"result": "SUCCESS"}
    assert client.erase(erasure).message == {"result": "ALREADY_PROCESSED"}
    assert client.erase({**erasure, "pspReference": "0" * 16}).message == {"result": "PAYMENT_NOT_FOUND"}
    assert PSP in served.hosted.held()["payments"]
    served.clock.forward(10_000_000)
    assert served.hosted.held()["payments"] == {}


def test_erasure_can_be_forced_and_all_cards_of_a_shopper_disabled(
    serve: Callable[[Callable[[Clock], Vendor]], Served],
) -> None:
    served = serve(adyen.Adyen)
    filled(served)
    client = _Pointed(served)
    forced = {"merchantAccount": adyen.MERCHANT, "pspReference": PSP, "forceErasure": True}
    assert client.erase(forced).message == {"result": "SUCCESS"}
    everything = {"merchantAccount": adyen.MERCHANT, "shopperReference": SHOPPER}
    assert client.disable(everything).message == {"response": "[all-details-successfully-disabled]"}
    assert served.hosted.held()["cards"] == {SHOPPER: []}


@pytest.mark.parametrize(
    ("kind", "error"),
    [(Kind.EXPIRED, Adyen.AdyenAPIAuthenticationError), (Kind.BROKEN, Adyen.AdyenAPICommunicationError)],
)
def test_the_sdk_of_adyen_takes_faults_for_what_they_are(
    serve: Callable[[Callable[[Clock], Vendor]], Served], kind: Kind, error: type[Exception]
) -> None:
    served = serve(adyen.Adyen)
    served.hosted.fault(kind)
    with pytest.raises(error):
        _Pointed(served).erase({"merchantAccount": adyen.MERCHANT, "pspReference": PSP})


# Tokens that log in


@pytest.mark.parametrize("vendor", [paypal.PayPal, ups.Ups])
def test_a_token_that_logs_in_ends_and_a_wrong_secret_gets_none(
    serve: Callable[[Callable[[Clock], Vendor]], Served], vendor: Callable[[Clock], Vendor]
) -> None:
    served = serve(vendor)
    headers = logged_in(served)
    where = paypal.PAYMENT_TOKEN.replace("{id}", STORED) if vendor is paypal.PayPal else "/nowhere"
    assert served.ask.get(where, headers=headers).status_code == 404
    token = paypal.TOKEN if vendor is paypal.PayPal else ups.TOKEN
    assert served.ask.post(token, data={"grant_type": "client_credentials"}, auth=("a", "b")).status_code == 401
    served.clock.forward(40_000 * 1_000_000)
    method, path = (
        ("GET", where) if vendor is paypal.PayPal else ("POST", ups.REDIRECT.replace("{tracking_number}", PARCEL))
    )
    assert served.ask.request(method, path, headers=headers).status_code == 401


# What is found, and Klarna, which has no specification


def test_what_paypal_stores_is_told_as_specified(serve: Callable[[Callable[[Clock], Vendor]], Served]) -> None:
    served = serve(paypal.PayPal)
    filled(served)
    headers = logged_in(served)
    for method, status in (("GET", 200), ("DELETE", 204), ("GET", 404), ("DELETE", 204)):
        request = served.ask.build_request(method, f"/v3/vault/payment-tokens/{STORED}", headers=headers)
        answer = served.ask.send(request)
        assert answer.status_code == status
        valid_request(rest.VAULT, request)
        valid_answer(rest.VAULT, request, answer)


def test_klarna_cancels_a_token_some_time_after_it_was_asked(
    serve: Callable[[Callable[[Clock], Vendor]], Served],
) -> None:
    served = serve(klarna.Klarna)
    served.hosted.seed({"tokens": {"t-1": "ACTIVE"}, "orders": {"o-1": {"city": "Oslo"}}})
    given = served.hosted.vendor.credentials("")
    served.ask.auth = (given["klarna.user"], given["klarna.password"])
    status = "/customer-token/v1/tokens/t-1/status"
    assert served.ask.patch(status, json={"status": "ACTIVE"}).json()["error_code"] == "BAD_VALUE"
    assert served.ask.patch(status, json={"status": "CANCELLED"}).status_code == 202
    assert served.ask.get("/customer-token/v1/tokens/t-1").json()["status"] == "ACTIVE"
    served.clock.forward(5_000_000)
    assert served.ask.get("/customer-token/v1/tokens/t-1").json()["status"] == "CANCELLED"
    customer = "/ordermanagement/v1/orders/o-1/customer-details"
    refused = served.ask.patch(customer, json={"billing_address": {"city": "Bergen"}})
    assert (refused.status_code, refused.json()["error_code"]) == (403, "NOT_ALLOWED")
    assert served.ask.patch(customer, json={"shipping_address": {"city": "Bergen"}}).status_code == 204
    assert served.ask.get("/ordermanagement/v1/orders/o-1").json()["shipping_address"] == {"city": "Bergen"}


def test_paytrail_has_no_call_that_erases() -> None:
    """Which is why its descriptor is of letters: were there one, it would be to be connected."""
    paths = raw(rest.PAYTRAIL.name)["paths"]
    assert len(paths) == 18
    assert not [path for path, methods in paths.items() if "delete" in methods]


@pytest.mark.parametrize(
    "specification", [rest.DATA_PROTECTION, rest.RECURRING, rest.VAULT, rest.INTERCEPT], ids=lambda each: each.name
)
def test_a_correction_of_a_specification_says_why_and_is_still_needed(specification: Specification) -> None:
    assert specification.whole != raw(specification.name)
    assert all(each.why for each in specification.corrections)
