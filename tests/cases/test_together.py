"""Tasks of one party are told together, and stay together: else a party that takes thousands at a time is told of one."""

import asyncio
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import pytest

from connectors.waiting import Later
from lineage.cases.carrying import claim
from lineage.cases.deciding import approve
from lineage.cases.orders import Outcome
from lineage.errors import JalkiError
from streams.dispatch import Dispatch
from tests.cases.events import account, mailed
from tests.cases.stage import VERIFIED, Parties, Stage, Together, staged, task_of

PEOPLE = 5


def bulk_of(*answers: Outcome | JalkiError) -> Together:
    """Take many at a time, and give all of them the next of these answers; the last one again and again."""
    each = chain(answers, repeat(answers[-1]))
    return Together(lambda orders: [next(each)] * len(orders))


def parties_with(bulk: Together) -> Parties:
    return Parties({"sendgrid": bulk})  # type: ignore[dict-item]


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
    bulk = bulk_of(first, VERIFIED)
    with staged(tmp_path, parties=parties_with(bulk)) as stage:
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
    bulk = bulk_of(VERIFIED)
    with staged(tmp_path, parties=parties_with(bulk)) as stage:
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
