"""Adyen, Klarna, PayPal and UPS as their shipped descriptors tell them, against the sandbox; judged by their specifications."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.protocol import Connector
from connectors.sandbox import adyen, klarna, paypal, ups
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.vendor import Vendor
from lineage.cases.orders import Order, Sending
from lineage.errors import Misconfigured, Retryable
from tests.connectors import orders
from tests.connectors.vendors.rest.recording import Recorded, recorded
from tests.connectors.vendors.rest.stages import (
    NOON,
    Told,
    ours,
    send,
    send_then_ask,
    shipped_text,
    told,
    with_connector,
)
from tests.vendors import rest
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


@pytest.fixture
def parties(tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as stack:

        def open_(name: str) -> Told:
            clock = Clock(NOON)
            text = shipped_text(name)
            if name == "adyen":  # its address has a path, which the sandbox's own root has not
                text = text.replace("/requestSubjectErasure", adyen.ERASE)
            vendor = VENDORS[name](clock)
            return stack.enter_context(told(vendor, clock, text, tmp_path, **FILLED.get(name, {})))

        yield open_


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    with recorded(monkeypatch) as found:
        yield found


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


# Adyen


def adyen_order(*references: str, card: str | None = CARD) -> Order:
    cards = [("payment_token", card)] if card else []
    together = (("customer_id", SHOPPER), *cards)
    return order(
        "adyen",
        *cards,
        *(("provider_reference", each) for each in references),
        sendings=(Sending(together, "payment"),),
    )


def test_adyen_disables_the_card_and_is_asked_to_erase_every_payment(parties: Open, wire: Recorded) -> None:
    party = parties("adyen")
    party.hosted.seed(
        {
            "payments": [{"psp_reference": PSP, "shopper": SHOPPER}, {"psp_reference": OTHER, "shopper": SHOPPER}],
            "cards": {SHOPPER: [CARD]},
        }
    )
    outcome = send(party, adyen_order(PSP, OTHER))
    assert (outcome.state, outcome.how, outcome.ask_again_in) == ("accepted", "http-200", None)
    assert party.hosted.held() == {
        "payments": {PSP: SHOPPER, OTHER: SHOPPER},
        "cards": {SHOPPER: []},
        "asked": [OTHER, PSP],
    }
    party.forward(10)
    assert party.hosted.held()["payments"] == {}
    assert judged(wire, rest.DATA_PROTECTION, adyen.ERASE.removesuffix("/requestSubjectErasure"), "/ca/") == 2
    assert judged(wire, rest.RECURRING, adyen.DISABLE.removesuffix("/disable"), "/pal/") == 1


def test_what_adyen_has_been_asked_before_is_no_proof(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP}]})
    send(party, adyen_order(PSP, card=None))
    party.forward(10)
    again = send(party, replace(adyen_order(PSP, card=None), attempt=2))
    assert (again.state, again.ground) == ("accepted", "asked-before")


def test_a_payment_adyen_does_not_find_is_not_held_and_one_it_finds_counts(parties: Open) -> None:
    party = parties("adyen")
    assert send(party, adyen_order(PSP, card=None)).state == "not_held"
    party.hosted.seed({"payments": [{"psp_reference": PSP}]})
    assert send(party, adyen_order(PSP, OTHER, card=None)).state == "accepted"


def test_a_stored_card_that_nobody_can_name_is_left_to_a_person(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP, "shopper": SHOPPER}], "cards": {SHOPPER: [CARD]}})
    outcome = send(party, adyen_order(PSP, card=None))
    assert (outcome.state, outcome.ground) == ("manual", "stored-card-active")
    assert party.hosted.held()["asked"] == []


def test_a_card_is_disabled_for_the_shopper_it_was_sent_with_and_for_no_other(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP}], "cards": {SHOPPER: [CARD], "C-2": [CARD]}})
    pair = (("customer_id", "C-2"), ("payment_token", CARD))
    given = replace(adyen_order(PSP), sendings=(Sending(pair, "payment"),))
    send(party, given)
    assert party.hosted.held()["cards"] == {SHOPPER: [CARD], "C-2": []}
    both = (Sending(pair, "payment"), Sending((("customer_id", SHOPPER), ("payment_token", CARD)), "payment"))
    send(party, replace(given, sendings=both))
    assert party.hosted.held()["cards"] == {SHOPPER: [CARD], "C-2": []}, "nobody guesses whose card it is"


def test_references_of_another_form_are_left_out_and_none_at_all_leaves_it_to_a_person(parties: Open) -> None:
    party = parties("adyen")
    outcome = send(party, adyen_order("not-a-psp-reference", card=None))
    assert (outcome.state, outcome.how, outcome.ground) == ("manual", "not-by-calls", "no-identifier")
    assert party.hosted.seen == ()


def test_what_was_done_before_a_fault_is_not_done_again(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP}, {"psp_reference": OTHER}], "cards": {SHOPPER: [CARD]}})
    party.hosted.fault(Kind.BUSY, adyen.ERASE)
    begun = send(party, adyen_order(PSP, OTHER))
    assert (begun.state, begun.how, begun.ask_again_in) == ("sent", "in-part", 7.0)
    assert not [each for each in (SHOPPER, CARD, PSP) if each in (begun.handle or "")]
    done = send(party, replace(adyen_order(PSP, OTHER), handle=begun.handle, attempt=2))
    assert done.state == "accepted"
    assert party.hosted.counts["POST", adyen.DISABLE] == 1


@pytest.mark.parametrize("kind", [Kind.LOST_AFTER, Kind.DROPPED_AFTER, Kind.BROKEN_AFTER, Kind.CUT])
def test_an_answer_that_is_lost_is_made_up_for(parties: Open, kind: Kind) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP}]})
    party.hosted.fault(kind)
    with pytest.raises(Retryable):
        send(party, adyen_order(PSP, card=None))
    again = send(party, replace(adyen_order(PSP, card=None), attempt=2))
    assert (again.state, again.ground) == ("accepted", "asked-before")
    assert party.hosted.held()["asked"] == [PSP]


def test_a_wrong_key_is_ours_to_mend(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.fault(Kind.EXPIRED)
    with pytest.raises(Misconfigured, match="adyen refuses our login"):
        send(party, adyen_order(PSP, card=None))


# Klarna


def test_klarna_cancels_a_token_and_it_is_read_back(parties: Open) -> None:
    party = parties("klarna")
    party.hosted.seed({"tokens": {KLARNA_TOKEN: "ACTIVE"}})
    sent, asked = send_then_ask(party, order("klarna", ("payment_token", KLARNA_TOKEN)), 600)
    assert (sent.state, sent.ask_again_in) == ("accepted", 600.0)
    assert (asked.state, asked.how) == ("verified", "read-back")


def test_a_lie_of_klarna_is_not_taken_for_a_proof(parties: Open) -> None:
    party = parties("klarna")
    party.hosted.seed({"tokens": {KLARNA_TOKEN: "ACTIVE"}})
    party.hosted.fault(Kind.LIE, klarna.STATUS)
    _, asked = send_then_ask(party, order("klarna", ("payment_token", KLARNA_TOKEN)), 600)
    assert (asked.state, asked.ask_again_in) == ("accepted", 600.0)


def test_klarna_changes_the_shipping_address_of_an_order(parties: Open) -> None:
    party = parties("klarna")
    party.hosted.seed({"orders": {KLARNA_ORDER: {"street_address": "Old 1", "region": "X"}}})
    given = order("klarna", ("provider_reference", KLARNA_ORDER), action="rectify", changes={"address": OSLO})
    assert send(party, given).state == "accepted"
    assert party.hosted.held()["orders"][KLARNA_ORDER] == {
        "street_address": "Storgata 1",
        "postal_code": "0155",
        "city": "Oslo",
        "country": "NO",
        "region": "X",
    }


@pytest.mark.parametrize(
    ("address", "closed", "ground"),
    [(OSLO, True, "not-allowed"), ("somewhere in Oslo", False, "address-not-read")],
)
def test_what_klarna_cannot_change_is_told_by_letter(parties: Open, address: str, closed: bool, ground: str) -> None:
    party = parties("klarna")
    party.hosted.seed({"orders": {KLARNA_ORDER: {}}, "closed": [KLARNA_ORDER] if closed else []})
    given = order("klarna", ("provider_reference", KLARNA_ORDER), action="rectify", changes={"address": address})
    outcome = send(party, given)
    assert (outcome.state, outcome.how, outcome.ground) == ("manual", "not-by-calls", ground)


# PayPal


def test_paypal_deletes_a_token_and_its_absence_is_read_back(parties: Open, wire: Recorded) -> None:
    party = parties("paypal")
    party.hosted.seed({"payment_tokens": [{"id": VAULTED}, {"id": "another1"}]})
    sent, asked = send_then_ask(party, order("paypal", ("payment_token", VAULTED)), 60)
    assert (sent.state, sent.how) == ("accepted", "http-204")
    assert (asked.state, asked.how) == ("verified", "read-back")
    assert party.hosted.held() == {"payment_tokens": ["another1"]}
    assert judged(wire, rest.VAULT, "", "/v3/") == 2


def test_a_lie_of_paypal_is_not_taken_for_a_proof(parties: Open, wire: Recorded) -> None:
    party = parties("paypal")
    party.hosted.seed({"payment_tokens": [{"id": VAULTED}]})
    party.hosted.fault(Kind.LIE, paypal.PAYMENT_TOKEN, method="DELETE")
    _, asked = send_then_ask(party, order("paypal", ("payment_token", VAULTED)), 60)
    assert asked.state == "accepted"
    assert judged(wire, rest.VAULT, "", "/v3/") == 2


def test_a_token_that_logs_in_is_kept_until_it_ends_and_fetched_anew_where_it_is_refused(parties: Open) -> None:
    party, given = parties("paypal"), order("paypal", ("payment_token", VAULTED))

    async def act(connector: Connector) -> list[str]:
        found = [(await connector.send(given)).state for _ in range(3)]
        party.hosted.fault(Kind.EXPIRED, paypal.PAYMENT_TOKEN, method="DELETE")
        found.append((await connector.send(given)).state)
        party.forward(40_000)
        return [*found, (await connector.send(given)).state]

    assert with_connector(party, act) == ["accepted"] * 5
    assert party.hosted.counts["POST", paypal.TOKEN] == 3


def test_a_login_that_is_refused_is_ours_to_mend(parties: Open) -> None:
    party = parties("paypal")
    party.hosted.fault(Kind.EXPIRED, paypal.PAYMENT_TOKEN, method="DELETE", calls=2)
    with pytest.raises(Misconfigured, match="refuses our login"):
        send(party, order("paypal", ("payment_token", VAULTED)))
    (party.descriptor.folder / "paypal.secret").write_text("another one")
    with pytest.raises(Misconfigured, match="gives us no token"):
        send(party, order("paypal", ("payment_token", VAULTED)))


# UPS


def redirecting(address: str = BALDWIN) -> Order:
    return order("ups", ("tracking_number", PARCEL), action="rectify", changes={"address": address})


def test_ups_redirects_a_parcel_on_its_way(parties: Open, wire: Recorded) -> None:
    party = parties("ups")
    party.hosted.seed({"in_transit": [PARCEL]})
    assert send(party, redirecting()).state == "accepted"
    assert party.hosted.held()["in_transit"][PARCEL] == {
        "addressLine1": "12911 Fork Rd",
        "city": "Baldwin",
        "state": "MD",
        "postalCode": "21013",
        "countryCode": "US",
    }
    assert judged(wire, rest.INTERCEPT, "/api/deliveryintercept/v2", "/api/") == 1


def test_a_success_of_ups_that_says_otherwise_inside_is_none(parties: Open, wire: Recorded) -> None:
    party = parties("ups")
    party.hosted.seed({"in_transit": [PARCEL]})
    party.hosted.fault(Kind.ERROR_INSIDE)
    outcome = send(party, redirecting())
    assert (outcome.state, outcome.how, outcome.ground) == ("manual", "not-by-calls", "not-redirected")
    assert judged(wire, rest.INTERCEPT, "/api/deliveryintercept/v2", "/api/") == 1


@pytest.mark.parametrize("address", [OSLO, "x" * 51 + ", Baldwin, MD 21013, US"])
def test_an_address_that_ups_has_no_field_for_is_not_sent(parties: Open, address: str) -> None:
    party = parties("ups")
    party.hosted.seed({"in_transit": [PARCEL]})
    outcome = send(party, redirecting(address))
    assert (outcome.state, outcome.how) == ("manual", "not-by-calls")
    assert party.hosted.seen == ()


# All of them


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


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendor_told_twice_is_as_one_told_once(parties: Open, name: str) -> None:
    party = parties(name)
    party.hosted.seed(SEEDS[name])
    first = send(party, ORDERS[name])
    party.forward(10)
    held = party.hosted.held()
    again = send(party, replace(ORDERS[name], attempt=2))
    party.forward(10)
    assert party.hosted.held() == held
    assert (first.state, again.state) == ("accepted", "accepted")


@pytest.mark.parametrize("name", VENDORS)
@pytest.mark.parametrize("kind", [Kind.BUSY, Kind.BUSY_SILENT, Kind.BROKEN, Kind.AWAY, Kind.LOST, Kind.DROPPED])
def test_a_vendor_that_is_away_is_told_later(parties: Open, name: str, kind: Kind) -> None:
    party = parties(name)
    party.hosted.seed(SEEDS[name])
    held = party.hosted.held()
    party.hosted.fault(kind, calls=100)
    with pytest.raises(Retryable) as raised:
        send(party, ORDERS[name])
    assert not [each for each in (SHOPPER, CARD, PSP, KLARNA_TOKEN, VAULTED, PARCEL) if each in str(raised.value)]
    assert party.hosted.held() == held
    party.hosted.well()
    assert send(party, replace(ORDERS[name], attempt=2)).state == "accepted"


@pytest.mark.parametrize("name", VENDORS)
def test_no_identifier_and_no_secret_is_in_an_outcome_or_a_log(
    parties: Open, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    party = parties(name)
    party.hosted.seed(SEEDS[name])
    with caplog.at_level(logging.DEBUG, logger="connectors"):
        outcome = send(party, ORDERS[name])
    secrets = [*party.hosted.vendor.credentials(party.hosted.url).values()]
    shown = repr(replace(outcome, evidence=b"")) + ours(caplog)
    assert not [each for each in (SHOPPER, CARD, PSP, KLARNA_TOKEN, VAULTED, PARCEL, *secrets) if each in shown]


@pytest.mark.parametrize("name", VENDORS)
def test_an_outcome_claims_no_more_than_the_descriptor_says(parties: Open, name: str) -> None:
    party = parties(name)
    party.hosted.seed(SEEDS[name])
    right = ORDERS[name].action
    meaning = party.descriptor.means_for(right)
    assert meaning is not None
    outcome = send(party, ORDERS[name])
    order_: Sequence[str] = ("none", "accepted", "promised", "verified")
    most = "verified" if meaning.by != "channel" else meaning.proof
    assert order_.index(outcome.state) <= order_.index(most)
