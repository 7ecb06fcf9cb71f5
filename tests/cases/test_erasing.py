"""An erasure from plan to end: what was shown is what is done, and what was withdrawn is not."""

from typing import Any

import pytest

from lineage.cases.carrying import claim, settle, tried_in_vain
from lineage.cases.case import Case
from lineage.cases.deciding import approve, withdraw
from lineage.cases.entries import check_chain
from lineage.cases.orders import Outcome
from lineage.errors import Refused
from tests.cases.events import account, handed_on, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Party, Stage, task_of

ASKED = "2026-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")


def bought(stage: Stage) -> Case:
    stage.record(account(), order(), shipment(), handed_on(), payment(), subscribed(), mailed())
    stage.at(ASKED)
    return stage.preview(stage.open("erasure", HER))


def planned(case: Case) -> set[Any]:
    return {(each.party, each.form, each.categories, each.until) for each in case.tasks.values()}


def test_what_was_shown_is_what_is_done(stage: Stage) -> None:
    shown = bought(stage)
    done = stage.approve(shown)
    assert planned(done) == planned(shown)
    assert set(done.tasks) == set(shown.tasks)
    told = {(each.party, each.form, each.categories) for party in stage.parties.by_id.values() for each in party.seen}
    due = {(each.party, each.form, each.categories) for each in shown.tasks.values() if each.state == "queued"}
    assert told == due


def test_what_came_between_the_plan_and_the_yes_is_named_and_must_be_looked_at(stage: Stage) -> None:
    case = bought(stage)
    digest = case.plan["digest"]
    stage.record(mailed(provider="epostservice"))
    with pytest.raises(Refused, match=r"new: (instruction|notice) to epostservice"):
        approve(stage.work, case.id, digest=digest)
    assert not stage.parties.by_id
    again = stage.preview(case)
    approve(stage.work, case.id, digest=again.plan["digest"])
    assert task_of(stage.run(case), "epostservice").state == "verified"


def test_what_came_between_and_asks_nobody_anything_new_needs_no_second_look(stage: Stage) -> None:
    case = bought(stage)
    digest = case.plan["digest"]
    stage.record(mailed(campaign_id="k-2"))
    assert approve(stage.work, case.id, digest=digest).state == "carrying-out"


def test_a_recipient_of_another_customer_is_told_nothing(stage: Stage) -> None:
    stage.record(account(), account(customer_id="C-2", email="bert@example.fi"), mailed("bert@example.fi"))
    stage.at(ASKED)
    stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-1"))))
    assert not stage.told("sendgrid")


def test_what_is_withdrawn_before_the_yes_is_never_done(stage: Stage) -> None:
    case = bought(stage)
    withdraw(stage.work, case.id)
    with pytest.raises(Refused):
        approve(stage.work, case.id)
    stage.at("2034-01-01T10:00:00+02:00")
    assert stage.run(case).state == "withdrawn"
    assert not stage.parties.by_id
    assert "posti" in stage.holders(*HER)


@pytest.mark.parametrize("ended", ["untold", "failed", "crashed", "unanswered"])
def test_what_is_withdrawn_while_tasks_wait_is_not_sent_however_an_attempt_ended(stage: Stage, ended: str) -> None:
    case = bought(stage)
    approve(stage.work, case.id)
    task = task_of(stage.work.case(case.id), "sendgrid").id
    if ended == "unanswered":
        claim(stage.work, case.id, task, 10.0)
        tried_in_vain(stage.work, case.id, task, "away", 2.0, 60.0)
        settle(stage.work, case.id, task, Outcome("failed", how="refused"))
        settle(stage.work, case.id, task, Outcome("sent", how="smtp-250"))
    elif ended != "untold":
        claim(stage.work, case.id, task, 10.0)
    withdraw(stage.work, case.id)
    if ended == "failed":
        tried_in_vain(stage.work, case.id, task, "away", 2.0, 60.0)
    for day in ("2026-07-01T10:00:00+03:00", "2034-01-01T10:00:00+02:00"):
        stage.at(day)
        case = stage.run(case)
    assert case.state == "withdrawn"
    assert not [each for party in stage.parties.by_id.values() for each in party.seen]
    assert "posti" in stage.holders(*HER)


def test_what_was_told_before_she_withdrew_is_told_as_it_is(stage: Stage) -> None:
    case = bought(stage)
    stage.parties.by_id["sendgrid"] = Party(lambda _order: Outcome("accepted", how="http-202"))
    case = stage.approve(case)
    case = withdraw(stage.work, case.id)
    assert task_of(case, "sendgrid").state == "accepted"
    assert task_of(case, "dhl").state == "verified"
    assert task_of(case, "klarna", held=True).state == "cancelled"
    assert "order-system" in stage.holders(*HER), "our own record stands"


def test_nothing_of_her_is_left_in_clear_or_to_be_opened(stage: Stage) -> None:
    case = bought(stage)
    stage.approve(case)
    stage.at("2034-01-01T10:00:00+02:00")
    case = stage.run(case)
    assert case.state == "closed"
    entries = stage.work.journal.entries(case.id)
    check_chain(entries)
    told = "\n".join(repr(each) for each in entries)
    for value in ("anna@example.fi", "Anna A", "C-1", "O-1", "Katu 1"):
        assert value not in told
    assert not [each for each in entries if stage.work.personal(each)]
    assert stage.work.graph.counts()["disclosures"] == stage.work.graph.counts()["identifiers"] == 0


def test_what_happened_stays_provable_when_the_person_is_gone(stage: Stage) -> None:
    case = stage.approve(bought(stage))
    stage.at("2034-01-01T10:00:00+02:00")
    case = stage.run(case)
    kinds = [each.kind for each in stage.work.journal.entries(case.id)]
    assert {"received", "planned", "approved", "entombed", "forgotten", "destroyed", "answered", "closed"} <= {*kinds}
    assert {each.party for each in case.tasks.values()} >= {
        "posti",
        "dhl",
        "klarna",
        "sendgrid",
        "order-system",
        "backup",
    }
    assert all(each.how for each in case.tasks.values())


def test_evidence_that_comes_after_the_end_does_not_bring_a_key_back(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert case.state == "closed"
    settle(
        stage.work, case.id, task_of(case, "sendgrid").id, Outcome("verified", how="signed-answer", evidence=b"anna")
    )
    assert not [each for each in stage.work.journal.entries(case.id) if stage.work.personal(each)]


def test_a_case_about_somebody_who_is_unknown_ends_without_telling_anybody(stage: Stage) -> None:
    case = stage.approve(stage.preview(stage.open("erasure", ("email", "nobody@example.fi"))))
    assert (case.state, dict(case.tasks)) == ("closed", {})
    assert not stage.parties.by_id


def test_a_party_whose_task_needs_a_person_waits_for_one_and_the_rest_goes_on(stage: Stage) -> None:
    case = bought(stage)

    def never(_order: object) -> Outcome:
        raise Refused("it takes no such request")

    stage.parties.by_id["dhl"] = Party(never)
    case = stage.approve(case)
    assert (task_of(case, "dhl").state, task_of(case, "posti").state) == ("manual", "verified")
    assert case.state == "carrying-out"
    stage.at("2026-06-05T09:00:00+03:00")
    case = stage.run(case)
    assert case.answered is not None
    assert stage.holders(*HER) == set()
