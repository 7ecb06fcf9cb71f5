"""Puts together what a party got of each person, however many identifiers of hers it hangs on, in bounded memory.

Disclosures are given by identifier; who is one person is worked out for thousands at a time, and what belongs to one is
brought together by a spool, which sorts on disk.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from lineage.batching import in_batches
from lineage.facts import Route
from lineage.graph import Got, Graph, Until
from lineage.keyring import KeyRing
from lineage.persons import find_roots, pseudonym_of
from lineage.reached.model import Asked

BATCH = 5_000
NOBODYS = "case"
"""The kind of what is kept of an erased person for a hold: her case tells of her."""


class Row(NamedTuple):
    """What went by one route (a number of `Gathered.routes`) to whoever an identifier stands for. Times as in `Got`."""

    whose: bytes
    candidates: int
    holder: bytes
    route: int
    earlier: bool
    readable: bool
    disclosures: int
    first: int
    last: int


class Spool(Protocol):
    """Takes rows in any order, and gives them back by person. Used once. Raises: Refused: there is no room for it."""

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows."""
        ...

    def by_person(self) -> Iterator[Sequence[Row]]:
        """Yield the rows of each person, persons by pseudonym."""
        ...


class Gathered(NamedTuple):
    """All rows, in the spool, and the routes that their numbers mean."""

    spool: Spool
    routes: Sequence[Route]


def gather(graph: Graph, keyring: KeyRing, asked: Asked, spool: Spool, seen: Callable[[int], None]) -> Gathered:
    """Put all that the party got by the end of the interval into the spool. `seen` is told how many disclosures more."""
    numbers: dict[Route, int] = {}
    for earlier, since, until in _intervals(asked):
        for several in batched(graph.got(asked.party, since, until, asked.as_of.known_at)):
            spool.add(_rows(graph, keyring, several, numbers, asked.as_of, earlier=earlier))
            seen(sum(each.disclosures for each in several))
    return Gathered(spool, list(numbers))


def _intervals(asked: Asked) -> Iterator[tuple[bool, int | None, int | None]]:
    """The interval itself, and all that lies before it, where that counts."""
    yield False, asked.since, asked.last
    if asked.since is not None and asked.earlier:
        yield True, None, asked.before_it


def batched(got: Iterable[Got], most: int = BATCH) -> Iterator[list[Got]]:
    """Yield what a party got in lists of so many, without what is nobody's any more."""
    return in_batches((each for each in got if each.kind != NOBODYS), most)


def _rows(
    graph: Graph,
    keyring: KeyRing,
    several: Sequence[Got],
    numbers: dict[Route, int],
    as_of: Until,
    *,
    earlier: bool,
) -> Iterator[Row]:
    holders = {each.holder for each in several}
    roots = find_roots(graph, holders, as_of)
    readable = keyring.find(holders)
    for holder, _, route, disclosures, first, last in several:
        found = roots[holder]
        whose = pseudonym_of(holder, found)
        number = numbers.setdefault(route, len(numbers))
        yield Row(whose, len(found), holder, number, earlier, holder in readable, disclosures, first, last)
