"""The routes of the embedded graph: what disclosures have in common, kept once under a row number. Only ever added to."""

import sqlite3

from lineage.facts import Route

_COLUMNS = "source, target, purpose, categories, controller, forbidden"


class Routes:
    """Routes and their numbers, remembered as they are met. Not to be used by two threads at once."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._numbers: dict[Route, int] = {}
        self._routes: dict[int, Route] = {}

    def number(self, route: Route) -> int:
        """Return a route's number, given inside the caller's transaction where it had none."""
        if (number := self._numbers.get(route)) is not None:
            return number
        words = (
            route.source,
            route.target,
            route.purpose,
            ",".join(route.categories),
            route.controller,
            route.forbidden,
        )
        self._file.execute(f"INSERT OR IGNORE INTO route ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", words)
        ask = (
            "SELECT pk FROM route WHERE source = ? AND target = ? AND purpose = ? "
            "AND categories = ? AND controller = ? AND forbidden = ?"
        )
        number = self._numbers[route] = int(self._file.execute(ask, words).fetchone()[0])
        return number

    def route(self, number: int) -> Route:
        """Return the route of a number that stands in the file."""
        if number not in self._routes:
            ask = f"SELECT pk, {_COLUMNS} FROM route WHERE pk > ?"
            for row in self._file.execute(ask, (max(self._routes, default=0),)):
                pk, source, target, purpose, categories, controller, forbidden = row
                listed = tuple(categories.split(",")) if categories else ()
                self._routes[pk] = Route(source, target, purpose, listed, controller, bool(forbidden))
        return self._routes[number]

    def of_target(self, party: str) -> list[tuple[int, Route]]:
        """Return the routes that end at a party, with their numbers."""
        rows = self._file.execute("SELECT pk FROM route WHERE target = ? ORDER BY pk", (party,)).fetchall()
        return [(number, self.route(number)) for (number,) in rows]

    def of_source(self, party: str) -> list[int]:
        """Return the numbers of the routes that begin at a party."""
        rows = self._file.execute("SELECT pk FROM route WHERE source = ? ORDER BY pk", (party,))
        return [number for (number,) in rows]

    def forget(self) -> None:
        """Forget everything: a transaction it may come from was taken back."""
        self._numbers.clear()
        self._routes.clear()
