"""How far a group is behind: what waits in each partition, since when, and whether anybody works on it. Changes nothing."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec

from streams.kafka.access import KafkaAccess
from streams.kafka.clients import PATIENCE, administrator, opened, patiently
from streams.kafka.provisioning import described
from streams.kafka.topics import missing
from streams.records import Partition

READING = 3.0
"""Seconds that finding the oldest waiting record may take."""
_GONE = "Dead"


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """One partition: its first and its next offset, what the group has committed (None: nothing), how many records wait."""

    topic: str
    partition: int
    beginning: int
    end: int
    committed: int | None
    waiting: int

    @property
    def next(self) -> int:
        """The offset of the first record that waits. One that retention has deleted does not wait any more."""
        return max(self.beginning, self.committed or 0)


@dataclass(frozen=True, slots=True)
class Lag:
    """All partitions of the topics asked for, sorted.

    `oldest_ms`: when the oldest record that waits reached the bus, in milliseconds since 1970; None where none waits, or
    where it could not be read in time. `members`: how many live members the group has.
    """

    partitions: tuple[PartitionLag, ...]
    oldest_ms: int | None
    members: int

    @property
    def waiting(self) -> int:
        """How many records wait in all."""
        return sum(each.waiting for each in self.partitions)

    def by_topic(self) -> Mapping[str, int]:
        """Return how many records wait in each topic."""
        found: dict[str, int] = {}
        for each in self.partitions:
            found[each.topic] = found.get(each.topic, 0) + each.waiting
        return found


def lag(access: KafkaAccess, topics: Sequence[str], group: str, patience: float = PATIENCE) -> Lag:
    """Ask how far a group is behind. A partition without a committed offset counts from its beginning.

    Raises: Retryable: Kafka is away or busy. Misconfigured: it refuses us, or a topic is not there.
    """
    until = time.monotonic() + patience
    with administrator(access, "asking for the lag", patience) as client:
        everything = _partitions(client, topics, until)
        committed = _committed(client, group, everything, until)  # before the ends: so nothing seems done that is not
        first, end = (
            patiently(partial(client.list_partition_offsets, dict.fromkeys(everything, spec)), until)
            for spec in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
        )
        members = _members(client, group, until)
        found = tuple(_lag_of(tp, first[tp].offset, end[tp].offset, committed.get(tp)) for tp in sorted(everything))
        behind = [each for each in found if each.waiting]
        return Lag(found, _oldest(access, behind, patience) if behind else None, members)


def settled(access: KafkaAccess, group: str, offsets: Mapping[Partition, int], patience: float = PATIENCE) -> bool:
    """Tell whether a group has committed past each of these offsets, as `Publisher.offsets` gives them.

    Raises: as `lag`.
    """
    if not offsets:
        return True
    until = time.monotonic() + patience
    partitions = [TopicPartition(*each) for each in offsets]
    with administrator(access, "asking what is committed", patience) as client:
        committed = _committed(client, group, partitions, until)
    return all(committed.get(TopicPartition(*each), 0) > offset for each, offset in offsets.items())


def _partitions(client: KafkaAdminClient, topics: Sequence[str], until: float) -> list[TopicPartition]:
    there = described(client, topics, until)
    if absent := set(topics) - there.keys():
        raise missing(absent)
    return [
        TopicPartition(name, part["partition_index"]) for name, each in there.items() for part in each["partitions"]
    ]


def _committed(
    client: KafkaAdminClient, group: str, partitions: Iterable[TopicPartition], until: float
) -> Mapping[TopicPartition, int]:
    asked = {group: list(partitions)}
    found = patiently(lambda: client.list_group_offsets(asked), until).get(group, {})
    return {tp: each.offset for tp, each in found.items() if each.offset >= 0}


def _members(client: KafkaAdminClient, group: str, until: float) -> int:
    found = patiently(lambda: client.describe_groups([group]), until).get(group, {})
    return 0 if found.get("group_state") == _GONE else len(found.get("members", ()))


def _lag_of(tp: TopicPartition, beginning: int, end: int, committed: int | None) -> PartitionLag:
    start = max(beginning, committed or 0)
    return PartitionLag(tp.topic, tp.partition, beginning, end, committed, max(0, end - start))


def _oldest(access: KafkaAccess, behind: Sequence[PartitionLag], patience: float) -> int | None:
    """Read the first waiting record of each partition, for its timestamp. Joins no group."""
    consumer = opened(
        KafkaConsumer, access, patience,
        enable_auto_commit=False, auto_offset_reset="earliest", allow_auto_create_topics=False,
        max_partition_fetch_bytes=4096, fetch_max_wait_ms=100,
        retry_backoff_ms=10,  # the consumer sleeps for as long before it looks again
    )  # fmt: skip
    try:
        first = {TopicPartition(each.topic, each.partition): each.next for each in behind}
        consumer.assign(list(first))
        for tp, offset in first.items():
            consumer.seek(tp, offset)
        return _first_times(consumer, set(first))
    finally:
        consumer.close()


def _first_times(consumer: KafkaConsumer, left: set[TopicPartition]) -> int | None:
    until, times = time.monotonic() + READING, []
    while left and time.monotonic() < until:
        found = consumer.poll(timeout_ms=200)
        times += [records[0].timestamp for tp, records in found.items() if tp in left]
        consumer.pause(*found)
        left -= found.keys()
    return min(times, default=None)
