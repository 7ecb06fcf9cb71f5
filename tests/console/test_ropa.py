"""The record of processing activities in its forms: JSON, CSV, a page, JSON-LD, tables."""

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from console.ropa_jsonld import ropa_jsonld
from console.ropa_page import ropa_page
from console.ropa_shapes import COLUMNS, ropa_csv, ropa_shape
from console.shapes import Shape, as_json
from lineage.answers.texts import LANGUAGES
from lineage.register import load_register
from lineage.ropa import STATUSES
from lineage.ropa.wording import record_texts_of
from schemas.vocabulary import vocabulary
from tests.lineage.register.small import CATEGORIES, SMALL
from tests.lineage.ropa.recorded import COLLECTED, DELIVERY, NEWSLETTER, NOW, SPRING, record_of, register_of

HOSTILE = '"><script>alert(1)</script>&=cmd'
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def shape(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    """A small shop: what is declared and went out, what never did, and what was not declared, of every kind."""
    register = register_of(tmp_path_factory.mktemp("ropa"))
    went = [
        (COLLECTED, SPRING),
        (DELIVERY, SPRING),
        (DELIVERY._replace(categories=("email", "phone")), NOW),
        (NEWSLETTER._replace(target="post"), NOW),
        (NEWSLETTER._replace(purpose=HOSTILE), NOW),
    ]
    return ropa_shape(record_of(register, *went), register)


@pytest.fixture(scope="module")
def shipped() -> Shape:
    register = load_register(None, CATEGORIES)
    return ropa_shape(record_of(register), register)


def flows(shape: Shape) -> list[Shape]:
    return [flow for activity in shape["activities"] for flow in activity["flows"]]


def test_the_shape_is_the_documented_one(shape: Shape) -> None:
    assert list(shape) == [
        "at", "since", "summary", "controllers", "security", "activities", "as_processor", "missing", "parties",
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


# ── JSON-LD, expanded by hand as the algorithm of JSON-LD 1.1 does with a context of prefixes alone ──

ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_TERMS = """
    AccountManagement Applicant Authority Collect Copy Customer DataSubject DeliveryOfGoods DirectMarketing
    DiscloseByTransmission Employee LegalEntity Marketing Participant PersonalDataProcess ROPA StorageDuration
    Subscriber TechnicalOrganisationalMeasure Visitor CommunicationForCustomerCare CustomerCare
    CustomerClaimsManagement CustomerOrderManagement CustomerSolvencyMonitoring DataBackupProtocols EnforceSecurity
    FraudPreventionAndDetection LegalCompliance PaymentManagement RecordManagement RightsFulfilment
    ServiceUsageAnalytics TargetedAdvertising ConsentRecord DataProtectionOfficer Representative hasContact
    hasCountry hasDataController hasDataProcessor hasDataProtectionOfficer hasDataSource hasDataSubject hasDuration
    hasIdentifier hasJointDataControllers hasLegalBasis hasName hasPersonalData hasProcess hasProcessing hasPurpose
    hasRecipient hasRecipientDataController hasRepresentative hasStorageCondition hasTechnicalOrganisationalMeasure
    hasThirdCountry
"""
DPV_TERMS = set(_TERMS.split())
"""Terms that were looked up in DPV 2.3's own list (w3c/dpv, 2.3/dpv/dpv.csv, of 2026-02)."""


def expanded(iri: str, context: dict[str, str]) -> str:
    prefix, colon, local = iri.partition(":")
    assert colon, f"{iri} would be dropped, or taken for relative"
    if local.startswith("//") or prefix not in context:
        assert ABSOLUTE.fullmatch(iri), iri
        assert prefix in {"urn", "https", "http"}, f"{iri} has a prefix that the context does not know"
        return iri
    return context[prefix] + local


def walked(value: Any, context: dict[str, str]) -> Any:
    """A value with every key and reference expanded; what is no JSON-LD fails."""
    if isinstance(value, list):
        assert value, "an empty list says nothing"
        return [walked(each, context) for each in value]
    if not isinstance(value, dict):
        assert isinstance(value, str | int | bool)
        return value
    if "@value" in value:
        assert set(value) == {"@type", "@value"}
        return {"@type": expanded(value["@type"], context), "@value": value["@value"]}
    found = {}
    for key, inner in value.items():
        if key == "@id" or key == "@type":
            found[key] = expanded(inner, context)
        else:
            assert not key.startswith("@"), key
            found[expanded(key, context)] = walked(inner, context)
    return found


def graph_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    assert list(document) == ["@context", "@graph"]
    context = document["@context"]
    # Only what ends so may stand before a colon (JSON-LD 1.1, 4.2.2): otherwise a term is no prefix.
    assert all(re.fullmatch(r"[a-z-]+", name) and iri[-1] in ":/#" for name, iri in context.items())
    return [walked(each, context) for each in document["@graph"]]


def references(value: Any) -> set[str]:
    if isinstance(value, list):
        return {each for one in value for each in references(one)}
    if isinstance(value, dict):
        inner = {each for key, one in value.items() if key != "@id" for each in references(one)}
        return inner | ({value["@id"]} if set(value) == {"@id"} else set())
    return set()


@pytest.mark.parametrize("name", ["shape", "shipped"])
def test_the_json_ld_is_sound_and_every_node_that_is_named_is_there(name: str, request: pytest.FixtureRequest) -> None:
    shape = request.getfixturevalue(name)
    nodes = graph_of(ropa_jsonld(shape))
    ids = [each["@id"] for each in nodes]
    assert len(ids) == len(set(ids))
    ours = {
        each
        for each in references(nodes)
        if each.startswith("urn:jalki:") and not each.startswith("urn:jalki:vocabulary:")
    }
    assert ours <= set(ids)
    assert len([each for each in ids if each.startswith("urn:jalki:flow:")]) == len(flows(shape))


@pytest.mark.parametrize("name", ["shape", "shipped"])
def test_every_word_of_dpv_that_the_json_ld_uses_is_in_dpv(name: str, request: pytest.FixtureRequest) -> None:
    nodes = graph_of(ropa_jsonld(request.getfixturevalue(name)))
    used = set(re.findall(r"https://w3id\.org/dpv#(\w+)", as_json(nodes)))
    assert {"ROPA", "PersonalDataProcess", "hasRecipient", "StorageDuration"} <= used <= DPV_TERMS


def test_the_json_ld_tells_the_record_in_dpv(shape: Shape) -> None:
    dpv, ext = "https://w3id.org/dpv#", "urn:jalki:vocabulary:"
    by_id = {each["@id"]: each for each in graph_of(ropa_jsonld(shape))}
    record = by_id["urn:jalki:record"]
    assert record["@type"] == f"{dpv}ROPA"
    assert record[f"{ext}dpvVersion"] == vocabulary().dpv_version == "2.3"
    assert record[f"{dpv}hasProcess"] == [
        {"@id": "urn:jalki:activity:delivery"},
        {"@id": "urn:jalki:activity:newsletter"},
    ]
    delivery, newsletter = by_id["urn:jalki:activity:delivery"], by_id["urn:jalki:activity:newsletter"]
    assert delivery[f"{dpv}hasPurpose"] == [{"@id": f"{dpv}DeliveryOfGoods"}]
    assert delivery[f"{dpv}hasLegalBasis"] == {"@id": "https://w3id.org/dpv/legal/eu/gdpr#A6-1-b"}
    assert delivery[f"{dpv}hasPersonalData"] == [
        {"@id": "https://w3id.org/dpv/pd#EmailAddress"},
        {"@id": "https://w3id.org/dpv/pd#Name"},
    ]
    assert delivery[f"{dpv}hasRecipientDataController"] == [{"@id": "urn:jalki:party:post"}]
    assert newsletter[f"{dpv}hasDataProcessor"] == [{"@id": "urn:jalki:party:mailer"}]
    (kept,) = newsletter[f"{dpv}hasStorageCondition"]
    assert kept[f"{dpv}hasDuration"] == {"@type": "http://www.w3.org/2001/XMLSchema#duration", "@value": "P24M"}
    sent = by_id["urn:jalki:flow:newsletter:shop:mailer"]
    assert sent[f"{dpv}hasThirdCountry"] == {"@id": "https://w3id.org/dpv/loc#US"}
    assert sent[f"{dpv}hasLegalBasis"] == [{"@id": "https://w3id.org/dpv/legal/eu/gdpr#A45-3"}]
    went = by_id["urn:jalki:flow:delivery:shop:post"]
    assert (went[f"{ext}status"], went[f"{ext}disclosures"]) == ({"@id": f"{ext}observed"}, 2)
    assert went[f"{ext}undeclaredPersonalData"] == [{"@id": "https://w3id.org/dpv/pd#TelephoneNumber"}]


def test_the_json_ld_says_how_a_company_and_its_officer_are_reached(tmp_path: Path) -> None:
    more = "financial_year_confirmed: true, contact: us@us.example, officer: dpo@us.example, representative: Them Oy"
    register = register_of(tmp_path, SMALL.replace("financial_year_confirmed: true", more))
    nodes = graph_of(ropa_jsonld(ropa_shape(record_of(register), register)))
    dpv = "https://w3id.org/dpv#"
    us = next(each for each in nodes if each["@id"] == "urn:jalki:party:us")
    assert (us[f"{dpv}hasContact"], us[f"{dpv}hasIdentifier"]) == ("us@us.example", "1008670-9")
    officer, other = us[f"{dpv}hasDataProtectionOfficer"], us[f"{dpv}hasRepresentative"]
    assert officer == {"@type": f"{dpv}DataProtectionOfficer", f"{dpv}hasContact": "dpo@us.example"}
    assert other == {"@type": f"{dpv}Representative", f"{dpv}hasContact": "Them Oy"}


def test_nobody_who_reads_only_dpv_takes_what_was_not_declared_for_declared(shape: Shape) -> None:
    dpv, ext = "https://w3id.org/dpv#", "urn:jalki:vocabulary:"
    nodes = graph_of(ropa_jsonld(shape))
    undeclared = {each["@id"] for each in nodes if each.get(f"{ext}status") == {"@id": f"{ext}undeclared"}}
    assert len(undeclared) == 2
    assert undeclared.isdisjoint(one["@id"] for each in nodes for one in each.get(f"{dpv}hasProcess", []))
    assert undeclared == {
        one["@id"] for each in nodes for one in each.get(f"{ext}hasUndeclaredProcess", []) if ":flow:" in one["@id"]
    }


def test_equal_records_give_equal_text(shape: Shape, shipped: Shape) -> None:
    for each in (shape, shipped):
        assert ropa_page(each, record_texts_of("sv")) == ropa_page(each, record_texts_of("sv"))
        assert as_json(ropa_jsonld(each)) == as_json(ropa_jsonld(each))
    assert {flow["status"] for flow in flows(shape)} <= set(STATUSES)
