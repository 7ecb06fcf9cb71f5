"""A worker on Kafka: started when all it needs is there, watched, drained when told to stop; back by itself after a fault.

Must not know what recording is, nor how its health and measures are shown.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from aiokafka.errors import KafkaError

from lineage.errors import JalkiError, Retryable
from lineage.recording import Recorded
from streams.app import Handle
from streams.backoff import Backoff, waited_out
from streams.case_log import CASE_TOPICS
from streams.case_metrics import CaseMetrics
from streams.caseworking import Cases, carrying_out, restored
from streams.delivery import BatchApp, BatchDelivery
from streams.groupcommit import GroupCommit, group_commit
from streams.health import Health
from streams.kafka.access import KafkaAccess
from streams.kafka.lag import lag
from streams.kafka.preflight import check
from streams.kafka.transport import build_kafka_app
from streams.metrics import Away, Metrics
from streams.quiet import quiet
from streams.recorder import Recorder
from streams.records import GROUP, Record

AHEAD = 3
"""Batches of a topic that are prepared, written or waiting for it at a time."""
DRAIN_SECONDS = 20.0
"""What is in hand when a worker is told to stop may take so long; after that it comes again elsewhere."""
WATCH_SECONDS = 5.0

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker works on. `member` is its static membership id, where it has one."""

    access: KafkaAccess
    topics: Sequence[str]
    opening: Callable[[], AbstractContextManager[tuple[Recorder, Cases]]]
    """Opens graph, key ring and journal, for recording and, apart, for cases; may be tried again while they are away."""
    member: str | None = None

    @property
    def every_topic(self) -> Sequence[str]:
        """The topics of events, and those of cases."""
        return sorted({*self.topics, *CASE_TOPICS})


class Observed:
    """Hands on to metrics and health how it goes."""

    def __init__(self, metrics: Metrics, health: Health, cases: CaseMetrics) -> None:
        self.metrics, self.health, self.cases = metrics, health, cases
        self.oldest: int | None = None
        """Since when the oldest record waits that is still to be handled, microseconds UTC; None: none does."""

    def written(self, outcome: Recorded, seconds: float) -> None:
        """A transaction is on disk."""
        self.metrics.batch(outcome, seconds)
        self.health.returned("store")
        self.health.returned("schemas")

    def failed(self, of: str, fault: Retryable) -> None:
        """Something is away and tried again."""
        away = cast("Away", of)
        self.metrics.retried(away)
        self.health.waiting(away, fault)

    def log_is_away(self, fault: Retryable | None) -> None:
        """The log of cases cannot be written to, or can again."""
        if fault is None:
            self.health.returned("bus")
        else:
            self.failed("bus", fault)


async def work(job: Work, observed: Observed, started: Callable[[], None] = lambda: None) -> None:
    """Record what comes on the topics, and carry cases out, until SIGTERM or SIGINT; then finish what is in hand.

    Kafka or a store that is away is waited for. Raises: Misconfigured, Refused: a person must act; nothing is lost.
    """
    with quiet(), _told_to_stop() as stop, ExitStack() as stack:
        opened = await _unless(stop, _opened(job, observed, stack))
        if opened is None or not await _unless(stop, _whole(observed, opened[1])):
            return
        recorder, cases = opened
        async with (
            group_commit(recorder, threads=2, observer=observed) as group,
            carrying_out(cases, observed.cases, stop, observed.log_is_away) as wake,
            cases.serving(wake),
        ):
            await _work(job, observed, _routed(group, wake), stop, started)


async def _work(
    job: Work, observed: Observed, handle: Handle, stop: asyncio.Event, started: Callable[[], None]
) -> None:
    backoff, failures = Backoff(), 0
    while not stop.is_set():
        if not await _unless(stop, _ready(job, observed)):
            return
        app = build_kafka_app(job.access, job.every_topic, handle, member=job.member, ahead=AHEAD)
        try:
            async with _running(app, observed) as over:
                started()
                await _unless(stop, _watched(app, job, observed, over))
                failures = 0
        except KafkaError as fault:
            failures += 1
            away = Retryable(f"Kafka is away or has put us out of the group ({type(fault).__name__})")
            observed.failed("bus", away)
            pause = backoff.seconds(failures)
            _log.warning("%s: trying again in %.1f s", away, pause)
            await _unless(stop, asyncio.sleep(pause))


