"""Puts together what each bought, however many identifiers of hers it hangs on, in bounded memory.

Purchases are given by identifier; who is one person is worked out for thousands at a time, and what belongs to one is
brought together by a spool, which sorts on disk.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from lineage.batching import in_batches
from lineage.graph import Graph, Until
from lineage.persons import find_roots, pseudonym_of

_BATCH = 5_000


class Purchase(NamedTuple):
    """That a disclosure tells of a product that somebody bought: `whose` is her pseudonym, or that of what several share."""

    whose: bytes
    event: bytes
    part: int


class Purchases(Protocol):
    """Takes purchases in any order, and gives them back by buyer. Used once. Raises: Refused: there is no room for them."""

    def add(self, purchases: Iterable[Purchase]) -> None:
        """Take purchases."""
        ...

    def by_buyer(self) -> Iterator[Sequence[Purchase]]:
        """Yield the purchases of each buyer, buyers by pseudonym."""
        ...


def gather(graph: Graph, model: bytes, until: Until, purchases: Purchases, seen: Callable[[int], None]) -> None:
    """Take down all purchases of a model. `seen` is told how many more."""
    for several in in_batches(graph.bought(model), _BATCH):
        roots = find_roots(graph, {each.holder for each in several}, until)
        purchases.add(
            Purchase(pseudonym_of(each.holder, roots[each.holder]), each.event, each.part) for each in several
        )
        seen(len(several))
