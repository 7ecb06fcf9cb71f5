"""What is asked about a party, and what the answer consists of. Times are microseconds UTC. Decides nothing."""

from collections import Counter
from dataclasses import dataclass, field

from lineage.graph import NOW, Until


@dataclass(frozen=True, slots=True)
class Asked:
    """A party and an interval of event time, both ends included; None: from the beginning, until now and later.

    `as_of` are the two times that the whole answer is as of, its end as well: of who is one person, cases, retention.
    Without `earlier` what was sent before the interval is left out, and without `ways` how anybody can be reached.
    """

    party: str
    since: int | None
    until: int | None
    now: int
    as_of: Until = NOW
    earlier: bool = True
    ways: bool = True

    @property
    def last(self) -> int | None:
        """The last instant of the interval that counts."""
        return min((each for each in (self.until, self.as_of.at) if each is not None), default=None)

    @property
    def before_it(self) -> int | None:
        """The last instant before the interval that counts; None: the interval has no beginning."""
        if self.since is None:
            return None
        return self.since - 1 if self.as_of.at is None else min(self.since - 1, self.as_of.at)

    @property
    def moment(self) -> int:
        """When what is there still is judged."""
        return self.now if self.as_of.at is None else self.as_of.at


@dataclass(frozen=True, slots=True)
class Had:
    """What a party had of somebody at any time in the interval. Very many persons have the same.

    `held` are the categories that it may still have now, `promised` those of them that it has promised to erase;
    `proved` tells that any of it is shown to be erased there, `earlier` that any was sent before the interval.
    """

    categories: frozenset[str]
    purposes: frozenset[str]
    sources: frozenset[str]
    held: frozenset[str]
    promised: frozenset[str]
    proved: bool
    earlier: bool
    forbidden: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """One person, and what a party had of her.

    `key` is a pseudonym of hers; with several `candidates` it is an identifier that several persons share, and nobody
    can say whose. `ways` are the kinds of address by which she can be reached. `disclosures`, `first` and `last` are of
    those in the interval; 0 where all was sent earlier.
    """

    key: bytes
    candidates: int
    had: Had
    ways: frozenset[str]
    disclosures: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Erased:
    """Persons who are erased here, and of whom no more is known than that the party was told: by the cases' tasks.

    `since` are further ones, whose cases did not tell of the party yet when the answer is as of: what it had of them then
    is recorded no more.
    """

    persons: int = 0
    may_be_held: int = 0
    promised: int = 0
    since: int = 0


@dataclass(frozen=True, slots=True)
class Onward:
    """A party that data went on to from the one asked about, or from another that it went on to.

    `observed` is False where only the register says so; then nothing is counted.
    """

    party: str
    sources: tuple[str, ...]
    observed: bool
    disclosures: int
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Sent:
    """How much a party got, on how many identifiers at least and at most: one person has several, a household some in common."""

    disclosures: int
    at_least: int
    at_most: int
    first: int | None
    last: int | None


@dataclass(slots=True)
class First:
    """What can be said at once: in the interval and before it. Counters count disclosures of both; nobody is told apart."""

    got: Sent
    earlier: Sent
    onward: tuple[Onward, ...]
    categories: Counter[str] = field(default_factory=Counter)
    purposes: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    forbidden: int = 0


@dataclass(slots=True)
class Reached:
    """Counts over all persons; of what several share, only how many identifiers and disclosures that is."""

    persons: int = 0
    got: int = 0
    earlier: int = 0
    disclosures: int = 0
    first: int | None = None
    last: int | None = None
    held: int = 0
    promised: int = 0
    proved: int = 0
    retention_over: int = 0
    contactable: int = 0
    forbidden: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    purposes: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    shared: int = 0
    shared_disclosures: int = 0
    erased: Erased = field(default_factory=Erased)
    onward: tuple[Onward, ...] = ()
    _met: Counter[tuple[Had, frozenset[str]]] = field(default_factory=Counter)

    def count(self, each: Reach) -> None:
        """Add one person, or one identifier that several share. Call `settle` after the last."""
        if each.candidates > 1:
            self.shared += 1
            self.shared_disclosures += each.disclosures
            return
        self._met[each.had, each.ways] += 1
        if each.disclosures:
            self.got += 1
            self.disclosures += each.disclosures
            self.first = each.first if self.first is None else min(self.first, each.first)
            self.last = each.last if self.last is None else max(self.last, each.last)

    def settle(self) -> None:
        """Add up what was counted: once for all who had the same."""
        for (had, ways), persons in self._met.items():
            self.persons += persons
            self.earlier += persons * had.earlier
            self.held += persons * bool(had.held)
            self.promised += persons * (bool(had.held) and had.held <= had.promised)
            self.proved += persons * (not had.held and had.proved)
            self.retention_over += persons * (not had.held and not had.proved)
            self.contactable += persons * bool(ways)
            self.forbidden += persons * had.forbidden
            told: tuple[tuple[Counter[str], frozenset[str]], ...] = (
                (self.categories, had.categories), (self.purposes, had.purposes), (self.sources, had.sources),
                (self.ways, ways),
            )  # fmt: skip
            for counter, words in told:
                counter.update(dict.fromkeys(words, persons))
        self._met.clear()
