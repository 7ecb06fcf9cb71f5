"""Writes changes into the shop's tables, each at rows named by their primary key. Decides nothing.

No statement is made here without the keys of the rows it is for: there is no other way to one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Delete, Table, Update, delete, tuple_, update

from connectors.finding import Key, key_of
from connectors.mapping import Mapped, SystemMap
from connectors.rows import Tables
from connectors.tables import Writing
from connectors.undoing import Changes
from lineage.errors import Refused

_AT_ONCE = 500
"""Rows a statement is for at most."""


def write(work: Writing, tables: Tables, mapping: SystemMap, changes: Changes) -> None:
    """Write all changes: new values first, then rows that go, those first that hang on others.

    Raises: what the database says, for `connectors.tables.writing` to turn into ours.
    """
    for name, change in changes.items():
        mapped, table = tables[name]
        work.table = name
        for values, keys in _alike(change.values):
            for some in _parts(keys):
                work.connection.execute(changed(mapped, table, some, values))
    for each in mapping.deepest_first():
        mapped, table = tables[each.name]
        work.table = each.name
        for some in _parts(changes[each.name].gone) if each.name in changes else ():
            work.connection.execute(removed(mapped, table, some))


def changed(mapped: Mapped, table: Table, keys: Sequence[Key], values: Mapping[str, Any]) -> Update:
    """Return the statement that gives rows new values. Raises: Refused: no rows, or no values, are named."""
    if not values:
        raise Refused(f"{mapped.name}: a change of nothing is none")
    return update(table).where(_at(mapped, table, keys)).values({table.c[name]: new for name, new in values.items()})


def removed(mapped: Mapped, table: Table, keys: Sequence[Key]) -> Delete:
    """Return the statement that deletes rows. Raises: Refused: no rows are named."""
    return delete(table).where(_at(mapped, table, keys))


def _at(mapped: Mapped, table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    columns = key_of(mapped, table)
    if not keys or any(len(each) != len(columns) or None in each for each in keys):
        raise Refused(f"{mapped.name}: a change must name the rows it is for")
    if len(columns) == 1:
        return columns[0].in_([each[0] for each in keys])
    return tuple_(*columns).in_(list(keys))


def _alike(values: Mapping[Key, Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], list[Key]]]:
    """Return rows together that get the same values."""
    groups: dict[tuple[tuple[str, Any], ...], list[Key]] = defaultdict(list)
    for key, each in values.items():
        groups[tuple(each.items())].append(key)
    return ((dict(each), keys) for each, keys in groups.items())


def _parts(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    return (keys[begin : begin + _AT_ONCE] for begin in range(0, len(keys), _AT_ONCE))
