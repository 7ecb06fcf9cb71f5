"""Whether a party sent on what it should have erased by then: data whose retention by the register had passed (Art. 5(1)(e)).

Judged at the time of the disclosure, by what the record had shown by then. Where any of the ways in which the sender got the
data may still have lasted, nothing is said; a day that no event tells is given time before it counts.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from math import inf

from lineage.cases.anchors import Anchors, Day
from lineage.cases.holds import Holds, load_holds
from lineage.cases.seen import Seen, day_of, is_placing, once
from lineage.explaining import Shown, rule_texts
from lineage.facts import Consent, Disclosure, Route
from lineage.register import PERSON, Period, Register, Retention, last_day

RETENTION_PASSED = "retention-passed"
_TOLD = frozenset({"collected", "consent-ended", "financial-year-end", "logged"})
"""Events whose day the record can tell; whether it does, `Anchors` says."""
_CAN_TELL = _TOLD | {"order-placed"}
_DAY = 86_400_000_000
_MOST_KEPT = 50_000
BY_CONSENT = frozenset({"collected", "last-opened"})
"""Events that end, at the latest, what rests on a consent that holds."""


class Known:
    """What is on record of one person: her disclosures and consents, in no order."""

    __slots__ = ("_first", "_times", "consents", "disclosures")

    def __init__(self, disclosures: Sequence[Disclosure], consents: Sequence[Consent]) -> None:
        """Neither is looked at before it is asked about."""
        self.disclosures, self.consents = disclosures, consents
        self._times: dict[Route, list[int]] | None = None
        self._first: tuple[bytes, int] | None = None

    @property
    def first(self) -> tuple[bytes, int] | None:
        """One of her disclosures, always the same one of the same ones; None where there is none."""
        if self._first is None and self.disclosures:
            self._first = min((each.event, each.part) for each in self.disclosures)
        return self._first

    def latest(self, before: int) -> list[tuple[Route, int]]:
        """Return each route that she had been disclosed by before a moment, and when she last was."""
        found = []
        for route, times in self._by_route().items():
            if place := bisect_left(times, before):
                found.append((route, times[place - 1]))
        return found

    def _by_route(self) -> Mapping[Route, list[int]]:
        if self._times is None:
            self._times = {}
            for each in self.disclosures:
                self._times.setdefault(each.route, []).append(each.at)
            for times in self._times.values():
                times.sort()
        return self._times


@dataclass(frozen=True, slots=True)
class End:
    """The last day of one way in which data was held, and the rule that says so. `sure`: events tell it."""

    day: date
    sure: bool
    rule: Retention
    held: Disclosure | Consent


class Outliving:
    """Judges disclosures by one register. Raises: Misconfigured: the holds table is unsound."""

    def __init__(self, register: Register, holds: Holds | None = None) -> None:
        self._register = register
        self.holds = holds or load_holds().versions[-1]
        self._days: dict[Retention, int] = {}
        self._lasting: dict[tuple[str, str, str], float] = {}
        self._slack = timedelta(days=int(rule_texts()[RETENTION_PASSED]["slack_days"]))

    def concerns(self, disclosure: Disclosure) -> bool:
        """Whether anything can be said of it at all: what a person gives herself is fresh."""
        return disclosure.route.source != PERSON

    def has_passed(self, end: End, today: date) -> bool:
        """Tell whether an end is over; one that rests on an assumed day is given time."""
        return end.day + (timedelta() if end.sure else self._slack) < today

    def passed(self, disclosure: Disclosure, known: Known, granted: Consent | None) -> tuple[Shown, ...]:
        """Return what shows that a category of it had outlived its retention; nothing where none had, or nobody can say.

        `granted` is the consent that it rests on, None where it rests on none.
        """
        if not (suspects := self._suspects(disclosure, known, granted)):
            return ()
        today = day_of(disclosure.at, disclosure.at)
        shown = []
        for category in suspects:
            ends = self._ends(category, disclosure, known, granted)
            if ends and all(self.has_passed(each, today) for each in ends):
                shown.append(_shown(category, max(ends, key=lambda each: each.day)))
        return tuple(shown)

    def _suspects(self, disclosure: Disclosure, known: Known, granted: Consent | None) -> Sequence[str]:
        """Return the categories that may have outlived their retention, by nothing but when she was last disclosed each way.

        All others have not: most data is fresh, and that is seen here without looking at all that is on record of her.
        """
        if granted is not None:
            fresh = partial(self._is_fresh, disclosure, known, granted)
            return [each for each in disclosure.route.categories if not fresh(each)]
        sent = disclosure.route
        held, lasting = set[str](), set[str]()
        for route, at in known.latest(disclosure.at):
            if route.target == sent.source:
                days = disclosure.at // _DAY - at // _DAY
                for category in sent.categories:
                    if category in route.categories:
                        least = self._lasts_for(category, route, sent)
                        (lasting if days < least else held).add(category)
        suspects = held - lasting
        return [each for each in sent.categories if each in suspects] if suspects else ()

    def _lasts_for(self, category: str, held: Route, sent: Route) -> float:
        """Return for how many days what was held one way and is sent another cannot have ended; without a rule it never does."""
        asked = (category, held.purpose, sent.purpose)
        found = self._lasting.get(asked)
        if found is None:
            if len(self._lasting) >= _MOST_KEPT:  # what comes in is not ours to trust
                self._lasting.clear()
            rules = self._rules(category, held, sent)
            found = self._lasting[asked] = max(inf if each is None else self._shortest(each) - 1 for each in rules)
        return found

    def _is_fresh(self, disclosure: Disclosure, known: Known, granted: Consent, category: str) -> bool:
        """Whether what rests on a consent cannot have ended yet, whatever day its period is counted from."""
        way = self._by_its_consent(category, disclosure)
        if way is None:
            return True
        rule, period = way
        last = granted.at
        for route, at in known.latest(disclosure.at):
            if at > last and _renews(route, period, category, disclosure):
                last = at
        fewest = min(_fewest(each) for each in (rule.period, rule.at_latest) if each and each.after == period.after)
        return disclosure.at // _DAY - last // _DAY < fewest - 1

    def _ends(
        self, category: str, disclosure: Disclosure, known: Known, granted: Consent | None
    ) -> Sequence[End] | None:
        """Return the end of each way in which the sender had a category; None where one of them has no end."""
        if granted is not None:
            end = self._by_consent(category, disclosure, known, granted)
            return None if end is None else (end,)
        held: list[Disclosure] = []
        for each in self._held(category, disclosure, known):
            if any(
                rule is None or self._lasts(rule, each, disclosure)
                for rule in self._rules(category, each.route, disclosure.route)
            ):
                return None
            if not self._rests_on_consent(each):
                held.append(each)
        if not held:
            return None
        before = once(Seen(each) for each in known.disclosures if each.at < disclosure.at)
        consents = [each for each in known.consents if each.at <= disclosure.at]
        anchors = Anchors(before, consents, self._register, self.holds, disclosure.at, disclosure.at)
        ends = []
        for each in held:
            own, other = self._rules(category, each.route, disclosure.route)
            if own is not None and other is not None:
                later = end_of(other, Seen(each), anchors, disclosure.route.purpose)
                ends += [end_of(own, Seen(each), anchors, each.route.purpose), later]
        return ends

    def _rules(self, category: str, held: Route, sent: Route) -> tuple[Retention | None, Retention | None]:
        """Return the rule that a category was held by, and the one for what it is sent for.

        What came for an order may be needed for a claim much later: then the claim's rule, counted from the order, keeps it.
        A purpose that knows no rule for the category breaks others, and adds none here.
        """
        own = self._register.retention(category, held.purpose)
        return own, self._register.retention(category, sent.purpose) or own

    def _held(self, category: str, disclosure: Disclosure, known: Known) -> Iterator[Disclosure]:
        """Yield what told the sender this category of her before."""
        for each in known.disclosures:
            told = each.route.target == disclosure.route.source and category in each.route.categories
            if told and each.at < disclosure.at:
                yield each

    def _rests_on_consent(self, held: Disclosure) -> bool:
        return self._register.consent_purpose(held.route.purpose, held.at) is not None

    def _lasts(self, rule: Retention, held: Disclosure, disclosure: Disclosure) -> bool:
        """Whether it cannot have ended yet, whatever else happened: no rule counts from before the data was there."""
        # In whole days of UTC, which is within a day of Helsinki's: what is near is worked out with care.
        return disclosure.at // _DAY - held.at // _DAY < self._shortest(rule) - 1

    def _shortest(self, rule: Retention) -> int:
        """Return the fewest days that can lie between the data's coming and the day after its end by a rule."""
        if rule not in self._days:
            periods = [each for each in (rule.period, rule.at_latest) if each]
            self._days[rule] = min(
                _fewest(each) + (0 if each.after in _CAN_TELL else self._slack.days) for each in periods
            )
        return self._days[rule]

    def _by_consent(self, category: str, disclosure: Disclosure, known: Known, granted: Consent) -> End | None:
        """Return the end of what rests on a consent: counted from that, or from the last time it was collected or sent."""
        way = self._by_its_consent(category, disclosure)
        if way is None:
            return None
        rule, period = way
        facts: list[Disclosure | Consent] = [granted]
        facts += [
            each
            for each in known.disclosures
            if each.at < disclosure.at and _renews(each.route, period, category, disclosure)
        ]
        last = max(facts, key=lambda each: each.at)
        end = last_day(rule, {period.after: day_of(last.at, disclosure.at)})
        return None if end is None else End(end, period.after == "collected", rule, last)

    def _by_its_consent(self, category: str, disclosure: Disclosure) -> tuple[Retention, Period] | None:
        """Return the rule that ends what rests on a consent, and which of its periods does; None where none can."""
        rule = self._register.retention(category, disclosure.route.purpose)
        if rule is None:
            return None
        period = next((each for each in (rule.period, rule.at_latest) if each and each.after in BY_CONSENT), None)
        return None if period is None else (rule, period)