def _routed(group: GroupCommit, wake: Callable[[], None]) -> Handle:
    """Events are recorded; an entry of a case is in the journal already, and has it looked at."""

    async def handle(records: Sequence[Record]) -> None:
        if records[0].topic in CASE_TOPICS:  # a batch is of one topic
            wake()
        else:
            await group.handle(records)

    return handle


async def _whole(observed: Observed, cases: Cases) -> bool:
    """Wait until the journal has all that the log of cases has; nothing is recorded, served or told before."""
    await restored(cases, lambda fault: observed.health.waiting("store", fault))
    observed.health.returned("store")
    return True


async def _opened(job: Work, observed: Observed, stack: ExitStack) -> tuple[Recorder, Cases]:
    """Wait until graph and key ring answer."""
    opened = await waited_out(
        lambda: asyncio.to_thread(stack.enter_context, job.opening()),
        "the worker cannot start",
        Backoff(),
        lambda fault: observed.failed("store", fault),
    )
    observed.health.returned("store")
    return opened


async def _ready(job: Work, observed: Observed) -> bool:
    """Wait until Kafka answers and has the topics."""
    ask = asyncio.to_thread
    told = await waited_out(
        lambda: ask(check, job.access, job.every_topic, GROUP),
        "the worker cannot start",
        Backoff(),
        lambda fault: observed.failed("bus", fault),
    )
    observed.health.returned("bus")
    for each in told:
        _log.warning("%s", each)
    return True


@asynccontextmanager
async def _running(app: BatchApp, observed: Observed) -> AsyncIterator["asyncio.Task[None]"]:
    """Run the app; the task ends when the app has ended by itself. Leaving in peace drains it. Raises what ended it."""
    app.finalize()
    over = asyncio.create_task(app.wait_until_stopped())
    try:
        await app.start()
        observed.health.started()
        yield over
        if not app.crashed:
            observed.health.stopping()
            async with asyncio.timeout(DRAIN_SECONDS):
                await cast("BatchDelivery", app.consumer).drain()
    except TimeoutError:
        _log.warning("what was in hand is not done after %.0f s: it comes again", DRAIN_SECONDS)
    finally:
        fault = app.crash_reason if app.crashed else None  # before stop(), where Faust calls its own cancelling a crash
        await app.stop()
        await over
    if fault is not None:
        raise fault


async def _watched(app: BatchApp, job: Work, observed: Observed, over: "asyncio.Task[None]") -> None:
    """Tell how far behind the group is, every few seconds, until the app ends. Raises: Misconfigured: Kafka refuses us."""
    while not over.done():
        assigned = cast("BatchDelivery", app.consumer).assignment()
        observed.metrics.assigned(sum(each.topic in job.topics for each in assigned))
        try:
            behind = await asyncio.to_thread(lag, job.access, job.topics, GROUP)
        except Retryable as fault:
            observed.failed("bus", fault)
        except JalkiError as fault:
            # Let in before, and perhaps not any more: aiokafka would knock for ever, and tell nobody.
            await asyncio.to_thread(check, job.access, job.every_topic, GROUP)
            _log.warning("%s", fault)
        else:
            observed.health.returned("bus")
            oldest = None if behind.oldest_ms is None else behind.oldest_ms * 1_000
            observed.oldest = oldest
            observed.metrics.waiting(behind.by_topic(), oldest)
        await asyncio.wait([over], timeout=WATCH_SECONDS)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Do some work, but no longer than until told to stop; None where that came first."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for each in (working, stopping):
            each.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


@contextmanager
def _told_to_stop() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set. The second time they end the program at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def told() -> None:
        if stop.is_set():
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.raise_signal(signal.SIGTERM)
        stop.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told)
    try:
        yield stop
    finally:
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)
