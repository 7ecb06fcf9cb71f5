"""Rows about one person, of the shop's own tables or of a party that was asked, and their JSON form. Knows no database."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from lineage.errors import Misconfigured

Value = str | int | float | bool | None
Nature = Literal["provided", "observed", "inferred"]
UNSORTED = "other"
"""The category of what a party sent and nobody has said what it is."""
NATURES: tuple[Nature, ...] = get_args(Nature)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, and what it is: its category, the purpose it is kept for, and whether she gave it or we made it.

    `about` says whose it is: `person` hers; `other` perhaps another person's (who received the goods); `text` free text,
    in which others may be named. Times in `value` are ISO 8601.
    """

    name: str
    value: Value
    category: str
    purpose: str
    nature: Nature
    about: Literal["person", "other", "text"] = "person"


@dataclass(frozen=True, slots=True)
class Record:
    """One row of one table of one system."""

    system: str
    table: str
    cells: tuple[Cell, ...]


def records_as_json(records: Iterable[Record]) -> bytes:
    """Return records as canonical JSON; equal records give equal bytes."""
    told = [asdict(each) for each in records]
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


MOST_KEPT = 600 << 10
"""Bytes of records packed: with the rest of its entry they go into one record of the log of cases."""


def packed(records: Iterable[Record]) -> bytes:
    """Return records as they are kept with a case."""
    return zlib.compress(records_as_json(records), 9)


def unpacked(kept: bytes) -> Sequence[Record]:
    """Return the records of `packed`. Raises: Misconfigured: it is something else."""
    try:
        return read_records(zlib.decompress(kept))
    except zlib.error as cause:
        raise Misconfigured("the copy of a party cannot be read: ask it again") from cause


def read_records(text: bytes) -> Sequence[Record]:
    """Return the records of `records_as_json`. Raises: Misconfigured: it is something else."""
    try:
        return tuple(
            Record(each["system"], each["table"], tuple(Cell(**cell) for cell in each["cells"]))
            for each in json.loads(text)
        )
    except (ValueError, TypeError, KeyError) as cause:
        raise Misconfigured("the records of a system cannot be read: ask it again") from cause
