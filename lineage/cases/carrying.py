"""Tasks on their way: claimed before each attempt, settled by what came of it. Decides nothing about a case as a whole.

A claim is durable before the party is called, so that whoever comes after a crash knows that it may have been; the order
carries the same key then.
"""

import base64
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from lineage.cases.case import Case, Task
from lineage.cases.casework import Casework, New
from lineage.cases.entries import Entry
from lineage.cases.keys import key_of
from lineage.cases.orders import Order, Outcome, Sending
from lineage.cases.rows import BY_STAFF, COPY, OVER, is_called_off, waits_for
from lineage.cases.transitions import check_may, may_become
from lineage.cases.words import CONNECTOR_FAULT, TaskState
from lineage.clocks import day_of, deadlines, start_of
from lineage.errors import Misconfigured, Refused

_SECOND = 1_000_000
FAULTS = 5
"""A connector that fails in a way it should not is tried so often in a row; then a person must look."""
REMIND_DAYS = 7
ASK_SECONDS = 86_400.0


def claim(work: Casework, id_: str, task_id: str, lease: float, at: int | None = None) -> Order | None:
    """Claim a task for one attempt, durably; return what is to be sent or asked. None: it is not, or no longer, due.

    After `lease` seconds without a word the claim counts as left behind by a crash. Tasks that are told together give the
    same `at`, the instant their attempt began: so they are due together again.
    """
    claimed = False

    def decide(case: Case) -> list[New]:
        nonlocal claimed
        task, now = case.tasks[task_id], work.clock() if at is None else at
        claimed = _is_due(case, task, now)
        if not claimed:
            return []
        begun = [New("task", "jalki", _released(task_id, now))] if task.state == "held" else []
        return [*begun, New("claimed", "jalki", {"task": task_id, "look_at": now + int(lease * _SECOND)})]

    case = work.decided(id_, decide)
    return order_of(work, case, case.tasks[task_id]) if claimed else None


def _released(task_id: str, now: int) -> dict[str, Any]:
    """A task whose hold is over begins now, with a day of its own to be answered by."""
    return {"task": task_id, "state": "queued", "look_at": now, "due": deadlines(now).operative.isoformat()}


def _again(task: Task, now: int) -> dict[str, Any]:
    """A task that a person sends out again, or before its hold is over, begins now; with a new day where its own is no good."""
    begins = _released(task.id, now)
    if task.state != "held" and day_of(now).isoformat() <= task.due:
        del begins["due"]
    return begins


def _is_due(case: Case, task: Task, now: int) -> bool:
    if case.approved is None or task.look_at is None or task.look_at > now or task.state in {"cancelled", "manual"}:
        return False
    if is_called_off(case, task):
        return False
    if task.state == "held":
        return day_of(now).isoformat() > (task.until or "9999")
    return not (task.state == "queued" and waits_for(case, task))


def order_of(work: Casework, case: Case, task: Task) -> Order:
    """Return what a party is told. Raises: Misconfigured: the case's key is gone, and with it what was sent to the party."""
    return _order(case, task, *_payload(work, case, task))


def foreseen_order(case: Case, task: Task, payloads: Mapping[str, Any]) -> Order:
    """Return what a party would be told by a plan that is not kept; `payloads` are its personal part, by task."""
    others = (each for each in case.tasks.values() if each.party == task.party and each.state == "held")
    kept = [
        _sending(way) for each in sorted({each.id for each in others} - {task.id})
        for way in payloads.get(each, {}).get("sendings") or ()
    ]  # fmt: skip
    return _order(case, task, payloads[task.id], tuple(kept))


def _order(case: Case, task: Task, payload: Mapping[str, Any], kept: tuple[Sending, ...]) -> Order:
    return Order(
        key=key_of(task.id),
        task=task.id,
        case=case.id,
        party=task.party,
        form=task.form,
        action=task.action,
        controller=task.controller,
        identifiers=tuple((kind, value) for kind, value in payload["identifiers"]),
        categories=task.categories,
        purposes=task.purposes,
        due=task.due,
        attempt=task.attempts,
        handle=task.handle,
        accepted=task.accepted,
        changes=payload.get("changes") or {},
        sendings=tuple(_sending(each) for each in payload.get("sendings") or ()),
        kept=kept,
        before=case.entombed if task.action == "erase" else None,
        portable=task.action == COPY and case.right == "transfer",
    )


