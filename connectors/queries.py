"""Streams the answer to one question of the shop's own, read by a transaction that cannot write. Knows no person and no event."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from connectors.tables import open_tables, reading

PART = 2_000
_SECONDS = 86_400.0
"""A history may take its time; a forgotten question ends."""


class Answer(NamedTuple):
    """Names of columns, and rows in parts; only one part is held in memory."""

    columns: Sequence[str]
    parts: Iterator[Sequence[Sequence[Any]]]


@contextmanager
def answered(url: str, password: str | None, system: str, query: str) -> Iterator[Answer]:
    """Ask the question as it is written, with nothing put in, and give its answer while it is read.

    Raises: Misconfigured, Retryable: as `reading`; also while parts are read.
    """
    engine = open_tables(url, password, system)
    try:
        with reading(engine, system, _SECONDS) as connection:
            # A percent sign is one, and PostgreSQL keeps what is not read yet on its side.
            asked = connection.execution_options(no_parameters=True, stream_results=True, max_row_buffer=PART)
            result = asked.exec_driver_sql(query)
            yield Answer(list(result.keys()), result.partitions(PART))
    finally:
        engine.dispose()
