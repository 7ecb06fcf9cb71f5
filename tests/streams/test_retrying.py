"""Dead letters once more, after their cause was repaired: recorded once, whoever is stopped in between."""

import json
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import pytest

from lineage.errors import Retryable
from lineage.graph import Letter, Until
from lineage.pseudonyms import Pseudonyms
from lineage.recording import REUSED, Dead, Recording
from lineage.sealing import Seal
from lineage.stores.keyring import SqlKeyRing, sqlite_key_ring
from lineage.stores.sqlite import SqliteGraph
from lineage.tombstones import Tombstone
from lineage.watching import Watch
from schemas.catalogue import load_catalogue
from schemas.codec import encode
from schemas.records import JsonRecords
from streams.recorder import FORBIDDEN, Recorder
from streams.records import Record
from streams.retrying import KEY_GONE, PART, ROWS, SETTLED, Retried, Retrying
from streams.sources import read_source
from tests.lineage.memory_of_erased import Told

CARD = "4111 1111 1111 1111"
CATALOGUE = load_catalogue()
NOW = 9_000_000


class Stopped(Exception):
    """Stands for a program that is killed there."""


@dataclass
class Stage:
    """A graph and a key ring, and who can be a party there; `stops_at` names what is never reached."""

    graph: SqliteGraph
    keys: SqlKeyRing
    parties: set[str]
    told: Told
    stops_at: str = ""

    @property
    def pseudonyms(self) -> Pseudonyms:
        return Pseudonyms(b"p" * 32)

    @property
    def recorder(self) -> Recorder:
        recording = Recording(self.graph, self.keys, self.pseudonyms, Watch(self.keys.memory, self.graph, self.told))
        return Recorder(CATALOGUE, lambda party: party in self.parties, self.pseudonyms, recording, lambda: NOW)

    @property
    def retrying(self) -> Retrying:
        stage: Any = self
        return Retrying(
            _Stopping(stage.graph, self), _Stopping(stage.keys, self), self.pseudonyms, CATALOGUE, self.recorder
        )

    def takes(self, *records: Record) -> None:
        recorder = self.recorder
        recorder.write([recorder.seal(recorder.prepare(records))])

    def sets_aside(self, *dead: Dead) -> None:
        self.recorder.write([Recorder.buried(dead)])

    def retries(self) -> Retried:
        counts, retrying = Retried(), self.retrying
        retrying.finish()
        retrying.retry(retrying.letters(), counts)
        return counts

    def foresees(self) -> Retried:
        counts, retrying = Retried(), self.retrying
        retrying.foresee(retrying.letters(), counts)
        return counts

    def reasons(self) -> list[str]:
        return [each.reason for each in self.graph.letters()]


class _Stopping:
    """Passes everything on, up to the call that the stage stops at."""

    def __init__(self, inner: Any, stage: Stage) -> None:
        self._inner, self._stage = inner, stage

    def __getattr__(self, name: str) -> Any:
        if name == self._stage.stops_at:
            raise Stopped
        return getattr(self._inner, name)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    keys, graph = sqlite_key_ring(tmp_path / "keys.db", b"m" * 32), SqliteGraph(tmp_path / "graph.db")
    yield Stage(graph, keys, {"multitronic", "order-system"}, Told())
    graph.close()
    keys.close()


def claim(number: int = 1, description: str = "broken", **more: object) -> dict[str, Any]:
    return {
        "event_id": f"e-{number}", "occurred_at": number, "controller": "multitronic", "claim_id": f"CL-{number}",
        "order_id": f"O-{number}", "handler": "multicare", "name": "A", "description": description, **more,
    }  # fmt: skip


def record(event: Mapping[str, Any], headers: tuple[tuple[str, bytes], ...] = (), offset: int = 0) -> Record:
    return Record("aftersales", 0, offset, 0, None, encode(CATALOGUE.types["ClaimOpened"], event), headers)


def test_a_record_of_a_party_that_nobody_knew_is_recorded_once_the_register_has_it(stage: Stage) -> None:
    stage.takes(*(record(claim(number), offset=number) for number in range(3)))
    assert stage.reasons() == ["unknown party"] * 3
    assert stage.retries().reasons == {"unknown party": 3}
    stage.parties.add("multicare")
    foreseen = stage.foresees()
    assert (foreseen.recorded, foreseen.failing) == (3, 0)
    assert stage.graph.counts()["events"] == 0
    assert stage.retries().recorded == 3
    assert stage.graph.counts() == {"events": 3, "identifiers": 6, "disclosures": 3, "dead_letters": 0}
    assert stage.retries() == Retried()


def test_a_letter_that_was_recorded_leaves_no_key_behind(stage: Stage) -> None:
    stage.takes(record(claim()))
    (letter,) = stage.graph.letters()
    stage.parties.add("multicare")
    stage.retries()
    assert not stage.keys.find([letter.key])


