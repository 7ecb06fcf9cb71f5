"""Opens the key ring's SQLite file: its connection, tables and format, and errors turned into ours. Seals and opens no key."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy import Engine, Table, create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFreeError
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateTable

from lineage.errors import Retryable
from lineage.stores import files
from lineage.stores.keytable import GENERATION, KEY, MARKED, SUPPRESSION, TOMBSTONE, Database

_VERSION = 2
# Threads that ask and write at once. One connection would do, if it were given out in turn: who takes it again and
# again keeps the others from it for seconds.
_CONNECTIONS = 4


def _made(*tables: Table) -> str:
    return "; ".join(str(CreateTable(table).compile(dialect=sqlite.dialect())) for table in tables)


_FIRST = _made(KEY)
_SECOND = "; ".join(
    [
        _made(TOMBSTONE, SUPPRESSION, GENERATION),
        *(f"INSERT INTO {GENERATION.name} VALUES ('{name}', x'')" for name in MARKED),
    ]
)


def open_key_file(path: Path, *, read_only: bool) -> Database:
    """Open the file, made where there is none; a reader makes none. One of format version 1 becomes one of version 2.

    Raises: Misconfigured: not such a file, or a newer version's. Refused: it cannot be read or written.
    """
    engine = _engine(partial(_connected, path, read_only=read_only))
    return Database(
        name=path.name,
        reading=engine,
        writing=engine,
        begin="BEGIN IMMEDIATE",  # SQLite waits for another writer only where a transaction begins
        adding=str(sqlite.insert(KEY).on_conflict_do_nothing().compile(dialect=sqlite.dialect())),
        translated=partial(_translated, path.name),
        cleansed=partial(_cleansed, engine, path.name),
        read_only=read_only,
    )


def _engine(connect: Callable[[], sqlite3.Connection]) -> Engine:
    # Kept open, also for readers: to open the file is more than half of a question about one person. When a connection is
    # given back the transaction in it ends, so that none looks at an old moment, or holds up whoever cuts the log.
    return create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        hide_parameters=True,
    )


def _connected(path: Path, *, read_only: bool) -> sqlite3.Connection:
    file = _opened(path, read_only=read_only)
    if read_only and file.execute("PRAGMA user_version").fetchone() != (_VERSION,):
        file.close()
        # A reader of keys is their owner, as whoever writes: without what the new version adds it had no answer.
        _opened(path, read_only=False).close()
        file = _opened(path, read_only=True)
    return file


def _opened(path: Path, *, read_only: bool) -> sqlite3.Connection:
    return files.open_file(path, version=_VERSION, schema=_FIRST, later=(_SECOND,), cache_mib=16, read_only=read_only)


def _cleansed(engine: Engine, name: str) -> None:
    """Take the log of changes into the file and cut it to nothing: it still holds the pages as they were before.

    In the file itself SQLite has overwritten what was deleted with zeros (`secure_delete`).

    Raises: Retryable: somebody is reading, and needs the log as it is; what was deleted is deleted.
    """
    end, pause = monotonic() + files.BUSY_SECONDS, Event()
    with _translated(name), engine.connect() as connection:
        # SQLite waits for whoever reads, and not for another who does the same.
        while connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]:
            if monotonic() > end:
                raise Retryable(
                    f"{name} is busy: another process is reading it, and its log of changes is still needed"
                )
            pause.wait(0.005)


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn SQLite's errors into ours, out of the wrapping that SQLAlchemy gives them. Raises as `files.translated`."""
    with files.translated(name):
        try:
            yield
        except DBAPIError as wrapped:
            raise (wrapped.orig or wrapped) from None
        except NoneFreeError:
            raise Retryable(f"{name} is busy: another thread is writing to it") from None
