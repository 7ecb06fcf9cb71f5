"""Makes the statement of GDPR Art. 15 from what is recorded of one person and what the register declares. Pure.

Everything in it comes from this person's data: a purpose, a right or a safeguard that nothing of hers touches is not named.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lineage.answers.collected import Collected, records_in
from lineage.answers.gathering import Matter, Told
from lineage.answers.inquiries import INQUIRY, is_inquiry
from lineage.answers.model import (
    Abroad,
    AskedCopy,
    Company,
    Decided,
    Decision,
    Kept,
    LookUp,
    Recipient,
    Source,
    Statement,
    Use,
)
from lineage.answers.others import without_others
from lineage.answers.recipients import OWN_SYSTEM, company_of, rows
from lineage.answers.records import Record
from lineage.register import PERSON, UNKNOWN, Register, Retention

CREDIT = "credit"
MARKETING = frozenset({"newsletter", "advertising"})
RIGHTS = ("rectification", "erasure", "restriction", "withdrawal", "portability", "objection", "marketing", "review")
"""Every right a statement may name, in the order in which they are told (Art. 15(1)(e), 7(3), 16-22)."""
VIEWER = "viewer_ref"
"""The evidence by which a look at a record is known: who of the staff looked, as the shop names them."""


def statement(
    matter: Matter,
    register: Register,
    controller: str,
    now: int,
    *,
    contact: str = "",
    copy: Sequence[Record] = (),
    asked: Sequence[Collected] = (),
    include_authorities: bool = False,
) -> Statement:
    """Return what the person is told. `now` is microseconds UTC; equal input gives an equal statement.

    `contact` is where she reaches the controller; `copy` the records of the shop's own tables (Art. 15(3)), `asked` the
    parties that were asked for theirs; what tells of other persons in either is made unreadable here. With
    `include_authorities` it also has what is kept from her (Art. 4(9)): for the data protection officer alone, never to be
    sent.
    """
    told = [each for each in matter.told if include_authorities or not is_inquiry(each, register)]
    every_copy = (*copy, *records_in(asked))
    kept = without_others(every_copy if include_authorities else _without_inquiries(every_copy), matter.identifiers)
    every = rows(told, register, now)
    # What parties sent is in their disclosures already.
    held = _held(told, every, [each for each in kept if each.system not in {one.party for one in asked}], now)
    uses = _uses(held, register)
    decisions = _decisions(every)
    return Statement(
        controller=company_of(register, controller),
        made_at=now,
        contact=contact,
        known=bool(told or matter.agreed or kept),
        identifiers=dict(sorted(Counter(matter.person.members.values()).items())),
        shared=matter.shared,
        uses=uses,
        periods=_periods(held, register),
        recipients=tuple(each for each in every if each.company.kind != OWN_SYSTEM),
        systems=tuple(each for each in every if each.company.kind == OWN_SYSTEM),
        sources=_sources(told, register),
        abroad=_abroad(told, register),
        consents=tuple(
            Decided(each.consent.purpose, each.consent.granted, each.consent.at, each.words) for each in matter.agreed
        ),
        look_ups=tuple(_look_up(each, register) for each in told if is_look_up(each, register)),
        decisions=decisions,
        rights=_rights(uses, decisions=bool(decisions)),
        copy=kept,
        asked=tuple(AskedCopy(company_of(register, each.party), each.standing, each.asked) for each in asked),
    )


def is_look_up(told: Told, register: Register) -> bool:
    """Tell whether a disclosure is a look at her record; where what was sent is gone, by who got it from whom."""
    if told.readable:
        return VIEWER in told.evidence
    route = told.disclosure.route
    source = register.party(route.source)
    return source is not None and source.kind == OWN_SYSTEM and register.is_controller(route.target)


def _look_up(told: Told, register: Register) -> LookUp:
    """Return a look. The acting company is the viewer; where the viewer is one of our systems, the company it acted for."""
    route = told.disclosure.route
    acting = route.target if register.is_controller(route.target) else route.controller
    return LookUp(told.disclosure.at, route.purpose, company_of(register, acting))


def _without_inquiries(copy: Sequence[Record]) -> tuple[Record, ...]:
    left = (replace(each, cells=tuple(cell for cell in each.cells if cell.purpose != INQUIRY)) for each in copy)
    return tuple(each for each in left if each.cells)


def _held(
    told: Sequence[Told], every: Sequence[Recipient], copy: Sequence[Record], now: int
) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return (purpose, moment, categories) of all there is of her: observed, declared copies, and rows of our own tables."""
    return [
        *((each.disclosure.route.purpose, each.disclosure.at, each.disclosure.route.categories) for each in told),
        *((each.purpose, each.last, each.categories) for each in every if not each.observed),
        *((cell.purpose, now, (cell.category,)) for each in copy for cell in each.cells if cell.value is not None),
    ]


