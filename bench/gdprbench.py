"""The four roles of GDPRbench on our stores and on PostgreSQL: `python -m bench.gdprbench [--stores sqlite neo4j postgresql]`.

Each role does its mix of operations, one after the other, on stores that were filled alike, and every answer is held
against what is true. Told are how many were right, how long the role took, and how much room each store takes.
The mixes are those of GDPRbench (PVLDB 2020), done with our own operations: no code of it is used.
"""

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from bench.gdprbench_stores import jalki, postgres

Event = dict[str, Any]
SEED = 11
BLOCKS = 10
SKEW = 0.99
"""Of the zipf distribution, as in YCSB."""
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CARRIERS, PROVIDERS = ("posti", "matkahuolto", "postnord", "dhl"), ("nets", "paytrail", "klarna", "paypal")
ADDRESS = {"street": "Rantakatu 12 B", "postcode": "65100", "city": "Vaasa", "country": "FI"}
MIXES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "controller": ("uniform", {"insert": 25, "erase": 25, "decide": 50}),
    "customer": ("zipf", {"read": 20, "holders": 20, "correct": 20, "decide": 20, "erase": 20}),
    "processor": ("uniform", {"read": 20, "may": 80}),
    "regulator": ("zipf", {"holders": 1, "logs": 1, "gone": 1}),
}
"""By role, who is chosen how, and how often each operation is done to the others."""


class Store(Protocol):
    """A store that keeps who got what of whom, under pseudonyms and sealed, and writes down every look at a person."""

    def record(self, events: list[Event]) -> None:
        """Keep events durably."""
        ...

    def erase(self, user: str) -> None:
        """Forget a user, durably: facts, keys; and remember by a pseudonym that she is erased."""
        ...

    def emails(self, user: str) -> set[str]:
        """Return her addresses as they were sent, when the look is written down."""
        ...

    def holders(self, user: str) -> Mapping[str, int]:
        """Return how often each party got data of hers, when the look is written down."""
        ...

    def may(self, user: str) -> bool:
        """Tell whether she may be sent the newsletter now."""
        ...

    def looks(self) -> int:
        """Return how many looks were written down, and read each."""
        ...

    def gone(self, user: str) -> bool:
        """Tell whether nothing of her is there, and that she was erased is known."""
        ...

    def size(self) -> int:
        """Return how many bytes it takes."""
        ...


@dataclass(slots=True)
class Truth:
    """What is true, and the store that is told of it. `right` counts the answers that were so."""

    store: Store
    random: random.Random
    alive: list[str]
    email: dict[str, str] = field(default_factory=dict)
    emails: dict[str, set[str]] = field(default_factory=dict)
    held: dict[str, Counter[str]] = field(default_factory=dict)
    consent: dict[str, bool] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)
    looks: int = 0
    bytes: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def event(self, kind: str, user: str, **fields: object) -> Event:
        number = next(self.numbers)
        at = BEGIN + timedelta(seconds=number)
        return {
            "type": kind, "event_id": f"g-{number}", "occurred_at": at.isoformat(), "controller": "multitronic",
            "customer_id": user, "email": self.email[user], **fields,
        }  # fmt: skip

    def opened(self, user: str) -> Event:
        """Return the event that a user begins with."""
        self.email[user] = f"{user.lower()}@posti.example"
        self.emails[user], self.held[user] = set(), Counter()
        return self.event("AccountOpened", user, name="Aino Esimerkki", phone=None, address=ADDRESS)

    def more(self, user: str) -> Event:
        """Return another event of hers, that gives something to somebody."""
        number = next(self.numbers)
        if number % 2:
            return self.event(
                "ShipmentBooked", user, shipment_id=f"S-{number}", order_id=f"O-{number}", name="Aino Esimerkki",
                address=ADDRESS, carrier=self.random.choice(CARRIERS),
            )  # fmt: skip
        return self.event(
            "PaymentRequested", user, payment_id=f"P-{number}", order_id=f"O-{number}", amount="49.00", currency="EUR",
            method="card", provider=self.random.choice(PROVIDERS),
        )  # fmt: skip

    def record(self, events: list[Event]) -> None:
        """Give events to the store, and note what they make true."""
        self.store.record(events)
        for each in events:
            user = each["customer_id"]
            self.bytes += len(json.dumps(each))
            self.emails[user].add(each["email"])
            if each["type"] == "ConsentChanged":
                self.consent[user] = each["granted"]
            else:
                self.held[user][each.get("carrier") or each.get("provider") or "order-system"] += 1

    # The operations: each returns whether the store was right.

    def insert(self, user: str) -> bool:
        self.record([self.more(user)])
        return True

    def decide(self, user: str) -> bool:
        granted = not self.consent.get(user, False)
        text = "newsletter v1"
        self.record([self.event("ConsentChanged", user, purpose="newsletter", granted=granted, consent_text=text)])
        return True

    def correct(self, user: str) -> bool:
        self.email[user] = f"{user.lower()}.{next(self.numbers)}@posti.example"
        self.record([self.event("ContactChanged", user, name="Aino Malli")])
        return True

    def erase(self, user: str) -> bool:
        self.store.erase(user)
        self.alive.remove(user)
        self.erased.append(user)
        for each in (self.email, self.emails, self.held, self.consent):
            each.pop(user, None)
        return True

    def read(self, user: str) -> bool:
        self.looks += 1
        return self.store.emails(user) == self.emails[user]

    def holders(self, user: str) -> bool:
        self.looks += 1
        return self.store.holders(user) == self.held[user]

    def may(self, user: str) -> bool:
        return self.store.may(user) == self.consent.get(user, False)

    def logs(self, _: str) -> bool:
        return self.store.looks() == self.looks

    def gone(self, user: str) -> bool:
        gone = self.random.choice([user, self.random.choice(self.erased)] if self.erased else [user])
        return self.store.gone(gone) == (gone not in self.emails)

    def at_last(self) -> tuple[int, int]:
        """Ask about every user there ever was; return how many answers were right, of how many."""
        answers = [self.read(each) and self.holders(each) and self.may(each) for each in self.alive]
        answers += [self.store.gone(each) for each in self.erased]
        return sum(answers), len(answers)


