"""Shared identifiers as somebody decides about them: who shares one, and what was decided of a person's. Pure; writes nothing.

A decision is an event, `IdentifiersLinked` or `IdentifiersUnlinked` (contract §3); what it comes to is in `lineage.persons`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from lineage.facts import Link
from lineage.graph import Near, Until
from lineage.identifiers import rank
from lineage.persons import Person, find_roots, pseudonym_of

MOST_APART = 4
"""So many can be said to be one person, or all others, at once: whoever decides has to know each of them."""


class Claim(NamedTuple):
    """One of those who share an identifier: the owner by which she does, and the pseudonym she is told of under."""

    owner: bytes
    kind: str
    person: bytes
    hers: bool
    """Whether she is the person that was asked about."""


@dataclass(frozen=True, slots=True)
class Shared:
    """An identifier that several persons share by owners of its own. Who shares only what it hangs on is not told."""

    key: bytes
    kind: str
    claims: tuple[Claim, ...]


def shared_by(graph: Near, person: Person, until: Until) -> list[Shared]:
    """Return the identifiers under a person's `shared` that can be decided about, the highest kind first.

    What is shared only because its one owner is shared follows from the decision about that one.
    """
    edges = graph.owners(person.shared, until)
    kinds = graph.kinds(person.shared | {owner for owner, _ in edges})
    owners: dict[bytes, set[bytes]] = {}
    for owner, owned in edges:
        owners.setdefault(owned, set()).add(owner)
    for owned, some in owners.items():
        best = min(rank(kinds[each]) for each in some)
        owners[owned] = {each for each in some if rank(kinds[each]) == best}
    roots = find_roots(graph, {each for some in owners.values() for each in some}, until)
    found = []
    for owned, some in owners.items():
        claims: dict[bytes, Claim] = {}
        for each in sorted(some, key=lambda one: (one not in person.members, one)):
            whose = pseudonym_of(each, roots[each])
            claims.setdefault(whose, Claim(each, kinds[each], whose, each in person.members))
        if len(claims) > 1:
            found.append(Shared(owned, kinds[owned], tuple(claims.values())))
    return sorted(found, key=lambda each: (rank(each.kind), each.key))


def decided(graph: Near, keys: Collection[bytes], until: Until) -> list[Link]:
    """Return what holds of each pair of identifiers that was decided about and has one of these in it, the newest first."""
    latest: dict[tuple[bytes, bytes], Link] = {}
    for each in graph.links(keys, until):
        pair = (each.one, each.other)
        if pair not in latest or _order(each) > _order(latest[pair]):
            latest[pair] = each
    return sorted(latest.values(), key=lambda each: (-each.at, each.one, each.other))


def holding(links: Iterable[Link], one: bytes, other: bytes) -> Link | None:
    """Return the decision that holds of a pair, in whichever order it is given; None: nobody has decided."""
    pair: Sequence[bytes] = sorted((one, other))
    return next((each for each in links if [each.one, each.other] == pair), None)


def pairs_of(shared: Shared) -> list[tuple[bytes, bytes]]:
    """Return every two owners by which persons share an identifier."""
    return list(combinations((each.owner for each in shared.claims), 2))


def are_apart(links: Sequence[Link], shared: Shared) -> bool:
    """Tell whether it was decided of all who share an identifier that they are not one person: it stays shared."""
    found = [holding(links, *pair) for pair in pairs_of(shared)] if len(shared.claims) <= MOST_APART else [None]
    return all(each is not None and not each.joined for each in found)


def _order(link: Link) -> tuple[int, bool]:
    # Of two decisions of one moment the one that joins nobody holds.
    return link.at, not link.joined
