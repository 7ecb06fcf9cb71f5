"""The tables of a mapping, wherever their rows come from: each opened in its turn, and closed after it. Knows no event."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from streams.backfill.csv_tables import csv_table, files_of
from streams.backfill.mapping import Backfill, CsvRows, ParquetRows, SqlRows
from streams.backfill.parquet_tables import parquet_table
from streams.backfill.sql_tables import sql_table
from streams.backfill.table import Table


def tables_of(mapping: Backfill) -> Iterator[tuple[str, Table]]:
    """Yield every table with its name. Raises: Misconfigured, Retryable: one cannot be used, or the database is away."""
    if isinstance(mapping.rows, SqlRows):
        with sql_table(mapping.name, mapping.rows) as table:
            yield mapping.name, table
        return
    for file in files_of(mapping.rows):
        with file_table(file, mapping, mapping.rows) as table:
            yield file.name, table


def file_table(file: Path, mapping: Backfill, rows: CsvRows | ParquetRows) -> AbstractContextManager[Table]:
    """Return one file, to be opened. Raises, when it is: Misconfigured: it cannot be used."""
    if isinstance(rows, ParquetRows):
        return parquet_table(file, rows.folder, dict(mapping.columns()))
    return csv_table(file, rows)
