"""Deletes facts from Neo4j, inside a transaction that its caller holds. Decides not what.

Identifiers are locked first: whoever is hanging something on one of them at that moment is waited for, and whoever comes
later finds it gone, which is a `Clash`.
"""

from collections.abc import Collection
from typing import LiteralString

import neo4j

from lineage.graph import Forgotten
from lineage.stores.listing import without

_EACH: LiteralString = "UNWIND $keys AS key MATCH (i:Identifier {key: key}) "
# Setting a property, to whatever value, takes the lock that creating a relationship takes.
_LOCK: LiteralString = "UNWIND $keys AS key MATCH (i:Identifier {key: key}) SET i.kind = i.kind"
_HANG: LiteralString = (
    _EACH
    + """MATCH (i)-[r:DISCLOSED]->(f:Disclosure) WHERE f.at <= $until AND f.part IN $kept[f.event]
MERGE (o:Identifier {key: $onto}) ON CREATE SET o.kind = 'case' CREATE (o)-[:DISCLOSED]->(f) DELETE r RETURN count(f)"""
)
# What stays may hang on one that goes: on what it hung on before.
_DISCLOSURES: LiteralString = (
    _EACH
    + "MATCH (i)-[:DISCLOSED]->(f:Disclosure) WHERE f.at <= $until AND NOT f.part IN coalesce($kept[f.event], []) "
)
_CONSENTS: LiteralString = _EACH + "MATCH (i)-[:CONSENTED]->(f:Consent) WHERE f.at <= $until "
_LINKS: LiteralString = _EACH + "MATCH (i)-[:LINKED]-(f:Link) WHERE f.at <= $until "
_BUYERS: LiteralString = (
    _EACH
    + """MATCH (i)-[:BOUGHT]->(b:Bought) WHERE b.at <= $until WITH b.model AS model, collect(b) AS several
MERGE (n:ForgottenBuyers {model: model}) SET n.buyers = coalesce(n.buyers, 0) + 1
FOREACH (b IN several | DETACH DELETE b)"""
)
# That an event is recorded must stay known: what is labelled so loses all but that.
_DELETE: LiteralString = """WITH DISTINCT f, f:Event AS stands
OPTIONAL MATCH (f)-[r]-() DELETE r WITH DISTINCT f, stands
FOREACH (e IN CASE WHEN stands THEN [f] ELSE [] END |
  REMOVE e:Disclosure, e:Consent, e:Link SET e = {event: e.event, content: e.content})
FOREACH (e IN CASE WHEN stands THEN [] ELSE [f] END | DELETE e)
RETURN count(*)"""
# What an earlier one says already is there or not by the order of writing; by that nothing may be decided.
_SUPERFLUOUS: LiteralString = (
    _EACH
    + """MATCH (i)-[w:OWNS]-() WITH DISTINCT w, startNode(w) AS a, endNode(w) AS b
WHERE EXISTS { (a)-[e:OWNS]->(b) WHERE e.at <= w.at AND e.recorded <= w.recorded AND (e.at < w.at OR e.recorded < w.recorded) }
DELETE w"""
)
_OWNS: LiteralString = (
    _EACH
    + """MATCH (i)-[w:OWNS]-() WHERE w.at <= $until WITH DISTINCT w, startNode(w) AS a, endNode(w) AS b
DELETE w WITH DISTINCT a, b RETURN count(*)"""
)
_IDENTIFIERS: LiteralString = _EACH + "WITH i WHERE NOT EXISTS { (i)--() } DELETE i RETURN count(*)"
# What was told of what goes, and is still to be told; of what stays it is told anew, as nobody's. That something is void
# already says nothing of her, and is told nowhere else.
_FINDINGS: LiteralString = (
    _EACH
    + """MATCH (i)-[:DISCLOSED]->(f:Disclosure) WHERE f.at <= $until WITH DISTINCT f
MATCH (m:DriftFinding {event: f.event}) WHERE m.part = f.part SET m.digest = $nothing
WITH DISTINCT f WHERE NOT f.part IN coalesce($kept[f.event], [])
CREATE (:DriftGone {event: f.event, part: f.part})"""
)
_TOLD: LiteralString = (
    _EACH
    + """MATCH (i)-[:DISCLOSED]->(f:Disclosure) WHERE f.at <= $until WITH DISTINCT f
MATCH (t:DriftTold {event: f.event}) WHERE t.part = f.part
AND NOT EXISTS { MATCH (m:DriftFinding {event: t.event}) WHERE m.number = t.number AND NOT m.found } DELETE t"""
)
# Whoever judges begins anew; and all that hung together with what goes is judged, as far as it is still there.
_OVERTAKE: LiteralString = """MATCH (j:Judging {name: 'drift'}) SET j.turn = j.turn + 1
WITH j WHERE j.position IN $keys SET j.position = ''"""
_WAITING: LiteralString = "MATCH (u:Unjudged) RETURN elementId(u), u.keys"
_WITHOUT: LiteralString = "UNWIND $rows AS row MATCH (u:Unjudged) WHERE elementId(u) = row.id SET u.keys = row.keys"
_AROUND: LiteralString = (
    _EACH
    + """WITH i, [(i)-[:OWNS]-(o:Identifier) | o.key] + [(i)-[:LINKED]-(:Link)-[:LINKED]-(o:Identifier) | o.key] AS others
UNWIND [i.key, $onto, null] + others AS key WITH key WHERE key IS NOT NULL RETURN DISTINCT key"""
)
_STILL: LiteralString = "UNWIND $keys AS key MATCH (i:Identifier {key: key}) RETURN i.key"
_UNJUDGED: LiteralString = "CREATE (:Unjudged {keys: $keys})"
# Not a number that is counted up: two who do so at once may write the same one.
_MARK: LiteralString = "MATCH (j:Jalki {name: 'graph'}) SET j.forgotten = randomUUID()"

