"""Which alarms of a case a person is still to be told of: worked out of its entries, one by one. Pure; tells nobody.

An alarm is raised by one entry, and named by that entry's number. What has settled itself before a message about it was begun
is told to nobody; what is in a message stays in it, so that the message is the same however often it has to be sent.
"""

from dataclasses import replace

from lineage.cases.case import Alarm, Case
from lineage.cases.entries import Entry
from lineage.cases.rows import OVER, REVIEW, is_late_copy

FOR_A_PERSON = frozenset({"manual", "overdue", "failed", "partial"})
"""States of a task that somebody must look at."""


def untold(before: Case, after: Case, entry: Entry) -> tuple[Alarm, ...]:
    """Return the alarms nobody is known to have been told of after an entry that made one case of the other."""
    alarms, message = before.alarms, entry.said.get("message")
    if entry.kind == "telling":
        numbers = {*entry.said.get("alarms", ())}  # all of it is withheld in a certificate
        alarms = tuple(replace(each, message=message) if each.number in numbers else each for each in alarms)
    elif entry.kind == "told":
        alarms = tuple(each for each in alarms if each.message != message)
    new = _raised(before, after, entry)
    if not alarms and not new:
        return ()
    return (*(each for each in alarms if each.message is not None or _stands(after, each)), *new)


def _raised(before: Case, after: Case, entry: Entry) -> tuple[Alarm, ...]:
    said, alarm = entry.said, Alarm(entry.number, entry.at, "incident")
    if entry.kind == "incident":
        return (alarm,)
    if entry.kind == "alarmed":
        mark = said["alarm"]
        if mark.startswith(REVIEW):
            return (replace(alarm, kind="hold-review", about=mark.split("-")[1]),)
        return (replace(alarm, kind="answer-overdue" if mark.startswith("overdue-") else "answer-due", about=mark),)
    # What staff have found out themselves they need not be told.
    if entry.kind == "task" and entry.actor != "dpo":
        task, state = said["task"], said["state"]
        late = is_late_copy(after, after.tasks[task])
        if (state in FOR_A_PERSON or late) and before.tasks[task].state != state and after.state not in OVER:
            return (replace(alarm, kind="task", about=task, state=state),)
    return ()


def _stands(case: Case, alarm: Alarm) -> bool:
    """Whether there is still something to be done about it."""
    if alarm.kind == "incident":
        return True
    if case.state in OVER:
        return False
    if alarm.kind == "task":
        task = case.tasks.get(alarm.about)
        if task is None or task.state != alarm.state:
            return False
        return task.state in FOR_A_PERSON or is_late_copy(case, task)
    if alarm.kind == "hold-review":
        return case.legal_holds[int(alarm.about) - 1].released is None
    return case.answered is None
