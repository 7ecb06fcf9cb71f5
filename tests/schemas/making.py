"""Events made from the annotated schemas themselves: of every type there is, or will be. Strategies, and a plain example."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from schemas.catalogue import EventType, load_catalogue

CATALOGUE = load_catalogue()
TYPES = sorted(CATALOGUE.types.values(), key=lambda kind: kind.name)

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
FORMATTED = {
    "country": st.sampled_from(["FI", "SE", "AX", ""]),
    "currency": st.sampled_from(["EUR", "SEK"]),
    "decimal": st.decimals(-999_999, 999_999, places=2).map(str),
    "word": st.sampled_from(["name", "delivery", "order_id", "Tax"]),
}
EXAMPLE = {"country": "FI", "currency": "EUR", "decimal": "12.50", "word": "delivery"}
INSTANT = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)


def events(kind: EventType) -> st.SearchStrategy[dict[str, Any]]:
    """All events of a type, with no field left out; times are microseconds."""
    return values_of(kind.schema)


def values_of(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """All records of a schema."""
    return _values(schema, {})


def example(kind: EventType, /, **fields: object) -> dict[str, Any]:
    """A valid event of a type as JSON has it: optional fields null, except those given."""
    made = _example(kind.schema, {})
    assert set(fields) <= set(made), "a test gives a field that there is not"
    return {"type": kind.name, **made, "event_id": f"made-{kind.name}", "occurred_at": "2026-03-01T09:30:00Z", **fields}


def line(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def _values(avro: Any, named: dict[str, Any], form: str | None = None) -> st.SearchStrategy[Any]:
    plain = {
        "string": FORMATTED[form] if form else TEXT,
        "int": st.integers(-(2**31), 2**31 - 1),
        "long": INSTANT,
        "float": st.floats(width=32, allow_nan=False),
        "double": st.floats(allow_nan=False),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    if isinstance(avro, str):
        return plain[avro] if avro in plain else named[avro.rpartition(".")[2]]
    if isinstance(avro, list):
        return st.one_of([_values(branch, named, form) for branch in avro])
    if avro["type"] == "array":
        return st.lists(_values(avro["items"], named, form), max_size=3)
    if avro["type"] == "enum":
        return st.sampled_from(avro["symbols"])
    if avro["type"] != "record":
        return _values(avro["type"], named, form)
    fields = {each["name"]: _values(each["type"], named, each.get("format")) for each in avro["fields"]}
    if "event_id" in fields:
        fields["event_id"] = TEXT.filter(bool)
    short = avro["name"].rpartition(".")[2]
    named[short] = st.fixed_dictionaries(fields)
    return named[short]


def _example(avro: Any, named: dict[str, Any], form: str | None = None) -> Any:
    plain = {"string": EXAMPLE.get(form or "", "text"), "int": 1, "long": 0, "boolean": True}
    plain |= {"float": 0.5, "double": 0.5, "null": None}
    if isinstance(avro, str):
        return plain[avro] if avro in plain else _example(named[avro.rpartition(".")[2]], named)
    if isinstance(avro, list):
        for branch in avro[::-1]:
            kept = _example(branch, named, form)
        return kept
    if avro["type"] == "array":
        return [_example(avro["items"], named, form)]
    if avro["type"] == "enum":
        return avro["symbols"][0]
    if avro["type"] != "record":
        return _example(avro["type"], named, form)
    named[avro["name"].rpartition(".")[2]] = avro
    return {each["name"]: _example(each["type"], named, each.get("format")) for each in avro["fields"]}
