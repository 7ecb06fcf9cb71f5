"""The key ring in a database, SQLite or PostgreSQL: each key wrapped by the master key (AES-256-GCM)."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from lineage.errors import Misconfigured, Refused
from lineage.sealing import Seal, new_key
from lineage.stores.keyfile import open_key_file
from lineage.stores.keytable import KEY, UNTOUCHED, Database, delete_rows, rows_of
from lineage.stores.memory import SqlMemory
from lineage.stores.remembering import Remembered

_CACHED = 20_000
_COMPANY = b"company:"
_PROBE = b"company:probe"


def sqlite_key_ring(path: Path, master: bytes, *, read_only: bool = False) -> "SqlKeyRing":
    """Open the key ring in this file, made where there is none; a reader makes none.

    Raises: Misconfigured: it was made under another master key, or by a newer version. Refused: it cannot be opened.
    """
    return SqlKeyRing(open_key_file(path, read_only=read_only), master)


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
    """Data keys by name. Satisfies `lineage.keyring.KeyRing`. Any number of threads may use it at once.

    The latest 20,000 keys that were found are remembered. Each question for keys asks first whether any key was
    destroyed since, by whomever: if so, all are forgotten. Without the database not even a remembered key is given.

    `memory` is what else is kept in the same database: tombstones and suppressions.
    """

    def __init__(self, database: Database, master: bytes) -> None:
        """Take an open database, and close it with the ring.

        Raises: Misconfigured: it was made under another master key.
        """
        self._database = database
        self._master = Seal(master)
        self._known: Remembered[bytes] = Remembered(_CACHED)
        self.memory = SqlMemory(database, self)
        try:
            self._probe()
        except BaseException:
            self.close()
            raise

    def keys(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the key of every name, made and durably kept where there was none."""
        mark, found = self._found(names)
        while missing := set(names).difference(found):
            if self._database.read_only:
                raise Refused(f"{self._database.name} is open for reading: no key is made")
            made = {name: new_key() for name in missing}
            if self._add(made) == len(made):
                self._known.remember(mark, made)
                return found | made
            # Another writer has made some of these meanwhile: what is in the database is what counts. A third may have
            # destroyed some of those again: then they are made once more.
            mark, kept = self._found(missing)
            found |= kept
        return found

    def find(self, names: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the keys there are; makes none."""
        return self._found(names)[1]

    def destroy(self, names: Collection[bytes]) -> int:
        """Delete the keys of these names for good, from memory too; return how many there were.

        Names without a key are passed over, so that it may be done again after any error. On SQLite neither the file
        nor its log holds them afterwards; PostgreSQL is asked to take them out of its table (`VACUUM`), and does so
        once no older transaction may still look at them.

        Raises: Refused: a company's own key is among them, or the ring is open for reading. Retryable: it is busy.
        """
        if any(name.startswith(_COMPANY) for name in names):
            raise Refused("a key of the company's own is never destroyed: every fact would be lost with it")
        database = self._database
        with database.changed() as connection:
            if gone := delete_rows(connection, KEY, names):
                database.put_mark(connection, KEY)
        self._known.forget()
        # Also where none was left: the last time may have been interrupted right before this.
        database.cleansed()
        return gone

    def close(self) -> None:
        """Let the database go."""
        self._known.forget()
        self.memory.forget()
        self._database.writing.dispose()

    def _found(self, names: Collection[bytes]) -> tuple[bytes, dict[bytes, bytes]]:
        """Return the mark of the keys, and those keys that there are."""
        if not names:
            return UNTOUCHED, {}
        with self._database.asked() as connection:
            mark = self._database.marks(connection)[KEY.name]
            found = self._known.recall(mark, names)
            asked = [name for name in names if name not in found] if found else names
            rows = rows_of(connection, KEY, asked)
        kept = self._opened(rows)
        self._known.remember(mark, kept)
        return mark, found | kept if found else kept

    def _add(self, keys: Mapping[bytes, bytes]) -> int:
        """Add keys where there are none of their names; return how many."""
        # In the order of the names: two who make the same keys at once wait for each other, and never in a circle.
        rows = [(name, self._master.seal(key, name)) for name, key in sorted(keys.items())]
        with self._database.changed() as connection:
            return connection.exec_driver_sql(self._database.adding, rows).rowcount

    def _opened(self, rows: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
        opened = self._master.open
        return {name: opened(wrapped, name) for name, wrapped in rows}

    def _probe(self) -> None:
        """Make sure that the master key is the one this ring was made under, before anything is sealed with it."""
        database = self._database
        if not (rows := self._probed()):
            if database.read_only:
                raise Misconfigured(f"{database.name} holds no key: restore it from a backup")
            self._add({_PROBE: new_key()})
            rows = self._probed()
        try:
            self._opened(rows)
        except Misconfigured as cause:
            reason = f"the master key is not the one {database.name} was made under: restore the right one"
            raise Misconfigured(reason) from cause

    def _probed(self) -> list[tuple[bytes, bytes]]:
        with self._database.asked() as connection:
            return [(name, wrapped) for name, wrapped in rows_of(connection, KEY, (_PROBE,))]
