"""Kafka Connect with Neo4j's own sink beside Jalki's worker and the bare rows, in turn, in one run, into one Neo4j.

`python -m bench.connect --plugin FOLDER [--slice 20000 --rounds 3 --warm 3]`: the folder has the sink's jar, version 5.0, and
the jars it needs. Each way takes a slice of the same simulated shop that was published beforehand. Connect's are facts that
were worked out before, as JSON; ours are events as a shop sends them, in Avro. Read the processor's time where others work too.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import NamedTuple

import neo4j

from bench.connect_sink import BATCH, TOPIC, Sink, as_map, events_there, missing, running_sink, watched
from bench.fides_peer import spent
from bench.ways import WAYS
from console.opening import opened_for_recording
from console.settings import read_settings
from schemas.catalogue import load_catalogue
from schemas.records import JsonRecords
from streams.kafka.provisioning import create
from streams.kafka.publishing import Publisher
from streams.kafka.topics import wanted
from streams.records import Outgoing, Record
from streams.shop import simulate
from tests.servers.jvm import Jvm
from tests.servers.kafka import running_kafka
from tests.servers.neo4j import Neo4j, running_neo4j

OURS = ("product", "bare")
CONNECT = "Kafka Connect"
EVENTS_A_PERSON = 9
LEAST = 4
"""Batches of a slice: a rate is taken from the first that is there to the last."""
PATIENCE = 3_600.0


class Taken(NamedTuple):
    """Of one slice: events a second, and µs of the processor an event, of the program and of Neo4j."""

    rate: float
    program: float
    server: float


class Slice(NamedTuple):
    """What is published of a slice: how many different events, and topics."""

    events: int
    new: int
    topics: Sequence[str]


class Bench:
    """One run, on one pair of servers."""

    def __init__(
        self, environ: Mapping[str, str], server: Neo4j, sink: Sink, driver: neo4j.Driver, slices: int, size: int
    ) -> None:
        self._environ, self._sink, self._driver, self._size = environ, sink, driver, size
        body = server.power.body
        if not isinstance(body, Jvm) or body.process is None or body.process.running is None:
            raise SystemExit("the server's processor time can be taken of a process alone: stop the Docker engine")
        self._server = body.process.running.pid
        self._shop = iter(simulate(slices * size // EVENTS_A_PERSON, seed=11))
        self._records, self._numbers = JsonRecords(load_catalogue()), count(1)

    def take(self, way: str) -> Taken:
        """Publish the next slice, and have it taken in this way."""
        published = self._publish(way)
        before = spent([self._server])
        rate, program = (self._by_connect if way == CONNECT else self._by_ours)(way, published)
        server = spent([self._server]) - before
        return Taken(rate, program / published.events * 1e6, server / published.events * 1e6)

    def _by_connect(self, _way: str, published: Slice) -> tuple[float, float]:
        before, there = spent([self._sink.pid]), events_there(self._driver)
        marks = watched(self._sink, self._driver, there + published.new, PATIENCE)
        first, last = marks[1], marks[-1]
        if events_there(self._driver) != there + published.new:
            raise RuntimeError("there are more events than were published")
        return (last[1] - first[1]) / (last[0] - first[0]), spent([self._sink.pid]) - before

    def _by_ours(self, way: str, published: Slice) -> tuple[float, float]:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            group = f"g-{published.topics[0]}"
            return pool.submit(_run, way, dict(self._environ), published.topics, group, published.events).result()

    def _publish(self, way: str) -> Slice:
        lines = [json.dumps(each).encode() for each in islice(self._shop, self._size)]
        encoded = [self._records.encode(each) for each in lines]
        settings = read_settings(self._environ)
        if settings.kafka is None:
            raise SystemExit("no Kafka")
        batches: dict[str, list[Outgoing]] = {}
        new = len(lines)
        if way == CONNECT:
            records = [Record("none", 0, number, 0, None, each.record, ()) for number, each in enumerate(encoded)]
            with opened_for_recording(settings) as (_, recorder):
                facts = [each.facts for each in recorder.prepare(records).events]
            new = len({each.event for each in facts} - self._seen(facts_of=[each.event.hex() for each in facts]))
            batches[TOPIC] = [Outgoing(json.dumps(as_map(each)).encode()) for each in facts]
        else:
            number = next(self._numbers)
            for each in encoded:
                batches.setdefault(f"s{number}-{each.topic}", []).append(Outgoing(each.record))
        topics = tuple(sorted(batches))
        create(settings.kafka, wanted(topics))
        with Publisher(settings.kafka) as publisher:
            for topic, several in batches.items():
                publisher.publish(topic, several)
        return Slice(len(lines), new, topics)

    def _seen(self, facts_of: Sequence[str]) -> set[bytes]:
        """Return those that the sink has written already: a shop says some things twice."""
        asked = "UNWIND $keys AS key MATCH (e:ConnectEvent {event: key}) RETURN e.event AS event"
        return {bytes.fromhex(row["event"]) for row in self._driver.execute_query(asked, keys=list(facts_of)).records}


def _run(way: str, environ: dict[str, str], topics: Sequence[str], group: str, expected: int) -> tuple[float, float]:
    """Take a slice in this way, in this process; return events a second and the processor's seconds of the process."""
    import os

    before = os.times()
    commits = WAYS[way](read_settings(environ), topics, group, expected)
    after = os.times()
    return commits.rate, after.user + after.system - before.user - before.system


