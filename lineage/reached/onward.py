"""Where data went on to from a party: as events showed, and as the register declares. Counts only; of no one person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lineage.graph import Graph, Until, Volume
from lineage.reached.model import Asked, Onward
from lineage.register import Register


def volumes_within(graph: Graph, asked: Asked) -> Sequence[Volume]:
    """Return what went each route in the interval: the part of the answer that asks about no person, and is there at once."""
    boundaries = () if asked.since is None else (asked.since,)
    volumes = graph.volumes(boundaries, Until(asked.last, asked.as_of.known_at))
    return [each for each in volumes if asked.since is None or each.first >= asked.since]


def onward(volumes: Sequence[Volume], register: Register, asked: Asked) -> tuple[Onward, ...]:
    """Return the parties that data went on to, and from those on, sorted by id, of the volumes within the interval.

    What was passed on is counted, of whomever. A party that is only declared to get copies is named and
    not counted: nothing shows that it got anything.
    """
    given: dict[str, list[Volume]] = {}
    for volume in volumes:
        given.setdefault(volume.route.source, []).append(volume)
    moment = asked.moment if asked.until is None else min(asked.until, asked.moment)
    met, new = {asked.party}, [asked.party]
    found: dict[str, list[Volume]] = {}
    declared: dict[str, set[str]] = {}
    while new:
        source = new.pop()
        for volume in given.get(source, ()):
            if volume.route.target != source:
                found.setdefault(volume.route.target, []).append(volume)
        for copy in register.copies_from(source, moment):
            declared.setdefault(copy.target, set()).add(source)
        reached = {volume.route.target for volume in given.get(source, ())}
        reached |= {copy.target for copy in register.copies_from(source, moment)}
        new += sorted(reached - met)
        met |= reached
    return tuple(_all(asked.party, found, declared))


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
