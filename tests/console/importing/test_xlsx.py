"""A workbook is read as the same sheet in CSV would be; what is broken or hostile is refused in one line."""

import builtins
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from console.importing.sheets import MOST_ROWS
from console.importing.workbooks import MOST_PARTS, MOST_UNPACKED
from tests.console.importing.sheets import HEADER, OWN, POSTI, US, imported, mapping, refused, sheet

ROWS = [line.split(";") for line in (HEADER, POSTI, OWN, US)]
CANNOT = "art30.xlsx cannot be read as XLSX"


def book(folder: Path, rows: Sequence[Sequence[object]] = ROWS, title: str = "Register", also: str = "") -> Path:
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(list(row))
    if also:
        made.create_sheet(also)
    file = folder / "art30.xlsx"
    made.save(file)
    return file


def changed(file: Path, change: Callable[[str, bytes], bytes], more: Mapping[str, bytes] | None = None) -> Path:
    """The same workbook with its parts changed."""
    with zipfile.ZipFile(file) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in {**parts, **(more or {})}.items():
            new.writestr(name, content)
    return file


def test_a_workbook_makes_the_same_draft_as_the_same_sheet_in_csv(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    from_csv = imported(sheet(tmp_path / "csv", HEADER, POSTI, OWN, US))
    from_book = imported(book(tmp_path))
    for name in ("parties.yaml", "purposes.yaml", "recipients.yaml", "retention.yaml", "transfers.yaml", "open.yaml"):
        text = (from_book.folder / name).read_text("utf-8")
        assert text.replace("art30.xlsx", "art30.csv") == (from_csv.folder / name).read_text("utf-8")
    assert from_book.gaps == from_csv.gaps


def test_cells_of_other_types_are_read_as_they_look(tmp_path: Path) -> None:
    rows: list[Sequence[object]] = [
        ["Recipient", "Purpose", "Business id"],
        ["X Oy", "delivery", 1008670.0],
        [None, True, 2.5],
    ]
    draft = imported(book(tmp_path, rows))
    party = draft.register.party("x-oy")
    assert party is not None
    assert party.business_id == "1008670"
    assert draft.register.purpose("true") is not None


def test_a_sheet_is_chosen_by_its_title_and_the_others_are_told(tmp_path: Path) -> None:
    draft = imported(book(tmp_path, also="Ohje"))
    assert "read from the sheet Register" in draft.ended.said
    assert "not read: the sheets Ohje" in draft.ended.said
    assert "has no sheet Registr; do you mean Register?" in refused(
        book(tmp_path), "--replace", *mapping(tmp_path, "sheet: Registr")
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [("=1+1", "art30.xlsx:2: a cell holds a formula"), ('=HYPERLINK("x")', "art30.xlsx:2: a cell holds a formula")],
)
def test_no_formula_is_worked_out(value: str, said: str, tmp_path: Path) -> None:
    assert said in refused(book(tmp_path, [ROWS[0], [value, *ROWS[1][1:]]]))


def test_an_error_of_the_spreadsheet_is_told(tmp_path: Path) -> None:
    assert "art30.xlsx:2: a cell holds an error" in refused(book(tmp_path, [ROWS[0], ["#REF!", *ROWS[1][1:]]]))


def test_what_unpacks_to_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = changed(book(tmp_path), lambda _, content: content, {"xl/media/bomb.bin": bytes(MOST_UNPACKED)})
    assert file.stat().st_size < 1 << 20
    assert "unpacks to more than 64 MiB" in refused(file)
    file = changed(book(tmp_path), lambda _, content: content, {f"xl/media/{at}": b"" for at in range(MOST_PARTS)})
    assert "unpacks to more than 64 MiB" in refused(file)


def test_a_part_that_says_it_is_small_and_is_not_is_not_read_further_than_it_says(tmp_path: Path) -> None:
    file = changed(book(tmp_path), lambda name, content: content + b" " * (1 << 22) if "sheet1" in name else content)
    raw = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as parts:
        size = parts.getinfo("xl/worksheets/sheet1.xml").file_size
    told = size.to_bytes(4, "little")
    assert raw.count(told) >= 1
    file.write_bytes(bytes(raw).replace(told, (100).to_bytes(4, "little")))
    assert CANNOT in refused(file)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;">]>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>"""


@pytest.mark.parametrize("head", [BOMB, OUTSIDE])
@pytest.mark.parametrize(
    "part", ["xl/styles.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"]
)
def test_entities_of_xml_are_refused_in_every_part(head: bytes, part: str, tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        body = content.partition(b"?>")[2] if content.startswith(b"<?xml") else content
        return head + body.replace(b"Posti", b"&a;") if name == part else content

    assert CANNOT in refused(changed(book(tmp_path), change))


@pytest.mark.parametrize("row", [MOST_ROWS * 2, 10**9])
def test_a_row_far_below_is_no_reason_to_walk_there(row: int, tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace(b'<row r="4"', f'<row r="{row}"'.encode()) if "sheet1" in name else content

    assert "rows: delete what is empty at its end" in refused(changed(book(tmp_path), change))


def test_a_cell_far_to_the_right_is_refused(tmp_path: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace(b'r="B2"', b'r="GS2"') if "sheet1" in name else content

    assert "columns: this looks like no register" in refused(changed(book(tmp_path), change))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", CANNOT),
        (b"PK\x03\x04 and then nothing", CANNOT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an old .xls, or encrypted"),
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "art30.xlsx").write_bytes(content)
    assert said in refused(tmp_path / "art30.xlsx")


@pytest.mark.parametrize("part", range(12))
def test_a_workbook_that_is_cut_or_lacks_a_part_is_refused_or_read_and_never_a_fault_of_the_program(
    part: int, tmp_path: Path
) -> None:
    whole = book(tmp_path).read_bytes()
    file = tmp_path / "art30.xlsx"
    file.write_bytes(whole[: len(whole) * part // 12])
    assert CANNOT in refused(file)
    file.write_bytes(whole)
    with zipfile.ZipFile(file) as parts:
        names = parts.namelist()
    made = io.BytesIO()
    with zipfile.ZipFile(file) as parts, zipfile.ZipFile(made, "w") as less:
        for name in names:
            if name != names[part % len(names)]:
                less.writestr(name, parts.read(name))
    file.write_bytes(made.getvalue())
    try:
        imported(file)
    except Exception as fault:  # noqa: BLE001 - what it is, is judged below
        assert CANNOT in str(fault)  # noqa: PT017 - that it may also be read is the point


@pytest.mark.parametrize("missing", ["openpyxl", "defusedxml"])
def test_without_the_extra_one_line_says_what_to_install(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = book(tmp_path)
    usual = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.partition(".")[0] == missing:
            raise ImportError(name)
        return usual(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert refused(file).startswith("to read XLSX, install openpyxl: pip install 'jalki[xlsx]'")