def tell(taken: Mapping[str, Sequence[Taken]]) -> None:
    """Print it."""
    print("\n| way | events/s | program, µs of the processor an event | Neo4j, µs | both |\n|---|---|---|---|---|")
    for way, several in taken.items():
        both = [each.program + each.server for each in several]
        columns = [
            [each.rate for each in several],
            [each.program for each in several],
            [each.server for each in several],
            both,
        ]
        print(f"| {way} | {' | '.join(_spread(each) for each in columns)} |")
    for way in OURS:
        rates = [one.rate / two.rate for one, two in zip(taken[way], taken[CONNECT], strict=True)]
        costs = [(one.program + one.server) / (two.program + two.server)
                 for one, two in zip(taken[way], taken[CONNECT], strict=True)]  # fmt: skip
        pair = f"{median(rates):.2f} ({min(rates):.2f} to {max(rates):.2f}) times as fast"
        print(
            f"{way} against {CONNECT}: {pair}, for {median(costs):.2f} ({min(costs):.2f} to {max(costs):.2f}) of the processor"
        )


def _spread(several: Sequence[float]) -> str:
    return f"{median(several):,.0f} ({min(several):,.0f} to {max(several):,.0f})"


def main() -> None:
    """Measure and print."""
    wanted_ = argparse.ArgumentParser(description=__doc__)
    wanted_.add_argument("--plugin", type=Path, required=True, help="the folder with the sink's jars")
    wanted_.add_argument("--slice", type=int, default=20_000)
    wanted_.add_argument("--rounds", type=int, default=3)
    wanted_.add_argument("--warm", type=int, default=3, help="slices that each way takes first, which are not counted")
    given = wanted_.parse_args()
    if why := missing(given.plugin):
        sys.exit(why)
    if given.slice < LEAST * BATCH:
        sys.exit(f"a slice of fewer than {LEAST * BATCH:,} events is over before a rate can be seen")
    with tempfile.TemporaryDirectory(prefix="jalki-connect-") as text, ExitStack() as stack:
        work = Path(text)
        for name in ("kafka", "neo4j", "connect"):
            (work / name).mkdir()
        kafka = stack.enter_context(running_kafka(work / "kafka", heap="1g", full_jit=True))
        server = stack.enter_context(running_neo4j(work / "neo4j", heap="2g", pagecache="1g", full_jit=True))
        environ = {**kafka.settings, **server.settings, "JALKI_DATA": f"{work / 'data'}"}
        driver = stack.enter_context(server.driver())
        settings = read_settings(environ)
        if settings.kafka:
            create(settings.kafka, wanted((TOPIC,)))
        sink = stack.enter_context(running_sink(work / "connect", given.plugin, kafka.servers, driver, server.uri))
        ways = (*OURS, CONNECT)
        bench = Bench(environ, server, sink, driver, len(ways) * (given.warm + given.rounds) + 1, given.slice)
        taken: dict[str, list[Taken]] = {way: [] for way in ways}
        for turn in range(given.warm + given.rounds):
            for way in random.sample(ways, len(ways)):
                run = bench.take(way)
                told = f"{run.rate:,.0f} events/s, program {run.program:.0f} µs, Neo4j {run.server:.0f} µs"
                print(f"  {'warm' if turn < given.warm else 'counted'} {way:<14} {told}", flush=True)
                if turn >= given.warm:
                    taken[way].append(run)
        tell(taken)


if __name__ == "__main__":
    main()
