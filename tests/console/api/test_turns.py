"""How many questions are under way at once, and for how long."""

import asyncio
from collections.abc import Callable
from threading import Event

import pytest

from console.api.patience import OutOfPatienceError, Patience
from console.api.problems import Problem
from console.api.turns import Turns

WAIT = 20.0


def held(event: Event) -> Callable[[Patience], str]:
    def work(_: Patience) -> str:
        assert event.wait(WAIT)
        return "done"

    return work


async def code_of(turns: Turns, whose: str) -> str:
    try:
        return await turns.run(whose, lambda _: "done")
    except Problem as fault:
        return fault.code


def test_one_user_has_some_turns_and_another_is_answered_beside() -> None:
    async def run() -> None:
        turns, event = Turns(at_once=3, waiting=9, each=2), Event()
        under_way = [asyncio.create_task(turns.run("a", held(event))) for _ in range(2)]
        await asyncio.sleep(0)
        assert await code_of(turns, "a") == "many"
        assert await code_of(turns, "b") == "done"
        event.set()
        assert await asyncio.gather(*under_way) == ["done", "done"]
        assert await code_of(turns, "a") == "done"
        turns.close()

    asyncio.run(run())


def test_what_waits_is_bounded_too() -> None:
    async def run() -> None:
        turns, event = Turns(at_once=1, waiting=2, each=1), Event()
        under_way = [asyncio.create_task(turns.run(whose, held(event))) for whose in "abc"]
        await asyncio.sleep(0)
        assert await code_of(turns, "d") == "busy"
        event.set()
        assert await asyncio.gather(*under_way) == ["done"] * 3
        assert await code_of(turns, "d") == "done"
        turns.close()

    asyncio.run(run())


def test_an_answer_that_takes_too_long_is_given_up_and_its_work_stops() -> None:
    async def run() -> None:
        turns, stopped, event = Turns(at_once=1, seconds=0.05), Event(), Event()

        def work(patience: Patience) -> None:
            try:
                while not event.wait(0.001):
                    patience.look()
            except OutOfPatienceError:
                stopped.set()
                raise

        with pytest.raises(Problem) as raised:
            await turns.run("a", work)
        assert (raised.value.code, raised.value.status) == ("late", 503)
        assert await asyncio.to_thread(stopped.wait, WAIT)
        turns.close()

    asyncio.run(run())


def test_work_that_nobody_waits_for_keeps_its_turn_until_it_ends() -> None:
    async def run() -> None:
        turns, event = Turns(at_once=1, waiting=1, seconds=0.05), Event()
        with pytest.raises(Problem):
            await turns.run("a", held(event))
        turns._seconds = WAIT  # only the first is to be given up
        second = asyncio.create_task(turns.run("b", lambda _: "done"))
        await asyncio.sleep(0)
        assert await code_of(turns, "c") == "busy"
        event.set()
        assert await second == "done"
        assert await code_of(turns, "c") == "done"
        turns.close()

    asyncio.run(run())


def test_to_close_ends_what_is_under_way() -> None:
    async def run() -> None:
        turns, began, never = Turns(at_once=1), Event(), Event()

        def work(patience: Patience) -> None:
            began.set()
            while not never.wait(0.001):
                patience.look()

        task = asyncio.create_task(turns.run("a", work))
        assert await asyncio.to_thread(began.wait, WAIT)
        turns.close()
        with pytest.raises(Problem):
            await task

    asyncio.run(run())
