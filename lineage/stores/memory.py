"""What is remembered of those who are forgotten, in the key ring's database: tombstones and suppressions, all veiled.

A row is found by a keyed hash of the pseudonym, and the rest of it is sealed, both under a key of the company's own in
the ring. So whoever has a copy of the graph and one of this database, and not the master key, can neither tell whom of
the graph a row is about nor which case made it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from lineage.keyring import KeyRing
from lineage.stores.keytable import SUPPRESSION, TOMBSTONE, UNTOUCHED, Database, names_of, rows_of
from lineage.stores.remembering import Remembered
from lineage.stores.sieving import Sifting
from lineage.stores.veiling import Veil
from lineage.tombstones import Suppression, Tombstone, in_time, standing

_MEMORY = b"company:memory"
_BURIED = b"tombstone"
# Two batches: each is asked about before it is written and again afterwards.
_CACHED = 40_000

Kept = TypeVar("Kept", Tombstone, Suppression)
Place = tuple[bytes, ...]


class SqlMemory:
    """Tombstones and suppressions. Satisfies `lineage.tombstones.Memory`. Any number of threads may use it at once.

    The latest 40,000 answers about tombstones are remembered until anybody entombs, which each question asks first. Of
    the rest those that a sieve of the table's names holds back have no tombstone, and the database is not asked.
    """

    def __init__(self, database: Database, keyring: KeyRing) -> None:
        """Take an open database, and the ring in it, which closes it."""
        self._database, self._keyring = database, keyring
        self._known: Remembered[Tombstone | None] = Remembered(_CACHED)
        self._sifting = Sifting()
        self._veil: Veil | None = None

    def entomb(self, tombstones: Collection[Tombstone]) -> None:
        """Keep tombstones durably; of two for one identifier the later `before` holds."""
        if tombstones:
            veil = self._veil_to_write()
            self._keep(_TOMBSTONES, veil, [((_buried(veil, each.key),), each) for each in tombstones])
            self._known.forget()

    def entombed(self, keys: Collection[bytes]) -> Mapping[bytes, Tombstone]:
        """Return the tombstones of those identifiers that have one."""
        found: dict[bytes, Tombstone | None] = {}
        with self._looked(TOMBSTONE, keys) as looked:
            if looked:
                found = self._known.recall(looked.mark, keys)
                unknown = [key for key in keys if key not in found] if found else keys
                names = looked.veil.hashed_each(_BURIED, unknown)
                # Not even opened for it: names are what anybody sees who has the database, and no more is kept of them.
                sifted = self._sifting.sifted(looked.mark, names, lambda: names_of(looked.connection, TOMBSTONE))
                rows = rows_of(looked.connection, TOMBSTONE, sifted)
                new = dict.fromkeys(unknown, None) | {
                    each.key: each for each in _opened(_TOMBSTONES, looked.veil, rows).values()
                }
                self._known.remember(looked.mark, new)
                found |= new
        return {key: each for key, each in found.items() if each}

    def tombstones(self) -> Sequence[Tombstone]:
        """Return all tombstones, by key."""
        with self._looked(TOMBSTONE, (b"",)) as looked:
            if not looked:
                return []
            rows = [tuple(row) for row in looked.connection.execute(select(TOMBSTONE))]
            return sorted(_opened(_TOMBSTONES, looked.veil, rows).values())

    def suppress(self, suppressions: Collection[Suppression]) -> None:
        """Keep suppressions, or that they are lifted, durably; of two for one key, party, purpose and ground the later holds."""
        if suppressions:
            veil = self._veil_to_write()
            self._keep(_SUPPRESSIONS, veil, [(_silenced(veil, each), each) for each in suppressions])

    def suppressed(self, keys: Collection[bytes]) -> Sequence[Suppression]:
        """Return the suppressions that stand (lifted ones not) on those identifiers."""
        return standing(self.suppressions(keys))

    def suppressions(self, keys: Collection[bytes]) -> Sequence[Suppression]:
        """Return all that was ever said of those identifiers, sorted. Of old rows, which had one place for both, the last."""
        with self._looked(SUPPRESSION, keys) as looked:
            if not looked:
                return []
            rows = rows_of(looked.connection, SUPPRESSION, {_hushed(looked.veil, key) for key in keys})
            return sorted(set(_opened(_SUPPRESSIONS, looked.veil, rows).values()))

    def forget(self) -> None:
        """Forget what is remembered of the database; nothing in it changes."""
        self._known.forget()
        self._sifting.forget()
        self._veil = None

    @contextmanager
    def _looked(self, table: Table, keys: Collection[bytes]) -> Iterator["_Looked | None"]:
        """Look into a table within the block; None where nothing is asked, or nothing was ever put there."""
        if not keys:
            yield None
            return
        veil = self._veil
        with self._database.asked() as connection:
            mark = self._database.marks(connection)[table.name]
            if mark == UNTOUCHED or veil:
                yield _Looked(connection, mark, veil) if veil and mark != UNTOUCHED else None
                return
        # Out of the block: whoever holds one connection while it waits for another may wait for ever.
        veil = self._veil_to_read()
        with self._database.asked() as connection:
            yield _Looked(connection, self._database.marks(connection)[table.name], veil)

    def _veil_to_read(self) -> Veil:
        if not (keys := self._keyring.find((_MEMORY,))):
            raise self._database.damaged()  # it is made before the first row is
        self._veil = Veil(keys[_MEMORY])
        return self._veil

    def _veil_to_write(self) -> Veil:
        if self._veil is None:
            self._veil = Veil(self._keyring.keys((_MEMORY,))[_MEMORY])
        return self._veil

    def _keep(self, kind: "_Kind[Kept]", veil: Veil, given: Iterable[tuple[Place, Kept]]) -> None:
        """Keep of each place's old and new what comes last in its order: whatever came first, the end is the same."""
        last: dict[Place, Kept] = {}
        for place, each in given:
            last[place] = max(last.get(place, each), each, key=kind.order)
        with self._database.changed() as connection:
            self._database.put_mark(connection, kind.table)  # others who change this table wait from here on
            there = _opened(kind, veil, rows_of(connection, kind.table, {place[0] for place in last}))
            held = {place: max(there.get(place, each), each, key=kind.order) for place, each in last.items()}
            new = {place: veil.sealed(each, _bound(place)) for place, each in held.items() if each != there.get(place)}
            # In the order of the hashes: that in which an identifier's rows were given could be told from it.
            _write(connection, kind.table, sorted(new.items()), there.keys())


