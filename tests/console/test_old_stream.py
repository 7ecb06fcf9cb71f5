"""An old log.db brought back: what nobody can read is stepped over and told; what is damaged, or lacks its key, is not."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from console.opening import opened_for_writing
from console.settings import read_settings
from lineage.errors import Misconfigured
from schemas.records import JsonRecords
from streams.log import Passed
from streams.records import GROUP, Outgoing
from tests.cases.logged import restored, saved
from tests.cases.stage import staged
from tests.console.shops import BEFORE, EVENTS, Desk

HER = ("customer_id", "C-1")
ASKED = "2026-05-01T10:00:00+03:00"


def left(folder: Path, *events: Mapping[str, Any]) -> None:
    """Put records into the stream as a run does that is interrupted before they are recorded."""
    with opened_for_writing(read_settings({"JALKI_DATA": str(folder / "data")})) as (opened, _, log):
        records = JsonRecords(opened.catalogue)
        batch: dict[str, list[Outgoing]] = {}
        for each in events:
            made = records.encode(json.dumps(each).encode())
            batch.setdefault(made.topic, []).append(Outgoing(made.record))
        log.subscribe(GROUP, opened.catalogue.topics)
        log.append(batch)


def erased(folder: Path) -> None:
    with staged(folder, ASKED) as stage:
        assert stage.approve(stage.preview(stage.open("erasure", HER))).forgotten


def held(desk: Desk) -> Any:
    return desk.asks("where", ":".join(HER), "--json").json["holdings"]


def interrupted(folder: Path) -> Desk:
    """A shop whose log.db was copied while six of its records waited, and which has recorded them since."""
    desk = Desk(folder)
    left(folder, *({**each, "event_id": f"y-{number}"} for number, each in enumerate(EVENTS)))
    saved(folder, "log.db", folder / "old")
    assert desk.asks("ingest", folder / "events.jsonl").code == 0
    return desk


def test_whoever_was_erased_stays_erased_and_the_next_ingest_ends_well(tmp_path: Path) -> None:
    desk = interrupted(tmp_path)
    assert held(desk)
    erased(tmp_path)
    assert held(desk) == []
    restored(tmp_path, "log.db", tmp_path / "old")
    ended = desk.asks("ingest", tmp_path / "events.jsonl", "--json")
    assert ended.code == 0
    assert "6 records of an old copy of log.db cannot be read by anybody" in ended.err
    assert (ended.json["held_back"], ended.json["recorded"]) == (len(EVENTS), 0)
    assert held(desk) == []
    again = desk.asks("ingest", tmp_path / "events.jsonl")
    assert (again.code, "old copy" in again.err) == (0, False)
    assert desk.asks("restore-check").code == 0


def test_what_comes_after_what_nobody_can_read_is_recorded(tmp_path: Path) -> None:
    desk = interrupted(tmp_path)
    restored(tmp_path, "log.db", tmp_path / "old")
    left(
        tmp_path,
        {**EVENTS[0], "event_id": "new", "customer_id": "C-9", "email": "new@example.fi", "phone": "0409999999"},
    )
    ended = desk.asks("ingest", tmp_path / "events.jsonl")
    assert "6 records of an old copy" in ended.err
    assert desk.asks("where", "customer_id:C-9", "--json").json["holdings"]


def test_doctor_tells_of_it_and_takes_nothing_away(tmp_path: Path) -> None:
    desk = interrupted(tmp_path)
    restored(tmp_path, "log.db", tmp_path / "old")
    for _ in range(2):
        ended = desk.asks("doctor")
        assert "log.db is an old copy" in ended.out + ended.err


def damaged(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "data" / "log.db")) as log, log:
        topics = "SELECT id FROM lane WHERE topic NOT IN ('cases', 'tasks', 'outcomes')"
        rows = log.execute(f"SELECT lane, first, sealed FROM chunk WHERE lane IN ({topics})").fetchall()  # noqa: S608
        assert rows
        for lane, first, sealed in rows:
            changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
            log.execute("UPDATE chunk SET sealed = ? WHERE lane = ? AND first = ?", (changed, lane, first))


@pytest.mark.parametrize("old", [True, False])
def test_a_frame_that_is_damaged_is_never_stepped_over(tmp_path: Path, old: bool) -> None:
    desk = interrupted(tmp_path)
    if old:
        restored(tmp_path, "log.db", tmp_path / "old")
    else:
        left(tmp_path, {**EVENTS[0], "event_id": "new"})
    damaged(tmp_path)
    ended = desk.asks("ingest", tmp_path / "events.jsonl")
    assert (ended.code, "does not open" in ended.err) == (2, True)
    assert not isinstance(Misconfigured(""), Passed)


def test_a_key_ring_that_is_older_than_the_stream_steps_over_nothing(tmp_path: Path) -> None:
    desk = interrupted(tmp_path)
    saved(tmp_path, "keys.db", tmp_path / "ring")
    left(tmp_path, {**EVENTS[0], "event_id": "new", "occurred_at": BEFORE})
    restored(tmp_path, "keys.db", tmp_path / "ring")
    ended = desk.asks("ingest", tmp_path / "events.jsonl")
    assert (ended.code, "restore a newer copy of the key ring" in ended.err) == (2, True)
