"""What goes wrong on demand: faults for the next calls of an operation, and faults at random by a seed. Makes none itself."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

FAULTS_AT_MOST = 1_000


class Kind(StrEnum):
    """The kinds of fault."""

    BUSY = "busy"
    """429 that says how long to wait."""
    BUSY_SILENT = "busy-silent"
    """429 that says nothing."""
    BROKEN = "broken"
    """500, nothing done."""
    BROKEN_AFTER = "broken-after"
    """500, but it was done."""
    AWAY = "away"
    """503 that says how long to wait."""
    EXPIRED = "expired"
    """401: the credentials are no longer good."""
    LATE = "late"
    """Done and answered, after `seconds`."""
    LOST = "lost"
    """Nothing done, and no answer: the connection stays open until the caller has had enough."""
    DROPPED = "dropped"
    """Nothing done; the connection is closed without an answer."""
    LOST_AFTER = "lost-after"
    """Done, and no answer: as `lost`."""
    DROPPED_AFTER = "dropped-after"
    """Done; the connection is closed without an answer."""
    CUT = "cut"
    """Done; half the answer's body, then the connection is closed."""
    LIE = "lie"
    """The answer of success, and nothing done."""
    ERROR_INSIDE = "error-inside"
    """A status of success around an error, where the vendor has such."""
    PARTIAL = "partial"
    """Done for a part, and says so, where the vendor has such."""


BY_VENDOR = frozenset({Kind.ERROR_INSIDE, Kind.PARTIAL})
"""Kinds that only an operation that takes them can have."""
DEFAULT_SECONDS = 7


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the next `calls` calls of an operation; of any, where method or path are empty.

    `path` is the operation's template. `seconds`: how late, or how long to wait as the answer says.
    """

    kind: Kind
    method: str = ""
    path: str = ""
    calls: int = 1
    seconds: float = DEFAULT_SECONDS

    def hits(self, method: str, path: str, takes: frozenset[Kind]) -> bool:
        """Tell whether it is about this operation, and the operation can have it."""
        return (
            self.method in ("", method)
            and self.path in ("", path)
            and (self.kind not in BY_VENDOR or self.kind in takes)
        )


@dataclass(frozen=True, slots=True)
class Rates:
    """Faults at random: the part of an operation's calls, 0 to 1, that has each kind. The same seed, the same faults."""

    seed: int
    rates: Mapping[Kind, float] = field(default_factory=lambda: MappingProxyType({}))
    method: str = ""
    path: str = ""
    seconds: float = DEFAULT_SECONDS


class Faults:
    """The faults of a vendor that are still to come."""

    def __init__(self) -> None:
        self._next: list[Fault] = []
        self._rates: list[Rates] = []
        self._calls: Counter[tuple[str, str]] = Counter()

    @property
    def waiting(self) -> Sequence[Fault]:
        """Those of the next calls."""
        return tuple(self._next)

    @property
    def rates(self) -> Sequence[Rates]:
        """Those at random."""
        return tuple(self._rates)

    def add(self, fault: Fault) -> None:
        """Let it happen after those that are there already; the newest thousand are kept."""
        self._next = [*self._next, fault][-FAULTS_AT_MOST:]

    def at_random(self, *rates: Rates) -> None:
        """Let these happen, instead of those before; of several, the first that hits a call."""
        self._rates = list(rates)
        self._calls.clear()

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._next, self._rates = [], []
        self._calls.clear()

    def take(self, method: str, path: str, takes: frozenset[Kind]) -> Fault | None:
        """Return the fault of a call of this operation, and count it."""
        for at, fault in enumerate(self._next):
            if fault.hits(method, path, takes):
                left = [replace(fault, calls=fault.calls - 1)] if fault.calls > 1 else []
                self._next[at : at + 1] = left
                return fault
        return self._drawn(method, path, takes)

    def _drawn(self, method: str, path: str, takes: frozenset[Kind]) -> Fault | None:
        self._calls[method, path] += 1
        for which, each in enumerate(self._rates):
            # Drawn by the operation and the number of its call: other operations' calls between change nothing.
            seed = f"{each.seed}/{which}/{method}/{path}/{self._calls[method, path]}"
            draw = random.Random(seed).random()  # noqa: S311 - repeatable on purpose; guards nothing
            for kind, rate in each.rates.items():
                fault = Fault(kind, each.method, each.path, seconds=each.seconds)
                if not fault.hits(method, path, takes):
                    continue
                if draw < rate:
                    return fault
                draw -= rate
        return None
