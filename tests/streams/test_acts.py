"""What casework asks of its stores: what waits is kept together, each hears of its own, and of nothing before it is kept."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.errors import Refused, Retryable
from streams.acts import MOST, Acts
from streams.backoff import Backoff

T = TypeVar("T")
QUICK = Backoff(first=0.0001, most=0.0002)


@dataclass(slots=True)
class Store:
    """Keeps words. A block is one transaction; its end fails as often as told, or with what it is given."""

    ends: list[Exception | None] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    blocks: list[list[str]] = field(default_factory=list)
    written: list[str] | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        assert self.written is None
        self.written = []
        try:
            yield
            if self.ends and (fault := self.ends.pop(0)):
                raise fault
            self.kept += self.written
            self.blocks.append(self.written)
        finally:
            self.written = None

    def write(self, word: str) -> str:
        """Write a word; outside a block it is kept at once."""
        (self.kept if self.written is None else self.written).append(word)
        return word


def run(store: Store, work: Callable[[Acts], Coroutine[Any, Any, T]]) -> T:
    async def whole() -> T:
        acts = Acts(store.together, QUICK)
        try:
            return await work(acts)
        finally:
            acts.close()

    return asyncio.run(whole())


@asynccontextmanager
async def held_up(acts: Acts) -> AsyncIterator[None]:
    """Have the thread busy, in a transaction in which nothing is written, until the block is over."""
    began, go = Event(), Event()

    def busy() -> None:
        began.set()
        assert go.wait(60)

    busily = asyncio.create_task(acts.one(busy))
    assert await asyncio.to_thread(began.wait, 60)
    yield
    go.set()
    await busily


async def all_of(acts: Acts, *waiting: Coroutine[Any, Any, T]) -> list[asyncio.Task[T]]:
    """Have all of them wait while the thread is busy; return them done."""
    async with held_up(acts):
        tasks = [asyncio.create_task(each) for each in waiting]
        await asyncio.sleep(0)
    await asyncio.wait(tasks)
    return tasks


def test_what_came_while_another_was_written_is_kept_together_in_the_order_it_came() -> None:
    store = Store()

    async def work(acts: Acts) -> list[object]:
        one = (acts.one(store.write, word) for word in "abc")
        several = acts.each([partial(store.write, word) for word in "de"])
        return [each.result() for each in await all_of(acts, *one, several)]

    assert run(store, work) == ["a", "b", "c", ["d", "e"]]
    assert store.blocks == [[], ["a", "b", "c", "d", "e"]]


def test_however_many_wait_the_thread_is_given_no_more_than_one_thing_to_do() -> None:
    """Else it would have a thing left to do for each that was kept together with others, and never be done with them."""
    store = Store()

    async def work(acts: Acts) -> int:
        async with held_up(acts):
            tasks = [asyncio.create_task(acts.one(store.write, word)) for word in "abcdefgh"]
            await asyncio.sleep(0)
            queued = acts._thread._work_queue.qsize()
        await asyncio.wait(tasks)
        return queued

    assert run(store, work) <= 1
    assert store.kept == list("abcdefgh")


def test_a_transaction_holds_no_more_than_is_bounded() -> None:
    store, words = Store(), [str(number) for number in range(MOST + 1)]

    async def work(acts: Acts) -> None:
        assert await acts.each([partial(store.write, word) for word in words]) == words
        await all_of(acts, *(acts.one(store.write, word) for word in words))

    run(store, work)
    assert [len(each) for each in store.blocks] == [MOST, 1, 0, MOST, 1]
    assert store.kept == words * 2


def test_one_that_fails_is_told_so_and_the_others_are_kept() -> None:
    store = Store()

    def fails() -> str:
        raise Refused("not this one")

    async def work(acts: Acts) -> None:
        one, failed, each = await all_of(
            acts, acts.one(store.write, "a"), acts.one(fails), acts.each([fails, partial(store.write, "b")])
        )
        assert one.result() == "a"
        assert isinstance(failed.exception(), Refused)
        refused, kept = each.result()
        assert isinstance(refused, Refused)
        assert kept == "b"

    run(store, work)
    assert store.kept == ["a", "b"]


def test_nobody_hears_before_the_end_and_what_is_not_kept_is_done_again_once() -> None:
    away = Retryable("the disk is busy")
    store = Store(ends=[None, away, away])
    heard: list[tuple[str, bool]] = []

    async def hear(acts: Acts, word: str) -> None:
        told = await acts.one(store.write, word)
        heard.append((told, word in store.kept))

    run(store, lambda acts: all_of(acts, *(hear(acts, word) for word in "abc")))
    assert sorted(heard) == [("a", True), ("b", True), ("c", True)]
    assert sorted(store.kept) == ["a", "b", "c"]


def test_what_cannot_be_waited_out_reaches_all_of_its_transaction_and_no_later_one() -> None:
    store = Store(ends=[None, Refused("the disk is full")])

    async def work(acts: Acts) -> None:
        for each in await all_of(acts, *(acts.one(store.write, word) for word in "ab")):
            assert isinstance(each.exception(), Refused)
        assert await acts.one(store.write, "c") == "c"

    run(store, work)
    assert store.kept == ["c"]


def test_what_one_raises_counts_for_nothing_where_what_it_saw_is_not_kept() -> None:
    """It may have been refused because of what another one of the same transaction had written."""
    store = Store(ends=[None, Retryable("the disk is busy")])
    heard: list[bool] = []

    def unless_first() -> str:
        if "a" in (store.written or ()) or "a" in store.kept:
            raise Refused("another one was first")
        return store.write("b")

    async def hear(acts: Acts) -> None:
        try:
            await acts.one(unless_first)
        except Refused:
            heard.append("a" in store.kept)
        else:
            heard.append("b" in store.kept)

    run(store, lambda acts: all_of(acts, acts.one(store.write, "a"), hear(acts)))
    assert heard == [True]


def test_what_writes_to_other_stores_is_in_no_transaction() -> None:
    store = Store(ends=[Retryable("no end is waited for")])
    tries: list[bool] = []

    def alone() -> str:
        tries.append(store.written is None)
        if len(tries) < 3:
            raise Retryable("the other store is away")
        return store.write("alone")

    assert run(store, lambda acts: acts.alone(alone)) == "alone"
    assert tries == [True] * 3
    assert store.kept == ["alone"]
    with pytest.raises(LookupError):
        run(store, lambda acts: acts.alone({}.__getitem__, "x"))


def test_one_that_finds_another_store_away_is_done_again_and_the_others_are_not() -> None:
    store, tries = Store(), [0]

    def third_time() -> str:
        tries[0] += 1
        if tries[0] < 3:
            raise Retryable("the key ring is away")
        return store.write("late")

    acts_ = [partial(store.write, "a"), third_time, partial(store.write, "b")]
    assert run(store, lambda acts: acts.each(acts_)) == ["a", "late", "b"]
    assert store.kept == ["a", "b", "late"]


def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    store = Store()

    async def work(acts: Acts) -> None:
        async with held_up(acts):
            gone, stays = (asyncio.create_task(acts.one(store.write, word)) for word in ("gone", "stays"))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.wait([gone])
        await stays

    run(store, work)
    assert store.kept == ["stays"]


def test_the_end_of_the_process_is_caught_by_nobody() -> None:
    class Ended(BaseException):
        """Stands for it."""

    store = Store()

    def ends() -> None:
        raise Ended

    async def work(acts: Acts) -> None:
        for each in await all_of(acts, acts.one(store.write, "a"), acts.one(ends)):
            assert isinstance(each.exception(), Ended)

    run(store, work)
    assert not store.kept


@given(
    lanes=st.lists(st.lists(st.integers(1, 4), max_size=5), min_size=1, max_size=6),
    fails=st.lists(st.booleans(), max_size=12),
)
def test_whatever_fails_each_word_is_kept_once_in_its_lane_s_order_before_its_lane_hears(
    lanes: list[list[int]], fails: list[bool]
) -> None:
    store = Store(ends=[Retryable("busy") if each else None for each in fails])

    async def lane(acts: Acts, number: int) -> None:
        for step, size in enumerate(lanes[number]):
            words = [f"{number}-{step}-{each}" for each in range(size)]
            assert await acts.each([partial(store.write, word) for word in words]) == words
            assert {*words} <= {*store.kept}

    async def work(acts: Acts) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(len(lanes)):
                group.create_task(lane(acts, number))

    run(store, work)
    for number, steps in enumerate(lanes):
        mine = [each for each in store.kept if each.startswith(f"{number}-")]
        assert mine == [f"{number}-{step}-{each}" for step, size in enumerate(steps) for each in range(size)]
