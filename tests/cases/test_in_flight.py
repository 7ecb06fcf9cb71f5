"""Data that is on its way while a person is erased: whenever it lands, it goes again, and whoever got it is told."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage.cases.case import Case
from tests.cases.events import account, mailed, order, subscribed
from tests.cases.stage import Stage, staged
from tests.cases.stepping import Steps, stepped

ASKED = "2026-07-01T10:00:00+03:00"
BEFORE = "2026-04-30T10:00:00+03:00"
BOUGHT = "2026-03-01T09:00:00+02:00"
FLYING = mailed(provider="epostservice", campaign_id="k-2", event_id="flying", occurred_at=BEFORE)

Landing = Callable[[Stage], Callable[[], object]]


def read_late(stage: Stage) -> Callable[[], object]:
    """The record is read when it lands."""
    return lambda: stage.record(FLYING)


def sealed_early(stage: Stage) -> Callable[[], object]:
    """The record was read, looked through and sealed before she asked, and is only written when it lands."""
    ready = stage.sealed(FLYING)
    return lambda: stage.recorder.write([ready])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    with staged(folder) as stage:
        stage.record(account(), order(event_id="known", occurred_at=BOUGHT), subscribed(), mailed())
    return folder


def erased_while(shop: Path, folder: Path, landing: Landing, moment: tuple[int, bool] | None) -> tuple[int, bool]:
    """Erase her; at that moment the record lands. Return how many steps there were, and whether it has landed."""
    shutil.copytree(shop, folder)
    landed = False
    with staged(folder, ASKED) as stage:
        land, steps = landing(stage), Steps()

        def met(number: int, done: bool) -> None:
            nonlocal landed
            if (number, done) == moment and not landed:
                landed = True
                land()

        steps.met = met
        stage.work = stepped(stage.work, steps)
        case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-1"))))
        case = stage.run(case)
        if landed and landing is read_again:
            assert stage.holders("customer_id", "C-1") == set()
            assert stage.work.graph.counts()["disclosures"] == case.kept > 0
        elif landed:
            stays_erased(stage, case)
            stage.record(FLYING)
            assert len(stage.run(case).tasks) == len(case.tasks), "told once, however often it comes again"
        return len(steps.names), landed


def read_again(stage: Stage) -> Callable[[], object]:
    """A record that was recorded long ago, and of which something is kept, is delivered once more."""
    return lambda: stage.record(order(event_id="known", occurred_at=BOUGHT))


def stays_erased(stage: Stage, case: Case) -> None:
    assert case.state == "partly-done"
    assert stage.holders("customer_id", "C-1") == stage.holders("email", "anna@example.fi") == set()
    assert (
        set(stage.work.graph.kinds([stage.key("customer_id", "C-1"), stage.key("email", "anna@example.fi")])) == set()
    )
    told = {order.key: order.identifiers for order in stage.told("epostservice")}
    assert list(told.values()) == [(("email", "anna@example.fi"),)], "told once, by what it was sent"


@pytest.mark.parametrize("landing", [read_late, sealed_early])
def test_whenever_an_event_lands_while_she_is_erased_it_goes_again_and_its_recipient_is_told(
    shop: Path, tmp_path: Path, landing: Landing
) -> None:
    steps, _ = erased_while(shop, tmp_path / "none", landing, None)
    assert steps > 12
    for moment in [*((number, False) for number in range(steps)), (steps - 1, True)]:
        _, landed = erased_while(shop, tmp_path / f"{moment}", landing, moment)
        assert landed, moment


def test_an_event_that_is_delivered_again_while_she_is_erased_takes_nothing_that_is_held(
    shop: Path, tmp_path: Path
) -> None:
    steps, _ = erased_while(shop, tmp_path / "none", read_again, None)
    for moment in [*((number, False) for number in range(steps)), (steps - 1, True)]:
        _, landed = erased_while(shop, tmp_path / f"{moment}", read_again, moment)
        assert landed, moment
