"""What the annotations of one schema say, as typed rules. Reads them and refuses what it does not know; extracts nothing.

Of a field:   `category` its kind of data · `identifier` the kind of identifier it holds · `party` a register id ·
              `format` the shape of its text · `another_person` a record about somebody else, with her reference ·
              `identifiers` a list of {kind, value} · `evidence` a value kept, sealed, beside the identifiers as sent ·
              `product` the model or the serial number of something bought, kept so too, so that it can be recalled.
Of a record:  `topic` · `discloses` {from, to, purpose, categories?, adds?} · `consents` {purpose, granted} ·
              `links` {left, right, joined}. A value that begins with `$` names a field of the event.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.vocabulary import vocabulary

FORMATS: Mapping[str, re.Pattern[str]] = {
    "country": re.compile(r"(?:[A-Z]{2})?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "decimal": re.compile(r"-?\d{1,18}(?:\.\d{1,9})?", re.ASCII),
    # What is kept in clear must be a word of a vocabulary, not a place to hide a name or a number.
    "word": re.compile(r"[A-Za-z][A-Za-z0-9 _.:/-]{0,63}"),
}

_AVRO = {"name", "type", "doc", "default", "order", "aliases"}
_FIELD = _AVRO | {"category", "identifier", "party", "format", "another_person", "identifiers", "evidence", "product"}
_PARTS_OF = {
    "discloses": {"from", "to", "purpose", "categories", "adds"},
    "consents": {"purpose", "granted"},
    "links": {"left", "right", "joined"},
    "another_person": {"reference", "named_by"},
}
_RECORD = {"type", "name", "namespace", "doc", "aliases", "fields", "topic", "discloses", "consents", "links"}


class Kept(NamedTuple):
    """A field with a category (and perhaps a kind of identifier), and those inside it. Read for every event, so a tuple."""

    name: str
    category: str
    identifier: str | None
    inside: tuple["Kept", ...]


class Checked(NamedTuple):
    """A field whose text, or a text inside it, has to have a form."""

    name: str
    form: re.Pattern[str] | None
    inside: tuple["Checked", ...]


@dataclass(frozen=True, slots=True)
class Another:
    """A field about another person: her main reference has kind `reference` and the value of field `named_by`."""

    name: str
    reference: str
    named_by: str
    kept: tuple[Kept, ...]


class Product(NamedTuple):
    """Where an event tells of a product: in a record, or in each of a list, or in itself (None). Fields that it has not: None."""

    within: str | None
    model: str | None
    serial: str | None


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

    kept: tuple[Kept, ...]
    checked: tuple[Checked, ...]
    others: tuple[Another, ...]
    parties: tuple[str, ...]
    identifiers: str | None
    evidence: tuple[str, ...]
    products: tuple[Product, ...]
    discloses: Disclosing | None
    consents: tuple[str, str | bool] | None
    links: tuple[str, str, bool] | None

    @property
    def fields_about_others(self) -> frozenset[str]:
        """The names of the fields that are about another person."""
        return frozenset(other.name for other in self.others)


def read_annotations(schema: Mapping[str, Any]) -> Annotations:
    """Compile the annotations of a record schema.

    Raises:
        ValueError: an attribute, category or format is not known, or a `$field` does not exist.
        KeyError: an annotation lacks a part.
    """
    _known("the record", schema, _RECORD)
    fields: list[Mapping[str, Any]] = schema["fields"]
    inside: dict[str, list[Mapping[str, Any]]] = {}
    for raw in fields:
        _check_field(raw, inside)
    names = {raw["name"] for raw in fields}
    discloses, consents, links = schema.get("discloses"), schema.get("consents"), schema.get("links")
    for word in ("discloses", "consents", "links"):
        _check_part(word, schema.get(word) or {}, names)
    for raw in fields:
        if another := raw.get("another_person"):
            _check_part("another_person", {**another, "named_by": f"${another['named_by']}"}, names)
    return Annotations(
        kept=_kept([raw for raw in fields if "another_person" not in raw], inside),
        checked=_checked(fields, inside),
        others=tuple(
            Another(raw["name"], another["reference"], another["named_by"], _kept(_parts(raw["type"], inside), inside))
            for raw in fields
            if (another := raw.get("another_person"))
        ),
        parties=tuple(raw["name"] for raw in fields if raw.get("party")),
        evidence=tuple(raw["name"] for raw in fields if raw.get("evidence")),
        products=_products(fields, inside),
        identifiers=next((raw["name"] for raw in fields if raw.get("identifiers")), None),
        discloses=_disclosing(discloses) if discloses else None,
        consents=(consents["purpose"], consents["granted"]) if consents else None,
        links=(links["left"][1:], links["right"][1:], links["joined"]) if links else None,
    )


def _check_part(word: str, annotation: Mapping[str, Any], names: set[str]) -> None:
    _known(word, annotation, _PARTS_OF[word])
    for value in annotation.values():
        if isinstance(value, str) and value.startswith("$") and value[1:] not in names:
            raise ValueError(f"{word}: {value} is not a field")


def _disclosing(raw: Mapping[str, Any]) -> Disclosing:
    adds = frozenset(raw.get("adds", ()))
    for category in adds:
        _category(category)
    return Disclosing(raw["from"], raw["to"], raw["purpose"], raw.get("categories"), adds)


def _check_field(raw: Mapping[str, Any], named: dict[str, list[Mapping[str, Any]]]) -> None:
    _known(f"field {raw['name']}", raw, _FIELD)
    if "category" in raw:
        _category(raw["category"])
    if raw.get("format", "word") not in FORMATS:
        raise ValueError(f"field {raw['name']}: format {raw['format']} is not known")
    if raw.get("identifier") and "category" not in raw:
        raise ValueError(f"field {raw['name']}: an identifier has a category")
    for part in _parts(raw["type"], named):
        _check_field(part, named)


def _kept(fields: Iterable[Mapping[str, Any]], named: dict[str, list[Mapping[str, Any]]]) -> tuple[Kept, ...]:
    return tuple(
        Kept(raw["name"], raw["category"], raw.get("identifier"), _kept(_parts(raw["type"], named), named))
        for raw in fields
        if "category" in raw
    )


def _checked(fields: Iterable[Mapping[str, Any]], named: dict[str, list[Mapping[str, Any]]]) -> tuple[Checked, ...]:
    found = (
        Checked(raw["name"], FORMATS.get(raw.get("format", "")), _checked(_parts(raw["type"], named), named))
        for raw in fields
    )
    return tuple(each for each in found if each.form or each.inside)


def _products(fields: list[Mapping[str, Any]], named: dict[str, list[Mapping[str, Any]]]) -> tuple[Product, ...]:
    places = [
        (None, fields),
        *((raw["name"], _parts(raw["type"], named)) for raw in fields if "another_person" not in raw),
    ]
    found = []
    for within, parts in places:
        marked = {raw["product"]: raw["name"] for raw in parts if "product" in raw}
        if marked:
            found.append(Product(within, marked.get("model"), marked.get("serial")))
    if sum(bool(each.model) + bool(each.serial) for each in found) != sum(_products_in(raw, named) for raw in fields):
        raise ValueError(
            "product: one model and one serial in the event, or in a record or list of it; none deeper, none of another"
        )
    return tuple(found)


def _products_in(raw: Mapping[str, Any], named: dict[str, list[Mapping[str, Any]]]) -> int:
    return ("product" in raw) + sum(_products_in(part, named) for part in _parts(raw["type"], named))


def _parts(avro: Any, named: dict[str, list[Mapping[str, Any]]]) -> list[Mapping[str, Any]]:  # noqa: ANN401 - Avro JSON
    """Return the fields of the record inside a type: through unions, lists and names used again."""
    if isinstance(avro, list):
        return [part for branch in avro for part in _parts(branch, named)]
    if isinstance(avro, str):
        return named.get(avro.rpartition(".")[2], [])
    if avro.get("type") == "array":
        return _parts(avro["items"], named)
    if avro.get("type") == "record":
        named[str(avro["name"]).rpartition(".")[2]] = avro["fields"]
        return list(avro["fields"])
    return []


def _category(word: str) -> None:
    if word not in vocabulary().categories:
        raise ValueError(f"category {word} is not in the vocabulary")


def _known(where: str, raw: Mapping[str, Any], allowed: set[str]) -> None:
    if unknown := sorted(set(raw) - allowed):
        raise ValueError(f"{where}: attribute {', '.join(unknown)} is not known")
