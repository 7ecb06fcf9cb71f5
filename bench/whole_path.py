"""Measures the embedded whole path: `python -m bench.whole_path [--events N]`. Prints the tables of docs/benchmarks.md.

In one run, on the same events: through the log and the agents; the same work in a plain loop without them, in alternation,
so that a busy moment of the machine hits both; the bare insert of the same rows as the limit; the cost of recording as the
graph grows; `where` on the small and the large graph; and the memory of the program while it ingests it all.
"""

import argparse
import asyncio
import json
import platform
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import mean, median

from bench.rows import bare_insert
from bench.steps import Steps, plain_loop
from console.opening import Folder, opened, opened_for_writing
from console.settings import Settings, read_settings
from lineage.graph import NOW
from lineage.recording import Recorded
from lineage.times import now
from lineage.where import where
from schemas.records import JsonRecords
from streams.ingest import ingest
from streams.log import Log
from streams.recorder import Prepared, Ready, Recorder
from streams.records import Record
from streams.shop import simulate

SEGMENT = 20_000
PAIRS = 5
EVENTS_A_PERSON = 9
ASKED = 2_000
WINDOW = 40
SMALLEST_BATCH = 500


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000, help="events in the large graph (default: 1,000,000)")
    wanted = parser.parse_args().events
    print(
        f"{platform.machine()}, {_processor()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}\n"
    )
    with tempfile.TemporaryDirectory(prefix="jalki-bench-") as folder:
        work = Path(folder)
        against_the_plain_loop(work)
        growth(work, wanted)


def against_the_plain_loop(work: Path) -> None:
    """Alternate segments of one shop through the whole path and through a plain loop; then the bare rows."""
    segments = _segments(work / "pairs", 2 * PAIRS)
    steps = Steps()
    seconds: dict[str, list[float]] = {"whole": [], "plain": []}
    with ExitStack() as stack:
        whole = stack.enter_context(opened_for_writing(_settings(work / "whole")))
        plain = stack.enter_context(opened_for_writing(_settings(work / "plain")))
        _ingest(first := next(segments), *whole)  # warm: imports, compiled patterns, caches
        plain_loop(first, plain[0], Steps())
        for file in segments:
            for way in random.sample(("whole", "plain"), 2):
                began = time.perf_counter()
                if way == "whole":
                    _ingest(file, *whole)
                else:
                    plain_loop(file, plain[0], steps)
                seconds[way].append(time.perf_counter() - began)
    events = SEGMENT * len(seconds["whole"])
    bare = bare_insert(work / "plain" / "graph.db", work / "bare.db")
    ratios = [p / w for w, p in zip(seconds["whole"], seconds["plain"], strict=True)]
    print(f"whole path     {events / sum(seconds['whole']):>9,.0f} events/s   (log, agents, graph; {events:,} events)")
    print(f"plain loop     {events / sum(seconds['plain']):>9,.0f} events/s   (the same work, no log, no Faust)")
    print(f"bare insert    {bare:>9,.0f} events/s   (the same rows, ready made: the limit)")
    print(
        f"whole / plain  {median(ratios):.2f}   (median of {len(ratios)} pairs, {min(ratios):.2f} to {max(ratios):.2f})\n"
    )
    print("where the microseconds go, an event, in the plain loop:")
    for name, spent in steps.spent.items():
        print(f"  {name:<42} {spent / events * 1e6:6.1f}")
    rest = (sum(seconds["whole"]) - sum(seconds["plain"])) / events * 1e6
    print(f"  {'log and agents (whole path less plain loop)':<42} {rest:6.1f}\n")


