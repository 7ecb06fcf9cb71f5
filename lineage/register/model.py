"""What a register holds, as frozen values. No file, no YAML and no check is known here.

Dates are days in Europe/Helsinki, the last one included; `starts` and `ends` are the same as microseconds UTC,
`ends` excluded.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

UNKNOWN = "unknown"
PERSON = "person"
HELSINKI = ZoneInfo("Europe/Helsinki")
BEFORE_ALL = -(2**63)
AFTER_ALL = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def midnight(day: date) -> int:
    """The first instant of a day in Helsinki, as microseconds UTC since the epoch."""
    local = datetime(day.year, day.month, day.day, tzinfo=HELSINKI)
    return (local - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a register file; line 0 is the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Validity:
    """From the first day to the last day, both included; None is open."""

    valid_from: date | None = None
    valid_until: date | None = None
    starts: int = field(init=False, repr=False, compare=False)
    ends: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = BEFORE_ALL if self.valid_from is None else midnight(self.valid_from)
        ends = AFTER_ALL if self.valid_until is None else midnight(self.valid_until + timedelta(days=1))
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "ends", ends)

    def covers(self, at: int) -> bool:
        """Whether it holds at this microsecond."""
        return self.starts <= at < self.ends

    def overlaps(self, other: "Validity") -> bool:
        """Whether there is an instant at which both hold."""
        return max(self.starts, other.starts) < min(self.ends, other.ends)

    def meet(self, other: "Validity") -> "Validity":
        """The days on which both hold; only meaningful where they overlap."""
        first = [day for day in (self.valid_from, other.valid_from) if day is not None]
        last = [day for day in (self.valid_until, other.valid_until) if day is not None]
        return Validity(max(first, default=None), min(last, default=None))


@dataclass(frozen=True, slots=True)
class Controller:
    """A group company (GDPR Art. 4(7)). `financial_year_end` is (month, day); it steers Kirjanpitolaki 2:10.

    `contact`, `representative` (Art. 27) and `officer` (Art. 37) are how each is reached; empty where not declared.
    """

    id: str
    business_id: str
    financial_year_end: tuple[int, int]
    financial_year_confirmed: bool
    place: Place
    contact: str = ""
    representative: str = ""
    officer: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """A legal entity, or one of its systems. `named` is False where only its part is known, not yet who plays it."""

    id: str
    name: str
    kind: str
    country: str
    place: Place
    business_id: str | None = None
    named: bool = True
    validity: Validity = Validity()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """A legal basis of a purpose, for a time."""

    basis: str
    validity: Validity = Validity()


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why data is used (Art. 5(1)(b)). `consent` is the consent it rests on wherever its basis is consent.

    `subjects` are the categories of persons it is about (Art. 30(1)(c)); none where not declared.
    """

    id: str
    text: str
    bases: tuple[Basis, ...]
    article: str
    dpv: tuple[str, ...]
    place: Place
    consent: str | None = None
    note: str = ""
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """A declared disclosure: this party may get these categories for this purpose from these sources."""

    party: str
    purpose: str
    role: str
    sources: frozenset[str]
    categories: frozenset[str]
    validity: Validity
    confirmed: bool
    place: Place
    note: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A span counted from a named event; with `until_year_end` it runs on to 31 December of the year it ends in."""

    after: str
    years: int = 0
    months: int = 0
    days: int = 0
    until_year_end: bool = False


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a category is kept for a purpose. `at_latest` ends it even if the person never does anything."""

    rule: str
    categories: frozenset[str]
    purposes: frozenset[str]
    period: Period
    at_latest: Period | None
    confirmed: bool
    law: str
    place: Place
    note: str = ""


@dataclass(frozen=True, slots=True)
class Safeguard:
    """One declared ground for moving one party's data out of the EEA (Art. 44-49), for a time."""

    party: str
    country: str
    mechanism: str
    validity: Validity
    confirmed: bool
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Adequacy:
    """An adequacy decision on a country (Art. 45)."""

    country: str
    validity: Validity
    confirmed: bool
    place: Place
    scope: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Framework:
    """What all mechanisms of one kind stand on, for a time: the decision on the Data Privacy Framework, say (Art. 45)."""

    mechanism: str
    validity: Validity
    place: Place
    source: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract with a processor (Art. 28(3)), or an arrangement with a joint controller (Art. 26), for a time.

    `purposes` are those it is about; none: every purpose.
    """

    party: str
    kind: str
    purposes: frozenset[str]
    validity: Validity
    confirmed: bool
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Notice:
    """One version of what persons are told (Art. 13-14), while it was in force: until the next one.

    It names recipients by id, or by their kind (Art. 13(1)(e)), and purposes; no purposes: all of them.
    """

    version: str
    posted: date | None
    validity: Validity
    parties: frozenset[str]
    kinds: frozenset[str]
    purposes: frozenset[str]
    place: Place

    def names(self, party: Party, purpose: str) -> bool:
        """Whether whoever read it could know of this. Own systems and authorities need not be named (Art. 4(9))."""
        if self.purposes and purpose not in self.purposes:
            return False
        return party.kind in {"own-system", "authority"} or party.id in self.parties or party.kind in self.kinds


@dataclass(frozen=True, slots=True)
class Transfer:
    """The answer to "does this party's data leave the EEA, and on what ground at that time?"."""

    party: str
    country: str
    mechanisms: tuple[str, ...]

    @property
    def safeguarded(self) -> bool:
        """Whether any mechanism held then."""
        return bool(self.mechanisms)


@dataclass(frozen=True, slots=True)
class Copy:
    """A declared edge: `target` holds what `source` holds, as a copy or sub-processor, without an event saying so."""

    source: str
    target: str
    purpose: str
    kind: str
    validity: Validity
    place: Place
    note: str = ""


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """Something the published policy says, or leaves open, that the law does not accept or does not settle."""

    id: str
    status: str
    severity: str
    quote: str
    law: str
    todo: str
    place: Place


@dataclass(frozen=True, slots=True)
class Measure:
    """A technical or organisational measure of security (Art. 30(1)(g), 32(1)), and where it is known from."""

    text: str
    place: Place
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the controller should mend or decide. `id` stays the same as long as the fault does."""

    id: str
    severity: str
    kind: str
    where: str
    text: str
    law: str
    todo: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Categories for which nobody has said how long they are kept for these purposes: no rule holds for them."""

    categories: frozenset[str]
    purposes: frozenset[str]
    place: Place


@dataclass(frozen=True, slots=True)
class Declared:
    """A whole register as read, checked, in a stable order; what `Register` answers from."""

    controllers: tuple[Controller, ...]
    parties: tuple[Party, ...]
    purposes: tuple[Purpose, ...]
    recipients: tuple[Recipient, ...]
    retention: tuple[Retention, ...]
    safeguards: tuple[Safeguard, ...]
    adequacy: tuple[Adequacy, ...]
    eea: frozenset[str]
    copies: tuple[Copy, ...]
    policy: tuple[PolicyStatement, ...]
    security: tuple[Measure, ...] = ()
    contracts: tuple[Contract, ...] = ()
    notices: tuple[Notice, ...] = ()
    frameworks: tuple[Framework, ...] = ()
    undecided: tuple[Undecided, ...] = ()
