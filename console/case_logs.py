"""Opens the log of cases: on Kafka where that is set, else in the data folder; and casework with it."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from console.case_opening import Casebook, opened_for_casework
from console.drift_telling import tell_drift
from console.frames import Frames
from console.opening import BUS, LOG, Folder
from console.settings import Settings
from lineage.times import now
from streams.case_log import CaseLog, EmbeddedCaseLog
from streams.catching_up import catch_up
from streams.log import Log
from streams.outbox import Outbox


@contextmanager
def opened_case_log(folder: Folder) -> Iterator[CaseLog]:
    """Open it for whoever holds the folder for writing. Raises: Refused: an embedded ingest has it."""
    settings = folder.settings
    if settings.kafka is None:
        with _opened_log(folder) as log:
            yield EmbeddedCaseLog(log)
        return
    # kafka-python takes longer to import than most commands to run.
    from streams.kafka.case_log import KafkaCaseLog

    with closing(KafkaCaseLog(settings.kafka)) as there:
        yield there


@contextmanager
def opened_for_cases(
    settings: Settings, clock: Callable[[], int] = now, *, patience: float = 0.0
) -> Iterator[Casebook]:
    """Open all that casework writes to, the log of cases with it: the journal gets what it has lost, the log what is new.

    With Kafka workers do both. Raises: as `opened_for_casework`; Misconfigured: what the log has does not fit the journal.
    """
    with opened_for_casework(settings, clock, patience=patience) as book:
        if settings.kafka is not None:
            yield book
            return
        with _opened_log(book.folder) as file:
            log = EmbeddedCaseLog(file)
            catch_up(book.work, log)
            yield book
            Outbox(book.work.journal, log).flush()
            tell_drift(book.folder, file)


def _opened_log(folder: Folder) -> Log:
    return Log(folder.settings.data / LOG, Frames(folder.keyring, folder.keyring.keys((BUS,))[BUS], folder.memory))