def _uses(held: Iterable[tuple[str, int, tuple[str, ...]]], register: Register) -> tuple[Use, ...]:
    bases: dict[str, set[str]] = {}
    categories: dict[str, set[str]] = {}
    for purpose, at, found in held:
        bases.setdefault(purpose, set()).add(register.basis(purpose, at) or UNKNOWN)
        categories.setdefault(purpose, set()).update(found)
    return tuple(_use(purpose, bases[purpose], categories[purpose], register) for purpose in sorted(bases))


def _use(purpose: str, bases: set[str], categories: set[str], register: Register) -> Use:
    known = register.purpose(purpose)
    text, article = (known.text, known.article) if known else (purpose, "")
    return Use(purpose, text, tuple(sorted(bases)), article, tuple(sorted(categories)))


def _periods(held: Iterable[tuple[str, int, tuple[str, ...]]], register: Register) -> tuple[Kept, ...]:
    """Return the rules for what there is of her, each with the categories it covers."""
    pairs = {(purpose, category) for purpose, _, categories in held for category in categories}
    grouped: dict[tuple[str, str], tuple[Retention | None, set[str]]] = {}
    for purpose, category in pairs:
        rule = register.retention(category, purpose)
        grouped.setdefault((purpose, repr(rule.place) if rule else ""), (rule, set()))[1].add(category)
    return tuple(Kept(key[0], tuple(sorted(covered)), rule) for key, (rule, covered) in sorted(grouped.items()))


def _sources(told: Sequence[Told], register: Register) -> tuple[Source, ...]:
    """Return where her data came from; what moves between our own systems and companies has no new source."""
    categories: dict[str, set[str]] = {}
    for each in told:
        route = each.disclosure.route
        source = register.party(route.source)
        if route.source == PERSON or (source is not None and source.kind not in {OWN_SYSTEM, "group"}):
            categories.setdefault(route.source, set()).update(route.categories)
    return tuple(
        Source(None if party == PERSON else company_of(register, party), tuple(sorted(held)))
        for party, held in sorted(categories.items(), key=lambda each: (each[0] != PERSON, each[0]))
    )


def _abroad(told: Sequence[Told], register: Register) -> tuple[Abroad, ...]:
    found: dict[tuple[str, str], tuple[Company, set[str], list[int]]] = {}
    for each in told:
        party = each.disclosure.route.target
        # Judged at the moment it happened, not today (Art. 44).
        if (transfer := register.transfer(party, each.disclosure.at, each.disclosure.route.purpose)) is None:
            continue
        _, mechanisms, unguarded = found.setdefault((party, transfer.country), (company_of(register, party), set(), []))
        mechanisms.update(transfer.mechanisms)
        unguarded += [] if transfer.safeguarded else [each.disclosure.at]
    return tuple(
        Abroad(company, country, tuple(sorted(mechanisms)), len(unguarded))
        for (_, country), (company, mechanisms, unguarded) in sorted(found.items(), key=lambda each: each[0])
    )


def _decisions(every: Sequence[Recipient]) -> tuple[Decision, ...]:
    return tuple(
        Decision(each.company, each.first, each.last, each.count)
        for each in every
        if each.purpose == CREDIT and each.observed and each.company.kind not in {OWN_SYSTEM, "group"}
    )


def _rights(uses: Sequence[Use], *, decisions: bool) -> tuple[str, ...]:
    bases = {basis for use in uses for basis in use.bases}
    held = {"rectification", "erasure", "restriction"}
    held |= {"withdrawal"} if "consent" in bases else set()
    held |= {"portability"} if bases & {"consent", "contract"} else set()
    held |= {"objection"} if "legitimate-interest" in bases else set()
    held |= {"marketing"} if MARKETING & {use.purpose for use in uses} else set()
    held |= {"review"} if decisions else set()
    return tuple(each for each in RIGHTS if each in held)
