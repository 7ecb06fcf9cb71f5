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

ROUNDS = int(os.environ.get("JALKI_TEST_ROUNDS", "20"))
STARTING = 3.0
"""Seconds within which every other worker of a place is killed: most of them while they still start."""
MOST_SETTLED = 100
"""The others are killed once they have settled a number of records, at random up to this one; whenever that is."""
LONGEST = 15.0
"""Seconds of work after which it is killed though it has not settled as many: the other one has all the partitions."""
SLOWEST = 120.0
"""Seconds within which one works, and somebody is to be killed, on the slowest machine."""


@dataclass(slots=True)
class Place:
    """One of two places for workers. Whoever takes it has the name, and so at once the partitions, of the last one."""

    stage: Stage
    name: str
    chance: random.Random
    life: ExitStack
    worker: Worker | None = None
    starts: bool = False
    moment: float | None = None
    enough: int = 0

    def take(self) -> None:
        self.worker = self.life.enter_context(self.stage.worker(JALKI_MEMBER=self.name))
        self.starts = not self.starts
        self.moment = time.monotonic() + self.chance.uniform(0, STARTING) if self.starts else None
        self.enough = self.chance.randrange(1, MOST_SETTLED)

    def kill(self) -> None:
        assert self.worker
        assert self.worker.process.poll() is None, self.worker.said
        self.worker.kill()
        self.worker.assert_quiet()
        self.life.close()

    def is_due(self) -> bool:
        assert self.worker
        if self.moment is None and (found := self.worker.health()) is not None and found.status == 200:
            self.moment = time.monotonic() + LONGEST
        late = self.moment is not None and time.monotonic() >= self.moment
        return late or self.worker.settled() >= self.enough


def test_workers_killed_at_any_moment_lose_nothing_and_double_nothing(stage: Stage) -> None:
    chance = random.Random(20)  # noqa: S311 - repeatable
    at_work, seen = 0, 0
    records = stage.shop.records
    with ExitStack() as first, ExitStack() as second:
        places = [Place(stage, "one", chance, first), Place(stage, "two", chance, second)]
        for each in places:
            each.take()
        for number in range(ROUNDS):
            stage.publish(records[number::ROUNDS])
            due: list[Place] = []

            def nobody(due: list[Place] = due) -> str | None:
                due.extend(each for each in places if each.is_due())
                return None if due else "nobody is to be killed yet"

            until(nobody, seconds=SLOWEST, what="the moment of a kill")
            due[0].kill()
            due[0].take()
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
