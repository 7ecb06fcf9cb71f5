"""Events to bytes and back: Avro single-object encoding (Avro specification); the Confluent wire format is read too.

The first: C3 01, the writer schema's fingerprint in 8 bytes, then the Avro binary; every past version of a schema is
known by its fingerprint. The second: 00, the schema's number in a registry in 4 bytes, big end first, then the Avro
binary. Either is resolved to the newest schema. Knows no bus and no registry.
"""

import struct
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import fastavro
import fastavro.read

from schemas.catalogue import Catalogue, EventType, Schema
from schemas.extract import InvalidEvent
from schemas.registered import WriterOf, no_registry

MARKER = b"\xc3\x01"
HEADER = 10
CONFLUENT = b"\x00"
CONFLUENT_HEADER = 5
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


def decode(catalogue: Catalogue, record: bytes, writer_of: WriterOf = no_registry) -> tuple[EventType, dict[str, Any]]:
    """Return the type and the fields of a record; times are microseconds, UTC.

    The fields are in the order of the newest schema, whoever wrote them. `writer_of` knows the schemas of a registry.

    Raises:
        InvalidEvent: neither of the two encodings, an unknown schema, or bytes that are not of it.
        What `writer_of` raises: the registry cannot be asked now.
    """
    if len(record) > LARGEST:
        raise InvalidEvent("larger than 1 MiB")
    if record[:2] == MARKER and len(record) >= HEADER:
        known = catalogue.writers.get(record[2:HEADER])
        if known is None:
            raise InvalidEvent("unknown schema")
        kind, writer = known
        start = HEADER
    else:
        kind, writer = _registered(record, writer_of)
        start = CONFLUENT_HEADER
    source = BytesIO(record)
    event: Any
    source.seek(start)
    try:
        if writer is kind.reader:
            event = fastavro.schemaless_reader(source, writer, None)
        else:
            # Resolution skips fields, and skips past the end: a list of flags that claims to be endless would be.
            fastavro.schemaless_reader(source, writer, None)
            source.seek(start)
            event = _ordered(fastavro.schemaless_reader(source, writer, kind.reader), kind.reader, kind.reader)
    except _MALFORMED as cause:
        raise InvalidEvent("not Avro of its schema") from cause
    if source.tell() != len(record):
        raise InvalidEvent("bytes after the end of the record")
    return kind, event


def _registered(record: bytes, writer_of: WriterOf) -> tuple[EventType, Schema]:
    if record[:1] != CONFLUENT or len(record) < CONFLUENT_HEADER:
        raise InvalidEvent("not Avro single-object encoding, nor the Confluent wire format")
    return writer_of(int.from_bytes(record[1:CONFLUENT_HEADER]))


def _ordered(value: Any, avro: Any, top: Schema) -> Any:  # noqa: ANN401 - any Avro value, and its schema
    """Return a value with the fields of its records as its schema has them; resolution leaves them as they were written.

    Equal content has to be equal bytes later, and those follow the order.
    """
    if isinstance(value, dict):
        record = _branch(avro, top)
        return {field["name"]: _ordered(value[field["name"]], field["type"], top) for field in record["fields"]}
    if isinstance(value, list):
        items = _branch(avro, top)["items"]
        return [_ordered(part, items, top) for part in value]
    return value


def _branch(avro: Any, top: Schema) -> Any:  # noqa: ANN401 - a schema is JSON of any shape
    """Return the schema of a value that is not null. A union of ours is of null and one other type."""
    if isinstance(avro, list):
        avro = next(branch for branch in avro if branch != "null")
    return top["__named_schemas"][avro] if isinstance(avro, str) else avro
