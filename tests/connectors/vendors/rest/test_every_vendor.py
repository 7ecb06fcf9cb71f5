"""What holds of every party whose shipped descriptor is of the channel `rest`."""

import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.sandbox.faults import Kind
from lineage.errors import Retryable
from tests.connectors.vendors.rest.shipped import (
    CARD,
    KLARNA_TOKEN,
    ORDERS,
    PARCEL,
    PSP,
    SEEDS,
    SHOPPER,
    VAULTED,
    VENDORS,
    Open,
)
from tests.connectors.vendors.rest.stages import ours, send


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
