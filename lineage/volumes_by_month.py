"""How often each party got data, by month of event time (UTC). Counts only; no person."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from lineage.graph import NOW, Graph, Until

MONTHS = 240
"""The newest that are told apart; whatever came before them is counted together, as `EARLIER`."""
EARLIER = "earlier"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def received_by_month(graph: Graph, until: Until = NOW) -> Mapping[str, Mapping[str, int]]:
    """Return disclosures by receiving party and month (`2026-03`, or `earlier`), both sorted; no month without any."""
    everything = graph.volumes((), until)
    if not everything:
        return {}
    first, last = min(each.first for each in everything), max(each.last for each in everything)
    starts = list(_starts(first, last))[-MONTHS:]
    counts: dict[str, Counter[str]] = {}
    for volume in graph.volumes(starts, until):
        month = EARLIER if volume.first < starts[0] else _month(volume.first)
        counts.setdefault(volume.route.target, Counter())[month] += volume.disclosures
    return {party: dict(sorted(counts[party].items(), key=_in_time)) for party in sorted(counts)}


def months_between(first: str, last: str) -> list[str]:
    """Return every month from one to another, both included; `earlier` stands before all."""
    begun = [EARLIER] if first == EARLIER else []
    known = [each for each in (first, last) if each != EARLIER]
    if not known:
        return begun
    year, month = map(int, known[0].split("-"))
    while (name := f"{year:04}-{month:02}") <= known[-1]:
        begun.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return begun


def _starts(first: int, last: int) -> Iterator[int]:
    for name in months_between(_month(first), _month(last)):
        year, month = map(int, name.split("-"))
        yield (datetime(year, month, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def _month(at: int) -> str:
    moment = _EPOCH + timedelta(microseconds=at)
    return f"{moment.year:04}-{moment.month:02}"


def _in_time(counted: tuple[str, int]) -> str:
    return "" if counted[0] == EARLIER else counted[0]
