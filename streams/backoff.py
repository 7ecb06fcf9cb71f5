"""Waiting for what is away: longer after each failure, at random, and for ever. Must not know what is waited for, nor Faust."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import TypeVar

from lineage.errors import Retryable

T = TypeVar("T")

_log = logging.getLogger(__name__)
_between = SystemRandom().uniform


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before trying again: from `first` seconds doubling to `most`, at random the upper half."""

    first: float = 0.1
    most: float = 5.0

    def seconds(self, failures: int) -> float:
        """The wait after so many failures in a row (1 or more)."""
        longest: float = min(self.most, self.first * 2.0 ** min(failures - 1, 32))
        return _between(0.5, 1.0) * longest


async def waited_out(
    work: Callable[[], Awaitable[T]], where: str, backoff: Backoff, failed: Callable[[Retryable], None] = lambda _: None
) -> T:
    """Do some work, again and again as long as it raises Retryable, which `failed` gets each time.

    `where` says in the log what it is about.
    """
    failures = 0
    while True:
        try:
            return await work()
        except Retryable as fault:  # our own errors say nothing personal, so their text may be logged
            failures += 1
            failed(fault)
            pause = backoff.seconds(failures)
            _log.warning("%s, %s: trying again in %.1f s, failed %d times", where, fault, pause, failures)
            await asyncio.sleep(pause)  # the agent is cancelled when the app stops, hence this too
