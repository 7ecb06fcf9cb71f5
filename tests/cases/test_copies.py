"""Access and transfer ask those for a copy that can be asked: whom, for what, how long they are waited for, and what is kept."""

from base64 import b64encode
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.opendsr.messages import LARGEST
from lineage.answers.collected import Collected, collected
from lineage.answers.records import MOST_KEPT, Cell, Record, packed
from lineage.cases.carrying import confirm, settle
from lineage.cases.case import Case
from lineage.cases.closing import advance
from lineage.cases.deciding import approve, withdraw
from lineage.cases.handing import hand
from lineage.cases.orders import Order, Outcome
from lineage.cases.rows import dates_of
from lineage.cases.words import Right
from lineage.clocks import alarms, day_of
from lineage.errors import Refused
from streams.case_log import outgoing
from streams.catching_up import catch_up
from tests.cases.companies import ask, case_of
from tests.cases.events import account, claim, disclosed, mailed, order, payment, shipment, subscribed
from tests.cases.logged import logged, lost
from tests.cases.stage import ACCEPTED, Party, Stage, staged, task_of

ASKED = "2026-05-04T10:00:00+03:00"
HER = ("customer_id", "C-1")
SECRET = "Salapolku 7"  # noqa: S105 - an address
COPY = packed([Record("sendgrid", "contacts", (Cell("address", SECRET, "address", "newsletter", "observed", "text"),))])
GIVEN = Outcome("verified", how="signed-answer", evidence=b"{}", copy=COPY)
SIGNED_NOTHING = Outcome("not_held", how="signed-answer", evidence=b"{}")
EVERYBODY = frozenset({"sendgrid", "multicare", "posti", "klarna", "paytrail", "epostservice", "backup"})


def happened(stage: Stage) -> None:
    fraud = disclosed("paytrail", "fraud-prevention", ["email"], HER, ("email", "anna@example.fi"))
    recall = disclosed("multicare", "recall", ["order"], HER)
    stage.record(account(), order(), shipment(), payment(), payment("P-2", provider="paytrail"), claim(), subscribed())
    stage.record(mailed(), fraud, recall)
    stage.at(ASKED)
    askable(stage)


def askable(stage: Stage, *, access: frozenset[str] = EVERYBODY, transfer: frozenset[str] = EVERYBODY) -> None:
    found = {"access": access, "transfer": transfer}
    stage.work = replace(stage.work, askable=lambda right: found[right])


@pytest.fixture(autouse=True)
def known(stage: Stage) -> None:
    happened(stage)


def opened(stage: Stage, right: Right = "access") -> Case:
    return stage.preview(stage.open(right, HER))


def copies(stage: Stage, case: Case) -> dict[str, Collected]:
    return {each.party: each for each in collected(stage.work.journal.entries(case.id), stage.work.personal)}


def on(stage: Stage, day: date) -> None:
    stage.at(f"{day.isoformat()}T12:00:00+03:00")


def test_those_are_asked_who_can_be_really_got_it_and_are_the_shops_to_answer_for(stage: Stage) -> None:
    """A controller answers for itself; nobody has shown that a declared copy was made; epostservice got nothing."""
    case = opened(stage)
    assert {each.party: (each.action, each.purposes) for each in case.tasks.values()} == {
        "sendgrid": ("collect", ("newsletter",)),
        "multicare": ("collect", ("claim", "recall")),
        "paytrail": ("collect", ("payment",)),
    }


def test_whoever_cannot_be_asked_gets_no_task(stage: Stage) -> None:
    askable(stage, access=frozenset({"sendgrid"}), transfer=frozenset())
    assert {each.party for each in opened(stage).tasks.values()} == {"sendgrid"}
    assert not opened(stage, "transfer").tasks


def test_a_company_is_not_asked_for_what_it_asks_itself(stage: Stage) -> None:
    ask(stage.work, type="access", identifiers=(HER,))
    case = stage.preview(case_of(stage.work))
    assert case.controller == "multicare"
    assert {each.party for each in case.tasks.values()} == {"sendgrid", "paytrail"}


def test_a_transfer_asks_only_for_what_rests_on_consent_or_contract(stage: Stage) -> None:
    case = stage.approve(opened(stage, "transfer"))
    assert {each.party: each.purposes for each in case.tasks.values()} == {
        "sendgrid": ("newsletter",),
        "multicare": ("claim",),
        "paytrail": ("payment",),
    }
    (told,) = stage.told("sendgrid")
    assert told.portable


def test_a_party_is_asked_by_what_it_got_and_nothing_else(stage: Stage) -> None:
    case = stage.approve(opened(stage))
    (told,) = stage.told("sendgrid")
    assert (told.action, told.identifiers, told.portable) == ("collect", (("email", "anna@example.fi"),), False)
    assert case.tasks[told.task].state == "verified"


def test_what_came_is_kept_sealed_and_nowhere_in_clear(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: GIVEN)
    case = stage.approve(opened(stage))
    found = copies(stage, case)["sendgrid"]
    assert (found.standing, found.asked) == ("given", stage.now)
    assert found.records[0].cells[0].value == SECRET
    told = repr(stage.work.journal.entries(case.id))
    assert SECRET not in told
    assert str(COPY[4:40]) not in told


