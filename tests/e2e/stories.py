"""One customer's life, and the small shop that faults are tried on: their events, and what is asked about them."""

from hashlib import sha256
from pathlib import Path

from console.opening import LOOKS, opened
from console.settings import read_settings
from lineage.revealing import read_look
from tests.e2e.events import ADDRESS, event, named_in, order, shop
from tests.e2e.program import asked, jalki

STORY = [
    event("AccountOpened", "s-1", "2026-02-01T08:00:00+02:00", customer_id="C-17", email=" Aino.Esimerkki@posti.example",
          phone="040 123 4567", name="Aino Esimerkki"),
    {**order("s-2", "O-17", customer_id="C-17", phone="+358 40 123 4567"), "occurred_at": "2026-03-01T09:30:00Z"},
    event("ShipmentBooked", "s-3", "2026-03-02T09:30:00.5Z", shipment_id="S-17", order_id="O-17", customer_id="C-17",
          carrier="posti", name="Aino Esimerkki", address=ADDRESS, phone="0401234567"),
    event("ShipmentBooked", "s-4", "2026-03-03T11:30:00+02:00", shipment_id="S-18", order_id="O-17", customer_id="C-17",
          carrier="posti", name="Aino Esimerkki", address=ADDRESS),
]  # fmt: skip
EVENTS = shop(60, seed=4)
SAMPLE = named_in(EVENTS, 12)
READING = (("where", "customer_id:C-1"), ("parties",), ("sharing",), ("drift",), ("dead-letters",))


def content(data: Path) -> dict[str, str]:
    return {
        each.name: sha256(each.read_bytes()).hexdigest() for each in data.iterdir() if not each.name.endswith("-shm")
    }


def looks(data: Path) -> list[dict[str, str]]:
    """The access log: who looked, at what and why."""
    with opened(read_settings({}, data)) as folder:
        key = folder.keyring.find((LOOKS,))[LOOKS]
        return [read_look(each, key) for each in folder.graph.looks()]


def assert_all_say(data: Path, events: Path, code: int, *words: str, settings: dict[str, object] | None = None) -> None:
    """Reading and writing end with this code and these words, and change nothing."""
    before = content(data)
    ends = [jalki(*command, "--data", data, settings=settings) for command in (READING[0], ("ingest", events))]
    for ended in ends:
        assert (ended.code, ended.out) == (code, "")
        for word in words:
            assert word in ended.said
    if settings is None:
        assert asked("doctor", "--data", data).code == 2
    assert content(data) == before
