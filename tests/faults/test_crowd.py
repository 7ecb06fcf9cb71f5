from contextlib import ExitStack

from tests.faults.stage import Stage
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED
GUESTS = 3


def test_a_worker_that_joins_and_leaves_every_few_seconds_harms_nothing(stage: Stage) -> None:
    with stage.worker() as host, stage.flowing(5 * GUESTS) as flow:
        host.until(lambda: host.settled() > 100, "a worker at work")
        for _ in range(GUESTS):
            with stage.worker() as guest:
                guest.until(lambda of=guest: of.settled() > 50, "a second worker at work")
                guest.stop()
            before = host.settled()
            host.until(lambda least=before: host.settled() > least or flow.published == 0, "the first one at work")
        flow.finish()
        stage.until_recorded(host)
        host.until(lambda: host.measured("jalki_assigned_partitions") == 2 * len(stage.topics), "all partitions")
        host.stop()
    stage.assert_whole()


def test_workers_that_write_of_the_same_persons_at_once_never_show_that_they_clash(stage: Stage) -> None:
    """A person's events are on all topics, and all topics are shared: the two write the same nodes all the time."""
    stage.publish(stage.shop.records)
    stage.publish(stage.shop.records[: len(stage.shop.records) // 2])
    with ExitStack() as both:
        workers = [both.enter_context(stage.worker()) for _ in range(2)]
        for each in workers:
            each.until(lambda of=each: of.settled() > 0, "two workers at work")
        stage.until_recorded(workers[0])
        for each in workers:
            assert each.measured("jalki_retries_total") == 0
            each.stop()
    stage.assert_whole()