class _Looked(NamedTuple):
    connection: Connection
    mark: bytes
    veil: Veil


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Kept]):
    """One of the two tables: how a row is read, and which of two rows of one place holds: the one later in the order."""

    table: Table
    read: Callable[[list[Any]], Kept]
    order: Callable[[Kept], tuple[Any, ...]]


_TOMBSTONES = _Kind(
    TOMBSTONE,
    read=lambda row: Tombstone(bytes.fromhex(row[0]), *row[1:]),
    order=lambda each: (each.before, each.case),
)
_SUPPRESSIONS = _Kind(
    SUPPRESSION,
    read=lambda row: Suppression(bytes.fromhex(row[0]), *row[1:]),
    order=in_time,
)


def _buried(veil: Veil, key: bytes) -> bytes:
    return veil.hashed(_BURIED, key)


def _hushed(veil: Veil, key: bytes) -> bytes:
    return veil.hashed(b"suppression", key)


def _silenced(veil: Veil, each: Suppression) -> Place:
    # Each word that was said has a row of its own: what was sent while it stood stays drift when it is lifted.
    when = each.at.to_bytes(8, signed=True) + bytes([each.lifted])
    parts = (each.key, each.party.encode(), each.purpose.encode(), each.ground.encode(), when, each.case.encode())
    return _hushed(veil, each.key), veil.hashed(b"entry", *parts)


def _bound(place: Place) -> bytes:
    return b"".join(place)


def _opened(kind: _Kind[Kept], veil: Veil, rows: Iterable[Sequence[bytes]]) -> dict[Place, Kept]:
    """Return rows by their place: all of their columns but the last, which is sealed."""
    return {
        place: kind.read(veil.opened(sealed, _bound(place))) for *columns, sealed in rows for place in [tuple(columns)]
    }


def _write(connection: Connection, table: Table, rows: Iterable[tuple[Place, bytes]], there: Collection[Place]) -> None:
    columns = list(table.primary_key.columns)
    new = [
        dict(zip(table.columns.keys(), (*place, sealed), strict=True)) for place, sealed in rows if place not in there
    ]
    if new:
        connection.execute(insert(table), new)
    changed = [
        {"now": sealed, **{f"at_{column.name}": value for column, value in zip(columns, place, strict=True)}}
        for place, sealed in rows
        if place in there
    ]
    if changed:
        at = [column == bindparam(f"at_{column.name}") for column in columns]
        connection.execute(update(table).where(*at).values(sealed=bindparam("now")), changed)
