"""The embedded bus: a Faust transport over the durable local log, under the URL scheme `jalki+log://name`.

Agents cannot tell it from Kafka: topics, partitions, offsets, a group's commits. Must hold no rule of delivery; those
are in `streams.delivery`.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from faust.transport import base
from faust.transport.consumer import RecordMap
from faust.transport.drivers import TRANSPORTS
from faust.types import TP, ConsumerMessage, HeadersArg, RecordMetadata

from lineage.errors import Misconfigured
from streams.delivery import BatchApp, BatchDelivery
from streams.log import Log
from streams.records import Headers, Outgoing, Record, partition_of

SCHEME = "jalki+log"
_lent: dict[str, Log] = {}


@contextmanager
def lent(url: str, log: Log) -> Iterator[None]:
    """While this lasts, apps whose broker is `url` run on `log`. One log a URL at a time."""
    if url in _lent:
        raise Misconfigured(f"{url} is running already: one app at a time")
    _lent[url] = log
    try:
        yield
    finally:
        del _lent[url]


class Transport(base.Transport):
    """Names the parts to Faust, and finds the log that was lent under the app's URL."""

    driver_version = "embedded log"
    default_port = 0

    @property
    def log(self) -> Log:
        """The log lent under this app's broker URL. Raises Misconfigured when there is none."""
        url = str(self.url[0])
        if url not in _lent:
            raise Misconfigured(f"no log is open for {url}: the app must be started through streams.running.embedded")
        return _lent[url]


class Consumer(BatchDelivery):
    """Reads the log for one group, which has every partition from the start."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._position: dict[TP, int] = {}
        super().__init__(*args, **kwargs)
        self._log = cast("Transport", self.transport).log
        self._group = self.app.conf.id
        self._unwatch = self._log.watch(self._turn.set)

    async def on_stop(self) -> None:
        """Commits what is acknowledged."""
        await super().on_stop()
        self._unwatch()

    async def subscribe(self, topics: Iterable[str]) -> None:
        """Takes every partition of the topics, which are made where they are missing."""
        wanted = sorted(topics)
        for topic in wanted:
            self._log.declare(topic, self.app.conf.topic_partitions)
        self._log.subscribe(self._group, wanted)
        counts = self._log.topics()
        self._position = dict.fromkeys((TP(topic, number) for topic in wanted for number in range(counts[topic])), 0)
        await self.seek_to_committed()
        self.app.on_rebalance_start()
        self.app.consumer_generation_id = (self.app.consumer_generation_id or 0) + 1
        # Not awaited here: the conductor must see subscribe() return first.
        self.add_future(self._assign(self.app.consumer_generation_id))

    async def _assign(self, generation: int) -> None:
        await self.on_partitions_revoked(set())
        await self.on_partitions_assigned(self.assignment(), generation)

    # fetching

    async def _fetch(self, free: set[TP]) -> Mapping[TP, Sequence[Record]]:
        found = await self._getmany(free, 0.0)
        if not found:
            if self._n_acked:  # nothing better to do: whoever waits for the lag to be 0 need not wait for the timer
                self._n_acked = 0
                await self.commit()
            await self._turn.wait()
        return found

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> RecordMap:  # noqa: ASYNC109 - Faust's
        limit = cast("BatchApp", self.app).batch_records
        found = {}
        for tp in self.assignment() if active_partitions is None else active_partitions:
            if new := self._log.read(tp.topic, tp.partition, self._position[tp], limit):
                found[tp] = new
                self._position[tp] = new[-1].offset + 1
        return found

    # offsets

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        self._log.commit(self._group, {(tp.topic, tp.partition): offset for tp, offset in offsets.items()})
        return True

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Goes back to where the group has committed."""
        committed = self._log.committed(self._group)
        self._position = {tp: committed[tp] for tp in self._position}
        return dict(self._position)

    async def _seek(self, partition: TP, offset: int) -> None:
        self._position[partition] = offset

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Goes on from these offsets."""
        self._position.update(partitions)

    async def position(self, tp: TP) -> int | None:
        """The next offset to fetch."""
        return self._position.get(tp)

    def assignment(self) -> set[TP]:
        """Every partition of the topics subscribed to."""
        return set(self._position)

    def highwater(self, tp: TP) -> int:
        """The offset the next record will have."""
        return self._log.end(*tp)

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        """The same for several."""
        return {tp: self.highwater(tp) for tp in partitions}

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int]:
        """The first offsets still kept."""
        return {tp: self._log.begin(*tp) for tp in partitions}

    # what Faust asks besides

    def topic_partitions(self, topic: str) -> int | None:
        """How many partitions a topic has."""
        return self._log.topics().get(topic)

    async def create_topic(self, topic: str, partitions: int, *_: object, **__: object) -> None:
        """Makes the topic unless it is there."""
        self._log.declare(topic, partitions)

    def key_partition(self, topic: str, key: bytes | None, partition: int | None = None) -> int | None:
        """Where a record with this key goes."""
        return _partition(self._log, topic, key) if partition is None else partition

    def _new_topicpartition(self, topic: str, partition: int) -> TP:
        return TP(topic, partition)

    def _to_message(self, tp: TP, record: Record) -> ConsumerMessage:
        return self._message(tp, [record])


class Producer(base.Producer):
    """Appends to the log. What `send` returns is done already."""

    @property
    def _log(self) -> Log:
        return cast("Transport", self.transport).log

    async def create_topic(self, topic: str, partitions: int, *_: object, **__: object) -> None:
        """Makes the topic unless it is there."""
        self._log.declare(topic, partitions)

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> Awaitable[RecordMetadata]:
        """Appends one record, durably, before it returns."""
        made = asyncio.get_running_loop().create_future()
        made.set_result(await self.send_and_wait(topic, key, value, partition, timestamp, headers))
        return made

    async def send_and_wait(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: HeadersArg | None,
        *,
        transactional_id: str | None = None,
    ) -> RecordMetadata:
        """Appends one record, durably."""
        seconds = time.time() if timestamp is None else timestamp
        record = Outgoing(value or b"", key, int(seconds * 1_000), _plain(headers), partition)
        [(place, offsets)] = self._log.append({topic: [record]}).items()
        return RecordMetadata(*place, TP(*place), offsets.start, seconds, 0)

    async def flush(self) -> None:
        """Waits for what Faust has buffered itself."""
        await self.buffer.flush()

    def key_partition(self, topic: str, key: bytes) -> TP:
        """Where a record with this key goes."""
        return TP(topic, _partition(self._log, topic, key))

    def supports_headers(self) -> bool:
        """Yes."""
        return True


def _partition(log: Log, topic: str, key: bytes | None) -> int:
    return partition_of(Outgoing(b"", key), log.declare(topic), turn=0)


def _plain(headers: HeadersArg | None) -> Headers:
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    return tuple((str(name), bytes(value)) for name, value in pairs)


Transport.Consumer = Consumer
Transport.Producer = Producer
TRANSPORTS.aliases[SCHEME] = "streams.embedded:Transport"
