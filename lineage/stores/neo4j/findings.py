"""What was told of drift in Neo4j, beside the graph. Satisfies `lineage.findings.store.Findings`.

A finding is not joined to its disclosure: what was told of it outlives that.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from typing import LiteralString

import neo4j

from lineage.findings.model import Change, Mark
from lineage.findings.store import TOPIC, Overtaken, Standing, Taken, Told
from lineage.pseudonyms import LENGTH
from lineage.stores.neo4j.connecting import Answer, Neo4jAccess
from lineage.stores.neo4j.migrations import prepared

_FORGOTTEN = 1_000
# Setting a property locks the node: whoever judges, forgets or moves a lane waits for the other.
_STATE: LiteralString = "MATCH (j:Judging {name: 'drift'}) "
_IDLE: LiteralString = (
    _STATE + "RETURN j.turn, j.register = $register AND j.position IS NULL AND NOT EXISTS { MATCH (:Unjudged) } "
    "AND NOT EXISTS { MATCH (:DriftGone) }"
)
_TURN: LiteralString = (
    _STATE + "SET j.turn = j.turn + 1 WITH j FOREACH (_ IN CASE WHEN j.register = $register THEN [] ELSE [1] END | "
    "SET j.register = $register, j.position = '') RETURN j.turn, j.position"
)
_ROWS: LiteralString = "MATCH (u:Unjudged) RETURN elementId(u), u.keys LIMIT $limit"
_GONE: LiteralString = "MATCH (g:DriftGone) RETURN g.event, g.part LIMIT $limit"
_HOLDERS: LiteralString = (
    "MATCH (i:Identifier) WHERE i.key > $after AND EXISTS { (i)-[:DISCLOSED]->() } "
    "RETURN i.key ORDER BY i.key LIMIT $limit"
)
_MARKS: LiteralString = (
    "UNWIND $keys AS key MATCH (m:DriftFinding {event: key}) "
    "RETURN m.event, m.part, m.rule, m.sequence, m.found, m.digest"
)
_LOWEST: LiteralString = "OPTIONAL MATCH (l:DriftLane) WITH coalesce(min(l.position), 0) AS lowest "
# The counter is locked by then, so that whoever reads up to a number has read all below it.
_KEEP: LiteralString = (
    _LOWEST
    + """UNWIND $rows AS row
