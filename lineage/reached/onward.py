"""Where data went on to from a party: as events showed, and as the register declares. Counts only; of no one person."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from lineage.graph import Graph, Until, Volume
from lineage.reached.model import Asked, Onward
from lineage.register import Register


def onward(graph: Graph, register: Register, asked: Asked) -> tuple[Onward, ...]:
    """Return the parties that data went on to in the interval, and from those on, sorted by id. Raises: as the store.

    What was passed on is counted, of whomever. A party that is only declared to get copies is named and
    not counted: nothing shows that it got anything.
    """
    moment = asked.moment if asked.until is None else min(asked.until, asked.moment)
    met, new = {asked.party}, {asked.party}
    found: dict[str, list[Volume]] = {}
    declared: dict[str, set[str]] = {}
    while new:
        reached: set[str] = set()
        for volume in _given_by(graph, asked, new):
            reached.add(volume.route.target)
            if volume.route.target != volume.route.source:
                found.setdefault(volume.route.target, []).append(volume)
        for source in new:
            for copy in register.copies_from(source, moment):
                declared.setdefault(copy.target, set()).add(source)
                reached.add(copy.target)
        new = reached - met
        met |= new
    return tuple(_all(asked.party, found, declared))


def _given_by(graph: Graph, asked: Asked, sources: Collection[str]) -> Iterator[Volume]:
    """Yield what these gave in the interval. Parties are few steps apart, and most give nothing on."""
    boundaries = () if asked.since is None else (asked.since,)
    for each in graph.volumes(boundaries, Until(asked.last, asked.as_of.known_at), sources):
        if asked.since is None or each.first >= asked.since:
            yield each


def _all(party: str, found: Mapping[str, list[Volume]], declared: Mapping[str, set[str]]) -> Iterator[Onward]:
    for target in sorted({*found, *declared} - {party}):
        volumes = found.get(target, [])
        sources = {each.route.source for each in volumes} | declared.get(target, set())
        yield Onward(
            party=target,
            sources=tuple(sorted(sources)),
            observed=bool(volumes),
            disclosures=sum(each.disclosures for each in volumes),
            categories=_sorted(category for each in volumes for category in each.route.categories),
            purposes=_sorted(each.route.purpose for each in volumes),
            first=min((each.first for each in volumes), default=None),
            last=max((each.last for each in volumes), default=None),
        )


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))
