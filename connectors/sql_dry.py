"""Says by which statements changes of the shop's tables would be written, for a dry run. Pure: asks and changes no database."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from connectors.changes import Plain
from connectors.finding import Key
from connectors.mapping import Mapped, SystemMap
from connectors.statements import Statement
from connectors.undoing import Change, Changes
from lineage.cases.orders import Order

_PSEUDONYMISE = "pseudonymise"


def statements_of(mapping: SystemMap, order: Order, changes: Changes) -> Iterator[Statement]:
    """Return what `connectors.writing.write` would do, in its order; then what is left, and the tables with nothing to do.

    Rows that change in the same columns are one statement here, also where each gets a value of its own.
    """
    by_name = {each.name: each for each in mapping.tables}
    for name, change in changes.items():
        yield from _updates(order, by_name[name], change)
    for name in (each.name for each in mapping.deepest_first() if each.name in changes):
        if gone := changes[name].gone:
            yield Statement(order.party, "DELETE", name, len(gone), keys=gone)
    for name, change in sorted(changes.items()):
        if change.left or not change.changes:
            yield Statement(order.party, None, name, change.left)


def _updates(order: Order, mapped: Mapped, change: Change) -> Iterator[Statement]:
    alike: dict[tuple[str, ...], list[Key]] = defaultdict(list)
    for key, values in change.values.items():
        alike[tuple(values)].append(key)
    for columns, keys in alike.items():
        ways = {column: _way(order, mapped, column) for column in columns}
        new: Mapping[str, Plain] = change.values[keys[0]]
        told = {column: new[column] for column, way in ways.items() if way != _PSEUDONYMISE}
        yield Statement(order.party, "UPDATE", mapped.name, len(keys), ways, keys, told)


def _way(order: Order, mapped: Mapped, column: str) -> str:
    """Return what becomes of a column: the way its mapping declares, or what the order does to it."""
    if order.action != "erase":
        return order.action
    return next(each.erase.method for each in mapped.columns if each.name == column and each.erase is not None)
