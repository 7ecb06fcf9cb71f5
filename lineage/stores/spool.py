"""Brings together what belongs to one person, sorted on disk: a file without a name, which is gone when it is closed.

It holds pseudonyms and numbers, never a value that identifies anybody. `SqliteSpool` satisfies `lineage.reached.Spool`, and
`SqlitePurchases` `lineage.recalling.Purchases`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from lineage.reached.gathering import Row
from lineage.recalling.gathering import Purchase
from lineage.stores.files import translated

_NAME = "the folder for temporary files"


class SqliteSpool:
    """Takes rows in any order, gives them back by person. Memory is bounded, whatever their number."""

    def __init__(self) -> None:
        self._file = _unnamed("whose, candidates, holder, route, earlier, readable, n, first, last")

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows. Raises: Refused: there is no room for them."""
        _add(self._file, "?, ?, ?, ?, ?, ?, ?, ?, ?", rows)

    def by_person(self) -> Iterator[Sequence[Row]]:
        """Yield the rows of each person, persons by pseudonym."""
        with translated(_NAME):
            rows = map(_row, self._file.execute("SELECT * FROM spooled ORDER BY whose, holder, route, earlier"))
            for _, several in groupby(rows, key=attrgetter("whose")):
                yield list(several)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


class SqlitePurchases:
    """Takes purchases in any order, gives them back by buyer. Memory is bounded, whatever their number."""

    def __init__(self) -> None:
        self._file = _unnamed("whose, event, part")

    def add(self, purchases: Iterable[Purchase]) -> None:
        """Take purchases. Raises: Refused: there is no room for them."""
        _add(self._file, "?, ?, ?", purchases)

    def by_buyer(self) -> Iterator[Sequence[Purchase]]:
        """Yield the purchases of each buyer, buyers by pseudonym."""
        with translated(_NAME):
            found = map(Purchase._make, self._file.execute("SELECT * FROM spooled ORDER BY whose, event, part"))
            for _, several in groupby(found, key=attrgetter("whose")):
                yield list(several)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def _unnamed(columns: str) -> sqlite3.Connection:
    with translated(_NAME):
        file = sqlite3.connect("", isolation_level=None)
        for setting in ("cache_size = -16384", "journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
            file.execute(f"PRAGMA {setting}")
        file.execute(f"CREATE TABLE spooled ({columns})")
        return file


def _add(file: sqlite3.Connection, places: str, rows: Iterable[Sequence[object]]) -> None:
    with translated(_NAME):
        file.execute("BEGIN")
        file.executemany(f"INSERT INTO spooled VALUES ({places})", rows)
        file.execute("COMMIT")


def _row(stored: Sequence[Any]) -> Row:
    whose, candidates, holder, route, earlier, readable, *counted = stored
    return Row(whose, candidates, holder, route, bool(earlier), bool(readable), *counted)
