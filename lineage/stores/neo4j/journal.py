"""Cases in Neo4j, beside the graph. Satisfies `lineage.cases.journal.Journal`.

A case is not joined to the identifiers of its person: what is in it outlives them.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import Any, LiteralString

import neo4j

from lineage.cases.entries import Entry, canonical
from lineage.cases.journal import CaseRow, TaskRow
from lineage.stores.following import KEPT_WINDOWS, follows
from lineage.stores.neo4j.connecting import Answer, Neo4jAccess
from lineage.stores.neo4j.migrations import prepared

# Setting a property, to whatever value, locks the case: who else adds to it waits.
_LOCK: LiteralString = "MERGE (c:Case {case: $case}) SET c.case = $case"
_HEAD: LiteralString = "MATCH (c:Case {case: $case}) RETURN coalesce(c.entries, 0), c.head"
_HASHES: LiteralString = (
    "UNWIND $numbers AS number MATCH (e:CaseEntry {case: $case, number: number}) RETURN e.number, e.hash"
)
# `kept` is when it was kept, by the server's clock; never before the entry it follows, whatever the clock does.
_ADD: LiteralString = """MATCH (c:Case {case: $case})
WITH c, CASE WHEN c.kept > timestamp() THEN c.kept ELSE timestamp() END AS kept SET c.kept = kept
WITH c, kept UNWIND $rows AS row
CREATE (c)-[:ENTRY]->(e:CaseEntry:Unpublished {case: $case, number: row.number, at: row.at, kind: row.kind, actor: row.actor,
said: row.said, sealed: row.sealed, previous: row.previous, hash: row.hash, kept: kept})"""
_STAND: LiteralString = """MATCH (c:Case {case: $case}) WITH c, c.subjects AS before
SET c.right = $right, c.state = $state, c.received = $received, c.operative = $operative, c.look_at = $look_at,
c.subjects = $subjects, c.entries = $entries, c.head = $head
RETURN coalesce(before, []) <> $subjects"""
_UNBOUND: LiteralString = """MATCH (s:CaseSubject)-[in:IN]->(:Case {case: $case}) DELETE in
WITH s WHERE NOT EXISTS { (s)-[:IN]->() } DELETE s"""
_BIND: LiteralString = """MATCH (c:Case {case: $case}) UNWIND $keys AS key MERGE (s:CaseSubject {key: key})
CREATE (s)-[:IN]->(c)"""
_TASKS: LiteralString = """UNWIND $rows AS row MATCH (c:Case {case: row.case})
MERGE (t:Task {case: row.case, task: row.task}) SET t.party = row.party, t.state = row.state, t.look_at = row.look_at
WITH c, t WHERE NOT EXISTS { (t)<-[:TASK]-() } CREATE (c)-[:TASK]->(t)"""

_ENTRY: LiteralString = (
    " RETURN e.case, e.number, e.at, e.kind, e.actor, e.said, e.sealed, e.previous, e.hash ORDER BY "
)
_CASE: LiteralString = (
    " RETURN DISTINCT c.case AS case, c.right, c.state, c.received AS received, c.operative, c.look_at AS look_at, "
    "c.subjects, c.entries, c.head ORDER BY "
)
_TASK: LiteralString = " RETURN t.task, t.case, t.party, t.state, t.look_at "
_EARLIEST: LiteralString = """CALL { MATCH (n:Task) WHERE n.look_at IS NOT NULL RETURN n.look_at AS at ORDER BY at LIMIT 1
UNION MATCH (n:Case) WHERE n.look_at IS NOT NULL RETURN n.look_at AS at ORDER BY at LIMIT 1 } RETURN min(at)"""

_COUNTER: LiteralString = "MERGE (l:LaneCalls {lane: $lane, window: $window}) SET l.made = coalesce(l.made, 0)"
_SPEND: LiteralString = """MATCH (l:LaneCalls {lane: $lane, window: $window}) WHERE l.made + $calls <= $limit
SET l.made = l.made + $calls RETURN l.made"""
_OVER: LiteralString = "MATCH (l:LaneCalls {lane: $lane}) WHERE l.window < $before DELETE l"


class Neo4jJournal:
    """Cases on a server: several writers, many readers. Threads of one journal wait for each other where they write."""

    def __init__(self, access: Neo4jAccess, keys: str, *, read_only: bool = False) -> None:
        """Connect, and make the database ready. `keys` is the mark of the key ring. Raises: as `Neo4jGraph`."""
        self._session, self._lock = prepared(access, keys, read_only=read_only), Lock()

    def together(self) -> AbstractContextManager[None]:
        """Nothing is gathered: each write is durable by itself, and what a block has kept stays when it fails (see the port).

        A transaction of Neo4j does not outlive the error of a statement, and has no part that could be taken back alone; and
        the locks of many cases, held until a common end, would have two workers clash where they do not today.
        """
        return nullcontext()

    def add(self, entries: Sequence[Entry], row: CaseRow, tasks: Sequence[TaskRow]) -> None:
        """Keep entries of one case with what now holds of it, in one transaction (see the port). Raises: Outrun."""
        self._do(lambda work: _add(work, entries, row, tasks))

    def entries(self, case: str) -> Sequence[Entry]:
        """Return a case's chain, in order; empty for an unknown one."""
        ask: LiteralString = "MATCH (:Case {case: $case})-[:ENTRY]->(e:CaseEntry)" + _ENTRY + "e.number"
        return [_entry(row) for row in self._session.ask(ask, case=case)]

    def cases(self, states: Collection[str] = ()) -> Sequence[CaseRow]:
        """Return cases in these states (all: empty), by time of arrival."""
        ask: LiteralString = "MATCH (c:Case) WHERE $states = [] OR c.state IN $states" + _CASE + "received, case"
        return [_case(row) for row in self._session.ask(ask, states=list(states))]

    def cases_of(self, subjects: Collection[bytes]) -> Sequence[CaseRow]:
        """Return the cases that were opened for any of these identifiers, by time of arrival."""
        ask: LiteralString = (
            "UNWIND $keys AS key MATCH (:CaseSubject {key: key})-[:IN]->(c:Case)" + _CASE + "received, case"
        )
        return [_case(row) for row in self._session.ask(ask, keys=[each.hex() for each in set(subjects)])]

    def due_cases(self, until: int, limit: int) -> Sequence[CaseRow]:
        """Return cases whose `look_at` has come, the longest due first."""
        ask: LiteralString = "MATCH (c:Case) WHERE c.look_at <= $until" + _CASE + "look_at, case LIMIT $limit"
        return [_case(row) for row in self._session.ask(ask, until=until, limit=limit)]

    def due_tasks(self, party: str, until: int, limit: int) -> Sequence[TaskRow]:
        """Return a party's tasks whose `look_at` has come, the longest due first."""
        ask: LiteralString = (
            "MATCH (t:Task) WHERE t.party = $party AND t.look_at <= $until"
            + _TASK
            + "ORDER BY t.look_at, t.case, t.task LIMIT $limit"
        )
        return [TaskRow(*row) for row in self._session.ask(ask, party=party, until=until, limit=limit)]

    def parties_due(self, until: int) -> Sequence[str]:
        """Return the parties that have any task whose `look_at` has come, sorted."""
        ask: LiteralString = "MATCH (t:Task) WHERE t.look_at <= $until RETURN DISTINCT t.party AS party ORDER BY party"
        return [party for (party,) in self._session.ask(ask, until=until)]

    def next_look(self) -> int | None:
        """Return the earliest `look_at` of all tasks and cases."""
        ((at,),) = self._session.ask(_EARLIEST)
        return None if at is None else int(at)

    def unpublished(self, limit: int) -> Sequence[Entry]:
        """Return entries that no log has yet, in the order they were kept by the server's clock, each case's in order."""
        ask: LiteralString = "MATCH (e:Unpublished)" + _ENTRY + "e.kept, e.case, e.number LIMIT $limit"
        return [_entry(row) for row in self._session.ask(ask, limit=limit)]

    def published(self, entries: Sequence[Entry]) -> None:
        """Keep that these are in the log."""
        ask: LiteralString = (
            "UNWIND $rows AS row MATCH (e:CaseEntry {case: row.case, number: row.number}) REMOVE e:Unpublished"
        )
        rows = [{"case": each.case, "number": each.number} for each in entries]
        self._do(lambda work: work.run(ask, rows=rows).consume())

    def spent(self, lane: str, window: int) -> int:
        """Return how many calls a lane has made in a window of time."""
        ask: LiteralString = "MATCH (l:LaneCalls {lane: $lane, window: $window}) RETURN l.made"
        rows = self._session.ask(ask, lane=lane, window=window)
        return int(rows[0][0]) if rows else 0

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        """Count so many more calls of a lane in a window, durably, unless they exceed `limit`; tell whether it may."""
        return limit >= calls and self._do(lambda work: _spend(work, lane, window, limit, calls))

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()

    def _do(self, what: Callable[[neo4j.Transaction], Answer]) -> Answer:
        with self._lock:
            return self._session.again(what)


