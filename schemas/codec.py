"""Events to bytes and back: Avro single-object encoding (Avro specification). Knows no bus.

C3 01, the writer schema's fingerprint in 8 bytes, then the Avro binary. Every past version of a schema is read by its
fingerprint and resolved to the newest one.
"""

import struct
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import fastavro
import fastavro.read

from schemas.catalogue import Catalogue, EventType
from schemas.extract import InvalidEvent

MARKER = b"\xc3\x01"
HEADER = 10
LARGEST = 1 << 20

# What fastavro raises on bytes that are not of the schema; anything else would be a fault of ours.
_MALFORMED = (
    EOFError, ValueError, TypeError, IndexError, KeyError, OverflowError, AssertionError, MemoryError, struct.error,
    fastavro.read.SchemaResolutionError,
)  # fmt: skip


def encode(kind: EventType, event: Mapping[str, Any]) -> bytes:
    """Return the event in single-object encoding with the newest schema.

    Raises:
        InvalidEvent: a field is missing or of the wrong type.
    """
    out = BytesIO()
    out.write(MARKER)
    out.write(kind.fingerprint)
    try:
        fastavro.schemaless_writer(out, kind.reader, event)
    except _MALFORMED as cause:
        raise InvalidEvent("a field is missing or of the wrong type") from cause
    return out.getvalue()


def decode(catalogue: Catalogue, record: bytes) -> tuple[EventType, dict[str, Any]]:
    """Return the type and the fields of a record; times are microseconds, UTC.

    Raises:
        InvalidEvent: not single-object encoding, an unknown schema, or bytes that are not of it.
    """
    if len(record) > LARGEST:
        raise InvalidEvent("larger than 1 MiB")
    if record[:2] != MARKER or len(record) < HEADER:
        raise InvalidEvent("not Avro single-object encoding")
    known = catalogue.writers.get(record[2:HEADER])
    if known is None:
        raise InvalidEvent("unknown schema")
    kind, writer = known
    source = BytesIO(record)
    event: Any
    source.seek(HEADER)
    try:
        if writer is kind.reader:
            event = fastavro.schemaless_reader(source, writer, None)
        else:
            event = fastavro.schemaless_reader(source, writer, kind.reader)
    except _MALFORMED as cause:
        raise InvalidEvent("not Avro of its schema") from cause
    if source.tell() != len(record):
        raise InvalidEvent("bytes after the end of the record")
    return kind, event
