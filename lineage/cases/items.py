"""Items: what each party has of a person, by purpose and category, and whether it goes now or the law keeps it, until when.

Pure: from what was seen, the register and a version of the holds. One item's hold never spreads to another.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal, NamedTuple

from lineage.cases.anchors import Anchors
from lineage.cases.holds import LEGAL_HOLD, Holds, LegalHold, form_of, load_holds
from lineage.cases.refusals import Refusal
from lineage.cases.seen import Fact, Seen, is_ours, once
from lineage.cases.words import Form
from lineage.errors import Misconfigured
from lineage.facts import Consent
from lineage.register import UNKNOWN, Copy, Register, Retention, last_day

__all__ = ["Decision", "Item", "LegalHold", "Seen", "items", "role_of"]

Decision = Literal["erase", "hold", "refuse", "none"]


class Then(NamedTuple):
    """What else keeps an item that an order or a refusal keeps, once that ends: the last day (ISO), the rule and its law."""

    until: str
    rule: str | None
    law: str | None


class _Verdict(NamedTuple):
    """What is decided, and why; the fields are those of `Item`."""

    decision: Decision
    rule: str | None
    law: str | None
    article: str | None
    until: str | None = None
    waits_for: str | None = None
    promised: str | None = None
    assumed: bool = False
    then: Then | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One category that one party has for one purpose, as far as one answer holds for it.

    Where disclosures of it end at different times (orders of different years), came in different roles or for different
    companies, it is several items. `until` and `promised` are ISO days, that day included; times are microseconds UTC.
    """

    party: str
    purpose: str
    category: str
    role: str
    form: Form | None
    """How the party is told; None: not at all."""
    controller: str
    decision: Decision
    """`none`: nothing of ours to decide, for an authority has it. `refuse`: a person has decided not to do what was asked."""
    rule: str | None
    law: str | None
    article: str | None
    """Of GDPR: the ground of the erasure (17(1)) or of what stays (17(3); 17(1)(a): still needed)."""
    until: str | None
    """The last day it is held; None with `hold`: until `waits_for`."""
    waits_for: str | None
    """The event that ends the hold, where that was not seen: look again when it is."""
    promised: str | None
    """With `erase`: gone by itself after this day (a backup that turns over)."""
    assumed: bool
    """Whether `until` rests on a day that was assumed and not seen."""
    observed: bool
    """False: a declared copy, which no event has shown."""
    first: int
    last: int
    disclosures: int
    """Seen to go to this party; 0 for a declared copy."""
    then: Then | None
    """Of what an order or a refusal keeps: what keeps it after that."""
    facts: tuple[Fact, ...]
    """The disclosures it rests on; of a declared copy, those to the party that is copied from."""

    @property
    def unknown(self) -> bool:
        """Whether the register did not say what the party is: it gets a notice, and the register wants mending."""
        return self.role == UNKNOWN


class _Line(NamedTuple):
    """One category of one disclosure, at the party that got it or at one that has a copy."""

    seen: Seen
    party: str
    purpose: str
    category: str
    role: str
    rule: Retention | None
    observed: bool


def items(
    seen: Iterable[Seen],
    consents: Sequence[Consent],
    register: Register,
    now: int,
    legal_holds: Sequence[LegalHold] = (),
    *,
    holds: Holds | None = None,
    asked: int | None = None,
    refusals: Sequence[Refusal] = (),
) -> tuple[Item, ...]:
    """Return what each party has of a person and what becomes of it, in a stable order (GDPR Art. 17, 19).

    `now` is when it is decided; `asked` when the request came, which ends her consents (default: now). `holds`: the version
    to decide by, default the one valid now. `refusals`: what a person has decided not to do.
    The order and the repetition of `seen` do not matter.

    Raises:
        Misconfigured: a rule of the register has no row in the holds, or no version of them is valid yet.
    """
    table = load_holds().at(now) if holds is None else holds
    each_once = once(seen)
    anchors = Anchors(each_once, consents, register, table, now if asked is None else asked, now)
    groups: dict[tuple[object, ...], list[tuple[_Line, _Verdict]]] = {}
    for one in each_once:
        for line in _lines(one, register, now):
            verdict = _verdict(line, anchors, legal_holds, refusals)
            # One end is one item, whether its day was seen or assumed.
            ends = verdict._replace(waits_for=None, assumed=False)
            key = (line.party, line.purpose, line.category, line.role, one.disclosure.route.controller, ends)
            groups.setdefault(key, []).append((line, verdict))
    return tuple(sorted((_item(group, register) for group in groups.values()), key=_order))


def role_of(register: Register, party: str, purpose: str, at: int) -> str:
    """Return what a party was for a purpose then: as declared; where nothing is, an authority or own system stays one."""
    role = register.role(party, purpose, at)
    known = register.party(party)
    return known.kind if role == UNKNOWN and known and known.kind in {"authority", "own-system"} else role


def _lines(seen: Seen, register: Register, now: int) -> Iterator[_Line]:
    disclosure = seen.disclosure
    route, at = disclosure.route, disclosure.at
    role = role_of(register, route.target, route.purpose, at)
    for category in route.categories:
        rule = register.retention(category, route.purpose)
        yield _Line(seen, route.target, route.purpose, category, role, rule, observed=True)
    for copy in _copies(register, route.target, at, now):
        role = role_of(register, copy.target, copy.purpose, max(at, copy.validity.starts))
        for category in route.categories:
            rule = register.retention(category, copy.purpose) or register.retention(category, route.purpose)
            yield _Line(seen, copy.target, copy.purpose, category, role, rule, observed=False)


