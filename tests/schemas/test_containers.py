"""Avro container files: of one schema or several, older ones too; what is damaged is bad input, never a crash."""

import io
from contextlib import suppress
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import decode
from schemas.extract import InvalidEvent
from schemas.records import JsonRecords, container_events
from tests.schemas.making import CATALOGUE, example

JSON = JsonRecords(CATALOGUE)
LICENCE, CLAIM = CATALOGUE.types["LicenceIssued"], CATALOGUE.types["ClaimOpened"]
CODECS = ["null", "deflate", "bzip2", "xz"]


def event(kind: Any, number: int) -> dict[str, Any]:
    made = {**example(kind), "event_id": f"e-{number}", "occurred_at": number * 1_000_000}
    del made["type"]
    return made


def container(schema: Any, records: list[Any], codec: str = "null") -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, schema, records, codec=codec, sync_interval=500)
    return out.getvalue()


def read(file: bytes) -> list[tuple[str, dict[str, Any]]]:
    return list(container_events(io.BytesIO(file)))


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_of_one_schema_is_read(codec: str) -> None:
    events = [event(LICENCE, number) for number in range(40)]
    found = read(container(LICENCE.schema, events, codec))
    assert [name for name, _ in found] == ["LicenceIssued"] * 40
    assert [decode(CATALOGUE, JSON.encode_fields(*each).record)[1] for each in found] == events


def test_a_file_of_several_schemas_is_read() -> None:
    union = [LICENCE.schema, CLAIM.schema]
    events = [event(LICENCE, 1), event(CLAIM, 2), event(LICENCE, 3)]
    tagged = [(f"jalki.events.{kind.name}", each) for kind, each in zip((LICENCE, CLAIM, LICENCE), events, strict=True)]
    found = read(container(union, tagged))
    assert [name for name, _ in found] == ["LicenceIssued", "ClaimOpened", "LicenceIssued"]
    assert [decode(CATALOGUE, JSON.encode_fields(*each).record)[1] for each in found] == events


def test_a_file_of_an_older_schema_is_read_with_the_defaults_of_what_was_added() -> None:
    old = {**LICENCE.schema, "fields": [field for field in LICENCE.schema["fields"] if field["name"] != "name"]}
    written = {key: value for key, value in event(LICENCE, 1).items() if key != "name"}
    (found,) = read(container(old, [written]))
    assert decode(CATALOGUE, JSON.encode_fields(*found).record)[1] == {**written, "name": None}


def test_a_file_of_another_schema_is_an_unknown_type_record_by_record() -> None:
    other = {"type": "record", "name": "Elsewhere", "fields": [{"name": "x", "type": "int"}]}
    (found,) = read(container(other, [{"x": 1}]))
    with pytest.raises(InvalidEvent, match="unknown type"):
        JSON.encode_fields(*found)


@pytest.mark.parametrize(
    "schema",
    ["int", {"type": "array", "items": "int"}, {"type": "map", "values": "int"}],
    ids=["numbers", "lists", "maps"],
)
def test_a_file_that_holds_no_records_holds_no_events(schema: Any) -> None:
    value = {"int": 1}.get(schema, [1]) if isinstance(schema, str) else ([1] if schema["type"] == "array" else {"a": 1})
    try:
        found = read(container(schema, [value]))
    except InvalidEvent:
        return
    for each in found:
        with pytest.raises(InvalidEvent):
            JSON.encode_fields(*each)


def test_an_empty_file_of_events_has_none() -> None:
    assert read(container(LICENCE.schema, [])) == []


@pytest.mark.parametrize(
    "file", [b"", b"Obj", b"Obj\x02" + b"0" * 50, b"PK\x03\x04", b'{"type": "x"}\n', b"Obj\x01"], ids=range(6)
)
def test_what_is_no_container_is_bad_input(file: bytes) -> None:
    with pytest.raises(InvalidEvent, match="not Avro"):
        read(file)


@pytest.mark.parametrize("codec", CODECS)
def test_what_came_before_a_damaged_block_was_given(codec: str) -> None:
    file = bytearray(container(LICENCE.schema, [event(LICENCE, number) for number in range(200)], codec))
    file[-30:] = b"\xff" * 30
    given_before: list[Any] = []
    with pytest.raises(InvalidEvent, match="damaged block"):
        given_before.extend(container_events(io.BytesIO(bytes(file))))
    assert 0 < len(given_before) < 200
    assert [each["event_id"] for _, each in given_before] == [f"e-{number}" for number in range(len(given_before))]


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_cut_anywhere_gives_no_more_than_what_is_whole(codec: str) -> None:
    whole = container(LICENCE.schema, [event(LICENCE, number) for number in range(30)], codec)
    everything = read(whole)
    assert len(everything) == 30
    for end in range(0, len(whole) - 1, 97):
        found: list[Any] = []
        with suppress(InvalidEvent):
            found.extend(container_events(io.BytesIO(whole[:end])))
        assert found == everything[: len(found)]


FILES = {codec: container(LICENCE.schema, [event(LICENCE, number) for number in range(30)], codec) for codec in CODECS}


@pytest.mark.parametrize("codec", CODECS)
@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_a_file_with_changed_bytes_is_read_or_bad_input(codec: str, data: st.DataObject) -> None:
    file = bytearray(FILES[codec])
    for _ in range(data.draw(st.integers(1, 3))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read(bytes(file))
    except InvalidEvent:
        return
    for each in found:
        with suppress(InvalidEvent):
            assert JSON.encode_fields(*each).topic in CATALOGUE.topics


def test_a_failing_disk_is_not_taken_for_a_damaged_file() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error", str(size))

    with pytest.raises(OSError, match="Input/output error"):
        list(container_events(Failing(FILES["null"])))


def test_the_schema_inside_a_file_may_name_anything() -> None:
    wrong = FILES["null"].replace(b'"event_id"', b'"event_ix"')
    for each in read(wrong):
        with pytest.raises(InvalidEvent, match="event_id: missing"):
            JSON.encode_fields(*each)
