"""Requests of companies are cases: one each, approved by a person, and never said to be further than they are."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest

from connectors.opendsr.answering import Standing
from lineage.cases import requested
from lineage.cases.carrying import confirm
from lineage.cases.case import Case
from lineage.cases.deciding import refuse, withdraw
from lineage.cases.handing import hand
from lineage.cases.identity import prove
from lineage.cases.orders import Outcome
from lineage.clocks import start_of
from lineage.errors import Refused
from lineage.stores.journal import SqliteJournal
from tests.cases.companies import HER, ONE, OTHER, URL, ask, cancel, case_of, incoming, standing, status
from tests.cases.events import account, disclosed, mailed, order, payment
from tests.cases.stage import ACCEPTED, Party, Stage, task_of

DAY = 86_400_000_000
ASKED = "2026-05-01T10:00:00+03:00"
TURNED_OVER = "2026-08-01T10:00:00+03:00"
"""By then the backup that had her has turned over."""


@pytest.fixture(autouse=True)
def known(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.at(ASKED)


def carried_out(stage: Stage) -> Case:
    ask(stage.work)
    return stage.approve(stage.preview(case_of(stage.work)))


def test_a_request_of_a_company_is_a_case_of_hers_that_waits_for_a_person(stage: Stage) -> None:
    found = ask(stage.work)
    case = case_of(stage.work)
    assert (case.right, case.state, case.channel, case.by, case.controller) == (
        "erasure",
        "received",
        "group",
        "company",
        "multicare",
    )
    assert not case.verified
    assert case.last.actor == "multicare"
    assert found == Standing("pending", stage.now, start_of(date(2026, 6, 2)))
    stage.run(case)
    assert not stage.parties.by_id, "nobody is told anything before a person says yes"
    assert HER[1][1] not in repr(case.last.said)


def test_access_is_a_case_of_access_and_done_when_its_answer_is_made(stage: Stage) -> None:
    ask(stage.work, type="access")
    case = stage.approve(stage.preview(case_of(stage.work)))
    assert (case.right, status(stage.work)) == ("access", "in_progress")
    hand(stage.work, case.id, ["statement.pdf"])
    assert stage.run(case).state == "closed"
    assert status(stage.work) == "completed"


def test_the_same_request_again_is_one_case_whenever_it_says_it_was_submitted(stage: Stage) -> None:
    first = ask(stage.work)
    stage.at("2026-05-02T10:00:00+03:00")
    assert ask(stage.work, submitted=stage.now) == first
    carried_out(stage)
    assert ask(stage.work).status == "in_progress"
    assert len(stage.work.journal.cases()) == 1


@pytest.mark.parametrize(
    "changed", [{"type": "access"}, {"identifiers": HER[:1]}, {"callback_urls": ()}], ids=["right", "whom", "where"]
)
def test_another_request_under_a_used_id_is_refused(stage: Stage, changed: dict[str, object]) -> None:
    ask(stage.work)
    with pytest.raises(Refused, match="id of its own"):
        ask(stage.work, **changed)
    assert len(stage.work.journal.cases()) == 1


def test_companies_may_use_one_id_and_see_and_cancel_their_own_alone(stage: Stage) -> None:
    ask(stage.work)
    assert status(stage.work, company="smartdeals") is None
    assert not cancel(stage.work, company="smartdeals")
    ask(stage.work, company="smartdeals", identifiers=(("customer_id", "C-2"),))
    assert cancel(stage.work, company="smartdeals")
    assert (status(stage.work), status(stage.work, company="smartdeals")) == ("pending", "cancelled")


def test_names_that_are_taken_are_passed_over(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 40 bits two requests may get the same; here of three."""
    monkeypatch.setattr(requested, "request_case", lambda digest: f"0000-0000000{digest[0] % 8}")
    ids = [f"{number:08}-1111-4111-8111-111111111111" for number in range(8)]
    for number, id_ in enumerate(ids):
        ask(stage.work, id=id_, identifiers=(("customer_id", f"C-{number}"),))
    assert len({case_of(stage.work, id_).id for id_ in ids}) == 8
    for number, id_ in enumerate(ids):
        assert case_of(stage.work, id_).subjects == (stage.key("customer_id", f"C-{number}"),)


