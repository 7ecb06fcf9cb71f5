"""The file of the embedded log: opening it safely, its tables, its transactions, and what SQLite's faults mean to us.

Must not know what a record is; that is `streams.log`.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lineage.errors import JalkiError, Misconfigured, Refused, Retryable

FORMAT = 1
APPLICATION = 0x4A414C4B
"""Written into the file's header (`JALK`), so that another program's database is never taken for ours."""

TABLES = """
CREATE TABLE lane (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL, end INTEGER NOT NULL,
                   UNIQUE (topic, partition));
CREATE TABLE chunk (lane INTEGER NOT NULL REFERENCES lane, first INTEGER NOT NULL, count INTEGER NOT NULL,
                    sealed BLOB NOT NULL, PRIMARY KEY (lane, first));
CREATE TABLE committed (reader TEXT NOT NULL, lane INTEGER NOT NULL REFERENCES lane, offset INTEGER NOT NULL,
                        PRIMARY KEY (reader, lane)) WITHOUT ROWID;
"""
SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # survives a killed process; a power cut may take the last commits, never the file
    "PRAGMA secure_delete = ON",  # what every reader has committed is overwritten, not only unlinked
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA cache_size = -8000",
)


def open_file(path: Path) -> sqlite3.Connection:
    """Opens the log's file, or makes it.

    Raises Misconfigured for what is no log of ours, or one of a newer format, and Refused while another process has it.
    """
    if not path.parent.is_dir():
        raise Misconfigured(f"the folder {path.parent} does not exist: create it, or choose another with --data")
    with faults(path, busy=Refused(f"{path} is in use by another process: wait until it has ended, or stop it")):
        with suppress(
            FileExistsError
        ):  # one that is there is not touched: closing it would take away this process's locks
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        file = sqlite3.connect(path, isolation_level=None, timeout=1.0, cached_statements=32)
        try:
            _prepare(file, path)
        except BaseException:
            file.close()
            raise
    return file


def _prepare(file: sqlite3.Connection, path: Path) -> None:
    # Before the first look: offsets are counted in memory, and a second writer would use them twice.
    file.execute("PRAGMA locking_mode = EXCLUSIVE")
    (known,) = file.execute("PRAGMA user_version").fetchone()
    (owner,) = file.execute("PRAGMA application_id").fetchone()
    (tables,) = file.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and owner != APPLICATION:
        raise Misconfigured(f"{path} is not a log of Jalki: move it away, or choose another folder with --data")
    if known > FORMAT:
        raise Misconfigured(f"{path} was written by a newer Jalki (format {known}, this one reads {FORMAT}): upgrade")
    if not tables:
        file.execute("PRAGMA page_size = 16384")  # before WAL; frames are hundreds of kilobytes
    for setting in SETTINGS:
        file.execute(setting)
    with transaction(file):
        if not tables:
            for statement in TABLES.split(";"):
                file.execute(statement)
            file.execute(f"PRAGMA application_id = {APPLICATION}")
            file.execute(f"PRAGMA user_version = {FORMAT}")


@contextmanager
def transaction(file: sqlite3.Connection) -> Iterator[None]:
    """All of it, or nothing."""
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
        file.execute("COMMIT")
    except BaseException:
        if file.in_transaction:  # a full disk makes SQLite roll back by itself
            file.execute("ROLLBACK")
        raise


@contextmanager
def faults(path: Path, busy: JalkiError | None = None) -> Iterator[None]:
    """SQLite's and the file system's errors as ours. SQLite's texts name tables and files, never contents."""
    try:
        yield
    except sqlite3.Error as fault:
        raise _translated(fault, path, busy) from fault
    except OSError as fault:
        raise Misconfigured(f"{path} cannot be opened ({fault.strerror}): check the folder's rights") from fault


def _translated(fault: sqlite3.Error, path: Path, busy: JalkiError | None) -> JalkiError:
    match getattr(fault, "sqlite_errorcode", 0) & 0xFF:  # the upper bits only refine
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return Misconfigured(f"{path} is damaged, or no log of Jalki: restore it, or move it away and ingest again")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return Misconfigured(f"{path} cannot be written ({fault}): check the rights of the file and its folder")
        case sqlite3.SQLITE_FULL:
            return Refused(f"no room left for {path}: free some space and run the same again, nothing is lost")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return busy or Retryable(f"{path} is locked by another process: {fault}")
        case _:
            return Retryable(f"{path} cannot be read or written now ({fault}): check the disk")
