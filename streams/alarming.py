"""The agent of alarms: has the data protection officer told of what a person must look at. Knows no mail.

It is beside all else: whoever carries messages may be away for days, and delays nothing. What has gone is kept with the cases.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from lineage.cases.casework import Casework
from lineage.cases.journal import OFFICER
from lineage.cases.telling import Message, is_due, keep_told, next_message
from lineage.errors import JalkiError
from streams.backoff import Backoff

LOOK_SECONDS = 10.0
TURN_SECONDS = 60
"""Of several workers one tells in so long; it must be longer than a message takes to be handed in."""
T = TypeVar("T")

_log = logging.getLogger(__name__)


class Officer(Protocol):
    """Reaches the data protection officer. Raises: Retryable, Refused, Misconfigured: it could not; try again."""

    async def tell(self, message: Message) -> None:
        """Return when the message is somebody else's to deliver."""
        ...


class Alarming:
    """Tells one officer."""

    def __init__(
        self, work: Casework, officer: Officer, look_seconds: float = LOOK_SECONDS, turn_seconds: int = TURN_SECONDS
    ) -> None:
        """`turn_seconds` 0: nobody else tells, and no turn is waited for."""
        self._work, self._officer = work, officer
        self._look, self._turn = look_seconds, turn_seconds * 1_000_000

    async def tell_all(self) -> int:
        """Tell all there is; return how many messages went. Raises: as the officer and the stores."""
        count = 0
        while (message := await self._do(next_message)) is not None:
            await self._officer.tell(message)
            await asyncio.to_thread(keep_told, self._work, message)
            count += 1
        return count

    async def tell_in_turn(self) -> int:
        """Tell it unless another process does so now."""
        return await self.tell_all() if await self._do(self._is_my_turn) else 0

    async def run(self, stop: asyncio.Event) -> None:
        """Tell what comes up, until told to stop. Nothing that goes wrong ends it: it is tried again, less and less often."""
        backoff, failures = Backoff(first=self._look, most=600.0), 0
        while not stop.is_set():
            try:
                await self.tell_in_turn()
                failures = 0
            except JalkiError as fault:
                failures += 1
                _log.warning("the data protection officer is not told of alarms: %s", fault)
            except Exception as fault:  # noqa: BLE001 - whatever it is, cases go on; its text may quote anything
                failures += 1
                _log.error("the data protection officer is not told of alarms: %s", type(fault).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), backoff.seconds(failures) if failures else self._look)

    def _is_my_turn(self, work: Casework) -> bool:
        if not is_due(work):
            return False
        now = work.clock()
        return not self._turn or work.journal.spend(OFFICER, now - now % self._turn, 1)

    async def _do(self, act: Callable[[Casework], T]) -> T:
        return await asyncio.to_thread(act, self._work)
