"""Forms put to work on rows with known columns: each becomes a function from a row to a value. Reads nothing, knows no file."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

from schemas.extract import InvalidEvent
from streams.backfill.mapping import EVENT_ID, Backfill, Cell, Constant, Each, Form, Several, Whole, cells_of
from streams.backfill.texts import fault_of, reading_of

Row = Sequence[str]
Take = Callable[[Row], Any]


class Forms:
    """Makes events of rows whose columns stand where `columns` says."""

    def __init__(self, mapping: Backfill, columns: Mapping[str, int]) -> None:
        self._singles = [(name, taking(form, columns)) for name, form in mapping.fields if not isinstance(form, Each)]
        self._lists = [(name, taking(form.item, columns)) for name, form in mapping.fields if isinstance(form, Each)]
        self._key = [columns[name] for name in mapping.key]
        self._names, self._prefix = mapping.key, f"{mapping.name}-"
        self._told_apart = [columns[name] for name in mapping.told_apart]
        self._only = [(columns[name], values) for name, values in mapping.only.items()]

    def wanted(self, row: Row) -> bool:
        """Tell whether a row is one of those the mapping is about."""
        return all(row[index] in values for index, values in self._only)

    def key(self, row: Row) -> tuple[str, ...]:
        """Return what tells the row's event from others."""
        return tuple([row[index] for index in self._told_apart])

    def event(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Return the fields of the event that these rows are. Raises: InvalidEvent: names field and column, no value."""
        first = rows[0]
        event = {name: take(first) for name, take in self._singles}
        for name, take in self._lists:
            event[name] = [item for row in rows if (item := take(row)) not in (None, "")]
        if self._key:
            event[EVENT_ID] = self._event_id(first)
        return event

    def _event_id(self, row: Row) -> str:
        """Return an id made of the mapping's name and the key alone: the same row makes the same event, whenever it comes."""
        told = sha256(self._prefix.encode())
        for name, index in zip(self._names, self._key, strict=True):
            value = row[index]
            if not value:
                raise InvalidEvent(f"key: empty (column {name})")
            # With its length before it no two keys are one text.
            told.update(f"{len(value)}:{value}".encode())
        return self._prefix + told.hexdigest()[:32]


def taking(form: Form, columns: Mapping[str, int]) -> Take:
    """Return what takes a form's value out of a row. Raises there: InvalidEvent."""
    match form:
        case Constant(value=value):
            return lambda _: value
        case Cell():
            return _taking_cell(form, columns)
        case Whole():
            return _taking_whole(form, columns)
        case Several(items=items):
            takes = [taking(item, columns) for item in items]
            return lambda row: [value for take in takes if (value := take(row)) not in (None, "")]
        case Each():
            raise AssertionError("each is of a field, not inside another form")


def _taking_cell(cell: Cell, columns: Mapping[str, int]) -> Take:
    text = _text_of(cell, columns)
    read = reading_of(cell.shape, cell.format, cell.zone, comma=cell.decimal_comma)
    where = f"(column {' and '.join(cell.columns)})"
    empty = None if cell.shape.nullable or cell.shape.word != "string" else ""
    if cell.codes is not None:
        return _taking_code(cell, text, cell.codes, empty, where)
    if read is None:
        return text if empty is not None else lambda row: text(row) or None
    fault, needed = fault_of(cell.shape), not cell.shape.nullable and empty is None

    def take(row: Row) -> object:
        told = text(row)
        if not told:
            if needed:
                raise InvalidEvent(f"{cell.field}: empty {where}")
            return empty
        try:
            return read(told)
        except (ValueError, OverflowError):
            raise InvalidEvent(f"{cell.field}: {fault} {where}") from None

    return take


def _taking_code(cell: Cell, text: Take, codes: Mapping[str, Any], empty: str | None, where: str) -> Take:
    def take(row: Row) -> object:
        told = text(row)
        if told in codes:
            return codes[told]
        if not told and (cell.shape.nullable or empty is not None):
            return empty
        if cell.otherwise is None:
            raise InvalidEvent(f"{cell.field}: a code that is not declared {where}")
        return cell.otherwise

    return take


def _text_of(cell: Cell, columns: Mapping[str, int]) -> Take:
    indexes = [columns[name] for name in cell.columns]
    if len(indexes) == 1:
        return itemgetter(indexes[0])
    return lambda row: cell.joined_by.join([row[index] for index in indexes if row[index]])


def _taking_whole(form: Whole, columns: Mapping[str, int]) -> Take:
    takes = [(name, taking(part, columns)) for name, part in form.parts]
    told = sorted({columns[name] for cell in cells_of(form) for name in cell.columns}) if form.nullable else []

    def take(row: Row) -> dict[str, Any] | None:
        if told and not any(row[index] for index in told):
            return None
        return {name: part(row) for name, part in takes}

    return take
