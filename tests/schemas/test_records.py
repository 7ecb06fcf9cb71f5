"""JSON Lines at the edge: what is accepted, what is bad input, and that no reason ever repeats what was in the record."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from schemas.catalogue import EventType
from schemas.codec import LARGEST, decode
from schemas.extract import InvalidEvent, said
from schemas.records import JsonRecords, microseconds
from tests.schemas.making import CATALOGUE, TYPES, events, example, line

JSON = JsonRecords(CATALOGUE)
CLAIM, ORDER, CONSENT, AUDIENCE = (
    CATALOGUE.types[name] for name in ("ClaimOpened", "OrderPlaced", "ConsentChanged", "AudienceUploaded")
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(event: dict[str, Any]) -> dict[str, Any]:
    return decode(CATALOGUE, JSON.encode(line(event)).record)[1]


def reason(record: bytes) -> str:
    with pytest.raises(InvalidEvent) as caught:
        JSON.encode(record)
    return str(caught.value)


def without(event: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != name}


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_an_event_in_json_is_the_same_event_in_avro(kind: EventType, data: st.DataObject) -> None:
    event = data.draw(events(kind))
    at = EPOCH + timedelta(microseconds=event["occurred_at"])
    written = json.dumps(
        {"type": kind.name, **event, "occurred_at": at.isoformat()}, ensure_ascii=data.draw(st.booleans())
    )
    encoded = JSON.encode(written.encode())
    assert encoded.topic == kind.topic
    if not encoded.forbidden:
        assert decode(CATALOGUE, encoded.record) == (kind, event)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_each_required_field_is_missed_and_each_optional_one_is_not(kind: EventType) -> None:
    event = example(kind)
    assert JSON.encode(line(event)).topic == kind.topic
    for field in kind.schema["fields"]:
        name = field["name"]
        if "default" in field:
            assert read(without(event, name)) == read(event)
            assert read({**event, name: None})[name] is None
        else:
            assert reason(line(without(event, name))) == f"{name}: missing"
            assert name in reason(line({**event, name: None}))


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
@pytest.mark.parametrize("wrong", [[1.5], {"x": 1}, 1.5, 10**30], ids=["list", "object", "fraction", "huge"])
def test_a_field_of_the_wrong_type_is_named(kind: EventType, wrong: object) -> None:
    for field in kind.schema["fields"]:
        told = reason(line({**example(kind), field["name"]: wrong}))
        assert told.startswith(field["name"])
        assert told.endswith(("not of its type", "missing", "not an RFC 3339 time with an offset"))


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b'{"type": "A",}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"type": "OrderPlaced", "x": ' + b"1" * 5000 + b"}", "not JSON"),
        (b"[]", "the record: not of its type"),
        (b'"OrderPlaced"', "the record: not of its type"),
        (b"null", "the record: not of its type"),
        (b"{}", "type: missing"),
        (b'{"type": 1}', "type: not of its type"),
        (b'{"type": "Nothing"}', "unknown type"),
        (b'{"type": "' + b"x" * LARGEST + b'"}', "larger than 1 MiB"),
    ],
    ids=range(13),
)
def test_what_is_no_record_is_bad_input(record: bytes, told: str) -> None:
    assert reason(record) == told


def test_wrong_parts_are_named_by_their_place() -> None:
    order = example(ORDER)
    order["items"][0] = without(order["items"][0], "sku")
    assert reason(line(order)) == "items.0.sku: missing"
    assert reason(line({**example(ORDER), "address": {"street": "x"}})).startswith("address.")
    assert reason(line({**example(ORDER), "consignee": {"phone": "1"}})) == "consignee.name: missing"


@pytest.mark.parametrize("quantity", ["1", 1.0, True, None, 2**31, -(2**31) - 1])
def test_a_number_is_a_whole_number_that_fits_its_type(quantity: object) -> None:
    order = example(ORDER)
    order["items"][0]["quantity"] = quantity
    assert reason(line(order)).startswith("items.0.quantity: not of its type")


@pytest.mark.parametrize("quantity", [0, 1, 2**31 - 1, -(2**31)])
def test_the_largest_and_smallest_numbers_are_read(quantity: int) -> None:
    order = example(ORDER)
    order["items"][0]["quantity"] = quantity
    assert read(order)["items"][0]["quantity"] == quantity


@pytest.mark.parametrize("value", ["true", 1, 0, "yes"])
def test_a_truth_is_true_or_false(value: object) -> None:
    assert reason(line({**example(CONSENT), "granted": value})) == "granted: not of its type"


@pytest.mark.parametrize("value", ["RAW", "raw ", "raw\n", "sha512", "", "raw|sha256"])
def test_a_word_of_a_list_is_one_of_the_list(value: str) -> None:
    assert reason(line({**example(AUDIENCE), "sent_as": value})) == "sent_as: not of its type"
    assert read({**example(AUDIENCE), "sent_as": "sha256"})["sent_as"] == "sha256"


def test_fields_the_schema_does_not_know_are_left_out() -> None:
    event = example(CLAIM)
    assert read({**event, "note": "x", "deep": {"er": [1, None]}, "type2": 1.5}) == read(event)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_reason_holds_anything_of_the_record(data: st.DataObject) -> None:
    """Words of ours that a value happens to be part of are the only exception."""
    kind = data.draw(st.sampled_from(TYPES))
    event = example(kind)
    garbage = data.draw(
        st.text(st.characters(codec="utf-8"), min_size=4, max_size=30)
        | st.emails()
        | st.from_regex(r"[a-z]{4,12}", fullmatch=True)
    )
    names = data.draw(st.lists(st.sampled_from(sorted(event)), min_size=1, max_size=3))
    shape = data.draw(st.sampled_from(["text", "list", "object", "key"]))
    for name in names:
        event[name] = {"text": garbage, "list": [garbage], "object": {"street": garbage}, "key": {garbage: 1}}[shape]
    record = line(event) if data.draw(st.booleans()) else line(event)[: -data.draw(st.integers(1, 5))]
    told = refusal(record)
    assume(not any(garbage in word for word in OURS))
    assert not [part for part in pieces(garbage) if part in told and not any(part in word for word in OURS)]


def refusal(record: bytes) -> str:
    try:
        said(*decode(CATALOGUE, JSON.encode(record).record))
    except InvalidEvent as found:
        return str(found)
    return ""


OURS = [
    *(field["name"] for kind in TYPES for field in kind.schema["fields"]),
    *[
        "address.street",
        "address.postcode",
        "address.city",
        "address.country",
        "left.kind",
        "left.value",
        "right.kind",
        "right.value",
    ],
    "not an RFC 3339 time with an offset",
    "missing",
    "not of its type",
    "not in its format",
    "unknown type",
    "not JSON",
    "the record",
    "a field is missing or of the wrong type",
    "event_id is empty",
    "names no identifier",
    "kind is not a word",
    "larger than 1 MiB",
    "occurred_at: not within the years 1 to 9999",
    "consignee.name: ",
    "items.0.",
    "identifiers.0.",
    "categories.0",
]


def pieces(text: str) -> set[str]:
    return {text[place : place + 4] for place in range(len(text) - 3)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T19:00:00-05:00", 0),
        ("1970-01-01t00:00:01z", 1_000_000),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.123456789Z", 123_456),
        ("2024-02-29T00:00:00+05:45", 1_709_144_100_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ],
)
def test_a_time_is_read_as_rfc_3339_has_it(text: str, expected: int) -> None:
    assert microseconds(text) == expected
    assert read({**example(CONSENT), "occurred_at": text})["occurred_at"] == expected


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T09:30:00",
        "2026-03-01",
        "2026-03-01 ",
        "2016-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T09:30Z",
        "2026-03-01T09:30:00+0200",
        "2026-03-01T09:30:00+02",
        "2026-03-01T09:30:00.Z",
        "2026-03-01T09:30:00,5Z",
        "2026-03-01T09:30:00+24:00",
        "2026-03-01T09:30:00 Z",
        "20260301T093000Z",
        "2026-W09-7T09:30:00Z",
        "26-03-01T09:30:00Z",
        "２０２６-03-01T09:30:00Z",
        "2026-03-01T09:30:00Z\n",
        "0000-01-01T00:00:00Z",
        "1772357400",
        "1772357400.5",
        "now",
        "",
        1772357400,
        1772357400.5,
        1772357400000000,
        True,
        ["2026-03-01T09:30:00Z"],
        {},
    ],
)
def test_what_is_no_time_with_an_offset_is_refused(value: object) -> None:
    told = reason(line({**example(CONSENT), "occurred_at": value}))
    assert told == "occurred_at: not an RFC 3339 time with an offset"


@given(st.datetimes(timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))))
def test_any_time_of_any_offset_is_the_instant_it_names(when: datetime) -> None:
    assert microseconds(when.isoformat()) == (when - EPOCH) // timedelta(microseconds=1)


@given(
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})",
        fullmatch=True,
    )
)
def test_whatever_looks_like_a_time_is_one_or_a_value_error(text: str) -> None:
    try:
        assert isinstance(microseconds(text), int)
    except ValueError:
        return


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_time_that_no_calendar_has_is_bad_input(at: str) -> None:
    kind, event = decode(CATALOGUE, JSON.encode(line({**example(CONSENT), "occurred_at": at})).record)
    with pytest.raises(InvalidEvent, match="years 1 to 9999"):
        said(kind, event)


def test_an_event_given_as_a_mapping_is_read_with_times_or_microseconds() -> None:
    fields = {key: value for key, value in example(CLAIM).items() if key != "type"}
    at = datetime(2026, 3, 1, 11, 30, tzinfo=timezone(timedelta(hours=2)))
    expected = JSON.encode(line(example(CLAIM)))
    for when in (at, (at - EPOCH) // timedelta(microseconds=1)):
        assert JSON.encode_fields("ClaimOpened", {**fields, "occurred_at": when}) == expected
    for when in (at.replace(tzinfo=None), "2026-03-01T09:30:00Z", True, None):
        with pytest.raises(InvalidEvent, match="occurred_at"):
            JSON.encode_fields("ClaimOpened", {**fields, "occurred_at": when})
    with pytest.raises(InvalidEvent, match="unknown type"):
        JSON.encode_fields("Nothing", fields)
    masked = JSON.encode_fields("ClaimOpened", {**fields, "occurred_at": at, "description": "4111111111111111"})
    assert masked.forbidden == {"person"}
