"""What Stripe's connector does and says, against the sandbox."""

import json
import logging
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.calling import Answer
from connectors.sandbox.faults import Kind
from connectors.sandbox.stripe import redacting
from connectors.vendors.stripe.handles import Jobs
from connectors.vendors.stripe.reading_back import look
from connectors.vendors.stripe.references import About
from console.logs import Text
from lineage.cases.orders import Order, Outcome
from lineage.errors import Refused, Retryable
from tests.connectors.orders import MAIL
from tests.connectors.vendors.seats import Seat
from tests.connectors.vendors.stripe.seat import (
    CH,
    CS,
    CUS,
    IN,
    JOB_SECONDS,
    KEY,
    PI,
    SETI,
    erasure,
    held,
    objects,
    seat,
)

__all__ = ["seat"]
PATH = "/v1/privacy/redaction_jobs"
DAY = 86_400


def run_to(seat: Seat, order: Order, state: str = "accepted") -> Outcome:
    """Send until the jobs run."""
    outcome = seat.send(order)
    for _ in range(3):
        if outcome.state != "sent":
            break
        seat.passes(JOB_SECONDS)
        outcome = seat.send(replace(order, handle=outcome.handle))
    assert outcome.state == state, outcome
    return outcome


def asked(seat: Seat, order: Order, outcome: Outcome, later: float = JOB_SECONDS) -> Outcome:
    seat.passes(later)
    return seat.ask(replace(order, handle=outcome.handle))


def test_a_customer_is_redacted_with_all_that_is_hers_and_seen_to_be(seat: Seat) -> None:
    order = erasure(CUS)
    sent = seat.send(order)
    assert (sent.state, sent.how) == ("sent", "http-200")
    running = run_to(seat, order)
    assert seat.ask(replace(order, handle=running.handle)).state == "accepted"
    done = asked(seat, order, running)
    assert (done.state, done.how) == ("verified", "read-back")
    seat.within_proof(done)
    assert {held(seat, each)["email"] for each in (CUS, PI, CH, CS, SETI, IN)} == {"[redacted]"}
    assert held(seat, "pi_Eino")["email"] == "eino@example.fi"
    assert b"[redacted]" in done.evidence


def test_the_call_is_a_form_of_the_preview_with_the_orders_key(seat: Seat) -> None:
    order = erasure(CUS, PI, CH, CS, SETI, IN)
    seat.send(order)
    (request,) = seat.requests
    assert str(request.url) == f"{seat.hosted.url}{PATH}"
    assert request.headers["idempotency-key"] == order.key
    assert request.headers["stripe-version"] == "2026-09-30.preview"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qsl(request.content.decode()) == [
        ("objects[customers][]", CUS),
        ("objects[payment_intents][]", PI),
        ("objects[charges][]", CH),
        ("objects[checkout_sessions][]", CS),
        ("objects[setup_intents][]", SETI),
        ("objects[invoices][]", IN),
        ("validation_behavior", "error"),
    ]


def test_more_objects_than_a_job_takes_go_into_several_each_with_a_key_of_its_own(seat: Seat) -> None:
    many = [f"pi_Many{each}" for each in range(23)]
    seat.hosted.seed({"objects": [{"id": each, "email": MAIL} for each in many]})
    order = erasure(*many)
    sent = seat.send(order)
    assert [each.headers["idempotency-key"] for each in seat.requests] == [
        order.key,
        f"{order.key}-1",
        f"{order.key}-2",
    ]
    assert seat.send(replace(order, attempt=2)).handle == sent.handle
    assert len(seat.hosted.held()["jobs"]) == 3
    part = asked(seat, order, run_to(seat, order))
    assert (part.state, part.ask_again_in) == ("accepted", 2.0)  # 20 of them were seen, the rest is next
    done = asked(seat, order, part)
    assert done.state == "verified"
    assert (part.evidence.count(b"[redacted]"), done.evidence.count(b"[redacted]")) == (20, 3)


def test_a_young_payment_is_promised_for_the_day_it_is_old_enough_and_verified_then(seat: Seat) -> None:
    seat.hosted.seed({"objects": objects(**{PI: 30})})
    order = erasure(PI)
    promised = asked(seat, order, run_to(seat, order))
    assert (promised.state, promised.by, promised.how) == (
        "promised",
        "2025-08-14",
        "read-back",
    )  # 60 days from June 15th
    seat.within_proof(promised)
    again = asked(seat, order, promised, 10 * DAY)
    assert (again.state, again.by, again.handle) == ("promised", "2025-08-14", promised.handle)
    assert held(seat, PI)["email"] == MAIL
    assert asked(seat, order, promised, 60 * DAY).state == "verified"


