"""The agents of cases in a worker: carried out, copied and counted until told to stop; what cannot go on ends the worker."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from lineage.cases.deciding import approve
from lineage.cases.entries import Entry
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Retryable
from streams import caseworking
from streams.case_log import CaseLog
from streams.case_metrics import CaseMetrics
from streams.caseworking import RESTORING, Cases, carrying_out, restored
from streams.dispatch import Directory
from tests.cases.logged import ASKED, EVENTS, HER, LATER, erased, logged, lost
from tests.cases.stage import VERIFIED, Parties, Party, Stage

SECONDS = 20


@dataclass(slots=True)
class KeptLog:
    """`streams.case_log.CaseLog` in memory, for any thread."""

    kept: list[Entry] = field(default_factory=list)
    away: bool = False

    def count(self) -> int:
        return len(self.kept)

    def entries(self) -> Iterator[Entry]:
        return iter(list(self.kept))

    def put(self, entries: Sequence[Entry]) -> None:
        if self.away:
            raise Retryable("the bus is away")
        self.kept += entries


@asynccontextmanager
async def carried(cases: Cases, metrics: CaseMetrics, away: list[Retryable | None]) -> Any:
    stop = asyncio.Event()
    async with asyncio.timeout(SECONDS), carrying_out(cases, metrics, stop, away.append) as wake:
        yield wake, stop


def cases_of(stage: Stage, log: CaseLog, directory: Directory | None = None) -> Cases:
    """Casework whose clock goes on from the stage's."""
    began = time.monotonic_ns()
    work = replace(stage.work, clock=lambda: stage.now + (time.monotonic_ns() - began) // 1_000)
    return Cases(work, log, directory or stage.parties)


async def until(reached: Callable[[], object]) -> None:
    while not reached():  # noqa: ASYNC110 - what is waited for tells nobody
        await asyncio.sleep(0.01)


def measured(metrics: CaseMetrics, name: str) -> float:
    (line,) = [each for each in metrics.text().decode().splitlines() if each.startswith(f"{name} ")]
    return float(line.split()[1])


def begun(stage: Stage) -> str:
    """A case that is approved and not carried out yet."""
    stage.record(*EVENTS)
    stage.at(ASKED)
    case = stage.preview(stage.open("erasure", HER))
    return approve(stage.work, case.id).id


def test_what_is_due_is_carried_out_copied_to_the_log_and_counted(tmp_path: Path) -> None:
    with logged(tmp_path) as (stage, _):
        case, metrics, log = begun(stage), CaseMetrics(), KeptLog()

        async def live() -> None:
            async with carried(cases_of(stage, log), metrics, []):
                await until(lambda: stage.work.case(case).forgotten)
                await until(lambda: log.count() > stage.work.case(case).last.number)

        asyncio.run(live())
        assert not stage.work.journal.unpublished(1)
        told = sum(len(each.seen) for each in stage.parties.by_id.values())
        assert measured(metrics, 'jalki_attempts_total{outcome="verified"}') == told > 2
        assert measured(metrics, "jalki_entries_published_total") == log.count()
        metrics.standing([stage.work.case(case)])
        assert measured(metrics, 'jalki_tasks{state="verified"}') == told
        assert measured(metrics, 'jalki_cases{state="partly-done"}') == 1


def test_a_log_that_is_away_delays_no_party_and_gets_all_later(tmp_path: Path) -> None:
    with logged(tmp_path) as (stage, _):
        case, log, away = begun(stage), KeptLog(away=True), list[Retryable | None]()

        async def live() -> None:
            async with carried(cases_of(stage, log), CaseMetrics(), away):
                await until(lambda: stage.work.case(case).forgotten and away)
                log.away = False
                await until(lambda: not stage.work.journal.unpublished(1))

        asyncio.run(live())
        assert str(away[0]) == "the bus is away"
        assert away[-1] is None
        assert log.count() == stage.work.case(case).last.number + 1


def test_what_a_person_must_mend_stops_the_worker_and_is_raised_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfit(_now: int) -> list[str]:
        raise Misconfigured("the journal is of another version")

    with logged(tmp_path) as (stage, _):
        begun(stage)
        log = KeptLog()
        monkeypatch.setattr(stage.work.journal, "parties_due", unfit)

        async def live() -> None:
            async with carried(cases_of(stage, log, Parties()), CaseMetrics(), []) as (_, stop):
                await stop.wait()

        with pytest.raises(Misconfigured, match="journal"):
            asyncio.run(live())


def test_whoever_is_told_to_stop_finishes_what_is_under_way(tmp_path: Path) -> None:
    with logged(tmp_path) as (stage, _):
        log = KeptLog()
        case, asked, answer = begun(stage), asyncio.Event(), asyncio.Event()

        class Slow(Party):
            async def send(self, order: Order) -> Outcome:
                asked.set()
                await answer.wait()
                return await super().send(order)

        stage.parties.by_id["posti"] = Slow()

        async def live() -> None:
            async with carried(cases_of(stage, log), CaseMetrics(), []) as (_, stop):
                await asked.wait()
                stop.set()
                answer.set()

        asyncio.run(live())
        tasks = [each for each in stage.work.case(case).tasks.values() if each.party == "posti" and not each.until]
        assert [each.state for each in tasks] == [VERIFIED.state]
        assert not any(each.claimed for each in stage.work.case(case).tasks.values())


def test_what_never_ends_is_left_to_its_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caseworking, "END_SECONDS", 0.2)
    with logged(tmp_path) as (stage, _):
        log = KeptLog()
        case, asked = begun(stage), asyncio.Event()

        class Silent(Party):
            async def send(self, _order: Order) -> Outcome:
                asked.set()
                await asyncio.Event().wait()
                raise AssertionError

        stage.parties.by_id["posti"] = Silent(limits=replace(Party().limits, timeout=600.0))

        async def live() -> None:
            async with carried(cases_of(stage, log), CaseMetrics(), []):
                await asked.wait()

        asyncio.run(live())
        assert any(each.claimed and each.party == "posti" for each in stage.work.case(case).tasks.values())


def test_a_journal_that_has_lost_entries_has_them_before_anything_else_and_says_so_meanwhile(tmp_path: Path) -> None:
    erased(tmp_path)
    with logged(tmp_path, LATER) as (_, there):
        log = KeptLog(list(there.entries()))
    lost(tmp_path, "graph.db")
    with logged(tmp_path, LATER) as (stage, _):
        said = list[str]()
        asyncio.run(restored(cases_of(stage, log), lambda fault: said.append(str(fault))))
        assert said == [RESTORING]
        assert len(stage.work.journal.cases()) == 1


def test_two_workers_tell_each_party_once(tmp_path: Path) -> None:
    with logged(tmp_path) as (stage, _):
        case, log = begun(stage), KeptLog()

        async def live() -> None:
            cases = cases_of(stage, log)
            async with carried(cases, CaseMetrics(), []), carried(cases, CaseMetrics(), []):
                await until(lambda: stage.work.case(case).forgotten)

        asyncio.run(live())
        for party in stage.parties.by_id.values():
            assert len(party.seen) == len({each.key for each in party.seen})
