import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from faust.types import TP

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


def test_rebalances_under_load_jump_nothing_and_keep_the_order(tmp_path: Path) -> None:
    async def live() -> None:
        seen: list[int] = []

        async def handle(batch: Sequence[Record]) -> None:
            await asyncio.sleep(0)
            seen.extend(numbers(batch))

        with open_log(tmp_path) as log:
            app = app_of(["orders"], handle)
            async with embedded(app, log) as bus:
                consumer: Any = app.consumer
                for start in range(0, 6_000, 1_000):
                    await bus.publish({"orders": numbered(1_000, start)})
                    left = bus.lag - 300
                    await until_lag_is(bus, left)
                    app.on_rebalance_start()
                    app.consumer_generation_id += 1
                    await consumer.on_partitions_revoked(consumer.assignment() if start % 2_000 else set())
                    await consumer.on_partitions_assigned(consumer.assignment(), app.consumer_generation_id)
                await asyncio.wait_for(bus.drain(), 20)
        assert sorted(set(seen)) == list(range(6_000))
        firsts = list(dict.fromkeys(seen))
        assert firsts == sorted(firsts)
        assert len(seen) < 12_000

    asyncio.run(live())


def test_it_works_with_the_slow_stream_loop_of_faust_too(tmp_path: Path) -> None:
    # Where Faust has no compiled parts it runs other code, which acknowledges differently.
    test = f"{__file__}::test_rebalances_under_load_jump_nothing_and_keep_the_order"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", test]
    done = subprocess.run(
        command, env={**os.environ, "NO_CYTHON": "1"}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout
