"""How often something may be done within a time. Counts under names that tell nobody; holds no identifier."""

from collections import deque
from collections.abc import Callable, Hashable


class Allowance:
    """At most `most` times in any `span` (microseconds), for each name. What is over is forgotten. Used from one thread."""

    def __init__(self, clock: Callable[[], int], most: int, span: int) -> None:
        self._clock, self._most, self._span = clock, most, span
        self._taken: dict[Hashable, deque[int]] = {}

    def takes(self, name: Hashable = "") -> bool:
        """Tell whether it may be done now; if so, it is counted as done."""
        moment = self._clock()
        self._forget(moment)
        times = self._taken.get(name) or deque()
        while times and moment - times[0] >= self._span:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(moment)
        self._taken.pop(name, None)
        self._taken[name] = times  # at the end: names stand in the order in which they were taken last
        return True

    def __len__(self) -> int:
        return len(self._taken)

    def _forget(self, moment: int) -> None:
        while self._taken:
            name, times = next(iter(self._taken.items()))
            if moment - times[-1] < self._span:
                return
            del self._taken[name]
