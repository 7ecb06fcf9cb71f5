"""Single items of a request that are refused while the rest is done: with a ground, in any order, and granted after all."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage.cases.case import Case
from lineage.cases.closing import kept_on
from lineage.cases.deciding import approve, preview
from lineage.cases.filing import file, unfile
from lineage.cases.folding import folded
from lineage.cases.holds import LegalHold
from lineage.cases.keeping import hold, release
from lineage.cases.refusals import grounds_for, refusal_grounds
from lineage.cases.refusing import grant_items, refuse_items
from lineage.cases.restoring import check
from lineage.cases.rows import row_of
from lineage.cases.subjects import seen_of
from lineage.cases.taking_in import take_in
from lineage.cases.words import RIGHTS
from lineage.errors import Refused
from tests.cases.events import account, claim, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Stage, staged, task_of

ASKED, LATER, OVER = "2026-05-01T10:00:00+03:00", "2027-05-01T10:00:00+03:00", "2036-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")
WHY = "her claim about the parcel is before the board"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as opened:
        opened.record(account(phone="0401234567"), order(), shipment(), payment(), subscribed(), mailed(), claim())
        opened.at(ASKED)
        yield opened


def opened(stage: Stage, right: Any = "erasure", **more: Any) -> Case:
    return stage.preview(stage.open(right, HER, **more))


def refused(stage: Stage, case: Case, ground: str = "17(3)(e)", **items: str) -> Case:
    refuse_items(stage.work, case.id, ground, WHY, **items)
    return stage.preview(case)


def asked_of(stage: Stage, party: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(each.action, each.purposes, each.categories) for each in stage.told(party)]


def test_what_is_refused_is_asked_of_nobody_and_all_else_is(stage: Stage) -> None:
    case = opened(stage)
    before = {task.party for task in case.tasks.values() if task.until is None}
    assert {"posti", "sendgrid"} <= before
    case = stage.approve(refused(stage, case, party="posti"))
    assert asked_of(stage, "posti") == []
    assert asked_of(stage, "sendgrid")
    task = task_of(case, "posti", held=True)
    assert (task.refused, task.until) == ("GDPR 17(3)(e)", "")
    assert case.state == "partly-done"
    stage.at(OVER)
    assert stage.run(case).state == "partly-done", "time alone does not grant it"
    assert asked_of(stage, "posti") == []


def test_only_the_items_that_are_named_are_refused_and_a_task_names_no_other(stage: Stage) -> None:
    case = refused(stage, opened(stage), purpose="delivery", category="address")
    items = {(each["purpose"], each["category"]) for each in case.plan["items"] if each["decision"] == "refuse"}
    assert items == {("delivery", "address")}
    stage.approve(case)
    for _, purposes, categories in asked_of(stage, "posti"):
        assert not ("delivery" in purposes and "address" in categories)
    assert any("name" in categories for _, _, categories in asked_of(stage, "posti"))


def test_granted_after_all_it_is_erased_and_the_case_closes(stage: Stage) -> None:
    case = stage.approve(refused(stage, opened(stage), party="posti"))
    stage.at(LATER)
    grant_items(stage.work, case.id, 1)
    case = stage.run(case)
    assert [action for action, *_ in asked_of(stage, "posti")] == ["erase"]
    stage.at(OVER)
    assert stage.run(case).state == "closed"


def test_what_is_refused_stays_in_our_own_record_until_it_is_granted(stage: Stage) -> None:
    case = stage.approve(refused(stage, opened(stage), party="posti"))
    stage.at(OVER)
    case = stage.run(case)
    assert case.keys_destroyed
    assert case.kept > 0
    assert [each.disclosure.route.target for each in disclosures(stage, case)] == ["posti"]
    grant_items(stage.work, case.id, 1)
    case = stage.run(case)
    assert case.state == "closed"
    assert disclosures(stage, case) == []


def disclosures(stage: Stage, case: Case) -> list[Any]:
    """What the record still keeps for a case, on nobody's identifier."""
    return list(seen_of(stage.work.graph, stage.work.keyring, kept_on(stage.work, case))[0])


