"""Reads what may block for ever (a terminal, a pipe) beside the loop, so that a signal can still end the program."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")
_AHEAD = 2


async def in_background(source: Iterable[T]) -> AsyncIterator[T]:
    """Yield what `source` yields, read by a thread of its own that is a little ahead; raise what it raises.

    The thread is a daemon: one that waits for input that never comes does not keep the program from ending.
    """
    loop = asyncio.get_running_loop()
    read: asyncio.Queue[tuple[T] | BaseException | None] = asyncio.Queue()
    room = threading.Semaphore(_AHEAD)

    def tell(what: tuple[T] | BaseException | None) -> None:
        loop.call_soon_threadsafe(read.put_nowait, what)

    def pump() -> None:
        try:
            for item in source:
                room.acquire()
                tell((item,))
            tell(None)
        except RuntimeError:
            return  # the loop has ended: nobody listens any more
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            tell(error)

    threading.Thread(target=pump, name="reader", daemon=True).start()
    while (what := await read.get()) is not None:
        if isinstance(what, BaseException):
            raise what
        yield what[0]
        room.release()
