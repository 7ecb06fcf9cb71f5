"""The sharing graph: who gives what to whom, why and how often. Counts only; no person, and nothing of when it was recorded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lineage.facts import Disclosure
from lineage.graph import NOW, Graph, Until, Volume
from lineage.judging import declared_rules_broken
from lineage.register import Register


@dataclass(frozen=True, slots=True)
class Share:
    """All disclosures from one party to another for one purpose. Times are microseconds, UTC.

    `categories` and `drift` count disclosures; `drift` by the rules of the register (consent is a matter of persons).
    """

    source: str
    target: str
    purpose: str
    disclosures: int
    categories: Mapping[str, int]
    first: int
    last: int
    drift: Mapping[str, int]


def sharing(graph: Graph, register: Register, until: Until = NOW) -> tuple[Share, ...]:
    """Return the whole sharing graph as of then, sorted by source, target and purpose.

    What was forgotten since then (GDPR Art. 17) is in no answer, about the past neither.
    """
    by_edge: dict[tuple[str, str, str], list[Volume]] = {}
    for volume in graph.volumes(register.boundaries, until):
        route = volume.route
        by_edge.setdefault((route.source, route.target, route.purpose), []).append(volume)
    return tuple(_share(edge, volumes, register) for edge, volumes in sorted(by_edge.items()))


def _share(edge: tuple[str, str, str], volumes: Iterable[Volume], register: Register) -> Share:
    categories: Counter[str] = Counter()
    drift: Counter[str] = Counter()
    for volume in volumes:
        for category in volume.route.categories:
            categories[category] += volume.disclosures
        # Between two boundaries of the register nothing changes, so one disclosure speaks for all of the interval.
        one = Disclosure(b"", 0, b"", volume.route, volume.first, 0, b"")
        for rule in declared_rules_broken(register, one):
            drift[rule] += volume.disclosures
    return Share(
        *edge,
        disclosures=sum(each.disclosures for each in volumes),
        categories=dict(sorted(categories.items())),
        first=min(each.first for each in volumes),
        last=max(each.last for each in volumes),
        drift=dict(sorted(drift.items())),
    )
