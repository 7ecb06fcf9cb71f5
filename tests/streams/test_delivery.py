import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from faust.types import TP

from streams.delivery import BatchApp
from streams.embedded import Consumer
from streams.log import Record
from streams.running import Bus, embedded
from tests.streams.bus_parts import app_of, numbered, numbers, open_log

ORDERS = TP("orders", 0)


class Gate:
    """Handles nothing of one topic before it is opened; counts what is in hand."""

    def __init__(self, closed: str) -> None:
        self.closed = closed
        self.opened = asyncio.Event()
        self.reached = asyncio.Event()
        self.seen: dict[str, list[int]] = {}

    async def handle(self, batch: Sequence[Record]) -> None:
        topic = batch[0].topic
        if topic == self.closed:
            self.reached.set()
            await self.opened.wait()
        self.seen.setdefault(topic, []).extend(numbers(batch))


async def until_lag_is(bus: Bus, lag: int) -> None:
    await asyncio.wait_for(bus._until(lambda: bus.lag <= lag), 20)


def test_a_slow_topic_does_not_stop_a_fast_one(tmp_path: Path) -> None:
    async def live() -> None:
        gate = Gate("orders")
        with open_log(tmp_path) as log:
            async with embedded(app_of(["orders", "payments"], gate.handle), log) as bus:
                await bus.publish({"orders": numbered(500), "payments": numbered(2_000)})
                await until_lag_is(bus, 500)
                assert gate.seen == {"payments": list(range(2_000))}
                gate.opened.set()
                await bus.drain()
                assert gate.seen["orders"] == list(range(500))

    asyncio.run(live())


def test_no_more_than_two_unacknowledged_batches_of_a_partition_are_out(tmp_path: Path) -> None:
    async def live() -> None:
        gate = Gate("orders")
        with open_log(tmp_path) as log:
            app = app_of(["orders", "payments"], gate.handle)
            async with embedded(app, log) as bus:
                await bus.publish({"orders": numbered(500), "payments": numbered(500)})
                await gate.reached.wait()
                await until_lag_is(bus, 500)
                consumer: Any = app.consumer
                assert [message.offset for message in consumer._delivered[ORDERS]] == [9, 19]
                assert await consumer.position(ORDERS) == 20

    asyncio.run(live())


def test_the_commit_stops_at_the_first_unacknowledged_batch(tmp_path: Path) -> None:
    async def live() -> None:
        gate = Gate("orders")
        with open_log(tmp_path) as log:
            app = app_of(["orders", "payments"], gate.handle)
            async with embedded(app, log) as bus:
                await bus.publish({"orders": numbered(20), "payments": numbered(1)})
                await gate.reached.wait()
                await until_lag_is(bus, 20)
                consumer: Any = app.consumer
                first, second = consumer._delivered[ORDERS]
                second.tracked = True
                assert consumer.ack(second)
                await consumer.commit()
                assert log.committed("jalki")[ORDERS] == 0
                assert consumer.ack(first)
                assert not consumer.ack(first)
                await consumer.commit()
                assert log.committed("jalki")[ORDERS] == 20

    asyncio.run(live())


def test_what_faust_skips_without_handing_it_out_counts_as_not_acknowledged(tmp_path: Path) -> None:
    async def live() -> None:
        gate = Gate("orders")
        with open_log(tmp_path) as log:
            app = app_of(["orders", "payments"], gate.handle)
            async with embedded(app, log) as bus:
                await bus.publish({"orders": numbered(20), "payments": numbered(1)})
                await gate.reached.wait()
                await until_lag_is(bus, 20)
                consumer: Any = app.consumer
                waiting = consumer._delivered[ORDERS][1]
                assert not waiting.tracked
                assert not waiting.ack(consumer)
                gate.opened.set()
                await bus.drain()
                assert gate.seen["orders"] == list(range(20))

    asyncio.run(live())


async def rebalance(app: BatchApp, revoked: set[TP]) -> None:
    """What Faust's Kafka driver does when a group's members change, until records flow again."""
    consumer: Any = app.consumer
    app.on_rebalance_start()
    app.consumer_generation_id += 1
    await consumer.on_partitions_revoked(revoked)
    await consumer.on_partitions_assigned(consumer.assignment(), app.consumer_generation_id)
    await asyncio.wait_for(consumer.can_resume_flow.wait(), 20)


