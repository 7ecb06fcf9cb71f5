"""Work in a thread of its own while a block lasts. Knows nothing of what the work is."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(name: str, work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Do it beside the block; at the end of the block it is told to end, and waited for. Raises: what went wrong in it."""
    ending, faults = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            work(ending)
        except BaseException as fault:  # noqa: BLE001 - raised at the end of the block
            faults.append(fault)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
    if faults:
        raise faults[0]
