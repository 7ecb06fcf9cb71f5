"""What every connector of a vendor must do besides `tests.contracts.connector`, against the vendor of the sandbox.

A `VendorStage` is a vendor's seat and an order that it takes. Each check runs on a stage of its own.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import pytest

from connectors.sandbox.faults import Kind
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Retryable
from tests.connectors.vendors.seats import Seat
from tests.contracts.connector import PATIENCE, SECRETS


class VendorStage(Protocol):
    """A vendor, and what it was told. `hidden` is what must never be in an address, a log or a message."""

    seat: Seat
    hidden: Sequence[str]
    call: tuple[str, str]
    """Method and template of the call that tells."""

    def order(self) -> Order:
        """Return an order that this vendor takes, about `SECRETS`, with a key of its own."""
        ...

    def told(self) -> Sequence[str]:
        """Return what the vendor was told, without doubles."""
        ...

    def gone(self) -> bool:
        """Tell whether the vendor has nothing of the person any more."""
        ...


VendorCheck = Callable[[VendorStage], None]
CLAIMS = frozenset({"sent", "accepted"})


def telling_claims_no_more_than_was_shown(stage: VendorStage) -> None:
    outcome = stage.seat.send(stage.order())
    assert outcome.state in CLAIMS
    assert len(stage.told()) == 1
    assert not stage.gone()


def the_same_order_twice_is_one_to_the_party(stage: VendorStage) -> None:
    order = stage.order()
    first = stage.seat.send(order)
    again = stage.seat.send(replace(order, attempt=2))  # its outcome was lost: the handle is not known
    assert len(stage.told()) == 1
    assert (first.state, first.handle) == (again.state, again.handle)


def another_order_is_another_to_the_party(stage: VendorStage) -> None:
    for _ in range(2):
        stage.seat.send(stage.order())
    assert len(stage.told()) == 2


def asking_changes_nothing(stage: VendorStage) -> None:
    order = stage.order()
    handle = carried(stage, order).handle
    before = stage.seat.hosted.held()
    for _ in range(2):
        asked = stage.seat.ask(replace(order, handle=handle, attempt=2))
        assert asked.handle == handle
    assert stage.seat.hosted.held() == before


def what_is_taken_on_is_carried_out_and_claims_no_more_than_its_descriptor(stage: VendorStage) -> None:
    order = stage.order()
    sent = carried(stage, order)
    stage.seat.passes(600)
    asked = stage.seat.ask(replace(order, handle=sent.handle))
    assert stage.gone()
    for outcome in (sent, asked):
        stage.seat.within_proof(outcome)
        assert not [each for each in stage.hidden if each in repr(replace(outcome, evidence=b""))]


def an_outcome_holds_no_personal_data_in_clear(stage: VendorStage) -> None:
    shown = repr(replace(stage.seat.send(stage.order()), evidence=b""))
    assert not [each for each in (*SECRETS, *stage.hidden) if each in shown]


def carried(stage: VendorStage, order: Order) -> Outcome:
    """Send an order until the vendor has taken it on: a job that must first be validated is sent again."""
    outcome = stage.seat.send(order)
    while outcome.state == "sent":
        stage.seat.passes(outcome.ask_again_in or 60)
        outcome = stage.seat.send(replace(order, handle=outcome.handle))
    assert outcome.state == "accepted"
    return outcome


def after(kind: Kind) -> VendorCheck:
    """A fault is told by what must be done, without data and in bounded time; when it has passed, the party is told once."""
    raises = Misconfigured if kind is Kind.EXPIRED else Retryable

    def check(stage: VendorStage) -> None:
        order, began = stage.order(), time.monotonic()
        stage.seat.hosted.fault(kind, stage.call[1], method=stage.call[0], seconds=120)
        with pytest.raises(raises) as raised:
            stage.seat.send(order)
        assert time.monotonic() - began < PATIENCE
        assert not [each for each in (*SECRETS, *stage.hidden, order.key) if each in str(raised.value)]
        if kind is Kind.BUSY:
            assert isinstance(raised.value, Later)
            assert raised.value.seconds == 120
        if isinstance(raised.value, Later):
            stage.seat.passes(raised.value.seconds)
        outcome = stage.seat.send(replace(order, attempt=2))
        assert outcome.state in CLAIMS
        assert len(stage.told()) == 1

    check.__name__ = f"a_fault_{kind.value.replace('-', '_')}_is_told_as_it_is_and_the_party_is_told_once_afterwards"
    return check


def a_lie_is_not_believed(stage: VendorStage) -> None:
    order = stage.order()
    stage.seat.hosted.fault(Kind.LIE, stage.call[1], method=stage.call[0])
    outcome = stage.seat.send(order)
    for _ in range(5):
        if outcome.state not in CLAIMS:
            break
        stage.seat.passes(600)
        act = stage.seat.send if outcome.state == "sent" else stage.seat.ask
        outcome = act(replace(order, handle=outcome.handle))
    assert outcome.state != "verified"
    assert not stage.gone()


def neither_secrets_nor_identifiers_are_in_addresses_or_logs(stage: VendorStage) -> None:
    with pytest.MonkeyPatch.context() as patch:
        heard: list[str] = []
        patch.setattr(logging.Logger, "handle", lambda _, record: heard.append(record.getMessage()))
        before = logging.getLogger().level
        logging.getLogger().setLevel(logging.DEBUG)
        try:
            what_is_taken_on_is_carried_out_and_claims_no_more_than_its_descriptor(stage)
        finally:
            logging.getLogger().setLevel(before)
    addresses = [str(each.url) for each in stage.seat.requests]
    assert addresses
    assert heard
    assert not [each for each in (*SECRETS, *stage.hidden) if any(each in line for line in (*addresses, *heard))]


FAULTS = (
    Kind.BUSY,
    Kind.BUSY_SILENT,
    Kind.BROKEN,
    Kind.BROKEN_AFTER,
    Kind.AWAY,
    Kind.EXPIRED,
    Kind.LOST,
    Kind.LOST_AFTER,
    Kind.DROPPED,
    Kind.DROPPED_AFTER,
    Kind.CUT,
)
VENDOR_CHECKS: tuple[VendorCheck, ...] = (
    telling_claims_no_more_than_was_shown,
    the_same_order_twice_is_one_to_the_party,
    another_order_is_another_to_the_party,
    asking_changes_nothing,
    what_is_taken_on_is_carried_out_and_claims_no_more_than_its_descriptor,
    an_outcome_holds_no_personal_data_in_clear,
    a_lie_is_not_believed,
    neither_secrets_nor_identifiers_are_in_addresses_or_logs,
    *(after(each) for each in FAULTS),
)
