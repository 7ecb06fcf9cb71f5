"""The shop while it lives: sends parties what it sends them, and publishes the event, at a steady rate, whatever happens."""

import csv
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

from bench.addressed import addressed
from bench.campaign.feeding import rows_of
from bench.campaign.near import Near
from bench.campaign.place import Place
from bench.campaign.town import Row
from lineage.errors import Retryable
from schemas.catalogue import load_catalogue
from schemas.records import JsonRecords
from streams.kafka.publishing import Publisher
from streams.records import Outgoing
from streams.shop import Event, simulate
from tests.e2e.program import jalki

TICK = 1.0
"""Seconds from one slice to the next."""
REPLAYED = 400
BACKFILLED = 40
MALFORMED = (b"", b"\xc3\x01", b"{}", b"\xc3\x01" + b"\xff" * 600, b"\x00\x00\x00\x00\x07" + b"\x00" * 40, b"\n" * 50)
"""Records that are none, and must end as dead letters."""
_PAYMENT = ("event_id", "occurred_at", "controller", "payment_id", "order_id", "customer_id", "provider",
            "provider_reference", "name", "email", "amount", "currency", "method")  # fmt: skip


class Shop:
    """Sends while it lives. What it sent is in `events`, in the order it was sent."""

    def __init__(self, place: Place, persons: int, seed: int, rate: float) -> None:
        self._place, self._slice = place, max(1, round(rate * TICK))
        self._stream: Iterator[Event] = iter(simulate(persons, seed))
        self._random = random.Random(f"shop {seed}")
        self._catalogue = load_catalogue()
        self._records = JsonRecords(self._catalogue)
        self._known: set[str] = set()
        self.lock = threading.Lock()
        self.events: list[Event] = []
        self.near = Near()
        self.fed: dict[str, list[Row]] = {party: [] for party in place.books}
        self.malformed = self.replayed = self.backfilled = 0

    def live(self, ending: threading.Event) -> None:
        """Send at the rate until it is to end, and until all that was sent is confirmed; in a thread of its own."""
        begun = time.monotonic()
        for number in count():
            if ending.wait(max(0.0, begun + number * TICK - time.monotonic())):
                return
            events = list(islice(self._stream, self._slice))
            if not events:
                return
            self._send(events)
            self._until_published(events)

    def replay(self) -> None:
        """Publish a stretch of what was published before once more, as an upstream system does that was restored."""
        with self.lock:
            at = self._random.randrange(max(1, len(self.events) - REPLAYED))
            old = self.events[at : at + REPLAYED]
        self._until_published(old)
        self.replayed += len(old)

    def spoil(self) -> None:
        """Publish records that are none."""
        topics = sorted(self._catalogue.topics)
        bad = [(self._random.choice(topics), Outgoing(each, None)) for each in MALFORMED]
        self._until_confirmed(bad)
        self.malformed += len(bad)

    def backfill(self, folder: Path) -> bool:
        """Take payments in from a file of the shop's, as its history is. Returns whether it was taken; it may be tried again."""
        taken = self._payments(folder)
        mapping = folder / "payments.json"
        fields: dict[str, object] = {name: name for name in _PAYMENT}
        rows = {"csv": taken.name}
        mapping.write_text(
            json.dumps({"name": "payments", "event": "PaymentRequested", "rows": rows, "fields": fields})
        )
        ended = jalki("backfill", mapping, settings=self._place.environment)
        return ended.code == 0

    def _payments(self, folder: Path) -> Path:
        """Write the payments that are to be taken in; made once, so that a second try is about the same."""
        file = folder / "payments.csv"
        if file.exists():
            return file
        with self.lock:
            payments = [each for each in self.events if each["type"] == "PaymentRequested"][-BACKFILLED:]
        own = [
            {**each, "event_id": f"{each['event_id']}-b", "payment_id": f"{each['payment_id']}-b"} for each in payments
        ]
        self._send(own)
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as output:
            writer = csv.DictWriter(output, _PAYMENT, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(own)
        self.backfilled += len(own)
        return file

    def _send(self, events: Sequence[Event]) -> None:
        """Let the parties have what the events tell them; the shop sends first, and tells of it then."""
        with self.lock:
            for event in events:
                if event["event_id"] in self._known:
                    continue
                self._known.add(str(event["event_id"]))
                self.events.append(event)
                self.near.add(event)
                for party, row in rows_of(event):
                    if (book := self._place.books.get(party)) and (kept := book.takes(row)):
                        self.fed[party].append(kept)
                        book.put([kept])

    def _until_published(self, events: Sequence[Event]) -> None:
        self._until_confirmed([addressed(self._catalogue, self._records, each) for each in events])

    def _until_confirmed(self, records: Sequence[tuple[str, Outgoing]]) -> None:
        """Publish until the broker has confirmed; what it may have had before comes twice then, as with every producer."""
        while True:
            try:
                with Publisher(self._place.kafka.access) as publisher:
                    for topic, one in records:
                        publisher.publish(topic, [one])
                    publisher.flush()
            except Retryable:
                time.sleep(TICK)
            else:
                return
