"""Tells companies how their requests stand: one lane a company, fed by what is due in the journal.

A company is told before it is kept that it was: whoever ends in between tells it again. A company that is away delays
nobody but itself. Knows neither HTTP nor signatures.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from connectors.opendsr.answering import Standing
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.journal import CALLBACKS, Outrun
from lineage.cases.requested import keep_told, told_of
from lineage.cases.requested_standing import standing_of
from lineage.cases.rows import callback_row
from lineage.errors import JalkiError, Refused
from streams.backoff import Backoff

LOOK_SECONDS = 1.0
BATCH = 100
TURN = 60_000_000
"""Microseconds for which one of several workers calls a company."""
SOONEST, LATEST = 60_000_000, 86_400_000_000
"""Microseconds until a company that did not take a callback is told again: twice as long each time, within these."""
MOST_REFUSALS = 40
"""After so many, a month, it is told no more until its request stands differently. It may ask at any time."""
_FIRST = "pending"
"""What every company knows already: by the answer to its request."""
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Tells(Protocol):
    """Tells a company at one of its addresses. Raises: Refused: it does not take it. Retryable, Misconfigured: not now."""

    async def tell(self, company: str, request: str, standing: Standing, url: str) -> None:
        """Tell it how a request stands."""
        ...


class Owed(NamedTuple):
    """What a company is owed about one request, and when to look again where that is nothing."""

    case: Case
    standing: Standing
    urls: tuple[str, ...]
    look_at: int | None


class CallingBack:
    """Calls these companies back. `thread` is where the stores are used."""

    def __init__(
        self,
        work: Casework,
        thread: Executor,
        telling: Tells,
        companies: Collection[str],
        backoff: Backoff | None = None,
    ) -> None:
        self._work, self._thread, self._telling = work, thread, telling
        self._companies = sorted(companies)
        self._backoff = Backoff(first=1.0, most=300.0) if backoff is None else backoff
        self._turns: dict[str, int] = {}
        self._refusals: dict[str, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Tell what is new, whenever it is, until told to stop. What is under way then is told again by whoever comes next."""
        lanes = [asyncio.create_task(self._lane(each, stop)) for each in self._companies]
        try:
            await asyncio.gather(*lanes)
        finally:
            for each in lanes:
                each.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def _lane(self, company: str, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            pause = LOOK_SECONDS
            try:
                await self.round(company)
                failures = 0
            except JalkiError as fault:
                failures += 1
                pause = self._backoff.seconds(failures)
                _log.warning("%s is not called back for now: %s", company, fault)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def round(self, company: str) -> None:
        """Tell a company all that is due now. Raises: Retryable, Misconfigured: it, or a store, is away; go on later."""
        while rows := await self._do(self._due, company):
            for row in rows:
                await self._tell(company, row)

    def _due(self, company: str) -> list[str]:
        now, lane = self._work.clock(), CALLBACKS + company
        rows = self._work.journal.due_tasks(lane, now, BATCH)
        turn = now - now % TURN
        if not rows or (self._turns.get(company) != turn and not self._work.journal.spend(lane, turn, 1)):
            return []
        self._turns[company] = turn
        return [row.case for row in rows]

    async def _tell(self, company: str, id_: str) -> None:
        owed, refused = await self._do(self._owed, id_), False
        for url in owed.urls:
            try:
                await self._telling.tell(company, owed.case.notes["request"]["id"], owed.standing, url)
            except Refused as fault:
                _log.warning("case %s: %s", id_, fault)
                refused = True
            else:
                await self._do(keep_told, self._work, id_, url, owed.standing.status)
        if refused or not owed.urls:  # what was told is an entry, and has it looked at once more
            await self._do(self._look_again, owed.case, self._later(id_, refused=refused) or owed.look_at)

    def _owed(self, id_: str) -> Owed:
        case = self._work.case(id_)
        found, told = standing_of(self._work, case), told_of(case)
        urls = [each for each in case.notes["request"]["callbacks"] if told.get(each, _FIRST) != found.status]
        return Owed(
            case, Standing(found.status, found.received, found.expected, found.results), tuple(urls), found.look_at
        )

    def _later(self, id_: str, *, refused: bool) -> int | None:
        """Return when to tell a company again that did not take it; None where it did, or is told no more."""
        count = self._refusals.pop(id_, 0)
        if not refused or count + 1 >= MOST_REFUSALS:
            return None
        self._refusals[id_] = count + 1
        return self._work.clock() + min(SOONEST << count, LATEST)

    def _look_again(self, case: Case, at: int | None) -> None:
        row = callback_row(case, at)
        with suppress(Outrun):  # it has moved on, and is due again by that
            if row is not None:
                self._work.look_again(case, row)

    async def _do(self, act: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(act, *given))
