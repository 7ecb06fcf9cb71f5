"""What `Journal.together` must do: checks as those of `tests/contracts/journal.py`, for the same stores.

`OF_ONE_TRANSACTION` is for stores that write a block as one; others may have kept some of a block that failed.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lineage.cases.entries import Entry
from lineage.cases.journal import Outrun, TaskRow
from tests.contracts.journal import LATER, Check, Reopen, add, chain, standing


def what_is_written_in_a_block_is_there_after_it(reopen: Reopen) -> None:
    journal = reopen()
    entries = chain("c-1", 3)
    with journal.together():
        add(journal, entries[:2])
        assert journal.spend("posti", 60, 2)
        add(journal, entries, TaskRow("t", "c-1", "posti", "queued", 5), since=2)
        add(journal, chain("c-2", 1))
        assert list(journal.entries("c-1")) == entries, "who writes sees what it has written"
        with journal.together():
            journal.published(entries[:1])
    for each in (journal, reopen()):
        assert list(each.entries("c-1")) == entries
        assert [row.case for row in each.cases()] == ["c-1", "c-2"]
        assert [row.task for row in each.due_tasks("posti", 5, 9)] == ["t"]
        assert each.spent("posti", 60) == 1
        assert list(each.unpublished(9)) == [*entries[1:], *chain("c-2", 1)]
    add(journal, chain("c-3", 1))
    assert [row.case for row in reopen().cases()] == ["c-1", "c-2", "c-3"]


def a_write_that_fails_within_a_block_leaves_nothing_of_itself_and_all_of_the_others(reopen: Reopen) -> None:
    journal = reopen()
    entries, other = chain("c-1", 3), chain("c-1", 3, actor="person")
    with journal.together():
        row = add(journal, entries[:2])
        with pytest.raises(Outrun):
            add(journal, other, TaskRow("t", "c-1", "posti", "queued", 1), since=1, state="closed")
        with pytest.raises(Outrun):
            add(journal, chain("c-0", 2), since=1)
        assert journal.spend("posti", 60, 1)
        assert not journal.spend("posti", 60, 1)
        add(journal, chain("c-2", 2))
    for each in (journal, reopen()):
        assert list(each.entries("c-1")) == entries[:2]
        assert list(each.cases(["received"])) == [row, standing(chain("c-2", 2))]
        assert not each.entries("c-0")
        assert not each.parties_due(LATER)
        assert each.spent("posti", 60) == 1


def a_block_that_fails_can_be_done_again(reopen: Reopen) -> None:
    """Whether some of it was kept or nothing."""
    journal, entries = reopen(), chain("c-1", 2)

    def block(fault: Exception | None = None) -> None:
        with journal.together():
            add(journal, entries[:1])
            add(journal, entries, since=1)
            if fault:
                raise fault

    with pytest.raises(LookupError):
        block(LookupError())
    block()
    for each in (journal, reopen()):
        assert list(each.entries("c-1")) == entries
        assert list(each.unpublished(9)) == entries


def blocks_of_several_threads_and_writers_take_turns(reopen: Reopen) -> None:
    journals, barrier = [reopen(), reopen()], Barrier(4)

    def work(number: int) -> list[Entry]:
        journal, entries = journals[number % 2], chain(f"c-{number}", 6)
        barrier.wait(timeout=30)
        for length in (2, 4, 6):
            with journal.together():
                add(journal, entries[: length - 1], since=length - 2)
                assert journal.spend("posti", 60, 100)
                add(journal, entries[:length], since=length - 1)
        return entries

    with ThreadPoolExecutor(4) as threads:
        kept = [each.result(timeout=60) for each in [threads.submit(work, number) for number in range(4)]]
    assert [list(journals[0].entries(f"c-{number}")) for number in range(4)] == kept
    assert journals[0].spent("posti", 60) == 12


def a_block_that_is_left_by_an_error_keeps_nothing(reopen: Reopen) -> None:
    journal, before = reopen(), chain("c-0", 3)
    row = add(journal, before[:2], TaskRow("t", "c-0", "posti", "queued", 1))

    def block() -> None:
        with journal.together():
            add(journal, before, TaskRow("t", "c-0", "posti", "sent", None), since=2)
            add(journal, chain("c-1", 2))
            journal.published(before[:1])
            with journal.together():
                assert journal.spend("posti", 60, 9)
            with pytest.raises(Outrun):
                add(journal, chain("c-1", 3, actor="person"), since=1)
            raise LookupError

    with pytest.raises(LookupError):
        block()
    for each in (journal, reopen()):
        assert list(each.entries("c-0")) == before[:2]
        assert not each.entries("c-1")
        assert list(each.cases()) == [row]
        assert list(each.due_tasks("posti", 1, 9)) == [TaskRow("t", "c-0", "posti", "queued", 1)]
        assert list(each.unpublished(9)) == before[:2]
        assert each.spent("posti", 60) == 0
    add(journal, before, since=2)
    assert list(reopen().entries("c-0")) == before


def nobody_else_sees_what_is_written_in_a_block_before_it_is_over(reopen: Reopen) -> None:
    journal, other = reopen(), reopen()
    with ThreadPoolExecutor(1) as thread:
        with journal.together():
            add(journal, chain("c-1", 2), TaskRow("t", "c-1", "posti", "queued", 1))
            assert journal.spend("posti", 60, 9)
            assert not other.entries("c-1")
            assert not other.cases()
            assert not other.unpublished(9)
            assert not other.parties_due(LATER)
            assert other.spent("posti", 60) == 0
            same = thread.submit(lambda: list(journal.unpublished(9)))  # who asks in another thread waits for it
        assert same.result(timeout=60) == chain("c-1", 2)
    assert list(other.entries("c-1")) == chain("c-1", 2)
    assert other.spent("posti", 60) == 1


BLOCKS: tuple[Check, ...] = (
    what_is_written_in_a_block_is_there_after_it,
    a_write_that_fails_within_a_block_leaves_nothing_of_itself_and_all_of_the_others,
    a_block_that_fails_can_be_done_again,
    blocks_of_several_threads_and_writers_take_turns,
)
OF_ONE_TRANSACTION: tuple[Check, ...] = (
    a_block_that_is_left_by_an_error_keeps_nothing,
    nobody_else_sees_what_is_written_in_a_block_before_it_is_over,
)
