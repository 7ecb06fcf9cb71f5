"""What the values of an event's fields are: reads Avro types as far as every reader and writer here supports them.

Refuses the rest of Avro, and what names or defaults would break a record. Knows no annotation.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

INSTANT = "timestamp-micros"

_PLAIN = ("string", "int", "long", "float", "double", "boolean", "null")
_NAMED = {"type", "name", "namespace", "doc", "aliases"}
_ATTRIBUTES = {
    "array": {"type", "items", "default"},
    "record": _NAMED | {"fields"},
    "enum": _NAMED | {"symbols", "default"},
    **{word: {"type", "logicalType"} for word in _PLAIN},
}
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FULL_NAME = re.compile(rf"{_WORD.pattern}(?:\.{_WORD.pattern})*")
_BITS = {"int": 31, "long": 63, INSTANT: 63}
# Far deeper than any event, and far from where Python stops to follow.
_DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value is. `word` is the Avro type, or `INSTANT`; `fields` are a record's, `items` a list's, `symbols` an enum's."""

    word: str
    nullable: bool = False
    fields: tuple["Field", ...] = ()
    items: "Shape | None" = None
    symbols: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple["Field", ...]:
        """The fields of a record, or of the records of a list."""
        return self.items.fields if self.items else self.fields


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record; `raw` is as the schema has it, with its annotations."""

    name: str
    shape: Shape
    raw: Mapping[str, Any]


TEXT = Shape("string")

_Named = dict[str, Shape | None]  # a type by its short name; None for a record that is still being read


def read_fields(schema: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the fields of a record schema, with all that is inside them.

    Raises:
        ValueError: a type that is not supported, or a wrong name or default; the message names the field.
        KeyError: the schema lacks a part.
    """
    return _record(schema, {}).fields


def _shape(avro: object, named: _Named) -> Shape:
    if isinstance(avro, list):
        return _union(avro, named)
    if isinstance(avro, str):
        return _known(avro, named)
    if not isinstance(avro, dict):
        raise ValueError("a type is a name, a list or an object")  # noqa: TRY004 - a fault of the file, not of a caller
    word = avro.get("type")
    if not isinstance(word, str) or word not in _ATTRIBUTES:
        raise ValueError(_unsupported(word))
    if unknown := sorted(set(avro) - _ATTRIBUTES[word]):
        raise ValueError(f"attribute {', '.join(unknown)} has no place inside a type")
    if word == "record":
        return _record(avro, named)
    if word == "array":
        return _list(avro["items"], named)
    return _enum(avro, named) if word == "enum" else _plain(word, avro.get("logicalType"))


def _unsupported(word: object) -> str:
    kind = f"type {word}" if isinstance(word, str) else "a type inside a type"
    return f"{kind} is neither supported nor named before; these are: {', '.join(_PLAIN)}, array, enum, record"


def _known(word: str, named: _Named) -> Shape:
    if word in _PLAIN:
        return Shape(word)
    short = word.rpartition(".")[2]
    if short not in named:
        raise ValueError(_unsupported(word))
    if (shape := named[short]) is None:
        raise ValueError(f"a record that holds itself ({short}) is not supported")
    return shape


def _plain(word: str, logical: object) -> Shape:
    if logical is None:
        return Shape(word)
    if (word, logical) != ("long", INSTANT):
        raise ValueError(f"logical type {logical} of {word} is not supported; {INSTANT} of long is")
    return Shape(INSTANT)


def _union(branches: list[object], named: _Named) -> Shape:
    others = [branch for branch in branches if branch != "null"]
    if len(branches) == 2 and len(others) == 1:
        shape = _shape(others[0], named)
        if not shape.nullable and shape.word != "null":
            return replace(shape, nullable=True)
    raise ValueError("a union is of null and one other type")


def _list(items: object, named: _Named) -> Shape:
    shape = _shape(items, named)
    if shape.nullable or shape.word in {"array", "null"}:
        raise ValueError("a list is not of lists, nor of what may be null")
    return Shape("array", items=shape)


def _enum(avro: Mapping[str, Any], named: _Named) -> Shape:
    name, symbols = _new_name(avro, named), avro["symbols"]
    if not isinstance(symbols, list) or not symbols or not all(map(_is_word, symbols)):
        raise ValueError("the symbols of an enum are a list of names")
    named[name] = shape = Shape("enum", symbols=tuple(symbols))
    return shape


def _record(avro: Mapping[str, Any], named: _Named) -> Shape:
    name, fields = _new_name(avro, named), avro["fields"]
    if sum(shape is None for shape in named.values()) >= _DEEPEST:
        raise ValueError(f"records inside records are more than {_DEEPEST} deep")
    if not isinstance(fields, list):
        raise ValueError(f"the fields of {name} are not a list")  # noqa: TRY004 - a fault of the file
    named[name] = None
    shape = Shape("record", fields=tuple([_field(each, named) for each in fields]))
    for field, times in Counter(field.name for field in shape.fields).items():
        if times > 1:
            raise ValueError(f"field {field} is there twice")
    named[name] = shape
    return shape


def _field(raw: object, named: _Named) -> Field:
    if not isinstance(raw, dict) or not _is_word(raw.get("name")):
        raise ValueError("a field is an object with a name of letters, digits and _")
    name = raw["name"]
    try:
        shape = _shape(raw["type"], named)
    except KeyError as cause:
        raise ValueError(f"field {name}: lacks {cause}") from cause
    except ValueError as cause:
        raise ValueError(f"field {name}: {cause}") from cause
    if "default" in raw and not _is_of(raw["default"], shape):
        raise ValueError(f"field {name}: the default is not of its type; that of a list is [], that of a record null")
    return Field(name, shape, raw)


def _is_of(default: object, shape: Shape) -> bool:
    """Tell whether a default can be written, and read back whole when a record of an older version lacks the field."""
    if default is None:
        return shape.nullable or shape.word == "null"
    if bits := _BITS.get(shape.word):
        return type(default) is int and -(1 << bits) <= default < 1 << bits
    match shape.word:
        case "string":
            return isinstance(default, str)
        case "boolean":
            return isinstance(default, bool)
        case "float" | "double":
            return type(default) in (int, float)
        case "enum":
            return default in shape.symbols
        case _:
            return shape.word == "array" and default == []


def _new_name(avro: Mapping[str, Any], named: _Named) -> str:
    """Return the short name of a type: annotations and readers know types by it, so there is one of each."""
    name, namespace = avro["name"], avro.get("namespace", "x")
    if not all(isinstance(each, str) and _FULL_NAME.fullmatch(each) for each in (name, namespace)):
        raise ValueError(f"{name}: a name is of letters, digits and _, and so is a namespace, with dots between")
    short = str(name).rpartition(".")[2]
    if short in named or short in _ATTRIBUTES:
        raise ValueError(f"there is another type named {short}")
    return short


def _is_word(name: object) -> bool:
    return isinstance(name, str) and _WORD.fullmatch(name) is not None
