"""A case as a whole, once its tasks have moved: overdue, planned again, our own record forgotten, answered, closed.

`advance` does what is to be done now, one durable step after the other; each does no harm when it is done twice.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from typing import Any

from lineage.cases.case import Case, Task
from lineage.cases.casework import Casework, New
from lineage.cases.deciding import planned, stop_inflow
from lineage.cases.filing import let_go_of_proofs
from lineage.cases.letters import letters_about
from lineage.cases.rights import rule
from lineage.cases.rows import (
    OVER,
    UNDER_WAY,
    dates_of,
    forgets_now,
    inflow_due,
    is_released,
    is_under_way,
    is_unfinished,
    marks_of,
    over_at,
    proofs_due,
    reviews_due,
    sealed_until,
)
from lineage.cases.subjects import sealed_under, seen_of, subject_of
from lineage.cases.transitions import OPEN
from lineage.clocks import day_of
from lineage.held_back import tombstone_keys
from lineage.tombstones import Tombstone

PSEUDONYM = 16


def advance(work: Casework, id_: str) -> Case:
    """Do all that a case needs now, and return it."""
    case = work.case(id_)
    while (after := _step(work, case)) is not case:
        case = after
    return case


def rests(work: Casework, case: Case) -> bool:
    """Tell whether `advance` would do nothing about a case that stands like this: mostly parties still owe answers."""
    if case.state in OVER or proofs_due(case) or inflow_due(case) or _alarms(work, case) or _overdue(work, case):
        return False
    return case.approved is None or is_under_way(case)


def _step(work: Casework, case: Case) -> Case:
    """Do the next thing; return the same case where there is none."""
    if proofs_due(case):
        return let_go_of_proofs(work, case)
    if case.state in OVER:
        return _shred(work, case)
    if inflow_due(case):
        return _stop_inflow(work, case)
    if entries := [*_alarms(work, case), *_overdue(work, case)]:
        return work.add(case, *entries)
    if case.approved is None or is_under_way(case):
        return case
    if forgets_now(case):
        return _forget(work, case)
    return _conclude(work, case)


def _stop_inflow(work: Casework, case: Case) -> Case:
    """Once more, for whoever approved or lifted may have ended before it was kept."""
    keys = [key.hex() for key in stop_inflow(work, case)]
    return work.add(case, New("noted", "jalki", {"inflow": "let" if case.lifted else "stopped", "suppressed": keys}))


def _alarms(work: Casework, case: Case) -> list[New]:
    """Raise the alarm before the day that steers, on the day after it, and when an order to keep something is to be reviewed."""
    now = work.clock()
    due = [mark for mark, at in marks_of(dates_of(case)) if at <= now and mark not in case.alarmed]
    marks = [*(due if case.answered is None else ()), *reviews_due(case, now)]
    return [New("alarmed", "jalki", {"alarm": mark}) for mark in marks]


def _overdue(work: Casework, case: Case) -> list[New]:
    """Tell which tasks have had no answer by their day; they are tried further, and escalated to a person."""
    if case.approved is None:
        return []
    late = [each for each in case.tasks.values() if each.state in UNDER_WAY and over_at(each) <= work.clock()]
    return [New("task", "jalki", {"task": each.id, "state": "overdue", "look_at": each.look_at}) for each in late]


def _forget(work: Casework, case: Case) -> Case:
    """Forget the person in our own record: what has come since the plan first, then tombstones, facts, keys."""
    if case.entombed is None:
        return work.add(case, *(_rest(work, case) or [_burial(work, case)]))
    entombed = next(each for each in reversed(work.journal.entries(case.id)) if each.kind == "entombed")
    members = [bytes.fromhex(each) for each in entombed.said["keys"]]
    if case.forgotten is None:
        # Before anything is taken away nothing from before may come in any more; what came in until then is planned for.
        work.memory.entomb([Tombstone(key, case.entombed, case.id) for key in members])
        rest = _rest(work, case)
        if rest or not subject_of(work.graph, case.subjects).members.keys() <= set(members):
            return work.add(case, *rest, _burial(work, case))
        kept = {(bytes.fromhex(event), part) for facts in held_of(work, case).values() for event, part in facts}
        onto = bytes.fromhex(entombed.said["onto"]) if kept else None
        work.keyring.destroy(letters_about(work.graph, work.keyring, _named(work, members)))
        work.graph.forget(members, case.entombed, kept, onto)
        return work.add(case, New("forgotten", "jalki", {"kept": len(kept)}))
    destroyed = work.keyring.destroy(members)
    return work.add(case, New("destroyed", "jalki", {"keys": destroyed}))


def _named(work: Casework, members: Sequence[bytes]) -> set[tuple[str, str]]:
    """Return her identifiers as they were sent, as long as they can be read."""
    seen, _ = seen_of(work.graph, work.keyring, members)
    return {
        (kind, value)
        for each in seen
        for kind, value in each.identifiers
        if work.pseudonyms.identifier(kind, value) in members
    }


def _rest(work: Casework, case: Case) -> list[New]:
    """Plan for what no plan has thought of yet; nothing where that asks nobody for anything."""
    again = planned(work, case, besides=thought_of(work, case))
    return [New("planned", "jalki", again.said, again.personal)] if again.said["tasks"] else []


def _burial(work: Casework, case: Case) -> New:
    """Keep with the case what is to be entombed, from when, and what it keeps hangs on: whoever goes on does the same."""
    subject = subject_of(work.graph, case.subjects)
    seen, _ = seen_of(work.graph, work.keyring, subject.members)
    keys = {*subject.members}
    for kind, value in {pair for each in seen for pair in each.identifiers}:
        if work.pseudonyms.identifier(kind, value) in keys:
            keys |= set(tombstone_keys(work.pseudonyms, kind, value))
    if not subject.ambiguous:
        keys |= set(case.subjects)
    onto = secrets.token_bytes(PSEUDONYM).hex()
    said = {"before": work.clock(), "keys": sorted(key.hex() for key in keys), "onto": onto}
    return New("entombed", "jalki", said)


def thought_of(work: Casework, case: Case) -> frozenset[tuple[bytes, int]]:
    """Return the facts that any plan of the case has been made for."""
    told = (each for entry in work.journal.entries(case.id) if entry.kind == "planned" for each in entry.said["facts"])
    return frozenset((bytes.fromhex(event), int(part)) for event, part in (each.split(".") for each in told))


def held_of(work: Casework, case: Case) -> dict[str, list[tuple[str, int]]]:
    """Return the facts that are still held, by the day until which they are."""
    waiting = {each.until for each in case.tasks.values() if each.state == "held"}
    held: dict[str, list[tuple[str, int]]] = {}
    for entry in work.journal.entries(case.id):
        personal: Any = (work.personal(entry) if entry.kind == "planned" else None) or {}
        for until, facts in personal.get("held", {}).items():
            if until in waiting:
                held.setdefault(until, []).extend((event, part) for event, part in facts)
    return held


def _conclude(work: Casework, case: Case) -> Case:
    """Answer, keep open for what the law keeps or a party owes, or close."""
    if rule(case.right).answer and case.handed is None:
        return case
    if case.answered is None:
        return work.add(case, New("answered", "jalki", {}))
    if is_released(case) and (still := held_of(work, case)):
        return _forget_released(work, case, {fact for facts in still.values() for fact in facts})
    waiting = [each for each in case.tasks.values() if each.state in OPEN]
    held = [each for each in case.tasks.values() if each.state == "held"]
    if waiting:
        return case
    if held:
        return case if case.state == "partly-done" else work.add(case, New("partly-done", "jalki", _until(held)))
    if is_unfinished(case):  # its key is needed until then
        return case
    _let_go(work, case)
    return work.add(case, New("closed", "jalki", {}))


def _forget_released(work: Casework, case: Case, still: Collection[tuple[str, int]]) -> Case:
    """Forget what was kept for a hold that is over; what other holds keep stays."""
    before = kept_on(work, case)
    # Worked out of the one before: whoever does this again hangs it on the same one. Nobody it hung on stays.
    onto = hashlib.blake2b(before[-1], digest_size=PSEUDONYM, person=b"jalki-kept").digest()
    work.graph.forget(before, work.clock(), [(bytes.fromhex(event), part) for event, part in still], onto)
    return work.add(case, New("forgotten", "jalki", {"kept": len(still), "onto": onto.hex()}))


def kept_on(work: Casework, case: Case) -> list[bytes]:
    """Return the identifiers that what is held hangs on, or did, the last one last: they are nobody's."""
    return [bytes.fromhex(each.said["onto"]) for each in work.journal.entries(case.id) if "onto" in each.said]


def _until(held: Sequence[Task]) -> dict[str, Any]:
    return {
        "until": sorted({each.until or "" for each in held}),
        "on": day_of(min(each.planned_at for each in held)).isoformat(),
    }


def _shred(work: Casework, case: Case) -> Case:
    """Some time after a case has ended nothing needs what it knows of the person any more: its key goes (Art. 5(1)(e))."""
    until = sealed_until(case)
    if until is None or day_of(work.clock()) <= until:
        return case
    work.keyring.destroy(sealed_under(case.id, case.generation, len(case.files)))
    return work.add(case, New("shredded", "jalki", {"until": until.isoformat()}))


def _let_go(work: Casework, case: Case) -> None:
    """With the last hold over, what was kept of an erased person goes too, and then what her case itself knew of her."""
    if not rule(case.right).forgets:
        return
    if onto := kept_on(work, case):
        work.graph.forget(onto, work.clock(), (), None)
        work.keyring.destroy(onto)
    work.keyring.destroy(sealed_under(case.id, case.generation, len(case.files)))
