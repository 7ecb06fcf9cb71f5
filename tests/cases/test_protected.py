"""A person whose address nobody may find out: what goes out by itself then, and what a person does."""

import pytest

from lineage.cases.carrying import confirm
from lineage.cases.deciding import approve, protect, withdraw
from lineage.cases.protecting import REVEALING, is_protected
from lineage.errors import Refused
from schemas.vocabulary import vocabulary
from tests.cases.events import account, mailed, order, shipment
from tests.cases.stage import Party, Stage, away

HER = ("customer_id", "C-1")
NEW = {"address": "Salapolku 1, 65100 Vaasa"}


@pytest.fixture(autouse=True)
def hers(stage: Stage) -> None:
    stage.record(account(phone="0401234567"), order(), shipment(), mailed())


def states(stage: Stage, case: str) -> set[tuple[str, str | None]]:
    """How tasks stand at other companies."""
    every = stage.work.case(case).tasks.values()
    return {(each.state, each.how) for each in every if each.form != "internal"}


def test_her_new_address_goes_to_no_party_by_itself_and_a_person_may_send_it(stage: Stage) -> None:
    case = stage.preview(stage.open("rectification", HER, changes=NEW, protected=True))
    assert states(stage, case.id) == {("manual", "by-hand")}, "the plan says so before anybody approves"
    case = stage.approve(case)
    assert not stage.told("posti")
    assert [dict(each.changes) for each in stage.told("order-system")] == [NEW], "the company's own system is told"
    assert states(stage, case.id) == {("manual", "by-hand")}
    posti = next(each.id for each in case.tasks.values() if each.party == "posti")
    confirm(stage.work, case.id, posti, "queued", "she agreed in the store on 1 July")
    assert stage.run(case).tasks[posti].state == "verified"
    assert [dict(each.changes) for each in stage.told("posti")] == [NEW]


def test_what_does_not_tell_where_she_is_goes_as_ever(stage: Stage) -> None:
    case = stage.approve(stage.preview(stage.open("rectification", HER, changes={"name": "Anna B"}, protected=True)))
    assert states(stage, case.id) == {("verified", "signed-answer")}
    erased = stage.approve(stage.preview(stage.open("erasure", HER, protected=True)))
    assert "verified" in {each.state for each in erased.tasks.values()}
    assert not [each for each in erased.tasks.values() if each.how == "by-hand"]


def test_marked_after_the_approval_what_has_not_gone_out_is_for_a_person(stage: Stage) -> None:
    stage.parties.by_id["posti"] = Party(away)
    case = stage.preview(stage.open("rectification", HER, changes=NEW))
    approve(stage.work, case.id)
    assert {state for state, _ in states(stage, case.id)} == {"queued"}
    protect(stage.work, case.id)
    stage.run(case)
    assert states(stage, case.id) == {("manual", "by-hand")}
    assert not stage.told("posti")


def test_a_plan_shown_before_she_was_marked_is_not_the_one_that_is_approved(stage: Stage) -> None:
    case = stage.preview(stage.open("rectification", HER, changes=NEW))
    protect(stage.work, case.id)
    with pytest.raises(Refused, match="since the preview things have changed"):
        approve(stage.work, case.id, digest=case.plan["digest"])


def test_marking_twice_is_the_same_as_once_and_a_case_that_is_over_is_not_marked(stage: Stage) -> None:
    case = stage.open("rectification", HER, changes=NEW)
    assert protect(stage.work, case.id).last == protect(stage.work, case.id).last
    withdraw(stage.work, case.id)
    with pytest.raises(Refused, match="is withdrawn"):
        protect(stage.work, case.id)


def test_whatever_she_asks_for_later_is_protected_by_itself_and_nobody_else_is(stage: Stage) -> None:
    stage.open("access", HER, protected=True)
    assert is_protected(stage.open("erasure", ("email", "anna@example.fi")))
    stage.record(account(customer_id="C-2", email="bert@example.fi"))
    assert not is_protected(stage.open("access", ("customer_id", "C-2")))


def test_the_categories_that_tell_where_she_is_are_those_of_the_vocabulary() -> None:
    assert vocabulary().categories.keys() >= REVEALING
