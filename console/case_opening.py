"""Opens what casework needs, and runs the dispatch agent over it: the wiring of the commands about cases."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.alarming import told_now
from console.opening import GRAPH, Folder, locked, opened, opened_for_recording
from console.settings import Settings
from console.terminal import err, tell
from lineage.cases.casework import Casework
from lineage.errors import Misconfigured
from lineage.times import now
from streams.recorder import Recorder

if TYPE_CHECKING:
    from lineage.cases.orders import Order


@dataclass(frozen=True, slots=True)
class Casebook:
    """What commands about cases work with. `recorder` is None where it is only read."""

    folder: Folder
    work: Casework
    recorder: Recorder | None = None


def there(settings: Settings) -> Settings:
    """Return the settings whose data are there. Only `ingest` makes a folder: in one made for a mistyped name a request is lost.

    Raises: Misconfigured: there are none.
    """
    if settings.servers.neo4j is None and not (settings.data / GRAPH).is_file():
        raise Misconfigured(
            f"there is no data in {settings.data}: `jalki ingest FILE` puts some there, --data names another",
            "no-data",
        )
    return settings


@contextmanager
def opened_for_casework(
    settings: Settings, clock: Callable[[], int] = now, *, patience: float = 0.0
) -> Iterator[Casebook]:
    """Open all that casework writes to. Raises: as `console.opening.opened`; Refused: another process writes to the folder.

    Another process is waited for, `patience` seconds at most.
    """
    with ExitStack() as stack:
        if not settings.servers.complete:
            stack.enter_context(locked(settings.data, patience))
        folder, recorder = stack.enter_context(opened_for_recording(settings, clock))
        yield Casebook(folder, folder.casework, recorder)


@contextmanager
def opened_for_looking(settings: Settings) -> Iterator[Casebook]:
    """Open what casework reads, beside whoever writes. Raises: as `console.opening.opened`."""
    with opened(settings) as folder:
        yield Casebook(folder, folder.casework)


def carried_out(book: Casebook, watch: str | None = None) -> None:
    """Do what is due now; with `watch` go on until that case is over, or until Ctrl-C. With Kafka, workers do it.

    Raises: Misconfigured: a descriptor or setting cannot be used. Retryable, Refused: a store is away or full.
    """
    # Connectors bring HTTP and mail with them; whoever only looks does not wait for those.
    from console.parties import parties_of
    from streams.dispatch import Dispatch

    if book.folder.settings.kafka is not None and watch is None:
        tell("workers carry it out: `jalki case watch` follows it")
        return

    async def run() -> None:
        parties = parties_of(book.folder, book.work.clock)
        dispatch = Dispatch(book.work, parties, _told if err.is_terminal else None)
        try:
            await (dispatch.run_until_over(watch) if watch else dispatch.run_until_idle())
        finally:
            await parties.close()

    asyncio.run(run())
    if book.folder.settings.kafka is None:
        told_now(book.work, book.folder.settings.outward)


def _told(order: "Order", state: str) -> None:
    tell(f"{order.task}: {order.form} to {order.party}: {state}")
