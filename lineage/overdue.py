"""What is still on record although its retention by the register has passed, and no erasure was seen (GDPR Art. 5(1)(e)).

The other side of drift: nobody sent anything, it was only never erased. What was erased is not in the graph any more.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from lineage.batching import in_batches
from lineage.cases.anchors import Anchors
from lineage.cases.items import role_of
from lineage.cases.seen import Seen, day_of, once
from lineage.consents import ConsentOf
from lineage.facts import Disclosure
from lineage.graph import NOW, Graph, Until
from lineage.met_persons import AT_ONCE, Met, MetPersons
from lineage.outliving import BY_CONSENT, End, Outliving, end_of
from lineage.register import Register, Retention, last_day


@dataclass(frozen=True, slots=True)
class Overdue:
    """What one party has of one person for one purpose, and should not have any more. `where` is the rule's line.

    `last_day` was the last day to keep it; `assumed`: it rests on a day that no event told. `last` is when the party last
    got it (microseconds UTC), by the event `event`.
    """

    person: bytes
    party: str
    purpose: str
    categories: tuple[str, ...]
    rule: str
    law: str
    where: str
    last_day: date
    assumed: bool
    last: int
    event: bytes


def overdue(
    graph: Graph,
    register: Register,
    now: int,
    seen: Callable[[], None] = lambda: None,
    until: Until = NOW,
    wanted: Callable[[bytes], bool] = lambda _: True,
) -> Iterator[Overdue]:
    """Yield what is overdue at `now` (microseconds UTC), person by person, each sorted. Of shared identifiers nothing is said.

    As of two times only what had occurred and was known by then counts. What authorities got is theirs (Art. 4(9)).
    `seen` is called for every disclosure looked at; of persons (by pseudonym) who are not `wanted` nothing is said.
    """
    outliving, persons = Outliving(register), MetPersons(graph, None, until)
    disclosures = (
        each for each in _watched(graph.every_disclosure(None), seen) if until.covers(each.at, each.recorded)
    )
    for several in in_batches(disclosures, AT_ONCE):
        persons.meet([each.holder for each in several])
        for each in several:
            met = persons.of(each.holder)
            # By one disclosure of hers, wherever that comes: to remember all who were met would take the more memory the more
            # of them there are.
            person = met.person.root
            if person and wanted(person) and (each.event, each.part) == met.known.first:
                yield from _of(person, met, register, now, outliving)


def _watched(disclosures: Iterable[Disclosure], seen: Callable[[], None]) -> Iterator[Disclosure]:
    for each in disclosures:
        seen()
        yield each


def _of(person: bytes, met: Met, register: Register, now: int, outliving: Outliving) -> list[Overdue]:
    known = once(Seen(each) for each in met.known.disclosures)
    anchors = Anchors(known, met.known.consents, register, outliving.holds, now, now)
    latest = _latest(anchors, met.consent)
    today = day_of(anchors.now, anchors.now)
    rows: dict[tuple[str, str, End], list[str]] = {}
    for (party, purpose, category), end in sorted(latest.items(), key=lambda each: each[0]):
        if end is not None and outliving.has_passed(end, today):
            rows.setdefault((party, purpose, end), []).append(category)
    return [
        Overdue(
            person, party, purpose, tuple(categories), end.rule.rule, end.rule.law, str(end.rule.place), end.day,
            not end.sure, end.held.at, end.held.event,
        )
        for (party, purpose, end), categories in rows.items()
    ]  # fmt: skip


def _latest(anchors: Anchors, consent: ConsentOf) -> Mapping[tuple[str, str, str], End | None]:
    """Return, by party, purpose and category, the latest end of all disclosures of it; None where one has no end."""
    latest: dict[tuple[str, str, str], End | None] = {}
    for each in anchors.seen:
        route = each.disclosure.route
        if role_of(anchors.register, route.target, route.purpose, each.disclosure.at) == "authority":
            continue
        # Most categories of one disclosure go by the same rule; rules of a register are told apart by what they are.
        ends: dict[int, End] = {}
        for category in route.categories:
            key = (route.target, route.purpose, category)
            rule = anchors.register.retention(category, route.purpose)
            before = latest.get(key)
            if rule is None or (key in latest and before is None):
                latest[key] = None
                continue
            end = ends.get(id(rule))
            if end is None:
                end = ends[id(rule)] = _end(rule, each, anchors, consent)
            latest[key] = end if before is None or end.day > before.day else before
    return latest


def _end(rule: Retention, seen: Seen, anchors: Anchors, consent: ConsentOf) -> End:
    """Return the end of one disclosure. What rests on a consent that holds counts from that, however often it was given."""
    period = rule.at_latest or rule.period
    if period.after in BY_CONSENT:
        needed = anchors.register.consent_purpose(seen.disclosure.route.purpose, anchors.now)
        granted = consent.last(needed, anchors.now, shared=False) if needed else None
        if granted is not None and granted.granted:
            last = max(granted.at, seen.disclosure.at)
            day = last_day(rule, {period.after: day_of(last, anchors.now)})
            if day is not None:
                return End(day, period.after == "collected", rule, seen.disclosure)
    return end_of(rule, seen, anchors, seen.disclosure.route.purpose)
