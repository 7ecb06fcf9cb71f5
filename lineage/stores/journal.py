"""Cases in the embedded graph's file. Satisfies `lineage.cases.journal.Journal`; the only home of its SQL.

It opens the file for itself: a worker and a command write to it side by side, each in short transactions.
"""

import json
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from lineage.cases.entries import Entry, canonical
from lineage.cases.journal import CaseRow, TaskRow
from lineage.errors import Misconfigured
from lineage.stores.blocks import Blocks
from lineage.stores.files import anew, open_file, translated
from lineage.stores.following import KEPT_WINDOWS, follows
from lineage.stores.listing import ask_listed
from lineage.stores.schema import CASES_SINCE, FACTS, LATER, VERSION

_STANDING = "case_id, right, state, received, operative, look_at, entries, head"
_ENTRY = "e.case_id, e.number, e.at, e.kind, e.actor, e.said, e.sealed, e.previous, e.hash"
# One step for each party, and not one for each task.
_PARTIES = """WITH RECURSIVE every(party) AS (SELECT min(party) FROM task WHERE look_at IS NOT NULL UNION ALL
SELECT (SELECT min(party) FROM task WHERE look_at IS NOT NULL AND party > every.party) FROM every WHERE party IS NOT NULL)
SELECT party FROM every WHERE EXISTS (SELECT 1 FROM task WHERE task.party = every.party AND look_at <= ?) ORDER BY party"""


