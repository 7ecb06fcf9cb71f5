"""Klarna, PayPal and UPS as their shipped descriptors tell them, against the sandbox; judged by their specifications."""

import pytest

from connectors.protocol import Connector
from connectors.sandbox import paypal
from connectors.sandbox.faults import Kind
from lineage.errors import Misconfigured
from tests.connectors.vendors.rest.recording import Recorded
from tests.connectors.vendors.rest.shipped import (
    KLARNA_ORDER,
    KLARNA_TOKEN,
    OSLO,
    PARCEL,
    VAULTED,
    Open,
    judged,
    order,
    redirecting,
)
from tests.connectors.vendors.rest.stages import send, send_then_ask, with_connector
from tests.vendors import rest

# Klarna


def test_klarna_cancels_a_token_and_it_is_read_back(parties: Open) -> None:
    party = parties("klarna")
    party.hosted.seed({"tokens": {KLARNA_TOKEN: "ACTIVE"}})
    sent, asked = send_then_ask(party, order("klarna", ("payment_token", KLARNA_TOKEN)), 600)
    assert (sent.state, sent.ask_again_in) == ("accepted", 600.0)
    assert (asked.state, asked.how) == ("verified", "read-back")


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
