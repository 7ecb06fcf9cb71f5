"""What changed between two sharing graphs: edges by how often each was used in one and in the other. Counts only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from lineage.sharing import Share

Kind = Literal["new", "gone", "grew", "shrank", "same"]
KINDS: tuple[Kind, ...] = ("new", "gone", "grew", "shrank", "same")
"""In the order in which a person wants to read them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One edge in both graphs: its disclosures, by category too, before and after; 0 where it is not there."""

    source: str
    target: str
    purpose: str
    before: int
    after: int
    categories_before: Mapping[str, int]
    categories_after: Mapping[str, int]

    @property
    def kind(self) -> Kind:
        """What happened to the edge."""
        if self.before == self.after:
            return "same"
        if not self.before:
            return "new"
        if not self.after:
            return "gone"
        return "grew" if self.after > self.before else "shrank"

    @property
    def new_categories(self) -> tuple[str, ...]:
        """The categories that went this way after and never before, sorted."""
        return tuple(sorted(self.categories_after.keys() - self.categories_before.keys()))


def changes(before: Iterable[Share], after: Iterable[Share]) -> tuple[Change, ...]:
    """Return every edge of either graph, sorted by source, target and purpose."""
    old, new = _by_edge(before), _by_edge(after)
    return tuple(_change(edge, old.get(edge), new.get(edge)) for edge in sorted(old.keys() | new.keys()))


def _by_edge(shares: Iterable[Share]) -> dict[tuple[str, str, str], Share]:
    return {(each.source, each.target, each.purpose): each for each in shares}


def _change(edge: tuple[str, str, str], old: Share | None, new: Share | None) -> Change:
    return Change(
        *edge,
        before=old.disclosures if old else 0,
        after=new.disclosures if new else 0,
        categories_before=old.categories if old else {},
        categories_after=new.categories if new else {},
    )
