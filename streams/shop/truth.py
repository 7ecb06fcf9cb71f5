"""What `where` must answer, worked out by brute force from a list of events: the contract's section 3, by the letter.

It imports nothing of the product's judgement, keeps every event's facts in memory, and is made to be read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from streams.shop.diary import Event
from streams.shop.truth_facts import Disclosed, Facts, Identifier, facts_of, normalised, rank
from streams.shop.truth_table import REFERENCES, WHOS

Answer = dict[str, object]
Group = frozenset[Identifier]  # identifiers that decisions made one; most hold just one

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Truth:
    """The right answers about these events; of two contents under one event id the first listed stands."""

    def __init__(self, events: Iterable[Event]) -> None:
        first: dict[str, Facts] = {}
        for event in events:
            if event["event_id"] not in first:
                first[str(event["event_id"])] = facts_of(event)
        self._facts = list(first.values())
        self._picture_at = lru_cache(maxsize=2)(self._draw)

    def __len__(self) -> int:
        return len(self._facts)

    def identifiers(self) -> list[str]:
        """Every identifier of every person as `kind:value`, normalised and sorted."""
        return sorted(f"{kind}:{value}" for kind, value in {one for facts in self._facts for one in facts.named})

    def times(self) -> list[int]:
        """When the events occurred, in microseconds since the epoch, sorted, each once."""
        return sorted({facts.at for facts in self._facts})

    def where(self, identifier: str, at: datetime | None = None) -> Answer:
        """The data of this identifier's person as the contract's `jalki where` tells it.

        Args:
            identifier: `kind:value`, or a bare e-mail; need not be normalised.
            at: only events that occurred by then count; None for all. Must have an offset.

        Returns:
            `identifiers` (counts by kind), `candidates`, and `holdings` and `shared`, sorted by party.
        """
        until = None if at is None else (at - _EPOCH) // timedelta(microseconds=1)
        return self._picture_at(until).answer(_asked(identifier))

    def own(self, identifier: str) -> frozenset[Identifier]:
        """Every identifier of this identifier's person that is hers alone; none where it is unknown or shared."""
        return self._picture_at(None).own(_asked(identifier))

    def sharing(self) -> list[dict[str, object]]:
        """How many disclosures went from whom to whom for what, over all persons, sorted."""
        ways = Counter((one.source, one.target, one.purpose) for facts in self._facts for one in facts.disclosed)
        return [
            {"from": source, "to": target, "purpose": purpose, "disclosures": count}
            for (source, target, purpose), count in sorted(ways.items())
        ]

    def _draw(self, until: int | None) -> "Picture":
        return Picture([facts for facts in self._facts if until is None or facts.at <= until])


