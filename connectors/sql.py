"""The `sql` connector: a person's rows in the shop's own tables, by a declared mapping: read, erased, corrected, restricted.

What the mapping declares no way for stays as it is, and is told: the task is then for a person.
"""

import asyncio
import datetime as dt
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from connectors.calling import NotSent
from connectors.finding import Asked, found_rows
from connectors.mapping import Mapped, SystemMap
from connectors.protocol import Limits
from connectors.replaying import Entombed, Erased, Replaying
from connectors.rows import found_by, hangs, tables_of
from connectors.sql_dry import statements_of
from connectors.statements import Statement
from connectors.tables import Writing, open_tables, reading, writing
from connectors.undoing import Changes, correcting, erasing, left_in, marking, told
from connectors.writing import write
from lineage.answers.records import Cell, Record, Value, records_as_json
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Refused, Retryable
from lineage.pseudonyms import Pseudonyms

LARGEST = 32 << 20
"""Bytes of all that is read of one person."""
_MANUAL = Outcome("manual", how="reads-only")
_NOT_HELD = Outcome("not_held", how="read-back")
_NO_IDENTIFIER = Outcome("manual", how="no-identifier")
_READ_BACK = "read-back"
_LEFT = "left in {}"


class SqlConnector:
    """Works on the tables of one system. Satisfies `connectors.protocol.Connector`."""

    def __init__(
        self,
        mapping: SystemMap,
        url: str,
        password: str | None = None,
        *,
        seconds: float = 30.0,
        limits: Limits | None = None,
        dry: Callable[[Statement], None] | None = None,
    ) -> None:
        """Connects to nothing yet; `seconds` bound each question. With `dry` nothing is written: it hears of each statement.

        Raises: Misconfigured: an address that cannot be used.
        """
        self._mapping, self._seconds, self._dry = mapping, seconds, dry
        self._engine = open_tables(url, password, mapping.system)
        self._writable = open_tables(url, password, mapping.system, writable=True)
        # A change is found, made, and read back.
        timeout = 3 * seconds * (len(mapping.tables) + 1)
        self._limits = replace(limits or Limits(calls=60, seconds=60.0), timeout=timeout)

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """Do what an order says in one transaction, and read it back in the next.

        `collect`: `evidence` is `records_as_json` of all that is held. Else it is the counts of each table, as JSON.
        `verified` by reading alone: nothing is left of what was asked. `partial` where something is; `ground` names the
        tables. `not_held` where there is no row of hers. `manual` where the mapping declares no way, or where no table
        can be asked by the kinds of identifiers given.

        Raises:
            Retryable: the database is away, busy or too slow, or rows were written meanwhile; what was done is done.
            Misconfigured: mapping and tables differ.
            Refused: more rows or bytes than the bounds allow, or a constraint stands against it: nothing was done.
            NotSent: it was a dry run.
        """
        if order.action == "collect":
            return await asyncio.to_thread(self._show_held if self._dry else self._collect, order)
        if not self._has_way(order):
            return _MANUAL
        if not any(way.identifiers and way.categories for way in order.sendings):
            return _NO_IDENTIFIER
        return await asyncio.to_thread(self._show_changes if self._dry else self._change, order)

    def counts(self, order: Order) -> Mapping[str, Mapping[str, int]]:
        """Return what an order would do, by table: `rows` of hers, `changed`, `deleted`, and `left` as they are.

        Changes nothing: it is read by a transaction that cannot write. Raises: as `send`.
        """
        return told(self._would(order))

    def erase_again(self, pseudonyms: Pseudonyms, entombed: Entombed, *, dry: bool) -> Mapping[str, Erased]:
        """Erase what a restored backup brought back of those whom `entombed` has tombstones for; return counts by table.

        With `dry` nothing is changed. Raises: as `send`; what was done before is done, and it can be run again.
        """
        engine = self._engine if dry else self._writable
        return Replaying(engine, self._mapping, pseudonyms, entombed, self._seconds, dry).run()

    async def ask(self, order: Order) -> Outcome:
        """Read whether anything is left of what was asked. Changes nothing."""
        if order.action == "collect" or not self._has_way(order):
            return await self.send(order)
        return await asyncio.to_thread(self._read_back, order, {})

    async def close(self) -> None:
        """Let connections go."""
        self._engine.dispose()
        self._writable.dispose()

    def unmapped(self) -> Mapping[str, Sequence[str]]:
        """Return, by table, the columns that the mapping does not read: what was added to a table since, and what is left out.

        Raises: as `send`.
        """
        with reading(self._engine, self._mapping.system, self._seconds) as connection:
            found = {}
            for each, table in tables_of(connection, self._mapping).values():
                read = {column.name for column in each.columns}
                found[each.name] = tuple(
                    sorted(str(column.name) for column in table.columns if column.name not in read)
                )
        return found

    def _has_way(self, order: Order) -> bool:
        """Tell whether the mapping declares anything for an action."""
        match order.action:
            case "erase":
                return any(each.erases for each in self._mapping.tables)
            case "rectify":
                return any(column.rectify for each in self._mapping.tables for column in each.columns)
            case "restrict" | "lift":
                return any(each.restrict is not None for each in self._mapping.tables)
            case _:
                return False

    def _would(self, order: Order) -> Changes:
        """Return what is to be done, read by a transaction that cannot write."""
        with reading(self._engine, self._mapping.system, self._seconds) as connection:
            return self._changes(order, Writing(connection), lock=False)

    def _show_changes(self, order: Order) -> Outcome:
        """Let a dry run hear of what would be written. Raises: NotSent, always; and as `send`."""
        return self._shown(order, list(statements_of(self._mapping, order, self._would(order))))

    def _show_held(self, order: Order) -> Outcome:
        """Let a dry run hear of what would be read. Raises: NotSent, where a table can be asked; and as `send`."""
        with reading(self._engine, self._mapping.system, self._seconds) as connection:
            held = []
            for each, table, hers in self._asked(connection, order):
                rows = connection.execute(select(func.count()).select_from(table).where(hers)).scalar_one()
                if rows > each.rows:
                    raise _too_many(each)
                columns = {column.name: "read" for column in each.columns}
                held.append(Statement(order.party, "SELECT", each.name, rows, columns))
        return self._shown(order, held) if held else _NO_IDENTIFIER

    def _shown(self, order: Order, statements: Iterable[Statement]) -> Outcome:
        for each in statements:
            if self._dry is not None:
                self._dry(each)
        raise NotSent(f"dry run: nothing was changed at {order.party}")

    def _change(self, order: Order) -> Outcome:
        with writing(self._writable, self._mapping.system, self._seconds) as work:
            changes = self._changes(order, work, lock=True)
        return self._read_back(order, changes)

    def _changes(self, order: Order, work: Writing, *, lock: bool) -> Changes:
        """Return what is to be done; with `lock` do it."""
        tables = tables_of(work.connection, self._mapping)
        by = _erased_by if order.action == "erase" else _known_by
        found = found_rows(work.connection, tables, self._mapping, Asked.of(order), by, lock=lock)
        if order.action == "erase":
            changes = erasing(self._mapping, hangs(self._mapping, tables), found)
        elif order.action == "rectify":
            changes = correcting(self._mapping, found, order.changes)
        else:
            changes = marking(self._mapping, found, on=order.action == "restrict")
        if lock:
            write(work, tables, self._mapping, changes)
        return changes

    def _read_back(self, order: Order, done: Changes) -> Outcome:
        now = self._would(order)
        evidence = json.dumps({"tables": told(done or now)}, sort_keys=True).encode()
        if any(each.changes for each in now.values()):
            if done:
                raise Retryable(f"rows of {self._mapping.system} were written while it worked: it is done again")
            return Outcome("partial", how=_READ_BACK, ground=_LEFT.format(", ".join(sorted(now))), evidence=evidence)
        if left := left_in(done, now):
            return Outcome("partial", how=_READ_BACK, ground=_LEFT.format(", ".join(left)), evidence=evidence)
        # A second attempt that finds nothing may come after a first one that did it all and could not say so.
        if order.attempt <= 1 and not any(each.rows for changes in (done, now) for each in changes.values()):
            return Outcome("not_held", how=_READ_BACK, evidence=evidence)
        return Outcome("verified", how=_READ_BACK, evidence=evidence)

    def _asked(self, connection: Connection, order: Order) -> Iterator[tuple[Mapped, Table, ColumnElement[bool]]]:
        """Return the tables that can be asked by the identifiers given, and what rows of hers fulfil."""
        tables = tables_of(connection, self._mapping)
        for each, table in tables.values():
            hers = found_by(each, tables, order.identifiers)
            if hers is not None:
                yield each, table, hers

    def _collect(self, order: Order) -> Outcome:
        records: list[Record] = []
        with reading(self._engine, self._mapping.system, self._seconds) as connection:
            asked = list(self._asked(connection, order))
            for each, table, hers in asked:
                names = [table.c[column.name] for column in each.columns]
                # One more than the bound, to notice that there are more.
                rows = connection.execute(select(*names).where(hers).limit(each.rows + 1)).all()
                if len(rows) > each.rows:
                    raise _too_many(each)
                records += self._records(each, rows)
        if not asked:
            return _NO_IDENTIFIER
        evidence = records_as_json(records)
        if len(evidence) > LARGEST:
            raise Refused(
                f"{self._mapping.system} holds more than {LARGEST} bytes of one person: hand them over by hand"
            )
        return Outcome("verified", how=_READ_BACK, evidence=evidence) if records else _NOT_HELD

    def _records(self, mapped: Mapped, rows: Iterable[Sequence[Any]]) -> list[Record]:
        found = [
            Record(
                self._mapping.system,
                mapped.title,
                tuple(
                    Cell(column.name, self._value(value, mapped, column.name), column.category, column.purpose,
                         column.nature, column.about)
                    for column, value in zip(mapped.columns, row, strict=True)
                ),
            )
            for row in rows
        ]  # fmt: skip
        # A database gives rows in no order; equal content must make equal bytes.
        return sorted(found, key=lambda each: records_as_json((each,)))

    def _value(self, value: object, mapped: Mapped, column: str) -> Value:
        if value is None or isinstance(value, str | bool | int):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if isinstance(value, dt.datetime):
            aware = value if value.tzinfo else value.replace(tzinfo=self._mapping.zone)
            return aware.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        if isinstance(value, dt.date | dt.time):
            return value.isoformat()
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        if isinstance(value, bytes | memoryview | bytearray):
            raise Misconfigured(
                f"{mapped.name}.{column} holds bytes, which nobody can read: take it out of the mapping"
            )
        return str(value)


def _too_many(mapped: Mapped) -> Refused:
    return Refused(f"{mapped.name} has more than {mapped.rows} rows of one person: raise rows in the mapping")


def _erased_by(mapped: Mapped) -> Sequence[str]:
    return mapped.erase_by


def _known_by(mapped: Mapped) -> Sequence[str]:
    return [kind for kind, _ in mapped.identify]