def test_two_who_receive_one_request_at_one_moment_begin_one_case(stage: Stage, tmp_path: Path) -> None:
    barrier = Barrier(2)
    journals = [SqliteJournal(tmp_path / "data" / "graph.db") for _ in range(2)]

    def receive(journal: SqliteJournal, id_: str) -> Standing:
        work = replace(stage.work, journal=journal)
        barrier.wait(timeout=30)
        return ask(work, id=id_, identifiers=(("customer_id", "C-7"),))

    try:
        with ThreadPoolExecutor(2) as threads:
            for number in range(5):
                id_ = f"{number:08}-1111-4111-8111-111111111111"
                one, other = [each.result(timeout=60) for each in [threads.submit(receive, j, id_) for j in journals]]
                assert one == other
    finally:
        for each in journals:
            each.close()
    assert len(stage.work.journal.cases()) == 5


def test_its_clock_begins_when_the_person_asked_the_company_but_never_in_the_future_or_long_ago(stage: Stage) -> None:
    ask(stage.work, submitted=stage.now - 10 * DAY)
    assert case_of(stage.work).received == stage.now - 10 * DAY
    found = standing(stage.work)
    assert found is not None
    assert found.received == stage.now, "it reached us now"
    for number, submitted in enumerate((stage.now + DAY, 0)):
        id_ = f"{number:08}-1111-4111-8111-111111111111"
        told = ask(stage.work, id=id_, identifiers=(("customer_id", f"C-{number}"),), submitted=submitted)
        assert stage.now - 92 * DAY <= case_of(stage.work, id_).received <= stage.now
        assert told.expected > stage.now, "nothing is expected in the past"


def test_it_is_in_progress_as_long_as_a_party_owes_an_answer(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _order: ACCEPTED)
    case = carried_out(stage)
    assert (case.state, status(stage.work)) == ("carrying-out", "in_progress")
    stage.parties.by_id["sendgrid"].asked = lambda _order: Outcome("verified", how="signed-answer")
    stage.at("2026-05-02T10:00:00+03:00")
    assert stage.run(case).state == "closed"


def test_it_is_completed_when_the_last_copy_of_ours_is_gone_and_not_before(stage: Stage) -> None:
    case = carried_out(stage)
    promised = task_of(case, "backup")
    assert (case.state, promised.state) == ("closed", "promised")
    found = standing(stage.work)
    assert found is not None
    assert (found.status, found.expected) == ("in_progress", start_of(date(2026, 7, 31)))
    assert promised.by == "2026-07-30"
    stage.at(TURNED_OVER)
    assert status(stage.work) == "completed"
    assert ask(stage.work).status == "completed", "it stays one request when it is over too"


def test_what_the_law_keeps_is_not_completed_and_is_expected_when_it_may_go(stage: Stage) -> None:
    stage.record(order(), payment())
    case = carried_out(stage)
    stage.at(TURNED_OVER)
    found = standing(stage.work)
    assert found is not None
    assert (stage.run(case).state, found.status, found.expected) == (
        "partly-done",
        "in_progress",
        start_of(date(2033, 1, 1)),
    )
    stage.at("2033-02-10T10:00:00+02:00")
    assert stage.run(case).state == "closed"
    assert status(stage.work) == "completed"


@pytest.mark.parametrize(
    "answer",
    [
        Outcome("promised", how="confirmed-link", by="2026-05-01"),
        Outcome("partial", how="confirmed-link"),
        Outcome("declined", how="confirmed-link", ground="legal-obligation"),
    ],
    ids=lambda answer: answer.state,
)
def test_what_one_who_works_for_us_has_not_proved_keeps_the_case_open_until_a_person_has_seen_it(
    stage: Stage, answer: Outcome
) -> None:
    """R30: an instruction ends in a proof. Of a person's own request the answer is enough, and she is told it."""
    stage.parties.by_id["sendgrid"] = Party(lambda _order: answer)
    case = carried_out(stage)
    assert case.state == "answered"
    stage.at(TURNED_OVER)
    assert (stage.run(case).state, status(stage.work)) == ("answered", "in_progress")
    assert not stage.work.journal.due_cases(stage.now, 10), "nothing turns in a circle while it waits"
    confirm(stage.work, case.id, task_of(case, "sendgrid").id, "verified", "ticket 17")
    assert (stage.run(case).state, status(stage.work)) == ("closed", "completed")


