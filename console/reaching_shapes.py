"""The JSON that `reached` prints: counts in one object, and with `--persons` a line for each person before it."""

from collections.abc import Collection, Mapping

from console.as_of import times_shape
from console.shapes import Shape
from lineage.clocks import authority_notice_by
from lineage.reached import Asked, First, Onward, Reach, Reached, Sent
from lineage.register import UNKNOWN, Register
from lineage.times import rfc3339, rfc3339_or_null
from schemas.vocabulary import vocabulary

THEIRS = frozenset({"controller", "authority"})


def reached_shape(asked: Asked, known: int | None, found: Reached, register: Register) -> Shape:
    """Return the counts. `known` is when the controller became aware of the breach (microseconds UTC)."""
    return {
        **_asked_shape(asked, known, found.purposes.keys(), register),
        "persons": found.persons,
        "got": {
            "persons": found.got, "disclosures": found.disclosures,
            "first": rfc3339_or_null(found.first), "last": rfc3339_or_null(found.last)
        },
        "earlier": found.earlier,
        "held": {"persons": found.held, "promised": found.promised},
        "gone": {"retention": found.retention_over, "proved": found.proved},
        "erased": {
            "persons": found.erased.persons, "held": found.erased.may_be_held,
            "promised": found.erased.promised, "since": found.erased.since
        },
        "contactable": {"persons": found.contactable, **_counts(found.ways)},
        "not_contactable": found.persons - found.contactable,
        "shared": {"identifiers": found.shared, "disclosures": found.shared_disclosures},
        "categories": _categories("persons", found.categories),
        "forbidden_data": found.forbidden,
        "purposes": _counts(found.purposes),
        "sources": _counts(found.sources),
        "onward": [_onward_shape(each) for each in found.onward],
    }  # fmt: skip


def first_shape(asked: Asked, known: int | None, found: First, register: Register) -> Shape:
    """Return the first answer, which counts no persons; `known` as for `reached_shape`."""
    return {
        **_asked_shape(asked, known, found.purposes.keys(), register),
        "persons": None,
        "got": _sent_shape(found.got),
        "earlier": _sent_shape(found.earlier),
        "categories": _categories("disclosures", found.categories),
        "forbidden_data": found.forbidden,
        "purposes": _counts(found.purposes),
        "sources": _counts(found.sources),
        "onward": [_onward_shape(each) for each in found.onward],
    }


def _asked_shape(asked: Asked, known: int | None, had_for: Collection[str], register: Register) -> Shape:
    """Return what was asked, and what the register says of the party for the purposes it had something for."""
    party = register.party(asked.party)
    purposes = had_for or register.purposes_of(asked.party)
    roles = sorted({register.role(asked.party, purpose, asked.moment) for purpose in purposes})
    return {
        "party": asked.party,
        "name": party.name if party else asked.party,
        "country": party.country if party else UNKNOWN,
        "roles": roles,
        **times_shape(asked.as_of),
        "from": rfc3339_or_null(asked.since),
        "to": rfc3339_or_null(asked.until),
        "known": rfc3339_or_null(known),
        "notify_by": None if known is None else rfc3339(authority_notice_by(known)),
        "duty": "party" if roles and THEIRS.issuperset(roles) else "controller",
    }


def _sent_shape(sent: Sent) -> Shape:
    identifiers = {"at_least": sent.at_least, "at_most": sent.at_most}
    return {
        "disclosures": sent.disclosures, "identifiers": identifiers,
        "first": rfc3339_or_null(sent.first), "last": rfc3339_or_null(sent.last)
    }  # fmt: skip


def _categories(what: str, counted: Mapping[str, int]) -> Shape:
    sensitive = vocabulary().sensitive
    return {
        category: {what: count, "sensitive": sensitive.get(category)} for category, count in _counts(counted).items()
    }


def _onward_shape(each: Onward) -> Shape:
    return {
        "party": each.party,
        "from": list(each.sources),
        "observed": each.observed,
        "disclosures": each.disclosures,
        "categories": list(each.categories),
        "purposes": list(each.purposes),
        "first": rfc3339_or_null(each.first),
        "last": rfc3339_or_null(each.last),
    }


def reach_shape(each: Reach, kinds: Mapping[str, int]) -> Shape:
    """Return one person, or one identifier that several share. `kinds` counts her identifiers by kind."""
    return {
        "person": each.key.hex(),
        "candidates": each.candidates,
        "identifiers": dict(kinds),
        "categories": sorted(each.had.categories),
        "held": sorted(each.had.held),
        "promised": sorted(each.had.promised),
        "purposes": sorted(each.had.purposes),
        "contact": sorted(each.ways),
        "earlier": each.had.earlier,
        "disclosures": each.disclosures,
        "first": rfc3339_or_null(each.first if each.disclosures else None),
        "last": rfc3339_or_null(each.last if each.disclosures else None),
    }


def _counts(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items()))
