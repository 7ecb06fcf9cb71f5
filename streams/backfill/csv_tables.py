"""Rows of CSV files (RFC 4180), whatever is wrong with some of them. Knows no event.

A file is read line by line; a row that cannot be one is told by its line, and reading goes on behind it.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path

from lineage.errors import Misconfigured
from streams.backfill.mapping import CsvRows, ParquetRows
from streams.backfill.table import Bad, Good, Row, Table

MOST_LINES = 100
"""Lines of one row; behind a quote that is not closed the rest of the file would be one."""
LONGEST = 1 << 20
_KEPT = 1 << 16
_LOOK = 1_000
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"(\xb5/\xfd": "zstd", b"BZh": "bzip2"}
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def files_of(rows: CsvRows | ParquetRows) -> Sequence[Path]:
    """Return the files of a pattern, sorted. Raises: Misconfigured: there is none."""
    pattern = Path(rows.pattern)
    try:
        found = (
            Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
            if pattern.is_absolute()
            else rows.folder.glob(rows.pattern)
        )
        files = sorted(each for each in found if each.is_file())
    except (ValueError, OSError, NotImplementedError):
        files = []
    if not files:
        raise Misconfigured(f"no file is named like {rows.pattern}, seen from the folder of the mapping")
    return files


@contextmanager
def csv_table(path: Path, rows: CsvRows) -> Iterator[Table]:
    """Open one file, with its header read.

    Raises: Misconfigured: it cannot be read, is packed or no text, or has no header that can be read.
    """
    try:
        binary = path.open("rb")
    except OSError as cause:
        raise Misconfigured(f"{path.name} cannot be read: {cause.strerror}") from cause
    with binary:
        _check_start(path.name, binary)
        encoding = "utf-8-sig" if rows.encoding == "utf-8" else rows.encoding
        text = TextIOWrapper(binary, encoding, errors="surrogateescape", newline="")
        reading = _Reading(text, binary, rows)
        columns = rows.header or _header(path.name, reading)
        yield Table(f"{shown(path, rows.folder)}:", columns, reading.rows(columns))


def shown(path: Path, folder: Path) -> str:
    """Return how a file is named in positions; a file's name need not be text, a position is."""
    shown = path.relative_to(folder) if path.is_relative_to(folder) else path
    return str(shown).encode(errors="backslashreplace").decode()


def _check_start(name: str, file: BufferedReader) -> None:
    start = file.peek(_LOOK)
    for magic, packed in _PACKED.items():
        if start.startswith(magic):
            raise Misconfigured(f"{name} is packed with {packed}: unpack it first")
    if start.startswith(_WIDE) or b"\0" in start.partition(b"\n")[0]:
        raise Misconfigured(f"{name} is no text in one of the encodings there are: save it as UTF-8")


def _header(name: str, reading: "_Reading") -> Sequence[str]:
    first = next(reading.raw_rows(), None)
    if first is None:
        raise Misconfigured(f"{name} is empty: its first line names the columns, or the mapping does by header")
    if isinstance(first, Bad):
        raise Misconfigured(f"{name}:{first.number}: the header is {first.reason}")
    return [each.strip() for each in first.cells]


class _Lines:
    """The lines of a file, one after the other; those of the row at hand are kept, and can be put back."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text, self._again = text, deque[str]()
        self.taken: list[str] = []
        self.number = 0
        self.dirty = False
        """Whether a line of the row at hand is not of the declared encoding."""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise csv.Error
        line = self._again.popleft() if self._again else self._text.readline(LONGEST)
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        if not line.isascii() and not _encodes(line):
            self.dirty = True
        if len(line) >= LONGEST and line[-1] not in "\r\n":
            self._skip()
            raise csv.Error
        return line

    def begin(self) -> int:
        """Forget the row at hand; return the number of the line at which the next one begins."""
        self.taken, self.dirty = [], False
        return self.number + 1

    def give_up(self) -> str:
        """Put back all lines of the row at hand but the first, which is returned."""
        first, *others = self.taken or [""]
        self._again.extendleft(reversed(others))
        self.number -= len(others)
        return first

    def _skip(self) -> None:
        while (part := self._text.readline(LONGEST)) and part[-1] not in "\r\n":
            pass


class _Reading:
    """Reads one open file as rows."""

    def __init__(self, text: TextIOWrapper, binary: BufferedReader, rows: CsvRows) -> None:
        self._lines, self._binary, self._encoding = _Lines(text), binary, rows.encoding
        self._reader = csv.reader(self._lines, delimiter=rows.delimiter, strict=True)

    def rows(self, columns: Sequence[str]) -> Iterator[tuple[Row, int]]:
        width, tell = len(columns), self._binary.tell
        for count, row in enumerate(self.raw_rows(columns)):
            if not count % _LOOK:
                read = tell()
            if isinstance(row, Good) and len(row.cells) != width:
                fault = f"{len(row.cells)} cells where there are {width} columns"
                yield Bad(row.number, fault, self._raw("".join(self._lines.taken))), read
            else:
                yield row, read

    def raw_rows(self, columns: Sequence[str] = ()) -> Iterator[Row]:
        lines, reader = self._lines, self._reader
        while True:
            start = lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Bad(start, _no_row(lines.taken), self._raw(lines.give_up()))
                continue
            if lines.dirty:
                yield Bad(start, self._other_encoding(cells, columns), self._raw("".join(lines.taken)))
            elif any(cells):
                yield Good(start, cells)

    def _other_encoding(self, cells: Sequence[str], columns: Sequence[str]) -> str:
        found = sorted({name for name, cell in zip(columns, cells, strict=False) if not _encodes(cell)})
        where = f" (column {' and '.join(found)})" if found else ""
        return f"not {self._encoding}{where}"

    def _raw(self, text: str) -> bytes:
        return text[:_KEPT].encode(self._encoding, "surrogateescape")


def _no_row(taken: Sequence[str]) -> str:
    if len(taken) == 1 and len(taken[0]) >= LONGEST:
        return "longer than 1 MiB: only its beginning is kept"
    return "no row of CSV: a quote is not closed or stands inside a cell, or a cell is larger than 128 KiB"


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