def test_the_largest_copy_there_may_be_goes_into_the_log_of_cases_and_is_not_readable_there(stage: Stage) -> None:
    largest = COPY + bytes(range(256)) * ((MOST_KEPT - len(COPY)) // 256)
    given = replace(GIVEN, copy=largest, evidence=b"e" * (LARGEST + 8_192))
    stage.parties.by_id["sendgrid"] = Party(lambda _: given)
    case = stage.approve(opened(stage))
    records = [each.value for some in outgoing(stage.work.journal.entries(case.id)).values() for each in some]
    assert max(map(len, records)) > MOST_KEPT
    assert max(map(len, records)) < 1 << 20, "what a record of Kafka may be"
    assert not [each for each in records if largest[4:40] in each or b64encode(largest[:300])[8:80] in each]


def test_a_silent_party_keeps_nobody_from_her_answer_and_is_named_in_it(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: ACCEPTED)
    case = stage.approve(opened(stage))
    asked = stage.now
    assert (case.state, copies(stage, case)["sendgrid"].standing) == ("carrying-out", "outstanding")
    hand(stage.work, case.id, ["statement.json"])
    case = stage.run(case)
    assert (case.state, case.answered, task_of(case, "sendgrid").state) == ("answered", stage.now, "accepted")
    on(stage, date(2026, 7, 1))
    case = stage.run(case)
    assert (case.state, task_of(case, "sendgrid").state) == ("answered", "overdue")
    assert copies(stage, case)["sendgrid"] == Collected("sendgrid", "outstanding", asked)
    assert not [each for each in case.alarmed if each.startswith("overdue-")]


def test_a_party_is_overdue_while_the_answer_can_still_be_made(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: ACCEPTED)
    case = stage.approve(opened(stage))
    due = date.fromisoformat(task_of(case, "sendgrid").due)
    assert due < dates_of(case).operative
    assert due <= alarms(dates_of(case))[0] + timedelta(days=3)
    on(stage, due)
    assert task_of(stage.run(case), "sendgrid").state == "accepted"
    on(stage, due + timedelta(days=1))
    case = stage.run(case)
    assert task_of(case, "sendgrid").state == "overdue"
    assert any(each.kind == "task" and each.state == "overdue" for each in case.alarms)


def test_who_is_asked_late_is_not_overdue_at_once(stage: Stage) -> None:
    case = opened(stage)
    on(stage, dates_of(case).operative)
    case = stage.preview(case)
    assert {each.due for each in case.tasks.values()} == {day_of(stage.now).isoformat()}
    shown = str(case.plan["digest"])
    on(stage, dates_of(case).operative + timedelta(days=1))
    with pytest.raises(Refused, match="is due on"):
        approve(stage.work, case.id, digest=shown)


def test_a_copy_that_comes_after_the_answer_is_owed_to_her_and_the_case_stays_open_for_it(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda order: GIVEN if order.accepted else ACCEPTED)
    case = stage.approve(opened(stage))
    hand(stage.work, case.id, ["statement.json"])
    stage.run(case)
    on(stage, date(2026, 7, 1))
    case = stage.run(case)
    assert (task_of(case, "sendgrid").state, case.state) == ("verified", "answered")
    assert [(each.kind, each.state) for each in case.alarms] == [("task", "verified")]
    assert copies(stage, case)["sendgrid"].standing == "given"
    stage.believed[0] += 1
    hand(stage.work, case.id, ["statement.json"])
    case = stage.run(case)
    assert (case.state, case.alarms) == ("closed", ())


def test_a_copy_that_comes_while_the_answer_is_made_is_not_passed_over(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: ACCEPTED)
    before = stage.approve(opened(stage))
    settle(stage.work, before.id, task_of(before, "sendgrid").id, GIVEN)
    with pytest.raises(Refused, match="make it again"):
        hand(stage.work, before.id, ["statement.json"], made_of=before)
    hand(stage.work, before.id, ["statement.json"], made_of=stage.work.case(before.id))


def test_what_staff_have_found_out_themselves_is_told_as_that(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("manual", how="results-unreadable"))
    case = stage.approve(opened(stage))
    hand(stage.work, case.id, ["statement.json"])
    case = stage.run(case)
    assert (case.state, copies(stage, case)["sendgrid"].standing) == ("answered", "outstanding")
    stage.believed[0] += 1
    confirm(stage.work, case.id, task_of(case, "sendgrid").id, "verified", "letter of the 3rd, sent on to her")
    case = stage.run(case)
    assert (copies(stage, case)["sendgrid"].standing, case.state) == ("apart", "closed")


def test_nothing_is_erased_before_the_copy_came_or_its_day_is_over(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: ACCEPTED)
    access, erasure = stage.open_all(["erasure", "access"], HER)
    stage.approve(stage.preview(access))
    hand(stage.work, access.id, ["statement.json"])
    access = stage.run(access)
    assert access.state == "answered"
    stage.preview(erasure)
    with pytest.raises(Refused, match="sendgrid may send until"):
        approve(stage.work, erasure.id)
    assert {each.action for each in stage.told("sendgrid")} == {"collect"}
    on(stage, date.fromisoformat(task_of(access, "sendgrid").due) + timedelta(days=1))
    stage.run(access)
    erasure = stage.approve(stage.preview(erasure))
    *first, last = stage.told("sendgrid")
    assert {each.action for each in first} == {"collect"}
    assert last.action == "erase"
    assert day_of(stage.now) <= dates_of(erasure).operative, "nobody's silence makes the erasure late"


def test_an_erasure_begins_as_soon_as_every_copy_is_here(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda order: GIVEN if order.action == "collect" else ACCEPTED)
    access, erasure = stage.open_all(["erasure", "access"], HER)
    stage.approve(stage.preview(access))
    hand(stage.work, access.id, ["statement.json"])
    stage.run(access)
    stage.approve(stage.preview(erasure))
    assert [each.action for each in stage.told("sendgrid")] == ["collect", "erase"]
    assert copies(stage, access)["sendgrid"].records[0].cells[0].value == SECRET


def test_a_copy_that_she_no_longer_wants_is_neither_asked_for_nor_kept(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: ACCEPTED, asked=lambda _: pytest.fail("asked"))
    case = stage.approve(opened(stage))
    withdraw(stage.work, case.id)
    on(stage, date(2026, 6, 1))
    case = stage.run(case)
    settle(stage.work, case.id, task_of(case, "sendgrid").id, GIVEN)
    last = stage.work.journal.entries(case.id)[-1]
    assert "copy" not in (stage.work.personal(last) or {})


def test_a_lost_record_is_made_anew_with_the_copy_and_nobody_is_asked_twice(tmp_path: Path) -> None:
    folder = tmp_path / "lost"
    with logged(folder) as (stage, _):
        happened(stage)
        stage.parties.by_id["sendgrid"] = Party(lambda _: GIVEN)
        case = stage.approve(opened(stage))
        hand(stage.work, case.id, ["statement.json"])
        case = stage.run(case)
        before, parties = stage.work.journal.entries(case.id), stage.parties
    told = {party: len(each.seen) for party, each in parties.by_id.items()}
    lost(folder, "graph.db")
    with logged(folder, ASKED, parties) as (stage, log):
        assert catch_up(stage.work, log)
        assert stage.run(case).state == case.state
        assert stage.work.journal.entries(case.id) == before
        assert copies(stage, case)["sendgrid"].records[0].cells[0].value == SECRET
    assert {party: len(each.seen) for party, each in parties.by_id.items()} == told


def _answer(outcome: Outcome) -> Any:
    def answer(order: Order) -> Outcome:
        return outcome if order.action == "collect" else Outcome("verified", how="signed-answer")

    return answer


OUTCOMES = st.sampled_from(
    [GIVEN, ACCEPTED, SIGNED_NOTHING, Outcome("manual", how="results-gone"), Outcome("failed", how="signed-answer"),
     Outcome("declined", how="confirmed-link", ground="law")]
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), OUTCOMES), st.tuples(st.sampled_from(["hand", "run", "day", "erase"]), st.none())
    ),
    max_size=10,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=OUTCOMES, steps=STEPS)
