"""Requests that no page of ours makes: of other sites, too large, of other verbs; and the headers of every answer."""

import json
import re
from pathlib import Path

import httpx2
import pytest

from console.web.doors import DOORS
from console.web.visits import COOKIE, LARGEST_FORM
from console.web.wording import COOKIE as LANGUAGE
from tests.console.web.consoles import HER, WHY, Console, added, code_of, said

HEADERS = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
POLICY = {
    "default-src": "'self'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:",
    "object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'",
}  # fmt: skip
CRAFTED = {
    "script": "<script>alert(1)</script>",
    "quotes": "\"'><img src=x onerror=alert(1)>",
    "override": "\u202egnp.exe",
    "template": "{{ 7 * 7 }}$name%s",
    "long": "x" * 10_000,
    "zero": "a\x00b\r\nSet-Cookie: x=y",
}


def assert_strict(answer: httpx2.Response) -> None:
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, name
    parts = (each.strip().partition(" ") for each in answer.headers["content-security-policy"].split(";"))
    assert {name: value for name, _, value in parts} == POLICY
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["/", "/sign-in", "/cases", "/cases/none", "/nothing", "/static/console.css", "/static/slider.js",
     "/static/nothing.css", "/static/", "/static/../app.py", "/static/%2e%2e/app.py", "/cases/%00", "/%ff"],
)  # fmt: skip
def test_every_answer_has_strict_headers(console: Console, path: str) -> None:
    for visitor in (console.nobody(), console.somebody("dpo")):
        answer = visitor.sees(path)
        assert answer.status_code in {200, 303, 404, 422}
        assert_strict(answer)
        assert "def web_app" not in answer.text


def test_answers_to_forms_and_errors_have_them_too(console: Console) -> None:
    dpo = console.somebody("dpo")
    answers = [
        dpo.does("/persons", {"identifier": HER, "purpose": WHY}), dpo.does("/nothing"), dpo.does("/cases/open", b"\xff"),
        dpo.does("/persons", {}, {"Origin": "https://elsewhere.example"}), dpo.does("/persons", b"x" * (LARGEST_FORM + 1)),
        console.nobody().does("/sign-in", {}),
    ]  # fmt: skip
    assert [each.status_code for each in answers] == [303, 404, 422, 403, 413, 401]
    for each in answers:
        assert_strict(each)


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": None}, True),
        ({"Origin": None}, True),
        ({"Origin": None, "Sec-Fetch-Site": None}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Host": "elsewhere.example"}, False),
        ({"Host": "localhost"}, False),
    ],
)
def test_a_form_is_taken_from_a_page_of_ours_alone(
    console: Console, headers: dict[str, str | None], taken: bool
) -> None:
    dpo = console.somebody("dpo")
    answer = dpo.does("/persons", {"identifier": HER, "purpose": WHY}, headers)
    assert answer.status_code == (303 if taken else 403)
    assert taken or "The form did not come from a page of this console." in said(answer)
    chosen = dpo.does("/language", {"language": "sv", "back": "/cases"}, headers)
    assert (LANGUAGE in chosen.cookies) == taken
    assert console.nobody().does("/sign-in", {}, headers).status_code == (401 if taken else 403)


def test_a_page_is_for_its_own_host_alone(console: Console) -> None:
    dpo = console.somebody("dpo")
    for host in ("elsewhere.example", "", "127.0.0.1", "127.0.0.1:1"):
        answer = dpo.sees("/cases", headers={"Host": host})
        assert answer.status_code in {400, 403}
        assert "2026-" not in answer.text


@pytest.mark.parametrize("verb", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "POST", "GET", "HEAD"])
def test_other_verbs_than_a_door_has_are_refused_and_told_which_there_are(console: Console, verb: str) -> None:
    client = console.somebody("dpo").client
    case = console.somebody("dpo").cases()[0]
    for door in DOORS:
        has = {"GET", "HEAD"} if door.shows else set()
        has |= {"POST"} if door.does else set()
        if verb in has:
            continue
        path = door.path.replace("{case}", case).replace("{found}", "none")
        answer = client.request(verb, console.url + path)
        assert answer.status_code == 405
        assert {each.strip() for each in answer.headers["allow"].split(",")} == has
        assert_strict(answer)


