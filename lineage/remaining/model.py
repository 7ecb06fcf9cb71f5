"""What a party may still have, apart by what was done about it. Times are microseconds UTC. Decides nothing."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from lineage.reached import Erased, Reach

Standing = Literal["unasked", "asked", "promised"]
STANDINGS: tuple[Standing, ...] = ("unasked", "asked", "promised")
"""From the worst to the best: nobody asked the party to erase it; it was asked and has not shown it; it has promised it."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What the register says of a party as a recipient now. `ended` is the last day of the last entry that held.

    `copies` are the parties from which the register declares, or declared, that it gets copies. No event shows those.
    """

    declared: bool
    in_force: bool
    ended: date | None
    roles: tuple[str, ...]
    copies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What a party may still have of one person, or of what several share (`reach.candidates`), by standing.

    `states` are those of the tasks about what was asked for and is not shown to be gone.
    """

    reach: Reach
    by_standing: dict[Standing, frozenset[str]]
    states: frozenset[str]

    @property
    def standing(self) -> Standing:
        """The worst of what is left."""
        return next(each for each in STANDINGS if self.by_standing.get(each))

    @property
    def categories(self) -> frozenset[str]:
        """All that is left."""
        return frozenset().union(*self.by_standing.values())


@dataclass(slots=True)
class Remaining:
    """Counts over all persons. `proved` and `retention_over` are persons of whom nothing is left, by what is known.

    `erased` are persons who are erased here, by the tasks of their cases; `tasks` counts all tasks of erasure by state.
    `after_end` counts what went to the party after its last entry in the register had ended.
    """

    contract: Contract
    persons: int = 0
    standings: Counter[Standing] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    first: int | None = None
    last: int | None = None
    shared: int = 0
    proved: int = 0
    retention_over: int = 0
    erased: Erased = field(default_factory=Erased)
    tasks: Counter[str] = field(default_factory=Counter)
    after_end: int = 0

    @property
    def nothing_left(self) -> bool:
        """Whether, by all that is known here, the party has nothing any more. A declared copy is not known to be gone."""
        return not (self.persons or self.shared or self.erased.may_be_held or self.contract.copies)

    def count(self, each: Left) -> None:
        """Add one person, or one identifier that several share."""
        if each.reach.candidates > 1:
            self.shared += 1
            return
        self.persons += 1
        self.standings[each.standing] += 1
        self.categories.update(each.categories)
        if each.reach.disclosures:
            self.first = each.reach.first if self.first is None else min(self.first, each.reach.first)
            self.last = each.reach.last if self.last is None else max(self.last, each.reach.last)
