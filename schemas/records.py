"""Events as people write them down, to single-object encoding: JSON Lines, and Avro object container files.

The edge where input from outside is validated: types are built from the schemas, so a new schema needs nothing here.
"""

import json
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, BinaryIO, NamedTuple, NotRequired

import fastavro
import fastavro.schema
import pydantic
from pydantic import AfterValidator, TypeAdapter
from typing_extensions import TypedDict

from schemas.catalogue import Catalogue, EventType, Schema
from schemas.codec import LARGEST, encode
from schemas.extract import InvalidEvent
from schemas.forbidden import suspicious, suspicious_line, without_forbidden
from schemas.packed_blocks import bound_blocks
from schemas.vocabulary import vocabulary

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS, _OTHER = "avro.timestamp-micros", "avro.other"
"""Names for what JSON cannot say."""
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
# Digits and what may stand between them, written as escapes.
_ESCAPED = re.compile(rb"\\u00[23]")
# Grouped by first letter: this looks at every quotation mark of every line.
_FORBIDDEN_FIELD = re.compile(
    '"(?:{})"'.format(
        "|".join(
            f"{first}(?:{'|'.join(name[1:] for name in names)})"
            for first, names in groupby(sorted(vocabulary().forbidden_fields), key=itemgetter(0))
        )
    ).encode()
)


# What fastavro and the codecs of blocks raise on a damaged file; bzip2 an OSError without a number.
_DAMAGED = (
    EOFError, ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError, MemoryError, AssertionError,
    StopIteration, RecursionError, OSError, struct.error, zlib.error, lzma.LZMAError,
    fastavro.schema.SchemaParseException, fastavro.schema.UnknownType,
)  # fmt: skip

bound_blocks()


class Encoded(NamedTuple):
    """A record ready for its topic; `forbidden` names whose values were dropped."""

    topic: str
    record: bytes
    forbidden: frozenset[str]


def microseconds(text: str) -> int:
    """Return an RFC 3339 time as microseconds since the epoch.

    Raises:
        ValueError: not RFC 3339, or without an offset.
    """
    if not _RFC3339.fullmatch(text):
        raise ValueError("not an RFC 3339 time with an offset")
    return (datetime.fromisoformat(text.upper()) - _EPOCH) // _MICROSECOND


class _Typed(TypedDict):
    type: str


class JsonRecords:
    """Reads JSON objects with a `type` as events of a catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._types = {name: (kind, _adapter(kind.schema)) for name, kind in catalogue.types.items()}
        self._type_of = TypeAdapter(_Typed)

    def encode(self, line: bytes) -> Encoded:
        """Return one line of JSON Lines as a record.

        Raises:
            InvalidEvent: not JSON, unknown type, or a field missing or of the wrong type; the message names it.
        """
        if len(line) > LARGEST:
            raise InvalidEvent("larger than 1 MiB")
        try:
            name = self._type_of.validate_json(line, strict=True)["type"]
        except pydantic.ValidationError as cause:
            raise InvalidEvent(_fault(cause)) from None
        kind, adapter = self._of_type(name)
        if suspicious_line(line) or _ESCAPED.search(line) or _FORBIDDEN_FIELD.search(line):
            event, whose = without_forbidden(json.loads(line), kind.annotations.fields_about_others, numbers=True)
            return _encoded(kind, adapter.validate_json, json.dumps(event), whose)
        return _encoded(kind, adapter.validate_json, line, frozenset())

    def encode_fields(self, name: str, fields: Mapping[str, Any]) -> Encoded:
        """Return an event given as a mapping (times aware, or microseconds) as a record. Raises: InvalidEvent."""
        kind, adapter = self._of_type(name)
        event, whose = without_forbidden(fields, kind.annotations.fields_about_others)
        return _encoded(kind, adapter.validate_python, event, whose)

    def encode_formed(self, name: str, fields: Mapping[str, Any]) -> Encoded:
        """Return the same as `encode_fields`, sooner, of an event without a field that nobody may keep. Raises: InvalidEvent."""
        kind, adapter = self._of_type(name)
        encoded = _encoded(kind, adapter.validate_python, fields, frozenset())
        if len(encoded.record) > LARGEST:
            raise InvalidEvent("larger than 1 MiB")
        return self.encode_fields(name, fields) if suspicious(encoded.record) else encoded

    def encode_written(self, written: bytes) -> Encoded:
        """Return an event as `written_fields` wrote it as a record. Raises: InvalidEvent."""
        try:
            name, fields = json.loads(written, object_hook=_read_back)
        except ValueError as cause:
            raise InvalidEvent("not JSON") from cause
        return self.encode_fields(name, fields)

    def _of_type(self, name: str) -> tuple[EventType, TypeAdapter[Any]]:
        try:
            return self._types[name]
        except KeyError:
            raise InvalidEvent("unknown type") from None


def written_fields(name: str, fields: Mapping[str, Any]) -> bytes:
    """Return the type and the fields of an event of a container as JSON, which `JsonRecords.encode_written` reads back."""
    return json.dumps([name, fields], default=_written, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _written(value: Any) -> Any:  # noqa: ANN401 - what Avro has and JSON has not
    if isinstance(value, datetime) and value.tzinfo is not None:
        return {_MICROSECONDS: (value - _EPOCH) // _MICROSECOND}
    return {_OTHER: value.hex() if isinstance(value, bytes) else str(value)}


def _read_back(part: dict[str, Any]) -> Any:  # noqa: ANN401 - as `_written`
    return part[_MICROSECONDS] if part.keys() == {_MICROSECONDS} else part


def container_events(file: BinaryIO) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (type, fields) of each record of an Avro object container file.

    Raises:
        InvalidEvent: the file or one of its blocks is damaged; what came before it was yielded.
    """
    event: Any
    try:
        records = fastavro.reader(file, return_record_name=True, return_record_name_override=True)
        top: Any = records.writer_schema
        only = top["name"] if isinstance(top, dict) and top["type"] == "record" else ""
        for event in records:
            name, fields = event if isinstance(event, tuple) else (only, event)
            if not isinstance(fields, dict):
                raise ValueError
            yield name.rpartition(".")[2], fields
    except _DAMAGED as cause:
        if isinstance(cause, OSError) and cause.errno is not None:
            raise  # the disk's, not the file's
        raise InvalidEvent("not Avro, or a damaged block: what follows it in the file was not read") from cause


