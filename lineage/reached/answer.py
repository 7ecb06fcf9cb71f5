"""The answer itself: each person by her rows, and the counts over all of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lineage.batching import in_batches
from lineage.cases.journal import Journal
from lineage.facts import Route
from lineage.graph import Graph, Until
from lineage.keyring import KeyRing
from lineage.persons import find_persons
from lineage.reached.buried import Cases, Proof, cases_of
from lineage.reached.gathering import Gathered, Row, Spool, gather
from lineage.reached.leaving import Leaving
from lineage.reached.model import Asked, Had, Reach, Reached
from lineage.reached.onward import onward
from lineage.register import Register

WAYS = frozenset(["email", "phone", "address"])
"""Categories by which somebody can be written to or called."""
_MOST_PATTERNS = 100_000
_TOGETHER = 500
"""So many persons are looked at together: what is recorded of those whom the party cannot reach is in memory then."""


def reached(
    graph: Graph,
    keyring: KeyRing,
    journal: Journal,
    register: Register,
    asked: Asked,
    spool: Spool,
    told: Callable[[Reach], None] = lambda _: None,
    seen: Callable[[int], None] = lambda _: None,
    cases: Cases | None = None,
    *,
    leads_on: bool = True,
) -> Reached:
    """Return whose data a party had at any time in the interval, and may still have: counts.

    That is what it got in it, and what it got before and is not known to have lost by then. `told` hears of each person,
    and of each identifier that several share, by pseudonym; `seen` how many disclosures more were looked at.
    `cases` are those of `cases_of`, where they were asked for already. Without `leads_on` nothing is told of where data
    went from there.
    Raises: as the stores.
    """
    cases = cases_of(journal, graph, asked) if cases is None else cases
    gathered = gather(graph, keyring, asked, spool, seen)
    judging = _Judging(graph, keyring, Leaving(register), cases, asked, gathered)
    answer = Reached(erased=cases.erased, onward=onward(graph, register, asked) if leads_on else ())
    for each in judging.persons():
        answer.count(each)
        told(each)
    answer.settle()
    return answer


@dataclass(slots=True)
class _Adding:
    """What a party had of one person, as it is added up; `kept` is what it has without a promise."""

    routes: set[Route] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    promised: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    proved: bool = False
    earlier: bool = False

    def add(self, route: Route, categories: Iterable[str], *, earlier: bool) -> None:
        """Add what was there of one route."""
        self.categories.update(categories)
        self.routes.add(route)
        self.earlier = self.earlier or earlier

    def had(self) -> Had | None:
        """Return it; None where that is nothing."""
        if not self.routes:
            return None
        return Had(
            categories=frozenset(self.categories),
            purposes=frozenset(each.purpose for each in self.routes),
            sources=frozenset(each.source for each in self.routes),
            held=frozenset(self.held),
            promised=frozenset(self.promised - self.kept),
            proved=self.proved,
            earlier=self.earlier,
            forbidden=any(each.forbidden for each in self.routes),
        )


_Pattern = tuple[tuple[int, bool, frozenset[str], frozenset[str]], ...]
"""Of each row of a person its route, whether it was sent before the interval, what was there of it, and is there still."""


@dataclass(frozen=True, slots=True)
class _Judging:
    graph: Graph
    keyring: KeyRing
    leaving: Leaving
    cases: Cases
    asked: Asked
    gathered: Gathered
    had: dict[_Pattern, Had | None] = field(default_factory=dict)
    """By retention alone few patterns occur: each is added up once."""

    def persons(self) -> Iterator[Reach]:
        """Yield what the party had of each person; nobody of whom it had nothing in the interval."""
        for several in in_batches(self.gathered.spool.by_person(), _TOGETHER):
            found = {rows[0].whose: had for rows in several if (had := self._had(rows)) is not None}
            left = [rows for rows in several if rows[0].whose in found]
            ways = self._ways(left) if self.asked.ways else {}
            for rows in left:
                whose, within = rows[0].whose, [row for row in rows if not row.earlier]
                yield Reach(
                    key=whose,
                    candidates=rows[0].candidates,
                    had=found[whose],
                    ways=ways.get(whose, frozenset()),
                    disclosures=sum([each.disclosures for each in within]),
                    first=min([each.first for each in within], default=0),
                    last=max([each.last for each in within], default=0),
                )

    def _had(self, rows: Sequence[Row]) -> Had | None:
        proofs = self.cases.proofs.get(rows[0].whose)
        return self._by_proof(rows, proofs) if proofs else self._by_retention(rows)

    def _by_retention(self, rows: Sequence[Row]) -> Had | None:
        pattern = tuple([(row.route, row.earlier, self._there(row), self._left(row)) for row in rows])
        if pattern not in self.had:
            if len(self.had) > _MOST_PATTERNS:
                self.had.clear()
            self.had[pattern] = self._of_pattern(pattern)
        return self.had[pattern]

    def _of_pattern(self, pattern: _Pattern) -> Had | None:
        adding = _Adding()
        for number, earlier, there, left in pattern:
            if there or not earlier:
                adding.add(self.gathered.routes[number], there, earlier=earlier)
                adding.held |= there & left
        adding.kept |= adding.held
        return adding.had()

    def _there(self, row: Row) -> frozenset[str]:
        """Return what of a row was there in the interval: of what was sent before, what its retention left at its beginning."""
        route = self.gathered.routes[row.route]
        return self._at_the_beginning(route, row.last) if row.earlier else self.leaving.all_of(route)

    def _left(self, row: Row) -> frozenset[str]:
        return self.leaving.left(self.gathered.routes[row.route], row.last, self.asked.moment)

    def _at_the_beginning(self, route: Route, sent: int) -> frozenset[str]:
        return self.leaving.left(route, sent, self.asked.since if self.asked.since is not None else sent)

    def _by_proof(self, rows: Sequence[Row], proofs: Sequence[Proof]) -> Had | None:
        """Look at each disclosure of a person whose erasure is under way: what is shown of one says nothing of another."""
        adding, asked = _Adding(), self.asked
        for each in self.graph.disclosures({row.holder for row in rows}, asked.as_of):
            if each.route.target != asked.party or (asked.last is not None and each.at > asked.last):
                continue
            earlier = asked.since is not None and each.at < asked.since
            if earlier and not asked.earlier:
                continue
            categories = self._at_the_beginning(each.route, each.at) if earlier else self.leaving.all_of(each.route)
            left = self.leaving.left(each.route, each.at, asked.moment)
            there = set()
            for category in categories:
                shown = [at for proof in proofs if (at := proof.shown(each, category)) is not None]
                if earlier and asked.since is not None and min(shown, default=asked.since) < asked.since:
                    continue
                there.add(category)
                adding.proved = adding.proved or bool(shown)
                if not shown and category in left:
                    promised = any(proof.promised(each, category) for proof in proofs)
                    adding.held.add(category)
                    (adding.promised if promised else adding.kept).add(category)
            if there or not earlier:
                adding.add(each.route, there, earlier=earlier)
        return adding.had()

    def _ways(self, several: Iterable[Sequence[Row]]) -> Mapping[bytes, frozenset[str]]:
        """Return how each can be reached: by what this party got, else by all that is recorded of her and can be read."""
        routes = self.gathered.routes
        found = {
            rows[0].whose: WAYS.intersection(
                [each for row in rows if row.readable for each in routes[row.route].categories]
            )
            for rows in several
            if rows[0].candidates == 1
        }
        others = [whose for whose, ways in found.items() if not ways]
        return {**found, **ways_to(self.graph, self.keyring, others, self.asked.as_of)}


def ways_to(graph: Graph, keyring: KeyRing, keys: Collection[bytes], as_of: Until) -> dict[bytes, frozenset[str]]:
    """Return the kinds of address by which whoever each pseudonym stands for can be reached, as far as keys are there."""
    if not keys:
        return {}
    persons = find_persons(graph, keys, as_of)
    addresses: dict[bytes, set[str]] = {}
    for each in graph.disclosures({key for person in persons.values() for key in person.members}, as_of):
        if found := WAYS.intersection(each.route.categories):
            addresses.setdefault(each.holder, set()).update(found)
    readable = keyring.find(addresses.keys())
    return {
        whose: frozenset(way for key in person.members if key in readable for way in addresses[key])
        for whose, person in persons.items()
    }
