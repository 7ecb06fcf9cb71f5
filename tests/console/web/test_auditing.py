"""What all of the auditor's pages have in common: who sees them, in which words, and that nobody is named."""

import re
from html import unescape

import pytest

from console.web.doors import DOORS
from console.web.roles import web_roles
from tests.console.web.auditing import SECRETS, Console, audited, empty

__all__ = ["audited", "empty"]

PAGES = ("/audit", "/sharing", "/sharing/graph", "/record", "/samples?seed=7", "/weaknesses", "/certificates", "/incidents",
         "/overdue", "/looks?since=2026-01-01")  # fmt: skip
OWN = ("/dead-letters",)
"""For the data protection officer alone."""


@pytest.mark.parametrize("path", [*PAGES, *OWN])
@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_a_page_is_well_made_in_every_language_and_names_nobody(audited: Console, path: str, language: str) -> None:
    page = audited.page("dpo", path, language)
    assert page.faults == []
    assert f'<html lang="{language}">' in page.html
    assert not [secret for secret in SECRETS if secret in unescape(page.html)]


@pytest.mark.parametrize("path", [*PAGES, *OWN])
def test_a_page_of_a_shop_in_which_nothing_happened_says_so_and_is_well_made(empty: Console, path: str) -> None:
    assert empty.page("dpo", path).faults == []


@pytest.mark.parametrize("path", PAGES)
def test_the_auditor_sees_the_same_pages_without_a_name_of_staff(audited: Console, path: str) -> None:
    page = audited.page("auditor", path)
    assert page.faults == []
    assert not re.findall(r"desk-\d|dpo-1", page.text)


@pytest.mark.parametrize("path", [*PAGES[4:], *OWN, "/audit"])
@pytest.mark.parametrize("role", ["clerk", "viewer"])
def test_others_do_not_see_them(audited: Console, path: str, role: str) -> None:
    assert audited.asks(role, "GET", path).status_code == 403


def test_the_auditor_does_not_see_dead_letters(audited: Console) -> None:
    assert audited.asks("auditor", "GET", "/dead-letters").status_code == 403
    assert "/dead-letters" not in audited.page("auditor", "/audit").links
    assert "/dead-letters" in audited.page("dpo", "/audit").links


@pytest.mark.parametrize("path", [*PAGES, *OWN])
def test_whoever_has_not_signed_in_is_sent_to_do_so(audited: Console, path: str) -> None:
    answer = audited.asks("", "GET", path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_list_leads_to_every_page_it_names(audited: Console) -> None:
    paths = {door.path: door.name for door in DOORS}
    listed = [link for link in audited.page("dpo", "/audit").links if link in paths]
    assert {paths[each] for each in listed} <= web_roles()["dpo"].sees
    assert all(audited.asks("dpo", "GET", each).status_code in {200, 303} for each in listed)


UNKNOWN = (
    "/record?status=<script>&purpose='", "/sharing?party=<script>alert(1)</script>",
    "/sharing/graph?country=%22%3E%3Cimg&category=%00", "/sharing/graph.json?purpose=<b>",
)  # fmt: skip
NEVER = (
    "/samples?seed=<script>", f"/samples?seed={'a' * 41}", "/samples?seed=1&since=never", "/looks?until=x",
    "/samples?seed=1&known_at=9999-12-31", "/looks?since=2026-13-01", "/record?after=-1", "/record?after=1e9",
    "/record?at=x", "/sharing/graph.json?at=9",
)  # fmt: skip


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_nothing_is_called_shows_nothing_and_is_not_repeated_raw(audited: Console, path: str) -> None:
    answer = audited.asks("auditor", "GET", path)
    assert answer.status_code == 200
    assert not re.search(r"<script>|<img|<b>", answer.text)


@pytest.mark.parametrize("path", NEVER)
def test_what_cannot_be_meant_is_refused(audited: Console, path: str) -> None:
    assert audited.asks("dpo", "GET", path).status_code == 422
