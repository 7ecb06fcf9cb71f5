"""That a customer learns nothing of another one: by no page, and not by how long it takes."""

import re
from collections.abc import Callable

import pytest

from lineage.cases.case import Case
from lineage.cases.casework import Casework
from tests.console.web.customers import BEA, HERS, House, folder, house, recorded

__all__ = ["folder", "house", "recorded"]


def test_another_ones_case_is_answered_as_one_that_there_is_not(house: House) -> None:
    theirs = house.by_code(BEA).opens("access")
    browser = house.by_code(HERS)
    answers = {
        (each.status_code, re.sub(r'name="back" value="[^"]*"', "", each.text))
        for name in (theirs, "2026-00000000", "x", "2026-00000000 OR 1=1")
        for each in (browser.sees(f"/me/cases/{name}"), browser.sees(f"/me/cases/{name}/letter.html"))
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_of_another_ones_case_nothing_is_read_that_would_take_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, browser = house.by_code(BEA).opens("access"), house.by_code(HERS)
    hers, read = browser.opens("access"), list[str]()

    def case(work: Casework, id_: str, of: Callable[[Casework, str], Case] = Casework.case) -> Case:
        read.append(id_)
        return of(work, id_)

    monkeypatch.setattr(Casework, "case", case)
    for name in (theirs, "2026-00000000"):
        for path in (f"/me/cases/{name}", f"/me/cases/{name}/letter.html"):
            assert browser.sees(path).status_code == 404
    assert read == []
    assert browser.sees(f"/me/cases/{hers}").status_code == 200
    assert hers in read


def test_two_customers_at_one_time_see_each_her_own(house: House) -> None:
    one, other = house.by_code(HERS), house.by_code(BEA)
    hers, theirs = one.opens("access"), other.opens("access")
    assert hers in one.sees("/me").text
    assert theirs not in one.sees("/me").text
    assert theirs in other.sees("/me").text
    assert "Posti Oy" not in other.sees("/me").text
