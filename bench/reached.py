"""`reached` of a party that has met everybody, `recall` of what everybody bought, and what an index costs whoever records.

`python -m bench.reached [--persons 50000] [--folder FOLDER] [--times 1] [--first] [--neo4j]`: each person has an account,
or one in ten is a guest, with an order and two parcels. Everybody has bought a phone, each with a serial number of its own,
and one in a hundred one model of a hundred others. The folder is kept where one is named, and used again where it is there.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from console.opening import Folder, opened_for_recording
from console.settings import read_settings
from lineage.facts import Bought, Disclosure, Facts, Route
from lineage.recording import bound
from lineage.sealing import Seal
from tests.servers.neo4j import running_neo4j

BATCH = 2_000
JALKI = Path(sys.executable).with_name("jalki")
ORDER = Route("person", "order-system", "order", ("address", "email", "name", "order"), "multitronic", forbidden=False)
DELIVERY = Route(
    "order-system", "posti", "delivery", ("address", "name", "order", "phone"), "multitronic", forbidden=False
)
BEGAN = 1_790_000_000_000_000


Environ = Mapping[str, str]

PHONE, OTHER = "phone", "other {}"
MODELS = 100
"""So many other models there are; each is bought by one person of a hundred."""


def events(folder: Folder, person: int) -> Iterator[Facts]:
    """An order and two parcels of one person: a guest is known by her address alone, and her data hangs on the order."""
    named = folder.pseudonyms.identifier
    order, email, phone = (named(kind, f"{person}") for kind in ("order_id", "email", "phone"))
    guest = person % 10 == 0
    top = email if guest else named("customer_id", f"{person}")
    kinds = {order: "order_id", email: "email", phone: "phone", top: "email" if guest else "customer_id"}
    owns = tuple((top, each) for each in (order, email, phone) if each != top)
    holder = order if guest else top
    for number, route in enumerate((ORDER, DELIVERY, DELIVERY)):
        event, at = folder.pseudonyms.event(f"{person} {number}"), BEGAN + 3 * person + number
        had = Disclosure(event, 0, holder, route, at, at, as_sent(person, with_products=number == 0))
        models = (PHONE, OTHER.format(person % MODELS)) if number == 0 else ()
        bought = tuple(Bought(event, 0, holder, folder.pseudonyms.product(each)) for each in models)
        yield Facts(event, b"8 bytes.", at, at, kinds, owns, (had,), (), (), (), bought)


def as_sent(person: int, *, with_products: bool) -> bytes:
    """What was sent of a person, in clear."""
    identifiers = [
        ("order_id", f"{person}"),
        ("email", f"p{person}@customers.example"),
        ("phone", f"+35840{person:07}"),
    ]
    told = {"identifiers": identifiers, "evidence": {}}
    if with_products:
        told["products"] = [(PHONE, f"SN{person:08}"), (OTHER.format(person % MODELS), "")]
    return json.dumps(told).encode()


def sealed(each: Facts, keys: Mapping[bytes, bytes]) -> Facts:
    """Return facts with what was sent sealed."""
    (had,) = each.disclosures
    return each._replace(disclosures=(had._replace(as_sent=Seal(keys[had.holder]).seal(had.as_sent, bound(had))),))


def fill(environ: Environ, persons: int) -> None:
    """Record them, with their keys."""
    with opened_for_recording(read_settings(environ)) as (folder, _):
        for start in range(0, persons, BATCH):
            batch = [each for person in range(start, min(start + BATCH, persons)) for each in events(folder, person)]
            keys = folder.keyring.keys({one.holder for each in batch for one in each.disclosures})
            folder.graph.record([sealed(each, keys) for each in batch])


class Told(NamedTuple):
    """How long a command took, until its first line and to its end, of the processor too (seconds); memory in MiB."""

    first: float
    seconds: float
    processor: float
    lines: int
    peak: int


def told(environ: Environ, *words: str) -> Told:
    """Run a command in a process of its own."""
    began = time.perf_counter()
    with subprocess.Popen([JALKI, *words, "--json"], stdout=subprocess.PIPE, env={**os.environ, **environ}) as run:
        assert run.stdout is not None  # noqa: S101 - it is a pipe
        run.stdout.readline()
        first = time.perf_counter() - began
        lines = 1 + sum(1 for _ in run.stdout)
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0  # noqa: S101 - else there is nothing to measure
    processor = used.ru_utime + used.ru_stime
    return Told(first, time.perf_counter() - began, processor, lines, used.ru_maxrss // 1024)


def say(environ: Environ, times: int, *words: str) -> None:
    """Ask so many times, and print the medians."""
    several = [told(environ, *words) for _ in range(times)]
    middle = Told(*(median(each) for each in zip(*several, strict=True)))
    print(
        f"{' '.join(words)}: first line {middle.first:.1f} s, all {middle.lines:,.0f} lines {middle.seconds:.1f} s, "
        f"processor {middle.processor:.1f} s, peak {middle.peak:.0f} MiB",
        flush=True,
    )


def cost_of_index(persons: int) -> str:
    """Record the same in alternation with and without the index; return the cost of a batch of 2,000 persons."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as text:
        with (
            opened_for_recording(read_settings({"JALKI_DATA": f"{text}/with"})) as (one, _),
            opened_for_recording(read_settings({"JALKI_DATA": f"{text}/without"})) as (other, _),
        ):
            other.graph._file.execute("DROP INDEX disclosure_by_route")  # type: ignore[attr-defined]  # noqa: SLF001 - it is the embedded one
            for start in range(0, persons, BATCH):
                for indexed, folder in (
                    ((True, one), (False, other)) if start % (2 * BATCH) else ((False, other), (True, one))
                ):
                    batch = [each for person in range(start, start + BATCH) for each in events(folder, person)]
                    began = time.perf_counter()
                    folder.graph.record(batch)
                    taken[indexed].append(time.perf_counter() - began)
        sizes = [(Path(text) / name / "graph.db").stat().st_size / 2**20 for name in ("with", "without")]
    last = {indexed: median(times[len(times) // 2 :]) * 1e6 / (3 * BATCH) for indexed, times in taken.items()}
    return (
        f"with the index {last[True]:.1f} µs an event, without {last[False]:.1f} µs (bare rows, median); "
        f"the file {sizes[0]:.0f} MiB and {sizes[1]:.0f} MiB"
    )


@contextmanager
def _server(folder: Path, *, wanted: bool) -> Iterator[Mapping[str, str]]:
    """Start a Neo4j of our own, and yield the settings by which it is used; else none."""
    if not wanted:
        yield {}
        return
    (folder / "neo4j").mkdir()
    with running_neo4j(folder / "neo4j", heap="2g", pagecache="1g", full_jit=True) as server:
        yield server.settings


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--persons", type=int, default=50_000)
    wanted.add_argument("--folder", type=Path)
    wanted.add_argument("--neo4j", action="store_true", help="a Neo4j of its own instead of SQLite")
    wanted.add_argument("--times", type=int, default=1, help="how often each is asked; medians are printed")
    wanted.add_argument("--first", action="store_true", help="only what is answered at once, and a recall of few")
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory() as text, _server(Path(text), wanted=given.neo4j) as server:
        path = given.folder or Path(text) / "data"
        environ = {**server, "JALKI_DATA": str(path)}
        if not (path / "keys.db").exists():
            if not server:
                print(f"recording {given.persons:,} persons: {cost_of_index(given.persons)}", flush=True)
            fill(environ, given.persons)
        end = 20 + given.persons * 3 // 2_000_000
        interval = (f"--from=2026-09-21T14:13:{end:02}Z", f"--to=2026-09-21T14:13:{end + 1:02}Z")
        other = ("recall", "--model", OTHER.format(7))
        early = ("reached", "posti", "--first"), ("recall", "--model", PHONE, "--first")
        for words in (
            early[0],
            (*early[0], *interval),
            ("reached", "order-system", "--first", *interval),
            early[1],
            other,
        ):
            say(environ, given.times, *words)
        if given.first:
            return
        for words in (("reached", "posti"), ("reached", "posti", *interval[:1]), ("recall", "--model", PHONE)):
            say(environ, given.times, *words)
        say(environ, given.times, "reached", "posti", "--persons")


if __name__ == "__main__":
    main()
