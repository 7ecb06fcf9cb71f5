"""`reached` of a party that has met everybody, and what its index costs whoever records.

`python -m bench.reached [--persons 50000] [--folder FOLDER]`: each person has an account, or one in ten is a guest, with
an order and two parcels. The folder is kept where one is named, and used again where it is there.

Everybody has bought a phone, each with a serial number of its own, and one in a hundred one model of a hundred others.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from console.opening import Folder, opened_for_recording
from console.settings import read_settings
from lineage.facts import Bought, Disclosure, Facts, Route
from lineage.recording import bound
from lineage.sealing import Seal

BATCH = 2_000
JALKI = Path(sys.executable).with_name("jalki")
ORDER = Route("person", "order-system", "order", ("address", "email", "name", "order"), "multitronic", forbidden=False)
DELIVERY = Route(
    "order-system", "posti", "delivery", ("address", "name", "order", "phone"), "multitronic", forbidden=False
)
BEGAN = 1_790_000_000_000_000


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


def fill(path: Path, persons: int) -> None:
    """Record them, with their keys."""
    with opened_for_recording(read_settings({"JALKI_DATA": str(path)})) as (folder, _):
        for start in range(0, persons, BATCH):
            batch = [each for person in range(start, min(start + BATCH, persons)) for each in events(folder, person)]
            keys = folder.keyring.keys({one.holder for each in batch for one in each.disclosures})
            folder.graph.record([sealed(each, keys) for each in batch])


def told(path: Path, *words: str) -> str:
    """Run the command in a process of its own; return how long it took, and until its first line."""
    began = time.perf_counter()
    with subprocess.Popen([JALKI, "reached", "posti", "--json", *words, "--data", path], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None  # noqa: S101 - it is a pipe
        run.stdout.readline()
        first = time.perf_counter() - began
        lines = 1 + sum(1 for _ in run.stdout)
    assert run.returncode == 0  # noqa: S101 - else there is nothing to measure
    took, peak = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return f"first line {first:.1f} s, all {lines:,} lines {took:.1f} s, peak {peak} MiB"


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


def main() -> None:
    """Measure and print."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--persons", type=int, default=50_000)
    wanted.add_argument("--folder", type=Path)
    given = wanted.parse_args()
    print(f"recording {given.persons:,} persons: {cost_of_index(given.persons)}", flush=True)
    with tempfile.TemporaryDirectory() as text:
        path = given.folder or Path(text)
        if not (path / "graph.db").exists():
            fill(path, given.persons)
        middle = f"--from=2026-09-21T14:13:{20 + given.persons * 3 // 2_000_000:02}Z"
        for words in ((), (middle,), ("--persons",)):
            print(f"reached posti {' '.join(words)}: {told(path, *words)}", flush=True)


if __name__ == "__main__":
    main()