def test_a_promise_that_is_not_kept_is_said_to_be_broken_after_some_days(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redacting, "AGE", 10_000 * DAY)
    order = erasure(PI)
    promised = asked(seat, order, run_to(seat, order))
    assert (promised.state, promised.by) == ("promised", "2025-06-15")  # old enough today, says the documentation
    late = asked(seat, order, promised, 2 * DAY)
    assert (late.state, late.by) == ("promised", "2025-06-22")
    broken = asked(seat, order, late, 6 * DAY)
    assert (broken.state, broken.ground) == ("failed", "not-redacted-in-time")


def test_an_invoice_never_says_that_it_is_redacted_so_the_jobs_word_is_a_promise(seat: Seat) -> None:
    order = erasure(IN)
    outcome = asked(seat, order, run_to(seat, order))
    assert (outcome.state, outcome.how, outcome.by, outcome.handle) == ("promised", "job", "2025-06-15", None)


def test_an_object_that_still_shows_her_is_not_verified_whatever_it_says(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def status_alone(kept: Any) -> None:
        kept.redaction = "redacted"

    monkeypatch.setattr(redacting, "_redact", status_alone)
    order = erasure(CUS)
    outcome = asked(seat, order, run_to(seat, order))
    assert (outcome.state, outcome.ground) == ("failed", "not-redacted")
    assert MAIL.encode() in outcome.evidence


def test_an_address_in_escapes_is_seen_too(seat: Seat) -> None:
    mail = "mäki@example.fi"
    body = json.dumps({"id": CUS, "redaction": {"status": "redacted"}, "email": mail.upper()}).encode()
    assert mail.upper().encode() not in body
    order = erasure(CUS, identifiers=(("email", mail), ("provider_reference", CUS)))
    (reference,) = About.of(order).objects
    assert look(reference, Answer(200, {}, body), order, seat.clock()).shows == "kept"


def test_a_job_that_lies_is_found_out_by_reading_back(seat: Seat) -> None:
    seat.hosted.fault(Kind.LIE, PATH, method="POST")
    order = erasure(CUS)
    outcome = asked(seat, order, run_to(seat, order))
    assert (outcome.state, outcome.ground) == ("failed", "not-redacted")


@pytest.mark.parametrize(("roots", "ground"), [((CUS,), "related-object-not-final"), ((PI,), "object-not-final")])
def test_what_stands_in_the_way_is_a_persons_task_in_words_of_ours(
    seat: Seat, roots: tuple[str, ...], ground: str
) -> None:
    seat.hosted.seed({"objects": [{"id": PI, "customer": CUS, "email": MAIL, "final": False}]})
    outcome = run_to(seat, erasure(*roots), "manual")
    assert (outcome.how, outcome.ground) == ("job", ground)
    assert PI.encode() in outcome.evidence
    assert PI not in repr(replace(outcome, evidence=b""))
    assert held(seat, CUS)["email"] == MAIL


def test_stripe_may_be_told_to_fix_what_stands_in_the_way(seat: Seat) -> None:
    seat.hosted.seed({"objects": [{"id": PI, "customer": CUS, "email": MAIL, "final": False}]})
    settings = seat.descriptor.settings.model_copy(update={"fix": True})  # type: ignore[union-attr]  # of Stripe's settings
    seat.descriptor = replace(seat.descriptor, settings=settings)
    order = erasure(CUS)
    assert asked(seat, order, run_to(seat, order)).state == "verified"


def test_a_job_that_failed_is_validated_again_when_a_person_has_settled_it(seat: Seat) -> None:
    unsettled = {"id": PI, "customer": CUS, "email": MAIL}
    seat.hosted.seed({"objects": [{**unsettled, "final": False}]})
    order = erasure(CUS)
    failed = run_to(seat, order, "manual")
    again = replace(order, handle=failed.handle, attempt=3)
    seat.hosted.seed({"objects": [unsettled]})
    sent = seat.send(again)
    assert (sent.state, sent.how) == ("sent", "job")
    assert seat.requests[-1].url.path.endswith("/validate")
    seat.passes(JOB_SECONDS)
    running = seat.send(replace(again, handle=sent.handle))
    assert asked(seat, order, running).state == "verified"
    assert len(seat.hosted.held()["jobs"]) == 1


def test_an_object_in_another_job_is_a_persons_task(seat: Seat) -> None:
    seat.send(erasure(CUS))
    outcome = run_to(seat, erasure(CUS), "manual")
    assert outcome.ground == "locked-by-other-job"


def test_a_job_that_somebody_cancelled_is_a_persons_task(seat: Seat) -> None:
    order = erasure(CUS)
    sent = seat.send(order)
    seat.hosted.vendor.state.redactions[sent.handle].status = "canceled"
    assert seat.send(replace(order, handle=sent.handle)).ground == "job-canceled"


def test_a_run_whose_answer_was_lost_is_run_once(seat: Seat) -> None:
    order = erasure(CUS)
    sent = seat.send(order)
    seat.passes(JOB_SECONDS)
    seat.hosted.fault(Kind.DROPPED_AFTER, f"{PATH}/{{job}}/run", method="POST")
    with pytest.raises(Retryable):
        seat.send(replace(order, handle=sent.handle))
    assert seat.send(replace(order, handle=sent.handle)).state == "accepted"
    assert seat.hosted.counts["POST", f"{PATH}/{{job}}/run"] == 1  # the second look found it running


def test_asking_never_runs_a_job(seat: Seat) -> None:
    order = erasure(CUS)
    sent = seat.send(order)
    seat.passes(JOB_SECONDS)
    outcome = seat.ask(replace(order, handle=sent.handle))
    assert (outcome.state, outcome.ground) == ("manual", "job-not-run")
    assert held(seat, CUS)["email"] == MAIL


def test_a_reference_that_stripe_does_not_know_is_not_held_when_it_is_the_only_one(seat: Seat) -> None:
    assert seat.send(erasure("cus_Nobody")).state == "not_held"
    outcome = seat.send(erasure(CUS, "cus_Nobody"))
    assert (outcome.state, outcome.ground) == ("manual", "object-unknown")


@pytest.mark.parametrize(
    "reference", ["re_1", "pm_1", "", "cus_", "cus_a/../b", "cus_a?x=1", "cus_ä", "CUS_1", "evil cus_1"]
)
def test_what_is_no_object_of_a_job_is_never_put_into_a_call(seat: Seat, reference: str) -> None:
    outcome = seat.send(erasure(reference))
    assert (outcome.state, outcome.ground) == ("manual", "no-reference")
    order = erasure(CUS, reference)
    outcome = asked(seat, order, run_to(seat, order))
    assert (outcome.state, outcome.ground) == ("partial", "references-by-hand")


def test_a_number_of_the_shops_own_is_passed_over_and_one_of_stripes_is_taken() -> None:
    order = erasure(CUS)
    order = replace(order, identifiers=(*order.identifiers, ("payment_id", "P-1"), ("payment_id", PI)))
    about = About.of(order)
    assert ([each.id for each in about.objects], about.unsaid) == ([CUS, PI], False)


@given(st.lists(st.tuples(st.sampled_from(["provider_reference", "payment_id", "email", "customer_id"]), st.text())))
def test_whatever_an_order_names_only_references_of_stripes_form_are_taken(identifiers: list[tuple[str, str]]) -> None:
    about = About.of(erasure(identifiers=tuple(identifiers)))
    for each in about.objects:
        assert each.id.isascii()
        assert set(each.path).isdisjoint("?#% \n")
        assert each.path.count("/") == each.type.path.count("/") + 1
    assert all(1 <= len(each) <= 10 for each in about.jobs())


@given(st.text())
@example("prj_1+prj_2@2025-02-30#20")
@example("prj_1@2025-02-28#20!")
def test_a_handle_that_is_none_names_no_jobs(text: str) -> None:
    jobs = Jobs.read(text)
    assert jobs is None or jobs.handle == text


@pytest.mark.parametrize("action", ["collect", "rectify", "restrict", "stop", "lift"])
def test_what_stripe_has_no_call_for_is_a_persons_task(seat: Seat, action: str) -> None:
    assert seat.send(erasure(action=action)).state == "manual"
    assert seat.requests == []


def test_a_task_without_its_jobs_is_not_asked_about(seat: Seat) -> None:
    with pytest.raises(Refused, match="nothing tells which jobs"):
        seat.ask(erasure())


def test_ids_are_in_addresses_only_where_an_object_is_read_and_in_no_line_of_our_log(
    seat: Seat, caplog: pytest.LogCaptureFixture
) -> None:
    order = erasure(CUS, PI)
    with caplog.at_level(logging.DEBUG):
        asked(seat, order, run_to(seat, order))
    with_ids = [each.url.path for each in seat.requests if CUS in str(each.url) or PI in str(each.url)]
    assert with_ids == [f"/v1/customers/{CUS}", f"/v1/payment_intents/{PI}"]
    assert not [each for each in seat.requests if each.url.query]
    lines = "\n".join(Text().format(each) for each in caplog.records)
    assert "GET stripe: 200" in lines
    assert not [each for each in (CUS, PI, KEY, MAIL) if each in lines]
