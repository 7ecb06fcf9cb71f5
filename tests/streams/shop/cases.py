"""Makers of hand-written events, and short views of an answer; for the tests of the truth only."""

from itertools import count

from streams.shop.diary import Event
from streams.shop.truth import Answer

NUMBERS = count()
ADDRESS = {"street": "Rantatie 1", "postcode": "65100", "city": "Vaasa", "country": "FI"}


def event(kind: str, day: int = 1, **fields: object) -> Event:
    return {
        "type": kind,
        "event_id": f"hand-{next(NUMBERS)}",
        "occurred_at": f"2026-03-{day:02d}T09:30:00Z",
        "controller": "multitronic",
        **fields,
    }


def account(customer: str, email: str, day: int = 1, **fields: object) -> Event:
    return event("AccountOpened", day, customer_id=customer, email=email, **fields)


def order(order_id: str, email: str, day: int = 2, **fields: object) -> Event:
    needed = {
        "name": "A",
        "address": ADDRESS,
        "items": [{"sku": "x", "serial": "S1"}],
        "total": "1.00",
        "currency": "EUR",
    }
    return event("OrderPlaced", day, order_id=order_id, email=email, **{**needed, **fields})


def shipment(shipment_id: str, order_id: str, day: int = 3, **fields: object) -> Event:
    needed = {"carrier": "posti", "name": "A", "address": ADDRESS}
    return event("ShipmentBooked", day, shipment_id=shipment_id, order_id=order_id, **{**needed, **fields})


def handed_on(shipment_id: str, day: int = 4) -> Event:
    way = {"from_carrier": "posti", "to_carrier": "dhl", "categories": ["name", "address"]}
    return event("ShipmentHandedOn", day, shipment_id=shipment_id, **way)


def disclosed(*identifiers: tuple[str, str], day: int = 5, recipient: str = "police") -> Event:
    way = {"holder": "order-system", "recipient": recipient, "purpose": "authority-inquiry", "categories": ["name"]}
    return event(
        "DataDisclosed", day, identifiers=[{"kind": kind, "value": value} for kind, value in identifiers], **way
    )


def link(left: tuple[str, str], right: tuple[str, str], day: int, *, undo: bool = False) -> Event:
    sides = {side: {"kind": kind, "value": value} for side, (kind, value) in (("left", left), ("right", right))}
    return event("IdentifiersUnlinked" if undo else "IdentifiersLinked", day, decided_by="desk-1", **sides)


def parties(answer: Answer, part: str = "holdings") -> dict[str, int]:
    return {one["party"]: one["disclosures"] for one in answer[part]}


def categories(answer: Answer, party: str) -> list[str]:
    return next(one["categories"] for one in answer["holdings"] if one["party"] == party)


EMPTY = {"identifiers": {}, "candidates": 0, "holdings": [], "shared": []}


def household() -> list[Event]:
    phone = "040 123 4567"
    return [
        account("C1", "a@b.example", phone=phone),
        account("C2", "b@b.example", day=3, phone="+358401234567"),
        disclosed(("phone", phone)),
    ]