def _sending(told: Sequence[Any]) -> Sending:
    identifiers, purpose, places, *categories = told
    about = tuple(categories[0]) if categories else ()
    return Sending(tuple((kind, value) for kind, value in identifiers), purpose, dict(places), about)


def _payload(work: Casework, case: Case, task: Task) -> tuple[Mapping[str, Any], tuple[Sending, ...]]:
    """Return what was sealed about a task, and what is still held at the same party, by any plan of the case."""
    held = {each.id for each in case.tasks.values() if each.party == task.party and each.state == "held"} - {task.id}
    found: Mapping[str, Any] | None = None
    kept: list[Sending] = []
    for entry in reversed(work.journal.entries(case.id)):
        about = {each["task"] for each in entry.said["tasks"]} if entry.kind == "planned" else set()
        if not about & {task.id, *held}:
            continue
        payloads = (work.personal(entry) or {}).get("payloads", {})
        if found is None and task.id in about:
            found = payloads.get(task.id)
        kept += [
            _sending(way) for each in sorted(held & payloads.keys()) for way in payloads[each].get("sendings") or ()
        ]
        held -= about  # only the newest plan that names a task counts
    if found is None:
        raise Misconfigured(
            f"case {case.id}: its key is not in the key ring: what was sent to {task.party} cannot be read",
            "key-lost",
            party=task.party,
        )
    return found, tuple(kept)


def planned_in(work: Casework, case: Case, task: Task) -> Entry:
    """Return the entry by which a task was planned."""
    return next(
        each
        for each in reversed(work.journal.entries(case.id))
        if each.kind == "planned" and any(told["task"] == task.id for told in each.said["tasks"])
    )


def settle(
    work: Casework,
    id_: str,
    task_id: str,
    outcome: Outcome,
    actor: str | None = None,
    once: str | None = None,
    at: int | None = None,
) -> Case:
    """Keep what came of an attempt, or what a party said by itself; what came under the name `once` counts once.

    `at` is when it came, for tasks that were told together: they are due together again.

    A late or second answer that may not change the state is kept as a note, and changes nothing.
    """

    def decide(case: Case) -> list[New]:
        if task_id not in case.tasks:
            raise Refused(f"case {id_} has no task {task_id}", "no-task", task=task_id)
        if once is not None and once in case.once:
            return []
        task = case.tasks[task_id]
        said = _said(task_id, outcome, work.clock() if at is None else at) | ({"once": once} if once else {})
        hidden = _hidden(case, outcome)
        if case.state == "closed" or case.shredded is not None:  # its key is destroyed, and nothing may bring one back
            hidden = None
        who = actor or task.party
        if not may_become(task.state, outcome.state):
            return [New("noted", who, {"late": said, "then": task.state, "once": once}, hidden)]
        return [New("task", who, said, hidden)]

    return work.decided(id_, decide)


def _hidden(case: Case, outcome: Outcome) -> dict[str, str] | None:
    """Return what is sealed of an outcome. A copy that nobody wants any more is not kept."""
    copy = b"" if case.state in OVER else outcome.copy
    kept = {"evidence": outcome.evidence, "copy": copy}
    return {name: base64.b64encode(each).decode() for name, each in kept.items() if each} or None


def _said(task_id: str, outcome: Outcome, now: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "task": task_id,
        "state": outcome.state,
        "how": outcome.how,
        "look_at": _look_at(outcome, now),
    }
    for name in ("by", "ground", "handle"):
        if (value := getattr(outcome, name)) is not None:
            said[name] = value
    return said


def _look_at(outcome: Outcome, now: int) -> int | None:
    """When to ask again, or remind: a party that has answered for good is left alone."""
    if outcome.state == "accepted":
        return now + int((outcome.ask_again_in or ASK_SECONDS) * _SECOND)
    if outcome.state == "sent":
        return now + int((outcome.ask_again_in or REMIND_DAYS * 86_400) * _SECOND)
    if outcome.state == "promised" and outcome.by and outcome.handle:
        over = start_of(date.fromisoformat(outcome.by) + timedelta(days=1))
        # A day that is over already is promised as well: without a pause the party would be asked without end.
        return over if over > now else now + int(ASK_SECONDS * _SECOND)
    return None