@pytest.mark.parametrize("case", ["none", "2026-AAAAAAAA", "2026-", "a" * 3000, "2026-%3Cscript%3E", "%E2%80%AE"])
def test_what_is_no_case_is_not_told_apart_and_not_repeated(console: Console, case: str) -> None:
    dpo = console.somebody("dpo")
    answers = [dpo.sees(f"/cases/{case}"), dpo.sees(f"/cases/{case}/progress"), dpo.does(f"/cases/{case}/preview")]
    for answer in answers:
        assert answer.status_code == 404
        assert case not in answer.text
        assert "script>" not in answer.text


def test_a_person_is_known_by_what_she_goes_by_in_that_session_alone(console: Console) -> None:
    first, second = console.somebody("dpo"), console.somebody("dpo")
    page = first.finds()
    assert "C-17" not in page
    assert first.sees(page).status_code == 200
    for path in (page, "/persons/nobody", "/persons/customer_id:C-17"):
        answer = second.sees(path)
        assert answer.status_code == 404
        assert second.does(f"{path}/reveal", {"purpose": WHY}).status_code == 404
        assert "was not looked for in this session" in said(answer)


def test_whoever_is_recorded_and_who_is_not_look_the_same_until_the_page_of_a_person(console: Console) -> None:
    dpo = console.somebody("dpo")
    page = dpo.sees(dpo.finds("customer_id:C-99999"))
    assert page.status_code == 200
    assert "Nothing is recorded of this identifier." in said(page)


@pytest.mark.parametrize("name", CRAFTED)
def test_crafted_words_are_shown_as_words_or_refused(console: Console, name: str) -> None:
    dpo, text = console.somebody("dpo"), CRAFTED[name]
    forms = {
        "/persons": {"identifier": text, "purpose": text},
        "/cases/open": {"right-access": "yes", "identifiers": text, "channel": text, "controller": text, "value": text},
        f"/cases/{dpo.cases()[0]}/refuse": {"ground": text, "reason": text},
        f"/cases/{dpo.cases()[0]}/confirm": {"task": text, "state": text, "evidence": text},
    }
    for path, fields in forms.items():
        answer = dpo.does(path, fields)
        assert answer.status_code in {303, 403, 404, 409, 422}, path
        assert_no_markup(answer)
    for path in ("/cases?state=", "/cases?after=", "/sharing?party=", "/sharing?at=", "/drift?after=", "/record?at="):
        answer = dpo.sees(path[: path.index("?")], params={path[path.index("?") + 1 : -1]: text})
        assert answer.status_code in {200, 400, 422}, path
        assert_no_markup(answer)


def assert_no_markup(answer: httpx2.Response) -> None:
    assert "set-cookie" not in answer.headers
    assert "alert(1)<" not in answer.text
    assert "<img" not in answer.text
    assert "49" not in re.findall(r">\s*(49)\s*<", answer.text)


def test_the_days_of_a_page_are_days(console: Console) -> None:
    dpo = console.somebody("dpo")
    for page in ("/sharing", dpo.finds()):
        assert dpo.sees(f"{page}?at=2026-03-05&known_at=2030-01-01").status_code == 200
        for day in ("yesterday", "2026-02-30", "9999-12-31", "0000-00-00", "2026-3-5", "٢٠٢٦-٠٣-٠٥"):
            answer = dpo.sees(page, params={"at": day})
            assert answer.status_code == 422
            assert day not in answer.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"identifier=%s" % (b"x" * LARGEST_FORM), "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=b" for _ in range(101)), "application/x-www-form-urlencoded", 422),
        (b"identifier=%ff&purpose=xxx", "application/x-www-form-urlencoded", 422),
        (b"identifier=\xff", "application/x-www-form-urlencoded", 422),
        (b"", "application/x-www-form-urlencoded", 422),
        (b'{"identifier": "x"}', "application/json", 422),
        (b"identifier=x", "text/plain", 422),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 422),
    ],
)
def test_what_is_no_form_is_said_to_be_none(console: Console, body: bytes, kind: str, status: int) -> None:
    answer = console.somebody("dpo").does("/persons", body, {"Content-Type": kind})
    assert answer.status_code in {status, 415}
    assert_strict(answer)
    assert said(answer).count(".") >= 1