class Counting:
    """Takes everything; every hundredth batch a rebalance is due, while that batch and the next are out."""

    def __init__(self) -> None:
        self.batches = 0
        self.due = asyncio.Event()
        self.seen: list[int] = []

    async def handle(self, batch: Sequence[Record]) -> None:
        self.batches += 1
        if self.batches % 100 == 0:
            self.due.set()
        await asyncio.sleep(0)
        self.seen.extend(numbers(batch))

    def assert_nothing_was_jumped(self, count: int) -> None:
        firsts = list(dict.fromkeys(self.seen))
        assert firsts == list(range(count))


def test_rebalances_under_load_jump_nothing_and_keep_the_order(tmp_path: Path) -> None:
    async def live() -> None:
        sink = Counting()
        with open_log(tmp_path) as log:
            app = app_of(["orders"], sink.handle)
            async with embedded(app, log) as bus:
                await bus.publish({"orders": numbered(6_000)})
                for revoked in ({ORDERS}, set[TP](), {ORDERS}, set[TP](), set[TP]()):
                    await asyncio.wait_for(sink.due.wait(), 20)
                    sink.due.clear()
                    await rebalance(app, revoked)
                await asyncio.wait_for(bus.drain(), 20)
        sink.assert_nothing_was_jumped(6_000)
        assert len(sink.seen) < 12_000

    asyncio.run(live())


@pytest.mark.parametrize("reads", ["before the rebalance", "after the rebalance"])
def test_a_fetch_in_flight_during_a_rebalance_jumps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: str
) -> None:
    # As with a broker: the fetch takes its time, and its answer may be from before or from after the seek.
    async def live() -> None:
        held, released, sink = asyncio.Event(), asyncio.Event(), Counting()
        quick = Consumer._getmany

        async def slow(self: Consumer, tps: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's
            found = await quick(self, tps, timeout) if reads.startswith("before") else None
            if sink.batches > 20 and not held.is_set():
                held.set()
                await released.wait()
            await asyncio.sleep(0)
            return await quick(self, tps, timeout) if found is None else found

        monkeypatch.setattr(Consumer, "_getmany", slow)
        with open_log(tmp_path) as log:
            app = app_of(["orders"], sink.handle)
            async with embedded(app, log) as bus:
                await bus.publish({"orders": numbered(1_000)})
                await asyncio.wait_for(held.wait(), 20)
                consumer: Any = app.consumer
                while consumer._delivered[ORDERS]:
                    consumer._turn.clear()
                    await asyncio.wait_for(consumer._turn.wait(), 20)
                await consumer.commit()
                await rebalance(app, set())
                released.set()
                await asyncio.wait_for(bus.drain(), 20)
        sink.assert_nothing_was_jumped(1_000)

    asyncio.run(live())


@pytest.mark.parametrize(
    "test",
    [
        "test_delivery.py::test_rebalances_under_load_jump_nothing_and_keep_the_order",
        "test_app.py::test_a_bug_ends_the_run_with_the_original_exception_and_nothing_after_it_is_acknowledged",
    ],
)
def test_it_holds_where_faust_has_no_compiled_parts(test: str) -> None:
    # Faust runs other code there, which acknowledges by itself and differently.
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(Path(__file__).with_name(test))]
    environment = {**os.environ, "NO_CYTHON": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


def test_a_partition_that_is_taken_away_while_another_is_delivered_is_only_forgotten(tmp_path: Path) -> None:
    async def live() -> None:
        gate = Gate("nothing")
        with open_log(tmp_path) as log:
            app = app_of(["orders", "payments"], gate.handle)
            async with embedded(app, log) as bus:
                consumer: Any = app.consumer
                deliver = consumer.callback

                async def deliver_while_all_is_taken(_message: Any) -> None:
                    consumer._forget([ORDERS, TP("payments", 0)])
                    consumer.callback = deliver
                    consumer._must_rewind = True  # as after a rebalance

                consumer.callback = deliver_while_all_is_taken
                await bus.publish({"orders": numbered(100), "payments": numbered(100)})
                await bus.drain()
                assert gate.seen == {"orders": list(range(100)), "payments": list(range(100))}

    asyncio.run(live())
