"""What tests on a real Kafka share: names nobody else uses, records, and groups that have committed something."""

import time
import uuid
from collections.abc import Mapping, Sequence
from functools import partial

import pytest
from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata

from streams.kafka.access import KafkaAccess
from streams.kafka.clients import administrator, patiently
from streams.kafka.provisioning import create
from streams.kafka.topics import Topic, wanted
from streams.records import Outgoing
from tests.servers.waiting import until

UNCLOSED = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
"""kafka-python leaves the socket of a connection that was refused to the garbage collector."""


def new_name(what: str = "topic") -> str:
    return f"{what}-{uuid.uuid4().hex[:12]}"


def new_topic(access: KafkaAccess, partitions: int = 2) -> str:
    name = new_name()
    create(access, wanted([name], partitions=partitions))
    return name


def new_topics(number: int) -> tuple[Topic, ...]:
    return wanted(new_name() for _ in range(number))


def outgoing(number: int, size: int = 100, partition: int | None = None) -> Sequence[Outgoing]:
    return [Outgoing(b"%0*d" % (size, each), key=b"%d" % each, partition=partition) for each in range(number)]


def commit(access: KafkaAccess, group: str, topic: str, offsets: Mapping[int, int]) -> None:
    """Commit as a worker would that has since gone. One that was just stopped may count as a member for a moment yet."""
    given = {TopicPartition(topic, each): OffsetAndMetadata(at, "", -1) for each, at in offsets.items()}

    def refused() -> str | None:
        said = patiently(partial(client.alter_group_offsets, group, given), time.monotonic() + 20)
        return ", ".join(sorted({each.__name__ for each in said.values()} - {"NoError"})) or None

    with administrator(access, "committing") as client:
        until(refused, seconds=60, what="a commit for a group that nobody is in")
