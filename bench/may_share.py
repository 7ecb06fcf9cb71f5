"""`may-share` on SQLite and Neo4j, in the process and over HTTP: `python -m bench.may_share [--persons 10000 --store both]`.

Beside each, in turn, the bare way to the same server and back: machines are noisy, so the ratios are what is to be read.
"""

import argparse
import asyncio
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from console.may_sharing import Asking, answer
from console.opening import Folder, opened, opened_for_recording
from console.settings import read_settings
from lineage.identifiers import read_identifier
from lineage.stores.neo4j.connecting import Session
from lineage.times import now
from schemas.records import JsonRecords
from streams.health import Health
from streams.listening import listening
from streams.metrics import Metrics
from streams.records import Record
from streams.shop import simulate
from tests.servers.neo4j import running_neo4j

BATCH = 2_000
ASKED = 2_000
WARM = 1_000
ABOUT = (("posti", "delivery"), ("sendgrid", "newsletter"), ("google-ads", "advertising"))
NAMED = ("customer_id", "email", "phone", "order_id", "device_id")
IN_PROCESS = "in the process"
Question = tuple[str, str, str]


def main() -> None:
    """Measure, and print; with --serve be the process that is asked over HTTP."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--persons", type=int, default=10_000)
    wanted.add_argument("--store", choices=["sqlite", "neo4j", "both"], default="both")
    wanted.add_argument("--serve", action="store_true", help="answer over HTTP until the input ends")
    given = wanted.parse_args()
    if given.serve:
        asyncio.run(_serve())
        return
    print(
        "| store | way | p50, ms | p99, ms | bare way, p50 | p99 | p50 to bare | p99 to bare | our processor, p50 | p99 |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for store in ("sqlite", "neo4j") if given.store == "both" else (given.store,):
        with tempfile.TemporaryDirectory(prefix="jalki-bench-") as folder, _server(store, Path(folder)) as server:
            measure(store, {**server, "JALKI_DATA": f"{folder}/data"}, given.persons)


@contextmanager
def _server(store: str, folder: Path) -> Iterator[Mapping[str, str]]:
    if store == "sqlite":
        yield {}
        return
    (folder / "neo4j").mkdir()
    with running_neo4j(folder / "neo4j", heap="2g", pagecache="1g", full_jit=True) as server:
        yield server.settings


def measure(store: str, environ: Mapping[str, str], persons: int) -> None:
    """Record a shop, and ask about its persons, each question once: in the process, then over HTTP."""
    questions = recorded(environ, persons)
    with opened(read_settings(environ)) as folder, _trips() as trips:
        rest = iter(questions)
        _told(store, IN_PROCESS, lambda: _ask(folder, next(rest)), lambda: _bare(folder))
        if trips:
            _tell_trips(trips)
    with _serving(environ) as port, closing(http.client.HTTPConnection("127.0.0.1", port)) as client:
        rest = iter(questions)
        _told(store, "over HTTP", lambda: _post(client, next(rest)), lambda: _get(client))


def recorded(environ: Mapping[str, str], persons: int) -> Sequence[Question]:
    """Record what a shop of so many persons says; return questions about some of them."""
    named: set[str] = set()
    with opened_for_recording(read_settings(environ)) as (folder, recorder):
        records, batch = JsonRecords(folder.catalogue), list[Record]()
        for number, event in enumerate(simulate(persons, seed=5)):
            named.update(f"{kind}:{event[kind]}" for kind in NAMED if event.get(kind))
            batch.append(Record("t", 0, number, 0, None, records.encode(json.dumps(event).encode()).record, ()))
            if len(batch) == BATCH:
                recorder.write([recorder.seal(recorder.prepare(batch))])
                batch.clear()
        recorder.write([recorder.seal(recorder.prepare(batch))])
    some = random.Random(5).sample(sorted(named), min(len(named), WARM + ASKED))
    return [(each, *ABOUT[place % len(ABOUT)]) for place, each in enumerate(some)]


def _told(store: str, way: str, ask: Callable[[], object], bare: Callable[[], object]) -> None:
    taken: dict[str, list[float]] = {"asked": [], "bare": []}
    spent: dict[str, list[float]] = {"asked": [], "bare": []}
    try:
        for _ in range(WARM + ASKED):
            for name, act in random.sample([("asked", ask), ("bare", bare)], 2):
                began, worked = time.perf_counter(), time.thread_time()
                act()
                taken[name].append((time.perf_counter() - began) * 1e3)
                spent[name].append((time.thread_time() - worked) * 1e3)
    except StopIteration:
        pass  # a small shop has fewer persons to ask about
    (p50, p99), (bare50, bare99) = _middle_and_late(taken["asked"]), _middle_and_late(taken["bare"])
    # Over HTTP another process works, and what this one does is no part of the answer.
    ours = "{:.2f} | {:.2f}".format(*_middle_and_late(spent["asked"])) if way == IN_PROCESS else "|"
    figures = f"{p50:.2f} | {p99:.2f} | {bare50:.2f} | {bare99:.2f} | {p50 / bare50:.1f} | {p99 / bare99:.1f}"
    print(f"| {store} | {way} | {figures} | {ours} |", flush=True)


def _middle_and_late(taken: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p99 of what came after the warm-up."""
    return median(taken[WARM:]), quantiles(taken[WARM:], n=100)[98]


