"""Budgets of calls, counted in the journal: what a vendor allows in a minute or a day, kept across restarts.

Windows stand side by side and do not slide: a vendor that counts by sliding windows still answers 429 at times, which is
obeyed too.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from connectors.protocol import Rate
from connectors.waiting import Later

_SECOND = 1_000_000
_DAY = 86_400.0


class Counts(Protocol):
    """The part of `lineage.cases.journal.Journal` that counts calls."""

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        """Count so many more calls of a lane in a window, unless they exceed `limit`; tell whether it may."""
        ...


class KeptBudget:
    """The `connectors.protocol.Budget` of one party."""

    def __init__(self, party: str, rates: Mapping[str, Rate], counts: Counts, clock: Callable[[], int]) -> None:
        self._party, self._rates, self._counts, self._clock = party, rates, counts, clock

    async def take(self, rate: str, calls: int = 1) -> None:
        """Take that many calls at once, all or none. A rate that is not among the party's is not limited.

        Raises: Later, Retryable: as the protocol. More calls than any window has room for are never to be had: Later too,
        for the caller ought to have asked for less.
        """
        allowed = self._rates.get(rate)
        if allowed is None:
            return
        now = self._clock()
        begins, ends = window_of(allowed, now)
        if not await asyncio.to_thread(self._counts.spend, f"{self._party}/{rate}", begins, allowed.calls, calls):
            wait = max((ends - now) / _SECOND, 0.0)
            raise Later(f"{self._party} takes {allowed.calls} calls in {allowed.seconds:g} s, and has had them", wait)


class Uncounted:
    """The budget of a dry run, in which no call is made and so none is counted."""

    async def take(self, rate: str, calls: int = 1) -> None:
        """Count nothing."""


def window_of(rate: Rate, now: int) -> tuple[int, int]:
    """Return beginning and end of the window an instant lies in, microseconds UTC."""
    if rate.zone is not None and rate.seconds >= _DAY:
        zone = ZoneInfo(rate.zone)
        midnight = datetime.fromtimestamp(now // _SECOND, UTC).astimezone(zone).replace(hour=0, minute=0, second=0)
        ends = midnight + timedelta(days=max(round(rate.seconds / _DAY), 1))
        return _instant(midnight), _instant(ends)
    span = int(rate.seconds * _SECOND)
    begins = now - now % span
    return begins, begins + span


def _instant(moment: datetime) -> int:
    """The same wall clock of another day in that zone, so that a day with a change of clocks has 23 or 25 hours."""
    return int(moment.replace(fold=0).timestamp()) * _SECOND