def test_a_controller_that_was_told_and_keeps_it_is_told_and_that_is_all_we_owe(stage: Stage) -> None:
    """R31: a notice ends in any answer."""
    stage.record(disclosed("nordea", "payment", ["name"]))
    stage.parties.by_id["nordea"] = Party(
        lambda _order: Outcome("declined", how="confirmed-link", ground="own-contract")
    )
    case = carried_out(stage)
    for each in range(2):
        stage.at(f"203{3 + each}-03-10T10:00:00+02:00")
        case = stage.run(case)
    assert {each.state for each in case.tasks.values() if each.party == "nordea"} == {"declined"}
    assert (case.state, status(stage.work)) == ("closed", "completed")


def test_a_request_is_taken_back_while_nobody_has_approved_it_and_not_afterwards(stage: Stage) -> None:
    ask(stage.work)
    assert cancel(stage.work)
    assert not cancel(stage.work), "it is not pending any more"
    case = case_of(stage.work)
    assert (case.state, case.last.actor, status(stage.work)) == ("withdrawn", "multicare", "cancelled")
    ask(stage.work, id=OTHER)
    stage.approve(stage.preview(case_of(stage.work, OTHER)))
    assert not cancel(stage.work, OTHER)
    assert status(stage.work, OTHER) == "in_progress"
    assert not cancel(stage.work, "33333333-3333-4333-8333-333333333333")


def test_a_request_that_a_person_refuses_is_cancelled(stage: Stage) -> None:
    ask(stage.work)
    refuse(stage.work, case_of(stage.work).id, "12(5)", "the tenth in a week")
    assert (status(stage.work), cancel(stage.work)) == ("cancelled", False)


def test_a_duplicate_stands_as_the_case_that_is_carried_out(stage: Stage) -> None:
    hers = stage.open("erasure", HER[0])
    ask(stage.work, identifiers=HER[:1])
    assert case_of(stage.work).duplicate_of == hers.id
    assert status(stage.work) == "pending"
    stage.approve(stage.preview(hers))
    assert (status(stage.work), cancel(stage.work)) == ("in_progress", False)
    stage.at(TURNED_OVER)
    assert status(stage.work) == "completed"


def test_a_company_that_takes_its_duplicate_back_takes_nothing_back_from_her(stage: Stage) -> None:
    hers = stage.open("erasure", HER[0])
    ask(stage.work, identifiers=HER[:1])
    assert cancel(stage.work)
    assert (status(stage.work), stage.work.case(hers.id).state) == ("cancelled", "received")
    assert not cancel(stage.work)
    stage.approve(stage.preview(hers))
    assert status(stage.work) == "cancelled"


def test_what_she_asked_for_herself_goes_on_though_the_company_takes_its_own_back(stage: Stage) -> None:
    ask(stage.work, identifiers=HER[:1])
    case = case_of(stage.work)
    requested_ = stage.open("erasure", HER[0])
    assert requested_.state == "received", "a company's word makes nobody's request a duplicate before it is approved"
    withdraw(stage.work, requested_.id)
    prove(stage.work, case.id, "the company showed its ticket")
    again = stage.open("erasure", HER[0])
    assert again.duplicate_of == case.id
    assert cancel(stage.work)
    assert (status(stage.work), stage.work.case(case.id).state) == ("cancelled", "received"), "hers hangs on it"


def test_an_answer_made_for_one_is_not_given_to_another_as_a_duplicate(stage: Stage) -> None:
    stage.open("access", HER[0])
    ask(stage.work, type="access", identifiers=HER[:1])
    assert case_of(stage.work).state == "received"


def test_a_case_that_is_lost_is_found_again_by_its_entries_alone(stage: Stage) -> None:
    """Nothing but the entries says which request a case is of: a restored journal needs no other table."""
    ask(stage.work)
    (entry,) = stage.work.journal.entries(case_of(stage.work).id)
    assert entry.said["request"] == {"id": ONE, "callbacks": [URL]}
    assert incoming(stage.now).id == ONE
