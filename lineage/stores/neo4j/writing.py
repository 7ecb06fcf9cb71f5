"""Writes facts to Neo4j in as few and as plain statements as can be: reads what is there, and creates the rest.

Never MERGE of a relationship, which locks both ends and deadlocks writers. What another writer creates meanwhile breaks a
uniqueness constraint, and the whole is done again. Remembers what it has seen in the graph, for as long as nothing is forgotten
there.
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, LiteralString

import neo4j

from lineage.facts import Facts
from lineage.graph import Letter
from lineage.stores.neo4j.connecting import Clash
from lineage.stores.neo4j.forgetting import FORGOTTEN

_REMEMBERED = 100_000
_UNREAD = object()

_GONE = "an identifier that was there has gone"

Row = Mapping[str, object]
Owning = tuple[bytes, bytes]
Times = tuple[int, int]

CONTENTS: LiteralString = "UNWIND $keys AS key MATCH (e:Event {event: key}) RETURN e.event, e.content"
# One small node a transaction, whatever the number of events: whoever judges drift takes it.
UNJUDGED: LiteralString = "CREATE (:Unjudged {keys: $keys})"
_KNOWN: LiteralString = "UNWIND $keys AS key MATCH (i:Identifier {key: key}) RETURN i.key"
_IDENTIFIERS: LiteralString = "UNWIND $rows AS row CREATE (:Identifier {key: row.key, kind: row.kind})"
_OWNS: LiteralString = """UNWIND $rows AS row MATCH (a:Identifier {key: row.owner}) MATCH (b:Identifier {key: row.owned})
CREATE (a)-[:OWNS {at: row.at, recorded: row.recorded}]->(b)"""
# One row says it all as long as no other is earlier in both times; so `at` and `known_at` can be asked together.
_OWNS_UNLESS: LiteralString = """UNWIND $rows AS row MATCH (a:Identifier {key: row.owner}) MATCH (b:Identifier {key: row.owned})
WITH row, a, b, EXISTS { (a)-[w:OWNS]->(b) WHERE w.at <= row.at AND w.recorded <= row.recorded } AS said
FOREACH (_ IN CASE WHEN said THEN [] ELSE [row] END | CREATE (a)-[:OWNS {at: row.at, recorded: row.recorded}]->(b))
RETURN count(*)"""
_DISCLOSURE: LiteralString = """ {event: row.event, content: row.content, part: row.part, source: row.source,
target: row.target, purpose: row.purpose, categories: row.categories, controller: row.controller, forbidden: row.forbidden,
at: row.at, recorded: row.recorded, sealed: row.sealed})"""
_CONSENT: LiteralString = """ {event: row.event, content: row.content, purpose: row.purpose, granted: row.granted,
at: row.at, recorded: row.recorded, sealed: row.sealed})"""
_HOLDER: LiteralString = "UNWIND $rows AS row MATCH (h:Identifier {key: row.holder}) CREATE (h)"
_ENDS: LiteralString = """UNWIND $rows AS row MATCH (a:Identifier {key: row.one}) MATCH (b:Identifier {key: row.other})
CREATE (a)-[:LINKED]->("""
_LINK: LiteralString = """ {event: row.event, content: row.content, joined: row.joined,
at: row.at, recorded: row.recorded, sealed: row.sealed})-[:LINKED]->(b)"""
_BOUGHT: LiteralString = (
    _HOLDER + "-[:BOUGHT]->(:Bought {model: row.model, event: row.event, part: row.part, at: row.at})"
)
_BARE: LiteralString = "UNWIND $rows AS row CREATE (:Event {event: row.event, content: row.content})"
_LETTERS: LiteralString = """UNWIND $rows AS row MERGE (l:DeadLetter {key: row.key})
ON CREATE SET l.reason = row.reason, l.recorded = row.recorded, l.sealed = row.sealed"""

# The first fact of an event is labelled Event too: that an event is there once costs no node of its own.
_STATEMENTS: Mapping[str, LiteralString] = {
    "disclosures": _HOLDER + "-[:DISCLOSED]->(:Disclosure:Event" + _DISCLOSURE,
    "more disclosures": _HOLDER + "-[:DISCLOSED]->(:Disclosure" + _DISCLOSURE,
    "consents": _HOLDER + "-[:CONSENTED]->(:Consent:Event" + _CONSENT,
    "more consents": _HOLDER + "-[:CONSENTED]->(:Consent" + _CONSENT,
    "links": _ENDS + ":Link:Event" + _LINK,
    "more links": _ENDS + ":Link" + _LINK,
    "events": _BARE,
    "bought": _BOUGHT,
}


class Remembered:
    """The keys seen last, with something about each; bounded."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any:  # noqa: ANN401 - what was given to `update`
        """Return what is known of a key, or None."""
        if (found := self._known.get(key)) is not None:
            self._known.move_to_end(key)
        return found

    def update(self, known: Mapping[Any, Any]) -> None:
        """Remember more, and let go of what was seen longest ago."""
        self._known.update(known)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()


