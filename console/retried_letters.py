"""Opens dead letters to be retried, foreseen or put aside, and works through them: for the command and the console.

Decides nothing: `streams.retrying` does.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from console.alarming import told_now
from console.case_logs import opened_for_cases
from console.case_opening import Casebook
from console.opening import Folder, opened, recorder_of
from console.settings import Settings
from console.shapes import Shape
from lineage.graph import Letter
from streams.recorder import Recorder
from streams.retrying import Retried, Retrying, in_chunks

LOOKED_AT = "dead-letters"
"""What the access log says of whoever retries them or puts them aside."""


@contextmanager
def opened_for_foreseeing(settings: Settings) -> Iterator[Retrying]:
    """Open dead letters for reading, with register and schemas as they are now. Raises: as `console.opening.opened`."""
    with opened(settings) as folder, recorder_of(folder) as recorder:
        yield _retrying(folder, recorder)


@contextmanager
def opened_for_retrying(settings: Settings) -> Iterator[Casebook]:
    """Open what a retry writes to; alarms that come of it are told at once, without Kafka. Raises: as `opened_for_cases`."""
    with opened_for_cases(settings) as book:
        yield book
        if settings.kafka is None:
            told_now(book.work, settings.outward)


def retrying_of(book: Casebook) -> Retrying:
    """Return what retries the dead letters of a folder that is open for recording."""
    assert book.recorder is not None  # noqa: S101 - only what is open for reading alone has none
    return _retrying(book.folder, book.recorder)


def worked_through(
    letters: Sequence[Letter],
    act: Callable[[Sequence[Letter], Retried], object],
    go_on: Callable[[int], bool] = lambda _: True,
) -> Retried:
    """Return what became of letters, some hundred at a time. `go_on` is told how many are done; False: the rest is left."""
    counts, done = Retried(), 0
    for chunk in in_chunks(letters):
        act(chunk, counts)
        done += len(chunk)
        if not go_on(done):
            break
    return counts


def retried_shape(counts: Retried) -> Shape:
    """Return what became of letters, or would, as JSON."""
    reasons = [{"reason": reason, "count": count} for reason, count in counts.why]
    return {
        "recorded": counts.recorded, "repeated": counts.repeated, "held_back": counts.held_back,
        "failing": counts.failing, "put_aside": counts.put_aside, "reasons": reasons,
    }  # fmt: skip


def _retrying(folder: Folder, recorder: Recorder) -> Retrying:
    return Retrying(folder.graph, folder.keyring, folder.pseudonyms, folder.catalogue, recorder)
