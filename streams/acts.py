"""What casework asks of its stores: all in one thread, and what waits at one moment in one transaction.

A commit waits for the disk: so whatever came while another group was written is written together, and each caller hears of
its own only when all of it is on disk. Knows nothing of what is done.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from threading import Lock
from typing import NamedTuple, TypeVar, cast

from lineage.errors import JalkiError, Retryable
from streams.backoff import Backoff, waited_out

T = TypeVar("T")

MOST = 200
"""Acts of one transaction: so long do others wait who write to the same file, some tenths of a second."""
_WAITING = "a case is not carried on"

_log = logging.getLogger(__name__)


class _Asked(NamedTuple):
    acts: Sequence[Callable[[], object]]
    alone: bool
    heard: "asyncio.Future[list[object]]"

    def hear(self, found: list[object] | BaseException) -> None:
        """Tell whoever waits, in whose thread that is."""
        if self.heard.done():  # cancelled meanwhile: what was done is in the journal
            return
        if isinstance(found, BaseException):
            self.heard.set_exception(found)
        else:
            self.heard.set_result(found)


class Acts:
    """Takes acts from any number of tasks of one loop; what one of them gives at once, or one after the other, is done in order.

    A store that is away is waited for, however long it takes.
    """

    def __init__(self, together: Callable[[], AbstractContextManager[None]], backoff: Backoff | None = None) -> None:
        """What is written within `together` is kept at once, and nothing counts before its end (see `Journal.together`)."""
        self._together, self._backoff = together, backoff or Backoff()
        self._waiting: deque[_Asked] = deque()
        self._lock = Lock()
        self._busy = False
        """Whether the thread will look again before it rests."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="casework")

    async def each(self, acts: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """Do acts that write to nothing but the journal, in order; return what came of each, once it is on disk.

        As many as fit go in one transaction; if that is not kept none of them counts, and all are done again.

        Raises: what a transaction ends with and cannot be waited out.
        """
        found: list[T | Exception] = []
        for begin in range(0, len(acts), MOST):
            some = partial(self._done, acts[begin : begin + MOST])
            found += cast("list[T | Exception]", await self._waited_out(some))
        for number, each in enumerate(found):
            if isinstance(each, Retryable):  # of this one only: another store is away, for one
                try:
                    found[number] = await self.one(acts[number])
                except Exception as fault:  # noqa: BLE001 - a value, as those of the others
                    found[number] = fault
        return found

    async def one(self, act: Callable[..., T], *given: object) -> T:
        """Do one act that writes to nothing but the journal. Raises: what it raises and cannot be waited out."""

        async def once() -> T:
            (found,) = await self._done([partial(act, *given)])
            if isinstance(found, Exception):
                raise found
            return cast("T", found)

        return await self._waited_out(once)

    async def alone(self, act: Callable[..., T], *given: object) -> T:
        """Do something that may write to any store, outside any transaction. Raises: what it raises and cannot be waited out."""

        async def once() -> T:
            (found,) = await self._done([partial(act, *given)], alone=True)
            return cast("T", found)

        return await self._waited_out(once)

    def close(self) -> None:
        """End the thread, when what it was given is done."""
        self._thread.shutdown(wait=True)

    async def _waited_out(self, work: Callable[[], Awaitable[T]]) -> T:
        return await waited_out(work, _WAITING, self._backoff, _told_of)

    async def _done(self, acts: Sequence[Callable[[], object]], *, alone: bool = False) -> list[object]:
        loop = asyncio.get_running_loop()
        asked = _Asked(acts, alone, loop.create_future())
        with self._lock:
            self._waiting.append(asked)
            rests, self._busy = not self._busy, True
        if rests:
            self._thread.submit(self._work_off, loop)
        return await asked.heard

    def _work_off(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do what waits, until nothing does. In the thread."""
        while taken := self._taken():
            group = [each for each in taken if not each.alone]
            if group:
                loop.call_soon_threadsafe(_all_hear, group, self._group(group))
            for each in taken:
                if each.alone:
                    loop.call_soon_threadsafe(each.hear, _alone(each))

    def _taken(self) -> list[_Asked]:
        """Take what fits in one transaction; with nothing the thread rests."""
        taken: list[_Asked] = []
        room = MOST
        with self._lock:
            while self._waiting and (not taken or len(self._waiting[0].acts) <= room):
                each = self._waiting.popleft()
                if not each.heard.cancelled():
                    taken.append(each)
                    room -= len(each.acts)
            self._busy = bool(taken)
        return taken

    def _group(self, group: Sequence[_Asked]) -> list[list[object]] | BaseException:
        """Do what several asked in one transaction."""
        try:
            with self._together():
                return [[_answer(act) for act in each.acts] for each in group]
        except BaseException as fault:  # noqa: BLE001 - raised where it is awaited
            return fault


def _answer(act: Callable[[], object]) -> object:
    """Return what an act returns or raises: that one fails is nothing to the others."""
    try:
        return act()
    except Exception as fault:  # noqa: BLE001 - raised where it is awaited
        return fault


def _alone(asked: _Asked) -> list[object] | BaseException:
    try:
        return [act() for act in asked.acts]
    except BaseException as fault:  # noqa: BLE001 - raised where it is awaited
        return fault


def _all_hear(group: Sequence[_Asked], found: Sequence[list[object]] | BaseException) -> None:
    for number, each in enumerate(group):
        each.hear(found if isinstance(found, BaseException) else found[number])


def _told_of(fault: JalkiError) -> None:
    _log.warning("%s", fault)
