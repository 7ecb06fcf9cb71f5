"""What was observed, by flow: counts of the store judged by the register as it stood at their moment."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lineage.facts import Disclosure
from lineage.graph import Graph, Until, Volume
from lineage.judging import declared_rules_broken
from lineage.register import Recipient, Register
from lineage.register.register import UNDECLARED_RECIPIENT, UNDECLARED_SOURCE, UNKNOWN_PURPOSE
from lineage.ropa.model import Seen, added

Edge = tuple[str, str, str]
"""Source, target and purpose."""

NOT_DECLARED = frozenset({UNDECLARED_RECIPIENT, UNDECLARED_SOURCE, UNKNOWN_PURPOSE})
"""The rules that a whole flow breaks by not being declared; the others are about what goes with it."""


@dataclass(slots=True)
class Observed:
    """What went one way, added up."""

    seen: Seen | None = None
    undeclared: int = 0
    categories: dict[str, Seen] = field(default_factory=dict)
    categories_undeclared: Counter[str] = field(default_factory=Counter)
    drift: dict[str, Seen] = field(default_factory=dict)
    companies: dict[str, Seen] = field(default_factory=dict)


def observed(
    graph: Graph, register: Register, at: int, since: int | None, known_at: int | None = None
) -> Mapping[Edge, Observed]:
    """Return what occurred by `at`, and not before `since`, and was known by then, by flow. Asks the store for counts alone."""
    # With both ends among the boundaries no count reaches across them.
    ends = {at + 1} if since is None else {at + 1, since}
    allowed = _Allowed(register)
    found: dict[Edge, Observed] = {}
    for volume in graph.volumes(sorted({*register.boundaries, *ends}), Until(known_at=known_at)):
        if volume.last <= at and (since is None or volume.first >= since):
            edge = (volume.route.source, volume.route.target, volume.route.purpose)
            _add(found.setdefault(edge, Observed()), volume, register, allowed)
    return found


def _add(one: Observed, volume: Volume, register: Register, allowed: "_Allowed") -> None:
    route, count = volume.route, volume.disclosures
    seen = Seen(count, volume.first, volume.last)
    one.seen = added((one.seen, seen))
    one.companies[route.controller] = _more(one.companies, route.controller, seen)
    # Between two boundaries of the register nothing changes, so one disclosure speaks for all of the interval.
    broken = declared_rules_broken(register, Disclosure(b"", 0, b"", route, volume.first, 0, b""))
    one.drift |= {rule: _more(one.drift, rule, seen) for rule in broken}
    if not NOT_DECLARED.isdisjoint(broken):
        one.undeclared += count
    may = allowed.categories(route.source, route.target, route.purpose, volume.first)
    for category in set(route.categories):
        one.categories[category] = _more(one.categories, category, seen)
        if category not in may:
            one.categories_undeclared[category] += count


def _more(counts: Mapping[str, Seen], key: str, seen: Seen) -> Seen:
    return added((counts.get(key), seen)) or seen


class _Allowed:
    """Which categories the register declared for a flow at a moment."""

    def __init__(self, register: Register) -> None:
        self._entries: dict[tuple[str, str], list[Recipient]] = {}
        for entry in register.declared.recipients:
            self._entries.setdefault((entry.party, entry.purpose), []).append(entry)

    def categories(self, source: str, target: str, purpose: str, at: int) -> frozenset[str]:
        entries: Iterable[Recipient] = self._entries.get((target, purpose), ())
        return frozenset[str]().union(
            *(each.categories for each in entries if source in each.sources and each.validity.covers(at))
        )
