import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from faust.transport.drivers import TRANSPORTS

from lineage.errors import Misconfigured
from streams.embedded import Transport, lent
from streams.log import Outgoing, Record
from streams.running import embedded
from tests.streams.bus_parts import URL, app_of, numbered, numbers, open_log


async def nothing(_: Sequence[Record]) -> None: ...


def test_the_scheme_is_known_to_faust() -> None:
    assert TRANSPORTS.by_url("jalki+log://any") is Transport


def test_an_app_without_a_log_says_how_to_start_it() -> None:
    async def live() -> None:
        app: Any = app_of(["orders"], nothing)
        app.finalize()
        with pytest.raises(Misconfigured, match="no log is open"):
            app.transport.log  # noqa: B018 - the property raises

    asyncio.run(live())


def test_two_apps_cannot_run_under_one_url(tmp_path: Path) -> None:
    with open_log(tmp_path) as log, lent(URL, log):
        second = lent(URL, log)
        with pytest.raises(Misconfigured, match="one app at a time"):
            second.__enter__()
    with open_log(tmp_path) as log, lent(URL, log):
        pass


def test_what_an_agent_sends_to_another_topic_is_in_the_log_before_it_goes_on(tmp_path: Path) -> None:
    async def live() -> None:
        with open_log(tmp_path) as log:

            async def bury(batch: Sequence[Record]) -> None:
                for record in batch:
                    headers = {"reason": b"bad"}
                    sent = await dead.send(key=record.key, value=record.value, headers=headers, timestamp=5.0)
                    assert log.end("dead", 0) == (await sent).offset + 1

            app = app_of(["orders"], bury)
            dead = app.topic("dead", key_type=bytes, value_type=bytes)
            async with embedded(app, log) as bus:
                await bus.publish({"orders": numbered(25)})
                await bus.drain()
            buried = log.read("dead", 0, 0, 99)
        assert numbers(buried) == list(range(25))
        assert {(record.headers, record.timestamp_ms) for record in buried} == {((("reason", b"bad"),), 5_000)}

    asyncio.run(live())


def test_faust_sees_the_log_as_a_broker(tmp_path: Path) -> None:
    async def live() -> None:
        with open_log(tmp_path) as log:
            app: Any = app_of(["orders"], nothing, partitions=2)
            async with embedded(app, log) as bus:
                await bus.publish({"orders": numbered(10)})
                await bus.drain()
                consumer = app.consumer
                places = sorted(consumer.assignment())
                assert places == [("orders", 0), ("orders", 1)]
                assert await consumer.highwaters(*places) == dict.fromkeys(places, 5)
                assert await consumer.earliest_offsets(*places) == dict.fromkeys(places, 5)
                assert consumer.topic_partitions("orders") == 2
                assert consumer.topic_partitions("unknown") is None
                [(place, _)] = log.append({"orders": [Outgoing(b"1", b"key")]}).items()
                assert app.producer.key_partition("orders", b"key") == place
                assert consumer.key_partition("orders", b"key") == place[1]

    asyncio.run(live())
