"""What is asked of many cases at once, worked out of one: which day steers it, and when time itself must look at it again."""

from datetime import date, timedelta
from functools import lru_cache
from itertools import count
from typing import Final

from lineage.cases.case import Case, Task
from lineage.cases.holds import REVIEW_MONTHS
from lineage.cases.journal import CALLBACKS, OFFICER, CaseRow, TaskRow
from lineage.cases.rights import rule
from lineage.cases.transitions import OPEN, SETTLED
from lineage.clocks import Deadlines, add_months, alarms, case_file_until, day_of, deadlines, start_of

# They are asked for at every step of a case, and change with hardly any.
_deadlines = lru_cache(maxsize=1_000)(deadlines)

UNDER_WAY = OPEN - {"overdue", "failed"}
"""What is waited for before a case is answered."""
COPY: Final = "collect"
"""What a party is asked to do that is to send what it holds of the person (Art. 15(3), 20(1))."""
BY_STAFF = "staff-evidence"
"""How we know what a member of staff has found out."""
REVIEW = "review-"
"""How the alarms begin that say that an order to keep something is to be looked at again."""
OVER = frozenset({"closed", "refused", "withdrawn", "duplicate"})
TURNS_OVER = "turns-over"
"""How we know of a promise of our own: a declared copy that is gone by itself after its day."""


def dates_of(case: Case) -> Deadlines:
    """Return every date of a case (Art. 12(3))."""
    # An approval in name only: the policy's clock begins when a person has approved.
    return _deadlines(case.received, case.approved, case.asked, case.proved, extended=case.extended is not None)


def row_of(case: Case) -> CaseRow:
    """Return what is kept of a case beside its entries."""
    dates = dates_of(case)
    return CaseRow(
        case=case.id,
        right=case.right,
        state=case.state,
        received=case.received,
        operative=dates.operative.isoformat(),
        look_at=_case_looks(case, dates),
        subjects=case.subjects,
        entries=case.last.number + 1,
        head=case.last.hash,
    )


def task_rows(case: Case, before: Case | None) -> list[TaskRow]:
    """Return the rows of those tasks that are otherwise than they were; and that of its alarms, if that is."""
    rows = [_task_row(case, each) for each in case.tasks.values()]
    known = {task.id: _task_row(before, task) for task in before.tasks.values()} if before else {}
    found = [row for row in rows if known.get(row.task) != row]
    told = None if before is None else _alarm_row(before)
    if (case.alarms or before) and (alarms := _alarm_row(case)) != told:
        found.append(alarms)
    if (owed := callback_row(case, case.last.at)) is not None:
        found.append(owed)
    return found


def callback_row(case: Case, look_at: int | None) -> TaskRow | None:
    """Return when a company is to be told how its request stands; None for a case that no company is called back about.

    With each entry of the case that is now: whoever looks tells what is new, and keeps when to look again.
    """
    if not case.notes.get("request", {}).get("callbacks"):
        return None
    return TaskRow(f"{case.id}/callbacks", case.id, CALLBACKS + case.controller, "queued", look_at)


def _alarm_row(case: Case) -> TaskRow:
    """Telling the data protection officer is a task too: due from when the newest alarm was raised, until all are told."""
    look_at = max((each.at for each in case.alarms), default=None)
    return TaskRow(f"{case.id}/alarms", case.id, OFFICER, "queued", look_at)


def waits_for(case: Case, task: Task) -> list[Task]:
    """Return the tasks further down the stream that have not been tried yet; once each has been, this one may go."""
    found = (case.tasks.get(other) for other in task.after)
    return [each for each in found if each and not each.tried and each.state == "queued"]


def is_called_off(case: Case, task: Task) -> bool:
    """Whether a party is told and asked nothing more.

    The case is closed, or withdrawn and it has not said that it is at it; or what it was told can be read no more.
    """
    return (
        case.state == "closed"
        or case.shredded is not None
        or task.shredded
        or (case.state == "withdrawn" and (task.action == COPY or task.state not in {"accepted", "promised"}))
    )


def is_under_way(case: Case) -> bool:
    """Whether the answer waits for a party still. One that was made waits for no copy: it says whose is missing."""
    return any(
        each.state in UNDER_WAY and not (case.handed is not None and each.action == COPY)
        for each in case.tasks.values()
    )


def copies_awaited(case: Case) -> list[Task]:
    """Return the tasks whose copies may yet come by their day: until then nothing of hers is erased."""
    return [each for each in case.tasks.values() if each.action == COPY and each.state in UNDER_WAY]


def copies_come(case: Case) -> frozenset[str]:
    """Return the tasks whose copies are here."""
    return frozenset(each.id for each in case.tasks.values() if each.action == COPY and each.state == "verified")


def is_late_copy(case: Case, task: Task) -> bool:
    """Whether a copy came after the answer was made: she is owed a new one, in which it is."""
    return task.state == "verified" and task.id in case.late


def is_awaited(task: Task) -> bool:
    """Whether a party will be asked, when its day is over, if it has done what it promised."""
    return task.state == "promised" and task.look_at is not None and not task.shredded


def is_proved(task: Task) -> bool:
    """Whether nothing more is to be shown to the company that asked (Art. 28(3)-(4), 19).

    Whoever works for us has to prove it; a controller who was told, and has answered, decides for itself.
    """
    if task.state in {"verified", "not_held", "cancelled"} or (task.state == "promised" and task.how == TURNS_OVER):
        return True
    return task.form == "notice" and task.state in SETTLED


