"""Tasks of one party are told together, and stay together: else a party that takes thousands at a time is told of one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from connectors.protocol import Limits
from connectors.waiting import Later
from lineage.cases.carrying import claim
from lineage.cases.deciding import approve
from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError
from streams.dispatch import Dispatch
from tests.cases.events import account, mailed
from tests.cases.stage import GENEROUS, VERIFIED, Parties, Party, Stage, staged, task_of

PEOPLE = 5


@dataclass(slots=True)
class Bulk:
    """Takes many at a time, and gives each the next of its answers."""

    answers: list[Outcome | JalkiError]
    limits: Limits = field(default_factory=lambda: replace(GENEROUS, together=100))
    groups: list[int] = field(default_factory=list)

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        self.groups.append(len(orders))
        return [self.answers[min(len(self.groups), len(self.answers)) - 1]] * len(orders)

    ask_together = send_together

    async def send(self, order: Order) -> Outcome:
        raise AssertionError(order.task)

    ask = send

    async def close(self) -> None:
        """Nothing to let go."""


@dataclass(slots=True)
class Ones(Parties):
    bulk: Bulk | None = None

    def connector(self, party: str) -> Party:
        if party == "sendgrid":
            assert self.bulk
            return self.bulk  # type: ignore[return-value]
        return self.by_id.setdefault(party, Party())


@pytest.mark.parametrize(
    "first",
    [
        Outcome("sent", how="http-202", handle="job-1", ask_again_in=3_600.0),
        Outcome("accepted", how="http-202", handle="job-1", ask_again_in=3_600.0),
        Later("come later", 3_600.0),
    ],
    ids=lambda each: getattr(each, "state", "later"),
)
def test_tasks_that_were_told_together_are_told_together_again(tmp_path: Path, first: Outcome | JalkiError) -> None:
    bulk = Bulk([first, VERIFIED])
    with staged(tmp_path, parties=Ones(bulk=bulk)) as stage:
        approved(stage)

        def ticking() -> int:  # a second for each thing that is done: keeping what came of many takes its time
            stage.believed[0] += 1_000_000
            return stage.believed[0]

        work = replace(stage.work, clock=ticking)
        asyncio.run(Dispatch(work, stage.parties).run_until_idle())
        assert bulk.groups == [PEOPLE]
        waiting = work.journal.due_tasks("sendgrid", 1 << 62, 100)
        assert (len(waiting), len({each.look_at for each in waiting})) == (PEOPLE, 1)
        stage.believed[0] = waiting[0].look_at or 0
        asyncio.run(Dispatch(work, stage.parties).run_until_idle())
    assert bulk.groups == [PEOPLE, PEOPLE]


def test_what_a_killed_attempt_has_left_behind_is_told_together_again(tmp_path: Path) -> None:
    bulk = Bulk([VERIFIED])
    with staged(tmp_path, parties=Ones(bulk=bulk)) as stage:
        tasks = approved(stage)
        at = stage.now
        for case, task in tasks:
            stage.believed[0] += 1_000_000
            assert claim(stage.work, case, task, 60.0, at)
        stage.believed[0] = at + 61_000_000
        asyncio.run(Dispatch(stage.work, stage.parties).run_until_idle())
    assert bulk.groups == [PEOPLE]


def approved(stage: Stage) -> list[tuple[str, str]]:
    """Let them all be erased; return case and task of each."""
    tasks = []
    for each in range(PEOPLE):
        hers = {"customer_id": f"C-{each}", "email": f"p{each}@example.fi"}
        stage.record(account(**hers), mailed(**hers))
        case = stage.preview(stage.open("erasure", ("customer_id", f"C-{each}")))
        tasks.append((case.id, task_of(approve(stage.work, case.id), "sendgrid").id))
    return tasks