MERGE (m:DriftFinding {event: row.event, part: row.part, rule: row.rule})
WITH lowest, row, m OPTIONAL MATCH (o:DriftTold {number: m.number}) WHERE o.number <= lowest
DELETE o WITH DISTINCT row, m
SET m.sequence = row.sequence, m.found = row.found, m.digest = row.digest, m.number = row.number
CREATE (:DriftTold {number: row.number, event: row.event, part: row.part, record: row.record})"""
)
_DONE: LiteralString = "UNWIND $rows AS id MATCH (u:Unjudged) WHERE elementId(u) = id DELETE u"
_TOLD_GONE: LiteralString = (
    "UNWIND $rows AS row MATCH (g:DriftGone {event: row.event}) WHERE g.part = row.part DELETE g"
)
_AFTER: LiteralString = (
    "OPTIONAL MATCH (l:DriftLane {lane: $lane}) WITH coalesce(l.position, 0) AS position "
    "MATCH (t:DriftTold) WHERE t.number > position RETURN t.number, t.record ORDER BY t.number LIMIT $limit"
)
_REACHED: LiteralString = (
    "MERGE (l:DriftLane {lane: $lane}) SET l.position = CASE WHEN coalesce(l.position, 0) < $number "
    "THEN $number ELSE coalesce(l.position, 0) END"
)
_SUPERSEDED: LiteralString = (
    _LOWEST
    + "MATCH (t:DriftTold) WHERE $before < t.number <= lowest AND NOT EXISTS { MATCH (m:DriftFinding {event: t.event}) "
    "WHERE m.number = t.number } DELETE t"
)
_STANDING: LiteralString = (
    _STATE + "RETURN COUNT { MATCH (:Unjudged) }, j.position IS NOT NULL, j.last, "
    "[l IN COLLECT { MATCH (l:DriftLane) RETURN l } | [l.lane, l.position]]"
)


class Neo4jFindings:
    """Findings on a server. Threads of one of these wait for each other where they write."""

    def __init__(self, access: Neo4jAccess, keys: str, *, read_only: bool = False) -> None:
        """Connect, and make the database ready. `keys` is the mark of the key ring. Raises: as `Neo4jGraph`."""
        self._session, self._lock = prepared(access, keys, read_only=read_only), Lock()

    def take(self, register: str, rows: int, holders: int) -> Taken:
        """Begin a turn, and return what is to be judged anew (see the port)."""
        ((turn, idle),) = self._session.ask(_IDLE, register=register)
        return Taken(int(turn)) if idle else self._do(lambda work: _take(work, register, rows, holders))

    def marks(self, events: Collection[bytes]) -> Sequence[Mark]:
        """Return what was told of the findings of these events."""
        rows = self._session.ask(_MARKS, keys=[each.hex() for each in {*events}]) if events else ()
        return [Mark(bytes.fromhex(event), *rest) for event, *rest in rows]

    def keep(self, turn: int, changes: Sequence[Change]) -> None:
        """Keep what is told anew, durably. Raises: Overtaken."""

        def act(work: neo4j.Transaction) -> None:
            _check(work, turn)
            _keep(work, changes)

        self._do(act)

    def settle(self, taken: Taken, changes: Sequence[Change]) -> None:
        """Keep the last of what is told anew, and that all that was taken is judged. Raises: Overtaken."""

        def act(work: neo4j.Transaction) -> None:
            _check(work, taken.turn)
            _keep(work, changes)
            work.run(_DONE, rows=list(taken.rows)).consume()
            work.run(_TOLD_GONE, rows=[{"event": event.hex(), "part": part} for event, part in taken.gone]).consume()
            if taken.whole:
                at = None if taken.position is None else taken.position.hex()
                work.run(_STATE + "SET j.position = $at", at=at).consume()

        self._do(act)

    def after(self, lane: str, limit: int) -> Sequence[Told]:
        """Return what a lane has not told yet, in order."""
        return [Told(*row) for row in self._session.ask(_AFTER, lane=lane, limit=limit)]

    def reached(self, lane: str, number: int) -> None:
        """Keep that a lane has told all up to this number; what no lane needs any more goes."""

        def act(work: neo4j.Transaction) -> None:
            work.run(_STATE + "SET j.turn = j.turn").consume()
            ((before,),) = work.run(_LOWEST + "RETURN lowest").values()
            work.run(_REACHED, lane=lane, number=number).consume()
            work.run(_SUPERSEDED, before=before).consume()

        self._do(act)

    def is_whole(self) -> bool:
        """Tell whether it is known that nothing of what was told is missing here."""
        return bool(self._session.ask(_STATE + "RETURN j.restored")[0][0])

    def restore(self, changes: Sequence[Change], *, over: bool) -> None:
        """Keep what the topic has and is missing here, as told to it."""

        def act(work: neo4j.Transaction) -> None:
            ((restored,),) = work.run(_STATE + "SET j.turn = j.turn + 1 RETURN j.restored").values()
            if restored:
                return  # somebody may have judged since: what is not told may not be taken for told
            events = [each.mark.event.hex() for each in changes]
            there = {(event, part, rule) for event, part, rule, *_ in work.run(_MARKS, keys=events).values()}
            _keep(work, [each for each in changes if (each.mark.event.hex(), *each.mark[1:3]) not in there])
            work.run(_STATE + "SET j.restored = $over", over=over).consume()
            last = "MATCH (j:Judging {name: 'drift'}) MERGE (l:DriftLane {lane: $lane}) SET l.position = j.last"
            work.run(last, lane=TOPIC).consume()

        self._do(act)

    def standing(self) -> Standing:
        """Return how much waits."""
        ((unjudged, whole, last, lanes),) = self._session.ask(_STANDING)
        return Standing(unjudged, whole, last, dict(lanes))

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def _do(self, what: Callable[[neo4j.Transaction], Answer]) -> Answer:
        with self._lock:
            return self._session.again(what)


def _take(work: neo4j.Transaction, register: str, rows: int, holders: int) -> Taken:
    if work.run(_STATE + "SET j.turn = j.turn RETURN j.register").values() != [[register]]:
        work.run("MATCH (u:Unjudged) DELETE u").consume()  # all of them are met on the way through everything
    ((turn, position),) = work.run(_TURN, register=register).values()
    found = work.run(_ROWS, limit=rows).values()
    gone = work.run(_GONE, limit=_FORGOTTEN).values()
    some = [] if position is None else work.run(_HOLDERS, after=position, limit=holders).values()
    keys = [keys[at : at + LENGTH] for _, keys in found for at in range(0, len(keys), LENGTH)]
    hold = [bytes.fromhex(key) for (key,) in some]
    return Taken(
        turn,
        [id_ for id_, _ in found],
        frozenset(keys),
        frozenset((bytes.fromhex(event), part) for event, part in gone),
        hold,
        hold[-1] if len(hold) == holders else None,
        position is not None,
    )


def _check(work: neo4j.Transaction, turn: int) -> None:
    if work.run(_STATE + "SET j.turn = j.turn RETURN j.turn").values() != [[turn]]:
        raise Overtaken("another one judges drift, or something was forgotten since: it is judged again")


def _keep(work: neo4j.Transaction, changes: Sequence[Change]) -> None:
    if not changes:
        return
    ((last,),) = work.run(_STATE + "SET j.last = j.last + $more RETURN j.last", more=len(changes)).values()
    rows: list[Mapping[str, object]] = [
        {
            **each.mark._asdict(),
            "event": each.mark.event.hex(),
            "record": each.record,
            "number": last - len(changes) + at,
        }
        for at, each in enumerate(changes, 1)
    ]
    work.run(_KEEP, rows=rows).consume()
