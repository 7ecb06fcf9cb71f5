"""The record of processing activities as frozen values. Times are microseconds, UTC. Counts only; no person is in here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lineage.register import Controller, Measure, Party, Purpose, Retention, Transfer

OBSERVED, UNOBSERVED, ENDED, UNDECLARED = "observed", "unobserved", "ended", "undeclared"
STATUSES = (OBSERVED, UNOBSERVED, ENDED, UNDECLARED)
"""Declared and seen · declared and not seen · seen while it was declared, which it is no more · seen and never allowed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How many disclosures, and when the first and the last of them occurred."""

    disclosures: int
    first: int
    last: int


def added(seen: Iterable[Seen | None]) -> Seen | None:
    """Return several together; None where there is none."""
    there = [each for each in seen if each is not None]
    if not there:
        return None
    return Seen(
        sum(each.disclosures for each in there), min(each.first for each in there), max(each.last for each in there)
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What the register says of something at the moment of the record, and what was observed of it until then.

    `undeclared` of the disclosures `seen` went out at a moment when the register did not declare it.
    """

    declared: bool
    seen: Seen | None = None
    undeclared: int = 0

    @property
    def status(self) -> str:
        """Which of `STATUSES` it is: exactly one, whatever was declared and seen."""
        if self.declared:
            return UNOBSERVED if self.seen is None else OBSERVED
        return UNDECLARED if self.undeclared else ENDED


def together(counted: Iterable[Counted]) -> Counted:
    """Return several as one: declared where any is, with all that was seen."""
    each = tuple(counted)
    return Counted(
        any(one.declared for one in each), added(one.seen for one in each), sum(one.undeclared for one in each)
    )


@dataclass(frozen=True, slots=True)
class Category:
    """A category of personal data (Art. 30(1)(c)) of a flow, a recipient or an activity."""

    category: str
    counted: Counted


@dataclass(frozen=True, slots=True)
class Flow:
    """All that goes from one party, or from the person, to another for one purpose.

    `kinds` are how the register declares it: `disclosure`, `copy`, `sub-processor`; none where it does not. `drift`
    counts disclosures by each rule they broke at their moment; `companies`, by the company acting.
    """

    source: str
    target: str
    purpose: str
    kinds: tuple[str, ...]
    role: str
    confirmed: bool
    counted: Counted
    categories: tuple[Category, ...]
    transfer: Transfer | None
    drift: Mapping[str, Seen] = field(default_factory=dict)
    companies: Mapping[str, Seen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One party and all that it gets for one purpose (Art. 30(1)(d), (e)). `roles` are more than one only over time."""

    party: Party
    roles: tuple[str, ...]
    transfer: Transfer | None
    safeguards_confirmed: bool
    counted: Counted
    categories: tuple[Category, ...]
    drift: Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Acting:
    """A company of the group in an activity: as which kind of controller it is declared, and how often it acted.

    `role` is None where the register does not say what the company is for this purpose.
    """

    company: str
    role: str | None
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Kept:
    """How long categories are kept for a purpose (Art. 30(1)(f)); `rule` is None where the register has none."""

    categories: tuple[str, ...]
    rule: Retention | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One processing activity: everything for one purpose. `declared` is None for a purpose the register does not know.

    `basis` is the legal basis at the moment of the record, `unknown` where none holds then.
    """

    purpose: str
    declared: Purpose | None
    basis: str | None
    companies: tuple[Acting, ...]
    categories: tuple[Category, ...]
    recipients: tuple[Recipient, ...]
    systems: tuple[Recipient, ...]
    kept: tuple[Kept, ...]
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Mandate:
    """What a company of the group does on behalf of a controller (Art. 30(2)).

    `controller` is None where the register names only a system, or the person, as the source, and not for whom.
    `transfers` are those of what the company itself passes on for these purposes.
    """

    processor: str
    controller: str | None
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    transfers: tuple[Transfer, ...]
    counted: Counted


@dataclass(frozen=True, slots=True)
class Missing:
    """Something Art. 30 asks for and the register does not declare: `what` of which thing, `where`, by which letter."""

    what: str
    where: str
    law: str


@dataclass(frozen=True, slots=True)
class ProcessingRecord:
    """The whole record as of `at`; where given, what occurred since `since` and was recorded by `known_at` is observed.

    Every declared flow and every observed one is in exactly one activity, once.
    """

    at: int
    since: int | None
    known_at: int | None
    companies: tuple[Controller, ...]
    activities: tuple[Activity, ...]
    mandates: tuple[Mandate, ...]
    security: tuple[Measure, ...]
    missing: tuple[Missing, ...]

    @property
    def flows(self) -> tuple[Flow, ...]:
        """Every flow, by purpose, source and target."""
        return tuple(flow for activity in self.activities for flow in activity.flows)
