"""An approval that takes two persons: what one of them does alone, and what the other completes."""

import pytest

from lineage.cases.deciding import approve, protect, refuse
from lineage.errors import Refused
from tests.cases.events import account, mailed, order, shipment
from tests.cases.stage import Stage

HER = ("customer_id", "C-1")


@pytest.fixture(autouse=True)
def hers(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), mailed())


def staff(stage: Stage, name: str) -> bytes:
    return stage.work.pseudonyms.staff(name)


def test_one_person_alone_approves_nothing_however_often(stage: Stage) -> None:
    case = stage.preview(stage.open("erasure", HER))
    first = approve(stage.work, case.id, by=staff(stage, "anna"))
    assert (first.state, first.approved) == ("received", None)
    with pytest.raises(Refused, match="it takes another person"):
        approve(stage.work, case.id, by=staff(stage, "anna"))
    assert not stage.told("posti")
    assert not stage.run(first).approved


def test_another_person_completes_it_and_only_then_parties_are_told(stage: Stage) -> None:
    case = stage.preview(stage.open("erasure", HER))
    approve(stage.work, case.id, by=staff(stage, "anna"))
    second = approve(stage.work, case.id, by=staff(stage, "berit"))
    assert second.approved is not None
    assert stage.told("order-system") == []
    stage.run(second)
    assert stage.told("order-system")


def test_a_plan_that_has_changed_since_needs_both_again(stage: Stage) -> None:
    case = stage.preview(stage.open("erasure", HER))
    approve(stage.work, case.id, by=staff(stage, "anna"))
    stage.record(order("O-2"))
    again = approve(stage.work, case.id, by=staff(stage, "berit"))
    assert again.approved is None, "what the first has seen is not what the second approves"
    assert approve(stage.work, case.id, by=staff(stage, "anna")).approved is not None


def test_marking_her_as_protected_between_the_two_needs_both_again(stage: Stage) -> None:
    case = stage.preview(stage.open("rectification", HER, changes={"address": "Salapolku 1, 65100 Vaasa"}))
    approve(stage.work, case.id, by=staff(stage, "anna"))
    protect(stage.work, case.id)
    assert approve(stage.work, case.id, by=staff(stage, "berit")).approved is None


def test_who_approved_first_stands_in_no_entry_in_clear(stage: Stage) -> None:
    case = stage.preview(stage.open("erasure", HER))
    approve(stage.work, case.id, by=staff(stage, "anna"))
    (entry,) = [each for each in stage.work.journal.entries(case.id) if "first_approval" in each.said]
    assert set(entry.said) == {"first_approval", "salt"}
    assert staff(stage, "anna") not in entry.sealed
    assert b"anna" not in entry.sealed


def test_a_case_approved_once_can_be_refused(stage: Stage) -> None:
    case = stage.preview(stage.open("erasure", HER))
    approve(stage.work, case.id, by=staff(stage, "anna"))
    assert refuse(stage.work, case.id, "12(5)", "asked before").state == "refused"
    with pytest.raises(Refused, match="it was refused"):
        approve(stage.work, case.id, by=staff(stage, "berit"))
