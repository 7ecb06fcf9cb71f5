"""Who is asked for what it holds of a person, so that it becomes part of her answer (GDPR Art. 15(3), 20(1)). Pure.

A party that decides for itself why it uses data answers for itself: the answer names it (C-154/21), and asks nothing of it.
"""

from collections.abc import Collection
from datetime import date

from lineage.cases.items import Item
from lineage.cases.words import Right
from lineage.clocks import Deadlines, alarms, day_of
from lineage.register import Register

OURS_TO_ANSWER = frozenset({"processor", "joint-controller", "own-system"})
"""Roles of parties whose copies are ours to give: Art. 28(3)(e), and 26(3), by which she may turn to any joint controller."""
GROUNDS = frozenset({"consent", "contract"})
"""Grounds on which data is portable (Art. 20(1)(a))."""


def is_collected(right: Right, parties: Collection[str], register: Register, now: int, item: Item) -> bool:
    """Tell whether a copy of an item is asked for: of one of these parties, which really got it, and is ours to answer for.

    For a transfer the purpose must rest, at `now` (microseconds UTC), on consent or contract.
    """
    if item.party not in parties or not item.observed or item.role not in OURS_TO_ANSWER:
        return False
    return right != "transfer" or register.basis(item.purpose, now) in GROUNDS


def copy_due(dates: Deadlines, now: int) -> date:
    """Return the day by which copies are waited for: that of the first alarm, so that the answer can still be made.

    Where it is over, today: nobody is overdue before it was asked.
    """
    return max(alarms(dates)[0], day_of(now))
