from contextlib import ExitStack

from tests.faults.stage import Stage
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED
GUESTS = 3
ASSIGNED = "jalki_assigned_partitions"


def test_a_worker_that_joins_and_leaves_every_few_seconds_harms_nothing(stage: Stage) -> None:
    # More than a quick machine needs: on a slow one they must not run out before the last guest gets her share.
    records = [*stage.shop.records] * 3
    with stage.worker() as host, stage.flowing(3 * 15 * GUESTS, records) as flow:
        host.until(lambda: host.settled() > 100, "a worker at work")
        for _ in range(GUESTS):
            with stage.worker() as guest:
                guest.until(lambda of=guest: of.settled() > 50, "a second worker at work")
                guest.stop()
            before = host.settled()
            host.until(lambda least=before: host.settled() > least, "the first one at work")
        flow.finish()
        stage.until_recorded(host)
        host.until(lambda: host.measured(ASSIGNED) == 2 * len(stage.topics), "all partitions")
        host.stop()
    stage.assert_whole()


def test_workers_that_write_of_the_same_persons_at_once_never_show_that_they_clash(stage: Stage) -> None:
    """A person's events are on all topics, and all topics are shared: the two write the same nodes all the time."""
    with ExitStack() as both:
        workers = [both.enter_context(stage.worker()) for _ in range(2)]  # on an empty graph, which both make ready
        for each in workers:
            each.until(lambda of=each: 0 < of.measured(ASSIGNED) < 2 * len(stage.topics), "a share of the partitions")
        for _ in range(2):
            stage.publish(stage.shop.records)
        stage.until_recorded(workers[0])
        whole = len(stage.shop.records)
        workers[0].until(lambda: sum(each.settled() for each in workers) == 2 * whole, "all of it counted")
        assert sum(each.events("recorded") for each in workers) == whole
        for each in workers:
            assert each.measured("jalki_retries_total") == 0
            each.stop()
            assert "trying again" not in each.said
    stage.assert_whole()
