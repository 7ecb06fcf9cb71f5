"""The agents of cases in a worker: what is due is carried out, what is kept goes to the log, and how all stands is counted.

Before any of it a journal that has lost entries gets them back. Must not know who tells which party, nor how.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass

from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.orders import Order
from lineage.cases.rows import OVER
from lineage.cases.words import CASE_STATES
from lineage.errors import JalkiError, Retryable
from streams.alarming import Alarming, Officer
from streams.backoff import Backoff, waited_out
from streams.case_log import CaseLog
from streams.case_metrics import CaseMetrics
from streams.catching_up import catch_up
from streams.dispatch import Directory, Dispatch
from streams.drift_telling import Telling
from streams.outbox import Outbox

PUBLISH_SECONDS = 1.0
"""So often is looked whether the log misses entries."""
COUNT_SECONDS = 60.0
END_SECONDS = 20.0
"""What is under way when a worker is told to stop may take so long; after that it is tried again elsewhere, by its claim."""
RESTORING = (
    "restoring: the journal gets back from the log what it has lost of cases; until then nothing is recorded or told"
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cases:
    """What cases are carried out with: stores that nobody else in this process uses, the log, and who tells parties."""

    work: Casework
    log: CaseLog
    directory: Directory
    serving: Callable[[Callable[[], None]], AbstractAsyncContextManager[object]] = lambda _wake: nullcontext()
    """Serves what parties reach us by, as long as a worker works; gets what has the journal looked at."""
    officer: Officer | None = None
    """Who is told of alarms; None: they are kept, and nobody is sent a message."""
    drift: Telling | None = None
    """What judges drift and tells of it; None: nobody does."""


async def restored(cases: Cases, failed: Callable[[Retryable], None]) -> None:
    """Wait until the journal has all that the log has. `failed` hears that it is under way, and what is away.

    Raises: Misconfigured: what the log has does not fit; a person must look, and nothing may go on before.
    """
    failed(Retryable(RESTORING))

    async def caught_up() -> None:
        await asyncio.to_thread(catch_up, cases.work, cases.log)

    await waited_out(caught_up, "the journal is not known to be whole", Backoff(), failed)


@asynccontextmanager
async def carrying_out(
    cases: Cases, metrics: CaseMetrics, stop: asyncio.Event, away: Callable[[Retryable | None], None]
) -> AsyncIterator[Callable[[], None]]:
    """Carry cases out as long as the block lasts; it gets what has the journal looked at now.

    Whoever is told to stop takes up nothing more. What cannot go on sets `stop`, and is raised at the end. `away` hears
    that the log cannot be written to, or (None) that it can again.
    """
    dispatch = Dispatch(cases.work, cases.directory, lambda order, state: _count(metrics, order, state))
    with ThreadPoolExecutor(1, thread_name_prefix="case-log") as thread:
        running = [
            dispatch.run(stop),
            _publish_for_ever(cases, metrics, thread, stop, away),
            _count_for_ever(cases.work, metrics, thread, stop),
        ]
        if cases.officer is not None:
            running.append(Alarming(cases.work, cases.officer).run(stop))
        if cases.drift is not None:
            running.append(cases.drift.run(stop))
        agents = [asyncio.create_task(each) for each in running]
        for agent in agents:
            agent.add_done_callback(lambda ended: None if _fault(ended) is None else stop.set())
        try:
            yield dispatch.wake
        finally:
            stop.set()
            await _ended(agents)
    for agent in agents:
        if (fault := _fault(agent)) is not None:
            raise fault


async def _ended(agents: list["asyncio.Task[None]"]) -> None:
    _, late = await asyncio.wait(agents, timeout=END_SECONDS)
    if late:
        _log.warning("what is under way with parties is not done after %.0f s: it is tried again", END_SECONDS)
    for each in late:
        each.cancel()
    if late:
        await asyncio.wait(late)


def _fault(agent: "asyncio.Task[None]") -> BaseException | None:
    return None if not agent.done() or agent.cancelled() else agent.exception()


def _count(metrics: CaseMetrics, _order: Order, state: str) -> None:
    metrics.attempt(state)


async def _publish_for_ever(
    cases: Cases,
    metrics: CaseMetrics,
    thread: ThreadPoolExecutor,
    stop: asyncio.Event,
    away: Callable[[Retryable | None], None],
) -> None:
    """Fill the log. That it is away delays nobody: what it has not is marked as such in the journal."""
    outbox, loop, window = Outbox(cases.work.journal, cases.log), asyncio.get_running_loop(), int(PUBLISH_SECONDS * 1e6)
    backoff, failures = Backoff(), 0
    while True:
        last = stop.is_set()
        now = cases.work.clock()
        try:
            metrics.published(await loop.run_in_executor(thread, outbox.flush_in_turn, now - now % window))
        except JalkiError as fault:
            failures += 1
            _log.warning("entries of cases do not get into the log: %s", fault)
            away(fault if isinstance(fault, Retryable) else Retryable(str(fault)))
        else:
            if failures:
                away(None)
            failures = 0
        if last:
            return
        pause = backoff.seconds(failures) if failures else PUBLISH_SECONDS
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def _count_for_ever(
    work: Casework, metrics: CaseMetrics, thread: ThreadPoolExecutor, stop: asyncio.Event
) -> None:
    while not stop.is_set():
        try:
            await asyncio.get_running_loop().run_in_executor(thread, lambda: metrics.standing(_going_on(work)))
        except Retryable as fault:
            _log.warning("cases are not counted: %s", fault)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), COUNT_SECONDS)


def _going_on(work: Casework) -> list[Case]:
    return [work.case(row.case) for row in work.journal.cases([each for each in CASE_STATES if each not in OVER])]
