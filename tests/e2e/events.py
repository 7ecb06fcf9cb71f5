"""Events for the end-to-end tests: written to files of each format, and the samples that all tests ask about."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import fastavro

from streams.shop import Event, bad_lines, simulate

SCHEMAS = Path(__file__).parents[2] / "schemas" / "events"
ADDRESS = {"street": "Rantakatu 12 B", "postcode": "65100", "city": "Vaasa", "country": "FI"}


def event(kind: str, event_id: str, at: str = "2026-03-01T09:30:00Z", **fields: object) -> Event:
    return {"type": kind, "event_id": event_id, "occurred_at": at, "controller": "multitronic", **fields}


def order(event_id: str = "e-order", order_id: str = "O-1", **fields: object) -> Event:
    needed: Event = {
        "order_id": order_id,
        "email": "aino.esimerkki@posti.example",
        "name": "Aino Esimerkki",
        "address": ADDRESS,
        "items": [{"sku": "A-1", "product_group": "phones", "quantity": 1, "price": "10.00"}],
        "total": "10.00",
        "currency": "EUR",
    }
    return event("OrderPlaced", event_id, **{**needed, **fields})  # type: ignore[arg-type]  # `at` is a text


def line(record: object) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()


def write_lines(path: Path, lines: Iterable[bytes | Event]) -> Path:
    path.write_bytes(b"".join((each if isinstance(each, bytes) else line(each)) + b"\n" for each in lines))
    return path


def shop(persons: int, seed: int) -> list[Event]:
    """The events of a small shop, each once, in no particular disorder."""
    seen: dict[str, Event] = {}
    for each in simulate(persons, seed):
        seen.setdefault(str(each["event_id"]), each)
    return list(seen.values())


def with_bad_lines(events: Sequence[Event], seed: int) -> tuple[list[bytes], list[Event], int]:
    """The events' lines with every kind of bad line in between; what is good among them; how many are bad."""
    bad = list(bad_lines(seed))
    step = max(1, len(events) // len(bad))
    lines: list[bytes] = []
    good: list[Event] = []
    for number, each in enumerate(events):
        if number % step == 0 and number // step < len(bad):
            spoilt, kind = bad[number // step]
            lines.append(spoilt)
            if kind == "good":
                good.append(json.loads(spoilt))
        lines.append(line(each))
        good.append(each)
    return lines, good, sum(kind != "good" for _, kind in bad)


def write_container(path: Path, events: Sequence[Event], *, codec: str = "null", interval: int = 16_000) -> Path:
    """Write an Avro object container file: of one schema where all events are of one type, else of their union."""
    kinds = sorted({str(each["type"]) for each in events})
    named: set[str] = set()
    schemas = [_once(json.loads((SCHEMAS / f"{kind}.avsc").read_text()), named) for kind in kinds]
    records: list[Any] = [_fields(each) for each in events]
    if len(kinds) > 1:
        records = [(f"jalki.events.{each['type']}", fields) for each, fields in zip(events, records, strict=True)]
    with path.open("wb") as file:
        schema = fastavro.parse_schema(schemas[0] if len(schemas) == 1 else schemas)
        fastavro.writer(file, schema, records, codec=codec, sync_interval=interval)
    return path


def _fields(each: Event) -> Event:
    fields = {name: value for name, value in each.items() if name != "type"}
    return {**fields, "occurred_at": datetime.fromisoformat(str(each["occurred_at"]))}


def _once(schema: Any, named: set[str]) -> Any:
    """The schema with what was defined before it in the same union named only."""
    if isinstance(schema, list):
        return [_once(each, named) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "record":
        full = f"jalki.events.{schema['name']}"
        if full in named:
            return full
        named.add(full)
        return {**schema, "fields": [{**each, "type": _once(each["type"], named)} for each in schema["fields"]]}
    return {**schema, "items": _once(schema["items"], named)} if "items" in schema else schema


def named_in(events: Iterable[Event], every: int) -> list[str]:
    """Some identifiers of these events, of several kinds, as one types them."""
    kinds = ("customer_id", "email", "phone", "device_id", "order_id", "shipment_id", "tracking_number", "payment_id")
    found = dict.fromkeys(
        f"{kind}:{value}" for each in events for kind in kinds if (value := each.get(kind)) and isinstance(value, str)
    )
    return list(found)[::every]
