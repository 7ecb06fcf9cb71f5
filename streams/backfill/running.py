"""A declared mapping at work: its tables one after the other, in chunks, for whatever takes them in. Knows no bus."""

from collections.abc import AsyncIterator, Callable, Iterator

from streams.backfill.csv_tables import files_of
from streams.backfill.forming import Forming, check_columns
from streams.backfill.mapping import Backfill, CsvRows, ParquetRows, SqlRows
from streams.backfill.sql_tables import sql_table
from streams.backfill.tables import file_table
from streams.background import in_background
from streams.chunks import Chunk


def check_files(mapping: Backfill) -> int:
    """Look at the headers of all files before anything is recorded; return their size in bytes, 0 for a query.

    Raises: Misconfigured: a file cannot be used, or lacks a column.
    """
    if isinstance(mapping.rows, SqlRows):
        return 0
    files = files_of(mapping.rows)
    for file in files:
        with file_table(file, mapping, mapping.rows) as table:
            check_columns(mapping, table)
    return sum(file.stat().st_size for file in files)


async def backfill_chunks(
    mapping: Backfill, forming: Forming, dead: Callable[[], int] = lambda: 0
) -> AsyncIterator[tuple[Chunk, int]]:
    """Yield the records of all rows, each chunk with the bytes read so far. Ends early at too many bad rows.

    `dead` tells how many were bad in the end: some faults, such as a party that nobody knows, are found when events are
    recorded.

    Raises: Misconfigured, Retryable: a file or the database cannot be read; what came before stays.
    """
    source = chunks_of(mapping, forming)
    if isinstance(mapping.rows, SqlRows):  # a database may let wait
        async for chunk in in_background(source):
            yield chunk
            forming.formed.stopped |= forming.is_too_bad(dead())
        return
    for chunk in source:
        yield chunk
        forming.formed.stopped |= forming.is_too_bad(dead())


def chunks_of(mapping: Backfill, forming: Forming) -> Iterator[tuple[Chunk, int]]:
    """Yield the same without a loop to yield to."""
    if isinstance(mapping.rows, SqlRows):
        with sql_table(mapping.name, mapping.rows) as table:
            yield from forming.chunks(table)
        return
    yield from _from_files(mapping, mapping.rows, forming)


def _from_files(mapping: Backfill, rows: CsvRows | ParquetRows, forming: Forming) -> Iterator[tuple[Chunk, int]]:
    done = 0
    for file in files_of(rows):
        before = done
        with file_table(file, mapping, rows) as table:
            for chunk, read in forming.chunks(table):
                done = before + read
                yield chunk, done
        if forming.formed.stopped:
            return
