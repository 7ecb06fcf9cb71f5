"""The deletion of customers at Stripe, where there are no redaction jobs."""

from dataclasses import replace

from connectors.sandbox.faults import Kind
from lineage.cases.orders import Order, Outcome
from tests.connectors.orders import MAIL
from tests.connectors.vendors.seats import Seat
from tests.connectors.vendors.stripe.seat import CUS, PI, erasure, held, seat

__all__ = ["seat"]


def asked(seat: Seat, order: Order, outcome: Outcome) -> Outcome:
    return seat.ask(replace(order, handle=outcome.handle))


def deleting(seat: Seat) -> Seat:
    settings = seat.descriptor.settings.model_copy(update={"by": "deletion"})  # type: ignore[union-attr]  # of Stripe's settings
    seat.descriptor = replace(seat.descriptor, settings=settings)
    return seat


def test_where_there_are_no_jobs_a_customer_is_deleted_and_that_is_told_as_a_part(seat: Seat) -> None:
    seat.hosted.seed({"preview": False})
    order = erasure(CUS, PI)
    sent = deleting(seat).send(order)
    assert (sent.state, sent.how) == ("accepted", "http-200")
    assert deleting(seat).send(replace(order, attempt=2)) == sent
    outcome = asked(seat, order, sent)
    assert (outcome.state, outcome.how, outcome.ground) == ("partial", "read-back", "payments-stay")
    assert held(seat, CUS)["deleted"]
    assert held(seat, PI)["email"] == MAIL
    assert not [each for each in seat.requests if "stripe-version" in each.headers]


def test_a_deletion_without_a_customer_deletes_nothing(seat: Seat) -> None:
    assert deleting(seat).send(erasure(PI)).ground == "no-reference"
    assert seat.requests == []


def test_a_deletion_that_lies_is_found_out(seat: Seat) -> None:
    order = erasure(CUS)
    seat.hosted.fault(Kind.LIE, "/v1/customers/{id}", method="DELETE")
    outcome = asked(seat, order, deleting(seat).send(order))
    assert (outcome.state, outcome.ground) == ("failed", "not-deleted")
