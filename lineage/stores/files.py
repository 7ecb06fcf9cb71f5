"""Opens the SQLite files of a data folder the one way that is durable and forgets. Knows no table."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lineage.errors import Misconfigured, Refused, Retryable

BUSY_SECONDS = 30

_TABLE = re.compile(r"CREATE TABLE (\w+)")
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def open_file(path: Path, *, version: int, schema: str, cache_mib: int, read_only: bool = False) -> sqlite3.Connection:
    """Open or make a database file of this format version.

    WAL, so that others read while one writes; `synchronous=FULL`, so that what was acknowledged outlives a power cut;
    `secure_delete`, so that what is deleted is gone from the file.

    Raises:
        Misconfigured: not such a file, or one written by a newer version of Jalki.
        Refused: it cannot be read or written.
    """
    with translated(path.name):
        if read_only:
            # Opened for writing where that is allowed: what a killed writer left behind is taken in by whoever comes next.
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS)
            connection.execute("PRAGMA query_only = ON")
        else:
            _make_private(path)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path, version, schema, cache_mib, read_only=read_only)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(
    connection: sqlite3.Connection, path: Path, version: int, schema: str, cache_mib: int, *, read_only: bool
) -> None:
    connection.execute(f"PRAGMA cache_size = -{cache_mib * 1024}")
    connection.execute("PRAGMA temp_store = MEMORY")
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > version:
        raise Misconfigured(
            f"{path.name} was written by a newer version of Jalki: use that version, or another data folder"
        )
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    # Version 0 is a file that is new; whatever else is there must have been made by us.
    if found == 0 and read_only and not tables:
        raise Misconfigured(f"{path.name} is empty: its first ingest was interrupted before it began; ingest again")
    if tables if found == 0 else not tables.issuperset(_TABLE.findall(schema)):
        raise Misconfigured(f"{path.name} is not a database of Jalki, or is damaged: restore it from a backup")
    if read_only:
        # One snapshot for all that this reader asks: an answer put together from several moments would be of none.
        connection.execute("BEGIN")
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    if found == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {schema}; PRAGMA user_version = {version}; COMMIT;")


def _make_private(path: Path) -> None:
    """Make the file, where there is none, for its owner alone; SQLite gives the files beside it the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as cause:
        raise Refused(f"{path.name} cannot be opened or written: look at the folder's permissions") from cause


@contextmanager
def transaction(connection: sqlite3.Connection, name: str) -> Iterator[None]:
    """Run a block as one transaction, wholly or not at all. Raises as `translated`."""
    with translated(name):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn SQLite's errors into ours: busy is Retryable, full is Refused, a damaged file Misconfigured."""
    try:
        yield
    except sqlite3.DatabaseError as cause:
        code = (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF
        if code in _PASSING:
            raise Retryable(f"{name} is busy: another process is writing to it") from cause
        if code in _FULL:
            raise Refused(f"{name} cannot be written: the disk is full or failing; nothing was half written") from cause
        if code == sqlite3.SQLITE_NOTADB or code == sqlite3.SQLITE_CORRUPT:
            raise Misconfigured(
                f"{name} is not a database of Jalki, or is damaged: restore it from a backup"
            ) from cause
        if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
            raise Refused(f"{name} cannot be opened or written: look at the folder's permissions") from cause
        raise
