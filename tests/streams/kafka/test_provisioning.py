"""Topics are made, compared and mended on a real broker."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from lineage.errors import Misconfigured, Refused
from streams.kafka.clients import administrator
from streams.kafka.preflight import check
from streams.kafka.provisioning import change, create, find
from streams.kafka.topics import Topic, compare, wanted
from tests.servers.kafka import Kafka
from tests.streams.kafka.parts import UNCLOSED, new_name, new_topics

pytestmark = UNCLOSED


def states(kafka: Kafka, topics: tuple[Topic, ...]) -> list[str]:
    return [row.state for row in compare(topics, find(kafka.access, topics))]


def test_topics_are_made_as_the_table_has_them_and_made_once(kafka: Kafka) -> None:
    topics = new_topics(3)
    assert states(kafka, topics) == ["missing"] * 3
    assert create(kafka.access, topics) == {topic.name for topic in topics}
    assert states(kafka, topics) == ["fine"] * 3
    assert create(kafka.access, topics) == frozenset()
    found = find(kafka.access, topics)[topics[0].name]
    assert found.partitions == 6
    assert found.settings == topics[0].settings


def test_a_second_run_makes_only_what_is_missing(kafka: Kafka) -> None:
    topics = new_topics(3)
    create(kafka.access, topics[:2])
    assert create(kafka.access, topics) == {topics[2].name}


def test_two_who_make_the_same_topics_at_once_make_each_once(kafka: Kafka) -> None:
    topics = new_topics(8)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: create(kafka.access, topics), range(4)))
    assert sorted(name for each in made for name in each) == sorted(topic.name for topic in topics)
    assert states(kafka, topics) == ["fine"] * 8


def test_fewer_partitions_and_another_retention_are_told_and_then_mended(kafka: Kafka) -> None:
    (topic,) = new_topics(1)
    create(kafka.access, [replace(topic, partitions=2, settings={**topic.settings, "retention.ms": "-1"})])
    (row,) = compare([topic], find(kafka.access, [topic]))
    assert row.differences == ("2 partitions, should be 6", "retention.ms is without end, should be 7 days")
    change(kafka.access, [row])
    assert states(kafka, (topic,)) == ["fine"]


def test_mending_leaves_what_others_have_set(kafka: Kafka) -> None:
    (topic,) = new_topics(1)
    settings = {**topic.settings, "cleanup.policy": "compact", "min.compaction.lag.ms": "12345"}
    create(kafka.access, [replace(topic, settings=settings)])
    change(kafka.access, compare([topic], find(kafka.access, [topic])))
    with administrator(kafka.access, "looking") as client:
        asked = ConfigResource(ConfigResourceType.TOPIC, topic.name, ["min.compaction.lag.ms", "cleanup.policy"])
        found = client.describe_configs([asked], config_filter="all")["topic"][topic.name]
    assert {name: each["value"] for name, each in found.items()} == {
        "min.compaction.lag.ms": "12345",
        "cleanup.policy": "delete",
    }


def test_two_who_mend_the_same_topic_at_once_leave_it_fine(kafka: Kafka) -> None:
    (topic,) = new_topics(1)
    create(kafka.access, [replace(topic, partitions=1)])
    rows = compare([topic], find(kafka.access, [topic]))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: change(kafka.access, rows), range(3)))
    assert states(kafka, (topic,)) == ["fine"]
    assert find(kafka.access, [topic])[topic.name].partitions == 6


def test_more_partitions_than_the_table_has_stay(kafka: Kafka) -> None:
    (topic,) = new_topics(1)
    create(kafka.access, [replace(topic, partitions=9)])
    (row,) = compare([topic], find(kafka.access, [topic]))
    change(kafka.access, [row])
    assert row.state == "fine"
    assert find(kafka.access, [topic])[topic.name].partitions == 9


def test_more_replicas_than_brokers_are_refused_with_the_topic_named(kafka: Kafka) -> None:
    topics = wanted([new_name()], replication=3)
    with pytest.raises(Refused, match=rf"topic {topics[0].name}.*[Rr]eplication"):
        create(kafka.access, topics)
    assert states(kafka, topics) == ["missing"]


def test_a_worker_is_told_which_topics_are_missing_and_what_makes_them(kafka: Kafka) -> None:
    there, absent = new_topics(2)
    create(kafka.access, [there])
    with pytest.raises(Misconfigured, match=rf"{absent.name}; `jalki topics create` makes them"):
        check(kafka.access, [there.name, absent.name], new_name("group"))
    assert states(kafka, (absent,)) == ["missing"]


def test_a_worker_may_start_on_too_few_partitions_and_is_told(kafka: Kafka) -> None:
    fine, narrow = new_topics(2)
    create(kafka.access, [fine, replace(narrow, partitions=2)])
    (said,) = check(kafka.access, [fine.name, narrow.name], new_name("group"))
    assert f"{narrow.name} has 2 of 6 partitions" in said
