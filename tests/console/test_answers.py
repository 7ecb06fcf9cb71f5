"""The statement as files: a page that needs nothing from anywhere, a PDF with the same words, and what machines read."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from jsonschema import Draft202012Validator

from console.answering import statement_files
from lineage.answers.model import Statement
from lineage.answers.records import Cell, Record
from lineage.answers.shape import statement_schema
from lineage.answers.statement import statement
from lineage.answers.texts import LANGUAGES
from tests.lineage.answers.matters import (
    NOW,
    account,
    credit,
    disclosed,
    happened,
    matter_of,
    order,
    register,
    shipped,
    viewed,
)

EVIL = "<script>alert(1)</script>\"&'=1+1"
SCHEMA = Draft202012Validator(json.loads(statement_schema()))
every_language = pytest.mark.parametrize("language", LANGUAGES)


def full() -> Statement:
    consent = happened(
        "NewsletterSubscribed", "n1", email="aino@example.fi", customer_id="C-17", consent_text=EVIL, source="web"
    )
    mail = happened(
        "NewsletterSent", "n2", email="aino@example.fi", customer_id="C-17", provider="sendgrid", campaign_id="x"
    )
    seen = happened("PageViewed", "w1", device_id="d-1", customer_id="C-17", page="/a", platform="google-analytics")
    pixel = happened(
        "ConversionReported", "w2", device_id="d-1", order_id="O-1", platform="google-ads", action="bought"
    )  # fmt: skip
    events = (account(), order(), shipped("posti", "s1"), credit(), viewed("v1", "2026-03-05T09:00:00Z"), consent, mail, seen,
              pixel, disclosed("d1", "other-vendor", "warranty"))  # fmt: skip
    rows = [Record("order-system", EVIL, (Cell(EVIL, EVIL, "claim", "claim", "provided", "text"),))] * 2
    return statement(matter_of(*events), register(), "multitronic", NOW, contact=EVIL, copy=rows)


class Page(HTMLParser):
    """What a browser would make of a page, as far as the tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in {"meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


@every_language
def test_the_page_is_whole_in_its_language_and_loads_and_runs_nothing(language: str) -> None:
    page = Page(statement_files(full(), language)["statement.html"].decode())
    assert page.open == []
    assert ("html", {"lang": language}) in page.tags
    assert not {"script", "link", "img", "iframe", "form", "object", "a"} & {tag for tag, _ in page.tags}
    assert not [
        name for _, attributes in page.tags for name in attributes if name.startswith("on") or name in {"src", "style"}
    ]
    assert "url(" not in statement_files(full(), language)["statement.html"].decode()
    assert EVIL in "".join(page.text)


@every_language
def test_the_page_can_be_read_without_seeing_it(language: str) -> None:
    page = Page(statement_files(full(), language)["statement.html"].decode())
    tags = [tag for tag, _ in page.tags]
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert tags.count("table") == tags.count("caption") == tags.count("thead") > 8
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in page.tags if tag == "th")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert [attributes["aria-labelledby"] for tag, attributes in page.tags if tag == "section"] == ids
    assert all("tabindex" in attributes for _, attributes in page.tags if attributes.get("class") == "wide")


def test_two_parties_of_one_name_can_be_told_apart() -> None:
    text = statement_files(full(), "en")["statement.html"].decode()
    assert "Google Ireland Limited (google-ads)" in text
    assert "Google Ireland Limited (google-analytics)" in text


def test_a_recipient_that_is_not_known_by_name_is_marked() -> None:
    assert "its exact name is being checked" in statement_files(full(), "en")["statement.html"].decode()


@every_language
def test_the_json_is_what_its_schema_says(language: str) -> None:
    told = json.loads(statement_files(full(), language)["statement.json"])
    SCHEMA.validate(told)
    assert told["language"] == language
    assert {each["right"] for each in told["rights"]} == {
        "rectification", "erasure", "restriction", "withdrawal", "portability", "objection", "marketing", "review",
    }  # fmt: skip


def test_what_the_officer_sees_is_what_the_schema_says_too() -> None:
    matter = matter_of(account(), disclosed("i1", "police", "authority-inquiry", secret=True))
    shown = statement(matter, register(), "multitronic", NOW, include_authorities=True)
    told = json.loads(statement_files(shown, "fi")["statement.json"])
    SCHEMA.validate(told)
    assert [(each["inquiry"], each["secret"]) for each in told["recipients"]] == [(True, True)]
    assert "ei rekisteröidylle" in statement_files(shown, "fi")["statement.html"].decode()


def test_the_csv_has_a_row_for_each_recipient_and_purpose_and_no_formula() -> None:
    text = statement_files(full(), "sv")["recipients.csv"]
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    told = full()
    assert [(row["party"], row["purpose"]) for row in rows] == [
        (each.company.party, each.purpose) for each in (*told.recipients, *told.systems)
    ]
    assert text.startswith(b"\xef\xbb\xbf")


@every_language
def test_the_pdf_is_one_with_the_json_inside(language: str) -> None:
    files = statement_files(full(), language)
    assert files["statement.pdf"].startswith(b"%PDF-")
    assert files["statement.json"].rstrip() in files["statement.pdf"]
    assert re.search(rb"/Lang \((?:%s)" % language.encode(), files["statement.pdf"])


def test_equal_statements_make_equal_files() -> None:
    assert statement_files(full(), "fi") == statement_files(full(), "fi")
