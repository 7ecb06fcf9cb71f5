"""What the lines of a spreadsheet register say, by its header and a declared mapping. Knows no file format."""

import re
from collections.abc import Iterator, Mapping, Sequence

from connectors.shaping import meant
from console.importing.mapping import SheetMapping
from console.importing.sheets import Sheet
from console.importing.told import FIELDS, Cell, Elsewhere, Row
from console.importing.vocabularies import plain, table
from lineage.errors import Misconfigured
from lineage.register import Place

_SPLIT = {
    **dict.fromkeys(("categories", "subjects", "safeguard"), re.compile(r"[,;\n•]")),
    **dict.fromkeys(("party", "from", "third_country", "dpv"), re.compile(r"[;\n]")),
}
"""Fields with several words in one cell. A comma is part of many a company's name."""
_TRANSFER = ("third_country", "safeguard")


def told_by(sheet: Sheet, mapping: SheetMapping) -> Elsewhere:
    """Return the rows of a sheet.

    Raises: Misconfigured: it has no header, lacks a column that the mapping names, or says neither parties nor purposes.
    """
    header = next((each for each in sheet.lines if mapping.header in (None, each[0])), None)
    if header is None:
        raise Misconfigured(f"{sheet.name} has no row {mapping.header or 1} that names its columns")
    titles = [" ".join(each.split()) for each in header[1]]
    columns = _columns(sheet, header[0], titles, mapping)
    rows = [_row(sheet, number, cells, columns, mapping) for number, cells in sheet.lines if number > header[0]]
    used = {index for index, _ in columns.values()}
    unused = [title for index, title in enumerate(titles) if title and index not in used]
    return Elsewhere([each for each in rows if each.cells], unused, sheet.notes)


def _columns(sheet: Sheet, row: int, titles: Sequence[str], mapping: SheetMapping) -> Mapping[str, tuple[int, str]]:
    """Return where each field stands: the column's index, and how messages name it."""
    faults = []
    found: dict[str, int] = {}
    by_title = [plain(each) for each in titles]
    usual = {plain(title): name for name, known in table()["columns"].items() for title in (name, *known)}
    for name, title in mapping.columns.items():
        if plain(title) in by_title:
            found[name] = by_title.index(plain(title))
        else:
            near = meant(title, [each for each in titles if each])
            faults.append(f"{mapping.name}: {sheet.name} has no column {title}{near}")
    for index, title in enumerate(by_title):
        field = usual.get(title)
        if field and index not in found.values() and field not in mapping.constants:
            found.setdefault(field, index)
    faults += [
        f"{sheet.name}:{row}: the column {titles[index]} is there twice: name them apart"
        for index in sorted(found.values())
        if by_title.count(by_title[index]) > 1
    ]
    if not faults and not {"party", "purpose"} & {*found, *mapping.constants}:
        faults.append(
            f"{sheet.name}:{row}: no column is known as recipient or purpose: declare columns, or the header's row, by --mapping"
        )
    if faults:
        raise Misconfigured("\n".join(dict.fromkeys(faults)))
    return {name: (index, f"{_letters(index)} {titles[index]}") for name, index in found.items()}


def _letters(index: int) -> str:
    """Return a column's name as spreadsheets have it: A, B, … Z, AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _row(
    sheet: Sheet, number: int, cells: Sequence[str], columns: Mapping[str, tuple[int, str]], mapping: SheetMapping
) -> Row:
    place = Place(sheet.name, number)
    found = {}
    for name in FIELDS:
        if name in columns and columns[name][0] < len(cells):
            index, label = columns[name]
            words = tuple(_words(name, cells[index]))
            if words:
                found[name] = Cell(words, place, label)
    if found:
        for name, text in mapping.constants.items():
            found[name] = Cell(tuple(_words(name, text)), place, f"constants.{name}")
    return Row(place, found)


def _words(name: str, text: str) -> Iterator[str]:
    nothing = table()["nothing"]
    for part in _SPLIT[name].split(text) if name in _SPLIT else (text,):
        word = " ".join(part.split())
        is_empty = plain(word) in nothing["any"] or (
            name in _TRANSFER and plain(word) in nothing["transfer"] and word != "NO"
        )
        if word and not is_empty:
            yield word
