"""Who is one person, worked out by brute force from the sentences of the contract over all there is. Slow, and plain."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

Node = TypeVar("Node", str, frozenset[str])
RANKS = ("customer_id", "email", "phone", "device_id", "order_id", "consignee")


class Answer(NamedTuple):
    members: frozenset[str]
    shared: frozenset[str]
    candidates: int


class World:
    """`owns` (owner, owned), `links` (one, other, joined, at); names are `kind:value`."""

    def __init__(self, owns: Iterable[tuple[str, str]], links: Iterable[tuple[str, str, bool, int]]) -> None:
        owns, links = set(owns), list(links)
        self.names = {name for pair in owns for name in pair} | {
            name for one, other, *_ in links for name in (one, other)
        }
        joined = _joined(links)
        # One class for all that is linked, however far.
        self.class_of = {name: _reach({name}, joined) for name in self.names}
        self.owners = {each: self._owners(each, owns) for each in self.class_of.values()}
        self.roots = {each: self._ends(each) for each in self.owners}

    def answer(self, name: str) -> Answer:
        if name not in self.names:
            return Answer(frozenset(), frozenset(), 0)
        mine = self.class_of[name]
        roots = self.roots[mine]
        if len(roots) > 1:
            below = {each for each in self.owners if mine in self._above(each)}
            shared = frozenset(one for each in below if len(self.roots[each]) > 1 for one in each)
            return Answer(frozenset(), shared, len(roots))
        members = frozenset(one for each, ends in self.roots.items() if ends == roots for one in each)
        own = {each for each, ends in self.roots.items() if ends == roots}
        shared = frozenset(
            one for each, ends in self.roots.items() if len(ends) > 1 and own & self._above(each) for one in each
        )
        return Answer(members, shared, 1)

    def _owners(self, mine: frozenset[str], owns: set[tuple[str, str]]) -> set[frozenset[str]]:
        owners = {self.class_of[owner] for one in mine for owner in self._undecided(one, mine, owns)} - {mine}
        best = min((_rank(each) for each in owners), default=0)
        return {each for each in owners if _rank(each) == best}

    def _undecided(self, one: str, mine: frozenset[str], owns: set[tuple[str, str]]) -> set[str]:
        """The owners of an identifier; none where a link to one of those that count has decided whose it is."""
        owners = {owner for owner, owned in owns if owned == one}
        best = min((_rank(frozenset({owner})) for owner in owners), default=0)
        return set() if any(owner in mine and _rank(frozenset({owner})) == best for owner in owners) else owners

    def _above(self, mine: frozenset[str]) -> set[frozenset[str]]:
        """A class and every class that is met on some way upwards."""
        return set(_reach({mine}, self.owners))

    def _ends(self, mine: frozenset[str]) -> frozenset[frozenset[frozenset[str]]]:
        """Where the ways upwards end: classes from which one comes back to oneself or goes nowhere (a circle is one end)."""
        ways = {each: self._above(each) for each in self._above(mine)}
        return frozenset(frozenset(ways[each]) for each in ways if all(each in ways[up] for up in ways[each]))


def _joined(links: Iterable[tuple[str, str, bool, int]]) -> dict[str, set[str]]:
    """Neighbours by the latest decision about each pair; of two at one moment, the one that joins nobody."""
    latest: dict[frozenset[str], tuple[int, bool]] = {}
    for one, other, joined, at in links:
        pair = frozenset((one, other))
        latest[pair] = max(latest.get(pair, (at, not joined)), (at, not joined))
    neighbours: dict[str, set[str]] = {}
    for pair, (_, apart) in latest.items():
        for name in pair:
            neighbours.setdefault(name, set()).update(() if apart else pair)
    return neighbours


def _rank(mine: frozenset[str]) -> int:
    kinds = {name.partition(":")[0] for name in mine}
    return min(RANKS.index(kind) if kind in RANKS else len(RANKS) for kind in kinds)


def _reach(start: set[Node], onward: Mapping[Node, Iterable[Node]]) -> frozenset[Node]:
    reached: set[Node] = set()
    new = start
    while new:
        reached |= new
        new = {each for one in new for each in onward.get(one, ())} - reached
    return frozenset(reached)
