"""Casework remembers cases as it left them; whatever another process did to one since counts all the same."""

from dataclasses import replace

import pytest

from lineage.cases.carrying import claim
from lineage.cases.case import Case
from lineage.cases.casework import REMEMBERED, Casework, Folded, New
from lineage.cases.deciding import approve, extend, preview, withdraw
from lineage.cases.folding import folded
from lineage.cases.intake import Message, receive
from lineage.errors import Refused
from tests.lineage.cases.town import HER, Town, shipped_register


@pytest.fixture
def town() -> Town:
    town = Town(shipped_register())
    for kind in ("account", "mailed"):
        town.happens(kind, HER, town.clock())
    return town


def asked(town: Town) -> tuple[Casework, Casework, Case]:
    """Two processes, and a case that the first has left."""
    (case,) = receive(town.work, Message(["erasure"], HER, town.now, "account", "multitronic"))
    return town.work, replace(town.work), case


def test_what_another_has_done_is_seen_by_whoever_only_looks(town: Town) -> None:
    one, other, case = asked(town)
    withdraw(other, case.id)
    assert one.case(case.id) == folded(town.journal.entries(case.id))
    assert one.case(case.id).state == "withdrawn"


def test_what_another_has_done_is_seen_by_whoever_decides(town: Town) -> None:
    one, other, case = asked(town)
    preview(other, case.id)
    assert approve(one, case.id) == folded(town.journal.entries(case.id))
    with pytest.raises(Refused, match="being carried out"):
        approve(other, case.id)
    withdraw(one, case.id)
    with pytest.raises(Refused, match=r"withdraw|extend"):
        extend(other, case.id, "many requests")


def test_a_task_that_another_has_planned_can_be_claimed(town: Town) -> None:
    one, other, case = asked(town)
    approve(other, case.id)
    task = next(each.task for each in town.journal.due_tasks("sendgrid", town.now, 1))
    order = claim(one, case.id, task, 60.0)
    assert order is not None
    assert claim(other, case.id, task, 60.0) is None, "claimed once"


def test_a_refusal_of_what_is_over_by_now_is_thought_over(town: Town) -> None:
    one, other, case = asked(town)
    approve(one, case.id)
    with pytest.raises(Refused):
        approve(other, case.id)
    assert one.decided(case.id, lambda _case: [New("noted", "dpo", {"seen": True})]).notes["seen"] is True
    assert other.case(case.id).notes["seen"] is True


def test_only_so_many_cases_are_remembered(town: Town) -> None:
    _, _, case = asked(town)
    left = Folded()
    for number in range(REMEMBERED + 1):
        left.put(replace(case, id=f"{number}"))
    assert left.get("0") is None
    assert left.get("1") is not None
    left.put(replace(case, id="1"))
    left.put(replace(case, id="more"))
    assert (left.get("1") is None, left.get("2") is None) == (False, True)
    left.drop("1")
    assert left.get("1") is None
