"""CSV that is safe to open in a spreadsheet (RFC 4180; OWASP "CSV injection"). Knows nothing of what it holds."""

import csv
import io
from collections.abc import Iterable, Sequence

_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
# Spreadsheets take the wide forms for the plain ones.


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]], *, for_spreadsheets: bool = False) -> bytes:
    """Return rows as CSV in UTF-8.

    A cell that a spreadsheet could take for a formula, or that begins with an apostrophe, gets an apostrophe before it:
    whoever takes one leading apostrophe away has the value again.

    `for_spreadsheets` puts a byte order mark in front, without which some read UTF-8 as something else.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig" if for_spreadsheets else "utf-8")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    return f"'{value}" if value.startswith(_BEGINS) else value
