import os
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass

from tests.faults.stage import Stage
from tests.faults.workers import Worker
from tests.servers.waiting import until
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED

ROUNDS = int(os.environ.get("JALKI_TEST_ROUNDS", "50"))
SHORTEST, LONGEST = 0.3, 6.0
"""Seconds of a life: in the first one or two a worker still starts."""


@dataclass(slots=True)
class Place:
    """One of two places for workers. Whoever takes it has the name, and so at once the partitions, of the last one."""

    stage: Stage
    name: str
    chance: random.Random
    life: ExitStack
    worker: Worker | None = None
    moment: float = 0.0

    def take(self) -> None:
        self.worker = self.life.enter_context(self.stage.worker(JALKI_MEMBER=self.name))
        self.moment = time.monotonic() + self.chance.uniform(SHORTEST, LONGEST)

    def kill(self) -> None:
        assert self.worker
        assert self.worker.process.poll() is None, self.worker.said
        self.worker.kill()
        self.worker.assert_quiet()
        self.life.close()

    def still_alive(self) -> str | None:
        return "its moment has not come" if time.monotonic() < self.moment else None


def test_workers_killed_at_any_moment_lose_nothing_and_double_nothing(stage: Stage) -> None:
    chance = random.Random(20)  # noqa: S311 - repeatable
    at_work, seen = 0, 0
    with ExitStack() as first, ExitStack() as second, stage.flowing(1.5 * ROUNDS):
        places = [Place(stage, "one", chance, first), Place(stage, "two", chance, second)]
        for each in places:
            each.take()
        for _ in range(ROUNDS):
            next_ = min(places, key=lambda each: each.moment)
            until(next_.still_alive, seconds=2 * LONGEST, what="the moment of a kill")
            next_.kill()
            next_.take()
            at_work += seen < (seen := stage.events())
    assert at_work > ROUNDS // 5
    with stage.worker(JALKI_MEMBER="one") as last:
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
