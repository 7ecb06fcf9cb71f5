"""Puts moments of one person in order on disk: a file without a name, which is gone when it is closed.

It holds pseudonyms, parties, categories and times, never a value that identifies anybody. Satisfies `lineage.timeline.Order`.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator

from lineage.stores.files import translated
from lineage.timeline.model import Moment

_NAME = "the folder for temporary files"


class SqliteOrder:
    """Takes moments as they are met, gives each once, by time. Memory is bounded, whatever their number."""

    def __init__(self) -> None:
        with translated(_NAME):
            self._file = sqlite3.connect("", isolation_level=None)
            for setting in ("cache_size = -8192", "journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"):
                self._file.execute(f"PRAGMA {setting}")
            self._file.execute(
                "CREATE TABLE moment (at, recorded, key, kind, told, PRIMARY KEY (at, recorded, key)) WITHOUT ROWID"
            )

    def add(self, moments: Iterable[Moment]) -> None:
        """Take moments; one that was taken before is passed over. Raises: Refused: there is no room for them."""
        with translated(_NAME):
            self._file.execute("BEGIN")
            self._file.executemany(
                "INSERT OR IGNORE INTO moment VALUES (?, ?, ?, ?, ?)",
                ((*each[:4], json.dumps(each.told, ensure_ascii=False)) for each in moments),
            )
            self._file.execute("COMMIT")

    def in_order(self) -> Iterator[Moment]:
        """Yield moments by when they occurred, then by when that was known."""
        with translated(_NAME):
            for at, recorded, key, kind, told in self._file.execute("SELECT * FROM moment ORDER BY at, recorded, key"):
                yield Moment(at, recorded, key, kind, json.loads(told))

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
