"""Records are published for good, or it is told that they are not: on real brokers, which are broken here."""

import gc
import random
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.partitioner import murmur2

from lineage.errors import Misconfigured, Refused, Retryable
from streams.kafka.lag import lag
from streams.kafka.provisioning import create, find
from streams.kafka.publishing import Publisher
from streams.kafka.topics import Topic, wanted
from streams.records import Outgoing
from tests.servers.fixtures import had
from tests.servers.kafka import Kafka, running_kafka
from tests.servers.waiting import until
from tests.streams.kafka.parts import UNCLOSED, new_name, new_topic, outgoing

pytestmark = UNCLOSED


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()  # here, where it is known whose they were


def read(kafka: Kafka, topic: str, partitions: int = 2) -> dict[int, list[tuple[bytes | None, bytes]]]:
    """Everything in a topic, by partition."""
    with closing(KafkaConsumer(bootstrap_servers=kafka.servers, consumer_timeout_ms=20_000)) as consumer:
        places = [TopicPartition(topic, each) for each in range(partitions)]
        consumer.assign(places)
        consumer.seek_to_beginning()
        ends = consumer.end_offsets(places)
        found: dict[int, list[tuple[bytes | None, bytes]]] = {each: [] for each in range(partitions)}
        while any(consumer.position(place) < ends[place] for place in places):
            for place, records in consumer.poll(timeout_ms=500).items():
                found[place.partition] += [(record.key, record.value) for record in records]
    return found


def test_everything_published_is_there_once_in_order_and_at_the_offsets_told(kafka: Kafka) -> None:
    topic = new_topic(kafka.access)
    batch = outgoing(5000)
    with Publisher(kafka.access) as publisher:
        for at in range(0, len(batch), 700):
            publisher.publish(topic, batch[at : at + 700])
        publisher.flush()
        offsets = dict(publisher.offsets)
    found = read(kafka, topic)
    assert Counter(value for each in found.values() for _, value in each) == Counter(each.value for each in batch)
    assert all([value for _, value in each] == sorted(value for _, value in each) for each in found.values())
    assert offsets == {(topic, each): len(records) - 1 for each, records in found.items()}


def test_a_key_goes_where_every_client_of_kafka_would_put_it(kafka: Kafka) -> None:
    topic = new_topic(kafka.access, partitions=5)
    with Publisher(kafka.access) as publisher:
        publisher.publish(topic, outgoing(200))
    for partition, records in read(kafka, topic, partitions=5).items():
        assert {(murmur2(key or b"") & 0x7FFFFFFF) % 5 for key, _ in records} == {partition}


def test_headers_and_a_partition_chosen_arrive(kafka: Kafka) -> None:
    topic = new_topic(kafka.access)
    with Publisher(kafka.access) as publisher:
        publisher.publish(topic, [Outgoing(b"value", headers=(("from", b"file:7"),), partition=1)])
    with closing(KafkaConsumer(topic, bootstrap_servers=kafka.servers, auto_offset_reset="earliest")) as consumer:
        record = next(consumer)
    assert (record.value, record.headers, record.partition) == (b"value", [("from", b"file:7")], 1)


def test_records_on_their_way_are_bounded_and_still_all_arrive(kafka: Kafka) -> None:
    topic = new_topic(kafka.access)
    with Publisher(kafka.access, buffered=50_000) as publisher:
        publisher.publish(topic, outgoing(2000, size=500))
        assert publisher._held <= 50_000
    assert sum(len(each) for each in read(kafka, topic).values()) == 2000


def test_a_record_of_10_mb_is_refused_and_the_publisher_goes_on(kafka: Kafka) -> None:
    topic = new_topic(kafka.access)
    with Publisher(kafka.access) as publisher:
        publisher.publish(topic, [Outgoing(b"before")])
        with pytest.raises(Refused, match=rf"{topic}.*max\.message\.bytes"):
            publisher.publish(topic, [Outgoing(b"beside"), Outgoing(bytes(10_000_000))])
        publisher.publish(topic, [Outgoing(b"after")])
    assert sorted(value for each in read(kafka, topic).values() for _, value in each) == [b"after", b"before"]


def test_the_largest_record_that_the_table_allows_is_taken(kafka: Kafka) -> None:
    topic = new_topic(kafka.access)
    value = random_bytes(1 << 20)
    with Publisher(kafka.access) as publisher:
        publisher.publish(topic, [Outgoing(value, key=b"k" * 1000)])
    assert [zlib.crc32(v) for each in read(kafka, topic).values() for _, v in each] == [zlib.crc32(value)]


