"""Lists of keys: asks SQLite about many at once, so many at a time; pseudonyms as one value. Knows no table."""

import sqlite3
from collections.abc import Collection, Iterator
from typing import Any

from lineage.pseudonyms import LENGTH

_CHUNK = 512


def ask_listed(file: sqlite3.Connection, ask: str, keys: Collection[bytes], *more: object) -> list[tuple[Any, ...]]:
    """Return the rows of a question in which `{}` stands for the keys, and further parameters come after them."""
    rows: list[tuple[Any, ...]] = []
    for chunk in chunks(keys):
        rows += file.execute(ask.format(",".join("?" * len(chunk))), (*chunk, *more)).fetchall()
    return rows


def without(keys: bytes, going: Collection[bytes]) -> bytes:
    """Return pseudonyms, one after the other, without those that go."""
    every = [keys[at : at + LENGTH] for at in range(0, len(keys), LENGTH)]
    return b"".join(key for key in every if key not in going)


def chunks(keys: Collection[bytes]) -> Iterator[list[bytes]]:
    """Cut keys into sorted lists of at most 512; a list that is no power of two long repeats its last key until it is."""
    listed = sorted(keys)
    for first in range(0, len(listed), _CHUNK):
        chunk = listed[first : first + _CHUNK]
        # Filled up to a power of two, so that a database prepares ten texts and not one for every number of keys.
        yield chunk + chunk[-1:] * ((1 << (len(chunk) - 1).bit_length()) - len(chunk))
