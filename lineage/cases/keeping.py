"""Orders of a court, the police or the supervisory authority to keep something (H27), given to a case and released again.

Before approval an order changes the plan. Afterwards it keeps what has not gone out yet; what has is named, and not undone.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from lineage.cases.carrying import for_a_person, planned_in
from lineage.cases.case import Case, Task
from lineage.cases.casework import Casework, New
from lineage.cases.closing import kept_on
from lineage.cases.folding_kept import is_covered
from lineage.cases.holds import LEGAL_HOLD, LEGAL_ORDER, LegalHold
from lineage.cases.items import items
from lineage.cases.keys import new_task
from lineage.cases.planning import KEPT, planned_of
from lineage.cases.rights import rule
from lineage.cases.subjects import name, seen_of, subject_of
from lineage.cases.transitions import check_may
from lineage.clocks import day_of
from lineage.errors import Misconfigured, Refused

Pair = tuple[str, str]
"""A category and a purpose."""
_NOT_OUT = frozenset({"held", "queued", "manual"})
_NEVER_OUT = frozenset({"cancelled", "declined", "not_held"})
_REMINDED = frozenset({"sent", "overdue"})


def hold(work: Casework, id_: str, order: LegalHold) -> Case:
    """Keep an order with a case: what it covers, and has not gone out yet, stays until its release.

    Raises: Refused: the case erases nothing, or is over, or there is an order of that name.
    """

    def decide(case: Case) -> list[New]:
        check_may(case, "hold")
        if not rule(case.right).forgets:
            raise Refused(f"case {id_}: it erases nothing that an order could keep", "erases-nothing", case=id_)
        if any(each.name == order.name for each in case.legal_holds):
            raise Refused(f"case {id_}: there is an order of that name already", "order-there", case=id_)
        told = {"party": order.party, "purpose": order.purpose, "category": order.category}
        said = {"name": order.name, "by": order.by, "law": order.law, **told}
        if case.approved is None:
            return [New("legal-hold", "dpo", said)]
        about = [each for each in case.tasks.values() if is_covered(each, order, work.clock()) and each.until != ""]
        kept = [each for each in about if each.state in _NOT_OUT and not each.claimed]
        stopped = [each for each in about if each.state in _REMINDED and not each.claimed and not each.accepted]
        gone = sorted(each.id for each in about if is_out(each))
        return [
            New("legal-hold", "dpo", {**said, "gone": gone}),
            # The party was told to erase: it is not reminded of that any more, and a person asks it to keep what it has.
            *(New("task", "dpo", for_a_person(each.id, LEGAL_ORDER)) for each in stopped),
            *_kept(work, case, order, kept),
        ]

    return work.decided(id_, decide)


def release(work: Casework, id_: str, name_: str) -> Case:
    """Release an order: what nothing else holds is erased by itself from now on. Raises: Refused: there is none in force."""

    def decide(case: Case) -> list[New]:
        check_may(case, "release")
        orders = enumerate(case.legal_holds, 1)
        number = next((place for place, each in orders if each.name == name_ and each.released is None), None)
        if number is None:
            raise Refused(f"case {id_}: no order of that name is in force", "no-order", case=id_)
        yesterday = day_of(work.clock()) - timedelta(days=1)
        return [New("legal-release", "dpo", {"name": name_, "number": number, "until": yesterday.isoformat()})]

    return work.decided(id_, decide)


def is_out(task: Task) -> bool:
    """Whether the party has heard of it, or may have."""
    if task.state in _NOT_OUT:
        return task.claimed or (task.attempts > 0 and task.state == "queued")
    return task.state not in _NEVER_OUT


def _kept(work: Casework, case: Case, order: LegalHold, tasks: Sequence[Task]) -> list[New]:
    """Split what an order covers off tasks that have not gone out: it waits, and the rest goes its way."""
    split = _Split(work, case, order)
    changes = [split.off(each) for each in tasks]
    if not split.tasks:
        return []
    items_, facts = split.items, _facts(work, case, order, split.pairs)
    counted = {"undecided": 0, "ambiguous": 0, "persons": 1, "unopened": 0, "facts": []}
    told = {"items": items_, "tasks": split.tasks, **counted, "holds": case.plan.get("holds")}
    held = dict.fromkeys({"", *(each["then"]["until"] for each in split.tasks if "then" in each)}, facts)
    named = name(case.id, case.generation)
    made = planned_of(told, split.payloads, held, work.keyring.keys((named,))[named])
    return [*(New("task", "dpo", each) for each in changes if each), New("planned", "jalki", made.said, made.personal)]


class _Split:
    """New tasks made of parts of old ones, each told what the old one is."""

    def __init__(self, work: Casework, case: Case, order: LegalHold) -> None:
        self._work, self._case, self._order = work, case, order
        self.tasks: list[dict[str, Any]] = []
        self.payloads: dict[str, Any] = {}
        self.items: list[Mapping[str, Any]] = []
        self.pairs: dict[str, set[Pair]] = defaultdict(set)

    def off(self, task: Task) -> dict[str, Any] | None:
        """Make what the order covers of a task one that waits; return what becomes of the old one."""
        planned = planned_in(self._work, self._case, task)
        told = next(each for each in planned.said["tasks"] if each["task"] == task.id)
        about = [each for each in planned.said["items"] if _is_of(each, task, told.get("until"))]
        now = self._work.clock()
        covered = [e for e in about if self._order.covers(task.party, e["purpose"], e["category"], now)]
        if not covered:
            return None
        if (personal := self._work.personal(planned)) is None:
            raise Misconfigured(
                f"case {self._case.id}: its key is not in the key ring: what was sent to {task.party} cannot be read",
                "key-lost",
                party=task.party,
            )
        payload = personal["payloads"][task.id]
        pairs = {(each["category"], each["purpose"]) for each in covered}
        rest = list(_exact({(e["category"], e["purpose"]) for e in about} - pairs, pairs))
        plain = {key: value for key, value in told.items() if key not in _KEPT_BY}
        until = {"until": task.until, "rule": task.rule, "law": task.law} if task.until else {}
        then = {"then": until} if until else {}
        ordered = {"until": "", "rule": LEGAL_HOLD, "law": self._order.law, "after": [], **then}
        self._add({**plain, **_about(pairs), **ordered}, payload)
        for more in rest[1:]:
            self._add({**plain, **_about(more), **until, "due": task.due}, payload)
        self.pairs[task.party] |= pairs
        self.items += [
            {**each, "decision": "hold", "rule": LEGAL_HOLD, "law": self._order.law, "until": None} for each in covered
        ]
        same = {"task": task.id, "state": task.state, "look_at": task.look_at}
        return {**same, **_about(rest[0])} if rest else {**same, **_CALLED_OFF}

    def _add(self, told: dict[str, Any], payload: object) -> None:
        number = new_task(self._case.id, self._case.round, len(self.tasks))
        self.tasks.append({**told, "task": number})
        self.payloads[number] = payload


_KEPT_BY = frozenset({"until", "rule", "law", "then", "refused"})
_CALLED_OFF = {"state": "cancelled", "how": LEGAL_ORDER, "look_at": None}


def _is_of(item: Mapping[str, Any], task: Task, until: str | None) -> bool:
    """Whether a task is about an item of its plan, which said that it is held `until`."""
    same = item["party"] == task.party and item["category"] in task.categories and item["purpose"] in task.purposes
    held = (item.get("until") or "") if item["decision"] in KEPT else None
    return same and item["decision"] != "none" and held == until


def _about(pairs: set[Pair]) -> dict[str, Any]:
    return {
        "categories": sorted({category for category, _ in pairs}),
        "purposes": sorted({purpose for _, purpose in pairs}),
    }


def _exact(pairs: set[Pair], without: set[Pair]) -> Iterator[set[Pair]]:
    """Yield pairs in as few parts as name nothing beside them: a task says of categories and purposes only which there are."""
    if not pairs:
        return
    categories, purposes = {one for one, _ in pairs}, {other for _, other in pairs}
    if not {(one, other) for one in categories for other in purposes} & without:
        yield pairs
        return
    for purpose in sorted(purposes):
        yield {each for each in pairs if each[1] == purpose}


def _facts(work: Casework, case: Case, order: LegalHold, pairs: Mapping[str, set[Pair]]) -> list[tuple[str, int]]:
    """Return the facts of the record that what is kept rests on: hers, or what is left of them since she is forgotten."""
    holders = {*subject_of(work.graph, case.subjects).members, *kept_on(work, case)}
    seen, consents = seen_of(work.graph, work.keyring, holders)
    found = items(seen, consents, work.register, work.clock(), [order], asked=case.received)
    return sorted(
        {
            (event.hex(), part)
            for each in found
            if (each.category, each.purpose) in pairs.get(each.party, ())
            for event, part in each.facts
        }
    )
