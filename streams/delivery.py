"""Delivery in batches: one Faust event is up to N records of ONE partition, in order. For every kind of bus.

Stock Faust makes four tasks and an Event a record (82 µs each); a batch costs the same once. It also makes the rule for
offsets simple: commit up to the first delivered batch that is not acknowledged. Must not know where records come from.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import faust
from faust.transport.consumer import Consumer, Fetcher
from faust.types import TP, AppT, ConsumerMessage, Message
from faust.types.transports import TPorTopicSet
from faust.types.tuples import ack_lock
from mode import ServiceT

from streams.records import Record

BATCH_RECORDS = 2_000
LONGEST_FETCH = 1.0
"""Seconds that one fetch may wait for records; it bounds only how long a rebalance waits for the fetch."""
FETCH_WHILE_BEHIND = 0.05
"""The same while a partition waits for its agent: it is fetched again only after this fetch has ended."""


class BatchApp(faust.App):
    """A Faust app that says how large a batch is, and keeps nothing on disk."""

    batch_records = BATCH_RECORDS
    batches_ahead = 2
    """Of a partition: one being handled, one waiting, so that the agent never waits for the fetch."""

    async def on_first_start(self) -> None:
        """Does not make the folder that Faust keeps tables in: there are no tables."""


class BatchSchema(faust.Schema[None, Sequence[Record]]):
    """Hands the list of records through as it is. Decoding is the agent's, where a bad record can be buried alone."""

    def loads_key(self, app: AppT, message: Message, **_: object) -> None:
        """The batch has no key, its records have."""

    def loads_value(self, app: AppT, message: Message, **_: object) -> Sequence[Record]:
        """The records."""
        return cast("Sequence[Record]", message.value)


