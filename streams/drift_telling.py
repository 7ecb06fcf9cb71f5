"""The agents of drift: one judges anew what was recorded, one tells the topic of it, one the webhook. Beside all else.

Nothing here is in the way of recording: what is to be judged and told waits in the store, durably, for as long as it takes.
Each lane has its own position there, and whoever ends between telling and keeping that tells the same again. Of several
workers one does all of it at a time. Knows no drift, no HTTP and no bus.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from lineage.cases.canonical import canonical
from lineage.cases.journal import Journal
from lineage.errors import JalkiError
from lineage.findings.anew import Judge
from lineage.findings.model import Change, mark_in
from lineage.findings.store import TOPIC, Findings, Overtaken
from streams.backoff import Backoff
from streams.drift_topic import DriftTopic

if TYPE_CHECKING:
    from streams.drift_metrics import DriftMetrics

LOOK_SECONDS = 1.0
BATCH = 500
SPAN = 30_000_000
"""Microseconds for which one of several workers has the turn; it keeps it as long as it lives."""
BEHIND, PATIENCE = 60_000_000, 600_000_000
"""Microseconds: while records wait longer than the first, judging waits too, at most for the second."""
LANE = "drift:judging"
LONGEST_WAIT = 3_600.0
"""Seconds after which a receiver that is away is tried again at the latest."""
SHARE = 3.0
"""For each second of judging what was recorded so many of peace: more may be recorded meanwhile, by this process."""
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Receiver(Protocol):
    """Whoever findings are posted to. Raises: Retryable, Refused, Misconfigured: it does not take them now; try again."""

    @property
    def lane(self) -> str:
        """The name that its position is kept under."""
        ...

    def fits(self, records: Sequence[str]) -> int:
        """Return how many of these, from the first on, go in one call."""
        ...

    async def deliver(self, records: Sequence[str]) -> None:
        """Return when these are taken."""
        ...


@dataclass(frozen=True, slots=True)
class Drift:
    """What findings are told with. `findings` is the lanes' own, for the judge's may be waited for."""

    judge: Judge
    findings: Findings
    topic: DriftTopic
    receiver: Receiver | None = None
    metrics: "DriftMetrics | None" = None

    @property
    def lane(self) -> str | None:
        """The lane of the receiver."""
        return self.receiver.lane if self.receiver else None

    def count(self, lane: str, told: int) -> None:
        """Count what a lane has told."""
        if self.metrics:
            self.metrics.told(lane, told)


def get_ready(drift: Drift) -> None:
    """Get back what the topic has and the store has lost; nothing is judged or told before. Raises: as both."""
    if drift.lane:
        drift.findings.reached(drift.lane, 0)  # nothing of what is told from now on is let go before it has it
    if drift.findings.is_whole():
        return
    last = {str(each["finding"]): each for each in drift.topic.findings()}
    changes = [Change(mark_in(each), canonical(each).decode()) for each in last.values()]
    for begin in range(0, len(changes), BATCH):
        drift.findings.restore(changes[begin : begin + BATCH], over=False)
    drift.findings.restore([], over=True)


def judge_all(drift: Drift) -> None:
    """Judge all that may have changed. Raises: as `Judge.turn`."""
    while not drift.judge.turn().is_empty:
        pass


def publish_all(drift: Drift) -> int:
    """Put all that is new into the topic; return how many findings. Raises: as topic and store."""
    count = 0
    while told := drift.findings.after(TOPIC, BATCH):
        drift.topic.put([each.record for each in told])
        drift.findings.reached(TOPIC, told[-1].number)
        drift.count(TOPIC, len(told))
        count += len(told)
    return count


async def deliver_all(drift: Drift, do: Callable[[Callable[[], Any]], Awaitable[Any]] = asyncio.to_thread) -> int:
    """Deliver all that the topic has, and the receiver not; return how many findings. Raises: as receiver and store.

    What the topic has not could be lost with the store, and be told again under the same number as another thing.
    """
    count = 0
    while drift.receiver:
        reached = (await do(drift.findings.standing)).lanes.get(TOPIC, 0)
        new = await do(partial(drift.findings.after, drift.receiver.lane, BATCH))
        if not (told := [each for each in new if each.number <= reached]):
            break
        records = [each.record for each in told]
        some = told[: drift.receiver.fits(records)]
        await drift.receiver.deliver(records[: len(some)])
        await do(partial(drift.findings.reached, drift.receiver.lane, some[-1].number))
        drift.count(drift.receiver.lane, len(some))
        count += len(some)
    return count


class Telling:
    """Judges and tells for as long as it runs. `span` 0: nobody else does, and no turn is waited for."""

    def __init__(
        self,
        drift: Drift,
        journal: Journal,
        clock: Callable[[], int],
        span: int = SPAN,
        oldest: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`oldest` tells since when the oldest record waits to be recorded, microseconds UTC; None: none does."""
        self._drift, self._journal, self._clock, self._span = drift, journal, clock, span
        self._oldest = oldest
        self._waited: int | None = None
        self._window = self._next = -1
        self._whole = False

    async def run(self, stop: asyncio.Event) -> None:
        """Judge and tell until told to stop. Nothing that goes wrong ends it: it is tried again, less and less often."""
        with (
            ThreadPoolExecutor(1, thread_name_prefix="drift-judge") as judging,
            ThreadPoolExecutor(1, thread_name_prefix="drift-lanes") as lanes,
        ):
            agents = [
                self._agent(stop, "findings of drift are not judged", partial(self._judge, judging)),
                self._agent(stop, "findings of drift do not get into their topic", partial(self._publish, lanes)),
                self._agent(stop, "findings of drift are not delivered", partial(self._deliver, lanes), LONGEST_WAIT),
                self._agent(stop, "whose turn it is to judge drift is not known", partial(self._hold, lanes)),
            ]
            await asyncio.gather(*agents)

    async def _agent(
        self, stop: asyncio.Event, what: str, act: Callable[[], Awaitable[float]], most: float = 60.0
    ) -> None:
        backoff, failures = Backoff(first=LOOK_SECONDS, most=most), 0
        while not stop.is_set():
            pause = LOOK_SECONDS
            try:
                pause = await act()
                failures = 0
            except Overtaken:
                failures = 0
            except JalkiError as fault:
                failures += 1
                pause = backoff.seconds(failures)
                _log.warning("%s: %s", what, fault)
            except Exception as fault:  # noqa: BLE001 - whatever it is, recording goes on; its text may quote anything
                failures += 1
                pause = backoff.seconds(failures)
                _log.error("%s: %s", what, type(fault).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def _judge(self, thread: Executor) -> float:
        if not (self._is_mine() and self._whole) or self._is_early():
            return LOOK_SECONDS
        begun = monotonic()
        taken = await _in(thread, self._drift.judge.turn)
        if taken.is_empty:
            return LOOK_SECONDS
        return SHARE * (monotonic() - begun) if taken.rows else 0.0

    async def _publish(self, thread: Executor) -> float:
        if self._is_mine():
            if not self._whole:
                await _in(thread, partial(get_ready, self._drift))
                self._whole = True
            await _in(thread, partial(publish_all, self._drift))
        if self._drift.metrics:
            self._drift.metrics.standing(await _in(thread, self._drift.findings.standing), self._drift.lane)
        return LOOK_SECONDS

    async def _deliver(self, thread: Executor) -> float:
        if self._is_mine() and self._whole:
            await deliver_all(self._drift, partial(_in, thread))
        return LOOK_SECONDS

    def _is_early(self) -> bool:
        """Whether so much is still to be recorded that a finding could be void by what comes next; not for ever."""
        now, oldest = self._clock(), self._oldest()
        if oldest is None or now - oldest < BEHIND:
            self._waited = None
            return False
        self._waited = now if self._waited is None else self._waited
        return now - self._waited < PATIENCE

    def _is_mine(self) -> bool:
        now = self._clock()
        return not self._span or self._window == now - now % self._span

    async def _hold(self, thread: Executor) -> float:
        """Take the turn where nobody has it, and the next one in time: whoever has it keeps it."""
        if self._span:
            now = self._clock()
            window = now - now % self._span
            if self._next == window:
                self._window = window
            begun = now - window
            if self._window == window:
                if self._next <= window and begun > self._span // 2 and await self._spend(thread, window + self._span):
                    self._next = window + self._span
            elif begun > self._span // 3 and await self._spend(thread, window):
                self._window = window
        return min(LOOK_SECONDS, self._span / 10_000_000) or LOOK_SECONDS

    async def _spend(self, thread: Executor, window: int) -> bool:
        return await _in(thread, partial(self._journal.spend, LANE, window, 1))


async def _in(thread: Executor, act: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, act)
