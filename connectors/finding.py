"""Finds the rows of a person that an order is about, each with what the order names of it. Changes nothing."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, false, or_, select

from connectors.mapping import Mapped, SystemMap
from connectors.rows import Hang, Identifiers, Tables, collected_by, hangs, owned
from lineage.cases.orders import Order, Sending
from lineage.errors import Misconfigured, Refused
from lineage.identifiers import RANK, rank

Key = tuple[Any, ...]
"""A row's primary key."""


class Pair(NamedTuple):
    """What a column holds: a category, for a purpose."""

    category: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Found:
    """One row of hers.

    `named` is what the order is about and nothing keeps; `open` what it is about too, where nothing shows that this row is meant;
    `kept` what the law keeps of it.
    """

    key: Key
    values: Mapping[str, Any]
    named: frozenset[Pair]
    open: frozenset[Pair] = frozenset()
    kept: frozenset[Pair] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an order names, as conditions need it: identifiers by what they are about, and all that she is known by."""

    named: Mapping[Pair, Identifiers]
    kept: Mapping[Pair, Sequence[Identifiers]]
    hers: Identifiers
    before: int | None

    @classmethod
    def of(cls, order: Order) -> "Asked":
        """Return what an order names."""
        named: dict[Pair, set[tuple[str, str]]] = defaultdict(set)
        for pair, identifiers in _pairs(order.sendings):
            named[pair].update(identifiers)
        kept: dict[Pair, list[Identifiers]] = defaultdict(list)
        for pair, identifiers in _pairs(order.kept):
            kept[pair].append(identifiers)
        hers = {*order.identifiers, *(each for way in (*order.sendings, *order.kept) for each in way.identifiers)}
        return cls(named, kept, frozenset(hers), order.before)


def _pairs(ways: Iterable[Sending]) -> Iterable[tuple[Pair, Identifiers]]:
    return ((Pair(category, way.purpose), way.identifiers) for way in ways for category in way.categories)


def pairs_of(mapped: Mapped) -> frozenset[Pair]:
    """Return what the columns of a table hold."""
    return frozenset(Pair(each.category, each.purpose) for each in mapped.columns)


def key_of(mapped: Mapped, table: Table) -> Sequence[Column[Any]]:
    """Return the primary key of a table. Raises: Misconfigured: it has none."""
    if not (columns := list(table.primary_key.columns)):
        raise Misconfigured(f"{mapped.name} has no primary key: without one no single row of it can be changed")
    return columns


def columns_of(mapped: Mapped, table: Table, hanging: Mapping[str, Sequence[Hang]]) -> Sequence[Column[Any]]:
    """Return the columns that are looked at to change a table: those mapped, and those by which tables hang together."""
    names = {each.name: None for each in mapped.columns}
    names |= {each.references: None for each in hanging[mapped.name]}
    names |= {each.column: None for several in hanging.values() for each in several if each.table == mapped.name}
    names |= {mapped.restrict.column: None} if mapped.restrict else {}
    return [table.c[name] for name in names]


def found_rows(
    connection: Connection,
    tables: Tables,
    mapping: SystemMap,
    asked: Asked,
    by: Callable[[Mapped], Collection[str]],
    *,
    lock: bool,
) -> dict[str, list[Found]]:
    """Return her rows by table; `by` are the kinds of identifiers that find what is named. With `lock` nobody else changes them.

    Raises: Refused: more rows in a table than its bound. Misconfigured: mapping and tables differ.
    """
    hanging = hangs(mapping, tables)
    about = {each.name for each in mapping.tables if pairs_of(each) & asked.named.keys()}
    ties = {(name, each.table) for name, several in hanging.items() for each in several}
    # What hangs on a row must be known before the row goes; and one that stayed for another's sake may go with it.
    while more := {other for tie in ties if about & {*tie} for other in tie} - about:
        about |= more
    return {
        each.name: _of(connection, tables, mapping, each, asked, by, hanging, lock=lock)
        for each in mapping.tables
        if each.name in about
    }


def _of(
    connection: Connection,
    tables: Tables,
    mapping: SystemMap,
    mapped: Mapped,
    asked: Asked,
    by: Callable[[Mapped], Collection[str]],
    hanging: Mapping[str, Sequence[Hang]],
    *,
    lock: bool,
) -> list[Found]:
    table = tables[mapped.name][1]
    find = partial(owned, mapped, tables, hers=asked.hers, strict=False)
    hers = find(named=asked.hers, also=partial(_old, mapping, asked.before))
    if hers is None:
        return []
    pairs = sorted(pairs_of(mapped) & {*asked.named, *asked.kept})
    flags = []
    for pair in pairs:
        named = asked.named.get(pair, ())
        flags.append(_or_not(find(named=named, strict=True, by=by, also=partial(_surely, asked.before))))
        kept = {each for identifiers in asked.kept.get(pair, ()) for each in identifiers}
        flags.append(_or_not(find(named=kept, by=by)) if kept else false())
    key, columns = key_of(mapped, table), columns_of(mapped, table, hanging)
    wanted = select(*key, *columns, *(flag.label(f"flag_{n}") for n, flag in enumerate(flags)))
    wanted = wanted.where(hers).limit(mapped.rows + 1)
    rows = connection.execute(wanted.with_for_update(of=table) if lock else wanted).all()
    if len(rows) > mapped.rows:
        raise Refused(f"{mapped.name} has more than {mapped.rows} rows of one person: raise rows in the mapping")
    vague = frozenset(pair for pair in pairs if _is_vague(_root(mapped, tables), asked.kept.get(pair, ()), by))
    names = [each.name for each in columns]
    return [_found(row, len(key), names, pairs, asked.named.keys(), vague) for row in rows]


def _found(
    row: Row[Any],
    keys: int,
    columns: Sequence[str],
    pairs: Sequence[Pair],
    about: Collection[Pair],
    vague: frozenset[Pair],
) -> Found:
    flags = row[keys + len(columns) :]
    named = frozenset(pair for n, pair in enumerate(pairs) if flags[2 * n])
    kept = frozenset(pair for n, pair in enumerate(pairs) if flags[2 * n + 1]) - vague
    values = dict(zip(columns, row[keys:], strict=False))
    return Found(
        tuple(row[:keys]), values, named - kept - vague, frozenset(about) & {*pairs} - kept - (named - vague), kept
    )


def _or_not(condition: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return false() if condition is None else condition


def _old(mapping: SystemMap, before: int | None, mapped: Mapped, table: Table) -> ColumnElement[bool] | None:
    """What is surely newer is of somebody who came back; of what has no time nobody knows."""
    if before is None or mapped.since is None:
        return None
    return or_(collected_by(before, mapped, table, mapping), table.c[mapped.since].is_(None))


def _surely(before: int | None, mapped: Mapped, table: Table) -> ColumnElement[bool] | None:
    """A row that is named must be known to be old. One that a reference names is: references are not given out twice."""
    if before is None or all(rank(each) >= RANK["order_id"] for each in mapped.erase_by):
        return None
    return false() if mapped.since is None else table.c[mapped.since].is_not(None)


def _root(mapped: Mapped, tables: Tables) -> Mapped:
    while mapped.through is not None:
        mapped = tables[mapped.through.table][0]
    return mapped


def _is_vague(root: Mapped, kept: Iterable[Identifiers], by: Callable[[Mapped], Collection[str]]) -> bool:
    """Tell whether something is kept of which nobody can say in which rows it is."""
    return any(not {kind for kind, _ in identifiers} & set(by(root)) for identifiers in kept)