def filled(store: Store, users: int, records: int) -> Truth:
    """Return the truth of a store with so many users and records; some have decided, some are erased already."""
    names = [f"C-{number}" for number in range(users)]
    truth = Truth(store, random.Random(SEED), names)
    events = [truth.opened(each) for each in names]
    events += [truth.more(truth.random.choice(names)) for _ in range(records - users)]
    for start in range(0, len(events), 500):
        truth.record(events[start : start + 500])
    for each in truth.random.sample(names, users // 10):
        truth.decide(each)
    for each in truth.random.sample(names, 20):
        truth.erase(each)
    return truth


def played(truth: Truth, role: str, operations: int) -> tuple[int, float]:
    """Do what a role does; return how many answers were right, and the seconds it took."""
    chosen, mix = MIXES[role]
    weights = [1 / (rank**SKEW) for rank in range(1, len(truth.alive) + 1)] if chosen == "zipf" else None
    listed, acts = list(truth.alive), truth.random.choices(list(mix), list(mix.values()), k=operations)
    right, taken = 0, 0.0
    for act in acts:
        user = truth.random.choices(listed, weights)[0]
        while user not in truth.emails:  # she was erased meanwhile
            user = truth.random.choices(listed, weights)[0]
        do: Callable[[str], bool] = getattr(truth, act)
        began = time.perf_counter()
        answered = do(user)
        taken += time.perf_counter() - began
        right += answered
    return right, taken


def main() -> None:
    """Measure, and print."""
    wanted = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted.add_argument("--users", type=int, default=2_000)
    wanted.add_argument("--records", type=int, default=10_000)
    wanted.add_argument("--operations", type=int, default=1_000)
    wanted.add_argument(
        "--stores", nargs="+", choices=["sqlite", "neo4j", "postgresql"], default=["sqlite", "neo4j", "postgresql"]
    )
    given = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="jalki-bench-") as folder, ExitStack() as stack:
        truths = {}
        for name in given.stores:
            place = Path(folder) / name
            place.mkdir()
            store = stack.enter_context(postgres(place) if name == "postgresql" else jalki(place, name))
            truths[name] = filled(store, given.users, given.records)
        print("| store | went in | size | size to what went in |\n|---|---|---|---|")
        for name, truth in truths.items():
            size = truth.store.size()
            print(f"| {name} | {truth.bytes / 1e6:.1f} MB | {size / 1e6:.1f} MB | {size / truth.bytes:.1f} × |")
        print("\n| role | store | right | completion | to PostgreSQL |\n|---|---|---|---|---|", flush=True)
        for role in MIXES:
            _compared(role, truths, given.operations)
        print("\nafterwards, of every user there ever was:")
        for name, truth in truths.items():
            print("{}: {:,} of {:,} answers right".format(name, *truth.at_last()))


def _compared(role: str, truths: Mapping[str, Truth], operations: int) -> None:
    """Play a role on all stores, block by block in turn: so they meet the same moods of the machine."""
    right, taken = Counter[str](), Counter[str]()
    seconds: dict[str, float] = dict.fromkeys(truths, 0.0)
    for _ in range(BLOCKS):
        for name in random.sample(list(truths), len(truths)):
            answered, took = played(truths[name], role, operations // BLOCKS)
            right[name] += answered
            taken[name] += operations // BLOCKS
            seconds[name] += took
    for name in truths:
        beside = f"{seconds[name] / seconds['postgresql']:.1f} ×" if "postgresql" in seconds else ""
        print(
            f"| {role} | {name} | {right[name]:,} of {taken[name]:,} | {seconds[name]:.1f} s | {beside} |", flush=True
        )


if __name__ == "__main__":
    main()
