"""The JSON that `reached` prints: counts in one object, and with `--persons` a line for each person before it."""

from collections.abc import Mapping

from console.shapes import Shape
from lineage.clocks import authority_notice_by
from lineage.reached import Asked, Reach, Reached
from lineage.register import UNKNOWN, Register
from lineage.times import rfc3339
from schemas.vocabulary import vocabulary

THEIRS = frozenset({"controller", "authority"})


def reached_shape(asked: Asked, known: int | None, found: Reached, register: Register) -> Shape:
    """Return the counts. `known` is when the controller became aware of the breach (microseconds UTC)."""
    party = register.party(asked.party)
    purposes = found.purposes.keys() or register.purposes_of(asked.party)
    roles = sorted({register.role(asked.party, purpose, asked.now) for purpose in purposes})
    sensitive = vocabulary().sensitive
    return {
        "party": asked.party,
        "name": party.name if party else asked.party,
        "country": party.country if party else UNKNOWN,
        "roles": roles,
        "from": _time(asked.since),
        "to": _time(asked.until),
        "known": _time(known),
        "notify_by": None if known is None else rfc3339(authority_notice_by(known)),
        "duty": "party" if roles and THEIRS.issuperset(roles) else "controller",
        "persons": found.persons,
        "got": {
            "persons": found.got, "disclosures": found.disclosures, "first": _time(found.first), "last": _time(found.last)
        },
        "earlier": found.earlier,
        "held": {"persons": found.held, "promised": found.promised},
        "gone": {"retention": found.retention_over, "proved": found.proved},
        "erased": {
            "persons": found.erased.persons, "held": found.erased.may_be_held, "promised": found.erased.promised
        },
        "contactable": {"persons": found.contactable, **_counts(found.ways)},
        "not_contactable": found.persons - found.contactable,
        "shared": {"identifiers": found.shared, "disclosures": found.shared_disclosures},
        "categories": {
            category: {"persons": count, "sensitive": sensitive.get(category)}
            for category, count in _counts(found.categories).items()
        },
        "forbidden_data": found.forbidden,
        "purposes": _counts(found.purposes),
        "sources": _counts(found.sources),
        "onward": [
            {
                "party": each.party,
                "from": list(each.sources),
                "observed": each.observed,
                "disclosures": each.disclosures,
                "categories": list(each.categories),
                "purposes": list(each.purposes),
                "first": _time(each.first),
                "last": _time(each.last),
            }
            for each in found.onward
        ],
    }  # fmt: skip


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
        "first": _time(each.first if each.disclosures else None),
        "last": _time(each.last if each.disclosures else None),
    }


def _counts(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items()))


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)
