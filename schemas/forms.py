"""What any Avro schema says about bytes: reads the schema of a stranger, and refuses what could hold the stream up.

All of Avro's types, unlike `shapes`, for a producer may send fields that are of no concern here. What does not change
the bytes (documentation, defaults, namespaces, annotations) is left out. Knows no event type.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_PLAIN = {"null": 0, "boolean": 1, "int": 1, "long": 1, "float": 4, "double": 8, "bytes": 1, "string": 1}
_NAMED = ("record", "enum", "fixed")
_WORD = r"[A-Za-z_][A-Za-z0-9_]{0,99}"
_FULL_NAME = re.compile(rf"(?:{_WORD}\.){{0,20}}{_WORD}")
# Far more than any event has. Deeper, a reader in C could run out of stack, which ends the process.
_DEEPEST, _MOST = 32, 4_000
# What takes no bytes can be repeated without end in a record of any size.
_MOST_EMPTY = 64


@dataclass(frozen=True, slots=True)
class Form:
    """A type. Two are equal when the same bytes mean the same by both, whatever their namespaces.

    `parts` are the fields of a record, the branches of a union, or what an array or map is of. `least` is how many
    bytes a value has at least, `empty` how many parts of it have none.
    """

    word: str
    name: str = ""
    size: int = 0
    symbols: tuple[str, ...] = ()
    parts: tuple["Part", ...] = ()
    namespace: str = field(default="", compare=False)
    logical: str | None = field(default=None, compare=False)
    aliases: tuple[str, ...] = field(default=(), compare=False)
    least: int = field(default=0, compare=False)
    empty: int = field(default=0, compare=False)
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A type inside another; of a field also its name, its older names, and whether a record may lack it."""

    form: Form
    name: str = ""
    aliases: tuple[str, ...] = field(default=(), compare=False)
    optional: bool = field(default=False, compare=False)


class Forms:
    """Reads schemas of which later ones may use what earlier ones define."""

    def __init__(self) -> None:
        self._named: dict[str, Form | None] = {}  # None: still being read
        self._read = 0

    def read(self, avro: object, namespace: str = "") -> Form:
        """Return what a schema, as parsed JSON, says.

        Raises:
            ValueError: not Avro, it refers to itself or to what is not there, or it is too large or deep; the message
                quotes nothing but names of types.
        """
        self._read += 1
        if self._read > _MOST:
            raise ValueError(f"more than {_MOST} types")
        if isinstance(avro, str):
            return self._known(avro, namespace)
        if isinstance(avro, list):
            return _checked(_union(tuple([Part(self.read(branch, namespace)) for branch in avro])))
        if not isinstance(avro, dict):
            raise ValueError("a type is a name, a list or an object")  # noqa: TRY004 - a fault of the text
        word = avro.get("type")
        if word in _NAMED:
            return self._define(avro, word, namespace)
        if word in ("array", "map"):
            item = self.read(avro.get("items" if word == "array" else "values"), namespace)
            return _checked(Form(word, parts=(Part(item),), least=1, depth=item.depth + 1))
        if isinstance(word, str) and word in _PLAIN:
            return Form(word, logical=_text(avro.get("logicalType")), least=_PLAIN[word], empty=int(word == "null"))
        return self.read(word, namespace)

    def _known(self, word: str, namespace: str) -> Form:
        if word in _PLAIN:
            return Form(word, least=_PLAIN[word], empty=int(word == "null"))
        name = word if "." in word or not namespace else f"{namespace}.{word}"
        if not _FULL_NAME.fullmatch(name) or name not in self._named:
            raise ValueError("a type that is not defined")
        form = self._named[name]
        if form is None:
            raise ValueError(f"{name} refers to itself")
        return form

    def _define(self, avro: Mapping[str, Any], word: str, enclosing: str) -> Form:
        name, given = avro.get("name"), avro.get("namespace", enclosing)
        full = f"{given}.{name}" if given and "." not in str(name) else str(name)
        if not isinstance(name, str) or not isinstance(given, str) or not _FULL_NAME.fullmatch(full):
            raise ValueError("a name is of letters, digits and _, and so is a namespace, with dots between")
        if full in self._named:
            raise ValueError(f"there is another type named {full}")
        self._named[full] = None
        namespace, _, short = full.rpartition(".")
        aliases = _names(avro.get("aliases", []))
        if word == "record":
            form = _record(short, namespace, aliases, self._fields(avro.get("fields"), namespace))
        elif word == "enum":
            symbols = _names(avro.get("symbols"))
            form = Form(word, short, symbols=symbols, namespace=namespace, aliases=aliases, least=1)
        else:
            size = _size(avro.get("size"))
            logical = _text(avro.get("logicalType"))
            form = Form(word, short, size, (), (), namespace, logical, aliases, least=size, empty=int(size == 0))
        self._named[full] = _checked(form)
        return form

    def _fields(self, fields: object, namespace: str) -> tuple[Part, ...]:
        if not isinstance(fields, list) or not all(isinstance(each, dict) for each in fields):
            raise ValueError("the fields of a record are a list of objects")
        return tuple([self._field(each, namespace) for each in fields])

    def _field(self, raw: Mapping[str, Any], namespace: str) -> Part:
        (name,) = _names([raw.get("name")])
        return Part(self.read(raw.get("type"), namespace), name, _names(raw.get("aliases", [])), "default" in raw)


