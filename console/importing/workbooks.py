"""A sheet read from XLSX: its texts alone. No formula is worked out, no macro run, no link followed, nothing unpacked whole.

openpyxl is an extra of its own (`jalki[xlsx]`), with defusedxml, which it reads XML by where it is there.
"""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Protocol

from connectors.shaping import meant
from console.importing.sheets import MOST_COLUMNS, MOST_ROWS, Sheet, checked
from lineage.errors import Misconfigured

MOST_UNPACKED = 64 << 20
MOST_PARTS = 1_000
_DECLARED = tuple(
    mark.encode(code) for mark in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_OLD = b"\xd0\xcf\x11\xe0"


class _Page(Protocol):
    """What is asked of a sheet of openpyxl, which has no types."""

    title: str

    def reset_dimensions(self) -> None: ...

    def iter_rows(self, *, max_row: int, max_col: int) -> Iterator[Sequence[object]]: ...


class _Book(Protocol):
    """What is asked of a workbook of openpyxl."""

    @property
    def worksheets(self) -> Sequence[_Page]: ...

    def __getitem__(self, title: str) -> _Page: ...


def xlsx_sheet(name: str, raw: bytes, wanted: str | None) -> Sheet:
    """Return the lines of the sheet of this title, else of the first.

    Raises: Misconfigured: openpyxl is not installed; the file is no XLSX, encrypted, or unpacks to too much; there is no
    such sheet; a cell holds a formula or an error.
    """
    try:
        import defusedxml  # noqa: F401 - openpyxl reads by it where it is there, and nothing may be read without
        import openpyxl
    except ImportError:
        raise Misconfigured(
            "to read XLSX, install openpyxl: pip install 'jalki[xlsx]'; or save the sheet as CSV"
        ) from None
    _check_parts(name, raw)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and filters that it does not know, and nobody reads here
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
            return checked(_sheet(name, book, wanted))
    except Misconfigured:
        raise
    except Exception:  # noqa: BLE001 - a broken or hostile file makes it raise whatever its XML leads to
        raise Misconfigured(
            f"{name} cannot be read as XLSX: open it and save it anew, or save the sheet as CSV"
        ) from None


def _check_parts(name: str, raw: bytes) -> None:
    if raw.startswith(_OLD):
        raise Misconfigured(f"{name} is an old .xls, or encrypted: save it as XLSX without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            parts = packed.infolist()
            # What a part says of its size is held to: zipfile reads no more of it.
            if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
                raise Misconfigured(
                    f"{name} unpacks to more than {MOST_UNPACKED >> 20} MiB: this looks like no register"
                )
            # No spreadsheet writes them; which reader openpyxl takes, and what that does with them, is then no matter.
            hostile = any(mark in content for each in parts for content in [packed.read(each)] for mark in _DECLARED)
    except (zipfile.BadZipFile, zlib.error, ValueError, OverflowError, EOFError, NotImplementedError, RuntimeError):
        hostile = True
    if hostile:
        raise Misconfigured(f"{name} cannot be read as XLSX: open it and save it anew, or save the sheet as CSV")


def _sheet(name: str, book: _Book, wanted: str | None) -> Sheet:
    titles = [each.title for each in book.worksheets]
    if wanted is not None and wanted not in titles:
        raise Misconfigured(f"{name} has no sheet {wanted}{meant(wanted, titles)}")
    title = wanted or titles[0]
    sheet = book[title]
    sheet.reset_dimensions()  # what a file says of them need not be so
    lines = [each for each in _lines(name, sheet) if any(each[1])]
    also = [each for each in titles if each != title]
    notes = [f"read from the sheet {title}"] + ([f"not read: the sheets {', '.join(also)}"] if also else [])
    return Sheet(name, lines, notes)


def _lines(name: str, sheet: _Page) -> Iterator[tuple[int, Sequence[str]]]:
    rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS + 1)
    for number, cells in enumerate(rows, 1):
        if number > MOST_ROWS + 1:
            raise Misconfigured(f"{name} has more than {MOST_ROWS:,} rows: delete what is empty at its end")
        texts = [_text(f"{name}:{number}", each) for each in cells]
        while texts and not texts[-1]:
            texts.pop()
        yield number, texts


def _text(where: str, cell: object) -> str:
    kind, value = getattr(cell, "data_type", "n"), getattr(cell, "value", None)
    if kind == "f":
        raise Misconfigured(f"{where}: a cell holds a formula, and none is worked out here: paste its value instead")
    if kind == "e":
        raise Misconfigured(f"{where}: a cell holds an error of the spreadsheet: correct it there")
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value).strip()
