"""The dispatch agent: one lane a party, fed by what is due in the journal; and the agent of time, which moves cases on.

A dead party delays nobody but itself. Nothing is kept here: whoever starts again finds in the journal what is due.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Protocol, TypeVar

from connectors.protocol import Connector, Limits, Together
from connectors.waiting import Later
from lineage.cases.carrying import broke, claim, jitter, settle, tried_in_vain
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.closing import advance
from lineage.cases.journal import TaskRow, is_party
from lineage.cases.orders import Order, Outcome
from lineage.cases.rows import OVER
from lineage.cases.words import CONNECTOR_FAULT
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from streams.backoff import Backoff, waited_out

BATCH = 100
CLAIM_SECONDS = 0.05
"""What claiming and settling one task may take: so much longer is the claim of those that are told together."""
LOOK_SECONDS = 2.0
"""So often is the journal asked for what others have added to it."""
_SECOND = 1_000_000
_ASKED = frozenset({"accepted", "promised"})
"""A task in these states is asked after, and not told again."""
T = TypeVar("T")

_log = logging.getLogger(__name__)


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
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="casework")
        self._backoff = Backoff()
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
            while not _waits_for_people(await self._do(self._work.case, case)):  # noqa: ASYNC110 - others may move it too
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
        cases = await self._do(self._work.journal.due_cases, now, BATCH)
        moved = [await self._advance(each.case) for each in cases]
        parties = await self._do(self._work.journal.parties_due, now)
        new = [each for each in parties if self._may_begin(each, now)]
        for party in new:
            self._lanes[party] = asyncio.create_task(self._lane(party))
        return any(moved) or bool(new)

    def _may_begin(self, party: str, now: int) -> bool:
        """Whether a lane may. Alarms, and callbacks that a company is owed, are told by others."""
        return is_party(party) and party not in self._lanes and self._paused.get(party, now) <= now

    async def _lane(self, party: str) -> None:
        """Tell and ask one party all that is due; until it says itself to come again later."""
        connector = self._directory.connector(party)
        most = connector.limits.together if isinstance(connector, Together) else 1
        while rows := await self._do(self._work.journal.due_tasks, party, self._work.clock(), max(BATCH, most)):
            for group in _groups(rows, most):
                await self._until_allowed(party, connector.limits)
                pause = await self._attempt(connector, group)
                if pause:
                    self._paused[party] = self._work.clock() + int(pause * _SECOND)
                    return

    async def _until_allowed(self, party: str, limits: Limits) -> None:
        """Wait until the party's limit leaves room for one more call. It is kept in the store, and outlives a restart."""
        span = int(limits.seconds * _SECOND)
        while True:
            now = self._work.clock()
            window = now - now % span
            if await self._do(self._work.journal.spend, party, window, limits.calls):
                return
            await asyncio.sleep((window + span - now) / _SECOND)

    async def _attempt(self, connector: Connector, rows: Sequence[TaskRow]) -> float:
        """Claim tasks, tell or ask the party, and settle them; return the seconds of peace it wants before the next attempt."""
        lease, began = 2 * connector.limits.timeout + CLAIM_SECONDS * len(rows), self._work.clock()
        orders = [order for row in rows if (order := await self._claimed(row, lease, began)) is not None]
        if not orders:
            return 0.0
        answers = await _answered(connector, orders, asking=rows[0].state in _ASKED)
        # One instant and one jitter for all: else each would be due by itself, and be told alone the next time.
        ended, part = self._work.clock(), jitter()
        for order, answer in zip(orders, answers, strict=True):
            await self._ended(connector.limits, order, answer, ended, part)
        return max((each.seconds for each in answers if isinstance(each, Later)), default=0.0)

    async def _ended(self, limits: Limits, order: Order, answer: Outcome | Exception, at: int, part: float) -> None:
        """Keep what came of an attempt that ended then."""
        match answer:
            case Outcome():
                await self._settle(order, answer, None, at)
            case Later():  # it said itself when to come again: not before, and not all at that moment
                wait = max(answer.seconds, 1.0) * (1 + part / 10)
                await self._do(tried_in_vain, self._work, order.case, order.task, "away", wait, wait, at, 1.0)
                self._told(order, "away")
            case Retryable() | TimeoutError():
                how = "timeout" if isinstance(answer, TimeoutError) else "away"
                first, longest = limits.first_wait, limits.longest_wait
                await self._do(tried_in_vain, self._work, order.case, order.task, how, first, longest, at, part)
                self._told(order, how)
            case Refused() | Misconfigured():
                await self._settle(order, Outcome("manual", how="refused", ground=str(answer)), "jalki")
            case _:
                await self._broke(order, limits, answer)

    async def _broke(self, order: Order, limits: Limits, fault: Exception) -> None:
        """Only the kind of a foreign exception is told: its text may quote what was sent."""
        _log.error("the connector of %s is at fault: %s, with task %s", order.party, type(fault).__name__, order.task)
        await self._do(broke, self._work, order.case, order.task, limits.first_wait, limits.longest_wait)
        self._told(order, CONNECTOR_FAULT)
        await self._do(advance, self._work, order.case)

    async def _claimed(self, row: TaskRow, lease: float, at: int) -> Order | None:
        try:
            return await self._do(claim, self._work, row.case, row.task, lease, at)
        except Misconfigured as fault:  # its key is gone: nobody can tell the party any more; a person must know
            order = Order(row.task, row.task, row.case, row.party, "notice", "erase", "", (), (), (), "")
            await self._settle(order, Outcome("manual", how="key-gone", ground=str(fault)), "jalki")
            return None

    async def _settle(self, order: Order, outcome: Outcome, actor: str | None, at: int | None = None) -> None:
        await self._do(settle, self._work, order.case, order.task, outcome, actor, None, at)
        self._told(order, outcome.state)
        await self._do(advance, self._work, order.case)

    async def _advance(self, case: str) -> bool:
        before = await self._do(self._work.case, case)
        after = await self._do(advance, self._work, case)
        return after.last.number != before.last.number

    async def _do(self, act: Callable[..., T], *given: object) -> T:
        """Ask or tell the stores, waiting while they are away."""
        run = partial(asyncio.get_running_loop().run_in_executor, self._thread, partial(act, *given))

        async def once() -> T:
            return await run()

        return await waited_out(once, "a case is not carried on", self._backoff, _told_of)

    async def _stop(self) -> None:
        """Let what is under way end; it is bounded by the parties' timeouts."""
        if self._lanes:
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        self._thread.shutdown(wait=True)


