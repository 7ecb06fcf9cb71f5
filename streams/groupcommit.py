"""Group commit: batches are prepared in one thread while others are written in another; what is ready is written together.

A batch of one partition may be small; a transaction costs the same for one event as for thousands. Knows no bus.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from lineage.errors import Retryable
from lineage.recording import Recorded
from streams.backoff import Backoff, waited_out
from streams.recorder import Ready, Recorder
from streams.records import Record

T = TypeVar("T")

MOST_EVENTS = 4_000
"""Events of one transaction, unless one batch alone has more."""


class Observer(Protocol):
    """Is told how it goes."""

    def written(self, outcome: Recorded, seconds: float) -> None:
        """A transaction is on disk, so long after its first batch was ready."""
        ...

    def failed(self, of: str, fault: Retryable) -> None:
        """`store` or `schemas` is away; it is tried again."""
        ...


class Unobserved:
    """Nobody listens."""

    def written(self, outcome: Recorded, seconds: float) -> None:
        """Nothing."""

    def failed(self, of: str, fault: Retryable) -> None:
        """Nothing."""


class _Waiting(NamedTuple):
    batch: Ready
    since: float
    done: asyncio.Future[None]


class GroupCommit:
    """Takes batches from many agents. Made by `group_commit`."""

    def __init__(self, recorder: Recorder, threads: Sequence[ThreadPoolExecutor], observer: Observer) -> None:
        self._recorder, self._observer = recorder, observer
        self._preparing, self._writing = threads[0], threads[-1]
        self._waiting: deque[_Waiting] = deque()
        self._ready = asyncio.Event()
        self._backoff = Backoff()

    async def handle(self, records: Sequence[Record]) -> None:
        """Return when all of the batch is on disk, whatever it takes. Raises: what cannot be waited out."""
        prepare = partial(self._run, self._preparing, self._recorder.prepare, records)
        failed = partial(self._observer.failed, "schemas")
        prepared = await waited_out(prepare, "a batch is not decoded", self._backoff, failed)
        # Sealed here too: what the writing thread need not do, it does not make the server wait for.
        seal = partial(self._run, self._preparing, self._recorder.seal, prepared)
        failed = partial(self._observer.failed, "store")
        await self.write(await waited_out(seal, "a batch is not sealed", self._backoff, failed))

    async def write(self, batch: Ready) -> None:
        """Return when a batch is on disk. Raises: as `handle`."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(batch, time.monotonic(), done))
        self._ready.set()
        await done

    async def commit_for_ever(self) -> None:
        """Write what is ready, together, again and again. What cannot be waited out goes to whoever waits for it."""
        while True:
            await self._ready.wait()
            group = self._group()
            write = partial(self._run, self._writing, self._recorder.write, [each.batch for each in group])
            failed = partial(self._observer.failed, "store")
            try:
                outcome = await waited_out(write, "events are not recorded", self._backoff, failed)
            except Exception as fault:  # noqa: BLE001 - raised where it is awaited
                for each in group:
                    if not each.done.done():
                        each.done.set_exception(fault)
                continue
            self._observer.written(outcome, time.monotonic() - group[0].since)
            for each in group:
                if not each.done.done():  # cancelled by a rebalance, or at the end: it comes again, and is there
                    each.done.set_result(None)

    def _group(self) -> list[_Waiting]:
        group = [self._waiting.popleft()]
        events = len(group[0].batch.events)
        while self._waiting and events + len(self._waiting[0].batch.events) <= MOST_EVENTS:
            group.append(self._waiting.popleft())
            events += len(group[-1].batch.events)
        if not self._waiting:
            self._ready.clear()
        return group

    @staticmethod
    async def _run(thread: ThreadPoolExecutor, work: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(thread, work, *given)


@asynccontextmanager
async def group_commit(
    recorder: Recorder, *, threads: int, observer: Observer | None = None
) -> AsyncIterator[GroupCommit]:
    """Commit in groups as long as the block lasts; what is being written when it ends is written to its end.

    With two `threads` a batch is prepared while another is written, which pays where writing is mostly waiting for a
    server; in one thread the two take turns.
    """
    with ExitStack() as stack:
        pools = [
            stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix=f"recorder-{number}"))
            for number in range(threads)
        ]
        group = GroupCommit(recorder, pools, observer or Unobserved())
        committing = asyncio.create_task(group.commit_for_ever())
        try:
            yield group
        finally:
            committing.cancel()
            with suppress(asyncio.CancelledError):
                await committing
