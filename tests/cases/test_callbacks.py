"""Answers that come lost, doubled, late, in any order or for somebody else's task: the state is right every time."""

from itertools import permutations

import pytest

from lineage.cases.carrying import confirm, settle
from lineage.cases.case import Case
from lineage.cases.orders import Order, Outcome
from lineage.errors import Refused
from tests.cases.events import account, mailed, order, payment, subscribed
from tests.cases.stage import ACCEPTED, Party, Stage, away, task_of

ASKED = "2026-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")
DONE = Outcome("verified", how="signed-answer")
RUNNING = Outcome("accepted", how="http-202", handle="job-1")
REFUSED = Outcome("declined", how="signed-answer", ground="own-contract")
UNTRUE = Outcome("failed", how="read-back")


def begun(stage: Stage) -> tuple[Case, str]:
    stage.record(account(), order(), payment(), subscribed(), mailed())
    stage.at(ASKED)
    stage.parties.by_id["sendgrid"] = Party(lambda _order: ACCEPTED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    return case, task_of(case, "sendgrid").id


def test_an_answer_that_comes_twice_counts_once(stage: Stage) -> None:
    case, task = begun(stage)
    first = settle(stage.work, case.id, task, DONE)
    second = settle(stage.work, case.id, task, DONE)
    assert first.tasks[task].state == second.tasks[task].state == "verified"
    assert stage.run(case).state == "partly-done"


@pytest.mark.parametrize(
    "turn", [*permutations([DONE, RUNNING, RUNNING])], ids=lambda turn: "-".join(o.state for o in turn)
)
def test_in_whatever_order_answers_come_what_was_shown_to_be_done_stays_done(
    stage: Stage, turn: tuple[Outcome, ...]
) -> None:
    case, task = begun(stage)
    for each in turn:
        case = settle(stage.work, case.id, task, each)
    assert case.tasks[task].state == "verified"
    assert stage.run(case).state == "partly-done"


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.at(ASKED)
    calls: list[str] = []

    def lost(_order: object) -> Outcome:
        calls.append("")
        if len(calls) == 1:
            raise TimeoutError
        return DONE

    stage.parties.by_id["sendgrid"] = Party(lost)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert (task_of(case, "sendgrid").state, case.state) == ("queued", "carrying-out")
    stage.at("2026-05-01T11:00:00+03:00")
    case = stage.run(case)
    assert case.state == "closed"
    assert len(stage.told("sendgrid")) == 2
    assert len({each.key for each in stage.told("sendgrid")}) == 1


def test_a_party_cannot_take_back_by_saying_no_what_it_has_shown_to_be_done(stage: Stage) -> None:
    case, task = begun(stage)
    settle(stage.work, case.id, task, DONE)
    case = settle(stage.work, case.id, task, REFUSED)
    assert case.tasks[task].state == "verified"
    assert case.notes["late"]["state"] == "declined"


def test_what_proves_untrue_is_no_longer_done_and_the_case_does_not_close(stage: Stage) -> None:
    case, task = begun(stage)
    settle(stage.work, case.id, task, DONE)
    case = stage.run(case)
    case = settle(stage.work, case.id, task, UNTRUE, "jalki")
    assert case.tasks[task].state == "failed"
    stage.at("2034-01-01T10:00:00+02:00")
    assert stage.run(case).state == "partly-done"


def test_an_answer_for_a_task_of_another_case_or_for_none_is_refused(stage: Stage) -> None:
    case, task = begun(stage)
    entries = len(stage.work.journal.entries(case.id))
    for wrong in ("2026-AAAAAAAA/0.0", task + "9"):
        with pytest.raises(Refused):
            settle(stage.work, case.id, wrong, DONE)
    with pytest.raises(Refused):
        settle(stage.work, "2026-AAAAAAAA", task, DONE)
    assert len(stage.work.journal.entries(case.id)) == entries


def test_a_late_answer_comes_into_the_case_after_it_was_answered(stage: Stage) -> None:
    case, task = begun(stage)
    stage.at("2026-06-10T10:00:00+03:00")
    case = stage.run(case)
    assert (case.tasks[task].state, case.answered is not None) == ("overdue", True)
    settle(stage.work, case.id, task, REFUSED)
    case = stage.run(case)
    assert (case.tasks[task].state, case.state) == ("declined", "partly-done")


def test_an_answer_after_the_case_is_closed_is_kept_and_changes_nothing_of_it(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert case.state == "closed"
    case = settle(stage.work, case.id, task_of(case, "sendgrid").id, REFUSED)
    assert (case.state, task_of(case, "sendgrid").state) == ("closed", "verified")
    assert not stage.run(case).tasks.keys() - case.tasks.keys()


def test_what_a_member_of_staff_confirms_needs_evidence(stage: Stage) -> None:
    case, task = begun(stage)
    with pytest.raises(Refused, match="evidence"):
        confirm(stage.work, case.id, task, "verified", "  ")
    case = confirm(stage.work, case.id, task, "verified", "ticket 17")
    assert (case.tasks[task].state, case.tasks[task].how) == ("verified", "staff-evidence")


def test_an_answer_that_comes_for_what_is_still_held_changes_nothing(stage: Stage) -> None:
    case, _ = begun(stage)
    held = task_of(case, "klarna", held=True).id
    case = settle(stage.work, case.id, held, DONE)
    assert case.tasks[held].state == "held"


def test_a_party_that_answers_by_itself_while_it_is_called_in_vain_is_not_called_again(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.at(ASKED)

    def answers_and_hangs_up(order: Order) -> Outcome:
        settle(stage.work, order.case, order.task, Outcome("verified", how="signed-answer"), once="one")
        return away(order)

    stage.parties.by_id["sendgrid"] = Party(answers_and_hangs_up)
    case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-1"))))
    told = task_of(case, "sendgrid")
    assert (told.state, told.look_at, len(stage.told("sendgrid"))) == ("verified", None, 1)