def test_whatever_a_party_says_and_whenever_the_promises_hold(
    first: Outcome, steps: list[tuple[str, Outcome | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Once made, an answer is out; nothing is erased while a copy is waited for; no case ends with a copy she has not got."""
    with staged(tmp_path_factory.mktemp("shop")) as stage:
        happened(stage)
        askable(stage, access=frozenset({"sendgrid"}))
        stage.parties.by_id["sendgrid"] = Party(_answer(first))
        access, erasure = stage.open_all(["erasure", "access"], HER)
        stage.approve(stage.preview(access))
        stage.preview(erasure)
        for step, outcome in steps:
            stage.believed[0] += 1_000_000
            case = stage.work.case(access.id)
            task = task_of(case, "sendgrid")
            match step:
                case "says":
                    assert outcome is not None
                    if case.state == "closed":  # nobody is asked any more
                        continue
                    settle(stage.work, case.id, task.id, outcome)
                    advance(stage.work, case.id)
                case "hand":
                    hand(stage.work, case.id, ["statement.json"], made_of=case)
                    assert stage.run(case).answered is not None
                case "run":
                    stage.run(case)
                case "day":
                    stage.believed[0] += 5 * 86_400_000_000
                    stage.run(case)
                case "erase":
                    try:
                        approve(stage.work, erasure.id)
                    except Refused:
                        continue
                    assert case.answered is not None
                    assert task.state not in {"queued", "sent", "accepted", "manual"}
            case = stage.work.case(access.id)
            last = max((each.at for each in stage.work.journal.entries(case.id) if each.kind == "handed"), default=0)
            task = task_of(case, "sendgrid")
            if case.state == "closed" and copies(stage, case)["sendgrid"].standing == "given":
                assert task.changed_at < last, "she has what came"
