"""A connector at fault: tried again, then for a person; all others go on, and nothing of the fault's text is kept."""

import asyncio
import logging

import pytest

from lineage.cases.carrying import FAULTS
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import CONNECTOR_FAULT
from tests.cases.events import account, mailed, order, shipment
from tests.cases.stage import ACCEPTED, VERIFIED, Party, Stage, away, task_of

ASKED = "2026-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")
HOUR = 3_600_000_000


def broken(_order: Order) -> Outcome:
    raise KeyError("anna@example.fi")


def approved(stage: Stage) -> str:
    stage.record(account(), order(), shipment(), mailed())
    stage.at(ASKED)
    return stage.approve(stage.preview(stage.open("erasure", HER))).id


def test_a_connector_at_fault_is_tried_some_times_and_then_a_persons(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.parties.by_id["sendgrid"] = Party(broken)
    with caplog.at_level(logging.DEBUG):
        case = stage.work.case(approved(stage))
        assert task_of(case, "posti").state == "verified"
        for times in range(1, FAULTS + 1):
            task = task_of(case, "sendgrid")
            assert (task.attempts, task.how) == (times, CONNECTOR_FAULT)
            assert task.state == ("manual" if times == FAULTS else "queued")
            stage.believed[0] += HOUR
            case = stage.run(case)
    assert len(stage.told("sendgrid")) == FAULTS
    assert "KeyError" in caplog.text
    entries = stage.work.journal.entries(case.id)
    assert "anna@example.fi" not in caplog.text + str([each.said for each in entries])


def test_a_connector_that_works_again_begins_anew(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(broken)
    case = stage.work.case(approved(stage))
    for answer in (broken, away, *[broken] * (FAULTS - 1)):
        stage.parties.by_id["sendgrid"].answer = answer
        stage.believed[0] += HOUR
        case = stage.run(case)
    assert task_of(case, "sendgrid").state == "queued"
    stage.parties.by_id["sendgrid"].answer = lambda _: VERIFIED
    stage.believed[0] += HOUR
    assert task_of(stage.run(case), "sendgrid").state == "verified"


def test_a_fault_when_it_is_asked_is_one_too(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: ACCEPTED, asked=broken)
    case = stage.work.case(approved(stage))
    for _ in range(FAULTS):
        stage.believed[0] += 2 * HOUR
        case = stage.run(case)
    assert (task_of(case, "sendgrid").state, task_of(case, "sendgrid").how) == ("manual", CONNECTOR_FAULT)


def test_what_is_cancelled_is_no_fault(stage: Stage) -> None:
    class Cancelled(Party):
        async def send(self, _order: Order) -> Outcome:
            raise asyncio.CancelledError

    stage.parties.by_id["sendgrid"] = Cancelled()
    stage.record(account(), mailed())
    stage.at(ASKED)
    case = stage.preview(stage.open("erasure", HER))
    with pytest.raises(asyncio.CancelledError):
        stage.approve(case)
    assert task_of(stage.work.case(case.id), "sendgrid").claimed