def _encoded(kind: EventType, validate: Callable[..., Any], raw: object, forbidden: frozenset[str]) -> Encoded:
    try:
        event = validate(raw, strict=True)
    except pydantic.ValidationError as cause:
        raise InvalidEvent(_fault(cause)) from None
    return Encoded(kind.topic, encode(kind, event), forbidden)


def _fault(cause: pydantic.ValidationError) -> str:
    """Say what is wrong with a record by field and kind of fault; never by value."""
    first = cause.errors(include_input=False, include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return "not JSON"
    where = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or _plain(part)) or "the record"
    kind = "missing" if first["type"] == "missing" else "not of its type"
    if first["type"] == "value_error":
        kind = "not an RFC 3339 time with an offset"
    return f"{where}: {kind}"


def _plain(part: str) -> bool:
    return re.fullmatch(r"[a-z_]{1,40}", part) is not None


def _time(value: Any, how: pydantic.ValidationInfo) -> int:  # noqa: ANN401 - text from JSON; from Avro a time or integer
    if how.mode == "json":
        return microseconds(value) if isinstance(value, str) else microseconds("")
    if isinstance(value, datetime) and value.tzinfo is not None:
        return (value - _EPOCH) // _MICROSECOND
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("not a time with an offset")


_PLAIN: Mapping[str, Any] = {
    "string": str,
    "int": Annotated[int, pydantic.Field(ge=-(1 << 31), lt=1 << 31)],
    "long": Annotated[int, pydantic.Field(ge=-(1 << 63), lt=1 << 63)],
    "float": float,
    "double": float,
    "boolean": bool,
    "null": None,
}


def _adapter(schema: Schema) -> TypeAdapter[Any]:
    return TypeAdapter(_type(schema, {}))


def _type(avro: Any, named: dict[str, Any]) -> Any:  # noqa: ANN401 - a Python type made from Avro JSON
    """Return the Python type that pydantic validates an Avro type by."""
    if isinstance(avro, str):
        return _PLAIN[avro] if avro in _PLAIN else named[avro.rpartition(".")[2]]
    if isinstance(avro, list):
        whole = _type(avro[0], named)
        for branch in avro[1:]:
            whole = _type(branch, named) | whole
        return whole
    if avro["type"] == "array":
        return list[_type(avro["items"], named)]  # type: ignore[misc]  # a type made at run time
    if avro["type"] == "enum":
        named[_short(avro)] = Annotated[str, pydantic.Field(pattern=f"^(?:{'|'.join(avro['symbols'])})$")]
        return named[_short(avro)]
    if avro.get("logicalType") == "timestamp-micros":
        return Annotated[Any, AfterValidator(_time)]
    if avro["type"] != "record":
        return _type(avro["type"], named)
    fields = {}
    for field in avro["fields"]:
        python = _type(field["type"], named)
        fields[field["name"]] = NotRequired[python] if "default" in field else python
    named[_short(avro)] = TypedDict(_short(avro), fields)  # type: ignore[operator]  # made at run time
    return named[_short(avro)]


def _short(avro: Mapping[str, Any]) -> str:
    return str(avro["name"]).rpartition(".")[2]
