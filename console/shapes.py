"""The JSON that commands print, as the contract has it: snake_case, sorted, times in RFC 3339 UTC."""

import json
from collections.abc import Iterable
from typing import Any

from lineage.drift import Drift
from lineage.findings.model import finding_shape
from lineage.overdue import Overdue
from lineage.register import Finding, Party, Register, Transfer
from lineage.sharing import Share
from lineage.times import rfc3339
from lineage.where import Holding, Whereabouts

Shape = dict[str, Any]


def as_json(shape: object) -> str:
    """Return a shape as text, the same for the same content."""
    return json.dumps(shape, ensure_ascii=False, indent=2)


def where_shape(asked: str, at: int | None, known_at: int | None, found: Whereabouts) -> Shape:
    """Return the answer to `where`."""
    return {
        "asked": asked,
        "at": None if at is None else rfc3339(at),
        "known_at": None if known_at is None else rfc3339(known_at),
        "identifiers": dict(found.kinds),
        "candidates": found.person.candidates,
        "holdings": [_holding(each) for each in found.holdings],
        "shared": [_holding(each) for each in found.shared],
    }


def _holding(holding: Holding) -> Shape:
    return {
        "party": holding.party.id,
        "name": holding.party.name,
        "country": holding.party.country,
        "role": holding.role,
        "status": "held",
        "observed": holding.observed,
        "from": list(holding.sources),
        "categories": list(holding.categories),
        "purposes": list(holding.purposes),
        "bases": list(holding.bases),
        "first": rfc3339(holding.first),
        "last": rfc3339(holding.last),
        "disclosures": holding.disclosures,
        "transfer": _transfer(holding.transfer),
        "drift": list(holding.drift),
    }


def _transfer(transfer: Transfer | None) -> Shape | None:
    if transfer is None:
        return None
    return {"country": transfer.country, "mechanisms": list(transfer.mechanisms)}


def sharing_shape(shares: Iterable[Share], register: Register) -> Shape:
    """Return the sharing graph: its parties, and what passes between them."""
    shares = list(shares)
    return {
        "parties": known_parties((each for share in shares for each in (share.source, share.target)), register),
        "sharing": [
            {
                "from": share.source,
                "to": share.target,
                "purpose": share.purpose,
                "basis": register.basis(share.purpose, share.last),
                "role": register.role(share.target, share.purpose, share.last),
                "categories": dict(share.categories),
                "disclosures": share.disclosures,
                "first": rfc3339(share.first),
                "last": rfc3339(share.last),
                "transfer": _transfer(register.transfer(share.target, share.last)),
                "drift": dict(share.drift),
            }
            for share in shares
        ],
    }


def known_parties(ids: Iterable[str], register: Register) -> list[Shape]:
    """Return those of these parties that the register knows, once each, sorted."""
    parties = [party for each in sorted(set(ids)) if (party := register.party(each))]
    return [{"id": each.id, "name": each.name, "kind": each.kind, "country": each.country} for each in parties]


def parties_shape(parties: Iterable[Party], shares: Iterable[Share], register: Register, moment: int) -> list[Shape]:
    """Return the register's parties, each with what it was observed to get and to give."""
    shares = list(shares)
    return [_party(party, shares, register, moment) for party in parties]


def _party(party: Party, shares: Iterable[Share], register: Register, moment: int) -> Shape:
    got = [share for share in shares if share.target == party.id]
    gave = [share for share in shares if share.source == party.id]
    return {
        "id": party.id,
        "name": party.name,
        "kind": party.kind,
        "country": party.country,
        "roles": {purpose: register.role(party.id, purpose, moment) for purpose in register.purposes_of(party.id)},
        "transfer": _transfer(register.transfer(party.id, moment)),
        "received": sum(share.disclosures for share in got),
        "passed_on": sum(share.disclosures for share in gave),
        "purposes": sorted({share.purpose for share in got}),
        "categories": sorted({category for share in got for category in share.categories}),
        "first": rfc3339(min(share.first for share in got)) if got else None,
        "last": rfc3339(max(share.last for share in got)) if got else None,
    }


def drift_shape(found: Iterable[Drift]) -> list[Shape]:
    """Return drift, one entry for each disclosure."""
    return [
        {
            "at": rfc3339(each.disclosure.at),
            "rules": list(each.rules),
            "from": each.disclosure.route.source,
            "to": each.disclosure.route.target,
            "purpose": each.disclosure.route.purpose,
            "categories": list(each.disclosure.route.categories),
            "controller": each.disclosure.route.controller,
            "event": each.disclosure.event.hex(),
            "person": each.person.hex() if each.person else None,
            "findings": [finding_shape(one) for one in each.findings],
            "register": each.register,
        }
        for each in found
    ]


def overdue_shape(each: Overdue) -> Shape:
    """Return one thing that is kept too long."""
    return {
        "person": each.person.hex(),
        "party": each.party,
        "purpose": each.purpose,
        "categories": list(each.categories),
        "rule": each.rule,
        "law": each.law,
        "where": each.where,
        "last_day": each.last_day.isoformat(),
        "assumed": each.assumed,
        "last": rfc3339(each.last),
        "event": each.event.hex(),
    }


def findings_shape(findings: Iterable[Finding]) -> list[Shape]:
    """Return findings about a register."""
    names = ("id", "severity", "kind", "where", "text", "law", "todo")
    return [{name: getattr(each, name) for name in names} for each in findings]
