"""Single-object encoding: what is written is read, by us and by the official library; what is not of it is bad input."""

import io
import json
import time
from typing import Any

import avro.io
import avro.schema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import EventType, canonical, fingerprint
from schemas.codec import HEADER, LARGEST, MARKER, decode, encode
from schemas.extract import InvalidEvent
from tests.schemas.making import CATALOGUE, TYPES, events, example

OFFICIAL = {kind.name: avro.schema.parse(canonical(kind.schema)) for kind in TYPES}
by_type = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)


def written_officially(kind: EventType, event: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    avro.io.DatumWriter(OFFICIAL[kind.name]).write(event, avro.io.BinaryEncoder(out))
    return MARKER + kind.fingerprint + out.getvalue()


def crc_64_avro(text: bytes) -> int:
    """The fingerprint as the Avro specification writes it, in its own few lines."""
    empty = 0xC15D213AA4D7A795
    table = []
    for index in range(256):
        value = index
        for _ in range(8):
            value = (value >> 1) ^ (empty & -(value & 1))
        table.append(value)
    value = empty
    for byte in text:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return value


@by_type
def test_a_fingerprint_is_the_one_of_the_specification(kind: EventType) -> None:
    assert kind.fingerprint == crc_64_avro(canonical(kind.schema).encode()).to_bytes(8, "little")
    assert fingerprint(json.loads(canonical(kind.schema))) == kind.fingerprint


def test_every_type_has_a_fingerprint_of_its_own() -> None:
    assert len({kind.fingerprint for kind in TYPES}) == len(TYPES)


@by_type
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_and_the_official_library_agrees(kind: EventType, data: st.DataObject) -> None:
    event = data.draw(events(kind))
    record = encode(kind, event)
    assert record[:HEADER] == MARKER + kind.fingerprint
    assert decode(CATALOGUE, record) == (kind, event)
    read = avro.io.DatumReader(OFFICIAL[kind.name]).read(avro.io.BinaryDecoder(io.BytesIO(record[HEADER:])))
    assert read == event
    theirs = written_officially(kind, event)
    assert decode(CATALOGUE, theirs) == (kind, event)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([None, *TYPES]))
def test_arbitrary_bytes_are_an_event_or_bad_input(garbage: bytes, kind: EventType | None) -> None:
    record = garbage if kind is None else MARKER + kind.fingerprint + garbage
    try:
        found, event = decode(CATALOGUE, record)
    except InvalidEvent:
        return
    assert found is kind
    assert set(event) == {field["name"] for field in kind.schema["fields"]}


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_changed_record_is_an_event_or_bad_input(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(TYPES))
    record = bytearray(encode(kind, data.draw(events(kind))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(record) - 1))
        record[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        if not record:
            return
    try:
        found, event = decode(CATALOGUE, bytes(record))
    except InvalidEvent:
        return
    assert set(event) == {field["name"] for field in found.schema["fields"]}


def long_(number: int) -> bytes:
    """An Avro long: zigzag, seven bits a byte."""
    number = number << 1 if number >= 0 else ((-number) << 1) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


@pytest.mark.parametrize("length", [-1, -(2**40), 2**31, 2**40, 2**62, 2**63 - 1])
def test_a_record_that_claims_a_huge_length_is_refused_at_once(length: int) -> None:
    kind = CATALOGUE.types["DataDisclosed"]
    start = MARKER + kind.fingerprint
    text = b"\x02e" + long_(0) + b"\x02c\x02h\x02r\x02p"
    begun = time.monotonic()
    for record in (
        start + long_(length),
        start + text + long_(length),
        start + text + b"\x00" + long_(length) + b"\x02a",
    ):
        with pytest.raises(InvalidEvent):
            decode(CATALOGUE, record)
    assert time.monotonic() - begun < 30  # not minutes: nothing of the claimed size was made


@pytest.mark.parametrize(
    "record",
    [b"", b"\xc3", MARKER, MARKER + b"1234567", b"\x01\x00\x00\x00\x01abcdefgh", b"Obj\x01" + b"0" * 20],
    ids=range(6),
)
def test_what_is_not_single_object_encoding_is_bad_input(record: bytes) -> None:
    with pytest.raises(InvalidEvent, match="not Avro single-object encoding"):
        decode(CATALOGUE, record)


def test_an_unknown_schema_bytes_left_over_and_bytes_too_many_are_bad_input() -> None:
    kind = CATALOGUE.types["NewsletterUnsubscribed"]
    event = {**example(kind), "occurred_at": 0}
    record = encode(kind, event)
    with pytest.raises(InvalidEvent, match="unknown schema"):
        decode(CATALOGUE, MARKER + b"12345678" + record[HEADER:])
    with pytest.raises(InvalidEvent, match="bytes after the end"):
        decode(CATALOGUE, record + b"\x00")
    with pytest.raises(InvalidEvent, match="larger than 1 MiB"):
        decode(CATALOGUE, record + b"\x00" * LARGEST)
    for end in range(HEADER, len(record)):
        with pytest.raises(InvalidEvent):
            decode(CATALOGUE, record[:end])


@by_type
def test_an_event_that_lacks_a_field_or_has_it_wrong_cannot_be_written(kind: EventType) -> None:
    event = {**example(kind), "occurred_at": 0}
    assert decode(CATALOGUE, encode(kind, event))[0] is kind
    for wrong in (
        {**event, "controller": None},
        {**event, "occurred_at": "now"},
        {key: event[key] for key in event if key != "event_id"},
    ):
        with pytest.raises(InvalidEvent):
            encode(kind, wrong)


def test_a_list_cut_into_other_blocks_is_read_alike() -> None:
    """Another producer may write a list of two as two blocks of one, or with the sizes of its blocks."""
    kind = CATALOGUE.types["ShipmentHandedOn"]
    event = {**example(kind, categories=["name", "address"]), "occurred_at": 0}
    ours = encode(kind, event)
    start = ours.removesuffix(b"\x04\x08name\x0eaddress\x00")
    assert start != ours
    for blocks in (b"\x02\x08name\x02\x0eaddress\x00", b"\x03\x1a\x08name\x0eaddress\x00"):
        assert decode(CATALOGUE, start + blocks) == decode(CATALOGUE, ours)
