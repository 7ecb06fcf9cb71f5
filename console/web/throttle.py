"""How often somebody may try to sign in: wrong ones of a name must wait longer and longer. Holds no password."""

from collections import OrderedDict
from collections.abc import Callable

FREE = 5
"""So many wrong ones of a name cost nothing."""
SHORTEST, LONGEST = 30 * 1_000_000, 15 * 60 * 1_000_000
"""Microseconds of the first wait and of the longest."""
REMEMBERED = 10_000


class Throttle:
    """Counts wrong ones by name. Also a name that there is not is counted: how it answers tells nothing."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def waits(self, name: str) -> int:
        """Return for how many more microseconds this name may not try."""
        count, last = self._wrong.get(name, (0, 0))
        if count < FREE:
            return 0
        wait = min(SHORTEST << min(count - FREE, 10), LONGEST)
        return max(0, last + wait - self._clock())

    def wrong(self, name: str) -> None:
        """Count one."""
        count, _ = self._wrong.pop(name, (0, 0))
        self._wrong[name] = count + 1, self._clock()
        while len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)

    def right(self, name: str) -> None:
        """Forget what was wrong before."""
        self._wrong.pop(name, None)
