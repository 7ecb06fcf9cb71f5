"""The limit: the rows of a graph, ready made, inserted into an empty file of the same tables, batch by batch."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from lineage.stores.sqlite import SqliteGraph

BATCHES = 100


def bare_insert(full: Path, empty: Path) -> float:
    """Insert all rows of one graph file into a new one, batch by batch; return how many events a second that makes."""
    SqliteGraph(empty).close()
    with closing(sqlite3.connect(full)) as source, closing(sqlite3.connect(empty, isolation_level=None)) as target:
        tables = [
            name for (name,) in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
        ]
        rows = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "cache_size = -65536"):
            target.execute(f"PRAGMA {pragma}")
        began = time.perf_counter()
        for batch in range(BATCHES):
            target.execute("BEGIN IMMEDIATE")
            for table, listed in rows.items():
                part = listed[batch * len(listed) // BATCHES : (batch + 1) * len(listed) // BATCHES]
                if part:
                    places = ",".join("?" * len(part[0]))
                    target.executemany(f"INSERT INTO {table} VALUES ({places})", part)
            target.execute("COMMIT")
        return len(rows["event"]) / (time.perf_counter() - began)
