"""The log of cases on Kafka. Satisfies `streams.case_log.CaseLog`. Joins no group and commits nothing."""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec

from lineage.cases.entries import Entry
from lineage.errors import JalkiError, Retryable
from streams.case_log import AT_ONCE, CASE_TOPICS, merged, outgoing
from streams.kafka.access import KafkaAccess
from streams.kafka.clients import PATIENCE, administrator, opened, patiently, translating
from streams.kafka.provisioning import described
from streams.kafka.publishing import Publisher
from streams.kafka.topics import missing
from streams.records import Record

_SILENCE = 30.0
"""Seconds without a record after which reading is given up."""


class KafkaCaseLog:
    """The log of cases on a cluster. One thread at a time; close it."""

    def __init__(self, access: KafkaAccess) -> None:
        """Connects to nothing yet."""
        self._access = access
        self._publisher: Publisher | None = None

    def count(self) -> int:
        """Return how many records there are. Raises: Misconfigured: a topic is missing, or not ours to read."""
        first, end = self._offsets()
        return sum(end[each] - first[each] for each in end)

    def entries(self) -> Iterator[Entry]:
        """Read all there is now, in memory some hundreds of records of each partition at a time."""
        first, end = self._offsets()
        filled = {tp: (first[tp], end[tp]) for tp in end if end[tp] > first[tp]}
        what = "reading the log of cases"
        with translating(what):
            consumer = opened(
                KafkaConsumer, self._access, PATIENCE,
                enable_auto_commit=False, auto_offset_reset="earliest", allow_auto_create_topics=False,
                max_poll_records=AT_ONCE, fetch_max_wait_ms=100,
            )  # fmt: skip
            try:
                reading = _Reading(consumer, filled)
                yield from merged(reading.lane(tp) for tp in filled)
            finally:
                consumer.close()

    def put(self, entries: Sequence[Entry]) -> None:
        """Add entries; all replicas in sync have them when this returns."""
        if self._publisher is None:
            self._publisher = Publisher(self._access).__enter__()
        try:
            for topic, batch in outgoing(entries).items():
                self._publisher.publish(topic, batch)
            self._publisher.flush()
        except JalkiError as fault:  # it takes nothing more
            self._let_go(fault)
            raise

    def close(self) -> None:
        """Let the connections go."""
        self._let_go(None)

    def _let_go(self, fault: JalkiError | None) -> None:
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            publisher.__exit__(type(fault) if fault else None, fault, None)

    def _offsets(self) -> tuple[Mapping[TopicPartition, int], Mapping[TopicPartition, int]]:
        """Return the first and the next offset of every partition."""
        until = time.monotonic() + PATIENCE
        with administrator(self._access, "asking for the log of cases") as client:
            there = described(client, CASE_TOPICS, until)
            if absent := set(CASE_TOPICS) - there.keys():
                raise missing(absent)
            every = [
                TopicPartition(name, each["partition_index"]) for name in there for each in there[name]["partitions"]
            ]
            first, end = (_asked(client, every, spec, until) for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST))
        return first, end


def _asked(
    client: KafkaAdminClient, every: Sequence[TopicPartition], spec: OffsetSpec, until: float
) -> dict[TopicPartition, int]:
    found = patiently(partial(client.list_partition_offsets, dict.fromkeys(every, spec)), until)
    return {tp: found[tp].offset for tp in every}


class _Reading:
    """One consumer for many partitions, each read as far as somebody takes from it: a full one is paused."""

    def __init__(self, consumer: KafkaConsumer, filled: Mapping[TopicPartition, tuple[int, int]]) -> None:
        self._consumer, self._ends = consumer, {tp: end for tp, (_, end) in filled.items()}
        self._waiting: dict[TopicPartition, deque[Record]] = {tp: deque() for tp in filled}
        consumer.assign(list(filled))
        for tp, (first, _) in filled.items():
            consumer.seek(tp, first)

    def lane(self, tp: TopicPartition) -> Iterator[Record]:
        """Return the records of a partition up to its end."""
        waiting, at = self._waiting[tp], -1
        while at + 1 < self._ends[tp]:
            self._fill(tp)
            while waiting:
                record = waiting.popleft()
                at = record.offset
                if at >= self._ends[tp]:
                    return
                yield record
        self._consumer.pause(tp)

    def _fill(self, tp: TopicPartition) -> None:
        until = time.monotonic() + _SILENCE
        self._consumer.resume(tp)
        while not self._waiting[tp]:
            if time.monotonic() >= until:
                raise Retryable("reading the log of cases: Kafka is away or busy (no answer)")
            for place, found in self._consumer.poll(timeout_ms=500).items():
                self._waiting[place] += [
                    Record(each.topic, each.partition, each.offset, each.timestamp, each.key, each.value or b"", ())
                    for each in found
                ]
            self._consumer.pause(*[each for each, kept in self._waiting.items() if kept])
