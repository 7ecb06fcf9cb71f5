"""What one system of our own was told before its backup came back: the orders to give it once more. Changes nothing.

Of a case that goes on, what was told is still readable, and so is what the law keeps. Of one that is closed only tombstones
are left: they find her identifiers by a keyed hash, and stand for all that was hers until then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lineage.cases.carrying import order_of
from lineage.cases.case import Case, Task
from lineage.cases.casework import Casework
from lineage.cases.orders import Order
from lineage.cases.rights import rule
from lineage.cases.words import TaskState
from lineage.errors import Misconfigured

_DONE: frozenset[TaskState] = frozenset({"verified", "promised", "not_held"})
_TOLD = _DONE | {"partial"}


@dataclass(frozen=True, slots=True)
class Replay:
    """What is to be done again in one system, in the order in which it was done first."""

    orders: tuple[Order, ...]
    closed: frozenset[str]
    """Closed cases that erased all of a person there."""
    undecided: tuple[str, ...]
    """Cases that nobody can tell by themselves how to do again: a person must look."""


def replay_of(work: Casework, system: str, since: int | None = None) -> Replay:
    """Return what was done in a system; corrections and restrictions only where done since a moment (microseconds UTC).

    Those from before are in the backup, and what was changed after them must not be put back. Raises: as the stores.
    """
    orders: list[tuple[int, Order]] = []
    closed, undecided = set[str](), set[str]()
    for row in work.journal.cases():
        case = work.case(row.case)
        tasks = [each for each in case.tasks.values() if each.party == system and each.state in _TOLD]
        if case.state == "closed" and rule(case.right).forgets:
            if tasks and all(each.state in _DONE for each in _of(case, system)):
                closed.add(case.id)
            elif tasks:
                undecided.add(case.id)
            continue
        for task in tasks:
            if task.action != "erase" and (since is None or task.changed_at < since):
                continue
            try:
                orders.append((task.changed_at, _again(work, case, task)))
            except Misconfigured:  # its key is gone
                undecided.add(case.id)
    orders.sort(key=lambda each: (each[0], each[1].task))
    return Replay(tuple(order for _, order in orders), frozenset(closed), tuple(sorted(undecided)))


def _of(case: Case, system: str) -> Iterator[Task]:
    return (each for each in case.tasks.values() if each.party == system and each.state != "cancelled")


def _again(work: Casework, case: Case, task: Task) -> Order:
    order = order_of(work, case, task)
    if task.action != "erase":
        return order
    return replace(order, before=case.entombed or task.changed_at)
