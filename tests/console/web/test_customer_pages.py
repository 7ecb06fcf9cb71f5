"""What customers see on their pages, and what not: nothing of anybody else, and nothing that would show an inquiry."""

import html
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.web.doors import DOORS
from console.web.roles import BEFORE, web_roles
from lineage.errors import Misconfigured
from tests.console.web.customers import (
    AINO,
    BEA,
    HERS,
    Browser,
    House,
    folder,
    house,
    recorded,
    served_house,
)  # fmt: skip
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked
from tests.e2e.stories import looks

__all__ = ["folder", "house", "recorded"]

PAGES = ("/me", "/me/open", "/me/open/access", "/me/open/objection", "/me/open/rectification", "/me/open/unsubscribe")


def staff(folder: Path, *words: str) -> str:
    ended = asked(*words, "--data", folder / "data")
    assert ended.code in {0, 3}, ended.err
    return ended.out.strip()


def text_of(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def test_she_sees_who_has_what_and_why_and_neither_inquiry_nor_what_she_shares(house: House) -> None:
    told = text_of(house.by_code(HERS).sees("/me").text)
    for word in ("Posti Oy", "delivery", "Order system", "address", "By", "order"):
        assert word.lower() in told.lower()
    for word in ("police", "inquiry", "Poliisi", "drift"):
        assert word.lower() not in told.lower()


def test_no_page_of_hers_has_anything_that_identifies_her_in_its_title_or_address(house: House) -> None:
    browser = house.by_code(HERS)
    case = browser.opens("access")
    for path in (*PAGES, f"/me/cases/{case}"):
        page = browser.sees(path).text
        (title,) = re.findall(r"<title>(.*)</title>", page)
        linked = " ".join(re.findall(r'(?:href|action|value|src)="([^"]*)"', page))
        for word in ("aino", "posti.example", "C-17"):
            assert word.lower() not in title.lower()
            assert word.lower() not in linked.lower()


@pytest.mark.parametrize("right", ["access", "transfer", "erasure", "restriction", "objection", "unsubscribe"])
def test_a_request_is_a_case_of_hers_and_it_is_clear_who_asks(house: House, right: str) -> None:
    browser = house.by_code(HERS)
    more = {"purpose-newsletter": "yes"} if right == "objection" else {}
    case = browser.opens(right, **more)
    shown = asked("case", "show", case, "--json", "--data", house.data).json
    assert (shown["right"], shown["channel"], shown["verified"], shown["by"]) == (right, "account", True, "person")
    assert shown["controller"] == "multitronic"
    assert "We have your request" in browser.sees(f"/me/cases/{case}").text
    assert case in house.by_link(AINO).sees("/me").text  # another identifier of the same person


def test_a_correction_says_what_is_right(house: House) -> None:
    browser = house.by_code(HERS)
    case = browser.opens("rectification", category="phone", value="+358 50 765 4321")
    shown = asked("case", "show", case, "--json", "--data", house.data).json
    assert shown["right"] == "rectification"
    assert "765" not in browser.sees(f"/me/cases/{case}").text


@pytest.mark.parametrize(
    ("right", "fields"),
    [
        ("rectification", {}),
        ("rectification", {"category": "phone", "value": "  "}),
        ("rectification", {"category": "phone", "value": "x" * 501}),
        ("rectification", {"category": "phone", "value": "a\nb"}),
        ("rectification", {"category": "secrets", "value": "x"}),
        ("objection", {}),
        ("objection", {"purpose-authority-inquiry": "yes"}),
        ("restriction", {"purpose-of-nobody": "yes"}),
        ("access", {"company": "posti"}),
    ],
)
def test_what_was_not_offered_or_is_missing_opens_nothing(house: House, right: str, fields: dict[str, str]) -> None:
    browser = house.by_code(HERS)
    answer = browser.sends(f"/me/open/{right}", **fields)
    assert answer.status_code == 422
    assert "Something is missing" in answer.text
    assert "You have asked us for nothing yet" in browser.sees("/me").text


def test_nobody_names_another_one_in_her_request(house: House) -> None:
    browser = house.by_code(HERS)
    browser.opens("access", identifiers=BEA, identifier=BEA, channel="letter", customer="C-40", controller="itronic")
    assert "You have asked us for nothing yet" in house.by_code(BEA).sees("/me").text


def test_who_asks_again_is_told_so_and_led_to_what_is_under_way(house: House) -> None:
    browser = house.by_code(HERS)
    first = browser.opens("access")
    second = browser.opens("access")
    assert first != second
    page = browser.sees(f"/me/cases/{second}").text
    assert "You have asked for this already" in page
    assert f'href="/me/cases/{first}"' in page


def test_marketing_is_stopped_the_moment_she_says_so(house: House) -> None:
    def may() -> int:
        return asked("may-share", AINO, "sendgrid", "newsletter", "--json", "--data", house.data).json["why"]

    browser = house.by_code(HERS)
    assert "unsubscribe" not in may()
    assert browser.sees("/me/open/unsubscribe").status_code == 200
    assert "unsubscribe" not in may()  # to look is not to do
    case = browser.opens("unsubscribe")
    assert "unsubscribe" in may()
    assert "have been told not to use your data for marketing" in browser.sees(f"/me/cases/{case}").text


def test_a_refusal_says_why_and_what_she_can_do(house: House) -> None:
    browser = house.by_code(HERS)
    case = browser.opens("access")
    reason = "You had <b>the same</b> copy last week."
    staff(house.folder, "case", "refuse", case, "--ground", "12(5)", "--reason", reason)
    page = browser.sees(f"/me/cases/{case}").text
    assert "<b>the same</b>" not in page
    told = text_of(page)
    for word in (reason, "12(5)", "Data Protection Ombudsman", "court", "We have refused your request"):
        assert word in told
    fi = text_of(browser.sees(f"/me/cases/{case}", **{"Accept-Language": "fi"}).text)
    assert "tietosuojavaltuutetulle" in fi
    letter = browser.sees(f"/me/cases/{case}/letter.html")
    assert reason in html.unescape(letter.text)
    assert letter.headers["content-disposition"] == 'attachment; filename="letter.html"'


def test_an_extension_says_until_when_and_why(house: House) -> None:
    browser = house.by_code(HERS)
    case = browser.opens("access")
    staff(house.folder, "case", "extend", case, "--reason", "There are very many orders.")
    told = text_of(browser.sees(f"/me/cases/{case}").text)
    assert "There are very many orders." in told
    assert "Takes longer" in told


def test_what_stays_is_told_with_its_reason_and_its_day(house: House) -> None:
    browser = house.by_code(HERS)
    case = browser.opens("erasure")
    staff(house.folder, "case", "approve", case)
    told = text_of(browser.sees(f"/me/cases/{case}").text)
    assert "Accounting Act" in told or "Kirjanpitolaki" in told
    assert re.search(r"20\d\d-12-31", told)
    assert "police" not in told.lower()
    assert "Data Protection Ombudsman" in told


def test_an_answer_can_be_had_once_it_was_made_and_not_before(house: House) -> None:
    browser = house.by_code(HERS)
    case = browser.opens("access")
    path = f"/me/cases/{case}/statement.json"
    assert browser.sees(path).status_code == 404
    staff(house.folder, "case", "approve", case)
    assert browser.sees(path).status_code == 404
    staff(house.folder, "case", "answer", case, "--out", str(house.folder / "out"))
    page = browser.sees(f"/me/cases/{case}").text
    for name in ("statement.html", "statement.pdf", "statement.json", "recipients.csv"):
        assert f"/me/cases/{case}/{name}" in page
        given = browser.sees(f"/me/cases/{case}/{name}")
        assert given.status_code == 200
        assert given.headers["cache-control"] == "no-store"
    made = (house.folder / "out" / "statement.json").read_text("utf-8")
    told = browser.sees(path).text
    assert re.sub(r'"made_at": "[^"]*"', "", made) == re.sub(r'"made_at": "[^"]*"', "", told)
    assert "police" not in told
    for name in ("letter.html", "address.txt", "..%2f..%2fkeys.db", "statement.exe"):
        assert browser.sees(f"/me/cases/{case}/{name}").status_code == 404
    assert house.by_code(BEA).sees(path).status_code == 404
    package = browser.opens("transfer")
    staff(house.folder, "case", "approve", package)
    staff(house.folder, "case", "answer", package, "--out", str(house.folder / "package"))
    assert browser.sees(f"/me/cases/{package}/transfer.zip").content[:2] == b"PK"


def test_where_the_shops_own_tables_belong_to_an_answer_it_comes_another_way(folder: Path) -> None:
    with served_house(folder, whole=False) as house:
        browser = house.by_code(HERS)
        case = browser.opens("access")
        staff(folder, "case", "approve", case)
        staff(folder, "case", "answer", case, "--out", str(folder / "out"))
        page = browser.sees(f"/me/cases/{case}").text
        assert "we send it to you" in page
        assert "statement.json" not in page
        assert browser.sees(f"/me/cases/{case}/statement.json").status_code == 404


def test_a_case_that_nobody_has_shown_to_be_hers_tells_no_reason(house: House) -> None:
    case = staff(house.folder, "case", "open", "access", HERS, "--channel", "email")
    staff(house.folder, "case", "refuse", case, "--ground", "12(2)", "--reason", "whoever wrote is her neighbour")
    browser = house.by_code(HERS)
    page = browser.sees(f"/me/cases/{case}").text
    assert "neighbour" not in page
    assert "We do not know yet that it was you" in page
    assert browser.sees(f"/me/cases/{case}/letter.html").status_code == 404


def test_a_case_that_names_another_one_beside_her_is_nobodys_to_see(house: House) -> None:
    case = staff(house.folder, "case", "open", "erasure", AINO, "customer_id:C-40", "--channel", "account")
    for address in (HERS, BEA):
        browser = house.by_code(address)
        assert browser.sees(f"/me/cases/{case}").status_code == 404
        assert case not in browser.sees("/me").text


def test_an_address_that_is_shared_since_she_came_in_shows_and_opens_nothing_any_more(house: House) -> None:
    browser = house.by_code(BEA)
    case = browser.opens("access")
    later = [event("AccountOpened", "late-1", "2026-11-01T09:00:00Z", customer_id="C-60", email=BEA)]
    staff(house.folder, "ingest", str(write_lines(house.folder / "later.jsonl", later)))
    page = browser.sees("/me").text
    assert "This belongs to several persons" in page
    assert "Order system" not in page
    assert browser.sees(f"/me/cases/{case}").status_code == 404
    assert browser.sends("/me/open/erasure").status_code == 403


def test_staff_have_no_way_to_a_customers_pages_nor_customers_to_theirs(house: House) -> None:
    office, customer, member = house.office, house.by_code(HERS), house.browser()
    token = office.sessions.begin("anna", "dpo", None)
    member.client.cookies.set("jalki-console", token, domain="127.0.0.1", path="/")
    assert member.sees("/cases").status_code == 200
    for cookie in ("jalki-console", "jalki-me"):
        member.client.cookies.set(cookie, token, domain="127.0.0.1", path="/")
        assert member.sees("/me").headers["location"] == "/me/sign-in"
        customer.client.cookies.set("jalki-console", customer.client.cookies["jalki-me"], domain="127.0.0.1", path="/")
    for door in DOORS:
        path = door.path.replace("{case}", "2026-00000000").replace("{found}", "x").replace("{right}", "access")
        path = path.replace("{file}", "letter.html")
        if not path.startswith("/me") and door.name not in BEFORE:
            seen, done = customer.sees(path), customer.sends(path)
            assert seen.status_code in {303, 405}, path
            assert done.status_code in {303, 401, 405}, path
            assert {each.headers.get("location") for each in (seen, done)} <= {"/sign-in", None}
        elif path.startswith("/me") and door.name not in {"me-sign-in", "me-code", "me-enter", "me-begin"}:
            assert {each.headers.get("location") for each in (member.sees(path), member.sends(path))} <= {
                "/me/sign-in", None,
            }  # fmt: skip


def test_nobody_has_an_account_as_a_customer(folder: Path) -> None:
    assert "customer" in web_roles()
    with pytest.raises(Misconfigured, match=r"--role is one of dpo, clerk, auditor, viewer$"):
        asked("users", "add", "aino", "--role", "customer", "--data", folder / "data")


def test_what_she_does_is_written_down_as_hers_without_naming_her(house: House) -> None:
    browser = house.by_code(HERS)
    browser.sees("/me")
    case = browser.opens("access")
    browser.sees(f"/me/cases/{case}")
    written = looks(house.data)
    assert {(each["actor"], each["role"]) for each in written} == {("person", "customer")}
    asked_for = {each["asked"].partition(":")[0] for each in written}
    assert asked_for == {"where", "case"}
    assert not [each for each in written if "posti.example" in str(each) or "C-17" in str(each)]
    entry = asked("case", "show", case, "--json", "--data", house.data).json
    assert entry["by"] == "person"


def test_she_opens_twenty_cases_a_day_and_then_must_wait(house: House) -> None:
    browser = house.by_code(HERS)
    for _ in range(20):
        assert house.desk.opening.takes(house.office.customers.sessions.of(_token(browser), {}).customer.pseudonym)  # type: ignore[union-attr]  # she is signed in
    answer = browser.sends("/me/open/access")
    assert answer.status_code == 429
    assert "very many requests" in answer.text
    assert house.by_code(BEA).sends("/me/open/access").status_code == 303


def _token(browser: Browser) -> str:
    return browser.client.cookies["jalki-me"]


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_every_page_is_there_in_every_language_with_one_heading_and_no_script(house: House, language: str) -> None:
    browser = house.by_code(HERS)
    case = browser.opens("erasure")
    for path in (*PAGES, f"/me/cases/{case}", "/me/enter"):
        page = browser.sees(path, **{"Accept-Language": language}).text
        assert f'<html lang="{language}">' in page
        assert page.count("<h1>") == 1
        assert "<script" not in page
        assert "style=" not in page
    for path in ("/me/sign-in", "/me/code", "/me/enter"):
        assert house.browser().sees(path, **{"Accept-Language": language}).status_code == 200


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    right=st.one_of(st.sampled_from(["access", "objection", "rectification"]), st.text(max_size=20)),
    fields=st.dictionaries(
        st.one_of(st.sampled_from(["company", "category", "value", "purpose-newsletter"]), st.text(max_size=20)),
        st.text(max_size=40), max_size=4,
    ),
)  # fmt: skip
def test_whatever_is_sent_is_refused_or_opens_a_case_and_never_fails(
    house: House, right: str, fields: dict[str, str]
) -> None:
    if "site" in fields:
        return
    if not house.browsers:
        house.by_code(HERS)
    answer = house.browsers[0].sends(f"/me/open/{quote(right, safe='')}", **fields)
    assert answer.status_code in {303, 404, 422, 429}


def test_she_sees_what_was_refused_of_a_copy_and_why_and_what_she_can_do(house: House) -> None:
    browser, why = house.by_code(HERS), "it would name who lives beside you"
    case = browser.opens("transfer")
    words = ("--category", "address", "--ground", "20(4)", "--reason", why)
    staff(house.folder, "case", "refuse", case, *words)
    staff(house.folder, "case", "approve", case)
    told = text_of(browser.sees(f"/me/cases/{case}").text)
    assert why in told
    assert "rights and freedoms of others" in told
    assert "Ombudsman" in told
