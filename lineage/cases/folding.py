"""What each kind of entry makes of a case. One row a kind; whatever is not listed here is no entry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from lineage.cases.alarms import untold
from lineage.cases.case import Case, Task
from lineage.cases.entries import Entry
from lineage.cases.folding_kept import (
    filed,
    files_gone,
    item_granted,
    item_refused,
    legal_hold,
    legal_release,
    unfiled,
)
from lineage.cases.protecting import BY_HAND
from lineage.cases.rights import rule
from lineage.cases.rows import BY_STAFF, COPY, TURNS_OVER
from lineage.cases.words import CONNECTOR_FAULT, TaskState
from lineage.clocks import start_of
from lineage.errors import Misconfigured

ORDER_OPEN = "H05"
"""The rule of what an order needs as long as it is under way."""


def folded(entries: Sequence[Entry]) -> Case:
    """Return the case that a chain tells. Raises: Misconfigured: an entry of a kind that this version does not know."""
    case = _received(entries[0])
    for each in entries[1:]:
        case = folded_on(case, each)
    return case


def folded_on(case: Case, entry: Entry) -> Case:
    """Return the case with one more entry. Raises: as `folded`."""
    effect = _EFFECTS.get(entry.kind)
    if effect is None:
        raise Misconfigured(
            f"case {case.id} has an entry of a newer Jalki ({entry.kind}): upgrade", "newer", case=case.id
        )
    after = effect(case, entry)
    return replace(after, last=entry, alarms=untold(case, after, entry))


def _received(entry: Entry) -> Case:
    said = entry.said
    return Case(
        id=entry.case,
        right=said["right"],
        state="received",
        received=said["received"],
        subjects=tuple(bytes.fromhex(each) for each in said["subjects"]),
        controller=said["controller"],
        language=said["language"],
        channel=said["channel"],
        together=said.get("together", ""),
        by=said.get("by", "person"),
        verified=said["verified"],
        last=entry,
        notes=dict(said),
    )


def _doubted(case: Case, entry: Entry) -> Case:
    return replace(case, state="identity", verified=False, asked=entry.said["asked"], attempts=0)


def _guessed(case: Case, _: Entry) -> Case:
    return replace(case, attempts=case.attempts + 1)


def _proved(case: Case, entry: Entry) -> Case:
    return replace(case, state="received", verified=True, proved=entry.said["proved"] if case.asked else None)


def _planned(case: Case, entry: Entry) -> Case:
    """A plan before approval replaces the one before; afterwards it only adds tasks."""
    tasks = dict(case.tasks) if case.approved else {}
    for told in entry.said["tasks"]:
        tasks.setdefault(told["task"], task_of(told, entry.at))
    items = (each for each in entry.said["items"] if isinstance(each, Mapping))  # in a certificate they are withheld
    orders = [each["until"] for each in items if each.get("rule") == ORDER_OPEN and each.get("until")]
    open_until = max([*orders, case.open_until if case.approved and case.open_until else ""]) or None
    return replace(case, plan=entry.said, tasks=tasks, round=case.round + bool(case.approved), open_until=open_until)


def task_of(told: Mapping[str, Any], at: int) -> Task:
    """Return a task as a plan tells it, before anything has become of it."""
    begun, how = _begun(told)
    return Task(
        id=told["task"],
        party=told["party"],
        form=told["form"],
        action=told["action"],
        controller=told["controller"],
        categories=tuple(told["categories"]),
        purposes=tuple(told["purposes"]),
        after=tuple(told["after"]),
        state=begun,
        planned_at=at,
        until=told.get("until"),
        rule=told.get("rule"),
        law=told.get("law"),
        then=told.get("then"),
        refused=told.get("refused"),
        observed=told.get("observed", True),
        due=told["due"],
        by=told.get("promised"),
        how=how,
        look_at=_first_look(told, at),
        changed_at=at,
    )


def _begun(told: Mapping[str, Any]) -> tuple[TaskState, str | None]:
    """Return the state in which a plan leaves a task, and how that is known."""
    if "until" in told:
        return "held", TURNS_OVER if "promised" in told else None
    if "promised" in told:
        return "promised", TURNS_OVER
    return ("manual", BY_HAND) if told.get("by_hand") else ("queued", None)


def _first_look(told: Mapping[str, Any], at: int) -> int | None:
    """What the law keeps is looked at when its last day is over; what it keeps until a person releases it, never."""
    if "promised" in told or told.get("by_hand"):
        return None
    if "until" not in told:
        return at
    return start_of(date.fromisoformat(told["until"]) + timedelta(days=1)) if told["until"] else None


def _approved(case: Case, entry: Entry) -> Case:
    return replace(case, state="carrying-out", approved=entry.said["approved"], round=1)


def _claimed(case: Case, entry: Entry) -> Case:
    return _with(
        case, entry, lambda task: replace(task, attempts=task.attempts + 1, claimed=True, look_at=entry.said["look_at"])
    )


def _task(case: Case, entry: Entry) -> Case:
    said = entry.said
    is_copy = case.tasks[said["task"]].action == COPY and said["state"] == "verified" and said.get("how") != BY_STAFF
    came = replace(case, late=case.late | {said["task"]}) if is_copy and case.handed is not None else case
    return _with(
        _once(came, entry),
        entry,
        lambda task: replace(
            task,
            state=said["state"],
            claimed=False,
            faults=task.faults + 1 if said.get("how") == CONNECTOR_FAULT else 0,
            tried=task.tried or said["state"] not in {"queued", "held"} or bool(said.get("failed")),
            look_at=said.get("look_at"),
            by=said.get("by", task.by),
            ground=said.get("ground", task.ground),
            how=said.get("how", task.how),
            handle=said.get("handle", task.handle),
            accepted=task.accepted or said["state"] == "accepted",
            due=said.get("due", task.due),
            categories=tuple(said.get("categories", task.categories)),
            purposes=tuple(said.get("purposes", task.purposes)),
            changed_at=entry.at,
        ),
    )


def _once(case: Case, entry: Entry) -> Case:
    """An answer that came by a name of its own counts once, whatever became of it."""
    once = entry.said.get("once")
    return replace(case, once=case.once | {once}) if once else case


def _with(case: Case, entry: Entry, change: Callable[[Task], Task]) -> Case:
    task = case.tasks[entry.said["task"]]
    return replace(case, tasks={**case.tasks, task.id: change(task)})


def _entombed(case: Case, entry: Entry) -> Case:
    return replace(case, entombed=entry.said["before"])


def _forgotten(case: Case, entry: Entry) -> Case:
    held = frozenset(each.until for each in case.tasks.values() if each.state == "held")
    return replace(case, forgotten=case.forgotten or entry.at, kept=entry.said["kept"], kept_until=held)


def _destroyed(case: Case, entry: Entry) -> Case:
    return replace(case, keys_destroyed=entry.at)


def _extended(case: Case, entry: Entry) -> Case:
    return replace(case, extended=entry.at)


def _handed(case: Case, entry: Entry) -> Case:
    return replace(case, handed=entry.at, late=frozenset(), results=entry.said.get("results"))


def _lifted(case: Case, entry: Entry) -> Case:
    return replace(case, lifted=entry.at)


def _answered(case: Case, entry: Entry) -> Case:
    return replace(case, state="answered", answered=entry.at)


def _partly(case: Case, _: Entry) -> Case:
    return replace(case, state="partly-done")


def _closed(case: Case, entry: Entry) -> Case:
    files = files_gone(case, entry) if rule(case.right).forgets else case.files
    return replace(case, state="closed", closed=entry.at, files=files)


def _refused(case: Case, entry: Entry) -> Case:
    return replace(case, state="refused", refused_on=entry.said["ground"], closed=entry.at)


def _withdrawn(case: Case, entry: Entry) -> Case:
    tasks = {
        key: replace(each, state="cancelled", look_at=None, changed_at=entry.at)
        if each.state in {"held", "queued", "manual"} and not each.claimed
        else each
        for key, each in case.tasks.items()
    }
    return replace(case, state="withdrawn", tasks=tasks, closed=entry.at)


def _duplicate(case: Case, entry: Entry) -> Case:
    return replace(case, state="duplicate", duplicate_of=entry.said["of"], closed=entry.at)


def _incident(case: Case, entry: Entry) -> Case:
    return replace(case, incidents=(*case.incidents, {**entry.said, "at": entry.at}))


def _reopened(case: Case, _: Entry) -> Case:
    gone = case.shredded is not None or (case.state == "closed" and rule(case.right).forgets)
    tasks = {key: replace(each, shredded=each.shredded or gone) for key, each in case.tasks.items()}
    opened = replace(case, state="carrying-out", closed=None, shredded=None, tasks=tasks)
    return replace(opened, generation=case.generation + 1)


def _shredded(case: Case, entry: Entry) -> Case:
    return replace(case, shredded=entry.at, files=files_gone(case, entry))


def _alarmed(case: Case, entry: Entry) -> Case:
    return replace(case, alarmed=(*case.alarmed, entry.said["alarm"]))


def _unchanged(case: Case, _: Entry) -> Case:
    """What it says is of alarms alone."""
    return case


def _noted(case: Case, entry: Entry) -> Case:
    return replace(_once(case, entry), notes={**case.notes, **entry.said})


_EFFECTS: Mapping[str, Callable[[Case, Entry], Case]] = {
    "doubted": _doubted,
    "guessed": _guessed,
    "proved": _proved,
    "planned": _planned,
    "approved": _approved,
    "claimed": _claimed,
    "task": _task,
    "entombed": _entombed,
    "forgotten": _forgotten,
    "destroyed": _destroyed,
    "extended": _extended,
    "handed": _handed,
    "lifted": _lifted,
    "answered": _answered,
    "partly-done": _partly,
    "closed": _closed,
    "refused": _refused,
    "withdrawn": _withdrawn,
    "duplicate": _duplicate,
    "incident": _incident,
    "reopened": _reopened,
    "shredded": _shredded,
    "filed": filed,
    "unfiled": unfiled,
    "alarmed": _alarmed,
    "telling": _unchanged,
    "told": _unchanged,
    "legal-hold": legal_hold,
    "legal-release": legal_release,
    "item-refused": item_refused,
    "item-granted": item_granted,
    "noted": _noted,
}
