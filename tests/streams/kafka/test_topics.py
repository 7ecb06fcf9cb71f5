"""The table of topics, and how it is compared with what is there: without a broker."""

from dataclasses import replace

import pytest

from schemas.catalogue import load_catalogue
from schemas.codec import LARGEST
from streams.case_log import CASE_TOPICS
from streams.drift_topic import DRIFT, KEPT_TOPICS
from streams.kafka.topics import DEFAULT, Found, Topic, compare, largest_record, wanted

DAY_MS = 86_400_000


def as_wanted(topic: Topic) -> Found:
    return Found(topic.partitions, 1, topic.settings)


def test_the_table_has_every_shipped_topic_and_no_other() -> None:
    from streams.kafka.topics import _table

    assert tuple(_table()["topics"]) == tuple(sorted({*load_catalogue(()).topics, *KEPT_TOPICS}))


def test_of_findings_the_last_of_each_is_kept_for_ever_and_those_before_it_go_within_a_day() -> None:
    (topic,) = wanted([DRIFT])
    assert topic.settings["cleanup.policy"] == "compact"
    assert (topic.settings["retention.ms"], topic.settings["max.compaction.lag.ms"]) == ("-1", "86400000")


def test_the_log_of_cases_is_kept_for_ever_and_never_compacted() -> None:
    for topic in wanted(CASE_TOPICS):
        assert (topic.settings["retention.ms"], topic.settings["cleanup.policy"]) == ("-1", "delete")


def test_no_topic_keeps_raw_events_for_longer_than_a_week_and_a_day() -> None:
    for topic in wanted(load_catalogue(()).topics):
        assert int(topic.settings["retention.ms"]) + int(topic.settings["segment.ms"]) <= 8 * DAY_MS


def test_events_are_never_compacted_and_are_kept_from_their_arrival() -> None:
    for topic in wanted(["orders", "of-our-own"]):
        assert topic.settings["cleanup.policy"] == "delete"
        assert topic.settings["message.timestamp.type"] == "LogAppendTime"


def test_a_record_of_the_largest_size_that_is_no_bad_input_fits() -> None:
    assert largest_record() >= LARGEST + (32 << 10)


def test_a_topic_of_ones_own_gets_the_defaults() -> None:
    own, shipped = wanted(["zz-of-our-own", "orders"])[::-1]
    assert own == replace(shipped, name="zz-of-our-own")
    assert own.partitions == 6
    assert own.replication == DEFAULT


def test_numbers_given_go_before_those_of_the_table() -> None:
    (topic,) = wanted(["orders"], partitions=3, replication=2)
    assert (topic.partitions, topic.replication) == (3, 2)
    assert "min.insync.replicas" not in topic.settings


def test_three_replicas_ask_for_two_in_sync() -> None:
    (topic,) = wanted(["orders"], replication=3)
    assert topic.settings["min.insync.replicas"] == "2"


def test_what_is_not_there_is_missing() -> None:
    (row,) = compare(wanted(["orders"]), {})
    assert (row.state, row.found, row.differences, row.stuck) == ("missing", None, (), ())


def test_what_is_there_as_wanted_is_fine() -> None:
    (topic,) = wanted(["orders"])
    (row,) = compare([topic], {"orders": as_wanted(topic)})
    assert (row.state, row.differences, row.stuck, row.remarks) == ("fine", (), (), ())


def test_fewer_partitions_are_a_difference_and_more_a_remark() -> None:
    (topic,) = wanted(["orders"])
    (fewer,) = compare([topic], {"orders": replace(as_wanted(topic), partitions=1)})
    (more,) = compare([topic], {"orders": replace(as_wanted(topic), partitions=12)})
    assert (fewer.state, fewer.differences) == ("differs", ("1 partition, should be 6",))
    assert (more.state, more.differences) == ("fine", ())
    assert more.remarks == ("12 partitions, more than the 6 of the table",)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("retention.ms", str(30 * DAY_MS), "retention.ms is 30 days, should be 7 days"),
        ("retention.ms", "-1", "retention.ms is without end, should be 7 days"),
        ("retention.ms", "5400000", "retention.ms is 1.5 hours, should be 7 days"),
        ("cleanup.policy", "compact", "cleanup.policy is compact, should be delete"),
        ("max.message.bytes", "1048588", "max.message.bytes is 1048588, should be 1114112"),
    ],
)
def test_a_setting_that_differs_is_told_in_words(name: str, value: str, said: str) -> None:
    (topic,) = wanted(["orders"])
    there = Found(topic.partitions, 1, {**topic.settings, name: value})
    (row,) = compare([topic], {"orders": there})
    assert (row.state, row.differences, row.stuck) == ("differs", (said,), ())


def test_replicas_cannot_be_mended_by_us_and_only_differ_where_a_number_is_wanted() -> None:
    (any_number,) = wanted(["orders"])
    (three,) = wanted(["orders"], replication=2)
    assert compare([any_number], {"orders": as_wanted(any_number)})[0].state == "fine"
    (row,) = compare([three], {"orders": as_wanted(three)})
    assert (row.state, row.differences) == ("differs", ())
    assert "replication factor 1, should be 2" in row.stuck[0]


def test_a_setting_that_may_not_be_read_is_not_taken_for_fine() -> None:
    (topic,) = wanted(["orders"])
    (row,) = compare([topic], {"orders": Found(6, 1, {})})
    assert row.state == "differs"
    assert all("cannot be read" in each for each in row.stuck)
