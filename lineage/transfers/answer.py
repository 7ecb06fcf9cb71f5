"""The answer itself: who relied on a mechanism, what went there before and after its end, and what else held then.

A transfer is judged by its own moment: those before the end stay lawful, those after it need another ground.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from lineage.cases.casework import Casework
from lineage.graph import Volume
from lineage.reached import Asked, Cases, Reach, Spool, cases_of_each, reached
from lineage.register import Register, Transfer
from lineage.transfers.model import Annulled, Listed, PartyTransfers, Span, Transfers

ADEQUACY = "adequacy"


def transfers(
    work: Casework,
    asked: Annulled,
    spool: Callable[[], AbstractContextManager[Spool]],
    told: Listed = lambda *_: None,
    seen: Callable[[int], None] = lambda _: None,
) -> Transfers:
    """Return what went to parties that relied on a mechanism, before it was annulled and after: counts.

    `told` hears of each person, and of each identifier that several share, by pseudonym; `seen` how many disclosures more
    were looked at. `spool` opens an empty spool. Raises: as the stores.
    """
    register = work.register
    relied = dict(_relied(register, asked))
    by_party: dict[str, list[Volume]] = {}
    for each in work.graph.volumes(_boundaries(register, asked), asked.as_of):
        by_party.setdefault(each.route.target, []).append(each)
    parties = sorted(relied.keys() & by_party.keys())
    questions = [Asked(each, None, None, asked.now, asked.as_of, earlier=False, ways=False) for each in parties]
    cases = cases_of_each(work.journal, work.graph, questions)
    found = [
        _of_party(work, asked, question, relied[party], by_party[party], cases[party], spool, told, seen)
        for party, question in zip(parties, questions, strict=True)
    ]
    return Transfers(tuple(found), tuple(sorted(relied.keys() - by_party.keys())))


def _relied(register: Register, asked: Annulled) -> Iterator[tuple[str, str]]:
    """Yield the parties for which the mechanism held at any time before its end, each with the country its data goes to."""
    moments = [asked.at - 1, *(each - 1 for each in register.boundaries if each < asked.at)]
    for party in register.parties():
        if asked.party not in {None, party.id}:
            continue
        for moment in moments:
            transfer = register.transfer(party.id, moment)
            if transfer and asked.mechanism in transfer.mechanisms and asked.country in {None, transfer.country}:
                yield party.id, transfer.country
                break


def _of_party(
    work: Casework,
    asked: Annulled,
    question: Asked,
    country: str,
    volumes: Sequence[Volume],
    cases: Cases,
    spool: Callable[[], AbstractContextManager[Spool]],
    told: Listed,
    seen: Callable[[int], None],
) -> PartyTransfers:
    before = tuple(_spans(work.register, asked, volumes, after=False))
    after = tuple(_spans(work.register, asked, volumes, after=True))
    found = PartyTransfers(question.party, country, before, after, cases.erased)
    for span in (*before, *after):
        within = replace(question, since=span.since, until=None if span.ends is None else span.ends - 1)
        listed = partial(_person, told, found, span)
        with spool() as rows:
            reached(
                work.graph, work.keyring, work.journal, work.register, within, rows, listed, seen, cases, leads_on=False
            )  # fmt: skip
    return found


def _person(told: Listed, party: PartyTransfers, span: Span, found: Reach) -> None:
    """Count somebody whose data was sent in a span; what was sent before it is counted by the span it was sent in."""
    if found.candidates > 1:
        span.shared += 1
    else:
        span.persons += 1
        span.held += bool(found.had.held)
    told(party, span, found)


def _boundaries(register: Register, asked: Annulled) -> list[int]:
    return sorted({*register.boundaries, asked.at})


def _spans(register: Register, asked: Annulled, volumes: Iterable[Volume], *, after: bool) -> Iterator[Span]:
    """Yield what went to one party before the end by that mechanism, or after it, apart by what else held."""
    boundaries = _boundaries(register, asked)
    spans: dict[int | None, Span] = {}
    for each in volumes:
        if (each.first >= asked.at) != after:
            continue
        since = max((one for one in boundaries if one <= each.first), default=None)
        ends = min((one for one in boundaries if one > each.first), default=None)
        mechanisms = _mechanisms(register, asked, each.route.target, each.first)
        if not after and asked.mechanism not in mechanisms:
            continue
        span = spans.setdefault(since, Span(since, ends, mechanisms))
        span.disclosures += each.disclosures
        span.first = each.first if span.first is None else min(span.first, each.first)
        span.last = each.last if span.last is None else max(span.last, each.last)
        span.categories.update(dict.fromkeys(each.route.categories, each.disclosures))
    yield from _joined(sorted(spans.values(), key=lambda span: (span.since is not None, span.since or 0)))


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Join spans that follow each other with the same mechanisms: what began or ended between them was another's."""
    last: Span | None = None
    for each in spans:
        if last is None or last.mechanisms != each.mechanisms:
            if last is not None:
                yield last
            last = each
            continue
        last.ends, last.last = each.ends, each.last
        last.disclosures += each.disclosures
        last.categories.update(each.categories)
    if last is not None:
        yield last


def _mechanisms(register: Register, asked: Annulled, party: str, at: int) -> tuple[str, ...]:
    """Return what held at a moment. After the end the mechanism counts only where it was declared anew since."""
    transfer = register.transfer(party, at)
    if transfer is None:
        return ()
    if at < asked.at or _anew(register, asked, transfer, at):
        return transfer.mechanisms
    return tuple(each for each in transfer.mechanisms if each != asked.mechanism)


def _anew(register: Register, asked: Annulled, transfer: Transfer, at: int) -> bool:
    declared = register.declared
    spans = [
        each.validity
        for each in declared.safeguards
        if each.party == transfer.party and each.mechanism == asked.mechanism
    ]
    if asked.mechanism == ADEQUACY:
        spans += [each.validity for each in declared.adequacy if each.country == transfer.country]
    return any(each.starts >= asked.at and each.covers(at) for each in spans)