def test_a_record_too_large_for_a_topic_made_otherwise_is_refused_and_nothing_more_taken(kafka: Kafka) -> None:
    (table,) = wanted([new_name()])
    topic = Topic(table.name, 1, -1, {**table.settings, "max.message.bytes": "20000"})
    create(kafka.access, [topic])
    with pytest.raises(Refused, match=r"max\.message\.bytes"), Publisher(kafka.access) as publisher:  # noqa: PT012 - either may tell
        publisher.publish(topic.name, [Outgoing(random_bytes(100_000))])
        publisher.flush()
    with pytest.raises(Refused, match="nothing more"):
        publisher.publish(topic.name, [Outgoing(b"small")])


def random_bytes(size: int) -> bytes:
    """Bytes that no codec makes smaller."""
    return random.Random(7).randbytes(size)  # noqa: S311 - no secret


def test_a_topic_that_is_not_there_is_told_at_once_and_not_made(kafka: Kafka) -> None:
    absent = new_name()
    with Publisher(kafka.access) as publisher, pytest.raises(Misconfigured, match=rf"{absent}.*topics create"):
        publisher.publish(absent, [Outgoing(b"x")])
    assert not find(kafka.access, wanted([absent]))


def test_the_log_never_holds_a_key_or_value_not_even_at_debug(kafka: Kafka, caplog: pytest.LogCaptureFixture) -> None:
    topic = new_topic(kafka.access)
    with caplog.at_level("DEBUG"), Publisher(kafka.access) as publisher:
        publisher.publish(topic, [Outgoing(b"a-secret-value", key=b"a-secret-key")])
    assert "secret" not in caplog.text


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker to be broken; every test leaves it running."""
    with had(running_kafka(tmp_path_factory.mktemp("fragile"))) as server:
        yield server


def test_a_broker_killed_while_publishing_is_told_and_never_taken_for_success(fragile: Kafka) -> None:
    topic = new_topic(fragile.access)
    try:
        with pytest.raises(Retryable), Publisher(fragile.access, patience=3) as publisher:  # noqa: PT012 - it may come anywhere in it
            publisher.publish(topic, outgoing(100))
            publisher.flush()
            fragile.kill()
            began = time.monotonic()
            publisher.publish(topic, outgoing(1000))
            publisher.flush()
        assert time.monotonic() - began < 20
        assert sum(publisher.offsets.values()) == 98
        with pytest.raises(Retryable):
            publisher.flush()
        assert not [each.name for each in threading.enumerate() if "kafka" in each.name.lower()]
    finally:
        fragile.start()


def test_leaving_without_flush_while_the_broker_is_dead_is_no_success_either(fragile: Kafka) -> None:
    topic = new_topic(fragile.access)
    try:
        with pytest.raises(Retryable), Publisher(fragile.access, patience=3) as publisher:  # noqa: PT012 - leaving tells
            publisher.publish(topic, outgoing(10))
            publisher.flush()
            fragile.kill()
            publisher.publish(topic, outgoing(10))
    finally:
        fragile.start()


def test_a_broker_restarted_under_load_loses_and_doubles_nothing(fragile: Kafka) -> None:
    topic = new_topic(fragile.access)
    batch = outgoing(20_000)
    with Publisher(fragile.access, buffered=1_000_000) as publisher, ThreadPoolExecutor(1) as pool:
        publisher.publish(topic, batch[:5000])
        fragile.kill()
        rest = pool.submit(publisher.publish, topic, batch[5000:])
        fragile.start()
        rest.result()
        publisher.flush()
    assert Counter(v for each in read(fragile, topic).values() for _, v in each) == Counter(e.value for e in batch)


def test_a_frozen_broker_is_told_in_bounded_time_by_all_that_ask_it(fragile: Kafka) -> None:
    topic = new_topic(fragile.access)

    def publish() -> None:
        with Publisher(fragile.access, patience=3) as publisher:
            publisher.publish(topic, outgoing(10))

    fragile.pause()
    try:
        for ask in (publish, lambda: lag(fragile.access, [topic], "g", patience=3)):
            began = time.monotonic()
            with pytest.raises(Retryable):
                ask()
            assert time.monotonic() - began < 20
    finally:
        fragile.resume()
    until(works(fragile, topic), seconds=30, what="the broker, awake")


def works(kafka: Kafka, topic: str) -> Callable[[], str | None]:
    def missing() -> str | None:
        try:
            lag(kafka.access, [topic], "g", patience=3)
        except Retryable as fault:
            return str(fault)
        return None

    return missing
