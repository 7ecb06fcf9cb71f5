"""How far a group is behind, on a real broker: to the record."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from kafka import KafkaConsumer, TopicPartition

from lineage.errors import Misconfigured
from streams.kafka.clients import administrator
from streams.kafka.lag import lag, settled
from streams.kafka.publishing import Publisher
from streams.records import Outgoing
from tests.servers.kafka import Kafka
from tests.servers.waiting import until
from tests.streams.kafka.parts import UNCLOSED, commit, new_name, new_topic, outgoing

pytestmark = UNCLOSED


def publish(kafka: Kafka, topic: str, number: int, partition: int) -> None:
    with Publisher(kafka.access) as publisher:
        publisher.publish(topic, outgoing(number, partition=partition))


def waiting(kafka: Kafka, topic: str, group: str) -> list[int]:
    return [each.waiting for each in lag(kafka.access, [topic], group).partitions]


def test_an_empty_topic_has_nothing_waiting_and_nothing_old(kafka: Kafka) -> None:
    found = lag(kafka.access, [new_topic(kafka.access)], new_name("group"))
    assert (found.waiting, found.oldest_ms, found.members) == (0, None, 0)
    assert [(each.beginning, each.end, each.committed) for each in found.partitions] == [(0, 0, None)] * 2


def test_a_group_that_never_committed_has_everything_before_it(kafka: Kafka) -> None:
    topic = new_topic(kafka.access)
    before = int(time.time() * 1000)
    publish(kafka, topic, 7, partition=0)
    publish(kafka, topic, 3, partition=1)
    found = lag(kafka.access, [topic], new_name("group"))
    assert [(each.partition, each.waiting, each.committed) for each in found.partitions] == [(0, 7, None), (1, 3, None)]
    assert (found.waiting, found.by_topic()) == (10, {topic: 10})
    assert found.oldest_ms is not None
    assert before - 1000 <= found.oldest_ms <= time.time() * 1000 + 1000


def test_a_partly_committed_group_has_the_rest_before_it(kafka: Kafka) -> None:
    topic, group = new_topic(kafka.access, partitions=3), new_name("group")
    for partition, number in ((0, 7), (1, 3), (2, 5)):
        publish(kafka, topic, number, partition)
    commit(kafka.access, group, topic, {0: 4, 1: 3})
    assert waiting(kafka, topic, group) == [3, 0, 5]
    commit(kafka.access, group, topic, {0: 7, 2: 5})
    found = lag(kafka.access, [topic], group)
    assert (found.waiting, found.oldest_ms) == (0, None)


def test_the_oldest_waiting_record_is_the_first_not_committed_of_all_partitions(kafka: Kafka) -> None:
    topic, group = new_topic(kafka.access), new_name("group")
    for partition in (0, 1, 0, 1, 0):
        publish(kafka, topic, 1, partition)
        until(tick(), seconds=5, what="the next millisecond")
    times = times_of(kafka, topic)
    assert lag(kafka.access, [topic], group).oldest_ms == min(times[0][0], times[1][0])
    commit(kafka.access, group, topic, {0: 2})
    assert lag(kafka.access, [topic], group).oldest_ms == times[1][0]
    commit(kafka.access, group, topic, {1: 2})
    assert lag(kafka.access, [topic], group).oldest_ms == times[0][2]


def tick() -> Callable[[], str | None]:
    now = int(time.time() * 1000)
    return lambda: None if int(time.time() * 1000) > now + 1 else "it is still the same"


def times_of(kafka: Kafka, topic: str) -> list[list[int]]:
    with closing(KafkaConsumer(bootstrap_servers=kafka.servers, auto_offset_reset="earliest")) as consumer:
        partitions = [TopicPartition(topic, each) for each in range(2)]
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        found: dict[TopicPartition, list[int]] = {each: [] for each in partitions}
        while sum(map(len, found.values())) < 5:
            for each, records in consumer.poll(timeout_ms=500).items():
                found[each] += [record.timestamp for record in records]
    return [found[each] for each in partitions]


def test_what_retention_has_deleted_does_not_wait(kafka: Kafka) -> None:
    topic, group = new_topic(kafka.access, partitions=1), new_name("group")
    publish(kafka, topic, 10, partition=0)
    commit(kafka.access, group, topic, {0: 2})
    with administrator(kafka.access, "deleting") as client:
        client.delete_records({TopicPartition(topic, 0): 6})
    (found,) = lag(kafka.access, [topic], group).partitions
    assert (found.beginning, found.end, found.committed, found.waiting) == (6, 10, 2, 4)


@pytest.fixture
def member(kafka: Kafka) -> Iterator[tuple[str, str]]:
    topic, group = new_topic(kafka.access), new_name("group")
    with closing(KafkaConsumer(topic, group_id=group, bootstrap_servers=kafka.servers)) as consumer:
        until(
            lambda: None if consumer.poll(timeout_ms=1000) is None or consumer.assignment() else "no partition yet",
            seconds=20, what="a member of the group",
        )  # fmt: skip
        yield topic, group


def test_live_members_are_counted(kafka: Kafka, member: tuple[str, str]) -> None:
    topic, group = member
    assert lag(kafka.access, [topic], group).members == 1
    assert lag(kafka.access, [topic], new_name("group")).members == 0


def test_a_topic_that_is_not_there_is_named(kafka: Kafka) -> None:
    absent = new_name()
    with pytest.raises(Misconfigured, match=absent):
        lag(kafka.access, [new_topic(kafka.access), absent], "anybody")


def test_offsets_are_settled_once_the_group_has_committed_past_each(kafka: Kafka) -> None:
    topic, group = new_topic(kafka.access), new_name("group")
    with Publisher(kafka.access) as publisher:
        publisher.publish(topic, [Outgoing(b"x", partition=each % 2) for each in range(9)])
    assert publisher.offsets == {(topic, 0): 4, (topic, 1): 3}
    assert not settled(kafka.access, group, publisher.offsets)
    commit(kafka.access, group, topic, {0: 5, 1: 3})
    assert not settled(kafka.access, group, publisher.offsets)
    commit(kafka.access, group, topic, {1: 4})
    assert settled(kafka.access, group, publisher.offsets)
    assert settled(kafka.access, new_name("group"), {})