class Writing:
    """The writing half of the graph. Not to be used by two threads at once."""

    def __init__(self) -> None:
        self._identifiers, self._owned = Remembered(), Remembered()
        self._seen: tuple[Collection[bytes], Mapping[Owning, Times]] = ((), {})
        self._forgotten: object = _UNREAD

    def write(
        self, work: neo4j.Transaction, facts: Iterable[Facts], letters: Sequence[Letter], *, again: bool
    ) -> Collection[bytes]:
        """Add facts of events that are not there yet, and dead letters. `again`: some may be there after all.

        Returns the events that were.

        Raises:
            Clash: another writer was first, or what was remembered is no longer true; `forget`, and do it again.
        """
        if self._forgotten is _UNREAD:
            self._forgotten = _forgotten(work)
        new = {each.event: each for each in facts}
        there = (
            [bytes.fromhex(key) for key, _ in work.run(CONTENTS, keys=[each.hex() for each in new])] if again else []
        )
        for event in there:
            del new[event]
        self._create(work, list(new.values()))
        if letters:
            work.run(_LETTERS, rows=[_letter(each) for each in letters]).consume()
        # Asked at the end, so that what was remembered was true for as long as it was used.
        if new and _forgotten(work) != self._forgotten:
            raise Clash("something was forgotten since")
        return there

    def _create(self, work: neo4j.Transaction, new: Sequence[Facts]) -> None:
        if keys := {key for each in new for key in each.identifiers}:
            work.run(UNJUDGED, keys=b"".join(sorted(keys))).consume()
        created = self._write_identifiers(work, {key: kind for each in new for key, kind in each.identifiers.items()})
        owned = self._write_owned(work, _owning(new), created)
        for name, rows in _rows(new).items():
            if rows:
                made = work.run(_STATEMENTS[name], rows=rows).consume().counters.nodes_created
                if made != len(rows):
                    raise Clash(_GONE)
        self._seen = created, owned

    def committed(self) -> None:
        """Remember what the last `write` made: it is in the graph now."""
        created, owned = self._seen
        self._identifiers.update(dict.fromkeys(created, True))
        self._owned.update(owned)

    def forget(self) -> None:
        """Forget what was seen in the graph."""
        self._identifiers.clear()
        self._owned.clear()
        self._forgotten = _UNREAD

    def _write_identifiers(self, work: neo4j.Transaction, kinds: Mapping[bytes, str]) -> Collection[bytes]:
        """Create those that are not there. Returns them."""
        asked = {key.hex(): key for key in kinds if not self._identifiers.get(key)}
        if not asked:
            return ()
        there = [asked.pop(key) for (key,) in work.run(_KNOWN, keys=list(asked))]
        self._identifiers.update(dict.fromkeys(there, True))
        if asked:
            rows = [{"key": text, "kind": kinds[key]} for text, key in sorted(asked.items())]
            work.run(_IDENTIFIERS, rows=rows).consume()
        return set(asked.values())

    def _write_owned(
        self, work: neo4j.Transaction, owning: Mapping[Owning, Sequence[Times]], created: Collection[bytes]
    ) -> Mapping[Owning, Times]:
        """Create ownership that nothing there says already. Returns the first times of each pair."""
        fresh, rest, seen = list[Row](), list[Row](), dict[Owning, Times]()
        for (owner, owned), several in owning.items():
            known = self._owned.get((owner, owned))
            for times in several:
                if known is not None and known[0] <= times[0] and known[1] <= times[1]:
                    continue
                row = {"owner": owner.hex(), "owned": owned.hex(), "at": times[0], "recorded": times[1]}
                (fresh if owned in created or owner in created else rest).append(row)
                seen[owner, owned] = known = times
        if fresh and work.run(_OWNS, rows=fresh).consume().counters.relationships_created != len(fresh):
            raise Clash(_GONE)
        if rest and work.run(_OWNS_UNLESS, rows=rest).values() != [[len(rest)]]:
            raise Clash(_GONE)
        return seen


def _forgotten(work: neo4j.Transaction) -> object:
    return work.run(FORGOTTEN).values()


def _owning(facts: Iterable[Facts]) -> dict[Owning, list[Times]]:
    """Return for each pair the times that no other of the same batch is earlier than in both."""
    found: dict[Owning, list[Times]] = {}
    for each in facts:
        times = each.at, each.recorded
        for pair in each.owns:
            stands = found.setdefault(pair, [])
            if any(at <= times[0] and recorded <= times[1] for at, recorded in stands):
                continue
            found[pair] = [*(one for one in stands if one[0] < times[0] or one[1] < times[1]), times]
    return found


def _rows(facts: Iterable[Facts]) -> Mapping[str, list[Row]]:
    """Return the rows of each of `_STATEMENTS`."""
    rows: dict[str, list[Row]] = {name: [] for name in _STATEMENTS}
    for each in facts:
        event, stands = each.event.hex(), False
        content: bytes | None = each.content
        for _, part, holder, route, at, recorded, sealed in each.disclosures:
            rows["more disclosures" if stands else "disclosures"].append({
                "holder": holder.hex(), "event": event, "content": content, "part": part, "source": route.source,
                "target": route.target, "purpose": route.purpose, "categories": route.categories,
                "controller": route.controller, "forbidden": route.forbidden or None, "at": at, "recorded": recorded,
                "sealed": sealed,
            })  # fmt: skip
            stands, content = True, None
        for consent in each.consents:
            rows["more consents" if stands else "consents"].append({
                "holder": consent.holder.hex(), "event": event, "content": content, "purpose": consent.purpose,
                "granted": consent.granted, "at": consent.at, "recorded": consent.recorded, "sealed": consent.as_sent,
            })  # fmt: skip
            stands, content = True, None
        for link in each.links:
            rows["more links" if stands else "links"].append({
                "one": link.one.hex(), "other": link.other.hex(), "event": event, "content": content,
                "joined": link.joined, "at": link.at, "recorded": link.recorded, "sealed": link.as_sent,
            })  # fmt: skip
            stands, content = True, None
        rows["bought"] += [
            {"holder": one.holder.hex(), "model": one.model.hex(), "event": event, "part": one.part, "at": each.at}
            for one in each.bought
        ]
        if not stands:
            rows["events"].append({"event": event, "content": content})
    return rows


def _letter(letter: Letter) -> Row:
    return {"key": letter.key.hex(), "reason": letter.reason, "recorded": letter.recorded, "sealed": letter.sealed}
