"""A lane: what one party is told and asked, one call after the other, as fast as its limit allows.

A call is counted, and what it is for claimed, durably before the party hears of it; what came of it is kept durably before
anybody else does.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from connectors.protocol import Connector, Together
from connectors.waiting import Later
from lineage.cases.carrying import broke, claim, jitter, settle, tried_in_vain
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.closing import advance, rests
from lineage.cases.journal import TaskRow
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import CONNECTOR_FAULT
from lineage.errors import Misconfigured, Refused, Retryable
from streams.acts import Acts

BATCH = 100
CLAIM_SECONDS = 0.05
"""What claiming and settling one task may take: so much longer is the claim of those that are told together."""
_SECOND = 1_000_000
_ASKED = frozenset({"accepted", "promised"})
"""A task in these states is asked after, and not told again."""

_log = logging.getLogger(__name__)


class _End(NamedTuple):
    """How an attempt ended: what is told of it once it is kept, and whether its case may move on by it."""

    order: Order
    state: str
    keep: Callable[[], Case]
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One party's. `told` hears of every attempt and its state."""

    party: str
    connector: Connector
    work: Casework
    acts: Acts
    told: Callable[[Order, str], None]

    async def run(self) -> float:
        """Tell and ask all that is due; return after how many seconds the party wants to be called again, 0 for none said."""
        # Asked once a lane: whether a protocol is kept is looked up name by name, which costs more than a small task.
        together = self.connector if isinstance(self.connector, Together) else None
        most = self.connector.limits.together if together else 1
        due = partial(self.acts.one, self.work.journal.due_tasks, self.party)
        while rows := await due(self.work.clock(), max(BATCH, most)):
            ends: list[_End] = []
            pause = 0.0
            for group in _groups(rows, most):
                # What came of one attempt is kept in the transaction that the next one is claimed in.
                kept, begun = await asyncio.gather(
                    self._keep(ends), self._attempt(group, together), return_exceptions=True
                )
                if isinstance(begun, BaseException):
                    raise begun
                ends, pause = begun
                if pause or isinstance(kept, BaseException):
                    break
            await self._keep(ends)
            if isinstance(kept, BaseException):
                raise kept
            if pause:
                return pause
        return 0.0

    async def _begun(self, rows: Sequence[TaskRow]) -> list[Order]:
        """Count one more call of the party and claim tasks for it; return the orders of those that are due.

        Waits until its limit leaves room, which is kept in the store, and outlives a restart.
        """
        limits = self.connector.limits
        span = int(limits.seconds * _SECOND)
        lease = 2 * limits.timeout + CLAIM_SECONDS * len(rows)
        while True:
            now = self.work.clock()
            window = now - now % span
            spend = partial(self.work.journal.spend, self.party, window, limits.calls)
            first, *more = (partial(claim, self.work, each.case, each.task, lease, now) for each in rows)
            (found,) = await self.acts.each([partial(_if_room, spend, first)])
            if not isinstance(found, _NoRoom):
                return await self._claimed(rows, [found, *await self.acts.each(more)])
            await asyncio.sleep((window + span - now) / _SECOND)

    async def _claimed(self, rows: Sequence[TaskRow], claims: Sequence[Order | Exception | None]) -> list[Order]:
        orders, lost = [], []
        for row, found in zip(rows, claims, strict=True):
            match found:
                case Order():
                    orders.append(found)
                case Misconfigured():  # its key is gone: nobody can tell the party any more; a person must know
                    order = Order(row.task, row.task, row.case, row.party, "notice", "erase", "", (), (), (), "")
                    lost.append(self._settled(order, Outcome("manual", how="key-gone", ground=str(found)), "jalki"))
                case Exception():
                    raise found
        await self._keep(lost)
        return orders

    async def _attempt(self, rows: Sequence[TaskRow], together: Together | None) -> tuple[list[_End], float]:
        """Tell or ask the party, as one that is told `together` if it can; return how each ended, and the peace it wants.

        In seconds, before the next attempt.
        """
        orders = await self._begun(rows)
        if not orders:
            return [], 0.0
        answers = await _answered(self.connector, together, orders, asking=rows[0].state in _ASKED)
        # One instant and one jitter for all: else each would be due by itself, and be told alone the next time.
        ended, part = self.work.clock(), jitter()
        ends = [self._end(order, answer, ended, part) for order, answer in zip(orders, answers, strict=True)]
        return ends, max((each.seconds for each in answers if isinstance(each, Later)), default=0.0)

    def _end(self, order: Order, answer: Outcome | Exception, at: int, part: float) -> _End:
        """Return how what came of an attempt that ended then is kept."""
        of, limits = (self.work, order.case, order.task), self.connector.limits
        first, longest = limits.first_wait, limits.longest_wait
        match answer:
            case Outcome():
                return self._settled(order, answer, None, at)
            case Later():  # it said itself when to come again: not before, and not all at that moment
                wait = max(answer.seconds, 1.0) * (1 + part / 10)
                return _End(order, "away", partial(tried_in_vain, *of, "away", wait, wait, at, 1.0))
            case Retryable() | TimeoutError():
                how = "timeout" if isinstance(answer, TimeoutError) else "away"
                return _End(order, how, partial(tried_in_vain, *of, how, first, longest, at, part))
            case Refused() | Misconfigured():
                return self._settled(order, Outcome("manual", how="refused", ground=str(answer)), "jalki")
            case _:  # only the kind of a foreign exception is told: its text may quote what was sent
                kind = type(answer).__name__
                _log.error("the connector of %s is at fault: %s, with task %s", order.party, kind, order.task)
                return _End(order, CONNECTOR_FAULT, partial(broke, *of, first, longest), moves=True)

    def _settled(self, order: Order, outcome: Outcome, actor: str | None, at: int | None = None) -> _End:
        keep = partial(settle, self.work, order.case, order.task, outcome, actor, None, at)
        return _End(order, outcome.state, keep, moves=True)

    async def _keep(self, ends: Sequence[_End]) -> None:
        """Keep what came of attempts, then tell of it, then move their cases on. Raises: the first fault of any, at the end."""
        faults: list[Exception] = []
        moving: dict[str, Case] = {}
        for end, found in zip(ends, await self.acts.each([each.keep for each in ends]), strict=True):
            if isinstance(found, Exception):
                faults.append(found)
                continue
            self.told(end.order, end.state)
            if end.moves:  # of several of one case it is the newest that tells: one that was done again comes later
                moving[found.id] = max(moving.get(found.id, found), found, key=lambda case: case.last.number)
        for case in moving.values():
            if not rests(self.work, case):
                await self.acts.alone(advance, self.work, case.id)
        if faults:
            raise faults[0]