def test_an_order_that_ends_does_not_grant_what_is_refused_and_a_grant_does_not_end_an_order(stage: Stage) -> None:
    case = opened(stage)
    hold(stage.work, case.id, LegalHold("K 1", "district court", "law", 0, party="posti"))
    case = stage.approve(refused(stage, case, party="posti"))
    release(stage.work, case.id, "K 1")
    case = stage.run(case)
    assert task_of(case, "posti", held=True).refused
    assert asked_of(stage, "posti") == []
    hold(stage.work, case.id, LegalHold("K 2", "district court", "law of K 2", 0, party="posti"))
    grant_items(stage.work, case.id, 1)
    case = stage.run(case)
    task = task_of(case, "posti", held=True)
    assert (task.refused, task.rule, task.law, task.until) == (None, "H27", "law of K 2", "")
    assert asked_of(stage, "posti") == []
    release(stage.work, case.id, "K 2")
    stage.run(case)
    assert [action for action, *_ in asked_of(stage, "posti")] == ["erase"]


def test_of_two_refusals_of_one_item_both_must_be_taken_back(stage: Stage) -> None:
    case = refused(stage, opened(stage), party="posti", category="address")
    case = stage.approve(refused(stage, case, "17(3)(b)", party="posti"))
    for number in (2, 1):
        assert not any("address" in categories for *_, categories in asked_of(stage, "posti"))
        grant_items(stage.work, case.id, number)
        stage.run(case)
    assert any("address" in categories for *_, categories in asked_of(stage, "posti"))


def test_before_approval_a_refusal_is_taken_back_as_if_it_had_not_been(stage: Stage) -> None:
    case = opened(stage)
    digest = case.plan["digest"]
    assert refused(stage, case, party="posti").plan["digest"] != digest
    grant_items(stage.work, case.id, 1)
    assert stage.preview(case).plan["digest"] == digest
    with pytest.raises(Refused, match="no refusal 1 is in force"):
        grant_items(stage.work, case.id, 1)


def test_a_plan_that_was_shown_before_the_refusal_is_not_approved(stage: Stage) -> None:
    case = opened(stage)
    refuse_items(stage.work, case.id, "17(3)(e)", WHY, party="posti")
    with pytest.raises(Refused, match="things have changed"):
        approve(stage.work, case.id, digest=case.plan["digest"])
    assert approve(stage.work, case.id, digest=preview(stage.work, case.id).plan["digest"]).approved


@pytest.mark.parametrize(
    ("right", "ground", "items", "says"),
    [
        ("erasure", "15(4)", {"party": "posti"}, "are refused on one of 12\\(5\\), 17\\(3\\)\\(a\\)"),
        ("erasure", "17(3)(e)", {}, "say which items"),
        ("erasure", "17(3)(e)", {"party": "dhl"}, "no item of what it means"),
        ("erasure", "17(3)(e)", {"party": "<script>" * 1_000}, "no item of what it means"),
        ("unsubscribe", "12(5)", {"purpose": "newsletter"}, "never refused in part"),
        ("objection", "21(1)", {"purpose": "newsletter"}, "direct marketing is never refused"),
        ("objection", "21(1)", {"party": "sendgrid"}, "goes by purposes"),
        ("objection", "21(1)", {"purpose": "delivery"}, "it is about newsletter"),
        ("restriction", "18(1)", {"purpose": "delivery"}, "goes by purposes"),
    ],
)
def test_what_may_not_be_refused_so_is_not_and_nothing_is_kept(
    stage: Stage, right: str, ground: str, items: dict[str, str], says: str
) -> None:
    case = opened(stage, right)
    with pytest.raises(Refused, match=says):
        refuse_items(stage.work, case.id, ground, WHY, **items)
    assert stage.work.case(case.id).last == case.last


