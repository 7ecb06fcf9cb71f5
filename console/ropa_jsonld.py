"""The record of processing activities in the W3C Data Privacy Vocabulary, as JSON-LD 1.1. Made of the shape alone.

What DPV has a word for is said in DPV; counts of what was observed are in a namespace of our own. What went out undeclared
hangs on properties of our own too, so that nobody who reads only DPV takes it for declared.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from console.shapes import Shape
from lineage.register import PERSON, UNKNOWN
from schemas.vocabulary import Vocabulary, vocabulary

Node = dict[str, Any]
_OUTSIDE = {"dct": "http://purl.org/dc/terms/", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            "xsd": "http://www.w3.org/2001/XMLSchema#"}  # fmt: skip
_OURS = "urn:jalki:"
_ROLES = {"controller": "dpv:hasDataController", "joint-controller": "dpv:hasJointDataControllers"}
_RECIPIENTS = {"controller": "dpv:hasRecipientDataController", "processor": "dpv:hasDataProcessor"}
_HANGS = {"observed": "dpv:hasProcess", "unobserved": "dpv:hasProcess", "ended": "ext:hasEndedProcess",
          "undeclared": "ext:hasUndeclaredProcess"}  # fmt: skip


def ropa_jsonld(shape: Shape) -> Node:
    """Return the record as a JSON-LD document: `@context` of prefixes, `@graph` of nodes that name each other by IRI."""
    words = vocabulary()
    flows = {each["purpose"]: [_flow(each, flow, words) for flow in each["flows"]] for each in shape["activities"]}
    return {
        "@context": {**words.prefixes, **_OUTSIDE},
        "@graph": [
            _record(shape, words),
            *(_concept(iri, wider) for iri, wider in words.under.items()),
            *(_measure(number, each) for number, each in enumerate(shape["security"], 1)),
            *(_party(each, shape["controllers"]) for each in shape["parties"]),
            *(_activity(each, shape, flows[each["purpose"]], words) for each in shape["activities"]),
            *(node for found in flows.values() for node in found),
        ],
    }


def _node(iri: str, kind: str, **properties: object) -> Node:
    """Return a node without those properties that say nothing. Keywords write a prefix as `dpv_`, for `dpv:`."""
    said = {name.replace("_", ":", 1): value for name, value in properties.items()}
    return {"@id": iri, "@type": kind} | {name: value for name, value in said.items() if value not in (None, [], "")}


def _ref(iri: str) -> Node:
    return {"@id": iri}


def _refs(iris: Iterable[str]) -> list[Node]:
    return [_ref(each) for each in dict.fromkeys(iris)]


def _time(at: str | None) -> Node | None:
    return None if at is None else {"@type": "xsd:dateTime", "@value": at}


def _iri(kind: str, *parts: str) -> str:
    return _OURS + ":".join((kind, *(quote(each, safe="") for each in parts)))


def _who(party: str) -> str:
    return "dpv:DataSubject" if party == PERSON else _iri("party", party)


def _country(country: str) -> Node | None:
    return None if country == UNKNOWN else _ref(f"loc:{country}")


def _record(shape: Shape, words: Vocabulary) -> Node:
    declared = [_iri("activity", each["purpose"]) for each in shape["activities"] if each["declared"]]
    others = [_iri("activity", each["purpose"]) for each in shape["activities"] if not each["declared"]]
    return _node(
        _iri("record"),
        "dpv:ROPA",
        dct_date=_time(shape["at"]),
        dct_conformsTo=_ref(words.prefixes["dpv"].removesuffix("#")),
        ext_dpvVersion=words.dpv_version,
        ext_observedSince=_time(shape["since"]),
        ext_observedAsKnownAt=_time(shape["known_at"]),
        dpv_hasDataController=_refs(_who(each["party"]) for each in shape["controllers"]),
        dpv_hasProcess=_refs(declared),
        ext_hasUndeclaredProcess=_refs(others),
        ext_missing=[f"{each['what']} {each['where']}" for each in shape["missing"]],
    )


def _concept(iri: str, wider: str) -> Node:
    return _node(iri, "rdfs:Class", rdfs_subClassOf=_ref(wider))


def _measure(number: int, measure: Shape) -> Node:
    return _node(
        _iri("measure", str(number)), "dpv:TechnicalOrganisationalMeasure",
        dct_description=measure["measure"], dct_source=measure["source"],
    )  # fmt: skip


def _party(party: Shape, controllers: Iterable[Shape]) -> Node:
    kinds = {"own-system": "ext:OwnSystem", "authority": "dpv:Authority"}
    company: Shape = next((each for each in controllers if each["party"] == party["id"]), {})
    number = company.get("business_id")
    return _node(
        _iri("party", party["id"]),
        kinds.get(party["kind"], "dpv:LegalEntity"),
        dpv_hasName=party["name"],
        dpv_hasCountry=_country(party["country"]),
        dpv_hasIdentifier=None if number == UNKNOWN else number,
        dpv_hasContact=company.get("contact"),
        dpv_hasRepresentative=_reached("dpv:Representative", company.get("representative")),
        dpv_hasDataProtectionOfficer=_reached("dpv:DataProtectionOfficer", company.get("data_protection_officer")),
        ext_kind=party["kind"],
        ext_legalNameKnown=party["named"],
    )


def _reached(kind: str, contact: str | None) -> Node | None:
    return {"@type": kind, "dpv:hasContact": contact} if contact else None


def _activity(activity: Shape, shape: Shape, flows: Iterable[Node], words: Vocabulary) -> Node:
    hanging: dict[str, list[str]] = {}
    for flow, node in zip(activity["flows"], flows, strict=True):
        hanging.setdefault(_HANGS[flow["status"]], []).append(node["@id"])
    basis = words.register["bases"].get(activity["basis"] or UNKNOWN)
    made = _node(
        _iri("activity", activity["purpose"]),
        "dpv:PersonalDataProcess",
        dct_title=activity["text"],
        dct_source=activity["article"],
        dpv_hasPurpose=_refs(activity["dpv"]),
        dpv_hasLegalBasis=_ref(basis) if basis else None,
        dpv_hasDataSubject=_refs(words.register["subjects"][each] for each in activity["data_subjects"]),
        dpv_hasPersonalData=_refs(_data(activity, ("observed", "unobserved"), words)),
        dpv_hasStorageCondition=[_storage(each, words) for each in activity["retention"] if each["rule"]],
        dpv_hasTechnicalOrganisationalMeasure=_refs(
            _iri("measure", str(number)) for number, _ in enumerate(shape["security"], 1)
        ),
    )
    return made | _companies(activity) | _recipients(activity) | {name: _refs(ids) for name, ids in hanging.items()}


def _companies(activity: Shape) -> Node:
    found: dict[str, list[str]] = {}
    for each in activity["controllers"]:
        found.setdefault(_ROLES.get(each["role"], "ext:actingCompany"), []).append(_who(each["party"]))
    return {name: _refs(ids) for name, ids in found.items()}


def _recipients(activity: Shape) -> Node:
    found: dict[str, list[str]] = {}
    for each in activity["recipients"]:
        if each["status"] in {"observed", "unobserved"}:
            for role in each["roles"]:
                found.setdefault(_RECIPIENTS.get(role, "dpv:hasRecipient"), []).append(_who(each["party"]))
    return {name: _refs(ids) for name, ids in found.items()}


def _data(of: Shape, statuses: Iterable[str], words: Vocabulary) -> list[str]:
    asked = set(statuses)
    return [_category(each["category"], words) for each in of["categories"] if each["status"] in asked]


def _category(category: str, words: Vocabulary) -> str:
    # A category of an older vocabulary keeps its name, in our own namespace.
    return words.categories.get(category) or words.prefixes["ext"] + quote(category, safe="")


def _storage(kept: Shape, words: Vocabulary) -> Node:
    latest = kept["at_latest"]
    said = {
        "@type": "dpv:StorageDuration",
        "dpv:hasPersonalData": _refs(_category(each, words) for each in kept["categories"]),
        **_period(kept["period"]),
        "ext:rule": kept["rule"],
        "dct:source": kept["law"],
        "ext:confirmed": kept["confirmed"],
    }
    return said | ({"ext:atLatest": {"@type": "dpv:StorageDuration", **_period(latest)}} if latest else {})


def _period(period: Mapping[str, Any]) -> Node:
    """Return a period as xsd:duration, with the event it counts from."""
    spans = "".join(f"{period[unit]}{unit[0].upper()}" for unit in ("years", "months", "days") if period[unit])
    return {
        "dpv:hasDuration": {"@type": "xsd:duration", "@value": f"P{spans or '0D'}"},
        "ext:countedFrom": _ref(f"ext:{period['after']}"),
        "ext:untilYearEnd": period["until_year_end"],
    }


def _flow(activity: Shape, flow: Shape, words: Vocabulary) -> Node:
    declared = flow["status"] in {"observed", "unobserved"}
    transfer = flow["transfer"] or {"country": UNKNOWN, "mechanisms": []}
    mechanisms = [words.register["mechanisms"][each] for each in transfer["mechanisms"]]
    went = [each["category"] for each in flow["categories"] if each["status"] in {"ended", "undeclared"}]
    return _node(
        _iri("flow", activity["purpose"], flow["from"], flow["to"]),
        "dpv:PersonalDataProcess",
        dpv_hasProcessing=_ref(_processing(flow)),
        dpv_hasDataSource=_ref(_who(flow["from"])),
        dpv_hasRecipient=_ref(_who(flow["to"])),
        dpv_hasPersonalData=_refs(_data(flow, ("observed", "unobserved"), words)) if declared else [],
        dpv_hasThirdCountry=_country(transfer["country"]),
        dpv_hasLegalBasis=_refs(mechanisms),
        ext_status=_ref(f"ext:{flow['status']}"),
        ext_disclosures=flow["disclosures"],
        ext_first=_time(flow["first"]),
        ext_last=_time(flow["last"]),
        ext_undeclaredDisclosures=flow["undeclared_disclosures"],
        ext_undeclaredPersonalData=_refs(_category(each, words) for each in went),
        ext_brokenRule=list(flow["drift"]),
    )


def _processing(flow: Shape) -> str:
    if flow["from"] == PERSON:
        return "dpv:Collect"
    return "dpv:Copy" if flow["declared_as"] == ["copy"] else "dpv:DiscloseByTransmission"