class BatchDelivery(Consumer):
    """Mix into a Faust consumer, before it. Agents must iterate over `stream.noack().events()` and acknowledge by hand.

    Lets at most the app's `batches_ahead` unacknowledged batches of a partition out. A partition that has as many is not fetched,
    the others go on. After every (re)assignment whatever is not committed is fetched again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._delivered: dict[TP, deque[Message]] = defaultdict(deque)
        """Delivered and not yet acknowledged in an unbroken run, oldest first."""
        self._settled: dict[TP, int] = {}
        """The offset behind that unbroken run of acknowledged batches."""
        self._fetched: dict[TP, deque[Sequence[Record]]] = {}
        """Batches whose agent has no room yet."""
        self._must_rewind = False
        self._turn = asyncio.Event()
        """Something changed that may let the next round do more: room at an agent, the flow; embedded, new records."""
        super().__init__(*args, **kwargs)

    # acknowledging and committing

    def ack(self, message: Message) -> bool:
        """Marks the batch as done. Returns whether it was not yet."""
        with ack_lock:
            # Faust's pure Python stream loop acknowledges what it SKIPS (flow stopped, older generation). Such an event
            # was never handed to the agent, hence never tracked; to believe it would lose the batch.
            if message.acked or not message.tracked:
                return False
            message.acked = True
            self._n_acked += len(cast("Sequence[Record]", message.value))
            message.value = None  # let go of the records now, not when the offset is committed
            self._unacked_messages.discard(message)
            self._settle(message.tp)
        self._turn.set()
        waiting = self._waiting_for_ack
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
        return True

    def _settle(self, tp: TP) -> None:
        queue = self._delivered[tp]
        while queue and queue[0].acked:
            self._settled[tp] = queue.popleft().offset + 1

    def _filter_tps_with_pending_acks(self, topics: TPorTopicSet | None = None) -> Iterator[TP]:
        return (tp for tp in self._settled if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        return self._settled.get(tp)  # what is committed already, Faust drops by itself

    async def drain(self) -> None:
        """Deliver nothing more, wait until all that is out is acknowledged, and commit that."""
        self.stop_flow()
        while any(not message.acked for out in self._delivered.values() for message in out):
            self._turn.clear()
            await self._turn.wait()
        await self.commit()

    # assignment

    def stop_flow(self) -> None:
        """Ends delivery; wakes the loop, so that it notices."""
        super().stop_flow()
        self._turn.set()

    def _forget(self, partitions: Iterable[TP]) -> None:
        for tp in partitions:
            self._delivered.pop(tp, None)
            self._settled.pop(tp, None)
            self._fetched.pop(tp, None)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forgets what is out: whoever gets the partition has everything uncommitted again."""
        await super().on_partitions_revoked(revoked)
        self._forget(revoked)

    async def perform_seek(self) -> None:
        """Goes back to the committed offsets, as after every (re)assignment."""
        self._forget({*self._delivered, *self._settled, *self._fetched})
        await super().perform_seek()
        self._turn.set()

    async def seek(self, partition: TP, offset: int) -> None:
        """Goes on from `offset`."""
        self._forget([partition])
        await super().seek(partition, offset)
        self._turn.set()

    # delivering

    async def _drain_messages(self, fetcher: ServiceT) -> None:
        # Replaces Faust's own loop, where a single full agent queue stops every topic of the worker.
        running = cast("Fetcher", fetcher)
        try:
            while not (self._stopped.is_set() or running._stopped.is_set()):  # noqa: SLF001 - as the loop it replaces
                if not self.flow_active:
                    self._must_rewind = True  # a batch may have been dropped half-way to its agent
                    await self.wait(cast("Any", self.can_resume_flow))
                elif self._must_rewind:
                    await self.perform_seek()
                    self._must_rewind = False
                else:
                    await self._round()
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise

    async def _round(self) -> None:
        generation = self.app.consumer_generation_id
        self._turn.clear()
        free = {tp for tp in self._get_active_partitions() if tp not in self._fetched and self._has_room(tp)}
        found = await self._fetch(free)
        if not self.flow_active or generation != self.app.consumer_generation_id:
            # A rebalance went by during the fetch. These records may be from before or after its seek: they can be
            # neither delivered nor forgotten.
            self._must_rewind = True
            return
        for tp, new in found.items():
            self._take(tp, new)
        if self._commit_every is not None and self._n_acked >= self._commit_every:
            self._n_acked = 0
            await self.commit()
        for tp in list(self._fetched):
            await self._deliver(tp, generation)

    async def _fetch(self, free: set[TP]) -> Mapping[TP, Sequence[Any]]:
        """Records of partitions that have room; waits for room when none has."""
        if not free:
            await self.wait(cast("Any", self._turn))
            return {}
        behind = len(free) < len(self._get_active_partitions())
        return await self._getmany(active_partitions=free, timeout=FETCH_WHILE_BEHIND if behind else LONGEST_FETCH)

    def _take(self, raw_tp: TP, raw: Sequence[Any]) -> None:
        tp = TP(raw_tp.topic, raw_tp.partition)
        start = self._read_offset[tp]
        if start is not None and raw[0].offset < start:
            raw = [each for each in raw if each.offset >= start]
        new = self._records(raw)
        if new:
            step = cast("BatchApp", self.app).batch_records
            self._fetched[tp] = deque(new[at : at + step] for at in range(0, len(new), step))
        self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))

    def _records(self, raw: Sequence[Any]) -> Sequence[Record]:
        """The bus's own kind of record as ours."""
        return raw

    def _has_room(self, tp: TP) -> bool:
        return len(self._delivered[tp]) < cast("BatchApp", self.app).batches_ahead

    async def _deliver(self, tp: TP, generation: int) -> None:
        queue = self._fetched.get(tp, deque())
        # A rebalance may take all away while one batch goes out: what is left here then is fetched again, or not ours.
        while queue and self._fetched.get(tp) is queue and self._has_room(tp):
            if not self.flow_active or generation != self.app.consumer_generation_id:
                return
            message = self._message(tp, queue.popleft())
            self._delivered[tp].append(message)
            self._read_offset[tp] = message.offset + 1
            # Faust may hold the flow up inside; then the message is dropped here and fetched again after the seek.
            await self.wait_first(self.callback(message), cast("Any", self.suspend_flow.wait()))
        if not queue and self._fetched.get(tp) is queue:
            del self._fetched[tp]

    def _message(self, tp: TP, batch: Sequence[Record]) -> ConsumerMessage:
        last = batch[-1]
        value = cast("bytes", batch)  # Faust's annotation; BatchSchema hands it through
        seconds = last.timestamp_ms / 1_000
        generation = self.app.consumer_generation_id
        return ConsumerMessage(
            tp.topic, tp.partition, last.offset, seconds, 1, None, None, value, None, 0, 0, tp, generation_id=generation
        )
