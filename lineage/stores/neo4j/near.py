"""The surroundings of one identifier, read in one question: who is over it, all below them, and what hangs there.

Worked out step by step a person takes some twenty questions, each a way to the server and back. What lies outside, such as
somebody who shares an address of hers or was linked with her, is read with its own surroundings in a second one; after
that the graph itself is asked, so the answers are the same.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, LiteralString, NamedTuple

from lineage.facts import Consent, Disclosure, Link, Route
from lineage.graph import Near, Until
from lineage.stores.neo4j.connecting import Session

_MOST = 500
"""Identifiers; of a person with more, or among more, only these are known beforehand."""
_FEW = 20
"""So many at most are read with their surroundings at a time: those who share what thousands do are not."""
_AGAIN = 3
"""How often more is read: once is enough for all but chains of links."""

# Up to three steps up and down: customer, order, shipment. Of what several have in common only some of them.
_READ: LiteralString = """UNWIND $keys AS key
CALL { WITH key MATCH (:Identifier {key: key})<-[:OWNS*0..3]-(top:Identifier) RETURN DISTINCT top LIMIT 20 }
WITH DISTINCT top MATCH (top)-[:OWNS*0..3]->(i:Identifier) WITH DISTINCT i LIMIT $most
RETURN i.key, i.kind,
[(o:Identifier)-[f:OWNS]->(i) | [o.key, o.kind, f.at, f.recorded]],
[(i)-[f:OWNS]->(o:Identifier) | [o.key, o.kind, f.at, f.recorded]],
[(i)-[:LINKED]-(f:Link) | [f.event, [(a)-[:LINKED]->(f) | a.key][0], [(f)-[:LINKED]->(b) | b.key][0],
  f.joined, f.at, f.recorded, f.sealed]],
[(i)-[:DISCLOSED]->(f:Disclosure) |
  [f.event, f.part, f.source, f.target, f.purpose, f.categories, f.controller, f.forbidden, f.at, f.recorded, f.sealed]],
[(i)-[:CONSENTED]->(f:Consent) | [f.event, f.purpose, f.granted, f.at, f.recorded, f.sealed]]"""

Owning = tuple[bytes, bytes, int, int]
"""Owner, owned, and since when: occurred and known."""


class Around(NamedTuple):
    """What one identifier owns and is owned by, its links, and what hangs on it, of all times."""

    owners: Sequence[Owning]
    owned: Sequence[Owning]
    links: Sequence[Link]
    disclosures: Sequence[Disclosure]
    consents: Sequence[Consent]


_NOTHING = Around((), (), (), (), ())


class Read(NamedTuple):
    """What was read, by identifier; `kinds` are those of their neighbours too."""

    around: Mapping[bytes, Around]
    kinds: Mapping[bytes, str]


def read(session: Session, keys: Collection[bytes]) -> Read:
    """Read what lies around some identifiers. Raises: as `Session.ask`."""
    rows = session.ask(_READ, keys=[each.hex() for each in keys], most=_MOST)
    # Each is among its own surroundings, where not all were cut short: one that is not among them is not there.
    around = dict.fromkeys(keys, _NOTHING) if len(rows) < _MOST else {}
    kinds: dict[bytes, str] = {}
    for text, kind, owners, owned, links, disclosures, consents in rows:
        this = bytes.fromhex(text)
        kinds[this] = kind
        for other, other_kind, *_ in (*owners, *owned):
            kinds[bytes.fromhex(other)] = other_kind
        around[this] = Around(
            [(bytes.fromhex(other), this, at, recorded) for other, _, at, recorded in owners],
            [(this, bytes.fromhex(other), at, recorded) for other, _, at, recorded in owned],
            [_link(row) for row in links],
            [_disclosure(this, row) for row in disclosures],
            [Consent(bytes.fromhex(event), this, *rest) for event, *rest in consents],
        )  # fmt: skip
    return Read(around, kinds)


def _link(row: Sequence[Any]) -> Link:
    event, one, other, *rest = row
    return Link(bytes.fromhex(event), bytes.fromhex(one), bytes.fromhex(other), *rest)


def _disclosure(holder: bytes, row: Sequence[Any]) -> Disclosure:
    event, part, source, target, purpose, categories, controller, forbidden, at, recorded, sealed = row
    way = Route(source, target, purpose, tuple(categories), controller, bool(forbidden))
    return Disclosure(bytes.fromhex(event), part, holder, way, at, recorded, sealed)


class Surroundings:
    """Answers from what was read, and asks about what was not. Satisfies `lineage.graph.Near`."""

    def __init__(self, graph: Near, session: Session, key: bytes) -> None:
        """Read what lies around an identifier. Raises: as `Session.ask`."""
        self._graph, self._session, self._again = graph, session, _AGAIN
        self._read = read(session, [key])

    def owners(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        """Return (owner, owned) for every owner of the given identifiers."""
        here, rest = self._apart(keys)
        found = {(a, b) for each in here for a, b, at, recorded in each.owners if _by(until, at, recorded)}
        return [*found, *self._graph.owners(rest, until)] if rest else list(found)

    def owned(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        """Return (owner, owned) for everything the given identifiers own."""
        here, rest = self._apart(keys)
        found = {(a, b) for each in here for a, b, at, recorded in each.owned if _by(until, at, recorded)}
        return [*found, *self._graph.owned(rest, until)] if rest else list(found)

    def links(self, keys: Collection[bytes], until: Until) -> Sequence[Link]:
        """Return every decision about the given identifiers, taken back ones too."""
        here, rest = self._apart(keys)
        found = {link for each in here for link in each.links if _by(until, link.at, link.recorded)}
        return list(found.union(self._graph.links(rest, until))) if rest else list(found)

    def kinds(self, keys: Collection[bytes]) -> Mapping[bytes, str]:
        """Return the kinds of the given identifiers."""
        found = {key: self._read.kinds[key] for key in keys if key in self._read.kinds}
        rest = [
            key for key in keys if key not in found and key not in self._read.around
        ]  # one that is not there has none
        return {**found, **self._graph.kinds(rest)} if rest else found

    def disclosures(self, holders: Collection[bytes], until: Until) -> Sequence[Disclosure]:
        """Return what hangs on the given identifiers."""
        here, rest = self._apart(holders)
        found = [fact for each in here for fact in each.disclosures if _by(until, fact.at, fact.recorded)]
        return [*found, *self._graph.disclosures(rest, until)] if rest else found

    def consents(self, holders: Collection[bytes], until: Until) -> Sequence[Consent]:
        """Return the consents given or withdrawn under the given identifiers."""
        here, rest = self._apart(holders)
        found = [fact for each in here for fact in each.consents if _by(until, fact.at, fact.recorded)]
        return [*found, *self._graph.consents(rest, until)] if rest else found

    def _apart(self, keys: Collection[bytes]) -> tuple[Iterator[Around], list[bytes]]:
        wanted = set(keys)
        if 0 < len(outside := wanted - self._read.around.keys()) <= _FEW and self._again:
            self._again -= 1
            around, kinds = read(self._session, outside)
            self._read = Read({**around, **self._read.around}, {**kinds, **self._read.kinds})
        around = self._read.around
        return (around[key] for key in wanted if key in around), [key for key in wanted if key not in around]


def _by(until: Until, at: int, recorded: int) -> bool:
    return (until.at is None or at <= until.at) and (until.known_at is None or recorded <= until.known_at)
