"""Writes facts to the embedded graph's tables, inside a transaction that its caller holds. Remembers row numbers it has seen."""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from lineage.facts import Facts, Route
from lineage.graph import Letter

_REMEMBERED = 100_000
_OWNS = """INSERT INTO owns SELECT ?1, ?2, ?3, ?4
WHERE NOT EXISTS (SELECT 1 FROM owns WHERE owned = ?1 AND owner = ?2 AND at <= ?3 AND recorded <= ?4)
ON CONFLICT DO UPDATE SET recorded = min(recorded, excluded.recorded)"""


class Writing:
    """The writing half of a graph file. Not to be used by two threads at once."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._numbers: OrderedDict[bytes, int] = OrderedDict()
        self._next: int | None = None
        self._routes: dict[Route, int] = {}

    def write(self, facts: Iterable[Facts], letters: Sequence[Letter]) -> None:
        """Add facts and dead letters; an event that is there already adds nothing."""
        owns, disclosures, consents, links = [], [], [], []
        for each in facts:
            new = self._file.execute("INSERT OR IGNORE INTO event VALUES (?, ?)", (each.event, each.content))
            if not new.rowcount:
                continue
            number = {key: self._number(key, kind) for key, kind in each.identifiers.items()}
            for event, part, holder, route, at, recorded, as_sent in each.disclosures:
                disclosures.append((event, part, number[holder], self._route(route), at, recorded, as_sent))
            for consent in each.consents:
                consents.append(consent._replace(holder=number[consent.holder]))  # type: ignore[arg-type]  # a row now
            for link in each.links:
                links.append(link._replace(one=number[link.one], other=number[link.other]))  # type: ignore[arg-type]
            owns += [(number[owned], number[owner], each.at, each.recorded) for owner, owned in each.owns]
        self._file.executemany(_OWNS, owns)
        self._file.executemany("INSERT INTO disclosure VALUES (?, ?, ?, ?, ?, ?, ?)", disclosures)
        self._file.executemany("INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?, ?)", consents)
        self._file.executemany("INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?)", links)
        self._file.executemany("INSERT OR IGNORE INTO letter VALUES (?, ?, ?, ?)", letters)

    def forget(self) -> None:
        """Forget all row numbers: a transaction they came from was taken back."""
        self._numbers.clear()
        self._routes.clear()
        self._next = None

    def routes_by_number(self) -> Mapping[int, Route]:
        """Return all routes in the file by their row number."""
        rows = self._file.execute("SELECT pk, source, target, purpose, categories, controller, forbidden FROM route")
        return {
            pk: Route(source, target, purpose, tuple(categories.split(",")) if categories else (), controller, bool(forbidden))
            for pk, source, target, purpose, categories, controller, forbidden in rows
        }

    def _number(self, key: bytes, kind: str) -> int:
        if (number := self._numbers.get(key)) is not None:
            self._numbers.move_to_end(key)
            return number
        row = self._file.execute("SELECT pk FROM identifier WHERE key = ?", (key,)).fetchone()
        if row is None:
            if self._next is None:
                self._next = self._file.execute("SELECT coalesce(max(pk), 0) FROM identifier").fetchone()[0]
            self._next += 1
            self._file.execute("INSERT INTO identifier VALUES (?, ?, ?)", (self._next, key, kind))
        number = self._numbers[key] = int(row[0]) if row else self._next or 0
        if len(self._numbers) > _REMEMBERED:
            self._numbers.popitem(last=False)
        return number

    def _route(self, route: Route) -> int:
        if (number := self._routes.get(route)) is not None:
            return number
        words = (route.source, route.target, route.purpose, ",".join(route.categories), route.controller, route.forbidden)
        self._file.execute(
            "INSERT OR IGNORE INTO route (source, target, purpose, categories, controller, forbidden) "
            "VALUES (?, ?, ?, ?, ?, ?)", words,
        )  # fmt: skip
        ask = (
            "SELECT pk FROM route WHERE source = ? AND target = ? AND purpose = ? "
            "AND categories = ? AND controller = ? AND forbidden = ?"
        )
        number = self._routes[route] = int(self._file.execute(ask, words).fetchone()[0])
        return number
