"""The process may end at any durable step of an erasure: whoever goes on does the rest, and nobody is told anything twice."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cases.events import account, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Parties, Stage, staged
from tests.cases.stepping import Killed, Steps, every_moment, stepped

ASKED, OVER = "2026-05-01T10:00:00+03:00", "2034-05-01T10:00:00+03:00"
AFTER = ("2026-05-01T10:10:00+03:00", "2034-05-01T10:10:00+03:00")


def erase(stage: Stage) -> Any:
    """Do what is left to do of the erasure, as whoever is called after a crash would."""
    rows = stage.work.journal.cases()
    case = stage.work.case(rows[0].case) if rows else stage.open("erasure", ("customer_id", "C-1"))
    if case.state == "received":
        case = stage.preview(case)
        return stage.approve(case)
    return stage.run(case)


def erase_on(stage: Stage, *days: str) -> None:
    for day in days:
        stage.at(day)
        erase(stage)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a person in it who has bought once."""
    folder = tmp_path_factory.mktemp("shop")
    with staged(folder) as stage:
        stage.record(account(), order(), shipment(email="anna@example.fi"), payment(), subscribed(), mailed())
    return folder


def outcome(stage: Stage, parties: Parties) -> Any:
    """What can be told apart of how it ended."""
    case = stage.work.case(stage.work.journal.cases()[0].case)
    tasks = sorted((t.party, t.form, t.until or "", t.state, t.categories) for t in case.tasks.values())
    told = {party: sorted(order.identifiers for order in {o.key: o for o in each.seen}.values())
            for party, each in parties.by_id.items()}  # fmt: skip
    stones = {each.key for each in stage.work.memory.tombstones()}
    return case.state, tasks, told, stones, dict(stage.work.graph.counts()), stage.holders("customer_id", "C-1")


def undisturbed(shop: Path, folder: Path) -> tuple[Any, list[str]]:
    shutil.copytree(shop, folder)
    steps, parties = Steps(), Parties()
    with staged(folder, ASKED, parties) as stage:
        stage.work = stepped(stage.work, steps)
        erase_on(stage, ASKED, OVER)
        return outcome(stage, parties), steps.names


def killed_and_gone_on(shop: Path, folder: Path, step: int, *, done: bool) -> Any:
    shutil.copytree(shop, folder)
    steps, parties = Steps(), Parties()
    steps.kill_at(step, done=done)
    with staged(folder, ASKED, parties) as stage:
        stage.work = stepped(stage.work, steps)
        with pytest.raises(Killed):
            erase_on(stage, ASKED, OVER)
    with staged(folder, AFTER[0], parties) as stage:
        erase_on(stage, *AFTER)
        ended = outcome(stage, parties)
    for party, each in parties.by_id.items():
        effects = Counter(order.key for order in each.seen)
        assert set(effects) == each.effects, party
    return ended


def test_an_erasure_that_is_interrupted_at_any_step_ends_as_if_it_had_not_been(shop: Path, tmp_path: Path) -> None:
    expected, names = undisturbed(shop, tmp_path / "whole")
    assert {"add claimed", "add task", "entomb", "forget", "destroy", "add answered", "add closed"} <= {*names}
    for number, done in every_moment(names):
        folder = tmp_path / f"{number}-{done}"
        assert killed_and_gone_on(shop, folder, number, done=done) == expected, (names[number], number, done)
        shutil.rmtree(folder)
