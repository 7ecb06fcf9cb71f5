"""`jalki backfill` as a user runs it: twice, over overlapping exports, killed in the middle, over files that are wrong."""

import csv
import random
import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.events import Event, shop, write_lines
from tests.e2e.program import Ended, asked, assert_no_traceback, called, started

COLUMNS = [
    "id",
    "at",
    "shipment",
    "order",
    "customer",
    "carrier",
    "name",
    "street",
    "postcode",
    "city",
    "country",
    "phone",
    "email",
]
MAPPING = """
name: shipments
event: ShipmentBooked
rows: {csv: 'shipments*.csv'}
key: [id]
fields:
  occurred_at: at
  controller: {constant: multitronic}
  shipment_id: shipment
  order_id: order
  customer_id: customer
  carrier: carrier
  name: name
  address: {record: {street: street, postcode: postcode, city: city, country: country}}
  phone: phone
  email: email
"""
KILLED = 6


def row(event: Event) -> list[str]:
    address = event["address"]
    told = [
        event[each] for each in ("event_id", "occurred_at", "shipment_id", "order_id", "customer_id", "carrier", "name")
    ]
    told += [address[each] for each in ("street", "postcode", "city", "country")]
    return [each or "" for each in (*told, event["phone"], event["email"])]


def shipments(persons: int) -> list[Event]:
    """Different shipments of a shop, with nothing in them that the mapping does not speak of."""
    found = {each["event_id"]: each for each in shop(persons, seed=5) if each["type"] == "ShipmentBooked"}
    plain = {"customer_id": None, "phone": None, "email": None}
    return [{**plain, **each, "consignee": None, "passport_number": None, "tracking_number": None, "controller": "multitronic"}
            for each in found.values()]  # fmt: skip


def export(folder: Path, rows: Sequence[Sequence[str]], name: str = "shipments.csv") -> Path:
    (folder / "shipments.yaml").write_text(MAPPING)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder / "shipments.yaml"


def counts(ended: Ended) -> tuple[int, ...]:
    return tuple(ended.json[each] for each in ("read", "recorded", "repeated", "dead"))


def sharing(data: Path) -> str:
    return asked("sharing", "--json", "--data", data).out


@dataclass(frozen=True, slots=True)
class Shop:
    """An export, and what an undisturbed backfill of it makes of it."""

    mapping: Path
    rows: list[list[str]]
    events: list[Event]
    data: Path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("whole")
    events = shipments(1_200)
    rows = [row(each) for each in events]
    mapping = export(folder, rows)
    ended = called("backfill", mapping, "--json", "--data", folder / "data")
    assert (ended.code, counts(ended)) == (0, (len(rows), len(rows), 0, 0))
    return Shop(mapping, rows, events, folder / "data")


def test_a_second_run_and_an_export_that_overlaps_record_nothing_twice(whole: Shop, tmp_path: Path) -> None:
    half = len(whole.rows) // 2
    mapping = export(tmp_path, whole.rows[: half + 100], "shipments-1.csv")
    data = tmp_path / "data"
    assert counts(called("backfill", mapping, "--json", "--data", data)) == (half + 100, half + 100, 0, 0)
    assert counts(called("backfill", mapping, "--json", "--data", data)) == (half + 100, 0, half + 100, 0)
    export(tmp_path, whole.rows[half:], "shipments-2.csv")
    ended = called("backfill", mapping, "--json", "--data", data)
    rest = len(whole.rows) - half - 100
    assert counts(ended) == (len(whole.rows) + 100, rest, half + 200, 0)
    assert sharing(data) == sharing(whole.data)


def test_it_makes_the_same_record_as_the_same_events_live(whole: Shop, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "live.jsonl", whole.events)
    assert called("ingest", file, "--data", tmp_path / "data").code == 0
    assert sharing(tmp_path / "data") == sharing(whole.data)


@pytest.mark.parametrize("number", range(KILLED))
def test_a_backfill_killed_at_any_moment_and_run_again_is_whole(number: int, whole: Shop, tmp_path: Path) -> None:
    data = tmp_path / "data"
    chance = random.Random(number)  # noqa: S311 - repeatable
    with started("backfill", whole.mapping, "--data", data) as run:
        run.until((data / "log.db").exists)
        run.ended_within(chance.random() * 1.5)
        run.process.send_signal(signal.SIGKILL)
        assert_no_traceback(run.end())
    again = called("backfill", whole.mapping, "--json", "--data", data)
    read, recorded, repeated, dead = counts(again)
    assert (again.code, read, dead, recorded + repeated) == (0, len(whole.rows), 0, read)
    assert sharing(data) == sharing(whole.data)
    assert asked("dead-letters", "--json", "--data", data).json == []


