"""Rows of Parquet files as texts, as they would stand in CSV: read in parts, by the columns that are needed. Knows no event.

pyarrow is an extra of its own (`jalki[parquet]`), and loaded where a file is opened. What a file says of itself is
checked before any row is read: a column that no text can be made of is refused at its line of the mapping.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from lineage.errors import Misconfigured
from lineage.register.model import Place
from streams.backfill.csv_tables import shown
from streams.backfill.sql_tables import text_of
from streams.backfill.table import Bad, Good, Row, Table

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    Column: TypeAlias = pa.Array

PART = 2_000
"""Rows that are read at once; a file may have all of its rows in one group."""
LONGEST = 1 << 17
"""Bytes of one cell, as of CSV."""
_BUFFER = 1 << 20
_MOST_NAMES = 10 << 20
"""Bytes of one name in what a file says of itself; a hostile one could ask for gigabytes."""
_KEPT = 1 << 16
_ENCRYPTED = b"PARE"
INSTALL = "to read Parquet, install pyarrow: pip install 'jalki[parquet]'; or make CSV of it"


@contextmanager
def parquet_table(path: Path, folder: Path, needed: Mapping[str, Place]) -> Iterator[Table]:
    """Open one file. `needed` are the columns that are read, with where the mapping names them; others are empty.

    Raises: Misconfigured: pyarrow is not installed; the file cannot be read, is cut off, encrypted or no Parquet; a
    column that is needed holds lists, records, bytes or spans of time. Also while rows are read: the file is damaged.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise Misconfigured(INSTALL) from None
    _check_ends(path)
    try:
        file = pq.ParquetFile(
            path,
            buffer_size=_BUFFER,
            pre_buffer=False,
            thrift_string_size_limit=_MOST_NAMES,
            page_checksum_verification=True,
        )
    except (pa.ArrowException, OSError, ValueError):
        raise Misconfigured(f"{path.name} is no Parquet that can be read, or is cut off: export it anew") from None
    with file:
        schema = file.schema_arrow
        _check_types(shown(path, folder), schema, needed)
        yield Table(f"{shown(path, folder)}, row ", schema.names, _rows(path, file, set(needed)))


def _check_ends(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(-min(4, path.stat().st_size), 2)
            end = file.read(4)
    except OSError as cause:
        raise Misconfigured(f"{path.name} cannot be read: {cause.strerror}") from cause
    if _ENCRYPTED in (start, end):
        raise Misconfigured(f"{path.name} is encrypted: export it without encryption, to a disk that is encrypted")


def _check_types(name: str, schema: "pa.Schema", needed: Mapping[str, Place]) -> None:
    faults = dict[str, None]()
    for field in schema:
        if field.name in needed and (held := _unreadable(field.type)):
            faults[
                f"{needed[field.name]}: {name}: the column {field.name} holds {held}: make a text of it in the export"
            ] = None
    if faults:
        raise Misconfigured("\n".join(faults))


def _unreadable(kind: "pa.DataType") -> str:
    """Return what a column holds that no text can be made of; nothing where one can."""
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_nested(kind):
        return "lists or records"
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return "bytes"
    return "spans of time" if types.is_duration(kind) or types.is_interval(kind) else ""


def _rows(path: Path, file: "pq.ParquetFile", needed: set[str]) -> Iterator[tuple[Row, int]]:
    names: Sequence[str] = file.schema_arrow.names
    wanted = sorted({name for name in names if name in needed}, key=names.index)
    total, size, number = file.metadata.num_rows, path.stat().st_size, 0
    for columns in _parts(path, file, wanted):
        texts, bad = _texts(dict(zip(wanted, columns, strict=True)))
        filled = [texts.get(name) or repeat("") for name in names]
        for at, cells in enumerate(zip(*filled, strict=False)):
            number += 1
            read = size * number // max(total, number)
            if reason := bad.get(at):
                yield Bad(number, reason, "\t".join(cells)[:_KEPT].encode(errors="replace")), read
            else:
                yield Good(number, cells), read


def _parts(path: Path, file: "pq.ParquetFile", wanted: Sequence[str]) -> Iterator[Sequence["Column"]]:
    """Yield the columns that are wanted, so many rows at once. Raises: Misconfigured: what follows is damaged."""
    import pyarrow as pa

    read = 0
    batches = file.iter_batches(PART, columns=list(wanted), use_threads=False)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError, ValueError):
            raise Misconfigured(
                f"{path.name} cannot be read behind row {read:,}: it is damaged, or columns of it are encrypted;"
                " what came before stays"
            ) from None
        if batch is None:
            return
        read += batch.num_rows
        yield batch.columns


def _texts(columns: Mapping[str, "Column"]) -> tuple[dict[str, Sequence[str]], dict[int, str]]:
    """Return the texts of each column, and why rows are bad, by their place in this part."""
    texts: dict[str, Sequence[str]] = {}
    bad: dict[int, str] = {}
    for name, column in columns.items():
        try:
            texts[name] = _at_once(column)
        except (ValueError, OverflowError, ArithmeticError):  # one of them is what no text can be made of
            texts[name] = _one_by_one(name, column, bad)
    return texts, bad


def _at_once(column: "Column") -> Sequence[str]:
    """Return the texts of a whole column. Raises: ValueError, OverflowError: of one cell at least there is none."""
    import pyarrow as pa
    from pyarrow import compute, types

    kind = column.type
    if types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if types.is_string_view(kind):
        column, kind = column.cast(pa.large_string()), pa.large_string()
    if types.is_string(kind) or types.is_large_string(kind):
        longest = compute.max(compute.binary_length(column)).as_py() if len(column) else 0
        if (longest or 0) > LONGEST:
            raise ValueError
        found: list[str] = column.fill_null("").to_pylist()
        return found
    if types.is_integer(kind) or types.is_float32(kind) or types.is_float16(kind):
        # Of few digits, the number that was meant: 12.9, and not what else a float of 32 bits is in one of 64.
        return list(compute.cast(column, pa.string()).fill_null("").to_pylist())
    if types.is_timestamp(kind):
        # Events are told to the microsecond; an instant is the same on every clock.
        exact = pa.timestamp("us", "UTC" if kind.tz else None)
        column = column.cast(exact, safe=False) if kind.unit == "ns" else column.cast(exact)
    if types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    return [_text(each) for each in column.to_pylist()]


def _text(value: object) -> str:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        value = value.astimezone(dt.UTC)
    return text_of(value)


def _one_by_one(name: str, column: "Column", bad: dict[int, str]) -> Sequence[str]:
    """Return the texts of a column cell by cell; of what has none, the row is bad and its cell empty."""
    found: list[str] = []
    for at in range(len(column)):
        try:
            (text,) = _at_once(column.slice(at, 1))
        except (ValueError, OverflowError, ArithmeticError) as fault:
            text = ""
            bad.setdefault(at, _reason(fault).format(column=name))
        found.append(text)
    return found


def _reason(fault: Exception) -> str:
    if isinstance(fault, UnicodeDecodeError):
        return "not utf-8 (column {column})"
    return "a value that no text can be made of, or larger than 128 KiB (column {column})"
