"""Topics on Kafka that are written by us alone and read as a whole. Joins no group and commits nothing."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec

from lineage.errors import JalkiError, Retryable
from streams.case_log import AT_ONCE
from streams.kafka.access import KafkaAccess
from streams.kafka.clients import PATIENCE, administrator, opened, patiently, translating
from streams.kafka.provisioning import described
from streams.kafka.publishing import Publisher
from streams.kafka.topics import missing
from streams.records import Outgoing, Record

_SILENCE = 30.0
"""Seconds without a record after which reading is given up."""


class KeptTopics:
    """Some topics of a cluster; `what` names them in messages. One thread at a time; close it."""

    def __init__(self, access: KafkaAccess, topics: Sequence[str], what: str) -> None:
        """Connects to nothing yet."""
        self._access, self._topics, self._what = access, topics, what
        self._publisher: Publisher | None = None

    def count(self) -> int:
        """Return how many offsets there are. Raises: Misconfigured: a topic is missing, or not ours to read."""
        first, end = self._offsets()
        return sum(end[each] - first[each] for each in end)

    @contextmanager
    def lanes(self) -> Iterator[Sequence[Iterator[Record]]]:
        """Read all there is now, a lane for each partition, in memory some hundreds of records of each at a time."""
        first, end = self._offsets()
        with translating(f"reading {self._what}"):
            consumer = opened(
                KafkaConsumer, self._access, PATIENCE,
                enable_auto_commit=False, auto_offset_reset="earliest", allow_auto_create_topics=False,
                max_poll_records=AT_ONCE, fetch_max_wait_ms=100,
            )  # fmt: skip
            try:
                yield [_read(consumer, tp, first[tp], end[tp], self._what) for tp in end if end[tp] > first[tp]]
            finally:
                consumer.close()

    def put(self, batch: Mapping[str, Sequence[Outgoing]]) -> None:
        """Add records; all replicas in sync have them when this returns."""
        if self._publisher is None:
            self._publisher = Publisher(self._access).__enter__()
        try:
            for topic, records in batch.items():
                self._publisher.publish(topic, records)
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
        with administrator(self._access, f"asking for {self._what}") as client:
            there = described(client, self._topics, until)
            if absent := set(self._topics) - there.keys():
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


def _read(consumer: KafkaConsumer, tp: TopicPartition, at: int, end: int, what: str) -> Iterator[Record]:
    """Read one partition, piece by piece: between two pieces the consumer reads others.

    A consumer that has all partitions and pauses those that are ahead does not always wake them again (kafka-python).
    """
    while at < end:
        for each in _piece(consumer, tp, at, what):
            if each.offset >= end:
                return
            at = each.offset + 1
            yield Record(each.topic, each.partition, each.offset, each.timestamp, each.key, each.value or b"", ())


def _piece(consumer: KafkaConsumer, tp: TopicPartition, at: int, what: str) -> Sequence[Any]:
    consumer.assign([tp])
    consumer.seek(tp, at)
    until = time.monotonic() + _SILENCE
    while time.monotonic() < until:
        if found := consumer.poll(timeout_ms=500).get(tp):
            return list(found)
    raise Retryable(f"reading {what}: Kafka is away or busy (no answer)")
