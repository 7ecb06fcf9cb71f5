"""What is asked of a person's time, and what the answer consists of. Times are microseconds UTC. Decides nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from lineage.graph import Until
from lineage.persons import Person

Kind = Literal[
    "disclosed", "looked-up", "consented", "withdrew", "linked", "unlinked", "revealed", "asked-about", "case"
]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which person, by facts until when, and which moments of hers: `since` and `by` are both included; None: open."""

    key: bytes
    until: Until
    since: int | None = None
    by: int | None = None

    def wants(self, at: int, recorded: int) -> bool:
        """Tell whether something that occurred and was known at these times is asked for."""
        within = (self.since is None or at >= self.since) and (self.by is None or at <= self.by)
        return within and self.until.covers(at, recorded)


class Moment(NamedTuple):
    """One thing that happened: when, and when it was known here. `key` tells it from all others of the same two times.

    `told` is JSON of what happened, by parties, purposes, categories and states: never a value of hers, nor who of staff.
    """

    at: int
    recorded: int
    key: str
    kind: Kind
    told: Mapping[str, Any]


class Order(Protocol):
    """Takes moments as they are met, and gives each once, by time. Used once. Raises: Refused: there is no room."""

    def add(self, moments: Iterable[Moment]) -> None:
        """Take moments; one that was taken before is passed over."""
        ...

    def in_order(self) -> Iterator[Moment]:
        """Yield them by when they occurred, then by when that was known."""
        ...


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is known beside the moments, which are in the order.

    `erased` are (case, before): a case erased an identifier of hers, and what of it occurred by then is gone. `many`
    counts looks in clear at many persons at once, in the time asked for: nobody can tell from them whose were shown.
    """

    person: Person
    kinds: Mapping[str, int]
    erased: tuple[tuple[str, int], ...]
    many: int
