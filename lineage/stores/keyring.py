"""The key ring in a database, SQLite or PostgreSQL: each key wrapped by the master key (AES-256-GCM)."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFreeError
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateTable

from lineage.errors import Misconfigured, Refused, Retryable
from lineage.sealing import Seal, new_key
from lineage.stores import files
from lineage.stores.keytable import KEY, Database, asking
from lineage.stores.listing import chunks

_VERSION = 1
_CACHED = 20_000
_PROBE = b"company:probe"


def sqlite_key_ring(path: Path, master: bytes, *, read_only: bool = False) -> "SqlKeyRing":
    """Open the key ring in this file, made where there is none; a reader makes none.

    Raises: Misconfigured: it was made under another master key, or by a newer version. Refused: it cannot be opened.
    """
    return SqlKeyRing(_sqlite(path, read_only=read_only), master)


def postgres_key_ring(url: str, password: str | None, master: bytes, *, read_only: bool = False) -> "SqlKeyRing":
    """Open the key ring in a PostgreSQL database, its tables made where there are none; a reader makes none.

    `url` is libpq's: `postgresql://user@host:port/database?sslmode=verify-full`, without a password.

    Raises:
        Misconfigured: the server refuses who asks, or has no such database; or as `sqlite_key_ring`.
        Retryable: the server is away, starting or full.
    """
    # Whoever keeps keys in a file does not wait for PostgreSQL's driver, a seventh of a second.
    from lineage.stores.postgres import open_postgres

    return SqlKeyRing(open_postgres(url, password, read_only=read_only), master)


class SqlKeyRing:
    """Data keys by name. Satisfies `lineage.keyring.KeyRing`.

    Keys that were found are remembered, the latest 20,000: one that another process destroys is known here until it is
    pushed out or the ring is closed.
    """

    def __init__(self, database: Database, master: bytes) -> None:
        """Take an open database, and close it with the ring.

        Raises: Misconfigured: it was made under another master key.
        """
        self._database = database
        self._master = Seal(master)
        self._known: dict[bytes, bytes] = {}
        try:
            self._probe()
        except BaseException:
            self.close()
            raise

    def keys(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the key of every name, made and durably kept where there was none."""
        found = self.find(names)
        if missing := set(names).difference(found):
            if self._database.read_only:
                raise Refused(f"{self._database.name} is open for reading: no key is made")
            found |= self._made(missing)
        return found

    def find(self, names: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the keys there are; makes none."""
        known = self._known
        found = {name: known[name] for name in names if name in known}
        asked = [name for name in names if name not in found] if found else names
        if not asked:
            return found
        kept = self._remember(self._opened(self._wrapped(asked)))
        return found | kept if found else kept

    def close(self) -> None:
        """Let the database go."""
        self._known.clear()
        self._database.writing.dispose()

    def _made(self, names: Collection[bytes]) -> dict[bytes, bytes]:
        keys = {name: new_key() for name in names}
        sealed = {name: self._master.seal(key, name) for name, key in keys.items()}
        if self._add(sealed) == len(keys):
            return self._remember(keys)
        # Another writer has made one of these meanwhile: what is in the database is what counts.
        return self._remember(self._opened(self._wrapped(names)))

    def _add(self, rows: Mapping[bytes, bytes]) -> int:
        """Add rows where there are none of their names; return how many."""
        database = self._database
        # In the order of the names: two who make the same keys at once wait for each other, and never in a circle.
        given = sorted(rows.items())
        with database.translated(), database.writing.begin() as connection:
            if database.begin:
                connection.exec_driver_sql(database.begin)
            return connection.exec_driver_sql(database.adding, given).rowcount

    def _wrapped(self, names: Collection[bytes]) -> list[tuple[bytes, bytes]]:
        """Return the names there are, each with its key as it is kept."""
        rows: list[tuple[bytes, bytes]] = []
        with self._database.translated(), self._database.reading.connect() as connection:
            for chunk in chunks(names):
                asked = connection.exec_driver_sql(asking(len(chunk), connection.dialect), tuple(chunk))
                # The driver's own tuples: to make SQLAlchemy's rows of them costs a tenth of the whole question.
                rows += asked.cursor.fetchall() if asked.cursor else ()
        return rows

    def _opened(self, rows: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
        opened = self._master.open
        return {name: opened(wrapped, name) for name, wrapped in rows}

    def _remember(self, keys: dict[bytes, bytes]) -> dict[bytes, bytes]:
        self._known.update(keys)
        for name in list(islice(self._known, max(len(self._known) - _CACHED, 0))):
            del self._known[name]
        return keys

    def _probe(self) -> None:
        """Make sure that the master key is the one this ring was made under, before anything is sealed with it."""
        if not (rows := self._wrapped((_PROBE,))):
            if self._database.read_only:
                raise Misconfigured(f"{self._database.name} holds no key: restore it from a backup")
            self._add({_PROBE: self._master.seal(new_key(), _PROBE)})
            rows = self._wrapped((_PROBE,))
        try:
            for name, wrapped in rows:
                self._master.open(wrapped, name)
        except Misconfigured as cause:
            reason = f"the master key is not the one {self._database.name} was made under: restore the right one"
            raise Misconfigured(reason) from cause


def _sqlite(path: Path, *, read_only: bool) -> Database:
    def connect() -> sqlite3.Connection:
        return files.open_file(path, version=_VERSION, schema=schema, cache_mib=16, read_only=read_only)

    schema = str(CreateTable(KEY).compile(dialect=sqlite.dialect()))
    # One connection, for one file has one writer; whoever else asks waits for it.
    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0, hide_parameters=True
    )
    return Database(
        name=path.name,
        reading=engine,
        writing=engine,
        begin="BEGIN IMMEDIATE",  # SQLite waits for another writer only where a transaction begins
        adding=str(sqlite.insert(KEY).on_conflict_do_nothing().compile(dialect=sqlite.dialect())),
        translated=partial(_translated, path.name),
        read_only=read_only,
    )


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
