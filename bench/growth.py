"""What grows with the persons: a batch, `where`, the plan of an erasure, memory, disk. One folder grows from size to size.

`python -m bench.growth [--persons 10000 100000 1000000] [--store sqlite|neo4j] [--shop] [--folder FOLDER]`. Each person is
told of by two events, an order and a parcel; with `--shop` it is the simulated shop, with nine. What is timed is what a
worker does with a batch of 2,000: read, pseudonyms, keys, sealing, writing. The processor's time is this program's alone.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count, islice, pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, TypeVar

from console.opening import opened, opened_for_recording
from console.settings import read_settings
from lineage.cases.deciding import foresee
from lineage.cases.intake import Message, receive
from lineage.graph import NOW
from lineage.times import now
from lineage.where import where
from schemas.records import JsonRecords
from streams.records import Record
from streams.shop import simulate
from tests.servers.neo4j import running_neo4j

BATCH = 2_000
WINDOW = 40
"""So many batches of each size are counted: the last ones."""
ASKED, PLANNED = 2_000, 200
ADDRESS = "person{}@customers.example"
T = TypeVar("T")
CARRIERS = ("posti", "matkahuolto", "postnord", "schenker")
Environ = Mapping[str, str]
Event = Mapping[str, Any]
Pair = tuple[float, float]
"""Seconds on the clock, and of the processor."""


class Stage(NamedTuple):
    """One size: how many persons and events there are, what a batch took, what was asked, MiB at the peak, bytes."""

    persons: int
    events: int
    seconds: float
    batches: Sequence[Pair]
    asked: Sequence[Pair]
    planned: Sequence[Pair]
    peaks: Sequence[float]
    size: int


def persons_events(first: int, end: int) -> Iterator[Event]:
    """An order and a parcel of each; one in ten has no account."""
    for person in range(first, end):
        at = 1_700_000_000 + person
        told = {
            "controller": "multitronic",
            "order_id": f"O-{person}",
            "customer_id": f"C-{person}" if person % 10 else None,
            "name": f"Person {person}",
            "address": {"street": f"Street {person}", "postcode": "00100", "city": "Helsinki", "country": "FI"},
            "phone": f"+35840{person:07}",
            "email": ADDRESS.format(person),
        }
        yield told | {
            "type": "OrderPlaced", "event_id": f"o{person}", "occurred_at": _iso(at), "total": "12.90",
            "currency": "EUR", "items": [{"sku": "CB-2M", "product_group": "cable", "quantity": 1, "price": "12.90"}],
        }  # fmt: skip
        yield told | {
            "type": "ShipmentBooked", "event_id": f"s{person}", "occurred_at": _iso(at + 3_600),
            "shipment_id": f"S-{person}", "tracking_number": f"T{person}", "carrier": CARRIERS[person % len(CARRIERS)],
        }  # fmt: skip


def _iso(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def recorded(environ: Environ, first: int, end: int, *, shop: bool) -> tuple[int, list[Pair], float]:
    """Record those persons' events; return how many, what each batch took, and this process's memory at its peak."""
    events = iter(simulate(end - first, seed=end)) if shop else persons_events(first, end)
    taken, written, numbers = list[Pair](), 0, count(1)
    with opened_for_recording(read_settings(environ)) as (folder, recorder):
        records = JsonRecords(folder.catalogue)
        while several := list(islice(events, BATCH)):
            lines = [records.encode(json.dumps(each).encode()).record for each in several]
            batch = [Record("t", 0, next(numbers), 0, None, each, ()) for each in lines]
            _, pair = timed(lambda batch=batch: recorder.write([recorder.seal(recorder.prepare(batch))]))  # type: ignore[misc]
            taken.append(pair)
            written += len(several)
        if not shop and folder.graph.counts()["events"] != 2 * end:
            raise RuntimeError(f"{folder.graph.counts()['events']} events are there, not {2 * end}")
    return written, taken, _peak()


def questioned(environ: Environ, named: Sequence[tuple[str, str]]) -> tuple[list[Pair], float]:
    """Ask where the data of each of these is."""
    taken = []
    with opened(read_settings(environ)) as folder:
        for kind, value in named:
            key = folder.pseudonyms.identifier(kind, value)
            found, pair = timed(lambda key=key: where(folder.graph, folder.register, key, NOW, now()))  # type: ignore[misc]
            if not found.holdings:
                raise RuntimeError("nothing was found of somebody who is there")
            taken.append(pair)
    return taken, _peak()


def foreseen(environ: Environ, named: Sequence[tuple[str, str]]) -> tuple[list[Pair], float]:
    """Let each of these ask to be erased, and work out the plan, which is not kept."""
    taken = []
    with opened_for_recording(read_settings(environ)) as (folder, _):
        work = folder.casework
        for each in named:
            (case,) = receive(work, Message(["erasure"], (each,), work.clock(), "account", "multitronic"))
            (_, plan), pair = timed(lambda case=case: foresee(work, case.id))  # type: ignore[misc]
            if not plan.said["tasks"]:
                raise RuntimeError("a plan tells nobody")
            taken.append(pair)
    return taken, _peak()


def timed(act: Callable[[], T]) -> tuple[T, Pair]:
    """Do it, and return what came of it and how long it took."""
    began, spent = time.perf_counter(), time.process_time()
    done = act()
    return done, (time.perf_counter() - began, time.process_time() - spent)


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def stage(environ: Environ, before: Stage | None, persons: int, *, shop: bool) -> Stage:
    """Let the folder grow to so many persons, and ask; each in a process of its own, so that its memory is its own."""
    first, began = before.persons if before else 0, time.perf_counter()
    events, batches, filling = _apart(recorded, environ, first, persons, shop=shop)
    seconds = time.perf_counter() - began
    choose = random.Random(persons)
    if shop:
        orders = (each for each in simulate(persons - first, seed=persons) if each["type"] == "OrderPlaced")
        named = list(dict.fromkeys(("email", str(each["email"])) for each in islice(orders, 4 * ASKED)))
        some = choose.sample(named, min(len(named), ASKED + PLANNED))
    else:
        # Each asks to be erased once: those of whom a plan is made are of the part that has just been recorded.
        numbers = choose.sample(range(first, persons), PLANNED) + choose.sample(range(persons), min(persons, ASKED))
        some = [("email", ADDRESS.format(each)) for each in numbers]
    asked, asking = _apart(questioned, environ, some[PLANNED:])
    planned, planning = _apart(foreseen, environ, some[:PLANNED])
    size = sum(each.stat().st_size for each in Path(environ["SIZED"]).rglob("*") if each.is_file())
    events += before.events if before else 0
    return Stage(persons, events, seconds, batches[-WINDOW:], asked, planned, (filling, asking, planning), size)


def _apart(act: Callable[..., Any], *given: object, **more: object) -> Any:  # noqa: ANN401 - whatever it returns
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        return child.submit(act, *given, **more).result()


HEAD = """| persons | events | a batch of 2,000, median | p95 | processor, median | `where`, p50 | p99 | processor, p50 | p99 | \
plan, p50 | p99 | processor, p50 | p99 | memory at its peak: recording, asking, planning | disk, bytes a person |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"""


def row(found: Stage) -> str:
    """Return what was found as a row; milliseconds."""
    figures = [f"{found.persons:,}", f"{found.events:,}"]
    figures += [
        f"{_at(found.batches, 0, 50):.0f}",
        f"{_at(found.batches, 0, 95):.0f}",
        f"{_at(found.batches, 1, 50):.0f}",
    ]
    for several in (found.asked, found.planned):
        figures += [f"{_at(several, which, part):.2f}" for which in (0, 1) for part in (50, 99)]
    figures += [" / ".join(f"{each:.0f} MiB" for each in found.peaks), f"{found.size / found.persons:,.0f}"]
    return f"| {' | '.join(figures)} |"


def ratio(one: Stage, two: Stage) -> str:
    """Return how many times as dear it is at the second size."""
    several = (("batch", one.batches, two.batches, 50), ("where p50", one.asked, two.asked, 50),
               ("where p99", one.asked, two.asked, 99), ("plan p50", one.planned, two.planned, 50),
               ("plan p99", one.planned, two.planned, 99))  # fmt: skip
    told = [f"{name} {_at(late, 0, part) / _at(early, 0, part):.2f} ({_at(late, 1, part) / _at(early, 1, part):.2f})"
            for name, early, late, part in several]  # fmt: skip
    told.append(f"disk {two.size / one.size:.2f}")
    return f"{one.persons:,} to {two.persons:,} persons, clock (processor): {', '.join(told)}"


def _at(several: Sequence[Pair], which: int, part: int) -> float:
    """Return a percentile in milliseconds."""
    if part == 50:
        return median(each[which] for each in several) * 1e3
    return sorted(each[which] for each in several)[min(len(several) - 1, len(several) * part // 100)] * 1e3


@contextmanager
def _store(name: str, folder: Path) -> Iterator[Environ]:
    environ = {"JALKI_DATA": f"{folder / 'data'}", "SIZED": f"{folder / 'data'}"}
    if name == "sqlite":
        yield environ
        return
    (folder / "neo4j").mkdir(parents=True)
    with running_neo4j(folder / "neo4j", heap="2g", pagecache="1g", full_jit=True) as server:
        yield {**environ, **server.settings, "SIZED": f"{folder}"}


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--persons", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    wanted.add_argument("--store", choices=["sqlite", "neo4j"], default="sqlite")
    wanted.add_argument("--shop", action="store_true", help="the simulated shop: nine events a person")
    wanted.add_argument("--folder", type=Path, help="where it grows (default: a temporary folder)")
    given = wanted.parse_args()
    found: list[Stage] = []
    with (
        tempfile.TemporaryDirectory(prefix="jalki-growth-") as text,
        _store(given.store, given.folder or Path(text)) as at,
    ):
        print(HEAD, flush=True)
        for persons in sorted(given.persons):
            found.append(stage(at, found[-1] if found else None, persons, shop=given.shop))
            print(row(found[-1]), flush=True)
        for one, two in pairwise(found):
            print(ratio(one, two))
        for each in found:
            print(f"{each.persons:,} persons: the last part was recorded in {each.seconds:.0f} s")


if __name__ == "__main__":
    main()
