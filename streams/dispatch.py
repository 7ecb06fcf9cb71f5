"""The dispatch agent: one lane a party, fed by what is due in the journal; and the agent of time, which moves cases on.

A dead party delays nobody but itself. Nothing is kept here: whoever starts again finds in the journal what is due.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from connectors.protocol import Connector, Limits
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.closing import advance
from lineage.cases.journal import is_party
from lineage.cases.orders import Order, Outcome
from lineage.cases.rows import OVER
from streams.acts import Acts
from streams.lanes import BATCH, Lane

LOOK_SECONDS = 2.0
"""So often is the journal asked for what others have added to it."""
_SECOND = 1_000_000


class Directory(Protocol):
    """Who tells which party."""

    def connector(self, party: str) -> Connector:
        """Return the connector of a party; for one without a protocol, one that gives its tasks to a person."""
        ...


class Dispatch:
    """Runs lanes and time. Everything it asks the stores happens in one thread of its own."""

    def __init__(self, work: Casework, directory: Directory, told: Callable[[Order, str], None] | None = None) -> None:
        """`told` hears of every attempt and its state."""
        self._work, self._directory, self._told = work, directory, _unheard if told is None else told
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._paused: dict[str, int] = {}
        self._acts = Acts(work.together)
        self._again = asyncio.Event()

    def wake(self) -> None:
        """Have the journal looked at now."""
        self._again.set()

    async def run_until_idle(self) -> None:
        """Do all that is due now; return when nothing is, though parties may still owe answers. Raises: Misconfigured."""
        try:
            while await self._round() or self._lanes:
                if self._lanes:
                    await asyncio.wait(self._lanes.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._stop()

    async def run_until_over(self, case: str) -> None:
        """Do what is due, whenever it is, until that case waits for nothing but the law or a person. Raises: Misconfigured."""
        stop = asyncio.Event()

        async def look() -> None:
            while not _waits_for_people(await self._acts.one(self._work.case, case)):  # noqa: ASYNC110 - others may move it too
                await asyncio.sleep(LOOK_SECONDS)
            stop.set()

        looking = asyncio.create_task(look())
        try:
            await self.run(stop)
        finally:
            looking.cancel()

    async def run(self, stop: asyncio.Event) -> None:
        """Do what is due, whenever it is, until told to stop; what is under way is finished. Raises: Misconfigured."""
        try:
            while not stop.is_set():
                await self._round()
                self._again.clear()
                waiting = [
                    asyncio.create_task(each) for each in (stop.wait(), self._again.wait(), asyncio.sleep(LOOK_SECONDS))
                ]
                await asyncio.wait([*waiting, *self._lanes.values()], return_when=asyncio.FIRST_COMPLETED)
                for each in waiting:
                    each.cancel()
        finally:
            await self._stop()

    async def _round(self) -> bool:
        """Move due cases on and start lanes for due parties; tell whether there was anything."""
        for party, lane in list(self._lanes.items()):
            if lane.done():
                del self._lanes[party]
                lane.result()
        now = self._work.clock()
        cases = await self._acts.one(self._work.journal.due_cases, now, BATCH)
        moved = [await self._advance(each.case) for each in cases]
        parties = await self._acts.one(self._work.journal.parties_due, now)
        new = [each for each in parties if self._may_begin(each, now)]
        for party in new:
            self._lanes[party] = asyncio.create_task(self._lane(party))
        return any(moved) or bool(new)

    def _may_begin(self, party: str, now: int) -> bool:
        """Whether a lane may. Alarms, and callbacks that a company is owed, are told by others."""
        return is_party(party) and party not in self._lanes and self._paused.get(party, now) <= now

    async def _lane(self, party: str) -> None:
        lane = Lane(party, self._connector(party), self._work, self._acts, self._told)
        if pause := await lane.run():
            self._paused[party] = self._work.clock() + int(pause * _SECOND)

    def _connector(self, party: str) -> Connector:
        """Return the connector of a party: settings of one that are wrong are no reason to tell nobody else."""
        try:
            return self._directory.connector(party)
        except Exception as fault:  # noqa: BLE001 - answered by the lane: what is wrong with settings goes to a person
            return _Unmade(fault)

    async def _advance(self, case: str) -> bool:
        before = await self._acts.one(self._work.case, case)
        after = await self._acts.alone(advance, self._work, case)
        return after.last.number != before.last.number

    async def _stop(self) -> None:
        """Let what is under way end; it is bounded by the parties' timeouts."""
        if self._lanes:
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        self._acts.close()


@dataclass(frozen=True, slots=True)
class _Unmade:
    """In the place of a connector that could not be made: each task is answered by why."""

    fault: Exception
    limits: Limits = field(default_factory=Limits)

    async def send(self, _order: Order) -> Outcome:
        """Raises: the fault."""
        raise self.fault

    async def ask(self, _order: Order) -> Outcome:
        """Raises: the fault."""
        raise self.fault

    async def close(self) -> None:
        """Nothing is open."""


def _waits_for_people(case: Case) -> bool:
    """Tell whether nothing more comes of a case by itself soon."""
    moving = any(each.look_at is not None and each.state != "held" for each in case.tasks.values())
    return case.state in OVER | {"received", "identity"} or not moving


def _unheard(_order: Order, _state: str) -> None:
    """Nobody listens."""
