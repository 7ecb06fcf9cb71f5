"""Schemas that a registry keeps, by number: parsed once, and matched to the event type whose records they write.

How a registry is asked is not known here; whoever knows one gives `WriterSchemas`.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeAlias

import fastavro.schema

from schemas.catalogue import Catalogue, EventType, Schema
from schemas.extract import InvalidEvent
from schemas.forms import Form, Forms, written
from schemas.resolving import mismatch

AVRO = "AVRO"
KEPT = 500
"""Schemas that are kept parsed; the one longest unused goes first."""
LARGEST_TEXT = 1 << 20
"""Characters of a schema and all it refers to."""
_LARGEST_ID = (1 << 31) - 1
# A number this small has no room for more than three letters of what may be no number at all.
_SAID_BELOW = 1 << 24

WriterOf: TypeAlias = Callable[[int], tuple[EventType, Schema]]
"""Returns the event type and the parsed writer schema for an id. Raises: InvalidEvent, and as `WriterSchemas.by_id`."""


class RegisteredSchema(NamedTuple):
    """A schema as a registry has it: `texts` are what it refers to, each before what needs it, and last itself."""

    language: str
    texts: tuple[str, ...]


class WriterSchemas(Protocol):
    """Where schemas are kept by number."""

    def by_id(self, schema_id: int) -> RegisteredSchema | None:
        """Return the schema of an id, None where no schema has it; an id means the same schema for ever.

        Raises:
            InvalidEvent: it can never be had, although the id is known.
            Any error of the implementation's own: it cannot be had now.
        """


def no_registry(_: int) -> tuple[EventType, Schema]:
    """Stand in where no registry is set. Raises: InvalidEvent: always."""
    raise InvalidEvent("in the Confluent wire format, but no schema registry is set: JALKI_SCHEMA_REGISTRY")


class RegisteredWriters:
    """The writer schemas of one registry, for the event types of one catalogue."""

    def __init__(self, catalogue: Catalogue, schemas: WriterSchemas) -> None:
        self._catalogue, self._schemas = catalogue, schemas
        # What cannot be used is kept too: a schema never changes, so it need not be judged for each of its records.
        self._judged = lru_cache(KEPT)(self._judge)

    def writer(self, schema_id: int) -> tuple[EventType, Schema]:
        """Return the event type and the writer schema, parsed; that is the type's own `reader` where it says the same.

        Raises:
            InvalidEvent: the id is unknown, or its schema cannot be read as an event type; the message says why.
        """
        judged = self._judged(schema_id)
        if isinstance(judged, str):
            raise InvalidEvent(f"schema {schema_id} of the registry cannot be used: {judged}")
        return judged

    def _judge(self, schema_id: int) -> tuple[EventType, Schema] | str:
        found = self._schemas.by_id(schema_id) if schema_id <= _LARGEST_ID else None
        if found is None:
            # Not kept: it may be registered later. And the id may be four letters of a name.
            said = f"schema {schema_id}" if schema_id < _SAID_BELOW else "its schema"
            raise InvalidEvent(f"{said} is not in the schema registry")
        if found.language != AVRO:
            return "it is not Avro"
        try:
            return self._matched(_form(found.texts))
        except ValueError as why:
            return str(why)
        except (RecursionError, fastavro.schema.SchemaParseException, fastavro.schema.UnknownType):
            return "it is not Avro, or too deep"

    def _matched(self, writer: Form) -> tuple[EventType, Schema]:
        kind = self._catalogue.types.get(writer.name)
        if writer.word != "record" or kind is None:
            raise ValueError("it is not the record of an event type")
        reader = Forms().read(kind.schema)
        if why := mismatch(writer, reader):
            raise ValueError(why)
        if writer == reader:
            return kind, kind.reader
        parsed: Any = fastavro.schema.parse_schema(written(writer))
        return kind, dict(parsed)


def _form(texts: tuple[str, ...]) -> Form:
    if sum(map(len, texts)) > LARGEST_TEXT:
        raise ValueError("larger than 1 MiB")
    forms = Forms()
    try:
        parsed = [json.loads(text) for text in texts]
    except (ValueError, RecursionError) as cause:
        raise ValueError("not JSON") from cause
    return [forms.read(each) for each in parsed][-1]
