from collections.abc import Callable

from tests.faults.stage import Stage
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED


def test_partitions_that_are_too_few_are_told_of_and_those_added_are_read_without_a_restart(
    staged: Callable[..., Stage],
) -> None:
    stage = staged(partitions=1)
    half = len(stage.shop.records) // 2
    stage.publish(stage.shop.records[:half])
    told = "1 partition, should be 6"
    assert all(any(told in text for text in stage.doctor()[f"topic {topic}"]) for topic in stage.topics)
    left = stage.asked("topics", "create", "--json")
    assert left.code == 1
    assert all(told in each["differences"] for each in left.json)
    with stage.worker() as worker:
        stage.until_recorded(worker)
        assert "topic orders has 1 of 6 partitions" in worker.said
        worker.until(lambda: worker.measured("jalki_assigned_partitions") == len(stage.topics), "its partitions")
        assert stage.asked("topics", "create", "--change").code == 0
        stage.publish(stage.shop.records[half:])
        worker.until(lambda: worker.measured("jalki_assigned_partitions") == 6 * len(stage.topics), "those added")
        stage.until_recorded(worker)
        worker.stop()
    assert "topics" in stage.doctor()
    stage.assert_whole()
