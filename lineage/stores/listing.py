"""Asks SQLite about many keys at once, so many at a time. Knows no table."""

import sqlite3
from collections.abc import Collection
from typing import Any

_CHUNK = 512


def ask_listed(file: sqlite3.Connection, ask: str, keys: Collection[bytes], *more: object) -> list[tuple[Any, ...]]:
    """Return the rows of a question in which `{}` stands for the keys, and further parameters come after them."""
    listed = sorted(keys)
    rows: list[tuple[Any, ...]] = []
    for first in range(0, len(listed), _CHUNK):
        chunk = listed[first : first + _CHUNK]
        # Filled up to a power of two, so that SQLite prepares ten texts and not one for every number of keys.
        chunk += chunk[-1:] * ((1 << (len(chunk) - 1).bit_length()) - len(chunk))
        rows += file.execute(ask.format(",".join("?" * len(chunk))), (*chunk, *more)).fetchall()
    return rows
