"""What rows look like to whoever makes events of them, wherever they come from. Holds no rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias


class Good(NamedTuple):
    """A row: its number, counted as whoever looks for it counts, and the text of every cell; what is null is empty."""

    number: int
    cells: Sequence[str]


class Bad(NamedTuple):
    """What stands where a row should, and why it is none; `raw` is for the dead letter alone."""

    number: int
    reason: str
    raw: bytes


Row: TypeAlias = Good | Bad


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the names of their columns, each with the bytes read so far. `position` is put before a row's number."""

    position: str
    columns: Sequence[str]
    rows: Iterator[tuple[Row, int]]
