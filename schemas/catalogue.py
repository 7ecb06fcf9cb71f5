"""The event types: finds, parses and fingerprints the annotated schemas and every past version of them.

A schema's annotations are read here; what they mean for one event is in `extract`. Holds no event.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro.schema

from schemas.annotations import Annotations, read_annotations
from schemas.checking import check_folder, check_type

EVENTS = Path(__file__).parent / "events"
VERSIONS = Path(__file__).parent / "versions"

Schema = dict[str, Any]


class SchemaFault(Exception):
    """A schema file that cannot be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event: its name, topic, Avro schema as written, and what its annotations say.

    `reader` is the parsed schema without logical types, so that times stay integers (microseconds, UTC).
    `fingerprint` is CRC-64-AVRO of the parsing canonical form, as the 8 bytes of single-object encoding.
    """

    name: str
    topic: str
    schema: Schema
    reader: Schema
    fingerprint: bytes
    annotations: Annotations


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All event types by name, and every readable writer schema by fingerprint."""

    types: Mapping[str, EventType]
    writers: Mapping[bytes, tuple[EventType, Schema]]

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of all types, sorted."""
        return tuple(sorted({kind.topic for kind in self.types.values()}))


def load_catalogue(folders: Iterable[Path] = (), versions: Path = VERSIONS) -> Catalogue:
    """Read the shipped event types and those of `folders`: one `.avsc` file each, nothing else to register.

    Past versions come from `versions` and from a folder `versions/` beside added types.

    Raises:
        SchemaFault: a folder is none or holds no event type, a file is none that every event of it can be read by, two
            files have one name, or a past version has no present.
    """
    added = list(folders)
    types: dict[str, EventType] = {}
    for path in [file for folder in (EVENTS, *added) for file in _files(folder)]:
        kind = _read_type(path)
        if kind.name in types:
            raise SchemaFault(f"{path.name}: a second schema named {kind.name}")
        types[kind.name] = kind
    writers = {kind.fingerprint: (kind, kind.reader) for kind in types.values()}
    for folder in (versions, *(folder / "versions" for folder in added)):
        for path in sorted(folder.glob("*.avsc")):
            past = _read_past(path)
            if _short(past) not in types:
                raise SchemaFault(f"{path.name}: a version of {_short(past)}, which has no schema any more")
            writers.setdefault(fingerprint(past), (types[_short(past)], past))
    return Catalogue(types, writers)


def parse(schema: Schema) -> Schema:
    """Parse a schema as the codec uses it: without logical types (they do not change the bytes)."""
    parsed: Any = fastavro.schema.parse_schema(_plain(schema))
    return dict(parsed)


def canonical(schema: Schema) -> str:
    """Return the parsing canonical form (Avro specification), the text that fingerprints are made of."""
    text: str = fastavro.schema.to_parsing_canonical_form(schema)
    return text


def fingerprint(schema: Schema) -> bytes:
    """Return CRC-64-AVRO of the canonical form, little-endian as single-object encoding has it."""
    return bytes.fromhex(fastavro.schema.fingerprint(canonical(schema), "CRC-64-AVRO"))


def _files(folder: Path) -> list[Path]:
    with _refusing(str(folder)):
        check_folder(folder)
    return sorted(folder.glob("*.avsc"))


def _read_type(path: Path) -> EventType:
    schema = _read_json(path)
    with _refusing(path.name):
        check_type(schema)
        reader = parse(schema)
        return EventType(_short(schema), schema["topic"], schema, reader, fingerprint(schema), read_annotations(schema))


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    try:
        yield
    except KeyError as cause:
        raise SchemaFault(f"{name}: lacks {cause}") from cause
    except (ValueError, TypeError, RecursionError, fastavro.schema.SchemaParseException) as cause:
        raise SchemaFault(f"{name}: {cause}") from cause


def _read_past(path: Path) -> Schema:
    schema = _read_json(path)
    try:
        return parse(schema)
    except (ValueError, KeyError, TypeError, fastavro.schema.SchemaParseException) as cause:
        raise SchemaFault(f"{path.name}: not an Avro schema: {cause}") from cause


def _read_json(path: Path) -> Schema:
    try:
        schema = json.loads(path.read_bytes())
    except OSError as cause:
        raise SchemaFault(f"{path.name} cannot be read: {cause.strerror}") from cause
    except (ValueError, RecursionError) as cause:
        raise SchemaFault(f"{path.name}: not JSON: {cause}") from cause
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise SchemaFault(f"{path.name}: not a record schema")
    return schema


def _short(schema: Schema) -> str:
    return str(schema["name"]).rpartition(".")[2]


def _plain(schema: Any) -> Any:  # noqa: ANN401 - a schema is JSON of any shape
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key != "logicalType"}
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    return schema
