"""The `sql` connector: reads what the shop's own tables hold of one person, by a declared mapping. It only ever reads.

It answers `collect` (GDPR Art. 15, 20). To erase, rectify or restrict in those tables is the shop's own system's business:
such a task becomes `manual`, for a person or for the system's own connector.
"""

import asyncio
import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, MetaData, Table, func, or_, select
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql.elements import quoted_name

from connectors.mapping import Mapped, SystemMap
from connectors.protocol import Limits
from connectors.tables import open_tables, reading
from lineage.answers.records import Cell, Record, Value, records_as_json
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Refused
from lineage.identifiers import normalised

LARGEST = 32 << 20
"""Bytes of all that is read of one person."""
_MANUAL = Outcome("manual", how="reads-only")
_NOT_HELD = Outcome("not_held", how="read-back")
_NO_IDENTIFIER = Outcome("manual", how="no-identifier")
_READ_BACK = "read-back"
_WHOLE = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)


class SqlConnector:
    """Reads the tables of one system. Satisfies `connectors.protocol.Connector`."""

    def __init__(self, mapping: SystemMap, url: str, password: str | None = None, *, seconds: float = 30.0) -> None:
        """Connects to nothing yet; `seconds` bound each question. Raises: Misconfigured: an address that cannot be used."""
        self._mapping, self._seconds = mapping, seconds
        self._engine = open_tables(url, password, mapping.system)
        self._limits = Limits(calls=60, seconds=60.0, timeout=seconds * (len(mapping.tables) + 1))

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """Read all that is held of the person with these identifiers; `evidence` is `records_as_json` of it.

        `verified` by reading: these are the rows there are. `manual` for anything but `collect`, and where no table can be
        asked by the kinds of identifiers given.

        Raises:
            Retryable: the database is away, busy or too slow. Misconfigured: mapping and tables differ.
            Refused: one person has more rows, or more bytes, than the bounds allow: nothing is cut off unseen.
        """
        if order.action != "collect":
            return _MANUAL
        return await asyncio.to_thread(self._collect, order.identifiers)

    async def ask(self, order: Order) -> Outcome:
        """Read again; it is all that can be asked."""
        return await self.send(order)

    async def close(self) -> None:
        """Let connections go."""
        self._engine.dispose()

    def unmapped(self) -> Mapping[str, Sequence[str]]:
        """Return, by table, the columns that the mapping does not read: what was added to a table since, and what is left out.

        Raises: as `send`.
        """
        with reading(self._engine, self._mapping.system, self._seconds) as connection:
            found = {}
            for each, table in self._tables(connection).values():
                read = {column.name for column in each.columns}
                found[each.name] = tuple(
                    sorted(str(column.name) for column in table.columns if column.name not in read)
                )
        return found

    def _collect(self, identifiers: Sequence[tuple[str, str]]) -> Outcome:
        records: list[Record] = []
        asked = 0
        with reading(self._engine, self._mapping.system, self._seconds) as connection:
            tables = self._tables(connection)
            for each, table in tables.values():
                condition = _condition(each, tables, identifiers)
                if condition is None:
                    continue
                asked += 1
                names = [table.c[column.name] for column in each.columns]
                # One more than the bound, to notice that there are more.
                rows = connection.execute(select(*names).where(condition).limit(each.rows + 1)).all()
                if len(rows) > each.rows:
                    raise Refused(
                        f"{each.name} has more than {each.rows} rows of one person: raise rows in the mapping"
                    )
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

    def _tables(self, connection: Connection) -> dict[str, tuple[Mapped, Table]]:
        """Return each mapped table as it is in the database now."""
        found = {}
        for each in self._mapping.tables:
            try:
                table = Table(
                    quoted_name(each.name, quote=True),
                    MetaData(),
                    schema=quoted_name(each.schema, quote=True) if each.schema else None,
                    autoload_with=connection,
                    resolve_fks=False,
                )
            except NoSuchTableError:
                raise Misconfigured(f"{self._mapping.system} has no table {each.name}: correct the mapping") from None
            ways = [column for _, column in each.identify] + ([each.through.column] if each.through else [])
            needed = {*ways, *(column.name for column in each.columns)}
            needed |= {
                one.through.references for one in self._mapping.tables if one.through and one.through.table == each.name
            }
            for column in sorted(needed - set(table.c.keys())):
                raise Misconfigured(f"{each.name} has no column {column}: correct the mapping")
            found[each.name] = (each, table)
        return found

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


def _condition(
    mapped: Mapped, tables: Mapping[str, tuple[Mapped, Table]], identifiers: Sequence[tuple[str, str]]
) -> ColumnElement[bool] | None:
    """Return what a person's rows of a table fulfil; None where none of her identifiers is of a kind it knows."""
    table = tables[mapped.name][1]
    if mapped.through is not None:
        parent, above = tables[mapped.through.table]
        condition = _condition(parent, tables, identifiers)
        if condition is None:
            return None
        return table.c[mapped.through.column].in_(select(above.c[mapped.through.references]).where(condition))
    parts = [part for kind, name in mapped.identify for part in _matches(kind, table.c[name], identifiers)]
    return or_(*parts) if parts else None


def _matches(kind: str, column: Column[Any], identifiers: Sequence[tuple[str, str]]) -> Iterable[ColumnElement[bool]]:
    # No database holds a NUL in a text, and PostgreSQL refuses the question.
    given = {value for each, value in identifiers if each == kind and "\0" not in value}
    if not given:
        return
    normal = {normalised(kind, value) for value in given}
    if kind == "email":
        yield func.lower(func.trim(column)).in_(sorted({value.strip().lower() for value in given} | normal))
    else:
        yield column.in_(_typed(given | normal, column))


def _typed(values: Iterable[str], column: Column[Any]) -> list[Any]:
    """Return values as the column has them. A text that is not how the number is written is not the number: 007 is not 7."""
    try:
        kind = column.type.python_type
    except NotImplementedError:  # a type of the database's own
        kind = object
    if kind is int:
        return sorted({int(value) for value in values if _WHOLE.fullmatch(value)})
    if kind is UUID:
        return sorted({found for value in values if (found := _uuid(value)) is not None})
    if kind is str:
        return sorted(values)
    raise Misconfigured(
        f"{column.table.name}.{column.name} is neither text, whole number nor UUID: identify by another"
    )


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
