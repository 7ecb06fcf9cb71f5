"""Rows of a query as texts, as they would stand in a file. Knows no event; the database is asked in `connectors.queries`."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from streams.backfill.mapping import SqlRows
from streams.backfill.table import Bad, Good, Row, Table

_Text = Callable[[object], str]


@contextmanager
def sql_table(name: str, rows: SqlRows) -> Iterator[Table]:
    """Ask the question of a mapping named `name`. Raises: Misconfigured, Retryable: also while its rows are read."""
    # SQLAlchemy takes longer to import than a question takes to answer.
    from connectors.queries import answered

    password = None if rows.password is None else rows.password.read()
    with answered(rows.url, password, name, rows.query) as answer:
        columns = list(answer.columns)
        yield Table(f"{name}, row ", columns, _rows(columns, answer.parts))


def _rows(columns: Sequence[str], parts: Iterator[Sequence[Sequence[object]]]) -> Iterator[tuple[Row, int]]:
    number = 0
    for part in parts:
        for values in part:
            number += 1
            try:
                yield Good(number, [each if each.__class__ is str else text_of(each) for each in values]), 0
            except ValueError:
                bytes_in = [name for name, each in zip(columns, values, strict=True) if isinstance(each, _BYTES)]
                yield Bad(number, f"bytes, which nobody can read (column {' and '.join(bytes_in)})", b""), 0


_BYTES = (bytes, bytearray, memoryview)


def text_of(value: object) -> str:
    """Return a value of a database as text; what is null is empty. Raises: ValueError: bytes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | float):
        return format(value, "f") if isinstance(value, Decimal) else repr(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if isinstance(value, _BYTES):
        raise ValueError("bytes")  # noqa: TRY004 - a fault of the row, not of a caller
    return str(value)
