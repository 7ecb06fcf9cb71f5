"""Records that only Jalki writes, to bytes and back: Avro single-object encoding. Knows none of them, and no bus.

They are no event types: no file of events may hold one.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro

from schemas.catalogue import Schema, fingerprint, parse
from schemas.codec import HEADER, MARKER
from schemas.extract import InvalidEvent

# What fastavro raises on bytes that are not of the schema.
_MALFORMED = (
    EOFError, ValueError, TypeError, IndexError, KeyError, OverflowError, AssertionError, MemoryError, struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SingleObject:
    """One schema. `mark` is its fingerprint (CRC-64-AVRO) in 8 bytes; `what` names a record in messages."""

    what: str
    schema: Schema
    mark: bytes

    def encode(self, fields: Mapping[str, Any]) -> bytes:
        """Return a record, given by the schema's fields. Raises: InvalidEvent: one is missing, or of the wrong type."""
        out = BytesIO()
        out.write(MARKER + self.mark)
        try:
            fastavro.schemaless_writer(out, self.schema, fields)
        except _MALFORMED as cause:
            raise InvalidEvent(f"a field of {self.what} is missing or of the wrong type") from cause
        return out.getvalue()

    def decode(self, record: bytes) -> dict[str, Any]:
        """Return the fields of a record. Raises: InvalidEvent: the bytes are none, or one of a newer Jalki."""
        if record[:2] != MARKER or record[2:HEADER] != self.mark:
            raise InvalidEvent(f"not {self.what}, or one of a newer Jalki")
        source = BytesIO(record)
        source.seek(HEADER)
        try:
            fields: Any = fastavro.schemaless_reader(source, self.schema, None)
        except _MALFORMED as cause:
            raise InvalidEvent("not Avro of its schema") from cause
        if source.tell() != len(record):
            raise InvalidEvent("bytes after the end of the record")
        return dict(fields)


def single_object(path: Path, what: str) -> SingleObject:
    """Read a schema of ours."""
    schema = json.loads(path.read_text("utf-8"))
    return SingleObject(what, parse(schema), fingerprint(schema))
