"""Erases again in the shop's tables what a restored backup brought back: rows whose identifiers have a tombstone.

The tables are read in pages, by primary key. An identifier is known by its keyed hash alone, and a row goes only where it is
surely from before its tombstone: whoever came back has newer ones.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, Table, select, tuple_

from connectors.finding import Found, Key, columns_of, key_of, pairs_of
from connectors.mapping import Mapped, SystemMap
from connectors.rows import Hang, Tables, hangs, tables_of
from connectors.tables import Writing, reading, writing
from connectors.undoing import erasing
from connectors.writing import write
from lineage.identifiers import RANK, rank
from lineage.pseudonyms import Pseudonyms
from lineage.tombstones import Tombstone

PAGE = 1_000
Entombed = Callable[[Collection[bytes]], Mapping[bytes, Tombstone]]


@dataclass(slots=True)
class Erased:
    """What was done again in one table, or would be. `undated` rows are hers, and nobody can tell whether from before."""

    changed: int = 0
    deleted: int = 0
    left: int = 0
    undated: int = 0


@dataclass(frozen=True, slots=True)
class Replaying:
    """Goes through the tables of one system. In a dry run it reads, and changes nothing."""

    engine: Engine
    mapping: SystemMap
    pseudonyms: Pseudonyms
    entombed: Entombed
    """Returns the tombstones that stand for all that was hers."""
    seconds: float = 30.0
    dry: bool = False
    page: int = PAGE
    _gone: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    """Rows that a dry run would have deleted."""

    def run(self) -> dict[str, Erased]:
        """Erase again, a page at a time, each in one transaction; return the counts by table.

        Raises: as `connectors.sql.SqlConnector.send`; the pages before are done, and it can be run again.
        """
        done: dict[str, Erased] = defaultdict(Erased)
        for mapped in self.mapping.deepest_first():
            if mapped.through is None and mapped.erases:
                last: Key | None = None
                while (last := self._page(mapped, last, done)) is not None:
                    pass
        return dict(sorted(done.items()))

    def _page(self, mapped: Mapped, after: Key | None, done: dict[str, Erased]) -> Key | None:
        """Look at the rows after a key; return the key of the last one, None where there are no more."""
        opened = reading if self.dry else writing
        with opened(self.engine, self.mapping.system, self.seconds) as given:
            work = given if isinstance(given, Writing) else Writing(given)
            tables = tables_of(work.connection, self.mapping)
            table, hanging = tables[mapped.name][1], hangs(self.mapping, tables)
            rows = self._rows(work.connection, mapped, table, hanging, after)
            found = self._found(mapped, rows, done[mapped.name])
            if found:
                everything = {mapped.name: found}
                self._below(work.connection, tables, hanging, mapped, everything)
                self._erase(work, tables, hanging, everything, done)
        return rows[-1][0] if len(rows) == self.page else None

    def _rows(
        self,
        connection: Connection,
        mapped: Mapped,
        table: Table,
        hanging: Mapping[str, Sequence[Hang]],
        after: Key | None,
    ) -> list[tuple[Key, dict[str, Any]]]:
        key, columns = key_of(mapped, table), {each.name: each for each in columns_of(mapped, table, hanging)}
        columns |= {name: table.c[name] for _, name in mapped.identify}
        columns |= {mapped.since: table.c[mapped.since]} if mapped.since else {}
        wanted = select(*key, *columns.values()).order_by(*key).limit(self.page)
        if after is not None:
            wanted = wanted.where(tuple_(*key) > tuple_(*after) if len(key) > 1 else key[0] > after[0])
        if not self.dry:
            wanted = wanted.with_for_update()
        return [
            (tuple(row[: len(key)]), dict(zip(columns, row[len(key) :], strict=True)))
            for row in connection.execute(wanted)
        ]

    def _found(self, mapped: Mapped, rows: Sequence[tuple[Key, dict[str, Any]]], done: Erased) -> list[Found]:
        """Return the rows that surely are of an erased person, from before."""
        names = {
            (key, kind): self.pseudonyms.identifier(kind, str(values[column]))
            for key, values in rows
            for kind, column in mapped.identify
            if values[column] is not None
        }
        stones = self.entombed(set(names.values())) if names else {}
        found = []
        for key, values in rows:
            known = {kind: names[key, kind] for kind, _ in mapped.identify if (key, kind) in names}
            stone = _stone(mapped, known, stones)
            if stone is None:
                continue
            old = self._is_old(mapped, values, stone)
            if old:
                found.append(Found(key, values, pairs_of(mapped)))
            done.undated += old is None
        return found

    def _is_old(self, mapped: Mapped, values: Mapping[str, Any], stone: Tombstone) -> bool | None:
        """Tell whether a row is from before a tombstone; None where nothing shows it."""
        at = values[mapped.since] if mapped.since else None
        if isinstance(at, dt.datetime):
            aware = at if at.tzinfo else at.replace(tzinfo=self.mapping.zone)
            return int(aware.timestamp() * 1_000_000) <= stone.before
        if isinstance(at, dt.date):
            day = dt.datetime.fromtimestamp(stone.before / 1_000_000, self.mapping.zone).date()
            return at < day or (None if at == day else False)
        # A reference is not given out twice: of what it names nothing can be newer.
        return True if all(rank(each) >= RANK["order_id"] for each in mapped.erase_by) else None

    def _below(
        self,
        connection: Connection,
        tables: Tables,
        hanging: Mapping[str, Sequence[Hang]],
        mapped: Mapped,
        found: dict[str, list[Found]],
    ) -> None:
        """Add the rows that hang on those found: what is found through them is hers, any other stays, and so does its row."""
        for each in hanging[mapped.name]:
            values = sorted({row.values[each.references] for row in found[mapped.name]} - {None}, key=str)
            below, table = tables[each.table]
            hers = below.through is not None and below.through.table == mapped.name
            if not values or each.table in found:
                continue
            key, columns = key_of(below, table), columns_of(below, table, hanging)
            wanted = select(*key, *columns).where(table.c[each.column].in_(values))
            found[each.table] = [
                Found(
                    tuple(row[: len(key)]),
                    dict(zip([one.name for one in columns], row[len(key) :], strict=True)),
                    pairs_of(below) if hers else frozenset(),
                )
                for row in connection.execute(wanted)
                if tuple(row[: len(key)]) not in self._gone[each.table]
            ]
            if hers:
                self._below(connection, tables, hanging, below, found)

    def _erase(
        self,
        work: Writing,
        tables: Tables,
        hanging: Mapping[str, Sequence[Hang]],
        found: Mapping[str, Sequence[Found]],
        done: dict[str, Erased],
    ) -> None:
        changes = erasing(self.mapping, hanging, found)
        if not self.dry:
            write(work, tables, self.mapping, changes)
        for name, change in changes.items():
            told = done[name]
            told.changed, told.deleted = told.changed + len(change.values), told.deleted + len(change.gone)
            told.left += change.left
            if self.dry:
                self._gone[name] |= set(change.gone)


def _stone(mapped: Mapped, known: Mapping[str, bytes], stones: Mapping[bytes, Tombstone]) -> Tombstone | None:
    """Return the tombstone that a row is under: by a kind that finds what is erased, and no higher identifier is another's."""
    for kind in mapped.erase_by:
        stone = stones.get(known[kind]) if kind in known else None
        higher = (name for other, name in known.items() if rank(other) < rank(kind))
        if stone is not None and all(name in stones for name in higher):
            return stone
    return None


def tombstones_of(closed: Collection[str], entombed: Entombed) -> Entombed:
    """Return what looks tombstones up and gives those of these cases alone."""

    def look_up(keys: Collection[bytes]) -> Mapping[bytes, Tombstone]:
        return {key: stone for key, stone in entombed(keys).items() if stone.case in closed}

    return look_up