def _groups(rows: Sequence[TaskRow], most: int) -> Iterator[Sequence[TaskRow]]:
    """Return tasks as they are told in one attempt: so many at most, and none to be told with one to be asked after."""
    for asking in (False, True):
        alike = [each for each in rows if (each.state in _ASKED) == asking]
        yield from (alike[begin : begin + most] for begin in range(0, len(alike), most))


async def _answered(connector: Connector, orders: Sequence[Order], *, asking: bool) -> Sequence[Outcome | Exception]:
    """Return an answer to each order; what is raised is the answer to all of them."""
    try:
        async with asyncio.timeout(connector.limits.timeout):
            if isinstance(connector, Together):
                answers = await (connector.ask_together(orders) if asking else connector.send_together(orders))
            else:
                (order,) = orders
                answers = [await (connector.ask(order) if asking else connector.send(order))]
    except Exception as fault:  # noqa: BLE001 - a fault of one connector is no reason to stop all others
        return [fault] * len(orders)
    # Whose answer is whose nobody could tell.
    return answers if len(answers) == len(orders) else [LookupError()] * len(orders)


def _waits_for_people(case: Case) -> bool:
    """Tell whether nothing more comes of a case by itself soon."""
    moving = any(each.look_at is not None and each.state != "held" for each in case.tasks.values())
    return case.state in OVER | {"received", "identity"} or not moving


def _told_of(fault: JalkiError) -> None:
    _log.warning("%s", fault)


def _unheard(_order: Order, _state: str) -> None:
    """Nobody listens."""
