"""Batches of many agents are written together, in the order they were given; what goes wrong reaches whoever waits for it."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, cast

import pytest

from lineage.errors import Refused, Retryable
from lineage.recording import Recorded
from streams import groupcommit
from streams.backoff import Backoff
from streams.groupcommit import GroupCommit, group_commit
from streams.recorder import Prepared, Ready, Recorder
from streams.records import Record


def record(number: int) -> Record:
    return Record("orders", 0, number, 0, None, b"%d" % number, ())


class Written:
    """Stands in for the recorder: what is prepared is the records themselves; writing waits until it may."""

    def __init__(self) -> None:
        self.may, self.began = threading.Event(), threading.Event()
        self.may.set()
        self.faults: list[Exception] = []
        self.transactions: list[list[int]] = []

    def prepare(self, records: Sequence[Record]) -> Prepared:
        return Prepared(cast("Any", [int(each.value) for each in records]), ())

    def seal(self, batch: Prepared) -> Ready:
        return Ready(cast("Any", batch.events), batch.dead)

    def write(self, batches: Sequence[Ready]) -> Recorded:
        self.began.set()
        assert self.may.wait(20)
        if self.faults:
            raise self.faults.pop(0)
        self.transactions.append([number for batch in batches for number in cast("Any", batch.events)])
        return Recorded(len(self.transactions[-1]), 0, ())


class Heard:
    def __init__(self) -> None:
        self.failures: list[str] = []
        self.outcomes: list[int] = []

    def written(self, outcome: Recorded, seconds: float) -> None:
        assert seconds >= 0
        self.outcomes.append(outcome.recorded)

    def failed(self, of: str, fault: Retryable) -> None:
        self.failures.append(f"{of}: {fault}")


def committing(stand_in: Written, heard: Heard | None = None, threads: int = 2) -> Any:
    return group_commit(cast("Recorder", stand_in), threads=threads, observer=heard)


async def begun(stand_in: Written) -> None:
    await asyncio.to_thread(stand_in.began.wait, 20)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_ready_while_another_is_written_goes_into_one_transaction_in_order(threads: int) -> None:
    stand_in, heard = Written(), Heard()

    async def live() -> None:
        stand_in.may.clear()
        async with committing(stand_in, heard, threads) as group:
            first = asyncio.create_task(group.handle([record(0)]))
            await begun(stand_in)
            prepared = [Prepared(cast("Any", [number]), ()) for number in range(1, 20)]
            rest = [asyncio.create_task(group.write(each)) for each in prepared]
            await asyncio.sleep(0)
            stand_in.may.set()
            await asyncio.gather(first, *rest)

    asyncio.run(live())
    assert stand_in.transactions == [[0], list(range(1, 20))]
    assert heard.outcomes == [1, 19]


def test_a_transaction_has_no_more_events_than_it_may_unless_one_batch_alone_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(groupcommit, "MOST_EVENTS", 4)
    stand_in = Written()

    async def live() -> None:
        stand_in.may.clear()
        async with committing(stand_in) as group:
            batches = [[0], [1, 2], [3, 4], [5], [6, 7, 8, 9, 10, 11], [12]]
            tasks = [asyncio.create_task(group.write(Ready(cast("Any", batches[0]), ())))]
            await asyncio.sleep(0)
            await begun(stand_in)
            tasks += [asyncio.create_task(group.write(Ready(cast("Any", each), ()))) for each in batches[1:]]
            await asyncio.sleep(0)
            stand_in.may.set()
            await asyncio.gather(*tasks)

    asyncio.run(live())
    assert stand_in.transactions == [[0], [1, 2, 3, 4], [5], [6, 7, 8, 9, 10, 11], [12]]


def test_a_store_that_is_away_is_waited_for_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groupcommit, "Backoff", lambda: Backoff(0.001, 0.002))
    stand_in, heard = Written(), Heard()
    stand_in.faults = [Retryable("Neo4j is away"), Retryable("Neo4j is away")]

    async def live() -> None:
        async with committing(stand_in, heard) as group:
            await group.handle([record(1)])

    asyncio.run(live())
    assert stand_in.transactions == [[1]]
    assert heard.failures == ["store: Neo4j is away"] * 2


def test_what_cannot_be_waited_out_reaches_all_of_its_transaction_and_nobody_else() -> None:
    stand_in = Written()
    stand_in.faults = [Refused("no room left")]

    async def live() -> None:
        async with committing(stand_in) as group:
            with pytest.raises(Refused, match="no room left"):
                await group.handle([record(1)])
            await group.handle([record(2)])

    asyncio.run(live())
    assert stand_in.transactions == [[2]]


def test_a_batch_that_nobody_waits_for_any_more_disturbs_nobody() -> None:
    stand_in = Written()

    async def live() -> None:
        stand_in.may.clear()
        async with committing(stand_in) as group:
            gone = asyncio.create_task(cast("GroupCommit", group).handle([record(1)]))
            await begun(stand_in)
            gone.cancel()
            await asyncio.wait([gone])
            stand_in.may.set()
            await group.handle([record(2)])

    asyncio.run(live())
    assert [number for each in stand_in.transactions for number in each] == [1, 2]
