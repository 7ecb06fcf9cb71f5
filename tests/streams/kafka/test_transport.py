import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from streams.kafka.publishing import Publisher
from streams.kafka.transport import build_kafka_app
from streams.records import Outgoing, Record
from tests.servers.kafka import Kafka
from tests.streams.kafka.parts import new_name, new_topic

RECORDS = 50
SECONDS = 40


async def until(reached: Any) -> None:
    async with asyncio.timeout(SECONDS):
        while not reached():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("committed", [False, True])
def test_what_was_out_when_the_flow_stopped_is_given_again(committed: bool, kafka: Kafka) -> None:
    """Nobody handled it, so nobody may pass over it; where nothing was ever committed neither."""
    topic = new_topic(kafka.access, partitions=1)
    handled: list[int] = []
    opened, out = asyncio.Event(), asyncio.Event()

    async def handle(batch: Sequence[Record]) -> None:
        if not opened.is_set() and (len(handled) or not committed):
            out.set()
            await asyncio.Event().wait()  # as when a rebalance comes before it is done
        handled.extend(int(each.value) for each in batch)

    def publish(first: int) -> None:
        with Publisher(kafka.access) as publisher:
            publisher.publish(topic, [Outgoing(b"%d" % each) for each in range(first, first + RECORDS)])

    async def live() -> None:
        app = build_kafka_app(kafka.access, [topic], handle, group=new_name("group"), ahead=3)
        app.finalize()
        await app.start()
        consumer: Any = app.consumer
        try:
            if committed:
                await asyncio.to_thread(publish, 0)
                await until(lambda: len(handled) == RECORDS and any(consumer._committed_offset.values()))
            await asyncio.to_thread(publish, RECORDS)
            await asyncio.wait_for(out.wait(), SECONDS)
            consumer.stop_flow()
            await until(lambda: consumer._must_rewind)
            opened.set()
            consumer.resume_flow()
            first = 0 if committed else RECORDS
            await until(lambda: len(handled) >= 2 * RECORDS - first)
            assert handled == list(range(first, 2 * RECORDS))
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(app.stop(), SECONDS)

    asyncio.run(live())


def test_a_partition_whose_position_is_not_known_yet_ends_no_worker(kafka: Kafka) -> None:
    """Faust looks every few seconds whether partitions stand still, also while one is just being assigned."""
    topic = new_topic(kafka.access, partitions=1)
    handled = asyncio.Event()

    async def handle(_: Sequence[Record]) -> None:
        handled.set()

    async def live() -> None:
        app = build_kafka_app(kafka.access, [topic], handle, group=new_name("group"))
        app.finalize()
        await app.start()
        consumer: Any = app.consumer
        try:
            with Publisher(kafka.access) as publisher:
                publisher.publish(topic, [Outgoing(b"one")])
            await asyncio.wait_for(handled.wait(), SECONDS)
            (where,) = consumer.assignment()
            inner = consumer._thread._ensure_consumer()
            state = inner._fetcher._subscriptions.subscription.assignment.state_value(where)
            state._position = None
            await consumer.verify_all_partitions_active()
            assert not consumer.should_stop
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(app.stop(), SECONDS)

    asyncio.run(live())
