"""What is claimed and settled together is on disk before anybody hears of it, and is not there at all where that fails."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lineage.cases.deciding import approve
from lineage.cases.entries import Entry
from lineage.cases.journal import Journal
from lineage.cases.orders import Order, Outcome
from lineage.errors import Refused, Retryable
from lineage.stores.journal import SqliteJournal
from streams import acts
from streams.backoff import Backoff
from streams.dispatch import Dispatch
from tests.cases.events import account, disclosed, mailed
from tests.cases.stage import VERIFIED, Parties, Party, Stage, Together, staged

MANY, OTHERS = "sendgrid", ("google-ads", "competition-sponsor", "other-vendor", "epostservice")
PEOPLE = 3


@dataclass(slots=True)
class Failing:
    """A journal whose blocks do not end as they should: `ends` gets the number of each in which something was written."""

    journal: Any
    ends: Callable[[int], None]
    written: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.journal, name)

    @contextmanager
    def together(self) -> Iterator[None]:
        with self.journal.together():
            yield
            if self.journal._file.in_transaction:
                self.written += 1
                self.ends(self.written)


@dataclass(slots=True)
class Witness:
    """Looks at the file as another process does, whenever a party is called or something is told."""

    other: Journal
    window: int
    calls: list[Order] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)

    def called(self, order: Order) -> Outcome:
        assert self.last(order).kind == "claimed", "a party is told what is not claimed yet"
        before = sum(each.party == order.party for each in self.calls)
        assert self.other.spent(order.party, self.window) > before or order.party == MANY, "a call is not counted yet"
        self.calls.append(order)
        return VERIFIED

    def all_called(self, orders: Sequence[Order]) -> list[Outcome]:
        assert self.other.spent(MANY, self.window) > len(self.groups)
        self.groups.append(len(orders))
        return [self.called(each) for each in orders]

    def hears(self, order: Order, state: str) -> None:
        last = self.last(order)
        assert (last.kind, last.said["state"]) == ("task", state), "what is told is not kept yet"
        self.told.append((order.task, state))

    def last(self, order: Order) -> Entry:
        return [each for each in self.other.entries(order.case) if each.said.get("task") == order.task][-1]


@dataclass(slots=True)
class Witnessed(Parties):
    witness: Witness | None = None

    def connector(self, party: str) -> Party:
        assert self.witness
        if party == MANY:
            return Together(self.witness.all_called)  # type: ignore[return-value]
        return self.by_id.setdefault(party, Party(self.witness.called))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "Backoff", lambda: Backoff(0.001, 0.002))


def approved(stage: Stage) -> list[str]:
    cases = []
    for each in range(PEOPLE):
        hers = {"customer_id": f"C-{each}", "email": f"p{each}@example.fi"}
        told = [disclosed(party, "advertising", ["email"], ("email", hers["email"])) for party in OTHERS]
        stage.record(account(**hers), mailed(**hers), *told)
        case = stage.preview(stage.open("erasure", ("customer_id", f"C-{each}")))
        approve(stage.work, case.id)
        cases.append(case.id)
    return cases


def carried_out(stage: Stage, ends: Callable[[int], None], told: Callable[[Order, str], None]) -> Failing:
    journal = Failing(stage.work.journal, ends)
    asyncio.run(Dispatch(replace(stage.work, journal=journal), stage.parties, told).run_until_idle())
    return journal


def busy(every: int) -> Callable[[int], None]:
    def ends(number: int) -> None:
        if number % every == 0:
            raise Retryable("graph.db is busy")

    return ends


@pytest.mark.parametrize("every", [1 << 30, 2, 3], ids=["none", "every second", "every third"])
def test_whichever_end_fails_each_party_is_called_once_when_that_is_claimed_and_what_came_of_it_is_kept_once(
    tmp_path: Path, every: int
) -> None:
    with staged(tmp_path) as stage, closing(SqliteJournal(tmp_path / "data" / "graph.db")) as other:
        cases = approved(stage)
        witness = Witness(other, stage.now - stage.now % 1_000_000)
        stage.parties = Witnessed(witness=witness)
        assert carried_out(stage, busy(every), witness.hears).written > PEOPLE
        tasks = [task for case in cases for task in stage.work.case(case).tasks.values() if task.state == "verified"]
        assert len(tasks) >= (len(OTHERS) + 2) * PEOPLE
        assert sorted(witness.told) == sorted((each.id, "verified") for each in tasks)
        assert sorted(each.task for each in witness.calls) == sorted(each.id for each in tasks)
        assert witness.groups == [PEOPLE]
        for task in tasks:
            said = [each.kind for each in other.entries(task.id.partition("/")[0]) if each.said.get("task") == task.id]
            assert said == ["claimed", "task"]


def test_where_nothing_can_be_kept_nobody_is_called(tmp_path: Path) -> None:
    def full(_number: int) -> None:
        raise Refused("the disk is full")

    with staged(tmp_path) as stage:
        cases = approved(stage)
        told: list[Order] = []
        with pytest.raises(Refused, match="the disk is full"):
            carried_out(stage, full, lambda order, _: told.append(order))
        assert not told
        assert stage.parties.by_id
        assert not [each for party in stage.parties.by_id.values() for each in party.seen]
        kinds = {each.kind for case in cases for each in stage.work.journal.entries(case)}
        assert "planned" in kinds
        assert not kinds & {"claimed", "task"}
