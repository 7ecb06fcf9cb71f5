"""Which events have to do with whom: joined by any chain of events, so that whatever says who she is, is among them."""

from collections import defaultdict

from streams.shop import Event
from streams.shop.truth_facts import Identifier, facts_of


class Near:
    """Grows with the events, in the order they come; each has its place."""

    def __init__(self) -> None:
        self._above: dict[Identifier, Identifier] = {}
        self._events: dict[Identifier, list[int]] = defaultdict(list)
        self._count = 0

    def add(self, event: Event) -> None:
        """Take the next event."""
        names = facts_of(event).named
        for one in names[1:]:
            self._join(self._top(names[0]), self._top(one))
        if names:
            self._events[self._top(names[0])].append(self._count)
        self._count += 1

    def places(self, identifier: str) -> list[int]:
        """Return where the events stand that have to do with `kind:value`, in their order."""
        kind, _, value = identifier.partition(":")
        return sorted(self._events.get(self._top((kind, value)), ())) if (kind, value) in self._above else []

    def identifiers(self) -> list[str]:
        """Return every identifier of every person as `kind:value`, sorted."""
        return sorted(f"{kind}:{value}" for kind, value in self._above)

    def _top(self, one: Identifier) -> Identifier:
        while (above := self._above.setdefault(one, one)) != one:
            self._above[one] = self._above[above]  # halved on the way, so that chains stay short
            one = above
        return one

    def _join(self, one: Identifier, other: Identifier) -> None:
        if one == other:
            return
        small, large = sorted((one, other), key=lambda each: len(self._events.get(each, ())))
        self._above[small] = large
        self._events[large] += self._events.pop(small, [])
