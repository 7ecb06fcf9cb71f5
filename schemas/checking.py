"""What an event type must be so that no event of it can fail later: refuses the rest when it is loaded.

Holds no event. That attributes and categories are known ones is `annotations`' to say.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from schemas.annotations import FORMATS
from schemas.shapes import INSTANT, TEXT, Field, Shape, read_fields
from schemas.vocabulary import KIND, vocabulary

# What Kafka takes, in lower case: topics that differ by case alone are one folder on some disks.
_TOPIC = re.compile(r"(?!\.{1,2}$)[a-z0-9._-]{1,249}")
_ENVELOPE = {"event_id": "string", "occurred_at": INSTANT, "controller": "string"}
_TEXTS = Shape("array", items=TEXT)


def check_folder(folder: Path) -> None:
    """Refuse what is no folder of event types. Raises: ValueError."""
    if not folder.is_dir():
        raise ValueError("it must be a folder, with one *.avsc file for each event type of your own")
    if not any(folder.glob("*.avsc")):
        raise ValueError("the folder holds no *.avsc file, so it adds no event type")


def check_type(schema: Mapping[str, Any]) -> None:
    """Refuse an event type of which an event could fail later, or not say what the file seems to say.

    Raises:
        ValueError: an Avro type that is not supported, a field of the envelope that is missing, or an annotation that
            does not fit the type of its field; the message names the field or annotation.
        KeyError: the schema or an annotation lacks a part.
    """
    if not isinstance(schema["topic"], str) or not _TOPIC.fullmatch(schema["topic"]):
        raise ValueError("topic: 1 to 249 of a-z, 0-9, '.', '_' and '-'")
    fields = {field.name: field for field in read_fields(schema)}
    _check_envelope(fields)
    for field in fields.values():
        _check_field(field, {**_RULES, **_RULES_OF_EVENT})
        if "another_person" in field.raw:
            _check_named_by(field.raw["another_person"]["named_by"], fields)
    if sum(field.raw.get("identifiers", False) for field in fields.values()) > 1:
        raise ValueError("identifiers: in one field of an event only")
    _check_said(schema, fields)


def _check_said(schema: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    said = [word for word in _SAYINGS if word in schema]
    if not said:
        raise ValueError("it says nothing: it needs discloses, consents or links")
    for word in said:
        if not isinstance(schema[word], dict):
            raise ValueError(f"{word}: not an object")  # noqa: TRY004 - a fault of the file, not of a caller
        _SAYINGS[word](schema[word], fields)
    if said != ["links"] and not any(map(_names_somebody, fields.values())):
        raise ValueError("it names nobody: it needs a field with identifier, identifiers or another_person")


def _check_envelope(fields: Mapping[str, Field]) -> None:
    for name, word in _ENVELOPE.items():
        field = fields.get(name)
        if field is None or field.shape != Shape(word) or "default" in field.raw:
            raise ValueError(f"{name}: every event has it, as {word}, not null and without a default")
    if fields["controller"].raw.get("party") is not True:
        raise ValueError('controller: needs "party": true')
    if "type" in fields:
        raise ValueError("field type: in JSON that is the name of the event type")


def _is_text(shape: Shape) -> bool:
    return shape.word == "string"


def _fits_party(value: object, shape: Shape) -> bool:
    return value is False or (value is True and shape == TEXT)


def _fits_evidence(value: object, shape: Shape) -> bool:
    return value is False or (value is True and shape.word in {"string", "enum", "boolean"})


def _fits_identifiers(value: object, shape: Shape) -> bool:
    return value is False or (value is True and not shape.nullable and shape.items is not None and _is_end(shape.items))


def _fits_another(value: object, shape: Shape) -> bool:
    return isinstance(value, dict) and shape.word == "record" and _is_kind(value["reference"])


def _is_end(shape: Shape) -> bool:
    """Tell whether a value names an identifier: a record {kind, value} of texts."""
    return not shape.nullable and {part.name for part in shape.fields if part.shape == TEXT} >= {"kind", "value"}


def _is_kind(word: object) -> bool:
    """Tell whether a word can be asked for as the kind of an identifier. Raises: ValueError: it identifies nobody."""
    if isinstance(word, str) and word in vocabulary().never_identify:
        raise ValueError(f"{word} identifies nobody, so it is no identifier")
    return isinstance(word, str) and KIND.fullmatch(word) is not None


_Rules = Mapping[str, tuple[Callable[[Any, Shape], bool], str]]
_RULES: _Rules = {
    "category": (
        lambda value, shape: isinstance(value, str) and shape.word != "null",
        "a word, of a field that is not always null",
    ),
    "identifier": (
        lambda value, shape: _is_text(shape) and _is_kind(value),
        "a word of a-z, 0-9 and _, of a string that may be null",
    ),
    "product": (
        lambda value, shape: value in ("model", "serial") and _is_text(shape),
        "model or serial, of a string, which may be null",
    ),
    "format": (
        lambda value, shape: isinstance(value, str) and _is_text(shape.items or shape),
        "of a string or a list of strings, which may be null",
    ),
}
_RULES_OF_EVENT: _Rules = {
    "party": (_fits_party, "true, of a string that is never null"),
    "evidence": (_fits_evidence, "true, of a string, enum or boolean, which may be null"),
    "identifiers": (_fits_identifiers, "true, of a list of records {kind, value} of strings"),
    "another_person": (_fits_another, "{reference, named_by}, of a record; reference is a word of a-z, 0-9 and _"),
}


def _check_field(field: Field, rules: _Rules) -> None:
    for name in [name for name in (*_RULES, *_RULES_OF_EVENT) if name in field.raw]:
        if name not in rules:
            raise ValueError(f"field {field.name}: {name} has no place inside another field")
        fits, said = rules[name]
        if not fits(field.raw[name], field.shape):
            raise ValueError(f"field {field.name}: {name} is {said}")
    another = "another_person" in field.raw
    if another and "category" in field.raw:
        raise ValueError(f"field {field.name}: another person has the categories of the fields inside")
    if not another and "category" not in field.raw and any(map(_is_marked, field.shape.parts)):
        raise ValueError(f"field {field.name}: needs a category, as a field inside it has one")
    if field.name in vocabulary().forbidden_fields and not field.shape.nullable:
        raise ValueError(f"field {field.name}: nobody may keep it, so it is always dropped and must be nullable")
    for part in field.shape.parts:
        _check_field(part, _RULES)


def _is_marked(field: Field) -> bool:
    return "category" in field.raw or any(map(_is_marked, field.shape.parts))


def _names_somebody(field: Field) -> bool:
    marks = ("identifier", "identifiers", "another_person")
    return any(field.raw.get(mark) for mark in marks) or any(map(_names_somebody, field.shape.parts))


def _check_named_by(name: object, fields: Mapping[str, Field]) -> None:
    where = "another_person: named_by"
    named = _named(where, f"${name}", fields)
    if not named or not _is_text(named.shape):
        raise ValueError(f"{where}: {name} is not a string field")


def _check_discloses(said: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    for end in ("from", "to"):
        _check_text(f"discloses: {end}", said[end], fields, ("party", True))
    _check_text("discloses: purpose", said["purpose"], fields, ("format", "word"))
    if "categories" in said:
        field = _named("discloses: categories", said["categories"], fields)
        if not field or field.shape != _TEXTS or field.raw.get("format") != "word":
            raise ValueError('discloses: categories: $ and a field, a list of strings with "format": "word"')
    adds = said.get("adds", [])
    if not isinstance(adds, list) or not all(isinstance(each, str) for each in adds):
        raise ValueError("discloses: adds: not a list of categories")


def _check_consents(said: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    _check_text("consents: purpose", said["purpose"], fields, ("format", "word"))
    field = _named("consents: granted", said["granted"], fields)
    if field.shape != Shape("boolean") if field else not isinstance(said["granted"], bool):
        raise ValueError("consents: granted: true, false, or $ and a boolean field")


def _check_links(said: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
    for end in ("left", "right"):
        field = _named(f"links: {end}", said[end], fields)
        if not field or not _is_end(field.shape):
            raise ValueError(f"links: {end}: {said[end]} is not $ and a field with a record {{kind, value}} of strings")
    if not isinstance(said["joined"], bool):
        raise ValueError("links: joined: true or false")  # noqa: TRY004 - a fault of the file, not of a caller


_SAYINGS = {"discloses": _check_discloses, "consents": _check_consents, "links": _check_links}


def _check_text(where: str, value: object, fields: Mapping[str, Field], needed: tuple[str, object]) -> None:
    """Refuse what gives no text, or one of which nobody knows what is in it: it will be kept in clear."""
    field = _named(where, value, fields)
    if field is None:
        if not isinstance(value, str) or not FORMATS["word"].fullmatch(value):
            raise ValueError(f"{where}: a word, or $ and a field")
        return
    if field.shape != TEXT:
        raise ValueError(f"{where}: {value} is not a string field that is never null")
    attribute, setting = needed
    if field.raw.get(attribute) != setting:
        raise ValueError(f'{where}: field {field.name} needs "{attribute}": {json.dumps(setting)}')


def _named(where: str, value: object, fields: Mapping[str, Field]) -> Field | None:
    """Return the field that a value with `$` names; None for any other value."""
    if not isinstance(value, str) or not value.startswith("$"):
        return None
    if value[1:] not in fields:
        raise ValueError(f"{where}: {value} is not a field")
    return fields[value[1:]]
