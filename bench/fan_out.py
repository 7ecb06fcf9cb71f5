"""Many cases at once through many parties: our own time for a task, and memory. Parties answer at once, in the process.

`python -m bench.fan_out [--cases 1000 --parties 20]`
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import NamedTuple

from connectors.protocol import Limits
from console.opening import opened_for_recording
from console.settings import read_settings
from lineage.cases.casework import Casework
from lineage.cases.deciding import approve
from lineage.cases.intake import Message, receive
from lineage.cases.orders import Order, Outcome
from schemas.records import JsonRecords
from streams.dispatch import Dispatch
from streams.records import Record

PERSON, PURPOSE = "B-{}", "analytics"
PATIENT = Limits(calls=10_000_000, seconds=1.0, timeout=30.0)
_MIB = 1024
_PAGE = resource.getpagesize()


class Measured(NamedTuple):
    """One run: how many tasks, the processor's seconds in all, seconds on the clock, and mebibytes before and after."""

    cases: int
    tasks: int
    seconds: float
    processor: float
    before: float
    after: float


@dataclass(slots=True)
class Prompt:
    """A party that does at once what it is told."""

    limits: Limits = PATIENT
    told: int = 0

    async def send(self, _order: Order) -> Outcome:
        """Have it done."""
        self.told += 1
        return Outcome("verified", how="signed-answer")

    ask = send

    async def close(self) -> None:
        """Nothing to let go."""


@dataclass(slots=True)
class Directory:
    """All parties."""

    by_id: dict[str, Prompt] = field(default_factory=dict)

    def connector(self, party: str) -> Prompt:
        """Return the one of that name."""
        return self.by_id.setdefault(party, Prompt())


def measured(cases: int, parties: int, profile: bool = False) -> Measured:
    """Have that many persons erased by that many parties each, all approved at once; measure the carrying out alone."""
    with tempfile.TemporaryDirectory() as folder, _shop(Path(folder), cases, parties) as work:
        directory = Directory()
        before = _resident()
        began, spent = time.perf_counter(), time.process_time()
        profiler = cProfile.Profile()
        if profile:
            profiler.enable()
        asyncio.run(Dispatch(work, directory).run_until_idle())
        if profile:
            profiler.disable()
            pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
        spent, took = time.process_time() - spent, time.perf_counter() - began
        states = {row.state for row in work.journal.cases()}
        assert states == {"closed"}, states  # noqa: S101 - what is not done is not measured
        told = sum(each.told for each in directory.by_id.values())
        return Measured(cases, told, took, spent, before, _resident())


@contextmanager
def _shop(folder: Path, cases: int, parties: int) -> Iterator[Casework]:
    """A shop that told something of each person to each of the parties, and where all of them want it erased."""
    settings, numbers = read_settings({"JALKI_DATA": str(folder / "data")}), count(1)
    with opened_for_recording(settings) as (shop, recorder):
        work = shop.casework
        known = [each.id for each in shop.register.declared.parties if each.kind not in _NOT_TOLD]
        chosen = [each for each in known if not shop.register.is_controller(each)][:parties]
        assert len(chosen) == parties, "the register has no more parties that are told"  # noqa: S101
        records = JsonRecords(shop.catalogue)
        for person in range(cases):
            encoded = [records.encode(_disclosed(person, party)).record for party in chosen]
            batch = [Record("t", 0, next(numbers), 0, None, each, ()) for each in encoded]
            recorder.write([recorder.seal(recorder.prepare(batch))])
            named = (("customer_id", PERSON.format(person)),)
            (case,) = receive(work, Message(["erasure"], named, work.clock(), "account", "multitronic"))
            approve(work, case.id)
        yield work


_NOT_TOLD = frozenset({"authority", "own-system", "group", "company"})


def _disclosed(person: int, party: str) -> bytes:
    event = {
        "type": "DataDisclosed",
        "event_id": f"{person} {party}",
        "controller": "multitronic",
        "occurred_at": "2026-03-01T09:00:00+02:00",
        "identifiers": [{"kind": "customer_id", "value": PERSON.format(person)}],
        "holder": "order-system",
        "recipient": party,
        "purpose": PURPOSE,
        "categories": ["browsing"],
    }
    return json.dumps(event).encode()


def _resident() -> float:
    """Return the memory that is the process's now, in mebibytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / _MIB**2


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--cases", type=int, default=1_000)
    wanted.add_argument("--parties", type=int, default=20)
    wanted.add_argument("--profile", action="store_true")
    given = wanted.parse_args()
    if given.profile:
        measured(given.cases, given.parties, profile=True)
        return
    print("| cases | tasks | processor, ms a task | clock, ms a task | memory before, MiB | after |")
    print("|---|---|---|---|---|---|")
    for cases in sorted({min(100, given.cases), given.cases}):
        run = measured(cases, given.parties)
        each = (f"{1_000 * took / run.tasks:.2f}" for took in (run.processor, run.seconds))
        print(f"| {run.cases} | {run.tasks} | {' | '.join(each)} | {run.before:.0f} | {run.after:.0f} |")


if __name__ == "__main__":
    main()