FORGOTTEN: LiteralString = "MATCH (j:Jalki {name: 'graph'}) RETURN j.forgotten"
"""What is another value whenever something was forgotten since."""


def forget(
    work: neo4j.Transaction,
    holders: Collection[bytes],
    until: int,
    kept: Collection[tuple[bytes, int]],
    onto: bytes | None,
) -> Forgotten:
    """Delete what the port says (`lineage.graph.Graph.forget`).

    Raises: Clash: another writer was in the way; do it again.
    """
    keys = sorted({each.hex() for each in holders})
    parts: dict[str, list[int]] = {}
    for event, part in kept:
        parts.setdefault(event.hex(), []).append(part)
    if parts and onto is None:
        raise ValueError("disclosures are kept, and there is nothing for them to hang on")
    work.run(_LOCK, keys=keys).consume()
    given: dict[str, object] = {"keys": keys, "until": until, "kept": parts, "onto": onto.hex() if onto else ""}
    for each in (_OVERTAKE, _TOLD, _FINDINGS):
        work.run(each, {**given, "nothing": b""}).consume()
    _forget_waiting(work, holders)
    around = [key for (key,) in work.run(_AROUND, given).values()]
    work.run(_BUYERS, given).consume()
    stays = _count(work, _HANG, given) if parts else 0
    disclosures, consents, links = (_count(work, each + _DELETE, given) for each in (_DISCLOSURES, _CONSENTS, _LINKS))
    work.run(_SUPERFLUOUS, given).consume()
    ownerships, identifiers = (_count(work, each, given) for each in (_OWNS, _IDENTIFIERS))
    if still := sorted(bytes.fromhex(key) for (key,) in work.run(_STILL, keys=around).values()):
        work.run(_UNJUDGED, keys=b"".join(still)).consume()
    forgotten = Forgotten(disclosures, consents, links, ownerships, identifiers, stays)
    if any(forgotten):
        work.run(_MARK).consume()
    return forgotten


def _forget_waiting(work: neo4j.Transaction, holders: Collection[bytes]) -> None:
    """Take identifiers out of what waits to be judged: who hung together with them is put there apart."""
    rows = [
        {"id": id_, "keys": left}
        for id_, keys in work.run(_WAITING).values()
        if (left := without(keys, holders)) != keys
    ]
    if rows:
        work.run(_WITHOUT, rows=rows).consume()


def _count(work: neo4j.Transaction, question: LiteralString, given: dict[str, object]) -> int:
    ((number,),) = work.run(question, given).values()
    return int(number)