def written(form: Form) -> Any:  # noqa: ANN401 - a schema is JSON of any shape
    """Return a schema, as JSON, that says the same about bytes, and nothing else."""
    return _written(form, set())


def _written(form: Form, defined: set[str]) -> Any:  # noqa: ANN401 - a schema is JSON of any shape
    inside = [(part.name, part.form) for part in form.parts]
    if form.word == "union":
        return [_written(each, defined) for _, each in inside]
    if form.word in ("array", "map"):
        return {"type": form.word, "items" if form.word == "array" else "values": _written(inside[0][1], defined)}
    if form.word in _PLAIN:
        return form.word
    full = f"{form.namespace}.{form.name}" if form.namespace else form.name
    if full in defined:
        return full
    defined.add(full)
    avro: dict[str, Any] = {"type": form.word, "name": full}
    if form.word == "record":
        return avro | {"fields": [{"name": name, "type": _written(each, defined)} for name, each in inside]}
    return avro | ({"symbols": list(form.symbols)} if form.word == "enum" else {"size": form.size})


def _record(name: str, namespace: str, aliases: tuple[str, ...], parts: tuple[Part, ...]) -> Form:
    least = min(sum(part.form.least for part in parts), 1 << 31)
    empty = sum(part.form.empty for part in parts) + int(least == 0)
    depth = 1 + max((part.form.depth for part in parts), default=0)
    return Form("record", name, 0, (), parts, namespace, None, aliases, least, empty, depth)


def _union(parts: tuple[Part, ...]) -> Form:
    kinds = {(part.form.word, part.form.namespace, part.form.name) for part in parts}
    if not parts or len(kinds) < len(parts) or any(part.form.word == "union" for part in parts):
        raise ValueError("a union is of one or more different types that are no unions")
    return Form("union", parts=parts, least=1, depth=1 + max(part.form.depth for part in parts))


def _checked(form: Form) -> Form:
    if form.depth > _DEEPEST:
        raise ValueError(f"types inside types are more than {_DEEPEST} deep")
    if form.word in ("array", "map") and any(part.form.least == 0 for part in form.parts):
        raise ValueError("a list of what takes no bytes")
    if form.empty > _MOST_EMPTY:
        raise ValueError(f"more than {_MOST_EMPTY} parts that take no bytes")
    return form


def _names(names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or not all(isinstance(each, str) and _FULL_NAME.fullmatch(each) for each in names):
        raise ValueError("a name is of letters, digits and _, and so is a namespace, with dots between")
    return tuple([each.rpartition(".")[2] for each in names])


def _size(size: object) -> int:
    if type(size) is not int or not 0 <= size < 1 << 31:
        raise ValueError("the size of a fixed type is a number of bytes")
    return size


def _text(word: object) -> str | None:
    return word if isinstance(word, str) else None