def _renews(route: Route, period: Period, category: str, disclosure: Disclosure) -> bool:
    """Whether to be disclosed by a route begins the period anew of what rests on a consent."""
    same = route.purpose == disclosure.route.purpose and category in route.categories
    return same and (period.after == "collected" or route.target == disclosure.route.source)


def _fewest(period: Period) -> int:
    """Return how many days a period has at least."""
    return 365 * period.years + 28 * period.months + period.days


def end_of(rule: Retention, seen: Seen, anchors: Anchors, purpose: str) -> End:
    """Return the earliest end that a rule's periods give to one disclosure, for a purpose."""
    ends = []
    for period in (rule.period, rule.at_latest):
        if period is not None:
            start = anchors.of(period, seen, purpose)
            sure = period.after in _TOLD and not start.assumed
            if period.after == "order-placed" and is_placing(seen):  # its own day, whichever number the order has
                start, sure = Day(anchors.own(seen)), True
            day = last_day(rule, {period.after: start.day})
            if day is not None:
                ends.append(End(day, sure, rule, seen.disclosure))
    return min(ends, key=lambda each: (each.day, not each.sure))


def _shown(category: str, end: End) -> Shown:
    text = f"{category}: rule {end.rule.rule} ended on {end.day}, counted from what came at this event"
    return Shown("retention", text, str(end.rule.place), None, end.day, end.held.event, end.held.at)
