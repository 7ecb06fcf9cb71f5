"""Drift: every observed disclosure that the register, or the person's consent, did not allow at its moment."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from lineage.consents import ConsentOf
from lineage.explaining import Finding, Shown, consent_evidence, declared_evidence, finding
from lineage.facts import Consent, Disclosure
from lineage.graph import NOW, Graph, Until
from lineage.judging import NO_CONSENT, rules_broken
from lineage.outliving import RETENTION_PASSED, Known, Outliving
from lineage.persons import find_person, find_roots
from lineage.register import Register
from lineage.register.register import UNKNOWN_PURPOSE
from lineage.sharing_allowed import stops, took_back
from lineage.tombstones import Memory, Stood, stood

RIGHT_IGNORED = "right-ignored"
_IDENTIFIERS = 100_000


@dataclass(frozen=True, slots=True)
class Drift:
    """One disclosure and the rules it broke. `person` is a pseudonym, the one of `reached`; None: several share it.

    `register` is the version of the register it was judged by.
    """

    disclosure: Disclosure
    rules: tuple[str, ...]
    person: bytes | None = None
    findings: tuple[Finding, ...] = ()
    register: str = ""


def drift(
    graph: Graph,
    register: Register,
    since: int | None,
    seen: Callable[[], None] = lambda: None,
    memory: Memory | None = None,
    until: Until = NOW,
) -> list[Drift]:
    """Return all drift since then (microseconds, UTC), newest first. `seen` is called for every disclosure looked at.

    With a `memory`, what was sent although she had objected, unsubscribed or was restricted is drift too. As of `until`:
    facts, who is one person, and what she had decided, by what occurred and was known then; the register is today's.
    """
    disclosures = _watched(graph.every_disclosure(since), seen)
    found = drift_among(disclosures, graph, register, memory, until)
    return sorted(found, key=lambda each: (-each.disclosure.at, each.disclosure.event, each.disclosure.part))


def judging_of(graph: Graph, register: Register, memory: Memory) -> Callable[[Disclosure], Drift | None]:
    """Return what tells of a disclosure what it broke, as `drift` has it; None where that is nothing.

    It remembers whom it has met as things stood then: use it for what is judged at about one moment.
    """
    return _Judging(graph, register, _Persons(graph, memory, NOW), Outliving(register)).drift


def drift_among(
    disclosures: Iterable[Disclosure],
    graph: Graph,
    register: Register,
    memory: Memory | None = None,
    until: Until = NOW,
) -> Iterator[Drift]:
    """Yield which of these disclosures are drift, as `drift` tells it of all of them, in the order given."""
    judging = _Judging(graph, register, _Persons(graph, memory, until), Outliving(register))
    for disclosure in disclosures:
        if until.covers(disclosure.at, disclosure.recorded) and (found := judging.drift(disclosure)):
            yield found


def record_begins(graph: Graph) -> int | None:
    """Return when the first disclosure on record occurred (microseconds, UTC); None: there is none."""
    return min((each.first for each in graph.volumes(())), default=None)


def _watched(disclosures: Iterable[Disclosure], seen: Callable[[], None]) -> Iterator[Disclosure]:
    for each in disclosures:
        seen()
        yield each


@dataclass(frozen=True, slots=True)
class _Judging:
    """Judges one disclosure after the other."""

    graph: Graph
    register: Register
    persons: "_Persons"
    outliving: Outliving

    def drift(self, disclosure: Disclosure) -> Drift | None:
        """Return a disclosure with all that it broke; None where that is nothing."""
        if not (findings := self.findings(disclosure)):
            return None
        rules = tuple(each.rule for each in findings)
        return Drift(disclosure, rules, self.persons.whose(disclosure.holder), findings, self.register.version)

    def findings(self, disclosure: Disclosure) -> tuple[Finding, ...]:
        """Return what a disclosure broke, sorted by rule."""
        broken = rules_broken(self.register, disclosure, partial(self.persons.consented, disclosure.holder))
        found = [finding(rule, self._shown(rule, disclosure)) for rule in broken]
        if not {NO_CONSENT, UNKNOWN_PURPOSE} & {*broken} and (outlived := self._outlived(disclosure)):
            found.append(finding(RETENTION_PASSED, outlived))
        if ignored := self._ignored(disclosure):
            found.append(finding(RIGHT_IGNORED, ignored))
        return tuple(sorted(found, key=lambda each: each.rule))

    def _shown(self, rule: str, disclosure: Disclosure) -> tuple[Shown, ...]:
        if rule != NO_CONSENT:
            return declared_evidence(self.register, disclosure, rule)
        return consent_evidence(self.register, disclosure, self._last(disclosure))

    def _last(self, disclosure: Disclosure) -> Consent | None:
        needed = self.register.consent_purpose(disclosure.route.purpose, disclosure.at)
        return self.persons.last(disclosure.holder, needed, disclosure.at) if needed else None

    def _outlived(self, disclosure: Disclosure) -> tuple[Shown, ...]:
        if not self.outliving.concerns(disclosure):
            return ()
        known = self.persons.known(disclosure.holder)
        return self.outliving.passed(disclosure, known, self._last(disclosure)) if known else ()

    def _ignored(self, disclosure: Disclosure) -> tuple[Shown, ...]:
        """Return the decisions of hers that it was sent against: they stood then, and no consent had taken them back.

        That one was lifted later changes nothing of it (Art. 18(2)).
        """
        route, at = disclosure.route, disclosure.at
        asked, consents = self.persons.suppressed(disclosure.holder)
        needed = self.register.consent_purpose(route.purpose, at)
        granted = max(
            (one.at for one in consents if one.granted and one.purpose == needed and one.at <= at), default=None
        )
        against = [
            each
            for each, until in asked
            if each.at < at
            and (until is None or at < until)
            and stops(each, self.register, route.target, route.purpose, at)
            and not took_back(each, granted)
        ]
        told = sorted({(each.at, each.ground, each.case) for each in against})
        return tuple(Shown("case", f"{ground} since then, case {case}", at=since) for since, ground, case in told)


class _Persons:
    """What is known of those met last, by each of a person's identifiers."""

    def __init__(self, graph: Graph, memory: Memory | None, until: Until) -> None:
        self._graph, self._memory, self._until = graph, memory, until
        self._met: OrderedDict[bytes, tuple[_Met, bool]] = OrderedDict()

    def consented(self, holder: bytes, purpose: str, at: int) -> bool:
        """Tell whether whoever an identifier stands for had consented at that moment."""
        met, shared = self._of(holder)
        return met.consent.held(purpose, at, shared=shared)

    def last(self, holder: bytes, purpose: str, at: int) -> Consent | None:
        """Return the decision that counted at that moment."""
        met, shared = self._of(holder)
        return met.consent.last(purpose, at, shared=shared)

    def known(self, holder: bytes) -> Known | None:
        """Return what is on record of the one person an identifier belongs to; None where several share it."""
        met, shared = self._of(holder)
        return None if shared else met.known

    def suppressed(self, holder: bytes) -> tuple[Sequence[Stood], Sequence[Consent]]:
        """Return what ever stood against sending her data, and her consents; nothing of an identifier that several share."""
        if self._memory is None:
            return (), ()
        met, shared = self._of(holder)
        return ((), ()) if shared else (met.suppressed, met.known.consents)

    def whose(self, holder: bytes) -> bytes | None:
        """Return the pseudonym of the one person an identifier belongs to."""
        roots = find_roots(self._graph.near(holder), [holder], self._until)[holder]
        return min(roots) if len(roots) == 1 else None

    def _of(self, holder: bytes) -> "tuple[_Met, bool]":
        if holder not in self._met:
            near, until = self._graph.near(holder), self._until
            person = find_person(near, holder, until)
            members = person.members.keys()
            known = Known(near.disclosures(members, until), near.consents(members, until)) if members else Known((), ())
            said = self._memory.suppressions(members) if self._memory and members else ()
            # A decision is known as soon as it is made.
            suppressed = stood(each for each in said if until.covers(each.at, each.at))
            met = _Met(ConsentOf(near, person, until), known, suppressed)
            self._met.update(dict.fromkeys(person.members, (met, False)))
            self._met[holder] = (met, holder in person.shared)
            while len(self._met) > _IDENTIFIERS:
                self._met.popitem(last=False)
        return self._met[holder]


@dataclass(frozen=True, slots=True)
class _Met:
    """One person: her consents as they are judged, and all that is on record of her."""

    consent: ConsentOf
    known: Known
    suppressed: Sequence[Stood]
