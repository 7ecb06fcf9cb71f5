"""Opens the SQLite files of a data folder the one way that is durable and forgets. Knows no table."""

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from time import monotonic

from lineage.errors import Misconfigured, Refused, Retryable

BUSY_SECONDS = 30
_CUT_MILLISECONDS = 500

_TABLE = re.compile(r"CREATE TABLE (\w+)")
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def open_file(
    path: Path, *, version: int, schema: str, cache_mib: int, read_only: bool = False, later: Sequence[str] = ()
) -> sqlite3.Connection:
    """Open or make a database file of this format version.

    `schema` is what version 1 consists of, `later` what each version after it adds, in order. A file of an earlier
    version is brought to this one in place, by whoever first opens it for writing; a reader gets it as it is.

    WAL, so that others read while one writes; `synchronous=FULL`, so that what was acknowledged outlives a power cut;
    `secure_delete`, so that what is deleted is gone from the file.

    Raises:
        Misconfigured: not such a file, or one written by a newer version of Jalki.
        Refused: it cannot be read or written.
    """
    with translated(path.name):
        if read_only:
            # Opened for writing where that is allowed: what a killed writer left behind is taken in by whoever comes next.
            where = f"{path.resolve().as_uri()}?mode=rw"
            connection = sqlite3.connect(where, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
            connection.execute("PRAGMA query_only = ON")
        else:
            _make_private(path)
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA cache_size = -{cache_mib * 1024}")
            connection.execute("PRAGMA temp_store = MEMORY")
            found = _version(connection, path, (schema, *later)[:version], read_only=read_only)
            if read_only:
                # One snapshot for all that this reader asks: an answer put together from several moments would be of none.
                connection.execute("BEGIN")
            else:
                _write_ahead(connection)
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("PRAGMA wal_autocheckpoint = 8000")
                if found < version:
                    _bring(connection, path, (schema, *later)[:version])
        except BaseException:
            connection.close()
            raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a file to WAL. Of a new file several may want that at once, and SQLite itself does not wait for it."""
    end, pause = monotonic() + BUSY_SECONDS, Event()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF not in _PASSING or monotonic() > end:
                raise
            pause.wait(0.005)
        else:
            return


def _version(connection: sqlite3.Connection, path: Path, versions: Sequence[str], *, read_only: bool) -> int:
    """Return the format version of a file, which is 0 of a new one, and make sure that it is a file of ours."""
    connection.execute("BEGIN")  # version and tables of one moment: another may be making the file
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.execute("COMMIT")
    if found > len(versions):
        raise Misconfigured(
            f"{path.name} was written by a newer version of Jalki: use that version, or another data folder"
        )
    # Version 0 is a file that is new; whatever else is there must have been made by us.
    if found == 0 and read_only and not tables:
        raise Misconfigured(f"{path.name} is empty: its first ingest was interrupted before it began; ingest again")
    ours = {name for made in versions[:found] for name in _TABLE.findall(made)}
    if tables if found == 0 else not tables.issuperset(ours):
        raise Misconfigured(f"{path.name} is not a database of Jalki, or is damaged: restore it from a backup")
    return int(found)


def _bring(connection: sqlite3.Connection, path: Path, versions: Sequence[str]) -> None:
    """Bring a file to this version, wholly or not at all; another may have done so since it was looked at."""
    with transaction(connection, path.name):
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        for made in versions[found:]:
            for statement in made.split(";"):
                connection.execute(statement)
        if found < len(versions):
            connection.execute(f"PRAGMA user_version = {len(versions)}")


def _make_private(path: Path) -> None:
    """Make the file, where there is none, for its owner alone; SQLite gives the files beside it the same mode.

    One that is there is not touched: closing any descriptor of it takes away the locks that this process has on it.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
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


def anew(connection: sqlite3.Connection, name: str) -> None:
    """End the moment that a reader looks at; its next question begins another. Raises as `translated`."""
    with translated(name):
        connection.execute("COMMIT")
        connection.execute("BEGIN")


def cut_log(connection: sqlite3.Connection, name: str) -> None:
    """Take in the log of writes and cut it to nothing: what was deleted still stands in it. Raises as `translated`.

    A reader may be in the way for longer than is waited here; then the next one does it, or whoever closes the file last.
    """
    with suppress(Retryable), translated(name):
        connection.execute(f"PRAGMA busy_timeout = {_CUT_MILLISECONDS}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")


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
