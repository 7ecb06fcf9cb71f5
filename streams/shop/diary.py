"""Where the lives of the simulated persons are written down: chance, counters, and the events with their times.

Knows how an event is written, and nothing of what happens in a shop.
"""

from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from streams.shop.calendar import MINUTE, stamp

Event = dict[str, object]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted drift: the rule it breaks, the event that breaks it, who received it and for what purpose."""

    rule: str
    event_id: str
    party: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Line:
    """An event of the stream: when it happened, how much later at least it is reported (microseconds both)."""

    at: int
    delay: int
    event: Event


@dataclass(slots=True)
class Diary:
    """One simulation's chance and counters, and the lines written since they were last taken."""

    rng: Random
    tag: str
    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _events: int = 0
    _references: int = 0

    def chance(self, share: float) -> bool:
        """True in this share of cases."""
        return self.rng.random() < share

    def pick(self, choices: tuple[Item, ...] | list[Item]) -> Item:
        """One of the choices, each as likely as another."""
        return choices[int(self.rng.random() * len(choices))]

    def maybe(self, value: Item | None, share: float) -> Item | None:
        """The value in this share of cases, else None."""
        return value if self.rng.random() < share else None

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` up to, and not with, `high`."""
        return low + int(self.rng.random() * (high - low))

    def after(self, at: int, low: float, high: float) -> int:
        """A time from `low` to `high` minutes after another (microseconds since the epoch)."""
        return at + int((low + self.rng.random() * (high - low)) * MINUTE)

    def serial(self) -> int:
        """The next number that nothing else in this simulation has."""
        self._references += 1
        return self._references

    def reference(self, prefix: str) -> str:
        """A new reference of the shop's own, such as an order number."""
        return f"{prefix}-{self.serial():08d}"

    def write(self, at: int, kind: str, controller: str, needed: Event, optional: Event, *, delay: int = 0) -> str:
        """Write one event; an optional field that is None becomes null or is left out. Returns the event's id."""
        self._events += 1
        event_id = f"{self.tag}-{self._events:08d}"
        bits = self.rng.getrandbits(32)
        style = bits & 15
        event: Event = {
            "type": kind,
            "event_id": event_id,
            "occurred_at": stamp(at, local=style > 5, digits=6 if style % 5 == 0 else 3 if style % 5 == 1 else 0),
            "controller": controller,
            **needed,
        }
        bits >>= 4
        for name, value in optional.items():
            if value is not None or bits & 1:
                event[name] = value
            bits >>= 1
        self.lines.append(Line(at, delay, event))
        return event_id

    def plant(self, rule: str, event_id: str, party: str, purpose: str) -> None:
        """Record that this event breaks this rule."""
        self.faults.append(Fault(rule, event_id, party, purpose))
