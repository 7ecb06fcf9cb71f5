"""Drift: every observed disclosure that the register, or the person's consent, did not allow at its moment."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain
from types import MappingProxyType

from lineage.batching import in_batches
from lineage.explaining import Finding, Shown, consent_evidence, declared_evidence, finding
from lineage.facts import Consent, Disclosure, Route
from lineage.graph import NOW, Graph, Until
from lineage.judging import NO_CONSENT, declared_rules_broken
from lineage.met_persons import AT_ONCE, Met, MetPersons
from lineage.outliving import RETENTION_PASSED, Outliving
from lineage.register import Register
from lineage.register.register import UNKNOWN_PURPOSE
from lineage.sharing_allowed import stops, took_back
from lineage.tombstones import Memory

RIGHT_IGNORED = "right-ignored"
_MOST_KEPT = 50_000
_DAY = 86_400_000_000
_SPANS = (30, 150, 750)
"""Days. All is read once for each, so there are few."""
_NONE: Mapping[bytes, Collection[bytes]] = MappingProxyType({})

Place = tuple[int, bytes, int]
"""Where one stands among drift, as `place_of` has it."""


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
    return sorted(found, key=place_of)


def place_of(each: Drift) -> Place:
    """Return what drift is sorted by: newest first."""
    return -each.disclosure.at, each.disclosure.event, each.disclosure.part


def newest_drift(
    graph: Graph,
    register: Register,
    most: int,
    now: int,
    *,
    since: int | None = None,
    after: Place | None = None,
    seen: Callable[[], None] = lambda: None,
    memory: Memory | None = None,
    until: Until = NOW,
) -> list[Drift]:
    """Return the beginning of what `drift` returns, or of what comes after a place in it: at most so many, in bounded memory.

    It is judged a span of time after the other, the newest first, and no more of it than fills the page. `now` is where the
    first span ends, about: what is later is in it too.
    """
    judging = Judging(graph, register, memory, until)
    found: list[Drift] = []
    end: int | None = None
    for begin in _spans(now if after is None else -after[0], since):
        every = _watched(graph.every_disclosure(begin), seen)
        several = (each for each in every if until.covers(each.at, each.recorded) and (end is None or each.at < end))
        wanted = (each for each in several if after is None or each.at <= -after[0])
        broken = chain.from_iterable(map(judging.among, in_batches(wanted, AT_ONCE)))
        listed = (each for each in broken if after is None or place_of(each) > after)
        found += nsmallest(most - len(found), listed, key=place_of)
        if len(found) == most:
            break
        end = begin
    return found


def _spans(end: int, since: int | None) -> Iterator[int | None]:
    """Yield where each span of time begins, each longer than the one after it; the last at `since`, None: the beginning."""
    for days in _SPANS:
        begin = end - days * _DAY
        if since is not None and begin <= since:
            break
        yield begin
    yield since


def drift_among(
    disclosures: Iterable[Disclosure],
    graph: Graph,
    register: Register,
    memory: Memory | None = None,
    until: Until = NOW,
) -> Iterator[Drift]:
    """Yield which of these disclosures are drift, as `drift` tells it of all of them, in the order given."""
    judging = Judging(graph, register, memory, until)
    covered = (each for each in disclosures if until.covers(each.at, each.recorded))
    for several in in_batches(covered, AT_ONCE):
        yield from judging.among(several)


def record_begins(graph: Graph) -> int | None:
    """Return when the first disclosure on record occurred (microseconds, UTC); None: there is none."""
    return min((each.first for each in graph.volumes(())), default=None)


def _watched(disclosures: Iterable[Disclosure], seen: Callable[[], None]) -> Iterator[Disclosure]:
    for each in disclosures:
        seen()
        yield each


class Judging:
    """Judges disclosures by one register, many at a time. It remembers whom it has met as things stood then.

    So it is for what is judged at about one moment.
    """

    def __init__(
        self,
        graph: Graph,
        register: Register,
        memory: Memory | None = None,
        until: Until = NOW,
        crowds: Mapping[bytes, Collection[bytes]] = _NONE,
    ) -> None:
        """As `drift`; with `crowds` as `MetPersons`."""
        self._register = register
        self._persons = MetPersons(graph, memory, until, crowds)
        self._outliving = Outliving(register)
        self._declared: dict[tuple[Route, int], tuple[tuple[str, ...], str | None]] = {}

    def among(self, disclosures: Sequence[Disclosure]) -> Iterator[Drift]:
        """Yield which of these broke anything, in the order given. Raises: as the stores."""
        self._persons.meet([each.holder for each in disclosures])
        for each in disclosures:
            met = self._persons.of(each.holder)
            if findings := self._findings(each, met):
                rules = tuple(one.rule for one in findings)
                yield Drift(each, rules, met.person.root, findings, self._register.version)

    def _findings(self, disclosure: Disclosure, met: Met) -> tuple[Finding, ...]:
        """Return what a disclosure broke, sorted by rule."""
        broken, needed = self._broken(disclosure)
        last = met.consent.last(needed, disclosure.at, shared=met.shared) if needed else None
        if needed and not (last and last.granted):
            broken = tuple(sorted((*broken, NO_CONSENT)))
        found = [finding(rule, self._shown(rule, disclosure, last)) for rule in broken]
        if not {NO_CONSENT, UNKNOWN_PURPOSE} & {*broken} and (outlived := self._outlived(disclosure, met, last)):
            found.append(finding(RETENTION_PASSED, outlived))
        if met.suppressed and (ignored := self._ignored(disclosure, met, needed)):
            found.append(finding(RIGHT_IGNORED, ignored))
        return tuple(sorted(found, key=lambda each: each.rule)) if found else ()

    def _broken(self, disclosure: Disclosure) -> tuple[tuple[str, ...], str | None]:
        """Return what the register alone says of a disclosure, and the consent it needs: the same between two boundaries."""
        route, at = disclosure.route, disclosure.at
        asked = (route, bisect_right(self._register.boundaries, at))
        if asked not in self._declared:
            if len(self._declared) >= _MOST_KEPT:  # what comes in is not ours to trust
                self._declared.clear()
            told = declared_rules_broken(self._register, disclosure), self._register.consent_purpose(route.purpose, at)
            self._declared[asked] = told
        return self._declared[asked]

    def _shown(self, rule: str, disclosure: Disclosure, last: Consent | None) -> tuple[Shown, ...]:
        if rule != NO_CONSENT:
            return declared_evidence(self._register, disclosure, rule)
        return consent_evidence(self._register, disclosure, last)

    def _outlived(self, disclosure: Disclosure, met: Met, last: Consent | None) -> tuple[Shown, ...]:
        if met.shared or not self._outliving.concerns(disclosure):
            return ()
        return self._outliving.passed(disclosure, met.known, last)

    def _ignored(self, disclosure: Disclosure, met: Met, needed: str | None) -> tuple[Shown, ...]:
        """Return the decisions of hers that it was sent against: they stood then, and no consent had taken them back.

        That one was lifted later changes nothing of it (Art. 18(2)).
        """
        route, at = disclosure.route, disclosure.at
        granted = max(
            (one.at for one in met.known.consents if one.granted and one.purpose == needed and one.at <= at),
            default=None,
        )
        against = [
            each
            for each, until in met.suppressed
            if each.at < at
            and (until is None or at < until)
            and stops(each, self._register, route.target, route.purpose, at)
            and not took_back(each, granted)
        ]
        told = sorted({(each.at, each.ground, each.case) for each in against})
        return tuple(Shown("case", f"{ground} since then, case {case}", at=since) for since, ground, case in told)