class Picture:
    """Who is one person, judged from some events: groups of linked identifiers, their counted owners, their roots."""

    def __init__(self, facts: list[Facts]) -> None:
        self._group = _groups(facts)
        owners: dict[Group, set[Group]] = defaultdict(set)
        direct: dict[Identifier, set[Identifier]] = defaultdict(set)
        for one in facts:
            for owner, owned in one.owns:
                direct[owned].add(owner)
        for owned, all_owners in direct.items():
            best = min(map(rank, all_owners))
            # whoever decided that it is one with an owner of its highest rank has decided whose it is
            if any(rank(owner) == best and self._group[owner] == self._group[owned] for owner in all_owners):
                continue
            owners[self._group[owned]] |= {self._group[owner] for owner in all_owners} - {self._group[owned]}
        owners = {owned: groups for owned, groups in owners.items() if groups}
        # of the owners only those of the highest rank count
        self._owners = {owned: _highest(candidates) for owned, candidates in owners.items()}
        self._disclosed: dict[Group, list[Disclosed]] = defaultdict(list)
        for one in facts:
            for disclosure in one.disclosed:
                self._disclosed[self._group[disclosure.hangs]].append(disclosure)
        # the persons: every group under each of its roots
        self._roots = {group: self._roots_of(group) for group in set(self._group.values())}
        self._below: dict[Group, list[Group]] = defaultdict(list)
        for group, roots in self._roots.items():
            for root in roots:
                self._below[root].append(group)

    def answer(self, asked: Identifier) -> Answer:
        """The answer about one normalised identifier."""
        group = self._group.get(asked)
        if group is None:
            return {"identifiers": {}, "candidates": 0, "holdings": [], "shared": []}
        roots = self._roots[group]
        if len(roots) > 1:
            hanging = [below for below in self._below[next(iter(roots))] if group in self._upwards(below)]
            return {"identifiers": {}, "candidates": len(roots), "holdings": [], "shared": self._sum(hanging)}
        under = self._below[next(iter(roots))]
        own = [one for one in under if len(self._roots[one]) == 1]
        kinds = Counter(kind for one in own for kind, _ in one)
        return {
            "identifiers": dict(sorted(kinds.items())),
            "candidates": 1,
            "holdings": self._sum(own),
            "shared": self._sum([one for one in under if len(self._roots[one]) > 1]),
        }

    def own(self, asked: Identifier) -> frozenset[Identifier]:
        """The identifiers of one normalised identifier's person that are hers alone."""
        roots = self._roots.get(self._group.get(asked, frozenset()), frozenset())
        if len(roots) != 1:
            return frozenset()
        return frozenset(
            one for group in self._below[next(iter(roots))] if len(self._roots[group]) == 1 for one in group
        )

    def _upwards(self, group: Group) -> set[Group]:
        """The group and everything above it, through counted owners."""
        seen, left = {group}, [group]
        while left:
            for owner in self._owners.get(left.pop(), ()):
                if owner not in seen:
                    seen.add(owner)
                    left.append(owner)
        return seen

    def _roots_of(self, group: Group) -> frozenset[Group]:
        """Where the ways up end: at groups that nobody owns, or in a circle, which is one root (its least member)."""
        ends = set()
        for above in self._upwards(group):
            circle = self._upwards(above)
            if all(above in self._upwards(other) for other in circle):
                ends.add(min(circle, key=sorted))
        return frozenset(ends)

    def _sum(self, groups: list[Group]) -> list[dict[str, object]]:
        """What hangs on these groups, added up by the party that received it."""
        parties: dict[str, list[Disclosed]] = defaultdict(list)
        for group in groups:
            for disclosure in self._disclosed.get(group, ()):
                parties[disclosure.target].append(disclosure)
        return [_holding(party, parties[party]) for party in sorted(parties)]


def written(at: int) -> str:
    """RFC 3339 in UTC of microseconds since the epoch; the microseconds only where they are not zero."""
    return (_EPOCH + timedelta(microseconds=at)).isoformat().removesuffix("+00:00") + "Z"


def _asked(identifier: str) -> Identifier:
    kind, colon, value = identifier.partition(":")
    if "@" in identifier and kind not in (*WHOS, *REFERENCES, "consignee"):
        return normalised("email", identifier)
    return normalised(kind, value) if colon else ("", identifier)


def _groups(facts: list[Facts]) -> dict[Identifier, Group]:
    """Each identifier's group: the closure of the links that hold, by each pair's latest event (a tie unlinks)."""
    latest: dict[frozenset[Identifier], tuple[int, bool]] = {}
    for one in facts:
        if one.link:
            pair, linked = one.link
            known = latest.get(pair)
            if known is None or (one.at, not linked) > (known[0], not known[1]):
                latest[pair] = (one.at, linked)
    group: dict[Identifier, Group] = {named: frozenset((named,)) for one in facts for named in one.named}
    for pair, (_, linked) in latest.items():
        if linked:
            merged = frozenset(one for end in pair for one in group[end])
            group.update(dict.fromkeys(merged, merged))
    return group


def _highest(groups: set[Group]) -> set[Group]:
    """Those whose best member is of the best rank."""
    best = min(min(map(rank, group)) for group in groups)
    return {group for group in groups if min(map(rank, group)) == best}


def _holding(party: str, disclosures: list[Disclosed]) -> dict[str, object]:
    return {
        "party": party,
        "from": sorted({one.source for one in disclosures}),
        "categories": sorted({category for one in disclosures for category in one.categories}),
        "purposes": sorted({one.purpose for one in disclosures}),
        "first": written(min(one.at for one in disclosures)),
        "last": written(max(one.at for one in disclosures)),
        "disclosures": len(disclosures),
    }
