"""The outbox: copies entries from the journal, where they are kept first, to the log of cases. At least once.

Whoever ends between the two steps leaves entries that are in the log and still marked as missing there: they go again,
and whoever reads them passes over what it has.
"""

from lineage.cases.journal import Journal
from streams.case_log import CaseLog

BATCH = 500
LANE = "log"
"""The lane whose calls are counted, so that of several workers one publishes at a time."""


class Outbox:
    """Copies what the log has not. To be used from one thread."""

    def __init__(self, journal: Journal, log: CaseLog) -> None:
        self._journal, self._log = journal, log

    def flush(self) -> int:
        """Copy all that is missing in the log; return how many entries. Raises: as journal and log; then go on later."""
        copied = 0
        while entries := self._journal.unpublished(BATCH):
            self._log.put(entries)
            self._journal.published(entries)
            copied += len(entries)
        return copied

    def flush_in_turn(self, window: int) -> int:
        """Copy it unless another process has taken this window of time (named by its beginning, microseconds UTC)."""
        if not self._journal.unpublished(1) or not self._journal.spend(LANE, window, 1):
            return 0
        return self.flush()