def _add(work: neo4j.Transaction, entries: Sequence[Entry], row: CaseRow, tasks: Sequence[TaskRow]) -> None:
    work.run(_LOCK, case=row.case).consume()
    ((count, head),) = work.run(_HEAD, case=row.case).values()
    numbers = [each.number for each in entries]
    hashes = {
        number: bytes.fromhex(told) for number, told in work.run(_HASHES, case=row.case, numbers=numbers).values()
    }
    new = follows(entries, row, count, bytes.fromhex(head or ""), hashes)
    if new is None:
        return
    if new:
        work.run(_ADD, case=row.case, rows=[_told(each) for each in new]).consume()
    subjects = [each.hex() for each in row.subjects]
    ((changed,),) = work.run(_STAND, {**row._asdict(), "subjects": subjects, "head": row.head.hex()}).values()
    if changed:
        work.run(_UNBOUND, case=row.case).consume()
        work.run(_BIND, case=row.case, keys=sorted(set(subjects))).consume()
    if tasks:
        last = {(each.case, each.task): each for each in tasks}
        work.run(_TASKS, rows=[each._asdict() for each in last.values()]).consume()


def _spend(work: neo4j.Transaction, lane: str, window: int, limit: int, calls: int) -> bool:
    work.run(_COUNTER, lane=lane, window=window).consume()
    made = work.run(_SPEND, lane=lane, window=window, limit=limit, calls=calls).values()
    if made == [[calls]]:
        work.run(_OVER, lane=lane, before=window - KEPT_WINDOWS).consume()
    return bool(made)


def _told(each: Entry) -> Mapping[str, object]:
    return {
        "number": each.number, "at": each.at, "kind": each.kind, "actor": each.actor, "said": canonical(each.said).decode(),
        "sealed": each.sealed, "previous": each.previous.hex(), "hash": each.hash.hex(),
    }  # fmt: skip


def _entry(row: Sequence[Any]) -> Entry:
    case, number, at, kind, actor, said, sealed, previous, told = row
    return Entry(case, number, at, kind, actor, json.loads(said), sealed, bytes.fromhex(previous), bytes.fromhex(told))


def _case(row: Sequence[Any]) -> CaseRow:
    case, right, state, received, operative, look_at, subjects, entries, head = row
    keys = tuple(bytes.fromhex(each) for each in subjects)
    return CaseRow(case, right, state, received, operative, look_at, keys, entries, bytes.fromhex(head))
