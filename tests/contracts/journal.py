"""What every `lineage.cases.journal.Journal` must do. A test module runs each of `CHECKS` on its own store, newly made and empty.

A check gets what opens the store: each call is one more writer of the same, as another process is.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lineage.cases.entries import Entry, check_chain, entry
from lineage.cases.journal import CaseRow, Journal, Outrun, TaskRow
from tests.lineage.parts import key

Reopen = Callable[[], Journal]
Check = Callable[[Reopen], None]
LATER = 2**62


def chain(case: str, length: int, *, at: int = 1, actor: str = "dpo") -> list[Entry]:
    """Entries of a case; what they say has all that JSON has."""
    found: list[Entry] = []
    for number in range(length):
        said = {"text": "ääni – 漢", "list": [1, None, True, {"a": -(2**53)}], "number": number, "empty": {}}
        found.append(entry(found[-1] if found else case, at + number, "noted", actor, said, b"\x00sealed" * number))
    return found


def standing(entries: list[Entry], **otherwise: object) -> CaseRow:
    """What holds of a case with these entries."""
    last = entries[-1]
    row = CaseRow(
        last.case, "erasure", "received", entries[0].at, "2026-12-24", None, (key(f"email:{last.case}"),), len(entries), last.hash
    )  # fmt: skip
    return row._replace(**otherwise)


def add(journal: Journal, entries: list[Entry], *tasks: TaskRow, since: int = 0, **otherwise: object) -> CaseRow:
    """Add the entries of a chain from one on, with what holds of all of it."""
    row = standing(entries, **otherwise)
    journal.add(entries[since:], row, tasks)
    return row


def an_empty_journal_answers_everything_with_nothing(reopen: Reopen) -> None:
    journal = reopen()
    assert not journal.entries("nobody")
    assert not journal.cases()
    assert not journal.cases(["closed"])
    assert not journal.cases_of([key("email:a")])
    assert not journal.cases_of([])
    assert not journal.due_cases(LATER, 10)
    assert not journal.due_tasks("posti", LATER, 10)
    assert not journal.parties_due(LATER)
    assert journal.next_look() is None
    assert not journal.unpublished(10)
    journal.published([])
    assert journal.spent("posti", 0) == 0


def a_case_is_given_back_as_it_was_kept_after_a_restart_too(reopen: Reopen) -> None:
    entries = chain("c-1", 3)
    journal = reopen()
    row = add(journal, entries[:2], look_at=7, subjects=(key("email:b"), key("email:a"), key("email:b")))
    assert list(journal.cases()) == [row]
    changed = add(journal, entries, since=2, look_at=None, state="closed", operative="2027-01-02", subjects=())
    for each in (journal, reopen()):
        found = each.entries("c-1")
        assert list(found) == entries
        check_chain(found)
        assert list(each.cases()) == [changed]
        assert not each.cases_of([key("email:a"), key("email:b")]), "its subjects are those of the newest row alone"


def entries_that_are_there_are_passed_over_and_so_is_what_held_then(reopen: Reopen) -> None:
    entries = chain("c-1", 4)
    journal, task = reopen(), TaskRow("t", "c-1", "posti", "queued", 5)
    add(journal, entries[:2], task)
    add(journal, entries[:2], task)
    row = add(journal, entries, task._replace(state="sent"), since=1, state="carrying-out")
    for again in (entries[:1], entries[:3], entries[:2]):
        add(journal, again, task, state="identity")
    assert list(journal.entries("c-1")) == entries
    assert list(journal.cases()) == [row]
    assert [each.state for each in journal.due_tasks("posti", LATER, 10)] == ["sent"]
    assert list(journal.unpublished(10)) == entries


def what_holds_can_be_written_anew_without_an_entry(reopen: Reopen) -> None:
    entries, journal = chain("c-1", 2), reopen()
    add(journal, entries, TaskRow("t", "c-1", "posti", "queued", None))
    row = standing(entries, look_at=44)
    journal.add([], row, [TaskRow("t", "c-1", "posti", "queued", 9)])
    assert list(journal.cases()) == [row]
    assert [each.look_at for each in journal.due_tasks("posti", 9, 1)] == [9]
    with pytest.raises(Outrun):
        journal.add([], standing(entries[:1]), [])
    assert list(journal.cases()) == [row]


def who_decided_on_what_holds_no_longer_is_outrun_and_writes_nothing(reopen: Reopen) -> None:
    entries, other = chain("c-1", 3), chain("c-1", 3, actor="person")
    journal = reopen()
    row = add(journal, entries[:2], TaskRow("t", "c-1", "posti", "queued", 1))
    forked = [*entries[:1], entry(entries[0], 9, "noted", "person", {})]
    gap = [*entries, entry(entries[2], 9, "noted", "dpo", {})]
    for told, since in ((other, 0), (forked, 1), (forked, 0), (gap, 3), (other[:1], 0), (other, 2)):
        with pytest.raises(Outrun):
            add(journal, told, TaskRow("t", "c-1", "posti", "failed", 2), since=since, state="closed")
    with pytest.raises(Outrun):
        add(journal, chain("c-2", 2), since=1)
    assert list(journal.entries("c-1")) == entries[:2]
    assert list(journal.cases()) == [row]
    assert list(journal.due_tasks("posti", LATER, 9)) == [TaskRow("t", "c-1", "posti", "queued", 1)]
    assert not journal.entries("c-2")
    add(journal, entries, since=2)


def of_two_who_add_at_one_moment_exactly_one_wins(reopen: Reopen) -> None:
    first = chain("c-1", 1)
    journals = [reopen(), reopen()]
    add(journals[0], first)
    whole, barrier = list(first), Barrier(2)

    def race(writer: int, after: Entry, number: int) -> Entry | None:
        added = entry(after, number, "noted", f"writer-{writer}", {})
        barrier.wait(timeout=30)
        try:
            add(
                journals[writer], [*whole, added], TaskRow("t", "c-1", f"party-{writer}", "queued", 1), since=len(whole)
            )
        except Outrun:
            return None
        return added

    with ThreadPoolExecutor(2) as threads:
        for number in range(8):
            begun = [threads.submit(race, writer, whole[-1], number) for writer in (0, 1)]
            (winner,) = [found for each in begun if (found := each.result(timeout=60))]
            whole.append(winner)
            assert list(journals[0].parties_due(1)) == [f"party-{winner.actor[-1]}"]
    assert list(journals[1].entries("c-1")) == whole
    assert [each.head for each in journals[1].cases()] == [whole[-1].hash]


def of_two_who_open_one_case_at_one_moment_exactly_one_wins(reopen: Reopen) -> None:
    journals, barrier = [reopen(), reopen()], Barrier(2)

    def begin(writer: int, case: str) -> bool:
        barrier.wait(timeout=30)
        try:
            add(journals[writer], chain(case, 2, actor=f"writer-{writer}"), subjects=(key("email:a"),))
        except Outrun:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        for number in range(5):
            begun = [threads.submit(begin, writer, f"c-{number}") for writer in (0, 1)]
            assert sorted(each.result(timeout=60) for each in begun) == [False, True]
    assert len(journals[0].cases_of([key("email:a")])) == 5
    for case in journals[0].cases():
        check_chain(journals[1].entries(case.case))


def cases_are_found_by_state_and_subject_by_time_of_arrival(reopen: Reopen) -> None:
    journal = reopen()
    rows = [
        add(journal, chain(name, 1, at=at), state=state, subjects=subjects)
        for name, at, state, subjects in (
            ("c-3", 1, "closed", (key("email:a"),)),
            ("c-1", 5, "received", (key("email:a"), key("email:b"))),
            ("c-2", 3, "received", (key("email:b"),)),
            ("c-0", 3, "identity", ()),
        )
    ]
    three, one, two, zero = rows
    assert list(journal.cases()) == [three, zero, two, one]
    assert list(journal.cases(["received"])) == [two, one]
    assert list(journal.cases({"closed", "identity"})) == [three, zero]
    assert not journal.cases(["refused"])
    assert list(journal.cases_of([key("email:a")])) == [three, one]
    assert list(journal.cases_of([key("email:b"), key("email:a"), key("email:c")])) == [three, two, one]
    assert list(journal.cases_of([key(f"email:{number}") for number in range(1000)] + [key("email:b")])) == [two, one]


def what_is_due_is_given_the_longest_due_first(reopen: Reopen) -> None:
    journal = reopen()
    rows = [add(journal, chain(f"c-{n}", 1), look_at=at) for n, at in enumerate((30, None, 10, 20, 10))]
    assert list(journal.due_cases(20, 10)) == [rows[2], rows[4], rows[3]]
    assert list(journal.due_cases(20, 2)) == [rows[2], rows[4]]
    assert not journal.due_cases(9, 10)
    assert journal.next_look() == 10
    tasks = [
        TaskRow(f"t-{n}", "c-0", party, "queued", at)
        for n, (party, at) in enumerate([("posti", 5), ("dhl", 7), ("posti", None), ("posti", 3), ("klarna", 9), ("posti", 3)])
    ]  # fmt: skip
    journal.add([], standing(chain("c-0", 1), look_at=30), tasks)
    assert list(journal.due_tasks("posti", 5, 10)) == [tasks[3], tasks[5], tasks[0]]
    assert list(journal.due_tasks("posti", 4, 1)) == [tasks[3]]
    assert not journal.due_tasks("posti", 2, 10)
    assert not journal.due_tasks("nobody", LATER, 10)
    assert list(journal.parties_due(2)) == []
    assert list(journal.parties_due(7)) == ["dhl", "posti"]
    assert list(journal.parties_due(LATER)) == ["dhl", "klarna", "posti"]
    assert journal.next_look() == 3
    done = [each._replace(state="verified", look_at=None) for each in tasks]
    journal.add([], standing(chain("c-0", 1), look_at=None), done)
    assert not journal.parties_due(LATER)
    assert journal.next_look() == 10


def tasks_of_different_cases_may_have_one_name(reopen: Reopen) -> None:
    journal = reopen()
    tasks = [TaskRow("posti-notice", case, "posti", "queued", 1) for case in ("c-1", "c-2")]
    for task in tasks:
        add(journal, chain(task.case, 1), task)
    assert list(journal.due_tasks("posti", 1, 10)) == tasks
    journal.add([], standing(chain("c-1", 1)), [tasks[0]._replace(party="dhl"), tasks[0]._replace(state="sent")])
    assert list(journal.due_tasks("posti", 1, 10)) == [tasks[0]._replace(state="sent"), tasks[1]]
    assert not journal.due_tasks("dhl", 1, 10), "of two rows of one task the last holds"


def entries_stay_unpublished_until_they_are_said_to_be_and_each_case_s_are_in_order(reopen: Reopen) -> None:
    one, other = chain("c-1", 4), chain("c-0", 2)
    journal = reopen()
    add(journal, one[:2])
    add(journal, other)
    add(journal, one, since=2)
    found = list(journal.unpublished(100))
    assert sorted(found, key=lambda each: (each.case, each.number)) == [*other, *one]
    for case in ("c-0", "c-1"):
        numbers = [each.number for each in found if each.case == case]
        assert numbers == sorted(numbers)
    assert list(journal.unpublished(3)) == found[:3]
    journal.published([*found[:3], entry("unknown", 1, "noted", "dpo", {})])
    journal.published(found[:1])
    assert list(reopen().unpublished(100)) == found[3:]
    add(journal, one)
    assert list(journal.unpublished(100)) == found[3:], "what is added again was published before"
    assert list(journal.entries("c-1")) == one


def a_lane_spends_no_more_than_its_limit_in_each_window(reopen: Reopen) -> None:
    journal = reopen()
    assert [journal.spend("posti", 60, 2) for _ in range(4)] == [True, True, False, False]
    assert not journal.spend("posti", 120, 0)
    assert journal.spend("posti", 120, 1)
    assert journal.spend("dhl", 60, 1)
    assert journal.spend("posti", 60, 3), "a limit may be raised"
    for each in (journal, reopen()):
        assert [each.spent("posti", window) for window in (60, 120, 0)] == [3, 1, 0]
        assert each.spent("dhl", 60) == 1
    year = 366 * 86_400_000_000
    assert journal.spend("posti", year, 1)
    assert [journal.spent("posti", window) for window in (60, 120, year)] == [0, 0, 1], "old windows are let go"
    assert journal.spent("dhl", 60) == 1


def several_calls_are_spent_together_or_not_at_all(reopen: Reopen) -> None:
    journal = reopen()
    assert not journal.spend("ga", 60, 5, 6)
    assert journal.spend("ga", 60, 5, 3)
    assert not journal.spend("ga", 60, 5, 3)
    assert journal.spent("ga", 60) == 3
    assert journal.spend("ga", 60, 5, 2)
    assert not journal.spend("ga", 60, 5)
    assert reopen().spent("ga", 60) == 5


def several_who_spend_at_one_moment_spend_the_limit_and_no_more(reopen: Reopen) -> None:
    journals, barrier = [reopen() for _ in range(3)], Barrier(3)

    def spend(journal: Journal) -> int:
        barrier.wait(timeout=30)
        return sum(journal.spend("posti", 60, 20) for _ in range(10))

    with ThreadPoolExecutor(3) as threads:
        assert sum(each.result(timeout=60) for each in [threads.submit(spend, each) for each in journals]) == 20
    assert journals[0].spent("posti", 60) == 20


def threads_of_one_journal_wait_for_each_other(reopen: Reopen) -> None:
    journal, barrier = reopen(), Barrier(4)

    def work(number: int) -> list[Entry]:
        barrier.wait(timeout=30)
        entries = chain(f"c-{number}", 4)
        for length in range(1, 5):
            add(journal, entries[:length], since=length - 1, look_at=length)
            assert journal.spend("posti", 60, 100)
            assert list(journal.entries(f"c-{number}")) == entries[:length]
        return entries

    with ThreadPoolExecutor(4) as threads:
        begun = [threads.submit(work, number) for number in range(4)]
        kept = [each.result(timeout=60) for each in begun]
    assert [list(journal.entries(f"c-{number}")) for number in range(4)] == kept
    assert journal.spent("posti", 60) == 16


CHECKS: tuple[Check, ...] = (
    an_empty_journal_answers_everything_with_nothing,
    a_case_is_given_back_as_it_was_kept_after_a_restart_too,
    entries_that_are_there_are_passed_over_and_so_is_what_held_then,
    what_holds_can_be_written_anew_without_an_entry,
    who_decided_on_what_holds_no_longer_is_outrun_and_writes_nothing,
    of_two_who_add_at_one_moment_exactly_one_wins,
    of_two_who_open_one_case_at_one_moment_exactly_one_wins,
    cases_are_found_by_state_and_subject_by_time_of_arrival,
    what_is_due_is_given_the_longest_due_first,
    tasks_of_different_cases_may_have_one_name,
    entries_stay_unpublished_until_they_are_said_to_be_and_each_case_s_are_in_order,
    a_lane_spends_no_more_than_its_limit_in_each_window,
    several_calls_are_spent_together_or_not_at_all,
    several_who_spend_at_one_moment_spend_the_limit_and_no_more,
    threads_of_one_journal_wait_for_each_other,
)
