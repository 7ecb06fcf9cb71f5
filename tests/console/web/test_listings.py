"""Lists over everything: what came back, what is kept too long, what could not be recorded, what the register lacks."""

from lineage.overdue import overdue
from lineage.ropa import processing_record
from lineage.times import now
from tests.console.web.auditing import Console, audited, empty

__all__ = ["audited", "empty"]


def test_what_came_back_leads_to_the_case_that_erased_it(audited: Console) -> None:
    page = audited.page("auditor", "/incidents")
    (row,) = page.rows("What came back")
    assert row[1] == audited.erased
    assert f"/cases/{audited.erased}" in page.links


def test_where_nothing_came_back_that_is_said(empty: Console) -> None:
    assert "Nothing came back" in empty.page("auditor", "/incidents").text


def test_dead_letters_are_counted_by_reason_and_file_without_their_content(audited: Console) -> None:
    page = audited.page("dpo", "/dead-letters")
    rows = page.rows("Dead letters by reason")
    assert sum(int(row[2]) for row in rows) == 3
    assert {row[1] for row in rows} == {"b.jsonl"}
    assert "unknown type" in {row[0] for row in rows}
    assert "b-1" not in page.html


def test_what_is_kept_too_long_is_as_much_as_the_core_says_the_longest_first(audited: Console) -> None:
    page = audited.page("auditor", "/overdue")
    with audited.office.reading() as folder:
        count = len(list(overdue(folder.graph, folder.register, now())))
    assert f"{count} in all" in page.text
    assert len(page.rows("What is kept too long")) == min(count, 200)


def test_flows_of_the_record_can_be_chosen_by_status_and_purpose(audited: Console) -> None:
    page = audited.page("auditor", "/record?status=undeclared")
    rows = page.rows("Who gives what")
    assert rows
    assert {row[3] for row in rows} == {"seen, not declared"}
    assert all(row[6] != "0" for row in rows)
    chosen = audited.page("auditor", "/record?purpose=delivery").rows("Who gives what")
    assert {row[2] for row in chosen} == {"delivery"}


def test_all_flows_of_the_record_are_on_its_pages_each_once(audited: Console) -> None:
    first = audited.page("auditor", "/record")
    rows, link = first.rows("Who gives what"), [each for each in first.links if "after=" in each]
    while link:
        page = audited.page("auditor", link[0])
        rows += page.rows("Who gives what")
        link = [each for each in page.links if "after=" in each]
    with audited.office.reading() as folder:
        assert len(rows) == len(processing_record(folder.graph, folder.register, now()).flows)


def test_what_the_register_lacks_is_listed(audited: Console) -> None:
    rows = audited.page("auditor", "/record").rows("What Art. 30")
    assert rows
    assert all(row[2].startswith("GDPR") for row in rows)
