"""Running the app embedded: started in the loop that is there, fed with back-pressure, drained, stopped; nothing lost.

Must not know topics or what is in records, and must leave the process's logging and signals as they were.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager

from streams.delivery import BatchApp
from streams.embedded import lent
from streams.log import Log
from streams.quiet import quiet
from streams.records import Outgoing, Partition

HIGH_WATER = 16_000
"""Records that may be waiting; more are not taken before some are handled."""


class Bus:
    """A running app and its log, to publish to and wait for. Made by `embedded`."""

    def __init__(self, app: BatchApp, log: Log, high_water: int) -> None:
        self._app = app
        self._log = log
        self._group = app.conf.id
        self._topics = frozenset(topic for agent in app.agents.values() for topic in agent.get_topic_names())
        self._high_water = high_water
        self._changed = asyncio.Event()

    @property
    def lag(self) -> int:
        """How many records are still to be handled and committed, of the topics that have an agent."""
        return self._log.lag(self._group, self._topics)

    async def publish(self, batch: Mapping[str, Sequence[Outgoing]]) -> dict[Partition, range]:
        """Writes the records of all topics durably, in one transaction; returns the offsets they got.

        Waits first while too many are waiting. Raises what ended the app, when it has ended, and as `Log.append` does.
        """
        await self._until(lambda: self.lag <= self._high_water)
        written = self._log.append(batch)
        await asyncio.sleep(0)  # a publisher in a loop must not keep the agents from their turn
        return written

    async def drain(self) -> None:
        """Waits until every record is handled and committed. Raises what ended the app, when it has ended."""
        await self._until(lambda: self.lag == 0)

    def wake(self) -> None:
        """Lets whoever waits look again."""
        self._changed.set()

    def fault(self) -> BaseException | None:
        """What ended the app before its time."""
        return self._app.crash_reason if self._app.crashed else None

    async def _until(self, reached: Callable[[], bool]) -> None:
        while True:
            fault = self.fault()
            if fault is not None:
                raise fault
            if reached():
                return
            self._changed.clear()
            await self._changed.wait()


@asynccontextmanager
async def embedded(app: BatchApp, log: Log, *, high_water: int = HIGH_WATER) -> AsyncIterator[Bus]:
    """Runs the app on `log` as long as the block lasts. What an earlier process left in the log comes first.

    Leaving it commits what is acknowledged and stops; what is not comes again at the next start. An exception that
    ended the app is raised here if nothing else is. SIGTERM, where nobody else has taken it, leaves the block the same
    way and ends the program with 143.
    """
    app.finalize()
    with quiet(), lent(str(app.conf.broker[0]), log), _on_sigterm() as received:
        bus = Bus(app, log, high_water)
        unwatch = log.watch(bus.wake)
        over = asyncio.create_task(app.wait_until_stopped())
        over.add_done_callback(lambda _: bus.wake())
        fault = None
        try:
            await app.start()
            yield bus
        except asyncio.CancelledError:
            if received:
                raise SystemExit(128 + signal.SIGTERM) from None
            raise
        finally:
            fault = bus.fault()  # before stop(), where Faust calls its own cancelling of agents a crash
            unwatch()
            await app.stop()
            await over
        if fault is not None:
            raise fault


@contextmanager
def _on_sigterm() -> Iterator[list[int]]:
    """Cancels the current task at SIGTERM, as asyncio.run does at SIGINT; the list then holds the signal."""
    received: list[int] = []
    task = asyncio.current_task()
    main = threading.current_thread() is threading.main_thread()
    if task is None or not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield received
        return
    loop = asyncio.get_running_loop()

    def stop() -> None:
        received.append(signal.SIGTERM)
        task.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    try:
        yield received
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