@pytest.mark.parametrize(
    ("back", "goes"),
    [("/cases?state=received", "/cases?state=received"), ("", "/"), ("//elsewhere.example", "/"), ("/\\elsewhere.example", "/"),
     ("https://elsewhere.example/", "/"), ("/x\r\nSet-Cookie: a=b", "/"), ("/\t/elsewhere.example", "/"),
     ("javascript:alert(1)", "/"), ("/a\\b", "/")],
)  # fmt: skip
def test_a_language_is_remembered_and_leads_back_to_a_page_of_ours_alone(
    console: Console, back: str, goes: str
) -> None:
    visitor = console.nobody()
    answer = visitor.does("/language", {"language": "sv", "back": back})
    assert (answer.status_code, answer.headers["location"]) == (303, goes)
    assert answer.headers.get_list("set-cookie") == [answer.headers["set-cookie"]]
    assert '<html lang="sv">' in visitor.sees("/sign-in").text


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("fi", "fi"), ("sv-FI,sv;q=0.9,en;q=0.8", "sv"), ("de, fi;q=0.5", "fi"), ("de", "en"), ("", "en"),
        ("ä" * 100, "en"), ("*", "en"),
    ],
)  # fmt: skip
def test_a_page_speaks_the_language_that_the_browser_asks_for(console: Console, asked: str, language: str) -> None:
    page = console.nobody().sees("/sign-in", headers={"Accept-Language": asked.encode()})
    assert f'<html lang="{language}">' in page.text


def test_a_language_that_there_is_not_is_not_remembered(console: Console) -> None:
    answer = console.nobody().does("/language", {"language": "xx", "back": "/sign-in"})
    assert "set-cookie" not in answer.headers
    assert console.nobody({LANGUAGE: "xx"}).sees("/sign-in").status_code == 200


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(own_console: Console) -> None:
    password, otpauth = added_here(own_console)
    answer = own_console.nobody().does("/sign-in", {"name": "anna", "password": password, "code": code_of(otpauth)})
    assert answer.status_code == 303
    session = answer.headers["set-cookie"]
    assert session.startswith(f"{COOKIE}=")
    assert {"httponly", "samesite=strict", "path=/"} <= {each.strip().lower() for each in session.split(";")}
    assert "expires" not in session.lower()
    assert "max-age" not in session.lower()


def added_here(console: Console) -> tuple[str, str]:
    account, password = console.office.accounts.add("anna", "dpo", 1)
    return password, account.address()


def test_what_is_served_holds_no_inline_script_style_or_foreign_address(console: Console) -> None:
    dpo = console.somebody("dpo")
    case = dpo.cases()[0]
    for path in ("/sign-in", "/cases", "/cases/open", f"/cases/{case}", "/persons", "/sharing", "/drift", "/record"):
        page = dpo.sees(path).text
        assert not re.search(r"<script(?![^>]+src=\"/static/)", page)
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", page)
        assert not re.search(r"(?:href|src|action)=\"(?!/|#)", page)


def test_accounts_by_the_command_are_those_of_the_console(tmp_path: Path) -> None:
    password, otpauth = added(tmp_path, "anna", "dpo")
    assert json.loads((tmp_path / "accounts.json").read_text())["accounts"][0]["name"] == "anna"
    assert len(code_of(otpauth)) == 6
    assert password.count("-") == 3
