"""Refusals of single items of a request, and the grounds there are for one (`refusals.toml`). Decides nothing.

An item is what one party has of one category for one purpose. A refusal is of those that it names; what it does not name counts
for any.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lineage.cases.words import RIGHTS, Right

LANGUAGES = ("fi", "sv", "en")
REFUSED = "refused"
"""How a task came to be replaced: what it was about is refused."""
REMEDIES = ("complaint: Tietosuojavaltuutettu (GDPR Art. 77)", "court (GDPR Art. 79)")
"""What the person is told that she can do about a refusal (Art. 12(4))."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a person decided not to do of a request. `ground` is an article; times are microseconds UTC.

    `granted` is when it was taken back, and the items were granted after all.
    """

    number: int
    ground: str
    at: int
    party: str | None = None
    purpose: str | None = None
    category: str | None = None
    granted: int | None = None

    def covers(self, party: str, purpose: str, category: str) -> bool:
        """Tell whether it refuses this item, as things stand."""
        wanted = ((self.party, party), (self.purpose, purpose), (self.category, category))
        return self.granted is None and all(asked is None or asked == found for asked, found in wanted)


Refused = Callable[[str, str, str], bool]
"""Tells whether the item of a party, a purpose and a category is refused."""


def refusing(refusals: Iterable[Refusal]) -> Refused:
    """Return what tells whether an item is refused by any."""
    every = tuple(refusals)
    return lambda party, purpose, category: any(each.covers(party, purpose, category) for each in every)


@dataclass(frozen=True, slots=True)
class RefusalGround:
    """One row of the table: an article, the rights it may stand against, and what a person is told, by language."""

    article: str
    rights: frozenset[Right]
    texts: Mapping[str, str]


@cache
def refusal_grounds() -> Mapping[str, RefusalGround]:
    """Return every ground by its article, in the order of the table."""
    told = tomllib.loads((files("lineage.cases") / "refusals.toml").read_text("utf-8"))
    return {article: _ground(article, row) for article, row in told.items()}


def grounds_for(right: Right) -> tuple[str, ...]:
    """Return the articles on which an item of a right may be refused; none: it is granted, or refused, as a whole."""
    return tuple(each.article for each in refusal_grounds().values() if right in each.rights)


def _ground(article: str, row: Mapping[str, object]) -> RefusalGround:
    named = row["rights"]
    rights = frozenset(each for each in RIGHTS if isinstance(named, list) and each in named)
    return RefusalGround(article, rights, {language: str(row[language]) for language in LANGUAGES})
