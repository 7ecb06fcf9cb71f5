"""What the answer to a recall consists of: each buyer, and the counts. Decides nothing."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Buyer:
    """One who bought the product, by pseudonym; with several `candidates` an identifier that several persons share.

    `certain` tells that one of hers is in the range of serial numbers, or that no range was asked for; else nobody knows
    her product's number, and she is warned too. `ways` are the kinds of address by which she can be reached. That she
    `opted_out` of marketing, or that her data is `restricted`, keeps no warning from her.
    """

    key: bytes
    candidates: int
    certain: bool
    products: int
    first: int
    last: int
    ways: frozenset[str]
    opted_out: bool
    restricted: bool


@dataclass(slots=True)
class Recalled:
    """Counts over all buyers. `erased` are those of whom nothing is left but that they were: they are in no other count."""

    buyers: int = 0
    certain: int = 0
    shared: int = 0
    contactable: int = 0
    opted_out: int = 0
    restricted: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    erased: int = 0

    def count(self, each: Buyer) -> None:
        """Add one buyer; whoever stands for several persons is warned like any other, and told apart."""
        self.buyers += 1
        self.certain += each.certain
        self.shared += each.candidates > 1
        self.contactable += bool(each.ways)
        self.opted_out += each.opted_out
        self.restricted += each.restricted
        self.ways.update(each.ways)
