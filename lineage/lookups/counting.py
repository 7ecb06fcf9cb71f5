"""Counts look-ups by what they have in common: what a person who oversees them looks at first. Judges nobody."""

from collections import Counter
from dataclasses import dataclass, field

from lineage.lookups.model import LookUp


@dataclass(slots=True)
class OfStaff:
    """The look-ups of one person of staff. `persons` counts looks by whom they were at; times are microseconds UTC."""

    looks: int = 0
    persons: Counter[bytes] = field(default_factory=Counter)
    purposes: Counter[str] = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None

    @property
    def most_at_one(self) -> int:
        """How often the person was looked at whom this one looked at most."""
        return max(self.persons.values(), default=0)

    def count(self, each: LookUp) -> None:
        """Add a look-up."""
        self.looks += 1
        self.persons[each.whose] += 1
        self.purposes[each.purpose] += 1
        self.first = each.at if self.first is None else min(self.first, each.at)
        self.last = each.at if self.last is None else max(self.last, each.at)


@dataclass(slots=True)
class Counts:
    """Counts over many look-ups. `by_staff` has no entry for those of whom nobody knows any more whose they were."""

    looks: int = 0
    persons: set[bytes] = field(default_factory=set)
    nobody_knows_who: int = 0
    viewers: Counter[str] = field(default_factory=Counter)
    companies: Counter[str] = field(default_factory=Counter)
    purposes: Counter[str] = field(default_factory=Counter)
    by_staff: dict[str, OfStaff] = field(default_factory=dict)

    def count(self, each: LookUp) -> None:
        """Add a look-up."""
        self.looks += 1
        self.persons.add(each.whose)
        self.viewers[each.viewer] += 1
        self.companies[each.company] += 1
        self.purposes[each.purpose] += 1
        if each.staff is None:
            self.nobody_knows_who += 1
        else:
            self.by_staff.setdefault(each.staff, OfStaff()).count(each)