@pytest.mark.parametrize("step", ["find", "reword_letters", "destroy", "take_off_letters"])
def test_whoever_is_stopped_between_recording_and_taking_off_the_list_records_it_once(step: str, stage: Stage) -> None:
    stage.takes(record(claim(1), offset=1), record(claim(2), offset=2))
    stage.parties.add("multicare")
    stage.stops_at = step
    with pytest.raises(Stopped):
        stage.retries()
    assert stage.graph.counts()["dead_letters"] == 2
    stage.stops_at = ""
    counts = stage.retries()
    assert counts.failing == 0
    assert stage.graph.counts() == {"events": 2, "identifiers": 4, "disclosures": 2, "dead_letters": 0}


def test_what_is_marked_as_settled_is_retried_by_nobody(stage: Stage) -> None:
    stage.takes(record(claim()))
    stage.parties.add("multicare")
    stage.stops_at = "destroy"
    with pytest.raises(Stopped):
        stage.retries()
    assert stage.reasons() == [SETTLED]
    assert stage.foresees() == Retried()


def test_an_event_that_was_recorded_meanwhile_counts_as_repeated_and_leaves_the_list(stage: Stage) -> None:
    stage.takes(record(claim(), offset=1))
    stage.parties.add("multicare")
    stage.takes(record(claim(), offset=2))
    assert stage.foresees().repeated == 1
    assert stage.retries().repeated == 1
    assert stage.reasons() == []


def test_of_two_letters_of_one_event_one_is_recorded_and_other_content_stays(stage: Stage) -> None:
    stage.takes(record(claim(), offset=1), record(claim(), offset=2), record(claim(description="else"), offset=3))
    stage.parties.add("multicare")
    foreseen = stage.foresees()
    assert (foreseen.recorded, foreseen.repeated, foreseen.reasons) == (1, 1, {REUSED: 1})
    counts = stage.retries()
    assert (counts.recorded, counts.repeated, counts.reasons) == (1, 1, {REUSED: 1})
    assert stage.reasons() == [REUSED]


def test_what_still_fails_has_the_reason_that_it_has_now(stage: Stage) -> None:
    stage.takes(record(claim(description="x" * 10), offset=1))
    stage.parties.discard("multitronic")
    stage.sets_aside(Dead("unknown type", "a.jsonl:1", json.dumps({"type": "ClaimOpened"}).encode(), "line"))
    assert stage.retries().failing == 2
    assert sorted(stage.reasons()) == ["event_id: missing", "unknown party"]


def test_an_erased_person_stays_erased_and_her_case_is_told(stage: Stage) -> None:
    stage.takes(record(claim(1), offset=1), record(claim(2), offset=2))
    stage.keys.memory.entomb([Tombstone(stage.pseudonyms.identifier("order_id", "O-1"), NOW + 1, "case-1")])
    stage.parties.add("multicare")
    assert stage.foresees().held_back == 1
    counts = stage.retries()
    assert (counts.recorded, counts.held_back, counts.late) == (1, 1, 1)
    assert [each.case for each in stage.told.late] == ["case-1"]
    assert not forbidden(stage)
    assert stage.reasons() == []


def test_where_the_case_cannot_be_told_the_letter_stays(stage: Stage) -> None:
    stage.takes(record(claim()))
    stage.keys.memory.entomb([Tombstone(stage.pseudonyms.identifier("order_id", "O-1"), NOW + 1, "case-1")])
    stage.parties.add("multicare")
    stage.told.failing = 1
    with pytest.raises(Retryable):
        stage.retries()
    assert stage.reasons() == ["unknown party"]
    assert stage.retries().late == 1


def test_a_line_of_a_type_that_nobody_knew_is_recorded_once_its_schema_is_there(stage: Stage) -> None:
    line = {"type": "ClaimOpened", **claim(), "occurred_at": "2026-03-01T09:00:00Z"}
    stage.sets_aside(Dead("unknown type", "a.jsonl:7", json.dumps(line).encode(), "line"))
    stage.parties.add("multicare")
    assert stage.retries().recorded == 1
    assert stage.graph.counts()["dead_letters"] == 0


def container(path: Path, event: Mapping[str, Any]) -> Path:
    """An Avro file of another program, with a time that is one in Avro, and a field of the wrong type."""
    kind = CATALOGUE.types["ClaimOpened"]
    schema = {"type": "record", "name": "ClaimOpened", "fields": [
        {"name": name, "type": {"type": "long", "logicalType": "timestamp-micros"} if name == "occurred_at" else "string"}
        for name in event
    ]}  # fmt: skip
    out = BytesIO()
    fastavro.writer(out, fastavro.parse_schema(schema), [event])
    path.write_bytes(out.getvalue())
    assert kind.schema["name"].endswith("ClaimOpened")
    return path


