"""How often a vendor may be called: fixed windows, counted by the sandbox's clock. How a vendor tells of them is its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SECOND = 1_000_000
WINDOWS_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many seconds; with `by`, for each value of that parameter of the path."""

    name: str
    calls: int
    seconds: int
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a call stands with its tightest limit. `resets_in` is microseconds from now; `refused`: there is nothing left."""

    limit: Limit
    left: int
    resets_in: int
    refused: bool

    @property
    def wait(self) -> int:
        """Whole seconds until the window is over."""
        return -(-self.resets_in // SECOND)


class Windows:
    """Counts calls against limits."""

    def __init__(self) -> None:
        self._counted: dict[tuple[Limit, str], tuple[int, int]] = {}

    def take(self, limits: Sequence[Limit], path: Mapping[str, str], now: int) -> Standing | None:
        """Count a call, or none where one limit is used up. Returns how the tightest stands; None: no limits."""
        if not limits:
            return None
        self._forget(now)
        kept = [(each, path.get(each.by, "") if each.by else "") for each in limits]
        standings = [self._look(limit, key, now) for limit, key in kept]
        if any(each.refused for each in standings):
            return max((each for each in standings if each.refused), key=lambda each: each.resets_in)
        for limit, key in kept:
            since, calls = self._counted.get((limit, key), (now, 0))
            self._counted[limit, key] = (since, calls + 1)
        after = [Standing(each.limit, each.left - 1, each.resets_in, False) for each in standings]
        return min(after, key=lambda each: each.left / each.limit.calls)

    def _look(self, limit: Limit, key: str, now: int) -> Standing:
        since, calls = self._counted.get((limit, key), (now, 0))
        left = limit.calls - calls
        return Standing(limit, max(left, 0), since + limit.seconds * SECOND - now, left <= 0)

    def _forget(self, now: int) -> None:
        over = [key for key, (since, _) in self._counted.items() if since + key[0].seconds * SECOND <= now]
        for key in over:
            del self._counted[key]
        while len(self._counted) >= WINDOWS_AT_MOST:
            del self._counted[next(iter(self._counted))]
