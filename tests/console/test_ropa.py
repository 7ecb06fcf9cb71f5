"""The record of processing activities in its forms: JSON, CSV, a page, JSON-LD, tables."""

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from console.ropa_jsonld import ropa_jsonld
from console.ropa_page import ropa_page
from console.ropa_shapes import COLUMNS, ropa_csv, ropa_shape
from console.shapes import Shape, as_json
from lineage.answers.texts import LANGUAGES
from lineage.ropa import STATUSES
from lineage.ropa.wording import record_texts_of
from tests.console.ropa_shop import HOSTILE, flows
from tests.lineage.register.small import SMALL
from tests.lineage.ropa.recorded import DELIVERY, NEWSLETTER, NOW, SPRING, record_of, register_of

every_language = pytest.mark.parametrize("language", LANGUAGES)


def test_the_shape_is_the_documented_one(shape: Shape) -> None:
    assert list(shape) == [
        "at", "since", "known_at", "summary", "controllers", "security", "activities", "as_processor", "missing", "parties",
    ]  # fmt: skip
    assert shape["at"] == "2026-05-01T09:00:00Z"
    assert shape["summary"] == {
        "activities": 3,
        "flows": {"observed": 2, "unobserved": 3, "ended": 0, "undeclared": 2},
        "disclosures": 5,
        "undeclared_disclosures": 2,
        "missing": len(shape["missing"]),
    }
    delivery = next(each for each in shape["activities"] if each["purpose"] == "delivery")
    assert list(delivery) == [
        "purpose", "declared", "text", "dpv", "basis", "article", "consent", "note", "controllers", "data_subjects",
        "categories", "retention", "recipients", "systems", "flows",
    ]  # fmt: skip
    assert delivery["retention"] == [
        {
            "categories": ["email", "name"],
            "rule": "H05",
            "law": "contract",
            "period": {"after": "order-closed", "years": 0, "months": 0, "days": 0, "until_year_end": False},
            "at_latest": None,
            "confirmed": True,
        },
        {"categories": ["phone"], "rule": None},
    ]
    (post,) = delivery["recipients"]
    assert {name: value for name, value in post.items() if name != "categories"} == {
        "party": "post", "name": "Post Oy", "kind": "carrier", "country": "FI", "named": True, "roles": ["controller"],
        "transfer": None, "status": "observed", "disclosures": 2, "first": "2026-03-01T10:00:00Z",
        "last": "2026-05-01T09:00:00Z", "undeclared_disclosures": 0,
        "drift": {
            "category-not-allowed": {"disclosures": 1, "first": "2026-05-01T09:00:00Z", "last": "2026-05-01T09:00:00Z"}
        },
    }  # fmt: skip
    assert [(each["category"], each["status"], each["disclosures"]) for each in post["categories"]] == [
        ("email", "observed", 2),
        ("name", "observed", 1),
        ("phone", "undeclared", 1),
    ]


def test_the_shape_names_every_party_of_every_flow_once(shape: Shape) -> None:
    parties = [each["id"] for each in shape["parties"]]
    assert parties == sorted(set(parties))
    assert {each[end] for each in flows(shape) for end in ("from", "to")} - {"person"} <= set(parties)


def test_the_csv_has_a_row_for_each_flow_and_no_cell_that_a_spreadsheet_calculates(tmp_path: Path) -> None:
    register = register_of(tmp_path, SMALL.replace("Post Oy", "=SUM(A1)"))
    shape = ropa_shape(record_of(register, (DELIVERY, SPRING), (NEWSLETTER._replace(target="post"), NOW)), register)
    content = ropa_csv(shape).decode()
    rows = list(csv.DictReader(io.StringIO(content)))
    assert content.startswith(",".join(COLUMNS) + "\r\n")
    assert [(row["from"], row["to"], row["purpose"]) for row in rows] == [
        (flow["from"], flow["to"], activity["purpose"])
        for activity in shape["activities"]
        for flow in activity["flows"]
    ]
    post = next(row for row in rows if (row["to"], row["purpose"]) == ("post", "delivery"))
    assert (post["name"], post["categories"], post["retention"], post["status"]) == (
        "'=SUM(A1)",
        "email name",
        "H05",
        "observed",
    )
    other = next(row for row in rows if (row["to"], row["purpose"]) == ("post", "newsletter"))
    assert (other["categories"], other["undeclared_categories"], other["drift"]) == (
        "",
        "email",
        "undeclared-recipient",
    )
    mailer = next(row for row in rows if row["to"] == "mailer")
    assert (mailer["transfer_country"], mailer["mechanisms"], mailer["status"], mailer["first"]) == (
        "US",
        "dpf",
        "unobserved",
        "",
    )


class Page(HTMLParser):
    """What a reader's tools see of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.headings: list[int] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "every element is closed by its own end"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@every_language
def test_the_page_is_one_file_that_runs_and_loads_nothing(shape: Shape, language: str) -> None:
    text = ropa_page(shape, record_texts_of(language))
    page = Page(text)
    assert not page.open
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert not any(name.startswith("on") or name in {"src", "style"} for _, given in page.tags for name in given)
    assert all(str(given["href"]).startswith("#") for tag, given in page.tags if tag == "a")
    assert "url(" not in text
    assert "@import" not in text
    assert "<script>" not in text
    assert "default-src 'none'" in text
    assert HOSTILE in "".join(page.words)


@every_language
def test_the_page_can_be_read_by_those_who_do_not_see_it(shape: Shape, language: str) -> None:
    page = Page(ropa_page(shape, record_texts_of(language)))
    given = {tag: [attributes for name, attributes in page.tags if name == tag] for tag, _ in page.tags}
    assert given["html"] == [{"lang": language}]
    assert len(given["h1"]) == len(given["main"]) == len(given["title"]) == 1
    assert len(given["caption"]) == len(given["table"]) > 8
    assert all(each.get("scope") in {"col", "row"} for each in given["th"])
    assert all(later <= earlier + 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    ids = [each["id"] for _, each in page.tags if "id" in each]
    assert len(ids) == len(set(ids))
    assert {str(each["href"])[1:] for each in given["a"]} <= set(ids)
    assert "prefers-color-scheme:dark" in "".join(page.words)
    assert "@media print" in "".join(page.words)


def test_the_page_tells_every_status_by_a_word_and_a_sign_and_what_is_missing(shape: Shape) -> None:
    text = "".join(Page(ropa_page(shape, record_texts_of("en"))).words)
    for told in (
        "● observed",
        "○ not observed",
        "▲ not declared",
        "not declared",
        "recipient not declared",
        "Post Oy (post)",
    ):
        assert told in text
    assert "The register declares no company of the group as a processor." in text
    assert "Not declared: the register names no measure of security" in text
    assert "This purpose is not in the register." in text


def test_the_page_in_finnish_and_swedish_has_the_shipped_registers_sentences_in_it(shipped: Shape) -> None:
    for language, words in (
        ("fi", ("Uutiskirjeen lähetys", "Kortinnumeroita")),
        ("sv", ("Sända nyhetsbrevet", "Kortnummer")),
    ):
        text = "".join(Page(ropa_page(shipped, record_texts_of(language))).words)
        assert all(each in text for each in words)
        assert "Send the newsletter" not in text


def test_equal_records_give_equal_text(shape: Shape, shipped: Shape) -> None:
    for each in (shape, shipped):
        assert ropa_page(each, record_texts_of("sv")) == ropa_page(each, record_texts_of("sv"))
        assert as_json(ropa_jsonld(each)) == as_json(ropa_jsonld(each))
    assert {flow["status"] for flow in flows(shape)} <= set(STATUSES)
