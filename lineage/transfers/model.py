"""What is asked about a mechanism that was annulled, and what the answer consists of. Times are microseconds UTC."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from lineage.graph import NOW, Until
from lineage.reached import Erased, Reach


@dataclass(frozen=True, slots=True)
class Annulled:
    """A mechanism that holds no more from an instant on; of `adequacy` one country's decision. None: every party, country.

    `as_of` are the two times that the whole answer is as of.
    """

    mechanism: str
    at: int
    now: int
    country: str | None = None
    party: str | None = None
    as_of: Until = NOW


@dataclass(slots=True)
class Span:
    """What went to one party while the same other mechanisms held: from `since` (None: ever) to before `ends` (None: now on).

    Before the end `mechanisms` also has the one that was annulled. `categories` counts disclosures; `persons` those whose
    data was sent then, and `held` those of them of whom the party may still have some of what was sent then.
    """

    since: int | None
    ends: int | None
    mechanisms: tuple[str, ...]
    disclosures: int = 0
    first: int | None = None
    last: int | None = None
    categories: Counter[str] = field(default_factory=Counter)
    persons: int = 0
    held: int = 0
    shared: int = 0


@dataclass(frozen=True, slots=True)
class PartyTransfers:
    """What went to one party outside the EEA: while the mechanism held, and since, by what else held.

    `erased` are persons who are erased here, by the tasks of their cases: in no span, for nothing else is known of them.
    """

    party: str
    country: str
    before: tuple[Span, ...]
    after: tuple[Span, ...]
    erased: Erased


@dataclass(frozen=True, slots=True)
class Transfers:
    """All parties that relied on the mechanism and got anything; `unobserved` relied on it, and no event shows anything."""

    parties: tuple[PartyTransfers, ...]
    unobserved: tuple[str, ...]


Listed = Callable[[PartyTransfers, Span, Reach], None]
"""Hears of each person by party and span."""
