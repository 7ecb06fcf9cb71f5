"""Measures the whole path from Kafka to Neo4j: `python -m bench.production [--events N]`. Prints tables of docs/benchmarks.md.

Servers of its own, started for the purpose with all optimisation. One shop's stream in slices, each its own topics: after
a warm-up the product, a loop by hand and the bare rows take slices in turn, in random order, so that all three meet the
same graph and the same moods of the machine. Then the product alone until the graph is large, its growth, what it takes
from publishing to seeing, two workers, and `where`, also with a hub of a million persons.
"""

import argparse
import json
import platform
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from bench.addressed import addressed
from bench.hub import hub
from bench.microseconds import where_it_goes
from bench.visible import latency
from bench.ways import WAYS, Commits
from console.settings import read_settings
from schemas.catalogue import load_catalogue
from schemas.records import JsonRecords
from streams.kafka.provisioning import create
from streams.kafka.publishing import Publisher
from streams.kafka.topics import wanted
from streams.records import Outgoing, Record
from streams.shop import simulate
from tests.servers.kafka import running_kafka
from tests.servers.neo4j import running_neo4j

SLICE = 40_000
WARM = 5
EARLY = 100_000
"""The middle of the second to fourth slice."""
ROUNDS = 4
EVENTS_A_PERSON = 9


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the large graph (default: 1,000,000)")
    parser.add_argument("--hub", type=int, default=1_000_000, help="persons on one carrier (default: 1,000,000)")
    wanted_ = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory(prefix="jalki-bench-") as folder, ExitStack() as stack:
        work = Path(folder)
        for name in ("kafka", "neo4j"):
            (work / name).mkdir()
        kafka = stack.enter_context(running_kafka(work / "kafka", heap="1g", full_jit=True))
        neo4j = stack.enter_context(running_neo4j(work / "neo4j", heap="2g", pagecache="1g", full_jit=True))
        environ = {**kafka.settings, **neo4j.settings, "JALKI_DATA": str(work / "data")}
        Bench(environ, wanted_.events).run(wanted_.hub)


class Bench:
    """One run: what is measured, on one pair of servers."""

    def __init__(self, environ: Mapping[str, str], events: int) -> None:
        self._environ, self._events = environ, events
        self._settings = read_settings(environ)
        slices = events // SLICE + WARM + 3 * ROUNDS + 4
        self._shop = iter(simulate(slices * SLICE // EVENTS_A_PERSON, seed=11))
        self._catalogue = load_catalogue()
        self._records = JsonRecords(self._catalogue)
        self._written, self._numbers = 0, iter(range(10**6))

    def run(self, hub_persons: int) -> None:
        """Measure all, one after the other."""
        early = [self._take("product").rate for _ in range(WARM)][1:4]
        rates: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(ROUNDS):
            for way in random.sample(list(WAYS), len(WAYS)):
                rates[way].append(self._take(way).rate)
                print(f"  {way:<8} {rates[way][-1]:8,.0f} events/s at {self._written:,} events", flush=True)
        self._tell(rates)
        where_it_goes(self._settings, self._next_records())
        late: list[float] = []
        while self._written < self._events:
            late.append(self._take("product").rate)
            print(f"  product  {late[-1]:8,.0f} events/s at {self._written:,} events", flush=True)
        if late:
            print(f"cost of an event at {self._written:,} against {EARLY:,}: {median(early) / median(late[-4:]):.2f}\n")
        self._two_workers()
        latency(self._environ)
        hub(self._settings, hub_persons)

    def _tell(self, rates: Mapping[str, Sequence[float]]) -> None:
        print("\nevents/s, median (range)")
        for way, several in rates.items():
            print(f"  {way:<8} {median(several):8,.0f} ({min(several):,.0f} to {max(several):,.0f})")
        for other in ("by hand", "bare"):
            pairs = [one / two for one, two in zip(rates["product"], rates[other], strict=True)]
            print(f"product against {other}: {median(pairs):.2f} ({min(pairs):.2f} to {max(pairs):.2f})")
        print(flush=True)

    def _take(self, way: str) -> Commits:
        """Publish the next slice to topics of its own, and take it in this way, in a process of its own."""
        topics, events = self._publish(1)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_run, way, dict(self._environ), topics, f"g-{topics[0]}", events).result()

    def _next_records(self) -> list[Record]:
        """Return a slice of the shop as records that are in no topic."""
        lines = (json.dumps(event).encode() for event in islice(self._shop, SLICE))
        return [
            Record("none", 0, number, 0, None, self._records.encode(line).record, ())
            for number, line in enumerate(lines)
        ]

    def _two_workers(self) -> None:
        """One slice by one worker, then two slices by two that share them."""
        one = self._take("product").rate
        topics, events = self._publish(2)
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            group = f"g-{topics[0]}"
            runs = [pool.submit(_run, "product", dict(self._environ), topics, group, 0) for _ in range(2)]
            marks = [mark for run in runs for mark in zip(run.result().times, run.result().events, strict=True)]
        marks.sort()
        both = sum(events for _, events in marks[1:]) / (marks[-1][0] - marks[0][0])
        print(f"one worker {one:,.0f} events/s, two {both:,.0f} ({events:,} events): {both / one:.2f}\n", flush=True)

    def _publish(self, slices: int) -> tuple[tuple[str, ...], int]:
        number = next(self._numbers)
        batches: dict[str, list[Outgoing]] = {}
        events = 0
        for event in islice(self._shop, slices * SLICE):
            topic, record = addressed(self._catalogue, self._records, event)
            batches.setdefault(f"s{number}-{topic}", []).append(record)
            events += 1
        topics = tuple(sorted(batches))
        access = self._settings.kafka
        assert access is not None  # noqa: S101 - this benchmark's own
        create(access, wanted(topics))
        with Publisher(access) as publisher:
            for topic, records in batches.items():
                publisher.publish(topic, records)
        self._written += events
        return topics, events


def _run(way: str, environ: dict[str, str], topics: Sequence[str], group: str, expected: int) -> Commits:
    return WAYS[way](read_settings(environ), topics, group, expected)


if __name__ == "__main__":
    sys.exit(main())
