"""The plain model of a store: lists and loops, checked by the same contract suite as the real ones."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from lineage.facts import Bought, Consent, Disclosure, Facts, Link, Route
from lineage.graph import NOW, Forgotten, Got, Letter, Look, Purchases, Tally, Until, Volume


class MemoryGraph:
    """Keeps whole events and looks through all that may matter at every question."""

    def __init__(self) -> None:
        self.events: dict[bytes, Facts] = {}
        self._kinds: dict[bytes, str] = {}
        self._by_end: dict[str, dict[bytes, list[Facts]]] = {"owner": {}, "owned": {}, "holder": {}, "link": {}}
        self._letters: dict[bytes, Letter] = {}
        self._looks: list[Look] = []
        self._buyers: Counter[bytes] = Counter()

    def contents(self, events: Collection[bytes]) -> Mapping[bytes, bytes]:
        return {event: self.events[event].content for event in events if event in self.events}

    def record(self, facts: Sequence[Facts], letters: Sequence[Letter] = ()) -> Collection[bytes]:
        there = {each.event for each in facts if each.event in self.events}
        for each in facts:
            if each.event not in self.events:
                self.events[each.event] = each
                self._index(each)
        for letter in letters:
            self._letters.setdefault(letter.key, letter)
        return there

    def touch(self, keys: Collection[bytes]) -> None:
        """It tells no findings."""

    def owners(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        return self._edges("owned", 1, keys, until)

    def owned(self, keys: Collection[bytes], until: Until) -> Sequence[tuple[bytes, bytes]]:
        return self._edges("owner", 0, keys, until)

    def links(self, keys: Collection[bytes], until: Until) -> Sequence[Link]:
        asked = set(keys)
        found = {link for each in self._about("link", asked) for link in each.links if asked & {link.one, link.other}}
        return [link for link in found if _by_then(link, until)]

    def kinds(self, keys: Collection[bytes]) -> Mapping[bytes, str]:
        return {each: self._kinds[each] for each in keys if each in self._kinds}

    def disclosures(self, holders: Collection[bytes], until: Until) -> Sequence[Disclosure]:
        asked = set(holders)
        found = {one for each in self._about("holder", asked) for one in each.disclosures if one.holder in asked}
        return [each for each in found if _by_then(each, until)]

    def consents(self, holders: Collection[bytes], until: Until) -> Sequence[Consent]:
        asked = set(holders)
        found = {one for each in self._about("holder", asked) for one in each.consents if one.holder in asked}
        return [each for each in found if _by_then(each, until)]

    def forget(
        self, holders: Collection[bytes], until: int, kept: Collection[tuple[bytes, int]], onto: bytes | None
    ) -> Forgotten:
        going, staying = {each for each in holders if each in self._kinds}, set(kept)
        forgotten = {
            one.model
            for each in self.events.values()
            for one in each.bought
            if one.holder in going and each.at <= until
        }
        self._buyers.update(forgotten)
        last, gone = self._last_tellings(going, until)
        before, counted = list(self.events.values()), Counter[str]()
        for facts in before:
            self.events[facts.event] = facts._replace(
                owns=tuple(pair for pair in facts.owns if (facts.at, facts.recorded) in last.get(pair, {facts[2:4]})),
                disclosures=tuple(self._kept(facts.disclosures, going, until, staying, onto, counted)),
                consents=tuple(
                    one for one in facts.consents
                    if not (one.holder in going and one.at <= until and _counted(counted, "consents"))
                ),
                bought=tuple(one for one in facts.bought if not (one.holder in going and facts.at <= until)),
                links=tuple(
                    one for one in facts.links
                    if not ({one.one, one.other} & going and one.at <= until and _counted(counted, "links"))
                ),
            )  # fmt: skip
        self._again(going, onto if counted["kept"] else None)
        left = sum(each not in self._kinds for each in going)
        return Forgotten(counted["disclosures"], counted["consents"], counted["links"], gone, left, counted["kept"])

    def anew(self) -> None:
        pass

    def near(self, key: bytes) -> "MemoryGraph":  # noqa: ARG002 - the port's
        """Return this: a question costs no way to a server."""
        return self

    def volumes(
        self, boundaries: Sequence[int], until: Until = NOW, sources: Collection[str] | None = None
    ) -> Sequence[Volume]:
        by_interval: dict[tuple[Route, int], list[int]] = {}
        for each in self.every_disclosure(None):
            if not _by_then(each, until) or (sources is not None and each.route.source not in sources):
                continue
            interval = sum(each.at >= boundary for boundary in boundaries)
            by_interval.setdefault((each.route, interval), []).append(each.at)
        return [Volume(route, len(times), min(times), max(times)) for (route, _), times in by_interval.items()]

    def every_disclosure(self, since: int | None) -> Iterator[Disclosure]:
        for facts in self.events.values():
            for each in facts.disclosures:
                if since is None or each.at >= since:
                    yield each._replace(as_sent=b"")

    def got(self, party: str, since: int | None, until: int | None, known_at: int | None = None) -> Iterator[Got]:
        for each in self.every_disclosure(since):
            if each.route.target == party and _by_then(each, Until(until, known_at)):
                yield Got(each.holder, self._kinds[each.holder], each.route, 1, each.at, each.at)

    def tallies(self, party: str, since: int | None, until: int | None, known_at: int | None = None) -> Sequence[Tally]:
        by_route: dict[Route, list[Got]] = {}
        for each in self.got(party, since, until, known_at):
            by_route.setdefault(each.route, []).append(each)
        return [
            Tally(
                route, len({each.holder for each in several}), len(several), min(each.first for each in several),
                max(each.last for each in several),
            )
            for route, several in by_route.items()
        ]  # fmt: skip

    def bought(self, model: bytes) -> Iterator[Bought]:
        yield from (one for facts in self.events.values() for one in facts.bought if one.model == model)

    def purchases(self, model: bytes, until: Until) -> Purchases:
        found = [
            (one.holder, facts.at)
            for facts in self.events.values()
            if _by_then(facts, until)
            for one in facts.bought
            if one.model == model
        ]
        times = [at for _, at in found]
        return Purchases(
            len({holder for holder, _ in found}), len(found), min(times, default=None), max(times, default=None)
        )

    def forgotten_buyers(self, model: bytes) -> int:
        return self._buyers[model]

    def reword_letters(self, reasons: Mapping[bytes, str]) -> None:
        there = {key: self._letters[key]._replace(reason=why) for key, why in reasons.items() if key in self._letters}
        self._letters.update(there)

    def take_off_letters(self, keys: Collection[bytes]) -> None:
        for each in keys:
            self._letters.pop(each, None)

    def letters(self) -> Sequence[Letter]:
        return sorted(self._letters.values(), key=lambda each: (each.recorded, each.key))

    def look(self, look: Look) -> None:
        self._looks.append(look)

    def looks(self) -> Sequence[Look]:
        return sorted(self._looks, key=lambda each: each.at)

    def counts(self) -> Mapping[str, int]:
        return {
            "events": len(self.events),
            "identifiers": len(self._kinds),
            "disclosures": sum(len(each.disclosures) for each in self.events.values()),
            "dead_letters": len(self._letters),
        }

    def close(self) -> None:
        """Nothing to let go."""

    def _last_tellings(
        self, going: set[bytes], until: int
    ) -> tuple[dict[tuple[bytes, bytes], set[tuple[int, int]]], int]:
        """By pair the times of those that tell it and that none is earlier than in both, later ones only; and how many went."""
        told: dict[tuple[bytes, bytes], set[tuple[int, int]]] = {}
        for facts in self.events.values():
            for pair in facts.owns:
                if going & set(pair):
                    told.setdefault(pair, set()).add((facts.at, facts.recorded))
        first = {
            pair: {time for time in times if not any(t != time and t[0] <= time[0] and t[1] <= time[1] for t in times)}
            for pair, times in told.items()
        }
        gone = sum(any(at <= until for at, _ in times) for times in first.values())
        return {pair: {time for time in times if time[0] > until} for pair, times in first.items()}, gone

    @staticmethod
    def _kept(
        disclosures: Sequence[Disclosure], going: set[bytes], until: int,
        staying: set[tuple[bytes, int]], onto: bytes | None, counted: Counter[str],
    ) -> Iterator[Disclosure]:  # fmt: skip
        for each in disclosures:
            if each.holder not in going or each.at > until:
                yield each
            elif (each.event, each.part) in staying and onto:
                counted["kept"] += 1
                yield each._replace(holder=onto)
            else:
                counted["disclosures"] += 1

    def _again(self, going: set[bytes], onto: bytes | None) -> None:
        """Index anew; of those that go, only who is named by something is still there."""
        self._by_end = {"owner": {}, "owned": {}, "holder": {}, "link": {}}
        kinds = {each: kind for each, kind in self._kinds.items() if each not in going}
        for facts in self.events.values():
            named = {end for pair in facts.owns for end in pair} | {end for each in facts.links for end in each[1:3]}
            named |= {each.holder for each in (*facts.disclosures, *facts.consents, *facts.bought)}
            kinds.update({each: self._kinds[each] for each in named if each in self._kinds})
            self._index(facts._replace(identifiers={}))
        self._kinds = kinds | ({onto: "case"} if onto else {})

    def _index(self, facts: Facts) -> None:
        ends = {("owner", owner) for owner, _ in facts.owns} | {("owned", owned) for _, owned in facts.owns}
        ends |= {("holder", each.holder) for each in (*facts.disclosures, *facts.consents)}
        ends |= {("link", end) for each in facts.links for end in (each.one, each.other)}
        for end, name in ends:
            self._by_end[end].setdefault(name, []).append(facts)
        for name, kind in facts.identifiers.items():
            self._kinds.setdefault(name, kind)

    def _about(self, end: str, keys: Collection[bytes]) -> Iterator[Facts]:
        for name in keys:
            yield from self._by_end[end].get(name, ())

    def _edges(self, end: str, side: int, keys: Collection[bytes], until: Until) -> list[tuple[bytes, bytes]]:
        asked = set(keys)
        near = [each for each in self._about(end, asked) if _by_then(each, until)]
        return list(Counter(pair for each in near for pair in each.owns if pair[side] in asked))


def _counted(counted: Counter[str], what: str) -> bool:
    counted[what] += 1
    return True


def _by_then(fact: Facts | Disclosure | Consent | Link, until: Until) -> bool:
    return (until.at is None or fact.at <= until.at) and (until.known_at is None or fact.recorded <= until.known_at)
