"""The graph in Neo4j. Satisfies `lineage.graph.Graph`. Keys are hexadecimal there, so that an auditor can write them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from random import SystemRandom
from threading import Event
from typing import Any, LiteralString

from lineage.errors import Retryable
from lineage.facts import Bought, Consent, Disclosure, Facts, Link, Route
from lineage.graph import NOW, Forgotten, Got, Letter, Look, Near, Purchases, Tally, Until, Volume
from lineage.stores.neo4j import forgetting
from lineage.stores.neo4j.connecting import Clash, Neo4jAccess
from lineage.stores.neo4j.migrations import prepared
from lineage.stores.neo4j.near import Surroundings
from lineage.stores.neo4j.writing import CONTENTS, UNJUDGED, Writing

_EVER = (1 << 63) - 1
_CLASHES = 12
_at_random = SystemRandom().uniform
# Not `WHERE i.key IN $keys`: with what follows that is planned as a scan of all identifiers.
_KEYS: LiteralString = "UNWIND $keys AS key MATCH (i:Identifier {key: key}) MATCH "
_THEN: LiteralString = " WHERE f.at <= $at AND f.recorded <= $known_at RETURN "
_GOT: LiteralString = (
    "MATCH (f:Disclosure {target: $party})<-[:DISCLOSED]-(i:Identifier) WHERE $since <= f.at <= $until "
)
_KNOWN: LiteralString = "AND f.recorded <= $known_at "
_ROUTE: LiteralString = "f.source, f.target, f.purpose, f.categories, f.controller, f.forbidden"


class Neo4jGraph:
    """The graph on a server: several writers, many readers."""

    def __init__(self, access: Neo4jAccess, keys: str, *, read_only: bool = False) -> None:
        """Connect, and make the graph ready. `keys` is the mark of the key ring that pseudonyms come from.

        Raises: Retryable: the server is away. Misconfigured: it refuses us, or the graph is not this one's (`prepare`).
        """
        self._session = prepared(access, keys, read_only=read_only)
        self._writing = Writing()
        self._pause = Event()

    def contents(self, events: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return, of those events that are recorded, the fingerprint of their content."""
        rows = self._session.ask(CONTENTS, keys=[each.hex() for each in events]) if events else ()
        return {bytes.fromhex(event): content for event, content in rows}

    def record(self, facts: Sequence[Facts], letters: Sequence[Letter] = ()) -> Collection[bytes]:
        """Keep facts and dead letters durably, in one transaction; return the events that were there already."""
        for again in range(_CLASHES):
            try:
                with self._session.transaction() as work:
                    there = self._writing.write(work, facts, letters, again=bool(again))
            except Clash:
                self._writing.forget()
                self._pause.wait(_at_random(0.0, 0.002 * 2**again))  # at random, or two writers meet again and again
            else:
                self._writing.committed()
                return there
        raise Retryable("other writers of Neo4j were first, again and again")

    def forget(
        self, holders: Collection[bytes], until: int, kept: Collection[tuple[bytes, int]], onto: bytes | None
    ) -> Forgotten:
        """Delete what occurred by then of these identifiers, in one transaction (see the port)."""
        forgotten = self._session.again(lambda work: forgetting.forget(work, holders, until, kept, onto))
        self._writing.forget()
        return forgotten

    def touch(self, keys: Collection[bytes]) -> None:
        """Have whoever these identifiers are of judged anew."""
        if keys:
            self._session.do(UNJUDGED, keys=b"".join(sorted({*keys})))

    def owners(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        """Return (owner, owned) for every owner of the given identifiers."""
        return self._edges("(i)<-[f:OWNS]-(o:Identifier)" + _THEN + "DISTINCT o.key, i.key", keys, until)

    def owned(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        """Return (owner, owned) for everything the given identifiers own."""
        return self._edges("(i)-[f:OWNS]->(o:Identifier)" + _THEN + "DISTINCT i.key, o.key", keys, until)

    def links(self, keys: Collection[bytes], until: Until) -> Sequence[Link]:
        """Return every decision about the given identifiers, taken back ones too."""
        ask: LiteralString = (
            "(i)-[:LINKED]-(f:Link)"
            + _THEN
            + (
                "DISTINCT f.event, [(o)-[:LINKED]->(f) | o.key][0], [(f)-[:LINKED]->(o) | o.key][0], "
                "f.joined, f.at, f.recorded, f.sealed"
            )
        )
        return [
            Link(bytes.fromhex(event), bytes.fromhex(one), bytes.fromhex(other), joined, at, recorded, sealed)
            for event, one, other, joined, at, recorded, sealed in self._ask(_KEYS + ask, keys, until)
        ]

    def kinds(self, keys: Collection[bytes]) -> Mapping[bytes, str]:
        """Return the kinds of the given identifiers."""
        rows = self._ask("UNWIND $keys AS key MATCH (i:Identifier {key: key}) RETURN i.key, i.kind", keys, Until())
        return {bytes.fromhex(key): kind for key, kind in rows}

    def disclosures(self, holders: Collection[bytes], until: Until) -> Sequence[Disclosure]:
        """Return what hangs on the given identifiers."""
        ask = (
            "(i)-[:DISCLOSED]->(f:Disclosure)" + _THEN + "i.key, f.event, f.part, f.at, f.recorded, f.sealed, " + _ROUTE
        )
        return [_disclosure(row) for row in self._ask(_KEYS + ask, holders, until)]

    def consents(self, holders: Collection[bytes], until: Until) -> Sequence[Consent]:
        """Return the consents given or withdrawn under the given identifiers."""
        ask: LiteralString = "i.key, f.event, f.purpose, f.granted, f.at, f.recorded, f.sealed"
        return [
            Consent(bytes.fromhex(event), bytes.fromhex(key), purpose, granted, at, recorded, sealed)
            for key, event, purpose, granted, at, recorded, sealed in self._ask(
                _KEYS + "(i)-[:CONSENTED]->(f:Consent)" + _THEN + ask, holders, until
            )
        ]

    def near(self, key: bytes) -> Near:
        """Return what knows the surroundings of this identifier already, by one question instead of twenty."""
        return Surroundings(self, self._session, key)

    def anew(self) -> None:
        """Nothing: each question is answered as of when it is asked."""

    def volumes(
        self, boundaries: Sequence[int], until: Until = NOW, sources: Collection[str] | None = None
    ) -> Sequence[Volume]:
        """Count disclosures until then by route, within each interval of event time between `boundaries`."""
        # Lists that differ in order are different routes; as text they are cheaper to group by.
        ask: LiteralString = (
            "MATCH (f:Disclosure) WHERE f.at <= $at AND f.recorded <= $known_at "
            "AND ($sources IS NULL OR f.source IN $sources) "
            "WITH f, size([b IN $boundaries WHERE f.at >= b]) AS interval "
            "RETURN " + _ROUTE + ", interval, count(*), min(f.at), max(f.at)"
        )
        only = None if sources is None else sorted(sources)
        rows = self._session.stream(ask, boundaries=list(boundaries), sources=only, **_times(until))
        return [Volume(_route(*row[:6]), *row[7:]) for row in rows]

    def every_disclosure(self, since: int | None) -> Iterator[Disclosure]:
        """Iterate over all disclosures that occurred since then, in no order, without what was sent."""
        ask: LiteralString = (
            "MATCH (i:Identifier)-[:DISCLOSED]->(f:Disclosure) WHERE f.at >= $since "
            "RETURN i.key, f.event, f.part, f.at, f.recorded, null, " + _ROUTE
        )
        yield from map(_disclosure, self._session.stream(ask, since=-_EVER if since is None else since))

    def got(self, party: str, since: int | None, until: int | None, known_at: int | None = None) -> Iterator[Got]:
        """Iterate over what a party got, known by then, a disclosure at a time: adding up is the reader's."""
        ask = _GOT + ("" if known_at is None else _KNOWN) + "RETURN i.key, i.kind, f.at, " + _ROUTE
        for holder, kind, at, *route in self._session.stream(ask, party=party, **_between(since, until, known_at)):
            yield Got(bytes.fromhex(holder), kind, _route(*route), 1, at, at)

    def tallies(self, party: str, since: int | None, until: int | None, known_at: int | None = None) -> Sequence[Tally]:
        """Count by route what a party got from `since` to `until`, known by then."""
        counted: LiteralString = "RETURN count(DISTINCT i), count(f), min(f.at), max(f.at), "
        ask = _GOT + ("" if known_at is None else _KNOWN) + counted + _ROUTE
        rows = self._session.stream(ask, party=party, **_between(since, until, known_at))
        return [Tally(_route(*route), *counts) for *counts, route in ((*row[:4], row[4:]) for row in rows)]

    def bought(self, model: bytes) -> Iterator[Bought]:
        """Iterate over the purchases of a model, in no order."""
        ask: LiteralString = "MATCH (b:Bought {model: $model})<-[:BOUGHT]-(i:Identifier) RETURN b.event, b.part, i.key"
        for event, part, holder in self._session.stream(ask, model=model.hex()):
            yield Bought(bytes.fromhex(event), part, bytes.fromhex(holder), model)

    def purchases(self, model: bytes, until: Until) -> Purchases:
        """Count the purchases of a model until then."""
        ask: LiteralString = "MATCH (b:Bought {model: $model})<-[:BOUGHT]-(i:Identifier) WHERE b.at <= $at "
        # When a purchase was recorded stands with its disclosure.
        known: LiteralString = (
            "AND EXISTS { MATCH (i)-[:DISCLOSED]->(f:Disclosure) "
            "WHERE f.event = b.event AND f.part = b.part AND f.recorded <= $known_at } "
        )
        counted: LiteralString = "RETURN count(DISTINCT i), count(b), min(b.at), max(b.at)"
        asked = ask + ("" if until.known_at is None else known) + counted
        return Purchases(*next(iter(self._session.stream(asked, model=model.hex(), **_times(until)))))

    def forgotten_buyers(self, model: bytes) -> int:
        """Return how many buyers of a model were forgotten."""
        rows = self._session.ask("MATCH (b:ForgottenBuyers {model: $model}) RETURN b.buyers", model=model.hex())
        return rows[0][0] if rows else 0

    def letters(self) -> Sequence[Letter]:
        """Return the dead letters, oldest first."""
        ask: LiteralString = (
            "MATCH (l:DeadLetter) RETURN l.key, l.reason, l.recorded, l.sealed ORDER BY l.recorded, l.key"
        )
        return [
            Letter(bytes.fromhex(key), reason, recorded, sealed)
            for key, reason, recorded, sealed in self._session.stream(ask)
        ]

    def reword_letters(self, reasons: Mapping[bytes, str]) -> None:
        """Give dead letters another reason, in one transaction."""
        if reasons:
            rows = [{"key": key.hex(), "reason": reason} for key, reason in sorted(reasons.items())]
            self._session.do(
                "UNWIND $rows AS row MATCH (l:DeadLetter {key: row.key}) SET l.reason = row.reason", rows=rows
            )

    def take_off_letters(self, keys: Collection[bytes]) -> None:
        """Delete dead letters, in one transaction."""
        if keys:
            ask: LiteralString = "UNWIND $keys AS key MATCH (l:DeadLetter {key: key}) DELETE l"
            self._session.do(ask, keys=sorted(each.hex() for each in keys))

    def look(self, look: Look) -> None:
        """Keep an entry of the access log durably."""
        self._session.do("CREATE (:Look {at: $at, sealed: $sealed})", at=look.at, sealed=look.sealed)

    def looks(self) -> Sequence[Look]:
        """Return the access log, oldest first."""
        return [Look(*row) for row in self._session.stream("MATCH (l:Look) RETURN l.at, l.sealed ORDER BY l.at")]

    def counts(self) -> Mapping[str, int]:
        """Return how many events, identifiers, disclosures and dead letters there are."""
        asks: Mapping[str, LiteralString] = {
            "events": "MATCH (n:Event) RETURN count(n)",
            "identifiers": "MATCH (n:Identifier) RETURN count(n)",
            "disclosures": "MATCH (n:Disclosure) RETURN count(n)",
            "dead_letters": "MATCH (n:DeadLetter) RETURN count(n)",
        }
        return {name: self._session.ask(ask)[0][0] for name, ask in asks.items()}

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def _edges(self, ask: LiteralString, keys: Collection[bytes], until: Until) -> list[tuple[bytes, bytes]]:
        return [(bytes.fromhex(owner), bytes.fromhex(owned)) for owner, owned in self._ask(_KEYS + ask, keys, until)]

    def _ask(self, ask: LiteralString, keys: Collection[bytes], until: Until) -> list[tuple[Any, ...]]:
        if not keys:
            return []
        return self._session.ask(ask, keys=[each.hex() for each in set(keys)], **_times(until))


def _times(until: Until) -> dict[str, int]:
    times = {"at": until.at, "known_at": until.known_at}
    return {name: _EVER if time is None else time for name, time in times.items()}


def _between(since: int | None, until: int | None, known_at: int | None) -> dict[str, int]:
    ends = {"since": -_EVER - 1 if since is None else since, "until": _EVER if until is None else until}
    return ends if known_at is None else {**ends, "known_at": known_at}


def _disclosure(row: Sequence[Any]) -> Disclosure:
    holder, event, part, at, recorded, sealed, *route = row
    return Disclosure(bytes.fromhex(event), part, bytes.fromhex(holder), _route(*route), at, recorded, sealed or b"")


def _route(
    source: str, target: str, purpose: str, categories: Sequence[str], controller: str, forbidden: bool | None
) -> Route:
    return Route(source, target, purpose, tuple(categories), controller, bool(forbidden))
