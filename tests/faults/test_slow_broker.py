from tests.faults.stage import Stage
from tests.faults.workers import within
from tests.servers.waiting import until
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED


def pass_by(seconds: float) -> None:
    over = within(seconds)
    until(lambda: None if over() else "", seconds=seconds + 5, what="time")


def test_a_broker_that_answers_slowly_is_only_slow(stage: Stage) -> None:
    """It is frozen most of the time, for as long as every few answers take it."""
    with stage.worker() as worker, stage.flowing(5) as flow:
        worker.until(lambda: worker.settled() > 100, "a worker at work")
        for _ in range(12):
            stage.kafka.pause()
            pass_by(0.4)
            stage.kafka.resume()
            pass_by(0.1)
        flow.finish()
        stage.until_recorded(worker)
        worker.until_works()
        worker.stop()
    stage.assert_whole()


def test_a_broker_that_was_frozen_for_longer_than_a_session_is_worked_with_again(stage: Stage) -> None:
    with stage.worker() as worker, stage.flowing(5) as flow:
        worker.until(lambda: worker.settled() > 100, "a worker at work")
        stage.kafka.pause()
        pass_by(12)  # a session is 10 s
        worker.until_waits("Kafka")
        stage.kafka.resume()
        flow.finish()
        stage.until_recorded(worker)
        worker.until_works()
        worker.stop()
    stage.assert_whole()