def _ask(folder: Folder, question: Question) -> None:
    named, party, purpose = question
    _count.clear()
    answer(folder, read_identifier(named), party, purpose, now())
    folder.graph.anew()
    _counts[_count["trips"]] += 1


_count: Counter[str] = Counter()
_counts: Counter[int] = Counter()


@contextmanager
def _trips() -> Iterator[Counter[int]]:
    """Count how often each question goes to Neo4j."""
    whole = Session.ask

    def counted(self: Session, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - as it is called
        _count["trips"] += 1
        return whole(self, *given, **more)

    _counts.clear()
    Session.ask = counted  # type: ignore[method-assign]  # put back below
    try:
        yield _counts
    finally:
        Session.ask = whole  # type: ignore[method-assign]


def _tell_trips(trips: Counter[int]) -> None:
    every = trips.total()
    told = ", ".join(f"{number}: {100 * times / every:.1f} %" for number, times in sorted(trips.items()))
    print(f"ways to Neo4j a question: {told}", file=sys.stderr)


def _bare(folder: Folder) -> None:
    """The shortest question that there is to the same store."""
    folder.graph.kinds([b"0" * 16])
    folder.graph.anew()


def _post(client: http.client.HTTPConnection, question: Question) -> None:
    asked = json.dumps(dict(zip(("identifier", "party", "purpose"), question, strict=True)))
    client.request("POST", "/may-share", asked, {"Content-Type": "application/json"})
    _read(client)


def _get(client: http.client.HTTPConnection) -> None:
    client.request("GET", "/health")
    _read(client)


def _read(client: http.client.HTTPConnection) -> None:
    response = client.getresponse()
    response.read()
    assert response.status in {200, 503}, response.status  # noqa: S101 - what is refused is not measured


@contextmanager
def _serving(environ: Mapping[str, str]) -> Iterator[int]:
    """Run what answers in a worker in a process of its own."""
    command = [sys.executable, "-m", "bench.may_share", "--serve"]
    with subprocess.Popen(command, env={**os.environ, **environ}, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as one:
        assert one.stdout  # noqa: S101 - it is piped
        assert one.stdin  # noqa: S101 - this too
        yield int(one.stdout.readline())
        one.stdin.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    with closing(Asking(read_settings(os.environ))) as asking:
        shown = listening("127.0.0.1", 0, Metrics((), "0", now), Health(now), may_share=asking.why_not)
        async with shown as port:
            print(port, flush=True)
            await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    main()