def jitter() -> float:
    """Return which part of its longest pause a party gets this time."""
    return random.uniform(0.5, 1.0)  # noqa: S311 - spreads load; nothing secret


def tried_in_vain(
    work: Casework,
    id_: str,
    task_id: str,
    how: str,
    wait_seconds: float,
    longest: float,
    at: int | None = None,
    part: float | None = None,
) -> Case:
    """Keep that an attempt failed, and try again later: twice as long each time, with jitter, but never given up here.

    `at` and `part` are when it did and its jitter, for tasks that were told together: they are due together again.
    """
    of_ceiling = jitter() if part is None else part

    def decide(case: Case) -> list[New]:
        task = case.tasks[task_id]
        if not task.claimed:  # the party has answered by itself meanwhile
            return []
        return [
            New(
                "task",
                "jalki",
                _later(task, how, work.clock() if at is None else at, wait_seconds, longest, of_ceiling),
            )
        ]

    return work.decided(id_, decide)


def broke(work: Casework, id_: str, task_id: str, wait_seconds: float, longest: float) -> Case:
    """Keep that a connector failed in a way it should not: tried again later, and after some times in a row for a person."""

    def decide(case: Case) -> list[New]:
        task = case.tasks[task_id]
        if not task.claimed:
            return []
        if task.faults + 1 < FAULTS or not may_become(task.state, "manual"):
            return [New("task", "jalki", _later(task, CONNECTOR_FAULT, work.clock(), wait_seconds, longest, jitter()))]
        return [New("task", "jalki", for_a_person(task_id, CONNECTOR_FAULT))]

    return work.decided(id_, decide)


def for_a_person(task_id: str, how: str) -> dict[str, Any]:
    """Return what is said of a task that a person sees to from now on."""
    return {"task": task_id, "state": "manual", "how": how, "look_at": None}


def _later(task: Task, how: str, now: int, wait_seconds: float, longest: float, part: float) -> dict[str, Any]:
    """Twice as long each time; that part of it."""
    ceiling = min(wait_seconds * 2 ** min(task.attempts, 30), longest)
    look_at = now + int(ceiling * part * _SECOND)
    return {"task": task.id, "state": task.state, "failed": True, "how": how, "look_at": look_at}


def confirm(
    work: Casework,
    id_: str,
    task_id: str,
    state: TaskState,
    evidence: str,
    ground: str | None = None,
    by: str | None = None,
) -> Case:
    """Keep what a member of staff found out about a task, with the evidence.

    Raises: Refused: no evidence, no such task, or the task may not become that.
    """
    if not evidence.strip():
        raise Refused(
            "say what shows it with --evidence: a letter's date and number, a ticket, a screenshot's name", "evidence"
        )

    def decide(case: Case) -> list[New]:
        check_may(case, "confirm")
        task = case.tasks.get(task_id)
        if task is None:
            raise Refused(
                f"case {id_} has no task {task_id}: `jalki case show {id_}` lists them", "no-task", task=task_id
            )
        if not may_become(task.state, state):
            raise Refused(
                f"task {task_id} is {task.state} and cannot become {state}", "task-cannot", task=task_id,
                task_state=task.state, then=state,
            )  # fmt: skip
        if state == "queued" and task.shredded:
            raise Refused(
                f"task {task_id} cannot be sent again: its key is destroyed, as the case had been closed. Ask the party by"
                " hand and confirm what it says, or open a new case",
                "task-shredded",
                task=task_id,
            )
        said: dict[str, Any] = {"task": task_id, "state": state, "how": BY_STAFF, "look_at": None}
        if state == "queued":
            said |= _again(task, work.clock())
        said |= {name: value for name, value in (("ground", ground), ("by", by)) if value}
        return [New("task", "dpo", said, {"evidence": base64.b64encode(evidence.encode()).decode()})]

    return work.decided(id_, decide)