def _copies(register: Register, party: str, at: int, now: int) -> list[Copy]:
    """Return the copies that may have been made of what a party got, and of those: also by one that has ended since."""
    found: dict[tuple[str, str], Copy] = {}
    new = [party]
    while new:
        source = new.pop()
        for copy in register.declared.copies:
            made = copy.source == source and copy.validity.starts <= now and copy.validity.ends > at
            if made and copy.target != party and (copy.target, copy.purpose) not in found:
                found[copy.target, copy.purpose] = copy
                new.append(copy.target)
    return list(found.values())


def _verdict(line: _Line, anchors: Anchors, legal_holds: Iterable[LegalHold], refusals: Iterable[Refusal]) -> _Verdict:
    """Decide on one line: the longest of all holds on it counts; a refusal or an order has no end until it is taken back."""
    if line.role == "authority":
        return _Verdict("none", None, None, "GDPR 4(9)")
    by_rule = _by_rule(line, anchors)
    then = Then(by_rule.until, by_rule.rule, by_rule.law) if by_rule.until is not None else None
    if refused := [each for each in refusals if each.covers(line.party, line.purpose, line.category)]:
        by = min(refused, key=attrgetter("number"))
        law = f"GDPR {by.ground}"
        return _Verdict("refuse", None, law, law, waits_for=f"refusal {by.number}", then=then)
    ordered = [each for each in legal_holds if each.covers(line.party, line.purpose, line.category, anchors.now)]
    if ordered:
        # Two orders on one item: it waits for the release of both, the first by name is told.
        first = min(ordered, key=attrgetter("name"))
        article = anchors.holds.ground(LEGAL_HOLD).article
        return _Verdict("hold", LEGAL_HOLD, first.law, article, waits_for=f"release of {first.name}", then=then)
    return by_rule


def _by_rule(line: _Line, anchors: Anchors) -> _Verdict:
    """Decide on one line by the register and the table alone."""
    if line.rule is None:
        if anchors.register.is_undecided(line.category, line.purpose):
            raise Misconfigured(
                f"nobody has said how long '{line.category}' is kept for '{line.purpose}', and a law may keep it:"
                " decide it in the register first",
                "undecided",
                category=line.category,
                purpose=line.purpose,
            )
        return _Verdict("erase", None, None, "GDPR 17(1)(d)")
    ground = anchors.holds.ground(line.rule.rule)
    if ground.promised:
        end, _, _ = _end(line.rule, line, anchors)
        return _Verdict("erase", line.rule.rule, line.rule.law, _erased_for(line, anchors), promised=end)
    if ground.keeps(line.category):
        end, waits_for, assumed = _end(line.rule, line, anchors)
        if anchors.day(anchors.now).isoformat() <= end:
            return _Verdict("hold", line.rule.rule, line.rule.law, ground.article, end, waits_for, assumed=assumed)
    return _Verdict("erase", line.rule.rule, line.rule.law, _erased_for(line, anchors))


def _end(rule: Retention, line: _Line, anchors: Anchors) -> tuple[str, str | None, bool]:
    """Return the last day by a rule, the event that it waits for if its day was assumed, and whether it was."""
    ends = []
    for period in (rule.period, rule.at_latest):
        if period is not None:
            start = anchors.of(period, line.seen, line.seen.disclosure.route.purpose)
            day = last_day(rule, {period.after: start.day})
            if day is not None:
                ends.append((day.isoformat(), period.after if start.assumed else None, start.assumed))
    return min(ends, key=lambda each: (each[0], each[2]))


def _erased_for(line: _Line, anchors: Anchors) -> str:
    """Return the ground of an erasure that nothing stands against (Art. 17(1)), by what the purpose rests on now."""
    basis = anchors.register.basis(line.purpose, anchors.now)
    letter = {"consent": "b", "legitimate-interest": "c", UNKNOWN: "d", None: "d"}.get(basis, "a")
    return f"GDPR 17(1)({letter})"


def _item(group: Sequence[tuple[_Line, _Verdict]], register: Register) -> Item:
    first, decided = group[0]
    waits_for = min((verdict.waits_for for _, verdict in group if verdict.waits_for), default=None)
    verdict = decided._replace(waits_for=waits_for, assumed=any(each.assumed for _, each in group))
    times = [line.seen.disclosure.at for line, _ in group]
    observed = {line.seen.fact for line, _ in group if line.observed}
    controller = first.seen.disclosure.route.controller
    return Item(
        party=first.party,
        purpose=first.purpose,
        category=first.category,
        role=first.role,
        form=form_of(first.role, ours=_told_inside(first, controller, register)),
        controller=controller,
        **verdict._asdict(),
        observed=bool(observed),
        first=min(times),
        last=max(times),
        disclosures=len(observed),
        facts=tuple(sorted({line.seen.fact for line, _ in group})),
    )


def _told_inside(line: _Line, controller: str, register: Register) -> bool:
    """Whether the party shares our systems here: not a company of the group that has something for a consent of its own."""
    if not is_ours(register, line.party):
        return False
    known = register.purpose(line.purpose)
    own_marketing = (
        register.is_controller(line.party) and line.party != controller and known is not None and known.consent
    )
    return not own_marketing


def _order(item: Item) -> tuple[str, ...]:
    told = (
        item.until or "9999",
        item.then.until if item.then else None,
        item.controller,
        item.role,
        item.rule,
        item.law,
        item.article,
        item.promised,
    )
    return (item.party, item.purpose, item.category, item.decision, *(each or "" for each in told))
