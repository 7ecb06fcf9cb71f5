"""The seven weaknesses: figures that the record has, and said so where it has none."""

from dataclasses import replace

import pytest

from console.api.problems import Problem
from console.web import weaknesses as page_of
from console.web.weakness_cases import counts_of
from console.web.weakness_figures import every_case, of_the_record, too_long
from lineage.clocks import day_of
from lineage.overdue import overdue
from lineage.times import now
from tests.console.web.auditing import Console, audited, empty

__all__ = ["audited", "empty"]


def test_all_seven_are_there_in_order(audited: Console) -> None:
    headings = [text for tag, text in audited.page("auditor", "/weaknesses").headings if tag == "h2"]
    assert [text[:2] for text in headings] == ["1.", "2.", "3.", "4.", "5.", "6.", "7."]


def test_what_jalki_does_not_know_is_said(audited: Console) -> None:
    text = audited.page("auditor", "/weaknesses").text
    assert text.count("Not known to Jalki:") == 4  # training, the published text, restores, what parties anonymised
    assert "trained" in text


def test_cases_are_counted_by_right_and_refusals_by_ground(audited: Console) -> None:
    page = audited.page("auditor", "/weaknesses")
    rights = {row[0]: row[2:] for row in page.rows("How cases of each right")}
    assert rights["unsubscribing"][:2] == ["1", "0"]
    assert rights["access"][0] == "1"
    assert page.rows("Refused cases") == [["12(5)", "1", "33.3 %"]]


def test_a_case_that_is_not_answered_by_its_last_lawful_day_counts_as_past(audited: Console) -> None:
    with audited.office.reading() as folder:
        cases = list(every_case(folder, lambda: None))
    (open_,) = [
        replace(each, answered=None, closed=None, state="carrying-out") for each in cases if each.right == "erasure"
    ]
    early = counts_of([open_], day_of(open_.received))
    late = counts_of([open_], day_of(open_.received + 200 * 86_400_000_000))
    assert [_of(each, "erasure")["past"] for each in (early, late)] == [0, 1]
    assert [_of(each, "erasure")["open"] for each in (early, late)] == [1, 1]


def _of(shape: dict[str, object], right: str) -> dict[str, int]:
    return next(each for each in shape["rights"] if each["right"] == right)  # type: ignore[attr-defined,no-any-return]  # JSON


def test_what_is_kept_too_long_is_what_the_core_says(audited: Console) -> None:
    moment = now()
    with audited.office.reading() as folder:
        found = too_long(folder, moment, lambda: None)
        assert (
            found["items"] == sum(found["rules"].values()) == len(list(overdue(folder.graph, folder.register, moment)))
        )


def test_where_counting_takes_too_long_the_rest_is_shown_and_that_is_said(
    audited: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> None:
        raise Problem("late")

    monkeypatch.setattr(page_of, "too_long", late)
    page = audited.page("auditor", "/weaknesses")
    assert page.text.count("Not known to Jalki:") == 5
    assert "jalki drift --overdue" in page.text


def test_backups_are_those_of_the_register_with_their_rule(audited: Console) -> None:
    rows = audited.page("auditor", "/weaknesses").rows("Backups")
    assert [row[:2] for row in rows] == [["back-office", "backup"], ["order-system", "backup"]]
    assert all(row[2].startswith("H25") and row[3] == "90 d" for row in rows)


def test_pairs_without_a_period_are_counted_of_the_record(audited: Console) -> None:
    with audited.office.reading() as folder:
        found = of_the_record(folder, now())
    assert found["pairs"] > found["no_period"] >= 0
    assert found["notice"] is None
    assert found["notices"] == 0


def test_an_erasure_whose_keys_are_destroyed_is_counted_and_what_came_back(audited: Console) -> None:
    with audited.office.reading() as folder:
        found = counts_of(every_case(folder, lambda: None), day_of(now()))
    assert (found["erasures"], found["keys_destroyed"], found["incidents"]) == (1, 1, 1)


def test_where_nothing_happened_nothing_is_counted(empty: Console) -> None:
    page = empty.page("auditor", "/weaknesses")
    assert "No case was refused." in page.text
    assert "Nothing is kept in spite of a request now." in page.text
