"""The files of an answer on a customer's pages: those that there are, and no other."""

import re

import pytest

from console.case_answers import answer_of, file_names
from console.case_opening import Casebook
from lineage.answers.records import Cell, Record
from tests.console.web.customers import HERS, House, folder, house, recorded
from tests.e2e.program import asked

__all__ = ["folder", "house", "recorded"]


def staff(house: House, *words: str) -> None:
    ended = asked(*words, "--data", house.data)
    assert ended.code in {0, 3}, ended.err


def test_the_copy_is_among_the_files_where_there_is_one_and_nowhere_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = house.by_code(HERS)
    case = browser.opens("access")
    staff(house, "case", "approve", case)
    staff(house, "case", "answer", case, "--out", str(house.folder / "out"))
    path = f"/me/cases/{case}/copy.csv"
    assert path not in browser.sees(f"/me/cases/{case}").text
    assert browser.sees(path).status_code == 404
    kept = Record("order-system", "customers", (Cell("name", "Aino", "name", "account", "provided"),))
    monkeypatch.setattr("console.case_answers.records_of", lambda *_: [kept])  # as a table of the shop would give
    page = browser.sees(f"/me/cases/{case}").text
    listed = re.findall(rf'href="/me/cases/{case}/([^"]+)"', page)
    with house.office.reading() as folder:
        book = Casebook(folder, folder.casework)
        assert listed == list(answer_of(book, book.work.case(case)).files)
    assert "copy.csv" in listed
    assert "Your data itself" in page
    assert "Aino" in browser.sees(path).text


@pytest.mark.parametrize(
    ("right", "words"), [("access", ()), ("transfer", ()), ("erasure", ()), ("access", ("refuse",))]
)
def test_the_names_of_the_files_are_those_that_are_made(right: str, words: tuple[str, ...], house: House) -> None:
    case = house.by_code(HERS).opens(right)
    if words:
        staff(house, "case", "refuse", case, "--ground", "12(5)", "--reason", "x")
    else:
        staff(house, "case", "approve", case)
    with house.office.reading() as folder:
        book = Casebook(folder, folder.casework)
        found = book.work.case(case)
        assert set(file_names(book, found)) == set(answer_of(book, found).files)
