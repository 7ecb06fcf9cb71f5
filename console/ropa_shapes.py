"""The record of processing activities as JSON and CSV: snake_case, sorted, times in RFC 3339 UTC.

Every other form is drawn from the shape, so that a person sees just what a program gets.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from console.shapes import Shape
from lineage.answers.cells import as_csv
from lineage.register import PERSON, Controller, Register, Transfer
from lineage.ropa import STATUSES, Activity, Category, Counted, Flow, Mandate, ProcessingRecord, Recipient, Seen
from lineage.ropa.activities import party_of
from lineage.ropa.model import Acting, Kept
from lineage.times import rfc3339

COLUMNS = (
    "purpose", "purpose_text", "basis", "controllers", "data_subjects", "from", "to", "name", "kind", "country", "role",
    "declared_as", "categories", "undeclared_categories", "retention", "transfer_country", "mechanisms", "status",
    "disclosures", "first", "last", "undeclared_disclosures", "drift",
)  # fmt: skip
"""The columns of the CSV, which has a row for each flow."""


def ropa_shape(record: ProcessingRecord, register: Register) -> Shape:
    """Return the whole record."""
    ids = {each for flow in record.flows for each in (flow.source, flow.target)} - {PERSON}
    parties = [party_of(register, each) for each in sorted(ids | {each.id for each in record.companies})]
    return {
        "at": rfc3339(record.at),
        "since": None if record.since is None else rfc3339(record.since),
        "known_at": None if record.known_at is None else rfc3339(record.known_at),
        "summary": _summary(record),
        "controllers": [_company(each, record.activities, register) for each in record.companies],
        "security": [{"measure": each.text, "source": each.source or None} for each in record.security],
        "activities": [_activity(each) for each in record.activities],
        "as_processor": [_mandate(each) for each in record.mandates],
        "missing": [asdict(each) for each in record.missing],
        "parties": [
            {"id": each.id, "name": each.name, "kind": each.kind, "country": each.country, "named": each.named}
            for each in parties
        ],
    }


def _summary(record: ProcessingRecord) -> Shape:
    flows = record.flows
    statuses = Counter(flow.counted.status for flow in flows)
    return {
        "activities": len(record.activities),
        "flows": {status: statuses[status] for status in STATUSES},
        "disclosures": sum(flow.counted.seen.disclosures for flow in flows if flow.counted.seen),
        "undeclared_disclosures": sum(flow.counted.undeclared for flow in flows),
        "missing": len(record.missing),
    }


def _company(company: Controller, activities: Iterable[Activity], register: Register) -> Shape:
    party = party_of(register, company.id)
    acting = [(each.purpose, one) for each in activities for one in each.companies if one.company == company.id]
    return {
        "party": company.id,
        "name": party.name,
        "country": party.country,
        "business_id": company.business_id,
        "contact": company.contact or None,
        "representative": company.representative or None,
        "data_protection_officer": company.officer or None,
        "activities": [{"purpose": purpose, "role": one.role, **_seen(one.seen)} for purpose, one in acting],
    }


def _activity(activity: Activity) -> Shape:
    declared = activity.declared
    return {
        "purpose": activity.purpose,
        "declared": declared is not None,
        "text": declared.text if declared else None,
        "dpv": list(declared.dpv) if declared else [],
        "basis": activity.basis,
        "article": declared.article if declared else None,
        "consent": declared.consent if declared and activity.basis == "consent" else None,
        "note": (declared.note if declared else "") or None,
        "controllers": [_acting(each) for each in activity.companies],
        "data_subjects": list(declared.subjects) if declared else [],
        "categories": [_category(each) for each in activity.categories],
        "retention": [_kept(each) for each in activity.kept],
        "recipients": [_recipient(each) for each in activity.recipients],
        "systems": [_recipient(each) for each in activity.systems],
        "flows": [_flow(each) for each in activity.flows],
    }


def _acting(acting: Acting) -> Shape:
    return {"party": acting.company, "role": acting.role, **_seen(acting.seen)}


def _category(category: Category) -> Shape:
    return {"category": category.category, **_counted(category.counted)}


def _kept(kept: Kept) -> Shape:
    rule = kept.rule
    if rule is None:
        return {"categories": list(kept.categories), "rule": None}
    return {
        "categories": list(kept.categories),
        "rule": rule.rule,
        "law": rule.law,
        "period": asdict(rule.period),
        "at_latest": None if rule.at_latest is None else asdict(rule.at_latest),
        "confirmed": rule.confirmed,
    }


def _recipient(recipient: Recipient) -> Shape:
    return {
        "party": recipient.party.id,
        "name": recipient.party.name,
        "kind": recipient.party.kind,
        "country": recipient.party.country,
        "named": recipient.party.named,
        "roles": list(recipient.roles),
        "transfer": _transfer(recipient.transfer, confirmed=recipient.safeguards_confirmed),
        **_observed(recipient),
    }


def _flow(flow: Flow) -> Shape:
    return {
        "from": flow.source,
        "to": flow.target,
        "declared_as": list(flow.kinds),
        "role": flow.role,
        "confirmed": flow.confirmed,
        "transfer": _transfer(flow.transfer),
        **_observed(flow),
    }


def _observed(told: Recipient | Flow) -> Shape:
    return {
        **_counted(told.counted),
        "categories": [_category(each) for each in told.categories],
        "drift": {rule: _seen(seen) for rule, seen in told.drift.items()},
    }


def _mandate(mandate: Mandate) -> Shape:
    return {
        "processor": mandate.processor,
        "controller": mandate.controller,
        "purposes": list(mandate.purposes),
        "categories": list(mandate.categories),
        "transfers": [{"party": each.party, **(_transfer(each) or {})} for each in mandate.transfers],
        **_counted(mandate.counted),
    }


def _counted(counted: Counted) -> Shape:
    return {"status": counted.status, **_seen(counted.seen), "undeclared_disclosures": counted.undeclared}


def _seen(seen: Seen | None) -> Shape:
    if seen is None:
        return {"disclosures": 0, "first": None, "last": None}
    return {"disclosures": seen.disclosures, "first": rfc3339(seen.first), "last": rfc3339(seen.last)}


def _transfer(transfer: Transfer | None, **more: bool) -> Shape | None:
    if transfer is None:
        return None
    return {"country": transfer.country, "mechanisms": list(transfer.mechanisms), **more}


def not_declared_categories(of: Shape) -> list[str]:
    """Return the categories of a flow that went out at a moment when the register did not declare them for it."""
    return [each["category"] for each in of["categories"] if each["undeclared_disclosures"]]


def ropa_csv(shape: Shape) -> bytes:
    """Return the record as CSV, a flow a row; lists are separated by spaces, in cells that no spreadsheet calculates."""
    parties = {each["id"]: each for each in shape["parties"]}
    rows = (row for activity in shape["activities"] for row in _rows(activity, parties))
    return as_csv(COLUMNS, ([row[column] for column in COLUMNS] for row in rows))


def _rows(activity: Shape, parties: Mapping[str, Shape]) -> Iterator[Shape]:
    rules = {each: kept["rule"] for kept in activity["retention"] for each in kept["categories"]}
    for flow in activity["flows"]:
        party = parties[flow["to"]]
        allowed = [each["category"] for each in flow["categories"] if each["status"] in {"observed", "unobserved"}]
        transfer = flow["transfer"] or {"country": None, "mechanisms": []}
        yield {
            **{name: flow[name] for name in ("from", "to", "role", "status", "disclosures", "first", "last")},
            **{name: party[name] for name in ("name", "kind", "country")},
            "purpose": activity["purpose"],
            "purpose_text": activity["text"],
            "basis": activity["basis"],
            "controllers": _words(each["party"] for each in activity["controllers"] if each["role"]),
            "data_subjects": _words(activity["data_subjects"]),
            "declared_as": _words(flow["declared_as"]),
            "categories": _words(allowed),
            "undeclared_categories": _words(not_declared_categories(flow)),
            "retention": _words(sorted({rules[each] for each in allowed if rules.get(each)})),
            "transfer_country": transfer["country"],
            "mechanisms": _words(transfer["mechanisms"]),
            "undeclared_disclosures": flow["undeclared_disclosures"],
            "drift": _words(flow["drift"]),
        }


def _words(words: Iterable[str] | Sequence[str]) -> str:
    return " ".join(words)