def test_what_stood_in_an_avro_file_can_be_recorded_too(stage: Stage, tmp_path: Path) -> None:
    file = container(tmp_path / "claims.avro", claim())
    records = JsonRecords(CATALOGUE)
    without = JsonRecords(load_catalogue())
    without._types.pop("ClaimOpened")
    ((dead, _),) = read_source(str(file), without)
    assert isinstance(dead, Dead)
    assert dead.reason == "unknown type"
    stage.sets_aside(dead)
    ((source, _),) = read_source(str(file), records)
    assert not isinstance(source, Dead)
    stage.parties.add("multicare")
    assert stage.retries().recorded == 1
    stage.takes(Record("aftersales", 0, 0, 0, None, source.encoded.record, ()))
    assert stage.graph.counts()["events"] == 1
    assert stage.reasons() == []


@pytest.mark.parametrize(("form", "why"), [("rows", ROWS), ("part", PART)])
def test_what_was_not_kept_whole_says_so_and_stays(form: Any, why: str, stage: Stage) -> None:
    stage.sets_aside(Dead("unknown party", "shop.csv, row 7", b"C-1\tA", form))
    assert stage.retries().reasons == {why: 1}


def test_a_letter_whose_key_is_gone_stays_until_it_is_put_aside(stage: Stage) -> None:
    stage.takes(record(claim()))
    stage.keys.destroy([each.key for each in stage.graph.letters()])
    stage.parties.add("multicare")
    assert stage.retries().reasons == {KEY_GONE: 1}
    assert stage.reasons() == ["unknown party"]
    stage.retrying.put_aside(stage.retrying.letters(), Retried())
    assert stage.reasons() == []


def test_only_what_cannot_be_recorded_is_put_aside(stage: Stage) -> None:
    stage.takes(record(claim(1), offset=1), record(claim(2, handler="nobody"), offset=2))
    keys = {each.key for each in stage.graph.letters()}
    stage.parties.add("multicare")
    counts = Retried()
    stage.retrying.put_aside(stage.retrying.letters("unknown party"), counts)
    assert (counts.put_aside, counts.recorded) == (1, 1)
    (left,) = stage.graph.letters()
    assert not stage.keys.find(keys - {left.key})
    assert stage.retries().recorded == 1


def forbidden(stage: Stage) -> Collection[bool]:
    key = stage.pseudonyms.identifier("order_id", "O-1")
    return {each.route.forbidden for each in stage.graph.disclosures([key], Until())}


@pytest.mark.parametrize(
    "letter",
    [
        record(claim(description=f"paid with {CARD}")),
        record(claim(description=""), ((FORBIDDEN, b"person"),)),
    ],
    ids=["dropped when it was set aside", "dropped when it was read"],
)
def test_that_a_card_number_was_dropped_is_not_forgotten_with_the_retry(letter: Record, stage: Stage) -> None:
    stage.takes(letter)
    stage.parties.add("multicare")
    assert stage.retries().recorded == 1
    assert forbidden(stage) == {True}


@pytest.mark.parametrize("as_line", [False, True], ids=["a record of a bus", "a line"])
def test_a_card_number_in_what_nobody_could_read_is_blotted_out_and_counts_as_dropped(
    as_line: bool, stage: Stage
) -> None:
    event = claim(description=f"paid with {CARD}")
    if as_line:
        line = {"type": "ClaimOpened", **event, "occurred_at": "2026-03-01T09:00:00Z"}
        dead = Dead("unknown type", "a.jsonl:7", json.dumps(line).encode(), "line")
    else:
        dead = Dead("unknown schema", "aftersales[0]@7", record(event).value)
    stage.sets_aside(dead)
    stage.parties.add("multicare")
    assert stage.retries().recorded == 1
    assert forbidden(stage) == {True}


def test_letters_of_an_older_jalki_which_did_not_say_their_form_are_recorded_too(stage: Stage) -> None:
    line = json.dumps({"type": "ClaimOpened", **claim(2), "occurred_at": "2026-03-01T09:00:00Z"}).encode()
    older = [Dead("unknown party", "t[0]@1", record(claim(1)).value), Dead("unknown type", "a.jsonl:1", line)]
    older.append(Dead("unknown type", "a.avro, record 1", repr(claim(3)).encode()))
    for each in older:
        key = stage.pseudonyms.letter(each.position, each.record)
        plain = json.dumps({"position": each.position, "record": b64encode(each.record).decode()}).encode()
        sealed = Seal(stage.keys.keys([key])[key]).seal(plain, key)
        stage.graph.record([], [Letter(key, each.reason, 1, sealed)])
    stage.parties.add("multicare")
    counts = stage.retries()
    assert (counts.recorded, counts.failing) == (2, 1)