def growth(work: Path, wanted: int) -> None:
    """Ingest a large shop in a process of its own; compare the cost of recording and of asking, early and late."""
    persons = wanted // EVENTS_A_PERSON
    file = work / "large.jsonl"
    written = 0
    identifiers: list[tuple[str, str]] = []
    with file.open("w", encoding="utf-8") as out:
        for event in simulate(persons, 11):
            out.write(json.dumps(event, ensure_ascii=False) + "\n")
            written += 1
            if event["type"] == "OrderPlaced":
                identifiers.append(("email", str(event["email"])))
                identifiers.append(("order_id", str(event["order_id"])))
    early, middle = work / "early.jsonl", min(100_000, written // 10)
    with file.open("rb") as source, early.open("wb") as out:
        out.writelines(islice(source, middle))
    settings = _settings(work / "large")
    _ingest_watched(settings.data, early)
    asked = random.Random(5).sample(identifiers[: len(identifiers) // 12], min(ASKED, len(identifiers) // 12))
    small = _where(settings, asked)
    # In a process of its own, as a user runs it, so that its memory is its own too.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:
        costs, peak = child.submit(_ingest_watched, settings.data, file).result()
    large = _where(settings, asked)
    _print_growth(written, middle, costs, peak)
    for name, answers in ((f"where at {middle:,} events", small), (f"where at {written:,} events", large)):
        p99 = answers[int(len(answers) * 0.99)]
        print(f"  {name:<35} p50 {median(answers) * 1e3:5.2f} ms   p99 {p99 * 1e3:5.2f} ms")
    size = sum(each.stat().st_size for each in settings.data.iterdir())
    print(f"  data folder                         {size / 1e6:7,.0f} MB")


def _print_growth(written: int, middle: int, costs: list[float], peak: float) -> None:
    first, last = costs[:WINDOW], costs[-WINDOW:]
    print(f"growth, {written:,} events, the cost of recording an event of a batch ({WINDOW} batches each)")
    for name, times in ((f"at {middle:,} events", first), (f"at {written:,} events", last)):
        print(f"  {name:<35} mean {mean(times) * 1e6:6.1f} us   median {median(times) * 1e6:6.1f} us")
    print(f"  {'ratio':<35} mean {mean(last) / mean(first):6.2f}      median {median(last) / median(first):6.2f}")
    print(f"  memory of the process at its peak   {peak:7,.0f} MB")


def _ingest_watched(data: Path, file: Path) -> tuple[list[float], float]:
    """Ingest a file; return seconds an event of each batch of new events, in order, and this process's peak in MB."""
    costs: list[float] = []
    with opened_for_writing(_settings(data)) as (folder, recorder, log):
        prepare, seal, write = recorder.prepare, recorder.seal, recorder.write
        spent: dict[int, float] = {}

        def prepared(records: Sequence[Record]) -> Prepared:
            began = time.perf_counter()
            batch = prepare(records)
            spent[id(batch)] = time.perf_counter() - began
            return batch

        def sealed(batch: Prepared) -> Ready:
            began = time.perf_counter()
            ready = seal(batch)
            spent[id(ready)] = time.perf_counter() - began + spent.pop(id(batch), 0.0)
            return ready

        def written(batches: Sequence[Ready]) -> Recorded:
            began = time.perf_counter()
            outcome = write(batches)
            events = sum(len(each.events) for each in batches)
            seconds = time.perf_counter() - began + sum(spent.pop(id(each), 0.0) for each in batches)
            if outcome.recorded * 2 > events >= SMALLEST_BATCH:
                costs.append(seconds / events)
            return outcome

        recorder.prepare, recorder.seal, recorder.write = prepared, sealed, written  # type: ignore[method-assign]  # watched, not changed
        _ingest(file, folder, recorder, log)
    return costs, _peak_memory()


def _peak_memory() -> float:
    """Return the most memory this process ever had, in MB. Not getrusage: a child inherits its parent's peak there."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return getrusage(RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _where(settings: Settings, asked: Sequence[tuple[str, str]]) -> list[float]:
    """Return the seconds of each question, sorted; every person is asked about for the first time."""
    seconds = []
    with opened(settings) as folder:
        for kind, value in asked:
            key = folder.pseudonyms.identifier(kind, value)
            began = time.perf_counter()
            where(folder.graph, folder.register, key, NOW, now())
            seconds.append(time.perf_counter() - began)
    return sorted(seconds)


def _ingest(file: Path, folder: Folder, recorder: Recorder, log: Log) -> None:
    asyncio.run(ingest([str(file)], log, folder.catalogue.topics, JsonRecords(folder.catalogue), recorder))


def _segments(folder: Path, number: int) -> Iterator[Path]:
    """Yield files of successive events of one shop."""
    folder.mkdir()
    events = iter(simulate(SEGMENT * (number + 2) // EVENTS_A_PERSON, 3))
    for each in range(number):
        file = folder / f"{each}.jsonl"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in islice(events, SEGMENT))
        yield file
    shutil.rmtree(folder)


def _settings(data: Path) -> Settings:
    return read_settings({}, data)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


if __name__ == "__main__":
    main()
