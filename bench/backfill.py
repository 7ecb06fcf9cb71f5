"""Measures `backfill` against `ingest`: `python -m bench.backfill [--pairs N]`. Prints the table of docs/benchmarks.md.

The same shipments as JSON Lines through `ingest`, as CSV, Parquet and rows of SQLite through `backfill`, each into a
folder of its own, in alternation, so that a busy moment of the machine hits all of them; then all of it once more, where
everything is a repetition.
"""

import argparse
import asyncio
import csv
import json
import random
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from statistics import median

import pyarrow as pa
from pyarrow import parquet

from console.opening import Folder, opened_for_writing
from console.settings import read_settings
from schemas.records import JsonRecords
from streams.backfill.forming import Forming
from streams.backfill.loading import load_backfill
from streams.backfill.running import backfill_chunks
from streams.ingest import ingest, take_in
from streams.log import Log
from streams.recorder import Recorder
from streams.shop import Event, simulate

SEGMENT = 8_000
SHIPMENTS_A_PERSON = 1.4
COLUMNS = (
    "id",
    "at",
    "shipment",
    "order",
    "carrier",
    "name",
    "street",
    "postcode",
    "city",
    "country",
    "phone",
    "email",
)
FIELDS = """
key: [id]
fields:
  occurred_at: at
  controller: {constant: multitronic}
  shipment_id: shipment
  order_id: order
  carrier: carrier
  name: name
  address: {record: {street: street, postcode: postcode, city: city, country: country}}
  phone: phone
  email: email
"""
WAYS = ("ingest", "csv", "parquet", "sql")
Opened = tuple[Folder, Recorder, Log]
Times = tuple[float, float]
Seconds = dict[str, list[Times]]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=6, help="segments of 8,000 events (default: 6)")
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory(prefix="jalki-bench-") as name, ExitStack() as stack:
        work = Path(name)
        folders = {way: stack.enter_context(opened_for_writing(read_settings({}, work / way))) for way in WAYS}
        segments = [_written(work / f"segment-{number}", each) for number, each in enumerate(_segments(pairs + 1))]
        _measured(segments[:1], folders)  # warm: imports, compiled patterns, caches
        _print("new", _measured(segments[1:], folders))
        _print("repeated", _measured(segments[1:], folders))


def _measured(segments: Sequence[Path], folders: dict[str, Opened]) -> Seconds:
    """Return the seconds of the clock and of the processor that each way took for each segment."""
    seconds: Seconds = {way: [] for way in WAYS}
    for segment in segments:
        for way in random.sample(WAYS, len(WAYS)):
            clock, processor = time.perf_counter(), time.process_time()
            _RUN[way](segment, *folders[way])
            seconds[way].append((time.perf_counter() - clock, time.process_time() - processor))
    return seconds


def _print(what: str, seconds: Seconds) -> None:
    for way, times in seconds.items():
        rate = SEGMENT * len(times) / sum(clock for clock, _ in times)
        processor = sum(each for _, each in times) / (SEGMENT * len(times)) * 1e6
        told = [_against(seconds["ingest"], times, which) for which in (0, 1)]
        print(
            f"{what:<9} {way:<7} {rate:>7,.0f} events/s {processor:>6.0f} us of the processor"
            f"   ingest / it: clock {told[0]}, processor {told[1]}"
        )


def _against(live: Sequence[Times], times: Sequence[Times], which: int) -> str:
    ratios = [each[which] / own[which] for each, own in zip(live, times, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _ingest(segment: Path, folder: Folder, recorder: Recorder, log: Log) -> None:
    records = JsonRecords(folder.catalogue)
    asyncio.run(ingest([str(segment / "rows.jsonl")], log, folder.catalogue.topics, records, recorder))


def _backfill(segment: Path, way: str, folder: Folder, recorder: Recorder, log: Log) -> None:
    parties = [party.id for party in folder.register.parties()]
    mapping = load_backfill(segment / f"{way}.yaml", folder.catalogue, parties)
    forming = Forming(mapping, JsonRecords(folder.catalogue))
    chunks = backfill_chunks(mapping, forming, lambda: recorder.tally.dead)
    asyncio.run(take_in(chunks, log, folder.catalogue.topics, recorder))
    if forming.formed.events != SEGMENT:
        raise AssertionError(forming.formed)


_RUN: dict[str, Callable[[Path, Folder, Recorder, Log], None]] = {
    "ingest": _ingest,
    "csv": lambda segment, *opened: _backfill(segment, "csv", *opened),
    "parquet": lambda segment, *opened: _backfill(segment, "parquet", *opened),
    "sql": lambda segment, *opened: _backfill(segment, "sql", *opened),
}


def _segments(number: int) -> Iterator[list[Event]]:
    """Yield lists of different shipments of one shop."""
    persons = int(SEGMENT * (number + 1) / SHIPMENTS_A_PERSON)
    found: dict[str, Event] = {}
    for event in simulate(persons, 3):
        if event["type"] == "ShipmentBooked":
            found.setdefault(str(event["event_id"]), {**event, "consignee": None, "controller": "multitronic"})
    events = iter(found.values())
    for _ in range(number):
        yield list(islice(events, SEGMENT))


def _written(folder: Path, events: Sequence[Event]) -> Path:
    """Write the same events in the four ways."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    rows = [_row(event) for event in events]
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    with closing(sqlite3.connect(folder / "rows.db")) as database:
        names = ", ".join(f'"{each}"' for each in COLUMNS)
        database.execute(f"CREATE TABLE shipment ({names})")
        database.executemany(f"INSERT INTO shipment VALUES ({', '.join('?' * len(COLUMNS))})", rows)
        database.commit()
    told = {name: [row[at] for row in rows] for at, name in enumerate(COLUMNS)}
    parquet.write_table(pa.table(told), folder / "rows.parquet")
    top = "name: shipments\nevent: ShipmentBooked\n"
    (folder / "csv.yaml").write_text(f"{top}rows: {{csv: rows.csv}}{FIELDS}")
    (folder / "parquet.yaml").write_text(f"{top}rows: {{parquet: rows.parquet}}{FIELDS}")
    url = f"sqlite:///{folder / 'rows.db'}"
    (folder / "sql.yaml").write_text(f"{top}rows: {{sql: '{url}', query: SELECT * FROM shipment}}{FIELDS}")
    return folder


def _row(event: Event) -> list[object]:
    address = dict(event["address"])
    told = [event["event_id"], event["occurred_at"], event["shipment_id"], event["order_id"], event["carrier"]]
    told += [event["name"], *(address[each] for each in ("street", "postcode", "city", "country"))]
    return [each or "" for each in (*told, event.get("phone"), event.get("email"))]


if __name__ == "__main__":
    main()