def test_a_refusal_needs_a_reason_and_is_never_of_all(stage: Stage) -> None:
    case = opened(stage, "rectification", changes={"phone": "+358501234567"})
    parties = sorted({each["party"] for each in case.plan["items"] if each["category"] == "phone"})
    with pytest.raises(Refused, match="needs its reason"):
        refuse_items(stage.work, case.id, "16", " \n", party=parties[0])
    with pytest.raises(Refused, match="that would be all of it"):
        refuse_items(stage.work, case.id, "16", WHY, category="phone")
    stage.approve(case)
    with pytest.raises(Refused, match="cannot refuse-item"):
        refuse_items(stage.work, case.id, "16", WHY, party=parties[0])


def test_a_purpose_that_is_refused_is_not_stopped_and_the_others_are(stage: Stage) -> None:
    case = stage.open("restriction", HER, purposes=("delivery", "newsletter"))
    case = stage.approve(refused(stage, stage.preview(case), "18(1)", purpose="delivery"))
    assert "restriction" not in stage.may("posti", "delivery")
    assert "restriction" in stage.may("sendgrid", "newsletter")
    assert asked_of(stage, "posti") == []
    assert asked_of(stage, "sendgrid")
    check(stage.work)
    assert "restriction" not in stage.may("posti", "delivery"), "nor is it after everything was looked through"


def test_a_new_value_goes_to_all_but_those_for_whom_it_is_refused(stage: Stage) -> None:
    case = opened(stage, "rectification", changes={"email": "new@example.fi"})
    case = stage.approve(refused(stage, case, "16", party="sendgrid"))
    assert asked_of(stage, "sendgrid") == []
    assert [each.party for each in case.tasks.values()]


def test_what_was_refused_of_anything_but_an_erasure_needs_a_new_case_once_it_is_approved(stage: Stage) -> None:
    case = stage.approve(refused(stage, opened(stage, "access"), "15(4)", category="address"))
    assert case.state == "carrying-out"
    with pytest.raises(Refused, match="open a new case"):
        grant_items(stage.work, case.id, 1)


@pytest.mark.parametrize("seed", range(8))
def test_a_journal_that_was_lost_tells_the_same_in_whatever_order_it_comes_back(
    stage: Stage, tmp_path: Path, seed: int
) -> None:
    """Refused, granted, filed, ordered, destroyed: taken in again shuffled and doubled."""
    case = refused(stage, opened(stage), party="posti")
    case = refused(stage, case, "17(3)(b)", party="klarna", category="name")
    file(stage.work, case.id, b"the letter of the board", "refusal")
    file(stage.work, case.id, b"by mistake", "other")
    case = stage.approve(case)
    unfile(stage.work, case.id, 2)
    grant_items(stage.work, case.id, 1)
    case = stage.run(case)
    chain = stage.work.journal.entries(case.id)
    come = [*chain, *chain]
    random.Random(seed).shuffle(come)  # noqa: S311 - an order, no secret
    with staged(tmp_path / "other", ASKED) as other:
        assert take_in(other.work, come).cases == {case.id}
        again = other.work.case(case.id)
        assert again == case == folded(chain)
        (row,) = [each for each in other.work.journal.cases() if each.case == case.id]
        assert row == row_of(case)


def test_refusals_of_different_items_mean_the_same_in_whatever_order_they_are_given(stage: Stage) -> None:
    items = [{"party": "posti"}, {"category": "phone"}, {"purpose": "newsletter"}]
    plans = []
    for turn in range(3):
        case = opened(stage, channel="email")
        for each in items[turn:] + items[:turn]:
            case = refused(stage, case, **each)
        told = sorted((each.party, each.refused or "", each.purposes, each.categories) for each in case.tasks.values())
        plans.append(told)
    assert plans[0] == plans[1] == plans[2]


def test_every_right_has_grounds_of_its_own_or_none_and_every_ground_its_words() -> None:
    assert grounds_for("unsubscribe") == ()
    assert all(grounds_for(right) for right in RIGHTS if right != "unsubscribe")
    for each in refusal_grounds().values():
        assert each.rights <= set(RIGHTS)
        assert set(each.texts) == {"fi", "sv", "en"}
        assert all(text.endswith(".") for text in each.texts.values())
