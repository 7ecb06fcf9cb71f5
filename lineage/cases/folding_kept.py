"""What entries make of what a case keeps: orders, refusals of items, files of evidence. Part of `lineage.cases.folding`."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from lineage.cases.case import Case, Filed, Task
from lineage.cases.entries import Entry
from lineage.cases.holds import LEGAL_HOLD, LegalHold
from lineage.cases.refusals import Refusal, refusing
from lineage.clocks import start_of


def legal_hold(case: Case, entry: Entry) -> Case:
    """Return the case with an order to keep something."""
    told = {name: entry.said.get(name) for name in ("party", "purpose", "category")}
    gone = tuple(entry.said.get("gone", ()))
    hold = LegalHold(entry.said["name"], entry.said["by"], entry.said["law"], entry.at, None, **told, gone=gone)
    return replace(case, legal_holds=(*case.legal_holds, hold))


def legal_release(case: Case, entry: Entry) -> Case:
    """What waited for that, and no other order covers, begins; unless another rule keeps it."""
    number = entry.said.get("number", 0)  # a version before this told the name alone
    holds = tuple(
        replace(each, released=entry.at)
        if number == place or (not number and each.name == entry.said["name"])
        else each
        for place, each in enumerate(case.legal_holds, 1)
    )
    # What is refused waits for that alone, and for the order only once it is granted.
    waiting = [
        each for each in case.tasks.values() if each.state == "held" and each.until == "" and each.refused is None
    ]
    freed = {
        each.id: _freed(each, entry)
        for each in waiting
        if not any(is_covered(each, order, entry.at) for order in holds)
    }
    return replace(case, legal_holds=holds, tasks={**case.tasks, **freed})


def item_refused(case: Case, entry: Entry) -> Case:
    """Return the case with a refusal of items."""
    said = entry.said
    told = {name: said.get(name) for name in ("party", "purpose", "category")}
    return replace(case, refusals=(*case.refusals, Refusal(said["number"], said["ground"], entry.at, **told)))


def item_granted(case: Case, entry: Entry) -> Case:
    """What was refused, and no other refusal covers, goes as if it had not been; unless an order or another rule keeps it."""
    number = entry.said["number"]
    refusals = tuple(replace(each, granted=entry.at) if each.number == number else each for each in case.refusals)
    is_refused = refusing(refusals)
    freed = {}
    for task in case.tasks.values():
        if case.approved is None or task.state != "held" or task.refused is None:
            continue
        if any(is_refused(task.party, purpose, category) for purpose in task.purposes for category in task.categories):
            continue
        order = next((each for each in case.legal_holds if is_covered(task, each, entry.at)), None)
        granted = replace(task, refused=None)
        freed[task.id] = _freed(granted, entry) if order is None else replace(granted, rule=LEGAL_HOLD, law=order.law)
    return replace(case, refusals=refusals, tasks={**case.tasks, **freed})


def _freed(task: Task, entry: Entry) -> Task:
    """The other rules count again; where there are none it goes now."""
    if task.then is None:
        return replace(task, until=entry.said["until"], look_at=entry.at)
    until, rule, law = task.then["until"], task.then["rule"], task.then["law"]
    over = start_of(date.fromisoformat(until) + timedelta(days=1))
    return replace(task, until=until, rule=rule, law=law, then=None, look_at=over)


def is_covered(task: Task, order: LegalHold, at: int) -> bool:
    """Tell whether an order in force at that moment keeps any of what a task is about."""
    return any(
        order.covers(task.party, purpose, category, at) for purpose in task.purposes for category in task.categories
    )


def filed(case: Case, entry: Entry) -> Case:
    """Return the case with a file of evidence."""
    said = entry.said
    file = Filed(
        said["file"], said["shows"], said["type"], said["bytes"], said["mark"], entry.at, said.get("task")
    )  # fmt: skip
    return replace(case, files=(*case.files, file))


def unfiled(case: Case, entry: Entry) -> Case:
    """Return the case without the files whose keys are destroyed."""
    return replace(case, files=files_gone(case, entry, entry.said["files"]))


def files_gone(case: Case, entry: Entry, numbers: Collection[int] | None = None) -> tuple[Filed, ...]:
    """Return the files of a case of which these, or all, have no key any more."""
    return tuple(
        replace(each, gone=entry.at) if each.gone is None and (numbers is None or each.number in numbers) else each
        for each in case.files
    )
