"""Opens the log of cases: on Kafka where that is set, else in the data folder."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from console.frames import Frames
from console.opening import BUS, LOG, Folder
from streams.case_log import CaseLog, EmbeddedCaseLog
from streams.log import Log


@contextmanager
def opened_case_log(folder: Folder) -> Iterator[CaseLog]:
    """Open it for whoever holds the folder for writing. Raises: Refused: an embedded ingest has it."""
    settings = folder.settings
    if settings.kafka is None:
        with Log(settings.data / LOG, Frames(folder.keyring, folder.keyring.keys((BUS,))[BUS])) as log:
            yield EmbeddedCaseLog(log)
        return
    # kafka-python takes longer to import than most commands to run.
    from streams.kafka.case_log import KafkaCaseLog

    with closing(KafkaCaseLog(settings.kafka)) as there:
        yield there
