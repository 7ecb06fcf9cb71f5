"""Brings rows of one person together, sorted on disk: a file without a name, which is gone when the spool is closed.

It holds pseudonyms and numbers, never a value that identifies anybody. Satisfies `lineage.reached.Spool`.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from lineage.reached.gathering import Row
from lineage.stores.files import translated

_NAME = "the folder for temporary files"


class SqliteSpool:
    """Takes rows in any order, gives them back by person. Memory is bounded, whatever their number."""

    def __init__(self) -> None:
        with translated(_NAME):
            self._file = sqlite3.connect("", isolation_level=None)
            for setting in ("cache_size = -16384", "journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
                self._file.execute(f"PRAGMA {setting}")
            self._file.execute(
                "CREATE TABLE spooled (whose, candidates, holder, route, earlier, readable, n, first, last)"
            )

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows. Raises: Refused: there is no room for them."""
        with translated(_NAME):
            self._file.execute("BEGIN")
            self._file.executemany("INSERT INTO spooled VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._file.execute("COMMIT")

    def by_person(self) -> Iterator[Sequence[Row]]:
        """Yield the rows of each person, persons by pseudonym."""
        with translated(_NAME):
            rows = map(_row, self._file.execute("SELECT * FROM spooled ORDER BY whose, holder, route, earlier"))
            for _, several in groupby(rows, key=attrgetter("whose")):
                yield list(several)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def _row(stored: Sequence[Any]) -> Row:
    whose, candidates, holder, route, earlier, readable, *counted = stored
    return Row(whose, candidates, holder, route, bool(earlier), bool(readable), *counted)
