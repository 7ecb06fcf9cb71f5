"""An event type of a shop's own that uses every annotation, and changes of it. Judges nothing."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from schemas.catalogue import Catalogue, load_catalogue

Json = dict[str, Any]

IDENTIFIER: Json = {"type": "record", "name": "Identifier", "fields": [
    {"name": "kind", "type": "string", "format": "word"}, {"name": "value", "type": "string"},
]}  # fmt: skip

VISIT: Json = {
    "type": "record", "name": "VisitBooked", "namespace": "shop.events", "topic": "visits",
    "discloses": {"from": "$asker", "to": "$fitter", "purpose": "$why", "categories": "$seen", "adds": ["order"]},
    "consents": {"purpose": "$why", "granted": "$agreed"},
    "links": {"left": "$one", "right": "$other", "joined": True},
    "fields": [
        {"name": "event_id", "type": "string"},
        {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "controller", "type": "string", "party": True},
        {"name": "visit_id", "type": "string", "category": "order", "identifier": "visit_id"},
        {"name": "mail", "type": ["null", "string"], "default": None, "category": "email", "identifier": "email"},
        {"name": "asker", "type": "string", "party": True},
        {"name": "fitter", "type": "string", "party": True},
        {"name": "why", "type": "string", "format": "word", "default": "order"},
        {"name": "seen", "type": {"type": "array", "items": "string"}, "format": "word"},
        {"name": "agreed", "type": "boolean"},
        {"name": "one", "type": IDENTIFIER},
        {"name": "other", "type": "Identifier"},
        {"name": "known_by", "type": {"type": "array", "items": "Identifier"}, "identifiers": True},
        {"name": "host", "type": ["null", {"type": "record", "name": "Host", "fields": [
            {"name": "mobile", "type": ["null", "string"], "default": None, "category": "phone", "identifier": "phone"},
            {"name": "home", "type": {"type": "record", "name": "Home", "fields": [
                {"name": "street", "type": "string"}, {"name": "door", "type": ["int", "null"], "default": 1}]},
             "category": "address"},
        ]}], "default": None, "another_person": {"reference": "host", "named_by": "visit_id"}},
        {"name": "rooms", "type": {"type": "array", "items": {"type": "record", "name": "Room", "fields": [
            {"name": "serials", "type": {"type": "array", "items": "string"}, "category": "serial_number"},
            {"name": "price", "type": ["null", "string"], "default": None, "format": "decimal"},
            {"name": "use", "type": {"type": "enum", "name": "Use", "symbols": ["kitchen", "hall"]}},
            {"name": "size", "type": ["null", "double"], "default": 1.5},
        ]}}, "category": "order", "default": []},
        {"name": "until", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}], "default": None},
        {"name": "homes", "type": {"type": "array", "items": "shop.events.Home"}, "category": "address"},
    ],
}  # fmt: skip


def changed(**record: object) -> Json:
    """The type with attributes of its record changed; an ellipsis takes one away."""
    schema = {**deepcopy(VISIT), **record}
    return {name: value for name, value in schema.items() if value is not ...}


def with_field(name: str, **attributes: object) -> Json:
    """The type with attributes of one field changed, or with one more field; an ellipsis takes an attribute away."""
    schema = deepcopy(VISIT)
    old = next((field for field in schema["fields"] if field["name"] == name), None)
    if old is None:
        schema["fields"].append(old := {"name": name})
    old.update(attributes)
    for attribute in [attribute for attribute, value in old.items() if value is ...]:
        del old[attribute]
    return schema


def with_part(name: str, part: str, **attributes: object) -> Json:
    """The type with attributes of a field inside a field changed."""
    schema = with_field(name)
    (inside,) = [field["type"] for field in schema["fields"] if field["name"] == name]
    inside = inside[1] if isinstance(inside, list) else inside.get("items", inside)
    next(field for field in inside["fields"] if field["name"] == part).update(attributes)
    return schema


def without_field(name: str) -> Json:
    return changed(fields=[field for field in deepcopy(VISIT)["fields"] if field["name"] != name])


def load(folder: Path, schema: object) -> Catalogue:
    (folder / "VisitBooked.avsc").write_text(json.dumps(schema), "utf-8")
    return load_catalogue([folder])
