"""What the agents do with a record that came straight from a bus, past every check of `ingest`."""

from pathlib import Path

import pytest

from lineage.facts import read_as_sent
from lineage.pseudonyms import Pseudonyms
from lineage.recording import REUSED, Recording, read_letter
from lineage.sealing import Seal
from lineage.stores.keyring import sqlite_key_ring
from lineage.stores.sqlite import SqliteGraph
from lineage.tombstones import Tombstone
from lineage.watching import Watch
from schemas.catalogue import load_catalogue
from schemas.codec import encode
from streams.recorder import Recorder
from streams.records import Record
from tests.lineage.memory_of_erased import Told

CARD = "4111 1111 1111 1111"
KIND = load_catalogue().types["ClaimOpened"]


def claim(description: str, handler: str = "multicare") -> Record:
    event = {
        "event_id": "e-1", "occurred_at": 1, "controller": "multitronic", "claim_id": "CL-1", "order_id": "O-1",
        "handler": handler, "name": "A", "description": description,
    }  # fmt: skip
    return Record("aftersales", 0, 0, 0, None, encode(KIND, event), ())


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([claim("broken"), claim(f"paid with {CARD}")], REUSED),
        ([claim(f"paid with {CARD}", handler="nobody")], "unknown party"),
    ],
)
def test_a_card_number_in_a_record_of_the_bus_is_in_no_dead_letter(
    records: list[Record], reason: str, tmp_path: Path
) -> None:
    keys, graph = sqlite_key_ring(tmp_path / "keys.db", b"m" * 32), SqliteGraph(tmp_path / "graph.db")
    pseudonyms = Pseudonyms(b"p" * 32)
    recording = Recording(graph, keys, pseudonyms)
    recorder = Recorder(load_catalogue(), lambda party: party != "nobody", pseudonyms, recording, lambda: 2)
    recorder.write([recorder.seal(recorder.prepare(records))])
    (letter,) = graph.letters()
    assert letter.reason == reason
    _, record = read_letter(Seal(keys.find((letter.key,))[letter.key]).open(letter.sealed, letter.key))
    assert b"4111" not in record
    assert (b"[card number]" in record) == (reason == REUSED)  # of what could be read the value is dropped
    graph.close()
    keys.close()


BEFORE = 5_000_000


@pytest.mark.parametrize(
    "timestamp_ms",
    [4_999, 5_000, 9_000, -1],
    ids=["on the bus before", "in the millisecond of the erasure", "on the bus after", "nobody knows when"],
)
def test_what_nobody_had_read_of_an_erased_person_is_held_back_and_late_whenever_it_reached_the_bus(
    timestamp_ms: int, tmp_path: Path
) -> None:
    keys, graph, told = sqlite_key_ring(tmp_path / "keys.db", b"m" * 32), SqliteGraph(tmp_path / "graph.db"), Told()
    pseudonyms = Pseudonyms(b"p" * 32)
    keys.memory.entomb([Tombstone(pseudonyms.identifier("order_id", "O-1"), BEFORE, "case-1")])
    recording = Recording(graph, keys, pseudonyms, Watch(keys.memory, graph, told))
    recorder = Recorder(load_catalogue(), lambda _: True, pseudonyms, recording, lambda: 2)
    outcome = recorder.write([recorder.seal(recorder.prepare([claim("x")._replace(timestamp_ms=timestamp_ms)]))])
    assert (outcome.recorded, outcome.held_back, outcome.late) == (0, 1, 1)
    assert (recorder.tally.held_back, recorder.tally.late, recorder.tally.settled) == (1, 1, 1)
    assert graph.counts()["events"] == 0
    assert [read_as_sent(each.as_sent)[0] for each in told.late] == [[("claim_id", "CL-1"), ("order_id", "O-1")]]
    graph.close()
    keys.close()
