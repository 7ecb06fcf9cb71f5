"""Lines that are bad on purpose, one for each way in which the contract calls a record bad input.

Nothing here is about lawful disclosures to the wrong party: those are good input and drift (`streams.shop.faults`).
"""

import json
from collections.abc import Callable, Iterator

from streams.shop.diary import Event
from streams.shop.simulation import Simulation

GOOD = "good"
_TYPES = ("OrderPlaced", "PaymentRequested", "ShipmentBooked", "AccountOpened", "ConsentChanged")


def bad_lines(seed: int) -> Iterator[tuple[bytes, str]]:
    """One line of a JSON Lines file (without its end) and the kind of its fault, for every kind; persons are invented.

    Lines of the kind `good` are no faults: a lawful event comes just before the one that uses its id for other content.
    """
    samples = _samples(seed)
    order, account = samples["OrderPlaced"], samples["AccountOpened"]
    yield b'{"type": "OrderPlaced", "event_id": ', "not-json"
    yield b"[1, 2]", "not-json"
    yield json.dumps(_fresh(account, "utf8", name="Mäki"), ensure_ascii=False).encode("latin-1", "replace"), "not-utf-8"
    for number, (kind, spoil) in enumerate(_SPOILT):
        yield _line(spoil(_fresh(order, f"order-{number}"))), kind
    yield _line(_fresh(samples["ShipmentBooked"], "party", carrier="no-such-party")), "unknown-party"
    yield _line(_fresh(samples["PaymentRequested"], "amount", amount=12.9)), "money-as-number"
    yield _line(_fresh(samples["ConsentChanged"], "bool", granted="true")), "wrong-type"
    nobody: Event = {"customer_id": None, "email": None, "device_id": None}
    yield _line(_fresh(samples["ConsentChanged"], "nobody", **nobody)), "names-nobody"
    first = _fresh(order, "twice")
    yield _line(first), GOOD
    yield _line({**first, "name": "Toinen Nimi"}), "same-id-other-content"


def _line(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def _fresh(event: Event, suffix: str, **changes: object) -> Event:
    """The event under an id of its own, with some fields changed."""
    return {**event, "event_id": f"{event['event_id']}-{suffix}", **changes}


def _samples(seed: int) -> dict[str, Event]:
    """The first lawful event of each type that is spoilt here."""
    samples: dict[str, Event] = {}
    for event in Simulation(60, seed):
        samples.setdefault(str(event["type"]), event)
        if all(kind in samples for kind in _TYPES):
            break
    return samples


def _without(name: str) -> Callable[[Event], Event]:
    return lambda event: {key: value for key, value in event.items() if key != name}


def _with(**changes: object) -> Callable[[Event], Event]:
    return lambda event: {**event, **changes}


# each is done to a lawful OrderPlaced
_SPOILT: tuple[tuple[str, Callable[[Event], Event]], ...] = (
    ("unknown-type", _with(type="OrderTeleported")),
    ("unknown-type", _without("type")),
    ("missing-field", _without("order_id")),
    ("missing-field", _without("occurred_at")),
    ("null-in-required", _with(email=None)),
    ("wrong-type", _with(order_id=42)),
    ("wrong-type", _with(items="one cable")),
    ("wrong-type", _with(address="Rantatie 1, Vaasa")),
    ("naive-date", _with(occurred_at="2026-03-01T09:30:00")),
    ("date-only", _with(occurred_at="2026-03-01")),
    ("empty-event-id", _with(event_id="")),
    ("unknown-controller", _with(controller="no-such-company")),
    ("money-as-number", _with(total=899)),
    ("currency", _with(currency="euro")),
)
