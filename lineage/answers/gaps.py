"""What a statement cannot tell, for the data protection officer to settle before it is sent. Never part of the answer."""

from collections.abc import Iterator
from typing import NamedTuple

from lineage.answers.gathering import Matter
from lineage.answers.inquiries import is_inquiry
from lineage.answers.model import Statement
from lineage.register import UNKNOWN, Register


class Gap(NamedTuple):
    """One thing to settle: what it is, and of which party, purpose or category by id. Holds no personal data."""

    kind: str
    of: str


def gaps(statement: Statement, matter: Matter, register: Register) -> tuple[Gap, ...]:
    """Return, sorted and once each, what is missing or doubtful, and what was kept from the person.

    Kinds: unnamed-recipient (C-154/21 asks for who it was), unknown-country, unknown-role, unknown-basis, no-period,
    no-safeguard, lost (a key is gone: what was sent cannot be read), shared (identifiers of several persons),
    kept-back (an inquiry, Art. 4(9)).
    """
    return tuple(sorted({*_of_recipients(statement), *_of_purposes(statement), *_of_matter(matter, register)}))


def _of_recipients(statement: Statement) -> Iterator[Gap]:
    for each in (*statement.recipients, *statement.systems):
        party = each.company.party
        if not each.company.named:
            yield Gap("unnamed-recipient", party)
        if each.company.country == UNKNOWN:
            yield Gap("unknown-country", party)
        if each.role == UNKNOWN:
            yield Gap("unknown-role", f"{party} {each.purpose}")
    for one in statement.abroad:
        if one.unguarded:
            yield Gap("no-safeguard", one.company.party)


def _of_purposes(statement: Statement) -> Iterator[Gap]:
    for use in statement.uses:
        if UNKNOWN in use.bases:
            yield Gap("unknown-basis", use.purpose)
    for period in statement.periods:
        if period.rule is None:
            yield from (Gap("no-period", f"{category} {period.purpose}") for category in period.categories)


def _of_matter(matter: Matter, register: Register) -> Iterator[Gap]:
    for each in matter.told:
        party = each.disclosure.route.target
        if not each.readable:
            yield Gap("lost", party)
        if is_inquiry(each, register):
            yield Gap("kept-back", party)
    yield from (Gap("shared", kind) for kind in matter.shared)
