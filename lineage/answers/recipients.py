"""Who got her data: rows of companies and purposes, told apart into own systems, the same company, and recipients."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lineage.answers.gathering import Told
from lineage.answers.inquiries import SECRET, is_inquiry
from lineage.answers.model import Company, Recipient
from lineage.register import UNKNOWN, Copy, Party, Place, Register

OWN_SYSTEM = "own-system"


def company_of(register: Register, party: str) -> Company:
    """Return a party as the person is told of it; one that an older register knew has only its id."""
    found = register.party(party) or Party(party, party, UNKNOWN, UNKNOWN, Place(""), named=False)
    return Company(party, found.name, found.kind, found.country, found.business_id, found.named)


def is_same_company(register: Register, one: str, other: str) -> bool:
    """Tell whether two group companies are one legal entity; brands of one company are, by their business id."""
    if one == other:
        return True
    first, second = register.controller(one), register.controller(other)
    return (
        first is not None
        and second is not None
        and first.business_id == second.business_id
        and first.business_id != UNKNOWN
    )


def rows(told: Iterable[Told], register: Register, now: int) -> tuple[Recipient, ...]:
    """Return one row for each party and purpose of these disclosures, and for each declared copy of what they hold.

    Sorted by name, party and purpose. A company's own disclosures to itself make no row (GDPR Art. 4(9)).
    """
    by_row: dict[tuple[str, str], list[Told]] = {}
    for each in told:
        route = each.disclosure.route
        if not is_same_company(register, route.target, route.controller):
            by_row.setdefault((route.target, route.purpose), []).append(each)
    found = [_row(party, purpose, held, register) for (party, purpose), held in by_row.items()]
    return tuple(sorted((*found, *_copies(found, register, now)), key=_order))


def _order(row: Recipient) -> tuple[str, str, str]:
    return row.company.name.casefold(), row.company.party, row.purpose


def _row(party: str, purpose: str, held: Sequence[Told], register: Register) -> Recipient:
    disclosures = [each.disclosure for each in held]
    last = max(each.at for each in disclosures)
    return Recipient(
        company=company_of(register, party),
        role=register.role(party, purpose, last),
        purpose=purpose,
        categories=tuple(sorted({category for each in disclosures for category in each.route.categories})),
        sources=tuple(sorted({each.route.source for each in disclosures})),
        first=min(each.at for each in disclosures),
        last=last,
        count=len(disclosures),
        inquiry=any(is_inquiry(each, register) for each in held),
        secret=any(each.evidence.get(SECRET) is True for each in held),
    )


def _copies(found: Sequence[Recipient], register: Register, now: int) -> list[Recipient]:
    """Return the declared copies, and copies of those, of parties that no event shows for that purpose."""
    observed = {(each.company.party, each.purpose) for each in found}
    copied: dict[tuple[str, str], Recipient] = {}
    new = list(found)
    while new:
        original, *new = new
        for copy in register.copies_from(original.company.party, now):
            row = (copy.target, copy.purpose)
            if row in observed:
                continue
            made = _copied(copied.get(row), original, copy, register, now)
            if copied.get(row) != made:
                copied[row] = made
                new.append(made)
    return list(copied.values())


def _copied(there: Recipient | None, original: Recipient, copy: Copy, register: Register, now: int) -> Recipient:
    if there is None:
        there = replace(
            original,
            company=company_of(register, copy.target),
            role=register.role(copy.target, copy.purpose, now),
            purpose=copy.purpose,
            sources=(),
            count=0,
            observed=False,
        )
    return replace(
        there,
        categories=tuple(sorted({*there.categories, *original.categories})),
        sources=tuple(sorted({*there.sources, original.company.party})),
        first=min(there.first, original.first),
        last=max(there.last, original.last),
    )
