"""A journal that has lost entries gets them back from the log of cases, before anything is recorded, served or sent.

And the other way: a log that has lost entries gets them from the journal. Must not know what a bus is.
"""

import logging
from collections.abc import Set as AbstractSet

from lineage.cases.casework import Casework
from lineage.cases.restoring import Checked, check, mend
from lineage.cases.taking_in import TakenIn, take_in
from streams.case_log import CaseLog

ENOUGH = 10_000
"""If so many entries wait for the log, it is not looked whose they are."""

_log = logging.getLogger(__name__)


def catch_up(work: Casework, log: CaseLog) -> TakenIn | None:
    """Take in what the log has and the journal has lost, and do again what follows of it; None where nothing is missing.

    Nothing is missing if the journal has as many entries that it has given to the log as the log has records: the log is
    read only if it has more. Raises: Misconfigured: entries do not fit. Retryable: a store or the bus is away.
    """
    records = log.count()
    kept = sum(row.entries for row in work.journal.cases())
    waiting = work.journal.unpublished(ENOUGH)
    if records <= kept - len(waiting) and len(waiting) < ENOUGH:
        return None
    _log.warning("the log has %d records of cases and the journal %d: it is read through", records, kept)
    taken = take_in(work, log.entries())
    taken.check()
    # What waits may have come out of the log a moment before its process ended: then it is not mended yet.
    doubtful = taken.seen.keys() if len(waiting) == ENOUGH else {each.case for each in waiting}
    settle(work, taken, (taken.cases | doubtful) & taken.seen.keys())
    _log.warning("%d entries of %d cases came back from the log", taken.entries, len(taken.cases))
    return taken


def settle(work: Casework, taken: TakenIn, cases: AbstractSet[str]) -> None:
    """Mend cases, and only then mark as known what the log has of them: until then another start does it again."""
    for case in sorted(cases):
        mend(work, case)
        _mark(work, taken, case)


def check_all(work: Casework, log: CaseLog) -> tuple[TakenIn, Checked, int]:
    """Bring journal, log and whatever else they tell of to the same, and mend all that is undone.

    Returns what the journal got, what was found, and how many entries the log got. Raises: as `catch_up`, but for entries
    that do not fit: those are told.
    """
    taken = take_in(work, log.entries())
    checked = check(work)
    back = _put_back(work, log, taken)
    for case in taken.seen:
        _mark(work, taken, case)
    return taken, checked, back


def _put_back(work: Casework, log: CaseLog, taken: TakenIn) -> int:
    """Add to the log what was not read from it; return how many entries."""
    count = 0
    for row in work.journal.cases():
        gone = [each for each in work.journal.entries(row.case) if not taken.has(each)]
        if gone:
            log.put(gone)
            work.journal.published(gone)
            count += len(gone)
    return count


def _mark(work: Casework, taken: TakenIn, case: str) -> None:
    work.journal.published([each for each in work.journal.entries(case) if taken.has(each)])