def is_unfinished(case: Case) -> bool:
    """Whether a case with every answer in still waits: for the day of a promise, or, where a company asked, for a proof.

    Or for a person, who is to make the answer anew: a copy has come since.
    """
    tasks = case.tasks.values()
    if any(is_awaited(each) or is_late_copy(case, each) for each in tasks):
        return True
    return "request" in case.notes and not all(map(is_proved, tasks))


def _task_row(case: Case, task: Task) -> TaskRow:
    look_at = None if case.approved is None or is_called_off(case, task) else task.look_at
    if task.state == "queued" and not task.claimed and waits_for(case, task):
        look_at = None
    return TaskRow(task.id, case.id, task.party, task.state, look_at)


def _case_looks(case: Case, dates: Deadlines) -> int | None:
    if proofs_due(case):
        return case.last.at
    if case.state in OVER:
        return None if (until := sealed_until(case)) is None else start_of(until + timedelta(days=1))
    looks = [at for mark, at in marks_of(dates) if mark not in case.alarmed and case.answered is None]
    looks += [start_of(review_of(case, number)) for number in _in_force(case)]
    if case.approved is not None and case.state in {"carrying-out", "answered", "partly-done"}:
        looks += [over_at(each) for each in case.tasks.values() if each.state in UNDER_WAY]
        if _goes_on(case):
            looks.append(case.last.at)
    return min(looks, default=None)


def _goes_on(case: Case) -> bool:
    """Whether the next step waits for nobody: whoever was to take it may have ended before."""
    states = {each.state for each in case.tasks.values()}
    if inflow_due(case):
        return True
    if is_under_way(case):
        return False
    if forgets_now(case):
        return True
    if case.answered is None:
        return not rule(case.right).answer or case.handed is not None
    if is_released(case) and "held" in states:
        return True
    if "held" in states:
        return states.isdisjoint(OPEN) and case.state != "partly-done"
    return states.isdisjoint(OPEN) and not is_unfinished(case)


def proofs_due(case: Case) -> list[int]:
    """Return the files that showed who asks, and that nobody may keep any more: it is shown, or the case was decided."""
    if not case.verified and case.approved is None and case.state not in OVER:
        return []
    return [each.number for each in case.files if each.shows == "identity" and each.gone is None]


def forgets_now(case: Case) -> bool:
    """Whether our own record of her is to go now.

    It stays as long as an order is under way: what that still brings about is hers, and whoever gets it must be told.
    """
    open_order = any(
        # What an order keeps (no day) is kept for itself, and not for an order of hers that is under way.
        each.state == "held" and each.until and each.until <= (case.open_until or "")
        for each in case.tasks.values()
    )
    return rule(case.right).forgets and case.keys_destroyed is None and not open_order


def inflow_due(case: Case) -> bool:
    """Whether it is still to be kept that the shop may not share any more, or that it may again."""
    wanted = "let" if case.lifted else "stopped"
    return bool(rule(case.right).suppress) and case.approved is not None and case.notes.get("inflow") != wanted


def is_released(case: Case) -> bool:
    """Whether the record still keeps something for a hold that is over."""
    held = {each.until for each in case.tasks.values() if each.state == "held"}
    return case.forgotten is not None and not case.kept_until <= held


def marks_of(dates: Deadlines) -> list[tuple[str, int]]:
    """Return what is to be said of a case that is not answered, and from when: alarms, and that its day is over."""
    marks = [(f"alarm-{day}", start_of(day)) for day in alarms(dates)]
    return [*marks, (f"overdue-{dates.operative}", start_of(dates.operative + timedelta(days=1)))]


def sealed_until(case: Case) -> date | None:
    """Return the last day on which what is sealed of a case that is over is kept; None where nothing is any more.

    Of a closed erasure it went with the closing.
    """
    if case.closed is None or case.shredded is not None or (case.state == "closed" and rule(case.right).forgets):
        return None
    return case_file_until(case.state, case.closed)


def reviews_due(case: Case, now: int) -> list[str]:
    """Return the alarms about orders in force that it is time to look at again: of each the newest, if several were missed."""
    marks = []
    for number in _in_force(case):
        if start_of(day := review_of(case, number)) <= now:
            while start_of(later := add_months(day, REVIEW_MONTHS)) <= now:
                day = later
            marks.append(_review(number) + day.isoformat())
    return marks


def review_of(case: Case, number: int) -> date:
    """Return the day on which an order (the first is 1) is to be looked at: six months after it came, and again after each."""
    last = max(
        (each.removeprefix(_review(number)) for each in case.alarmed if each.startswith(_review(number))), default=""
    )
    ordered = day_of(case.legal_holds[number - 1].ordered)
    return next(day for months in count(1) if (day := add_months(ordered, REVIEW_MONTHS * months)).isoformat() > last)


def _review(number: int) -> str:
    return f"{REVIEW}{number}-"


def _in_force(case: Case) -> list[int]:
    return [number for number, each in enumerate(case.legal_holds, 1) if each.released is None]


def over_at(task: Task) -> int:
    """Return the instant from which a task without an answer is overdue: the end of its day in Helsinki."""
    return start_of(date.fromisoformat(task.due) + timedelta(days=1))
