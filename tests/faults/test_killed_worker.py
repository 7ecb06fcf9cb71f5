import os
import random
from contextlib import ExitStack

from tests.faults.stage import Stage
from tests.faults.workers import within
from tests.servers.waiting import free_port, until

ROUNDS = int(os.environ.get("JALKI_TEST_ROUNDS", "50"))


def test_a_worker_killed_at_any_moment_loses_nothing_and_doubles_nothing(stage: Stage) -> None:
    chance = random.Random(20)  # noqa: S311 - repeatable
    port, at_work, seen = free_port(), 0, 0
    with stage.flowing(2 * ROUNDS):
        for _ in range(ROUNDS):
            with stage.worker(port, JALKI_MEMBER="one") as worker:
                if chance.random() < 0.2:  # in its first two seconds it starts
                    over = within(2 * chance.random())
                else:
                    worker.until_works()
                    over = within(chance.random())
                worker.until(over, "its moment")
                worker.kill()
                worker.assert_quiet()
            at_work += seen < (seen := stage.events())
    assert at_work > ROUNDS // 3
    with stage.worker(port, JALKI_MEMBER="one") as last:
        stage.until_recorded(last)
        last.stop()
    stage.assert_whole()


def test_the_partitions_of_a_killed_worker_without_a_name_go_to_another_by_themselves(stage: Stage) -> None:
    with ExitStack() as both, stage.flowing(6) as flow:
        lost = both.enter_context(stage.worker())
        other = both.enter_context(stage.worker())
        for each in (lost, other):
            each.until(lambda of=each: of.settled() > 100, "two workers at work")
        lost.kill()
        flow.finish()
        stage.until_recorded(other)
        assert other.health().status == 200
        other.until(lambda: other.measured("jalki_assigned_partitions") == 2 * len(stage.topics), "all partitions")
        other.stop()
    stage.assert_whole()
