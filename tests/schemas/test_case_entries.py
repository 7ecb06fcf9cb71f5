"""Entries of cases as bytes: what goes in comes out, and what is none is told apart from one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.case_entries import case_entry, decode_entry, encode_entry
from schemas.codec import HEADER, MARKER
from schemas.extract import InvalidEvent

HASH = st.binary(min_size=32, max_size=32)
TEXT = st.text(st.characters(codec="utf-8"))
FIELDS = st.fixed_dictionaries({
    "case": TEXT, "number": st.integers(0, 2**31 - 1), "at": st.integers(-(2**63), 2**63 - 1), "kind": TEXT, "actor": TEXT,
    "said": TEXT, "sealed": st.binary(), "previous": HASH, "hash": HASH,
})  # fmt: skip
ONE: dict[str, Any] = {
    "case": "2026-ABCDEFGH", "number": 3, "at": 1, "kind": "task", "actor": "jalki", "said": "{}", "sealed": b"",
    "previous": bytes(32), "hash": bytes(32),
}  # fmt: skip


@given(FIELDS)
def test_an_entry_comes_back_as_it_was(fields: dict[str, Any]) -> None:
    assert decode_entry(encode_entry(fields)) == fields


def test_the_schema_is_what_records_that_are_kept_for_ever_were_written_with() -> None:
    assert case_entry().mark.hex() == "75506753e1c5fc43"


@given(st.binary(max_size=80))
def test_bytes_that_are_no_entry_are_refused(record: bytes) -> None:
    with pytest.raises(InvalidEvent):
        decode_entry(record)


@given(st.binary(max_size=80))
def test_what_only_begins_like_an_entry_is_refused_or_is_one(rest: bytes) -> None:
    record = MARKER + case_entry().mark + rest
    try:
        fields = decode_entry(record)
    except InvalidEvent:
        return
    assert fields.keys() == ONE.keys()


def test_an_entry_of_another_schema_is_refused() -> None:
    record = bytearray(encode_entry(ONE))
    record[HEADER - 1] ^= 1
    with pytest.raises(InvalidEvent, match="newer"):
        decode_entry(bytes(record))


def test_an_entry_cut_short_or_with_something_behind_is_refused() -> None:
    record = encode_entry(ONE)
    for wrong in (record[:-1], record + b"\0"):
        with pytest.raises(InvalidEvent):
            decode_entry(wrong)


@pytest.mark.parametrize("name", sorted(ONE))
def test_an_entry_without_one_of_its_fields_is_not_written(name: str) -> None:
    with pytest.raises(InvalidEvent):
        encode_entry({key: value for key, value in ONE.items() if key != name})
