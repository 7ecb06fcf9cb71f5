"""Every form of every page, found by reading the pages, with what nobody means in its fields: a page, and nothing else."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import httpx2
import pytest

from console.web.case_acts import ACTS
from console.web.customers.allowances import Allowance
from console.web.customers.desk import DAY
from console.web.doors import DOORS
from console.web.visits import LARGEST_FORM
from tests.console.web.consoles import HER, WHY, Console, Visitor
from tests.console.web.customers import AINO, Browser, House, folder, house, recorded
from tests.console.web.test_evidence import PDF, sends

__all__ = ["folder", "house", "recorded"]
MARKUP = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>"
CRAFTED = {
    "markup": MARKUP,
    "override": "\u202e\u2066gnp.exe",
    "long": "x" * 10_000,
    "zero": "a\0b",
    "lines": "x\r\nSet-Cookie: x=y\r\n\r\n<html>",
    "template": "{{ 7 * 7 }}${7*7}%s$name",
    "numbers": "99999999999999999999999999",
    "other digits": "٢٠٢٦-٠٣-٠٥",
    "end of time": "9999-12-31",
    "no day": "0000-00-00",
    "path": "../../etc/passwd",
    "no characters": "\ufffe\x7f\x1b[31m\U0001f600",
    "kind": "customer_id:\0",
    "blank": " \t\u00a0\u200b ",
}
ALONE = ("numbers", "end of time")
"""What is tried in each field by itself, too."""
PLAUSIBLE = {
    "identifiers": "customer_id:C-8", "identifier": HER, "purpose": WHY, "ground": "12(5)", "reason": "asked before",
    "task": "0.1", "evidence": "their letter", "how": "id card", "order": "R 1", "authority": "a court", "law": "a law",
    "told": "2026-03-01", "right-access": "yes", "sure": "yes", "seed": "7", "certificate": "{}", "email": "a@b.example",
    "code": "AAAA-AAAA", "value": "x",
}  # fmt: skip
"""What a field holds while another one is crafted."""


class Form(NamedTuple):
    """A form as it stands on a page."""

    verb: str
    path: str
    fields: dict[str, str]


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("method", "get").upper(), urlsplit(given["action"]).path, {}))
        elif tag in {"input", "textarea", "button", "select"} and self.found and given.get("name"):
            name = self._list = given["name"]
            if given.get("type") != "file":
                self.found[-1].fields.setdefault(name, given.get("value") or PLAUSIBLE.get(name, ""))
        elif tag == "option" and self.found and not self.found[-1].fields.get(self._list):
            self.found[-1].fields[self._list] = given.get("value", "")


def forms_of(answer: httpx2.Response) -> list[Form]:
    reader = _Forms()
    reader.feed(answer.text)
    return [each for each in reader.found if not each.path.endswith("/sign-out")]


def crafted(form: Form) -> Iterator[dict[str, str]]:
    """Each field alone and all together; a list of choices and a hidden one too, for a browser need not keep to them."""
    for name in form.fields:
        for text in ALONE:
            yield {**form.fields, name: CRAFTED[text]}
    for text in CRAFTED.values():
        yield dict.fromkeys(form.fields, text)
    yield {**form.fields, MARKUP: MARKUP}
    yield {}


def assert_a_page(answer: httpx2.Response, what: object) -> None:
    assert answer.status_code in {200, 303, 400, 401, 403, 404, 409, 413, 422, 429}, what
    assert "set-cookie" not in answer.headers or answer.request.url.path in {"/language", "/me/sign-in"}, what
    assert not re.search(r"<img src=x|<script>alert|Traceback|File \"|>\s*49\s*<", answer.text), what
    assert "\0" not in answer.text or "html" not in answer.headers["content-type"], what
    place = answer.headers.get("location", "/")
    assert place.startswith("/"), what
    assert not place.startswith("//"), what


def staff_pages(dpo: Visitor) -> list[str]:
    """All pages of the officer, and cases in states between which every act is offered."""
    simple = [each.path for each in DOORS if each.shows and "{" not in each.path and not each.path.startswith("/me")]
    planned, approved, restricted = dpo.opens("erasure"), dpo.opens("transfer"), dpo.opens("restriction")
    part = {"party": "posti", "ground": "17(3)(e)", "reason": "a claim"}
    assert dpo.does(f"/cases/{planned}/refuse-item", part).status_code == 303
    assert sends(dpo, planned, PDF).status_code == 303
    dpo.does(f"/cases/{planned}/preview")
    dpo.does(f"/cases/{planned}/hold", {"order": "R 0", "authority": "a court", "law": "a law"})
    for each in (approved, restricted):
        dpo.approves(each)
    return [*(each for each in simple if "oidc" not in each), *(f"/cases/{each}" for each in (planned, approved, restricted)),
            dpo.finds()]  # fmt: skip


def test_no_field_of_the_console_makes_anything_but_a_page(own_console: Console) -> None:
    dpo, tried = own_console.somebody("dpo"), dict[tuple[str, str], Form]()
    pages = staff_pages(dpo)
    for page in pages:
        for form in forms_of(dpo.sees(page)):
            act = form.path.rpartition("/")[2]
            tried.setdefault((form.verb, act if "/cases/" in form.path else form.path), form)
    assert {act for _, act in tried} >= {each.name for each in ACTS} | {"certificate", "/persons", "/samples", "/looks"}
    last = ("withdraw", "approve", "refuse")  # after these nothing else may be done
    for _, form in sorted(tried.items(), key=lambda each: (each[0][1] in last, each[0])):
        for fields in crafted(form):
            body = urlencode(fields)
            answer = dpo.sees(f"{form.path}?{body}") if form.verb == "GET" else dpo.does(form.path, body.encode())
            assert_a_page(answer, (form.path, {name: text[:40] for name, text in fields.items()}))
    for page in pages:
        assert_a_page(dpo.sees(page), page)


def test_no_field_of_a_customers_pages_makes_anything_but_a_page(house: House) -> None:
    house.desk.opening = Allowance(house.clock, 10_000, DAY)
    browser = house.by_link(AINO)
    rights = ("access", "transfer", "rectification", "erasure", "restriction", "objection", "unsubscribe")
    case = browser.opens("access")
    pages = (
        "/me/sign-in",
        "/me/code",
        "/me",
        "/me/open",
        *(f"/me/open/{each}" for each in rights),
        f"/me/cases/{case}",
    )
    stranger, tried = house.browser(), dict[str, tuple[Browser, Form]]()
    for page in pages:
        who = stranger if page in {"/me/sign-in", "/me/code"} else browser
        for form in forms_of(who.sees(page)):
            tried.setdefault(form.path, (who, form))
    assert len(tried) == 3 + len(rights)
    for who, form in tried.values():
        for fields in crafted(form):
            assert_a_page(
                who.sends(form.path, **fields), (form.path, {name: text[:40] for name, text in fields.items()})
            )
    for page in pages[2:]:
        assert_a_page(browser.sees(page), page)


@pytest.mark.parametrize("text", CRAFTED.values(), ids=list(CRAFTED))
def test_no_address_makes_anything_but_a_page(console: Console, text: str) -> None:
    dpo, named = console.somebody("dpo"), quote(text, safe="")
    for door in DOORS:
        if "{" in door.path:
            path = re.sub(r"\{\w+\}", lambda _: named, door.path)
            for answer in (dpo.sees(path), dpo.does(path, {"purpose": WHY})):
                assert answer.status_code in {303, 403, 404, 405, 422}, path
                assert_a_page(answer, path) if answer.status_code != 405 else None
                assert text.strip() not in answer.text or not text.strip(), path


def test_what_is_larger_than_a_form_is_refused_by_every_act_and_nothing_is_done(console: Console) -> None:
    dpo = console.somebody("dpo")
    case = dpo.opens("access", "customer_id:C-1031")
    before = dpo.sees(f"/cases/{case}").text
    body = b"reason=" + b"x" * LARGEST_FORM
    for door in DOORS:
        if door.does and not door.path.startswith("/me") and door.name not in {"sign-in", "sign-out", "certificates"}:
            answer = dpo.does(door.path.replace("{case}", case).replace("{found}", "x"), body)
            assert answer.status_code == 413, door.name
    assert dpo.sees(f"/cases/{case}").text == before


def test_a_crafted_cookie_is_nobodys(console: Console) -> None:
    for value in ("x" * 5_000, "%00", "'; --", "a\tb", Path(__file__).name):
        answer = console.nobody({"jalki-console": value}).sees("/cases")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
