"""How many questions are worked on at once: few, a user some of them, and each for so long only."""

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from console.api.patience import OutOfPatienceError, Patience
from console.api.problems import Problem

T = TypeVar("T")


class Turns:
    """Runs work in threads. Used from one loop; `close` it there."""

    def __init__(self, *, at_once: int = 4, waiting: int = 28, each: int = 4, seconds: float = 60.0) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="question")
        self._most, self._each, self._seconds = at_once + waiting, each, seconds
        self._taken: Counter[str] = Counter()
        self._waited_for: set[Patience] = set()

    async def run(self, whose: str, work: Callable[[Patience], T]) -> T:
        """Return what the work returns. Raises: Problem: too much is under way, or it took too long; what the work raises.

        Work that nobody waits for keeps its turn until it has looked at its patience.
        """
        if self._taken[whose] >= self._each:
            raise Problem("many", headers={"Retry-After": "1"})
        if self._taken.total() >= self._most:
            raise Problem("busy", headers={"Retry-After": "1"})
        patience = Patience(self._seconds)
        self._taken[whose] += 1
        self._waited_for.add(patience)
        future = asyncio.get_running_loop().run_in_executor(self._threads, work, patience)
        future.add_done_callback(lambda done: self._ended(whose, patience, done))
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(future)
        except (TimeoutError, OutOfPatienceError):
            raise Problem("late", headers={"Retry-After": "60"}) from None
        finally:
            patience.end()

    def _ended(self, whose: str, patience: Patience, done: "asyncio.Future[T]") -> None:
        self._waited_for.discard(patience)
        self._taken[whose] -= 1
        if not self._taken[whose]:
            del self._taken[whose]
        if not done.cancelled():
            done.exception()  # of what nobody waits for, nothing is said

    def close(self) -> None:
        """Let all work end as soon as it can."""
        for each in self._waited_for:
            each.end()
        self._threads.shutdown(wait=True, cancel_futures=True)
