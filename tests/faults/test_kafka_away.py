from collections.abc import Callable

import pytest

from tests.faults.stage import Stage
from tests.faults.workers import within
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_worker_waits_for_kafka_and_goes_on_by_itself(how: str, stage: Stage) -> None:
    breaking: Callable[[], None] = getattr(stage.kafka, how)
    with stage.worker() as worker, stage.flowing(8) as flow:
        worker.until(lambda: worker.settled() > 200, "a worker at work")
        breaking()
        worker.until_waits("Kafka")
        over = within(3)
        while not over():
            worker.until_waits("Kafka")
        stage.kafka.start()
        worker.until_works()
        before = worker.settled()
        worker.until(lambda: worker.settled() > before, "a worker that goes on by itself")
        flow.finish()
        stage.until_recorded(worker)
        worker.until_works()
        assert worker.measured("jalki_retries_total", of="bus") > 0
        worker.stop()
    stage.assert_whole()


def test_a_worker_that_is_told_to_stop_while_kafka_is_away_ends(stage: Stage) -> None:
    with stage.worker() as worker, stage.flowing(3) as flow:
        worker.until(lambda: worker.settled() > 200, "a worker at work")
        stage.kafka.kill()
        worker.until_waits("Kafka")
        worker.stop()
        stage.kafka.start()
        flow.finish()
        with stage.worker() as next_:
            stage.until_recorded(next_)
            next_.stop()
    stage.assert_whole()
