"""Decides what becomes of each row that was found: emptied, gone, marked, corrected. Pure: asks and changes no database."""

import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from connectors.changes import MARK, SIGNS, Erase
from connectors.finding import Found, Key, Pair
from connectors.mapping import Column, Mapped, SystemMap
from connectors.rows import Hang


@dataclass(frozen=True, slots=True)
class Change:
    """What is done in one table: new values by row, rows that go, and how many rows keep something that was asked for."""

    values: Mapping[Key, Mapping[str, Any]] = field(default_factory=dict)
    gone: Sequence[Key] = ()
    left: int = 0
    rows: int = 0
    """How many rows of hers there are."""
    kept: frozenset[Key] = frozenset()
    """The rows that stay because the law keeps something of them, or something that hangs on them."""

    @property
    def changes(self) -> bool:
        """Whether anything is done."""
        return bool(self.values or self.gone)


Changes = Mapping[str, Change]
Fate = Literal["gone", "kept", "left"]
"""What becomes of a row that hangs on another: it goes, the law keeps it, or it stays for another reason."""


class Pseudonyms:
    """Puts a pseudonym in the place of each value, under a key that is never kept: nobody can lead it back.

    Equal values get equal pseudonyms as long as this lives: what belonged together in several tables still does.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def of(self, value: object) -> str:
        """Return the pseudonym of a value."""
        return MARK + hmac.new(self._key, str(value).encode(), sha256).hexdigest()[:SIGNS]


def erasing(
    mapping: SystemMap, hanging: Mapping[str, Sequence[Hang]], found: Mapping[str, Sequence[Found]]
) -> dict[str, Change]:
    """Return what an erasure does: deepest tables first, for a row goes only once all that hangs on it goes."""
    pseudonyms, done = Pseudonyms(), dict[str, Change]()
    for mapped in mapping.deepest_first():
        if mapped.name in found:
            hung = _hung(hanging[mapped.name], found, done)
            done[mapped.name] = _erasing(mapped, found[mapped.name], hung, pseudonyms)
    return done


def _hung(
    hanging: Iterable[Hang], found: Mapping[str, Sequence[Found]], done: Mapping[str, Change]
) -> Mapping[str, Mapping[Any, set[Fate]]]:
    """Return, by column, the values that rows of other tables hang on, and what becomes of those rows."""
    hung: dict[str, dict[Any, set[Fate]]] = defaultdict(lambda: defaultdict(set))
    for each in (each for each in hanging if each.table in done):
        change = done[each.table]
        gone = set(change.gone)
        for row in (row for row in found[each.table] if row.values[each.column] is not None):
            fate: Fate = "gone" if row.key in gone else "kept" if row.key in change.kept else "left"
            hung[each.references][row.values[each.column]].add(fate)
    return hung


def _erasing(
    mapped: Mapped, rows: Sequence[Found], hung: Mapping[str, Mapping[Any, set[Fate]]], pseudonyms: Pseudonyms
) -> Change:
    values: dict[Key, Mapping[str, Any]] = {}
    gone, kept, left = list[Key](), set[Key](), 0
    for row in rows:
        fates = {fate for column, by in hung.items() for fate in by.get(row.values[column], ())}
        if _goes(mapped, row, freed="gone" in fates) and fates <= {"gone"}:
            gone.append(row.key)
            continue
        if "kept" in fates or any(_is_named(each, row.kept) and not _is_void(each, row) for each in mapped.columns):
            kept.add(row.key)
        emptied = {
            each.name: _erased(each.erase, row.values[each.name], pseudonyms)
            for each in mapped.columns
            if each.erase and not _goes_along(each) and _is_named(each, row.named) and not _is_void(each, row)
        }
        if emptied:
            values[row.key] = emptied
        left += any(_remains(each, row, emptied, kept=row.key in kept) for each in mapped.columns)
    return Change(values, gone, left, len(rows), frozenset(kept))


def _goes(mapped: Mapped, row: Found, *, freed: bool) -> bool:
    """Tell whether a row is deleted: something in it is named, and nothing else in it is left to keep.

    So does one that an erasure emptied before, and that stayed for the sake of rows that go now (`freed`).
    """
    empty = all(_is_named(each, row.named) or _is_void(each, row) or _goes_along(each) for each in mapped.columns)
    lawful = any(_is_named(each, row.kept) and not _is_void(each, row) for each in mapped.columns)
    return mapped.deletes and empty and not lawful and (bool(row.named) or freed)


def _remains(column: Column, row: Found, emptied: Mapping[str, Any], *, kept: bool) -> bool:
    """Tell whether a value stays that was asked for. What goes with its row may stay as long as the law keeps the row."""
    asked = _is_named(column, row.named | row.open)
    return asked and column.name not in emptied and not _is_void(column, row) and not (kept and _goes_along(column))


def _goes_along(column: Column) -> bool:
    return column.erase is not None and column.erase.method == "with-row"


def _is_named(column: Column, pairs: frozenset[Pair]) -> bool:
    return Pair(column.category, column.purpose) in pairs


def _is_void(column: Column, row: Found) -> bool:
    value = row.values[column.name]
    return value is None if column.erase is None else column.erase.is_void(value)


def _erased(erase: Erase, value: object, pseudonyms: Pseudonyms) -> object:
    if erase.method == "pseudonymise":
        return pseudonyms.of(value)
    return erase.constant  # None where it is emptied


def correcting(mapping: SystemMap, found: Mapping[str, Sequence[Found]], new: Mapping[str, str]) -> dict[str, Change]:
    """Return what a rectification does: the new value of a category, in the columns that may have it."""
    done = {}
    for mapped in (each for each in mapping.tables if each.name in found):
        values, left = {}, 0
        for row in found[mapped.name]:
            wrong = [each for each in mapped.columns if each.about == "person" and _differs(each, row, new)]
            corrected = {each.name: new[each.category] for each in wrong if each.rectify and _is_named(each, row.named)}
            if corrected:
                values[row.key] = corrected
            left += any(each.name not in corrected and _is_named(each, row.named | row.open) for each in wrong)
        done[mapped.name] = Change(values, (), left, len(found[mapped.name]))
    return done


def _differs(column: Column, row: Found, new: Mapping[str, str]) -> bool:
    value = row.values[column.name]
    return column.category in new and value is not None and str(value) != new[column.category]


def marking(mapping: SystemMap, found: Mapping[str, Sequence[Found]], *, on: bool) -> dict[str, Change]:
    """Return what a restriction does, or its lifting: rows of which anything is named are marked, whole."""
    done = {}
    for mapped in (each for each in mapping.tables if each.name in found):
        mark, rows = mapped.restrict, [each for each in found[mapped.name] if each.named]
        if mark is None:
            done[mapped.name] = Change(left=len(rows), rows=len(rows))
            continue
        wanted = mark.on if on else mark.off
        values = {each.key: {mark.column: wanted} for each in rows if each.values[mark.column] != wanted}
        done[mapped.name] = Change(values, (), 0, len(rows))
    return done


def told(changes: Changes) -> dict[str, dict[str, int]]:
    """Return the counts of each table, without anything of a person."""
    return {
        name: {"rows": each.rows, "changed": len(each.values), "deleted": len(each.gone), "left": each.left}
        for name, each in sorted(changes.items())
    }


def left_in(*several: Changes) -> tuple[str, ...]:
    """Return the tables in which something that was asked for is left."""
    return tuple(sorted({name for changes in several for name, each in changes.items() if each.left}))
