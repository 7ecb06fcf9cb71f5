"""Entries of cases to bytes and back: Avro single-object encoding of `journal/CaseEntry.avsc`. Knows no case and no bus."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from schemas.single_object import SingleObject, single_object

CASE_ENTRY = Path(__file__).parent / "journal" / "CaseEntry.avsc"


@cache
def case_entry() -> SingleObject:
    """Return the schema."""
    return single_object(CASE_ENTRY, "an entry of a case")


def encode_entry(fields: Mapping[str, Any]) -> bytes:
    """Return an entry, given by the schema's fields. Raises: InvalidEvent: one is missing."""
    return case_entry().encode(fields)


def decode_entry(record: bytes) -> dict[str, Any]:
    """Return the fields of an entry. Raises: InvalidEvent: the bytes are none, or one of a newer Jalki."""
    return case_entry().decode(record)
