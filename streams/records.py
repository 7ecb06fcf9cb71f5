"""What travels on the bus: records, what is about to become one, and how many of them are packed into one frame.

Must not know where frames are kept, nor what the bytes of a record mean.
"""

from collections.abc import Iterable, Sequence
from itertools import count, repeat
from typing import NamedTuple, TypeAlias
from zlib import crc32

import msgpack

GROUP = "jalki"
"""The consumer group of the agents."""

Headers: TypeAlias = tuple[tuple[str, bytes], ...]
Partition: TypeAlias = tuple[str, int]
"""Topic and partition number."""


class Record(NamedTuple):
    """One record as delivered. `offset` counts up by one in a partition; `timestamp_ms` is Kafka's, from 1970."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes
    headers: Headers


class Outgoing(NamedTuple):
    """One record as it is published.

    Without `partition` the key decides (the same key always to the same partition), without a key they take turns.
    Without `timestamp_ms` the log's clock does.
    """

    value: bytes
    key: bytes | None = None
    timestamp_ms: int | None = None
    headers: Headers = ()
    partition: int | None = None


Columns: TypeAlias = tuple[Iterable[int], Iterable[bytes | None], Iterable[bytes], Iterable[Headers]]


def columns(batch: Sequence[Outgoing], now_ms: int) -> Columns:
    """The batch turned on its side: timestamps, keys, values, headers. Columns pack three times faster than rows."""
    return (
        [now_ms if each.timestamp_ms is None else each.timestamp_ms for each in batch],
        [each.key for each in batch],
        [each.value for each in batch],
        [each.headers for each in batch],
    )


def pack(batch: Columns) -> bytes:
    """One frame of many records. It is not secret: seal it before it rests."""
    times, keys, values, headers = batch
    return bytes(msgpack.packb((times, keys, values, headers if any(headers) else None)))


def unpack(frame: bytes) -> Columns:
    """What `pack` was given."""
    times, keys, values, headers = msgpack.unpackb(frame, use_list=False)
    return times, keys, values, repeat(()) if headers is None else headers


def records(topic: str, partition: int, first: int, batch: Columns) -> list[Record]:
    """The records of a partition from offset `first` on. Built without a Python loop: this runs once a record."""
    return list(map(Record._make, zip(repeat(topic), repeat(partition), count(first), *batch, strict=False)))


def partition_of(outgoing: Outgoing, partitions: int, turn: int) -> int:
    """Which of a topic's partitions it goes to; `turn` is a running number for those without a key."""
    if outgoing.partition is not None:
        return outgoing.partition
    return (turn if outgoing.key is None else crc32(outgoing.key)) % partitions
