"""Who looked: staff by name for the officer and by pseudonym for the auditor, customers by pseudonym for both."""

import re

from lineage.graph import NOW
from lineage.persons import find_roots
from tests.console.web.auditing import Console, audited, empty

__all__ = ["audited", "empty"]
SINCE = "/looks?since=2026-01-01"


def test_the_officer_sees_who_it_was_and_an_authoritys_inquiry_too(audited: Console) -> None:
    rows = audited.page("dpo", SINCE).rows("Look-ups that the shop")
    mine = [row for row in rows if row[1].startswith("desk-")]
    assert {row[1] for row in mine} >= {"desk-1", "desk-2", "desk-3"}
    assert ["authority's inquiry" in row[3] for row in mine if row[1] == "desk-3"] == [True]


def test_the_auditor_tells_staff_apart_without_knowing_who_they_are(audited: Console) -> None:
    for_officer, for_auditor = (audited.page(role, SINCE).rows("Look-ups that the shop") for role in ("dpo", "auditor"))
    assert all(re.fullmatch("[0-9a-f]{12}", row[1]) for row in for_auditor)
    assert len({row[1] for row in for_auditor}) == len({row[1] for row in for_officer if "inquiry" not in row[3]})
    assert not [row for row in for_auditor if "inquiry" in row[3]]


def test_a_look_up_without_a_known_purpose_is_marked_and_can_be_chosen(audited: Console) -> None:
    page = audited.page("auditor", f"{SINCE}&bare=true")
    (row,) = page.rows("Look-ups that the shop")
    assert row[3] == "curiosity no purpose"
    assert "Of them without a known purpose 1" in page.text


def test_at_whom_it_was_stands_by_the_pseudonym_that_other_answers_use(audited: Console) -> None:
    with audited.office.reading() as folder:
        key = folder.pseudonyms.identifier("customer_id", "C-17")
        (root,) = find_roots(folder.graph, [key], NOW)[key]
    rows = audited.page("dpo", SINCE).rows("Look-ups that the shop")
    assert {row[5] for row in rows if row[1] in {"desk-1", "desk-2"}} == {root.hex()[:12]}


def test_a_look_in_clear_is_told_by_the_pseudonym_of_what_was_typed(audited: Console) -> None:
    with audited.office.reading() as folder:
        key = folder.pseudonyms.identifier("customer_id", "C-17")
    rows = audited.page("auditor", SINCE).rows("Entries of Jalki")
    assert [row[2:] for row in rows if row[3] == key.hex()[:12]] == [
        ["command line", key.hex()[:12], "she called in", "identifiers"]
    ]


def test_only_the_interval_that_is_asked_for_is_shown(audited: Console) -> None:
    page = audited.page("dpo", "/looks?since=2026-03-06&until=2026-03-07")
    assert page.text.count("None in that time.") == 2


def test_that_somebody_oversees_is_written_down_too(audited: Console) -> None:
    audited.page("auditor", "/looks")
    rows = audited.page("dpo", "/looks").rows("Entries of Jalki")
    assert [row for row in rows if row[1:5] == ["auditor-1", "auditor", "look-ups", "oversight of look-ups"]]
