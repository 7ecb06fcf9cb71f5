"""Whose findings something new may change: all that hangs together with the identifiers it names. Reads, judges nothing.

More than is needed, never less: upwards by every owner and link there ever was, whichever counts now, then down to all that
those own. Whatever a consent, a link or an ownership may change hangs there: what is hers, what she shares, and those she
shares it with. But not all who share what a crowd does.
"""

from collections.abc import Callable, Collection, Iterable

from lineage.findings.crowds import Crowds
from lineage.graph import NOW, Near

Step = Callable[[Collection[bytes]], Iterable[tuple[bytes, bytes]]]


def around(graph: Near, keys: Collection[bytes], crowds: Crowds) -> set[bytes]:
    """Return these identifiers and all on whose disclosures something new of them may bear. Raises: as the graph."""

    def linked(some: Collection[bytes]) -> list[tuple[bytes, bytes]]:
        return [(each.one, each.other) for each in graph.links(some, NOW)]

    def upwards(some: Collection[bytes]) -> list[tuple[bytes, bytes]]:
        owners = graph.owners(set(some) - crowds.among(graph, some).keys(), NOW)
        crowds.meet(graph, owners)
        return [*owners, *linked(some)]

    tops = _reached(set(keys), upwards)
    return _reached(tops, lambda some: [*graph.owned(some, NOW), *linked(some)])


def _reached(start: set[bytes], step: Step) -> set[bytes]:
    reached, new = set[bytes](), start
    while new:
        reached |= new
        new = {end for pair in step(new) for end in pair} - reached
    return reached
