"""Which rows of the shop's tables are a person's: conditions made of the mapping and her identifiers. Asks nothing itself.

An identifier is a value and never a part of a question.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, MetaData, Table, and_, func, or_, select
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.sql.elements import quoted_name

from connectors.mapping import Mapped, SystemMap
from lineage.errors import Misconfigured
from lineage.identifiers import normalised, rank

Identifiers = Collection[tuple[str, str]]
Tables = Mapping[str, tuple[Mapped, Table]]
_WHOLE = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)


def tables_of(connection: Connection, mapping: SystemMap) -> Tables:
    """Return each mapped table as it is in the database now. Raises: Misconfigured: mapping and tables differ."""
    found = {}
    for each in mapping.tables:
        try:
            table = Table(
                quoted_name(each.name, quote=True),
                MetaData(),
                schema=quoted_name(each.schema, quote=True) if each.schema else None,
                autoload_with=connection,
                resolve_fks=False,
            )
        except NoSuchTableError:
            raise Misconfigured(f"{mapping.system} has no table {each.name}: correct the mapping") from None
        needed = {column.name for column in each.columns} | {column for _, column in each.identify}
        needed |= {each.through.column} if each.through else set()
        needed |= {each.since} if each.since else set()
        needed |= {each.restrict.column} if each.restrict else set()
        needed |= {below.through.references for below in mapping.below(each.name) if below.through}
        for column in sorted(needed - set(table.c.keys())):
            raise Misconfigured(f"{each.name} has no column {column}: correct the mapping")
        found[each.name] = (each, table)
    return found


class Hang(NamedTuple):
    """How rows hang on those of another table: what stands in `column` there is what stands in `references` here."""

    table: str
    column: str
    references: str


def hangs(mapping: SystemMap, tables: Tables) -> Mapping[str, Sequence[Hang]]:
    """Return what hangs on each table: what is found through it, and what has a foreign key to it."""
    found: dict[str, set[Hang]] = {each.name: set() for each in mapping.tables}
    by_name = {table.fullname: name for name, (_, table) in tables.items()}
    for name, (mapped, table) in tables.items():
        if mapped.through is not None:
            found[mapped.through.table].add(Hang(name, mapped.through.column, mapped.through.references))
        for key in table.foreign_keys:
            target, _, column = key.target_fullname.rpartition(".")
            if target in by_name and by_name[target] != name:
                found[by_name[target]].add(Hang(name, key.parent.name, column))
    return {name: sorted(each) for name, each in found.items()}


def found_by(mapped: Mapped, tables: Tables, identifiers: Identifiers) -> ColumnElement[bool] | None:
    """Return what rows fulfil that are shown to a person; None where none of her identifiers is of a kind the table knows.

    A row that names another account than hers is not hers because of an address that both use.
    """
    return owned(mapped, tables, identifiers, identifiers, strict=False)


def owned(
    mapped: Mapped,
    tables: Tables,
    named: Identifiers,
    hers: Identifiers,
    *,
    strict: bool,
    by: Callable[[Mapped], Collection[str]] | None = None,
    also: Callable[[Mapped, Table], ColumnElement[bool] | None] | None = None,
) -> ColumnElement[bool] | None:
    """Return what rows fulfil that `named` find, by the kinds `by`, and that no higher identifier says are another's.

    `hers` are all identifiers of the person. With `strict` a row is another's also where nothing of her is known by the
    higher kind. `also` is asked of the rows that name her, of a table found through another: of those there.
    """
    table = tables[mapped.name][1]
    if mapped.through is not None:
        parent, above = tables[mapped.through.table]
        condition = owned(parent, tables, named, hers, strict=strict, by=by, also=also)
        if condition is None:
            return None
        return table.c[mapped.through.column].in_(select(above.c[mapped.through.references]).where(condition))
    kinds = [kind for kind, _ in mapped.identify] if by is None else by(mapped)
    parts = []
    for kind, name in mapped.identify:
        matches = list(_matches(kind, table.c[name], named)) if kind in kinds else []
        if matches:
            parts.append(and_(*matches, *_not_anothers(mapped, table, kind, hers, strict=strict)))
    if not parts:
        return None
    further = None if also is None else also(mapped, table)
    return or_(*parts) if further is None else and_(or_(*parts), further)


def collected_by(before: int, mapped: Mapped, table: Table, mapping: SystemMap) -> ColumnElement[bool]:
    """Return what rows fulfil that were collected by a moment (microseconds UTC). Raises: Misconfigured: `since` is no time."""
    column = table.c[str(mapped.since)]
    moment = dt.datetime.fromtimestamp(before // 1_000_000, dt.UTC).replace(microsecond=before % 1_000_000)
    kind = _python_type(column)
    if kind is dt.datetime:
        # A time without a zone is the shop's own.
        aware = getattr(column.type, "timezone", False)
        return column <= (moment if aware else moment.astimezone(mapping.zone).replace(tzinfo=None))
    if kind is dt.date:
        return column <= moment.astimezone(mapping.zone).date()
    raise Misconfigured(f"{mapped.name}.{column.name} is no time and no day: name another column as since")


def _not_anothers(
    mapped: Mapped, table: Table, kind: str, hers: Identifiers, *, strict: bool
) -> Iterable[ColumnElement[bool]]:
    for other, name in mapped.identify:
        if rank(other) < rank(kind) and (strict or any(each == other for each, _ in hers)):
            yield or_(table.c[name].is_(None), *_matches(other, table.c[name], hers))


def _matches(kind: str, column: Column[Any], identifiers: Identifiers) -> Iterable[ColumnElement[bool]]:
    # No database holds a NUL in a text, and PostgreSQL refuses the question.
    given = {value for each, value in identifiers if each == kind and "\0" not in value}
    if not given:
        return
    normal = {normalised(kind, value) for value in given}
    if kind == "email":
        yield func.lower(func.trim(column)).in_(sorted({value.strip().lower() for value in given} | normal))
    else:
        yield column.in_(_typed(given | normal, column))


def _typed(values: Iterable[str], column: Column[Any]) -> Sequence[Any]:
    """Return values as the column has them. A text that is not how the number is written is not the number: 007 is not 7."""
    kind = _python_type(column)
    if kind is int:
        return sorted({int(value) for value in values if _WHOLE.fullmatch(value)})
    if kind is UUID:
        return sorted({found for value in values if (found := _uuid(value)) is not None})
    if kind is str:
        return sorted(values)
    raise Misconfigured(
        f"{column.table.name}.{column.name} is neither text, whole number nor UUID: identify by another"
    )


def _python_type(column: Column[Any]) -> type:
    try:
        return column.type.python_type
    except NotImplementedError:  # a type of the database's own
        return object


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
