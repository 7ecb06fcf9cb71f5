"""A sheet as lines of texts, bounded in size; and one read from CSV, whose encoding and delimiter are told or looked for.

Knows nothing of what a sheet means. XLSX is in `workbooks`.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from lineage.errors import Misconfigured

MOST_BYTES = 10 << 20
MOST_ROWS = 10_000
MOST_COLUMNS = 200
LONGEST_CELL = 5_000
_DELIMITERS = (";", "\t", ",")
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a sheet, each with its number; `notes` say how it was read."""

    name: str
    lines: Sequence[tuple[int, Sequence[str]]]
    notes: Sequence[str] = ()


def checked(sheet: Sheet) -> Sheet:
    """Return the sheet. Raises: Misconfigured: it has more rows or columns, or longer cells, than a register has."""
    if len(sheet.lines) > MOST_ROWS:
        raise Misconfigured(f"{sheet.name} has more than {MOST_ROWS:,} rows: this looks like no register")
    for number, cells in sheet.lines:
        if len(cells) > MOST_COLUMNS:
            raise Misconfigured(f"{sheet.name}:{number}: more than {MOST_COLUMNS} columns: this looks like no register")
        if any(len(each) > LONGEST_CELL for each in cells):
            raise Misconfigured(f"{sheet.name}:{number}: a cell is longer than {LONGEST_CELL:,} letters")
    return sheet


def csv_sheet(name: str, raw: bytes, encoding: str | None, delimiter: str | None) -> Sheet:
    """Return the lines of a CSV file (RFC 4180).

    Raises: Misconfigured: it is no text in the encoding, or no CSV; with the line.
    """
    text, read_as = _text(name, raw, encoding)
    split_by = delimiter or _delimiter(text)
    limit = csv.field_size_limit(LONGEST_CELL * 4)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=split_by, strict=True)
    lines: list[tuple[int, Sequence[str]]] = []
    try:
        while True:
            start = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                break
            if any(each.strip() for each in cells):
                lines.append((start, cells))
            if len(lines) > MOST_ROWS:
                break
    except csv.Error:
        raise Misconfigured(
            f"{name}:{reader.line_num}: no row of CSV: a quote is not closed or stands inside a cell, or a cell is too long"
        ) from None
    finally:
        csv.field_size_limit(limit)
    told = {"\t": "tab", ";": "semicolon", ",": "comma"}[split_by]
    return checked(Sheet(name, lines, (f"read as {read_as}, separated by {told}",)))


def _text(name: str, raw: bytes, encoding: str | None) -> tuple[str, str]:
    found = encoding or next((each for mark, each in _WIDE.items() if raw.startswith(mark)), None)
    if found is None:
        # What is not UTF-8 is taken for the encoding of Western Europe, and the report says so.
        found = "utf-8" if _decodes(raw, "utf-8") else "cp1252" if _decodes(raw, "cp1252") else "latin-1"
    try:
        text = raw.decode("utf-8-sig" if found == "utf-8" else found)
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise Misconfigured(
            f"{name}:{line}: not {found}: say the encoding in the mapping, or save it as UTF-8"
        ) from None
    if "\0" in text:
        raise Misconfigured(f"{name} is no text: save it as CSV in UTF-8")
    return text, found


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """Return what the first line that is not empty has most of, outside quotes; of equals, what comes first."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(first.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)
