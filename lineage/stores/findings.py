"""What was told of drift in the embedded graph's file. Satisfies `lineage.findings.store.Findings`; the only home of its SQL."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from lineage.errors import Misconfigured
from lineage.findings.model import Change, Mark
from lineage.findings.store import TOPIC, Overtaken, Standing, Taken, Told
from lineage.pseudonyms import LENGTH
from lineage.stores.blocks import Blocks
from lineage.stores.files import open_file, translated
from lineage.stores.listing import ask_listed
from lineage.stores.schema import FACTS, FINDINGS_SINCE, LATER, VERSION

_LOWEST = "(SELECT coalesce(min(position), 0) FROM lane)"
_IDLE = """SELECT turn, register = ? AND position IS NULL AND NOT EXISTS (SELECT 1 FROM unjudged)
AND NOT EXISTS (SELECT 1 FROM gone) FROM judging"""
_FORGOTTEN = 1_000
"""Disclosures that were forgotten, looked at in one turn."""


class SqliteFindings:
    """Findings in one file, beside the facts. Threads wait for each other."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the file, or make it. Raises: Misconfigured, Refused (see `open_file`)."""
        self._name = path.name
        self._file = open_file(path, version=VERSION, schema=FACTS, later=LATER, cache_mib=8, read_only=read_only)
        self._blocks = Blocks(self._file, self._name)
        with translated(self._name):
            (found,) = self._file.execute("PRAGMA user_version").fetchone()
        if found < FINDINGS_SINCE:
            self._file.close()
            raise Misconfigured(
                f"{path.name} is of an older version, which told no findings: `jalki worker` or `jalki ingest` makes it ready"
            )

    def take(self, register: str, rows: int, holders: int) -> Taken:
        """Begin a turn, and return what is to be judged anew (see the port)."""
        ((turn, idle),) = self._ask(_IDLE, register)
        if idle:
            return Taken(turn)
        with self._blocks.writing():
            self._file.execute("UPDATE judging SET turn = turn + 1")
            begin = "UPDATE judging SET register = ?1, position = x'' WHERE register <> ?1"
            if self._file.execute(begin, (register,)).rowcount:
                self._file.execute("DELETE FROM unjudged")  # all of them are met on the way
            ((turn, position),) = self._file.execute("SELECT turn, position FROM judging").fetchall()
            found = self._file.execute("SELECT pk, keys FROM unjudged ORDER BY pk LIMIT ?", (rows,)).fetchall()
            gone = self._file.execute("SELECT event, part FROM gone LIMIT ?", (_FORGOTTEN,)).fetchall()
            some = [] if position is None else self._holders(int.from_bytes(position), holders)
        keys = frozenset(keys[at : at + LENGTH] for _, keys in found for at in range(0, len(keys), LENGTH))
        end = some[-1][0].to_bytes(8) if len(some) == holders else None
        met = [key for _, key in some]
        return Taken(turn, [pk for pk, _ in found], keys, frozenset(gone), met, end, position is not None)

    def marks(self, events: Collection[bytes]) -> Sequence[Mark]:
        """Return what was told of the findings of these events."""
        ask = "SELECT event, part, rule, sequence, found, digest FROM finding WHERE event IN ({})"
        with self._blocks.asking():
            rows = set(ask_listed(self._file, ask, events))
        return [
            Mark(event, part, rule, sequence, bool(found), digest)
            for event, part, rule, sequence, found, digest in rows
        ]

    def keep(self, turn: int, changes: Sequence[Change]) -> None:
        """Keep what is told anew, durably. Raises: Overtaken."""
        with self._blocks.writing():
            self._check(turn)
            self._keep(changes)

    def settle(self, taken: Taken, changes: Sequence[Change]) -> None:
        """Keep the last of what is told anew, and that all that was taken is judged. Raises: Overtaken."""
        with self._blocks.writing():
            self._check(taken.turn)
            self._keep(changes)
            self._file.executemany("DELETE FROM unjudged WHERE pk = ?", [(pk,) for pk in taken.rows])
            self._file.executemany("DELETE FROM gone WHERE event = ? AND part = ?", sorted(taken.gone))
            if taken.whole:
                self._file.execute("UPDATE judging SET position = ?", (taken.position,))

    def after(self, lane: str, limit: int) -> Sequence[Told]:
        """Return what a lane has not told yet, in order."""
        ask = (
            "SELECT number, record FROM told WHERE number > coalesce((SELECT position FROM lane WHERE lane = ?), 0) "
            "ORDER BY number LIMIT ?"
        )
        return [Told(*row) for row in self._ask(ask, lane, limit)]

    def reached(self, lane: str, number: int) -> None:
        """Keep that a lane has told all up to this number; what no lane needs any more goes."""
        with self._blocks.writing():
            ((before,),) = self._file.execute(f"SELECT {_LOWEST}").fetchall()
            self._file.execute(
                "INSERT INTO lane VALUES (?, ?) ON CONFLICT DO UPDATE SET position = max(position, excluded.position)",
                (lane, number),
            )
            self._file.execute(
                f"DELETE FROM told WHERE number > ? AND number <= {_LOWEST} AND number NOT IN (SELECT f.number FROM finding f "
                "WHERE f.event = told.event AND f.part = told.part AND f.rule = told.rule)",
                (before,),
            )

    def is_whole(self) -> bool:
        """Tell whether it is known that nothing of what was told is missing here."""
        return bool(self._ask("SELECT restored FROM judging")[0][0])

    def restore(self, changes: Sequence[Change], *, over: bool) -> None:
        """Keep what the topic has and is missing here, as told to it."""
        with self._blocks.writing():
            if self._file.execute("SELECT restored FROM judging").fetchone() != (0,):
                return  # somebody may have judged since: what is not told may not be taken for told
            self._file.execute("UPDATE judging SET turn = turn + 1, restored = ?", (over,))
            there = {each[:3] for each in self.marks({each.mark.event for each in changes})}
            self._keep([each for each in changes if each.mark[:3] not in there])
            last = "INSERT OR REPLACE INTO lane SELECT ?, coalesce(max(number), 0) FROM told"
            self._file.execute(last, (TOPIC,))

    def standing(self) -> Standing:
        """Return how much waits."""
        ask = (
            "SELECT (SELECT count(*) FROM unjudged), position IS NOT NULL, (SELECT max(number) FROM told) FROM judging"
        )
        ((unjudged, whole, last),) = self._ask(ask)
        return Standing(unjudged, bool(whole), last or 0, dict(self._ask("SELECT lane, position FROM lane")))

    def close(self) -> None:
        """Let the file go."""
        with translated(self._name):
            self._file.close()

    def _holders(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """By number: what belongs to one person lies together, and she is looked up once."""
        ask = (
            "SELECT pk, key FROM identifier i WHERE pk > ? AND EXISTS (SELECT 1 FROM disclosure f WHERE f.holder = i.pk) "
            "ORDER BY pk LIMIT ?"
        )
        return self._file.execute(ask, (after, limit)).fetchall()

    def _check(self, turn: int) -> None:
        if self._file.execute("SELECT turn FROM judging").fetchone() != (turn,):
            raise Overtaken("another one judges drift, or something was forgotten since: it is judged again")

    def _keep(self, changes: Sequence[Change]) -> None:
        for (event, part, rule, sequence, found, digest), record in changes:
            of = (event, part, rule)
            self._file.execute(
                f"DELETE FROM told WHERE event = ? AND part = ? AND rule = ? AND number <= {_LOWEST}", of
            )
            ask = "INSERT INTO told (event, part, rule, record) VALUES (?, ?, ?, ?)"
            number = self._file.execute(ask, (*of, record)).lastrowid
            self._file.execute(
                "INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?, ?, ?, ?)", (*of, sequence, found, digest, number)
            )

    def _ask(self, ask: str, *given: object) -> list[tuple[Any, ...]]:
        with self._blocks.asking():
            return self._file.execute(ask, given).fetchall()
