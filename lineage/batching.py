"""Batches: what there is, in lists of so many, as questions to a store are asked. Knows nothing of what is in them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Each = TypeVar("Each")


def in_batches(every: Iterable[Each], most: int) -> Iterator[list[Each]]:
    """Yield what there is in lists of so many, the last one shorter; none is empty."""
    rest = iter(every)
    while several := list(islice(rest, most)):
        yield several
