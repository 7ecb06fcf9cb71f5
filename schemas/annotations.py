"""What the annotations of one schema say, as typed rules. Reads them and refuses what it does not know; extracts nothing.

Of a field:   `category` its kind of data · `identifier` the kind of identifier it holds · `party` a register id ·
              `format` the shape of its text · `another_person` a record about somebody else, with her reference ·
              `identifiers` a list of {kind, value}.
Of a record:  `topic` · `discloses` {from, to, purpose, categories?, adds?} · `consents` {purpose, granted} ·
              `links` {left, right, joined}. A value that begins with `$` names a field of the event.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.vocabulary import vocabulary

FORMATS: Mapping[str, re.Pattern[str]] = {
    "country": re.compile(r"(?:[A-Z]{2})?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "decimal": re.compile(r"-?\d{1,18}(?:\.\d{1,9})?", re.ASCII),
    # What is kept in clear must be a word of a vocabulary, not a place to hide a name or a number.
    "word": re.compile(r"[A-Za-z][A-Za-z0-9 _.:/-]{0,63}"),
}

_AVRO = {"name", "type", "doc", "default", "order", "aliases"}
_FIELD = _AVRO | {"category", "identifier", "party", "format", "another_person", "identifiers"}
_RECORD = {"type", "name", "namespace", "doc", "aliases", "fields", "topic", "discloses", "consents", "links"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its annotations, and those of the record or list inside it."""

    name: str
    category: str | None
    identifier: str | None
    format: re.Pattern[str] | None
    inside: tuple["Field", ...]


@dataclass(frozen=True, slots=True)
class Another:
    """A field about another person: her main reference has kind `reference` and the value of field `named_by`."""

    name: str
    reference: str
    named_by: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Disclosing:
    """Who gives to whom and why; `categories` names the field that lists them, `adds` those added to the observed."""

    source: str
    target: str
    purpose: str
    categories: str | None
    adds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Annotations:
    """Everything the annotations of one event type say."""

    fields: tuple[Field, ...]
    others: tuple[Another, ...]
    parties: tuple[str, ...]
    identifiers: str | None
    discloses: Disclosing | None
    consents: tuple[str, str | bool] | None
    links: tuple[str, str, bool] | None
    has_lists: bool


def read_annotations(schema: Mapping[str, Any]) -> Annotations:
    """Compile the annotations of a record schema.

    Raises:
        ValueError: an attribute, category or format is not known, or a `$field` does not exist.
        KeyError: an annotation lacks a part.
    """
    _known("the record", schema, _RECORD)
    named: dict[str, Any] = {}
    fields = [(raw, _field(raw, named)) for raw in schema["fields"]]
    names = {field.name for _, field in fields}
    discloses, consents, links = schema.get("discloses"), schema.get("consents"), schema.get("links")
    for annotation in (discloses, consents, links):
        for value in (annotation or {}).values():
            if isinstance(value, str) and value.startswith("$") and value[1:] not in names:
                raise ValueError(f"{value} is not a field")
    return Annotations(
        fields=tuple(field for raw, field in fields if "another_person" not in raw and "identifiers" not in raw),
        others=tuple(
            Another(field.name, raw["another_person"]["reference"], raw["another_person"]["named_by"], field.inside)
            for raw, field in fields
            if "another_person" in raw
        ),
        parties=tuple(raw["name"] for raw, _ in fields if raw.get("party")),
        identifiers=next((raw["name"] for raw, _ in fields if raw.get("identifiers")), None),
        discloses=_disclosing(discloses) if discloses else None,
        consents=(consents["purpose"], consents["granted"]) if consents else None,
        links=(links["left"][1:], links["right"][1:], links["joined"]) if links else None,
        has_lists=any(_list_of(raw["type"]) for raw in schema["fields"]),
    )


def _disclosing(raw: Mapping[str, Any]) -> Disclosing:
    adds = frozenset(raw.get("adds", ()))
    for category in adds:
        _category(category)
    return Disclosing(raw["from"], raw["to"], raw["purpose"], raw.get("categories"), adds)


def _field(raw: Mapping[str, Any], named: dict[str, Any]) -> Field:
    _known(f"field {raw['name']}", raw, _FIELD)
    if "category" in raw:
        _category(raw["category"])
    text = raw.get("format")
    if text is not None and text not in FORMATS:
        raise ValueError(f"field {raw['name']}: format {text} is not known")
    inside = tuple(_field(part, named) for part in _parts(raw["type"], named))
    return Field(raw["name"], raw.get("category"), raw.get("identifier"), FORMATS[text] if text else None, inside)


def _parts(avro: Any, named: dict[str, Any]) -> list[Mapping[str, Any]]:  # noqa: ANN401 - Avro JSON of any shape
    """Return the fields of the record inside a type: through unions, lists and names used again."""
    if isinstance(avro, list):
        return [part for branch in avro for part in _parts(branch, named)]
    if isinstance(avro, str):
        return list(named.get(avro, []))
    if avro.get("type") == "array":
        return _parts(avro["items"], named)
    if avro.get("type") == "record":
        named[avro["name"]] = avro["fields"]
        return list(avro["fields"])
    return []


def _list_of(avro: Any) -> bool:  # noqa: ANN401 - Avro JSON of any shape
    return any(map(_list_of, avro)) if isinstance(avro, list) else isinstance(avro, dict) and avro["type"] == "array"


def _category(word: str) -> None:
    if word not in vocabulary().categories:
        raise ValueError(f"category {word} is not in the vocabulary")


def _known(where: str, raw: Mapping[str, Any], allowed: set[str]) -> None:
    if unknown := sorted(set(raw) - allowed):
        raise ValueError(f"{where}: attribute {', '.join(unknown)} is not known")
