"""Tasks of one party are told together, and stay together: else a party that takes thousands at a time is told of one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from connectors.protocol import Limits
from connectors.waiting import Later
from lineage.cases.deciding import approve
from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError
from streams.dispatch import Dispatch
from tests.cases.events import account, mailed
from tests.cases.stage import GENEROUS, VERIFIED, Parties, Party, staged

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
        Outcome("sent", how="http-202", handle="job-1", ask_again_in=30.0),
        Outcome("accepted", how="http-202", handle="job-1", ask_again_in=30.0),
        Later("come later", 30.0),
    ],
    ids=lambda each: getattr(each, "state", "later"),
)
def test_tasks_that_were_told_together_are_told_together_again(tmp_path: Path, first: Outcome | JalkiError) -> None:
    bulk = Bulk([first, VERIFIED])
    with staged(tmp_path, parties=Ones(bulk=bulk)) as stage:
        for each in range(PEOPLE):
            hers = {"customer_id": f"C-{each}", "email": f"p{each}@example.fi"}
            stage.record(account(**hers), mailed(**hers))
            case = stage.open("erasure", ("customer_id", f"C-{each}"))
            stage.preview(case)
            approve(stage.work, case.id)

        def ticking() -> int:  # a second for each thing that is done: keeping what came of many takes its time
            stage.believed[0] += 1_000_000
            return stage.believed[0]

        work = replace(stage.work, clock=ticking)
        for _ in range(300):
            asyncio.run(Dispatch(work, stage.parties).run_until_idle())
            if len(bulk.groups) > 1:
                break
            stage.believed[0] += 500_000
    assert bulk.groups == [PEOPLE, PEOPLE]
