"""Sheets that are broken, too large or strange: refused in one line, or read as the text they are. Drafts overwrite nothing."""

from pathlib import Path

import pytest

from console.importing.sheets import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from tests.console.importing.sheets import HEADER, POSTI, US, imported, mapping, refused, sheet


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "art30.csv has no row 1"),
        (b"\n\n", "art30.csv has no row 1"),
        (b"a;b\n1;2\n", "no column is known as recipient or purpose"),
        (b"Recipient;Role;Role\nx;y;z\n", "the column Role is there twice"),
        (b'Recipient;Role\n"x;y\n', "a quote is not closed"),
        (b"Recipient;Role\n\0;y\n", "is no text"),
        (b"Recipient;Role\n" + b"x" * (LONGEST_CELL + 1) + b";y\n", "a cell is longer than"),
        (b"Recipient;Role\n" + b"x" * 200_000 + b";y\n", "a cell is too long"),
        (b"Recipient" + b";" * MOST_COLUMNS + b"x\n", "columns: this looks like no register"),
        (b"Recipient\n" + b"x\n" * (MOST_ROWS + 1), "rows: this looks like no register"),
        (b"x" * (MOST_BYTES + 1), "larger than 10 MiB"),
    ],
)
def test_what_is_no_sheet_or_too_large_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "art30.csv").write_bytes(content)
    assert said in refused(tmp_path / "art30.csv")


def test_another_encoding_than_the_one_declared_is_refused_with_its_line(tmp_path: Path) -> None:
    file = sheet(tmp_path, HEADER, POSTI, POSTI.replace("Posti", "Pösti"), encoding="latin-1")
    assert "art30.csv:3: not utf-8" in refused(file, *mapping(tmp_path, "encoding: utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "a: b, {c} [d] # e & *f !g |",
        "'\" \\ %",
        "=1+1",
        "null",
        "true",
        "NO",
        "\x07\x9b\u202e\ufeff",
        "Ä" * 500,
        "- x",
        "---",
    ],
)
def test_whatever_a_name_holds_the_draft_loads_and_keeps_it_as_text(text: str, tmp_path: Path) -> None:
    quoted = text.replace('"', '""')
    draft = imported(sheet(tmp_path, HEADER, POSTI.replace("Posti Oy", f'"{quoted}"'), US))
    (party,) = [each for each in draft.register.parties() if each.kind == "carrier"]
    assert party.name == "".join(each if each.isprintable() and each != "\ufeff" else " " for each in text)


def test_names_with_the_same_letters_stay_two_parties(tmp_path: Path) -> None:
    draft = imported(sheet(tmp_path, HEADER, POSTI, POSTI.replace("Posti Oy", "Pösti Oy"), US))
    assert {each.name for each in draft.register.parties()} >= {"Posti Oy", "Pösti Oy"}


@pytest.mark.parametrize("name", ["person", "unknown", "Unknown"])
def test_a_party_whose_name_is_a_word_of_ours_gets_another_id(name: str, tmp_path: Path) -> None:
    draft = imported(sheet(tmp_path, HEADER, POSTI.replace("Posti Oy", name), US))
    assert f"{name.lower()}-2" in {each.id for each in draft.register.parties()}


def test_a_draft_never_goes_over_another_register_nor_beside_one(tmp_path: Path) -> None:
    file = sheet(tmp_path, HEADER, POSTI, US)
    draft = imported(file)
    before = {each.name: each.read_bytes() for each in draft.folder.iterdir()}
    assert "say --replace" in refused(file)
    assert {each.name: each.read_bytes() for each in draft.folder.iterdir()} == before
    sheet(tmp_path, HEADER, POSTI.replace("Posti", "Post"), US)
    assert "post-oy" in {each.id for each in imported(file, "--replace").register.parties()}
    (draft.folder / "mine.yml").write_text("eea: [FI]")
    assert "holds mine.yml, which is no part of a draft" in refused(file, "--replace")


@pytest.mark.parametrize("name", ["art30.pdf", "art30", "art30.xls"])
def test_a_form_that_is_not_read_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("x")
    assert "its name says no form that is read" in refused(tmp_path / name)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "art30.csv")


def test_the_largest_sheet_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    rows = [POSTI.replace("Posti Oy", f"Posti {number} Oy") for number in range(1_500)]
    draft = imported(sheet(tmp_path, HEADER, *rows, US))
    assert len(draft.register.parties()) == 1_502
    unread = [POSTI.replace("name, address", f"word {number}") for number in range(MOST_ROWS - 1)]
    assert "of the draft would be larger than 1 MiB" in refused(sheet(tmp_path, HEADER, *unread), "--replace")


def test_what_no_register_may_say_is_told_as_of_the_draft_and_nothing_is_written(tmp_path: Path) -> None:
    words = mapping(tmp_path, "words: {parties: {Posti Oy: person}}")
    said = refused(sheet(tmp_path, HEADER, POSTI), *words)
    assert "draft/parties.yaml:" in said
    assert "'person' is the person herself and no party" in said