class _NoRoom:
    """The limit of a party leaves none for a call now."""


def _if_room(spend: Callable[[], bool], then: Callable[[], Order | None]) -> Order | _NoRoom | None:
    return then() if spend() else _NoRoom()


def _groups(rows: Sequence[TaskRow], most: int) -> Iterator[Sequence[TaskRow]]:
    """Return tasks as they are told in one attempt: so many at most, and none to be told with one to be asked after."""
    for asking in (False, True):
        alike = [each for each in rows if (each.state in _ASKED) == asking]
        yield from (alike[begin : begin + most] for begin in range(0, len(alike), most))


async def _answered(
    connector: Connector, together: Together | None, orders: Sequence[Order], *, asking: bool
) -> Sequence[Outcome | Exception]:
    """Return an answer to each order; what is raised is the answer to all of them."""
    try:
        async with asyncio.timeout(connector.limits.timeout):
            if together:
                answers = await (together.ask_together(orders) if asking else together.send_together(orders))
            else:
                (order,) = orders
                answers = [await (connector.ask(order) if asking else connector.send(order))]
    except Exception as fault:  # noqa: BLE001 - a fault of one connector is no reason to stop all others
        return [fault] * len(orders)
    # Whose answer is whose nobody could tell.
    return answers if len(answers) == len(orders) else [LookupError()] * len(orders)
