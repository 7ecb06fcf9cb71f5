"""Makes parties, purposes, controllers, transfers, copies and policy of their entries, and checks what they refer to.

Who may get what is in `flows`, how long in `rules`. Every fault is collected, none raised.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from lineage.register.countries import COUNTRIES
from lineage.register.faults import Faults
from lineage.register.model import (
    UNKNOWN,
    Adequacy,
    Basis,
    Controller,
    Copy,
    Framework,
    Measure,
    Party,
    PolicyStatement,
    Purpose,
    Safeguard,
    Validity,
)
from lineage.register.sections import Entry, S, Sections
from lineage.register.shapes import PurposeShape
from lineage.register.words import Vocabulary, days_of

GROUP = "group"


def parties_of(sections: Sections, faults: Faults) -> dict[str, Party]:
    """The parties by id."""
    found = {}
    for entry in sections.parties:
        shape = entry.shape
        _country(entry, shape.country, faults, or_unknown=True)
        validity = days_of(entry, shape, faults)
        found[entry.key] = Party(
            entry.key,
            shape.name,
            shape.kind,
            shape.country,
            entry.place(),
            shape.business_id,
            shape.named,
            validity,
            shape.note,
        )
    return found


def controllers_of(sections: Sections, parties: dict[str, Party], words: Vocabulary) -> list[Controller]:
    """The group companies. Each must be a party of kind group, and each party of that kind must be one of them."""
    found = []
    for entry in sections.controllers:
        party = parties.get(entry.key)
        if words.parties.check(entry, "", entry.key) and party is not None and party.kind != GROUP:
            words.faults.add(
                entry.place(),
                f"'{entry.key}' is a controller here, but its party is of kind '{party.kind}', not '{GROUP}'",
            )
        month, day = (int(part) for part in entry.shape.financial_year_ends.split("-"))
        shape = entry.shape
        found.append(
            Controller(
                entry.key,
                shape.business_id,
                (month, day),
                shape.financial_year_confirmed,
                entry.place(),
                shape.contact,
                shape.representative,
                shape.officer,
            )
        )
    for party in parties.values():
        if party.kind == GROUP and party.id not in sections.ids.get("controllers", ()):
            words.faults.add(party.place, f"'{party.id}' is of kind '{GROUP}' but is not among the controllers")
    return found


def purposes_of(sections: Sections, faults: Faults) -> list[Purpose]:
    """The purposes. A basis of consent needs the name of the consent, and the other way round."""
    found = []
    for entry in sections.purposes:
        shape = entry.shape
        bases = tuple(
            Basis(basis.basis, days_of(entry, basis, faults, "basis", index)) for index, basis in enumerate(shape.basis)
        )
        for one, other in combinations(bases, 2):
            if one.validity.overlaps(other.validity):
                faults.add(entry.place("basis"), "two bases hold at the same time; a disclosure rests on exactly one")
        _consent(entry, bases, sections, faults)
        found.append(
            Purpose(
                entry.key,
                shape.text,
                bases,
                shape.article,
                tuple(iri for iri in shape.dpv if iri != UNKNOWN),
                entry.place(),
                shape.consent,
                shape.note,
                tuple(sorted(set(shape.subjects))),
            )
        )
    return found


def _consent(entry: Entry[PurposeShape], bases: tuple[Basis, ...], sections: Sections, faults: Faults) -> None:
    consent, rests = entry.shape.consent, any(basis.basis == "consent" for basis in bases)
    if rests and consent is None:
        faults.add(entry.place("basis"), "the basis is consent: say which under 'consent'")
    elif consent is not None and not rests:
        faults.add(entry.place("consent"), "'consent' is named, but no basis here is consent")
    elif consent is not None and consent not in sections.ids["purposes"]:
        faults.add(entry.place("consent"), f"unknown purpose '{consent}'")


def eea_of(sections: Sections, faults: Faults) -> frozenset[str]:
    """The countries between which moving data is no transfer."""
    found = set()
    for entry in sections.eea:
        for index, country in enumerate(entry.shape.names):
            _country(entry, country, faults, index)
            found.add(country)
    return frozenset(found)


def adequacy_of(sections: Sections, eea: frozenset[str], faults: Faults) -> list[Adequacy]:
    """The adequacy decisions."""
    found: list[Adequacy] = []
    for entry in sections.adequacy:
        shape = entry.shape
        _country(entry, entry.key, faults)
        if entry.key in eea:
            faults.add(entry.place(), f"'{entry.key}' is in the EEA and needs no decision")
        validity = days_of(entry, shape, faults)
        one = Adequacy(entry.key, validity, shape.confirmed, entry.place(), shape.scope, shape.source)
        for other in found:
            if other.country == one.country and other.validity.overlaps(validity):
                faults.add(one.place, f"two decisions on '{one.country}' hold at the same time, see {other.place}")
        found.append(one)
    return found


def safeguards_of(
    sections: Sections, eea: frozenset[str], frameworks: Mapping[str, Framework], words: Vocabulary
) -> list[Safeguard]:
    """The transfer mechanisms, one for each party an entry names; none outlives the framework it stands on."""
    found: dict[str, list[Safeguard]] = defaultdict(list)
    for entry in sections.transfers:
        shape = entry.shape
        _country(entry, shape.country, words.faults, "country", or_unknown=True)
        if shape.country in eea:
            words.faults.add(entry.place("country"), f"'{shape.country}' is in the EEA: that is no transfer")
        validity = _within(entry, days_of(entry, shape, words.faults), frameworks.get(shape.mechanism), words.faults)
        for party in words.parties.expand(entry, "parties", shape.parties):
            found[party].append(
                Safeguard(party, shape.country, shape.mechanism, validity, shape.confirmed, shape.source, entry.place())
            )
    _no_rivals(found, words.faults)
    return [safeguard for declared in found.values() for safeguard in declared]


def _within(entry: Entry[S], declared: Validity, framework: Framework | None, faults: Faults) -> Validity:
    if framework is None or declared.overlaps(framework.validity):
        return declared if framework is None else declared.meet(framework.validity)
    if declared.starts < declared.ends and framework.validity.starts < framework.validity.ends:
        faults.add(entry.place(), f"this never holds: '{framework.mechanism}' has no force then, see {framework.place}")
    return declared


def _no_rivals(found: Mapping[str, list[Safeguard]], faults: Faults) -> None:
    for party, declared in found.items():
        for one, other in combinations(declared, 2):
            if one.country != other.country:
                faults.add(
                    other.place,
                    f"'{party}' has transfers to '{one.country}' and '{other.country}'; one country a party",
                )
            elif one.mechanism == other.mechanism and one.validity.overlaps(other.validity):
                faults.add(
                    other.place, f"'{other.mechanism}' of '{party}' is there twice for the same time, see {one.place}"
                )


def copies_of(sections: Sections, words: Vocabulary) -> list[Copy]:
    """The declared edges between parties."""
    found: list[Copy] = []
    for entry in sections.copies:
        shape = entry.shape
        words.parties.check(entry, "from", shape.source)
        words.parties.check(entry, "to", shape.target)
        words.purposes.check(entry, "purpose", shape.purpose)
        if shape.source == shape.target:
            words.faults.add(entry.place("to"), f"'{shape.target}' cannot be a copy of itself")
        validity = days_of(entry, shape, words.faults)
        copy = Copy(shape.source, shape.target, shape.purpose, shape.kind, validity, entry.place(), shape.note)
        _no_twin(copy, found, words.faults)
        found.append(copy)
    return found


def _no_twin(copy: Copy, others: Iterable[Copy], faults: Faults) -> None:
    for other in others:
        same = (copy.source, copy.target, copy.purpose) == (other.source, other.target, other.purpose)
        if same and copy.validity.overlaps(other.validity):
            faults.add(
                copy.place,
                f"the copy '{copy.source}' to '{copy.target}' is there twice for the same time, see {other.place}",
            )


def policy_of(sections: Sections) -> list[PolicyStatement]:
    """What the published policy says that the law does not accept, and what is still open."""
    return [
        PolicyStatement(e.key, e.shape.status, e.shape.severity, e.shape.quote, e.shape.law, e.shape.todo, e.place())
        for e in sections.policy
    ]


def security_of(sections: Sections) -> list[Measure]:
    """The measures of security, in the order of the files."""
    return [Measure(entry.shape.measure, entry.place(), entry.shape.source) for entry in sections.security]


def _country(entry: Entry[S], country: str, faults: Faults, *steps: str | int, or_unknown: bool = False) -> None:
    if country not in COUNTRIES and not (or_unknown and country == UNKNOWN):
        unless = f", or '{UNKNOWN}'" if or_unknown else ""
        faults.add(
            entry.place(*(steps or ("country",))),
            f"unknown country '{country}': write the two letters of ISO 3166-1{unless}",
        )
