"""What is asked about a party, and what the answer consists of. Times are microseconds UTC. Decides nothing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Asked:
    """A party and an interval of event time, both ends included; None: from the beginning, until now and later."""

    party: str
    since: int | None
    until: int | None
    now: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What a party had of one person at any time in the interval.

    `key` is a pseudonym of hers; with several `candidates` it is an identifier that several persons share, and nobody
    can say whose. `earlier` tells that some of it was sent before the interval. `held` are the categories that it may
    still have now, `promised` those of them that it has promised to erase. `ways` are the kinds of address by which she
    can be reached.
    """

    key: bytes
    candidates: int
    categories: frozenset[str]
    purposes: frozenset[str]
    sources: frozenset[str]
    held: frozenset[str]
    promised: frozenset[str]
    proved: bool
    """Whether anything of it is shown to be erased there."""
    ways: frozenset[str]
    earlier: bool
    forbidden: bool
    disclosures: int
    """Those in the interval; 0 where all was sent earlier."""
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Erased:
    """Persons who are erased here, and of whom no more is known than that the party was told: by the cases' tasks."""

    persons: int = 0
    may_be_held: int = 0
    promised: int = 0


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

    def count(self, each: Reach) -> None:
        """Add one person, or one identifier that several share."""
        if each.candidates > 1:
            self.shared += 1
            self.shared_disclosures += each.disclosures
            return
        self.persons += 1
        self.got += each.disclosures > 0
        self.earlier += each.earlier
        self.disclosures += each.disclosures
        if each.disclosures:
            self.first = each.first if self.first is None else min(self.first, each.first)
            self.last = each.last if self.last is None else max(self.last, each.last)
        self.held += bool(each.held)
        self.promised += bool(each.held) and each.held <= each.promised
        self.proved += not each.held and each.proved
        self.retention_over += not each.held and not each.proved
        self.contactable += bool(each.ways)
        self.forbidden += each.forbidden
        told: Mapping[str, Counter[str]] = {
            "categories": self.categories, "purposes": self.purposes, "sources": self.sources, "ways": self.ways,
        }  # fmt: skip
        for name, counter in told.items():
            counter.update(getattr(each, name))
