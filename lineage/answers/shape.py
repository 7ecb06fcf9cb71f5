"""A statement as JSON and CSV. The form is `statement.schema.json`; ids stay ids, and what a person reads stands beside them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from lineage.answers.cells import as_csv
from lineage.answers.model import Company, Recipient, Statement
from lineage.answers.outline import copy_standing
from lineage.answers.texts import Texts, unknown_as_none
from lineage.times import rfc3339

FORMAT = "jalki-statement"
VERSION = 1
_SCHEMA = Path(__file__).with_name("statement.schema.json")
_COLUMNS = (
    "party", "name", "business_id", "country", "role", "purpose", "purpose_text", "categories", "from",
    "first", "last", "disclosures", "observed",
)  # fmt: skip


@cache
def statement_schema() -> bytes:
    """Return the JSON Schema (2020-12) of `statement_json`."""
    return _SCHEMA.read_bytes()


def statement_json(statement: Statement, texts: Texts) -> bytes:
    """Return the statement as JSON in UTF-8; times in RFC 3339 UTC. Equal statements give equal bytes."""
    return (json.dumps(_shape(statement, texts), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def recipients_csv(statement: Statement, texts: Texts) -> bytes:
    """Return recipients and own systems as CSV for a spreadsheet, one row a recipient and purpose."""
    rows = []
    for each in (*statement.recipients, *statement.systems):
        shape = _recipient(each, statement, texts)
        told = {**shape["company"], **shape, "categories": " ".join(each.categories), "from": " ".join(each.sources)}
        rows.append([told[column] for column in _COLUMNS])
    return as_csv(_COLUMNS, rows, for_spreadsheets=True)


def copy_csv(statement: Statement) -> bytes:
    """Return the copy as CSV for a spreadsheet, one row a value; `row` numbers the records."""
    rows = [
        (record.system, record.table, number, cell.name, cell.value, cell.category)
        for number, record in enumerate(statement.copy, 1)
        for cell in record.cells
    ]
    return as_csv(("system", "table", "row", "name", "value", "category"), rows, for_spreadsheets=True)


def _shape(statement: Statement, texts: Texts) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "language": texts.language,
        "made_at": rfc3339(statement.made_at),
        "controller": company_shape(statement.controller),
        "contact": statement.contact or None,
        "known": statement.known,
        "identifiers": dict(statement.identifiers),
        "shared": dict(statement.shared),
        **_what(statement, texts),
        "recipients": [_recipient(each, statement, texts) for each in statement.recipients],
        "systems": [_recipient(each, statement, texts) for each in statement.systems],
        **_when(statement, texts),
        "rights": [{"right": each, "text": texts.word("rights", each)} for each in statement.rights],
        "complaint": complaint_shape(texts),
        "copy": [
            {
                "system": record.system,
                "table": record.table,
                "values": [{"name": one.name, "value": one.value, "category": one.category} for one in record.cells],
            }
            for record in statement.copy
        ],
        "asked": [
            {
                "company": company_shape(each.company),
                "asked_at": None if each.asked is None else rfc3339(each.asked),
                "standing": each.standing,
                "text": copy_standing(each, texts),
            }
            for each in statement.asked
        ],
    }


def _what(statement: Statement, texts: Texts) -> dict[str, Any]:
    return {
        "purposes": [
            {
                "purpose": use.purpose,
                "text": texts.word("purposes", use.purpose, use.text),
                "bases": list(use.bases),
                "article": use.article or None,
                "categories": list(use.categories),
            }
            for use in statement.uses
        ],
        "periods": [
            {
                "purpose": each.purpose,
                "categories": list(each.categories),
                "text": texts.period(each.rule),
                "rule": each.rule.rule if each.rule else None,
                "law": each.rule.law if each.rule else None,
            }
            for each in statement.periods
        ],
        "sources": [
            {"company": None if each.company is None else company_shape(each.company), "categories": list(each.categories)}
            for each in statement.sources
        ],
        "transfers": [
            {
                "company": company_shape(each.company),
                "country": unknown_as_none(each.country),
                "safeguards": [
                    {"mechanism": one, "text": texts.word("mechanisms", one)} for one in each.mechanisms
                ],
                "without_safeguard": each.unguarded,
            }
            for each in statement.abroad
        ],
    }  # fmt: skip


def _when(statement: Statement, texts: Texts) -> dict[str, Any]:
    return {
        "consents": [
            {"at": rfc3339(each.at), "purpose": each.purpose, "granted": each.granted, "words": each.words or None}
            for each in statement.consents
        ],
        "look_ups": [
            {
                "at": rfc3339(each.at),
                "purpose": each.purpose,
                "text": texts.word("purposes", each.purpose),
                "company": company_shape(each.company),
            }
            for each in statement.look_ups
        ],
        "decisions": [
            {
                "company": company_shape(each.company),
                "first": rfc3339(each.first),
                "last": rfc3339(each.last),
                "applications": each.count,
            }
            for each in statement.decisions
        ],
    }


def complaint_shape(texts: Texts) -> dict[str, Any]:
    """Return where a person can complain, as JSON values."""
    return {
        "text": texts.say("complaint"),
        "authority": texts.say("authority"),
        "where": texts.say("authority_where"),
    }


def company_shape(company: Company) -> dict[str, Any]:
    """Return a company as JSON values."""
    return {
        "party": company.party,
        "name": company.name,
        "business_id": company.business_id,
        "country": unknown_as_none(company.country),
        "named": company.named,
    }


def _recipient(each: Recipient, statement: Statement, texts: Texts) -> dict[str, Any]:
    text = next((use.text for use in statement.uses if use.purpose == each.purpose), None)
    shape: dict[str, Any] = {
        "company": company_shape(each.company),
        "role": each.role,
        "purpose": each.purpose,
        "purpose_text": texts.word("purposes", each.purpose, text),
        "categories": list(each.categories),
        "from": list(each.sources),
        "first": rfc3339(each.first),
        "last": rfc3339(each.last),
        "disclosures": each.count,
        "observed": each.observed,
    }
    # Said only to the data protection officer: a person's statement has no such recipient, and no such field.
    return shape | ({"inquiry": True, "secret": each.secret} if each.inquiry else {})
