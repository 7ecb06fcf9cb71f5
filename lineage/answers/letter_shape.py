"""A letter as JSON. The form is `letter.schema.json`; ids stay ids, and what a person reads stands beside them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from lineage.answers.letter_model import Done, Letter, NotDone, Stays
from lineage.answers.letter_outline import ground_of, refused_why, standing_of, until_of, why_of
from lineage.answers.shape import company_shape, complaint_shape
from lineage.answers.texts import Texts
from lineage.times import rfc3339, rfc3339_or_null

FORMAT = "jalki-letter"
VERSION = 1
_SCHEMA = Path(__file__).with_name("letter.schema.json")


@cache
def letter_schema() -> bytes:
    """Return the JSON Schema (2020-12) of `letter_json`."""
    return _SCHEMA.read_bytes()


def letter_json(letter: Letter, texts: Texts) -> bytes:
    """Return the letter as JSON in UTF-8; times in RFC 3339 UTC. Equal letters give equal bytes."""
    shape = {**_about(letter, texts), **_told(letter, texts)}
    return (json.dumps(shape, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _about(letter: Letter, texts: Texts) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "language": texts.language,
        "kind": letter.kind,
        "case": letter.case,
        "right": letter.right,
        "controller": company_shape(letter.controller),
        "contact": letter.contact or None,
        "made_at": rfc3339(letter.made_at),
        "received": rfc3339(letter.received),
        "purposes": list(letter.chosen),
        "changed": list(letter.changed),
        "ground": letter.ground or None,
        "ground_text": ground_of(letter.ground, texts) if letter.ground else None,
        "reason": letter.reason or None,
        "until": letter.until or None,
        "complaint": complaint_shape(texts),
    }


def _told(letter: Letter, texts: Texts) -> dict[str, Any]:
    return {
        "nothing": letter.nothing,
        "recipients": [_done(each, texts) for each in letter.recipients],
        "systems": [_done(each, texts) for each in letter.systems],
        "stays": [_stays(each, texts) for each in letter.stays],
        "refused": [_refused(each, texts) for each in letter.refused],
        "taken_to": [company_shape(each) for each in letter.taken_to],
        "sharing_stopped": rfc3339_or_null(letter.inflow),
        "lifted": rfc3339_or_null(letter.lifted),
        "record_erased": rfc3339_or_null(letter.forgotten),
        "came_back": letter.came_back,
        "unclear": {
            "shared": letter.undecided,
            "of_several_persons": letter.ambiguous,
            "unreadable": letter.unopened,
        },
    }


def _done(each: Done, texts: Texts) -> dict[str, Any]:
    return {
        "company": company_shape(each.company),
        "roles": list(each.roles),
        "purposes": list(each.purposes),
        "categories": list(each.categories),
        "standing": each.standing,
        "text": standing_of(each, texts),
        "how": each.how,
        "by": each.by,
        "until": each.until or None,
        "ground": each.ground,
        "observed": each.observed,
    }


def _refused(each: NotDone, texts: Texts) -> dict[str, Any]:
    return {
        "ground": each.ground,
        "ground_text": ground_of(each.ground, texts),
        "text": refused_why(each, texts),
        "categories": list(each.categories),
        "purposes": list(each.purposes),
        "companies": [company_shape(company) for company in each.companies],
    }


def _stays(each: Stays, texts: Texts) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "law": each.law or None,
        "text": why_of(each, texts),
        "until": each.until or None,
        "until_text": until_of(each, texts),
        "assumed": each.assumed,
        "categories": list(each.categories),
        "companies": [company_shape(company) for company in each.companies],
    }
