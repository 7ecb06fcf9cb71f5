"""Entries of cases to bytes and back: Avro single-object encoding of `journal/CaseEntry.avsc`. Knows no case and no bus.

It is no event type: nobody but Jalki writes it, and no file of events may hold one.
"""

import json
import struct
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro

from schemas.catalogue import Schema, fingerprint, parse
from schemas.codec import HEADER, MARKER
from schemas.extract import InvalidEvent

CASE_ENTRY = Path(__file__).parent / "journal" / "CaseEntry.avsc"

# What fastavro raises on bytes that are not of the schema.
_MALFORMED = (
    EOFError, ValueError, TypeError, IndexError, KeyError, OverflowError, AssertionError, MemoryError, struct.error,
)  # fmt: skip


@cache
def case_entry() -> tuple[Schema, bytes]:
    """Return the schema, parsed, and its fingerprint (CRC-64-AVRO) in 8 bytes."""
    schema = json.loads(CASE_ENTRY.read_text("utf-8"))
    return parse(schema), fingerprint(schema)


def encode_entry(fields: Mapping[str, Any]) -> bytes:
    """Return an entry, given by the schema's fields, in single-object encoding. Raises: InvalidEvent: one is missing."""
    schema, mark = case_entry()
    out = BytesIO()
    out.write(MARKER + mark)
    try:
        fastavro.schemaless_writer(out, schema, fields)
    except _MALFORMED as cause:
        raise InvalidEvent("a field of an entry is missing or of the wrong type") from cause
    return out.getvalue()


def decode_entry(record: bytes) -> dict[str, Any]:
    """Return the fields of an entry. Raises: InvalidEvent: the bytes are none, or one of a newer Jalki."""
    schema, mark = case_entry()
    if record[:2] != MARKER or record[2:HEADER] != mark:
        raise InvalidEvent("no entry of a case, or one of a newer Jalki")
    source = BytesIO(record)
    source.seek(HEADER)
    try:
        fields: Any = fastavro.schemaless_reader(source, schema, None)
    except _MALFORMED as cause:
        raise InvalidEvent("not Avro of its schema") from cause
    if source.tell() != len(record):
        raise InvalidEvent("bytes after the end of the record")
    return dict(fields)