def test_other_content_under_the_same_key_is_bad_input_and_the_first_stands(whole: Shop, tmp_path: Path) -> None:
    mapping = export(tmp_path, whole.rows[:10])
    assert called("backfill", mapping, "--data", tmp_path / "data").code == 0
    before = sharing(tmp_path / "data")
    changed = [[*each[:5], "dhl" if each[5] != "dhl" else "ups", *each[6:]] for each in whole.rows[:1]]
    export(tmp_path, [*changed, *whole.rows[1:10]])
    ended = called("backfill", mapping, "--json", "--data", tmp_path / "data")
    assert (ended.code, counts(ended)) == (1, (10, 0, 9, 1))
    assert sharing(tmp_path / "data") == before


def test_a_file_of_bad_rows_stops_it_soon_and_says_what_is_wrong_and_where(whole: Shop, tmp_path: Path) -> None:
    wrong = [[each[0], "03/01/26", *each[2:]] for each in whole.rows]
    mapping = export(tmp_path, whole.rows[:100], "shipments-1.csv")
    export(tmp_path, wrong * 20, "shipments-2.csv")
    ended = called("backfill", mapping, "--most-bad", 500, "--json", "--data", tmp_path / "data")
    assert (ended.code, ended.json["stopped"], ended.json["recorded"], ended.json["dead"]) == (1, True, 100, 501)
    assert "501 × occurred_at: not a time as declared (column at)" in ended.said
    assert "too many are bad" in ended.said
    assert "03/01/26" not in ended.out + ended.err
    assert len(asked("dead-letters", "--json", "--data", tmp_path / "data").json) == 501


def test_faults_that_show_only_when_events_are_recorded_stop_it_too(whole: Shop, tmp_path: Path) -> None:
    wrong = [[f"{number}-{each[0]}", *each[1:5], "nobody", *each[6:]] for number in range(30) for each in whole.rows]
    mapping = export(tmp_path, wrong)
    ended = called("backfill", mapping, "--json", "--data", tmp_path / "data")
    assert (ended.code, ended.json["stopped"]) == (1, True)
    assert ended.json["dead"] == ended.json["read"] < len(wrong) // 2


def test_a_check_tells_all_and_leaves_nothing(whole: Shop, tmp_path: Path) -> None:
    rows = [list(each) for each in whole.rows[:50]]
    rows[3][1] = "yesterday"
    rows[4][5] = "nobody"
    mapping = export(tmp_path, [[*each, "x"] for each in rows])
    (tmp_path / "shipments.csv").write_bytes(
        (tmp_path / "shipments.csv").read_bytes().replace(b"email\r\n", b"email,note\r\n")
    )
    before = sorted(tmp_path.iterdir())
    ended = called("backfill", mapping, "--check", "--json", "--data", tmp_path / "data")
    assert (ended.code, ended.json["rows"], ended.json["events"], ended.json["bad"]) == (1, 50, 48, 2)
    assert "shipments.csv: not used: note" in ended.said
    assert "1 × occurred_at: not a time as declared (column at)" in ended.said
    assert all(each[6] not in ended.out + ended.err for each in rows)
    assert sorted(tmp_path.iterdir()) == before


def test_a_check_of_a_query_reads_only_its_first_rows(whole: Shop, tmp_path: Path) -> None:
    mapping = export(tmp_path, whole.rows)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        names = ", ".join(f'"{each}"' for each in COLUMNS)
        database.execute(f"CREATE TABLE shipment ({names})")
        database.executemany(f"INSERT INTO shipment VALUES ({', '.join('?' * len(COLUMNS))})", whole.rows)  # noqa: S608 - marks
        database.commit()
    rows = "rows: {sql: 'sqlite:///AT', query: SELECT * FROM shipment}".replace("AT", str(tmp_path / "shop.db"))
    mapping.write_text(MAPPING.replace("rows: {csv: 'shipments*.csv'}", rows))
    ended = called("backfill", mapping, "--check", "--rows", 7, "--json", "--data", tmp_path / "data")
    assert (ended.code, ended.json["rows"], ended.json["events"]) == (0, 7, 7)
    ended = called("backfill", mapping, "--json", "--data", tmp_path / "data")
    assert (ended.code, counts(ended)) == (0, (len(whole.rows), len(whole.rows), 0, 0))
    assert sharing(tmp_path / "data") == sharing(whole.data)


def test_a_mapping_that_does_not_fit_leaves_nothing(whole: Shop, tmp_path: Path) -> None:
    mapping = export(tmp_path, whole.rows[:5])
    mapping.write_text(MAPPING.replace("carrier: carrier", "carrier: carier"))
    ended = called("backfill", mapping, "--data", tmp_path / "data")
    assert ended.code == 2
    assert "shipments.yaml:12: shipments.csv has no column carier; do you mean carrier?" in ended.said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", [None, "", "a: [", "name: x"])
def test_a_file_that_is_no_mapping_is_told(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "m.yaml").write_text(content)
    ended = called("backfill", tmp_path / "m.yaml", "--data", tmp_path / "data")
    assert ended.code == 2
    assert "m.yaml" in ended.said
