"""A declared mapping of rows to events, as data. Reads no file; what forms do with a row is in `forms`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from connectors.secretfile import Secret
from lineage.register.model import Place
from schemas.catalogue import EventType
from schemas.shapes import Shape

EVENT_ID = "event_id"

Scalar: TypeAlias = str | int | bool | None


@dataclass(frozen=True, slots=True)
class CsvRows:
    """Files of CSV by a pattern, beside the mapping's own file. `header` names the columns of files that do not."""

    pattern: str
    folder: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class ParquetRows:
    """Files of Parquet by a pattern, beside the mapping's own file."""

    pattern: str
    folder: Path


@dataclass(frozen=True, slots=True)
class SqlRows:
    """One question to a database; `password` is read when it is asked."""

    url: str
    query: str
    password: Secret | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One value from a column, or from several joined. `place` is where the mapping says so.

    `shape` is what the event's field is. `decimal_comma`, `format` and `zone` say how the text is written.
    """

    field: str
    shape: Shape
    place: Place
    columns: tuple[str, ...]
    joined_by: str = " "
    codes: Mapping[str, Scalar] | None = None
    otherwise: Scalar = None
    format: str | None = None
    zone: ZoneInfo | None = None
    decimal_comma: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Whole:
    """A record made of parts; null, or left out of a list, where every part that comes from columns is empty."""

    parts: tuple[tuple[str, "Form"], ...]
    nullable: bool


@dataclass(frozen=True, slots=True)
class Several:
    """A list of fixed length less what is empty."""

    items: tuple["Form", ...]


@dataclass(frozen=True, slots=True)
class Each:
    """A list with one item for every row of a group: the rows that follow each other with the same key."""

    item: "Form"


Form: TypeAlias = Cell | Constant | Whole | Several | Each


@dataclass(frozen=True, slots=True)
class Backfill:
    """Rows, and what event each becomes.

    `key` are the columns that tell events apart; without them the mapping makes `event_id` itself. `only` are columns
    and the values of rows that are taken. `nulls` are texts that stand for nothing.
    """

    name: str
    kind: EventType
    rows: CsvRows | ParquetRows | SqlRows
    key: tuple[str, ...]
    only: Mapping[str, frozenset[str]]
    nulls: frozenset[str]
    fields: tuple[tuple[str, Form], ...]
    places: Mapping[str, Place]

    @property
    def grouped(self) -> bool:
        """Whether several rows make one event."""
        return any(isinstance(form, Each) for _, form in self.fields)

    @property
    def told_apart(self) -> tuple[str, ...]:
        """The columns that tell events apart: the key, or those that the rows' own id is made of."""
        own = (cell.columns for name, form in self.fields if name == EVENT_ID for cell in cells_of(form))
        return self.key or tuple(name for columns in own for name in columns)

    def columns(self) -> Iterator[tuple[str, Place]]:
        """Yield every column that is needed, with where the mapping names it."""
        for name in (*self.key, *self.only):
            yield name, self.places[name]
        for _, form in self.fields:
            for cell in cells_of(form):
                for name in cell.columns:
                    yield name, cell.place


def cells_of(form: Form) -> Iterator[Cell]:
    """Yield the cells that a form is made of."""
    match form:
        case Cell():
            yield form
        case Whole(parts=parts):
            for _, part in parts:
                yield from cells_of(part)
        case Several(items=items):
            for item in items:
                yield from cells_of(item)
        case Each(item=item):
            yield from cells_of(item)
        case Constant():
            return