class SqliteJournal:
    """Cases in one file, beside the facts. Threads wait for each other."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file, or make it. Raises: Misconfigured, Refused (see `open_file`)."""
        self._name = path.name
        self._file = open_file(path, version=VERSION, schema=FACTS, later=LATER, cache_mib=16, read_only=read_only)
        with translated(self._name):
            (found,) = self._file.execute("PRAGMA user_version").fetchone()
        self._blocks = Blocks(self._file, self._name)
        if read_only:
            anew(self._file, self._name)  # to look at the version begins a moment, and nothing may be asked for long
        if found < CASES_SINCE:
            self._file.close()
            raise Misconfigured(
                f"{path.name} is of an older version, which kept no cases: `jalki worker` or `jalki ingest` makes it ready"
            )

    def together(self) -> AbstractContextManager[None]:
        """Keep what is written in the block in one transaction (see the port). A block within another is part of that."""
        return self._blocks.together()

    def add(self, entries: Sequence[Entry], row: CaseRow, tasks: Sequence[TaskRow]) -> None:
        """Keep entries of one case with what now holds of it, in one transaction (see the port). Raises: Outrun."""
        with self._blocks.writing():
            count, head = self._head(row.case)
            hashes = self._hashes(row.case, entries)
            new = follows(entries, row, count, head, hashes)
            if new is None:
                return
            for each in new:
                self._insert(each)
            self._stand(row, tasks)

    def entries(self, case: str) -> Sequence[Entry]:
        """Return a case's chain, in order; empty for an unknown one."""
        return [
            _entry(row) for row in self._ask(f"SELECT {_ENTRY} FROM entry e WHERE case_id = ? ORDER BY number", case)
        ]

    def cases(self, states: Collection[str] = ()) -> Sequence[CaseRow]:
        """Return cases in these states (all: empty), by time of arrival."""
        marks = ",".join("?" * len(states))
        where = f"WHERE state IN ({marks})" if states else ""
        return self._cases(f"{where} ORDER BY received, case_id", *states)

    def cases_of(self, subjects: Collection[bytes]) -> Sequence[CaseRow]:
        """Return the cases that were opened for any of these identifiers, by time of arrival."""
        with self._blocks.asking():
            rows = ask_listed(self._file, "SELECT DISTINCT case_id FROM subject WHERE key IN ({})", subjects)
        found = [each for (case,) in set(rows) for each in self._cases("WHERE case_id = ?", case)]
        return sorted(found, key=lambda each: (each.received, each.case))

    def due_cases(self, until: int, limit: int) -> Sequence[CaseRow]:
        """Return cases whose `look_at` has come, the longest due first."""
        return self._cases("WHERE look_at <= ? ORDER BY look_at, case_id LIMIT ?", until, limit)

    def due_tasks(self, party: str, until: int, limit: int) -> Sequence[TaskRow]:
        """Return a party's tasks whose `look_at` has come, the longest due first."""
        ask = (
            "SELECT task, case_id, party, state, look_at FROM task "
            "WHERE party = ? AND look_at <= ? ORDER BY look_at, case_id, task LIMIT ?"
        )
        return [TaskRow(*row) for row in self._ask(ask, party, until, limit)]

    def parties_due(self, until: int) -> Sequence[str]:
        """Return the parties that have any task whose `look_at` has come, sorted."""
        return [party for (party,) in self._ask(_PARTIES, until)]

    def next_look(self) -> int | None:
        """Return the earliest `look_at` of all tasks and cases."""
        rows = self._ask("SELECT min(look_at) FROM task UNION ALL SELECT min(look_at) FROM standing")
        return min((at for (at,) in rows if at is not None), default=None)

    def unpublished(self, limit: int) -> Sequence[Entry]:
        """Return entries that no log has yet, in the order they were kept."""
        ask = f"SELECT {_ENTRY} FROM unpublished u JOIN entry e ON e.pk = u.entry ORDER BY u.entry LIMIT ?"
        return [_entry(row) for row in self._ask(ask, limit)]

    def published(self, entries: Sequence[Entry]) -> None:
        """Keep that these are in the log."""
        which = "(SELECT pk FROM entry WHERE case_id = ? AND number = ?)"
        with self._blocks.writing():
            rows = [(each.case, each.number) for each in entries]
            self._file.executemany(f"DELETE FROM unpublished WHERE entry = {which}", rows)

    def spent(self, lane: str, window: int) -> int:
        """Return how many calls a lane has made in a window of time."""
        rows = self._ask("SELECT made FROM calls WHERE lane = ? AND window = ?", lane, window)
        return int(rows[0][0]) if rows else 0

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        """Count so many more calls of a lane in a window, durably, unless they exceed `limit`; tell whether it may."""
        if limit < calls:
            return False
        add = (
            "INSERT INTO calls VALUES (?1, ?2, ?4)"
            " ON CONFLICT DO UPDATE SET made = made + ?4 WHERE made + ?4 <= ?3 RETURNING made"
        )
        with self._blocks.writing():
            made = self._file.execute(add, (lane, window, limit, calls)).fetchall()
            if made == [(calls,)]:
                self._file.execute("DELETE FROM calls WHERE lane = ? AND window < ?", (lane, window - KEPT_WINDOWS))
        return bool(made)

    def close(self) -> None:
        """Let the file go."""
        with translated(self._name):
            self._file.close()

    def _ask(self, ask: str, *given: object) -> list[tuple[Any, ...]]:
        with self._blocks.asking():
            return self._file.execute(ask, given).fetchall()

    def _head(self, case: str) -> tuple[int, bytes]:
        ask = "SELECT number + 1, hash FROM entry WHERE case_id = ? ORDER BY number DESC LIMIT 1"
        return self._file.execute(ask, (case,)).fetchone() or (0, b"")

    def _hashes(self, case: str, entries: Sequence[Entry]) -> dict[int, bytes]:
        if not entries:
            return {}
        ask = "SELECT number, hash FROM entry WHERE case_id = ? AND number BETWEEN ? AND ?"
        return dict(self._file.execute(ask, (case, entries[0].number, entries[-1].number)).fetchall())

    def _insert(self, each: Entry) -> None:
        said = canonical(each.said).decode()
        words = (each.case, each.number, each.at, each.kind, each.actor, said, each.sealed, each.previous, each.hash)
        ask = (
            "INSERT INTO entry (case_id, number, at, kind, actor, said, sealed, previous, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        self._file.execute("INSERT INTO unpublished VALUES (?)", (self._file.execute(ask, words).lastrowid,))

    def _stand(self, row: CaseRow, tasks: Sequence[TaskRow]) -> None:
        case, right, state, received, operative, look_at, subjects, entries, head = row
        self._file.execute(
            "INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (case, right, state, received, operative, look_at, entries, head),
        )
        if self._subjects(case) != subjects:
            self._file.execute("DELETE FROM subject WHERE case_id = ?", (case,))
            rows = [(case, place, key) for place, key in enumerate(subjects)]
            self._file.executemany("INSERT INTO subject VALUES (?, ?, ?)", rows)
        self._file.executemany(
            "INSERT OR REPLACE INTO task VALUES (?, ?, ?, ?, ?)",
            [(each.case, each.task, each.party, each.state, each.look_at) for each in tasks],
        )

    def _subjects(self, case: str) -> tuple[bytes, ...]:
        rows = self._file.execute("SELECT key FROM subject WHERE case_id = ? ORDER BY place", (case,))
        return tuple(key for (key,) in rows)

    def _cases(self, which: str, *given: object) -> list[CaseRow]:
        with self._blocks.asking():
            rows = self._file.execute(f"SELECT {_STANDING} FROM standing {which}", given).fetchall()
            # asked at once: one question a case is what thousands of cases cost most
            ask = f"SELECT case_id, key FROM subject WHERE case_id IN (SELECT case_id FROM standing {which})"
            subjects: dict[str, list[bytes]] = {}
            for case, key in self._file.execute(f"{ask} ORDER BY case_id, place", given):
                subjects.setdefault(case, []).append(key)
            return [_case(row, tuple(subjects.get(row[0], ()))) for row in rows]


def _case(row: Sequence[Any], subjects: tuple[bytes, ...]) -> CaseRow:
    case, right, state, received, operative, look_at, entries, head = row
    return CaseRow(case, right, state, received, operative, look_at, subjects, entries, head)


def _entry(row: Sequence[Any]) -> Entry:
    case, number, at, kind, actor, said, sealed, previous, told = row
    return Entry(case, number, at, kind, actor, json.loads(said), sealed, previous, told)
