"""How long drift takes: `python -m bench.drift [--persons 3000] [--folder FOLDER] [--servers]`.

Embedded, on a simulated shop: the two commands, each in a process of its own, then in this process the first page of drift,
a page of what is overdue, and judging all there is for whoever is told. With `--servers` a Kafka and a Neo4j of its own, and
one worker: when all is recorded, when all is judged and in the topic, and the commands on that Neo4j.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from heapq import nsmallest
from pathlib import Path
from threading import Event

from console.opening import Folder, findings_of, opened, opened_for_recording
from console.settings import Settings, read_settings
from lineage.drift import newest_drift
from lineage.findings.anew import Judge
from lineage.findings.store import TOPIC
from lineage.overdue import overdue
from lineage.times import now
from tests.servers.kafka import running_kafka
from tests.servers.neo4j import running_neo4j

JALKI = Path(sys.executable).with_name("jalki")
PAGE = 50
QUIET = 30.0
"""Seconds in which nothing happens, after which all is done."""


def main() -> None:
    """Measure, and print."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--persons", type=int, default=3_000)
    wanted.add_argument("--folder", type=Path, help="keep the embedded shop here, and use it again where it is there")
    wanted.add_argument("--servers", action="store_true", help="on Kafka and Neo4j")
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="jalki-bench-") as text:
        shop = Path(text) / "shop.jsonl"
        if given.servers:
            _simulated(given.persons, shop)
            with _servers(Path(text)) as environ:
                _on_servers(environ, shop, Path(text) / "worker.log")
            return
        data = given.folder or Path(text) / "data"
        if not (data / "graph.db").exists():
            _simulated(given.persons, shop)
            _program({"JALKI_DATA": str(data)}, "ingest", str(shop))
        _embedded({"JALKI_DATA": str(data)})


def _simulated(persons: int, shop: Path) -> None:
    _program({}, "simulate", "--persons", str(persons), "--seed", "1", "--out", str(shop))


def _embedded(environ: Mapping[str, str]) -> None:
    settings = read_settings(environ)
    _commands(environ)
    with opened(settings) as folder:
        print(f"{folder.graph.counts()['disclosures']:,} disclosures", flush=True)
        _timed("a page of drift", lambda: _page(folder))
        _timed("a page of what is overdue", lambda: nsmallest(PAGE, _overdue(folder), key=lambda each: each[:3]))
    with opened_for_recording(settings) as (folder, _), closing(findings_of(settings, folder.pseudonyms)) as findings:
        findings.take(f"not {folder.register.version}", 1, 1)  # so that all of it is judged, also the second time
        judge = Judge(folder.graph, findings, folder.register, folder.memory, now)
        _timed("judging everything", lambda: _judged(judge))


def _page(folder: Folder) -> object:
    return newest_drift(folder.graph, folder.register, PAGE + 1, now(), memory=folder.memory)


def _overdue(folder: Folder) -> Iterator[tuple[bytes, str, str]]:
    for each in overdue(folder.graph, folder.register, now()):
        yield each.person, each.party, each.purpose


def _judged(judge: Judge) -> None:
    while not judge.turn().is_empty:
        pass


def _commands(environ: Mapping[str, str]) -> None:
    for words in (("drift",), ("drift", "--overdue")):
        _timed(" ".join(words), lambda words=words: _program(environ, *words, "--json"))  # type: ignore[misc]  # each its own


def _timed(what: str, act: Callable[[], object]) -> None:
    """Print how long something took: by the clock, and of the processor, that of what it started included."""
    clock, worked = time.perf_counter(), _worked()
    act()
    print(f"| {what} | {_worked() - worked:.1f} | {time.perf_counter() - clock:.1f} |", flush=True)


def _worked() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _program(environ: Mapping[str, str], *words: str) -> None:
    subprocess.run([JALKI, *words], env={**os.environ, **environ}, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def _servers(work: Path) -> Iterator[dict[str, str]]:
    for name in ("kafka", "neo4j"):
        (work / name).mkdir()
    with (
        running_kafka(work / "kafka", heap="1g", full_jit=True) as kafka,
        running_neo4j(work / "neo4j", heap="2g", pagecache="1g", full_jit=True) as neo4j,
    ):
        yield {**kafka.settings, **neo4j.settings, "JALKI_DATA": str(work / "data")}


def _on_servers(environ: Mapping[str, str], shop: Path, log: Path) -> None:
    settings = read_settings(environ)
    _program(environ, "topics", "create")
    with opened_for_recording(settings):
        pass  # the key ring is there before anything is published
    _timed("published", lambda: _program(environ, "ingest", str(shop)))
    begun = time.perf_counter()
    with log.open("wb") as said:
        worker = subprocess.Popen(
            [JALKI, "worker"], env={**os.environ, **environ, "JALKI_LISTEN": "127.0.0.1:0"}, stdout=said, stderr=said
        )
        try:
            _watched(settings, worker, begun)
        finally:
            worker.terminate()
            _, _, used = os.wait4(worker.pid, 0)
    print(f"the worker's processor: {used.ru_utime + used.ru_stime:.0f} s, {used.ru_maxrss // 1024} MiB at its peak")
    _commands(environ)


def _watched(settings: Settings, worker: "subprocess.Popen[bytes]", begun: float) -> None:
    """Tell when no more is recorded, and when all of that is judged and told."""
    with opened(settings) as folder, closing(findings_of(settings, folder.pseudonyms, read_only=True)) as findings:
        seconds, done, events, rests = 0.0, 0.0, 0, Event()
        while True:
            assert worker.poll() is None, "the worker ended"  # noqa: S101 - else there is nothing to measure
            elapsed, counted = time.perf_counter() - begun, folder.graph.counts()["events"]
            standing = findings.standing()
            if counted != events:
                seconds, events = elapsed, counted
            is_told = standing.lanes.get(TOPIC) == standing.last and not (standing.unjudged or standing.whole)
            done = done if is_told and done else elapsed if is_told else 0.0
            # Nothing new for so long: whoever records is done.
            if events and done and elapsed - max(seconds, done) > QUIET:
                break
            rests.wait(1.0)
    print(f"{events:,} events recorded after {seconds:.0f} s, judged and told after {done:.0f} s")
    print(f"{standing.last:,} changes told", flush=True)


if __name__ == "__main__":
    main()
