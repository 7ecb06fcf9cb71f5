"""The record of processing activities as JSON-LD, expanded by hand as the algorithm of JSON-LD 1.1 does with prefixes alone."""

import re
from pathlib import Path
from typing import Any

import pytest

from console.ropa_jsonld import ropa_jsonld
from console.ropa_shapes import ropa_shape
from console.shapes import Shape, as_json
from schemas.vocabulary import vocabulary
from tests.console.ropa_shop import flows
from tests.lineage.register.small import SMALL
from tests.lineage.ropa.recorded import record_of, register_of

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
