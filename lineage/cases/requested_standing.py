"""How a company's request stands, in the four words of OpenDSR, and when it is expected to be done. Pure but for one look.

No more is said than is known: `completed` only when our own part is done, whoever works for us has proved its own, and
every other recipient was told and has answered (GDPR Art. 28(3)-(4), 19). What the law keeps is not completed yet.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from lineage.cases.case import Case, Task
from lineage.cases.casework import Casework
from lineage.cases.requested import PENDING
from lineage.cases.rows import dates_of, is_proved
from lineage.cases.transitions import SETTLED
from lineage.clocks import day_of, start_of

Status = Literal["pending", "in_progress", "completed", "cancelled"]
TWIN = 300_000_000
"""Microseconds after which the case that is carried out for a duplicate is looked at again."""
_DAY = 86_400_000_000
_CANCELLED = frozenset({"withdrawn", "refused"})


@dataclass(frozen=True, slots=True)
class RequestStanding:
    """Times are microseconds UTC. `look_at` is when it may stand differently without an entry of its own case; None: never."""

    status: Status
    received: int
    expected: int
    look_at: int | None
    results: int | None = None
    """How many records can be fetched; None where none can."""


def standing_of(work: Casework, case: Case) -> RequestStanding:
    """Return how the request of a case stands; of a duplicate how the case stands that is carried out for it."""
    now = work.clock()
    acted = case if case.duplicate_of is None else work.case(case.duplicate_of)
    status: Status = "cancelled" if "cancelled" in case.notes else status_of(acted, day_of(now))
    arrived = work.journal.entries(case.id)[0].at  # its clock may have begun before, with the company
    if status in {"completed", "cancelled"}:
        fetched = case.results if status == "completed" and case.shredded is None else None
        return RequestStanding(status, arrived, max(case.last.at, acted.last.at), None, fetched)
    return RequestStanding(status, arrived, max(_expected(acted), now + _DAY), _look_at(case, acted, now))


def status_of(case: Case, today: date) -> Status:
    """Return the word for a case as it stands on a day."""
    if case.state in _CANCELLED:
        return "cancelled"
    if case.state in PENDING:
        return "pending"
    if case.state == "closed" and all(is_proved(each) and _is_over(each, today) for each in case.tasks.values()):
        return "completed"
    return "in_progress"


def _is_over(task: Task, today: date) -> bool:
    return task.state != "promised" or task.form == "notice" or (task.by or "9999") < today.isoformat()


def _look_at(case: Case, acted: Case, now: int) -> int | None:
    """A duplicate has no entry when the other case moves; a closed case none when the day of the last promise is over."""
    if acted is not case:
        return now + TWIN
    over = max(_ends(case), default=0)
    return over if case.state == "closed" and over > now else None


def _expected(case: Case) -> int:
    """Return the end of the day that steers the case; once the person has her answer, of the last that is waited for."""
    ends = _ends(case) if case.answered is not None else []
    return max([_after(dates_of(case).operative), *ends])


def _ends(case: Case) -> list[int]:
    """Return when what is held or promised is over, as far as a day is known."""
    days = [each.until if each.state == "held" else each.by for each in case.tasks.values() if _is_awaited(each)]
    return [_after(date.fromisoformat(each)) for each in days if each]


def _is_awaited(task: Task) -> bool:
    return task.state in {"held", "promised", "accepted"} and not (task.form == "notice" and task.state in SETTLED)


def _after(day: date) -> int:
    return start_of(day + timedelta(days=1))
