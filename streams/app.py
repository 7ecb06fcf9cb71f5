"""The Faust app: one agent a topic, all with the same body, which acknowledges a batch only after it was handled.

Written once for every bus; the broker's URL chooses. Must not know what handling is, nor which bus it runs on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias, cast

from faust.streams import Stream
from faust.tables.manager import TableManager
from faust.types import EventT, StreamT

from streams.backoff import Backoff, waited_out
from streams.delivery import BATCH_RECORDS, BatchApp, BatchSchema
from streams.records import GROUP, Record

Handle: TypeAlias = Callable[[Sequence[Record]], Awaitable[None]]
"""Handles some records of one partition, in order, wholly: what it returns from is acknowledged."""

_log = logging.getLogger(__name__)


class _NoTables(TableManager):
    """Faust sleeps a second at start so that tables can be declared. There are none."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


SAFE: dict[str, Any] = {
    # The default, json, decodes bytes as JSON without saying so.
    "key_serializer": "raw",
    "value_serializer": "raw",
    # The default restarts the agent with the batch in hand counted as done: lost. This ends the app.
    "agent_supervisor": "mode.CrashingSupervisor",
    # True may wait for ever, at a stop or a rebalance, for a batch that cannot end. Redelivery is harmless.
    "stream_wait_empty": False,
    # Seconds. After the default 1,000 a stalled worker leaves the group and never comes back, yet looks alive.
    "broker_max_poll_interval": 2_000_000,
    "topic_disable_leader": True,
    "TableManager": _NoTables,
    # The default serves the tables' contents on all interfaces, port 6066.
    "web_enabled": False,
    "web_bind": "127.0.0.1",
}
"""Faust settings without which records are lost, or read by strangers."""


def build_app(
    broker: str | Sequence[str],
    topics: Sequence[str],
    handle: Handle,
    *,
    group: str = GROUP,
    batch_records: int = BATCH_RECORDS,
    partitions: int = 1,
    commit_seconds: float = 0.05,
    backoff: Backoff | None = None,
    ahead: int = 1,
    **settings: object,
) -> BatchApp:
    """An app that hands every record of `topics` to `handle`, in batches of one partition, at least once.

    `group` is the consumer group, hence whose offsets; `settings` are more settings of Faust. An app runs once.
    Each agent has up to `ahead` batches in the hands of `handle` at a time, given in order.
    Retryable from `handle` is waited out, however long it takes; any other exception ends the app with the batch
    unacknowledged, and whoever runs the app gets it.
    """
    options: dict[str, Any] = {
        "broker": broker if isinstance(broker, str) else list(broker),
        "broker_commit_interval": commit_seconds,
        "topic_partitions": partitions,
        **SAFE,
        **settings,
    }
    app = BatchApp(group, **options)
    app.batch_records = batch_records
    app.batches_ahead = ahead + 1
    body = _body(handle, backoff or Backoff(), ahead)
    for topic in topics:
        # Concurrency stays 1: order in a partition is kept, and partitions and processes are how to scale.
        app.agent(app.topic(topic, schema=BatchSchema()), name=f"on-{topic}")(body)
    return app


def _body(handle: Handle, backoff: Backoff, ahead: int) -> Callable[[StreamT[Any]], Awaitable[None]]:
    async def on_batches(stream: StreamT[Any]) -> None:
        room = asyncio.Semaphore(ahead)

        async def settle(event: EventT[Any]) -> None:
            await _handle(handle, cast("Sequence[Record]", event.value), backoff)
            await stream.ack(event)
            room.release()

        try:
            async with asyncio.TaskGroup() as batches:  # one that fails ends the others, and the agent, at once
                await room.acquire()
                # noack: plain iteration and take() acknowledge even what raised.
                async for event in cast("Stream[Any]", stream).noack().events():
                    batches.create_task(settle(event))
                    await room.acquire()
        except BaseExceptionGroup as faults:
            raise _first(faults) from None

    return on_batches


def _first(fault: BaseException) -> BaseException:
    return _first(fault.exceptions[0]) if isinstance(fault, BaseExceptionGroup) else fault


async def _handle(handle: Handle, batch: Sequence[Record], backoff: Backoff) -> None:
    where = f"{batch[0].topic}[{batch[0].partition}] offsets {batch[0].offset} to {batch[-1].offset}"
    try:
        await waited_out(lambda: handle(batch), where, backoff)
    except Exception as fault:
        # Only its kind: the text of a foreign exception may quote the record.
        _log.critical("%s not handled, stopping: %s", where, type(fault).__name__)
        fault.add_note(f"while handling {where}")
        raise
