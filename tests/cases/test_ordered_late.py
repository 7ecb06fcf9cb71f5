"""An order of a court that comes after the approval: what has not gone out stays, what has is named, and then the other rules."""

import json

import pytest

from lineage.answers.letter import letter
from lineage.cases.case import Case
from lineage.cases.closing import held_of
from lineage.cases.deciding import approve
from lineage.cases.holds import LegalHold
from lineage.cases.keeping import hold, release
from lineage.cases.orders import Outcome
from lineage.errors import Refused
from tests.cases.events import account, claim, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Party, Stage, away, task_of

ASKED, LATER, AFTER = "2026-05-01T10:00:00+03:00", "2026-05-03T10:00:00+03:00", "2033-01-01T10:00:00+02:00"
HER = ("customer_id", "C-1")


def asked(stage: Stage) -> Case:
    stage.record(account(), order(), shipment(), payment(), subscribed(), mailed())
    stage.at(ASKED)
    return stage.preview(stage.open("erasure", HER))


def ordered(name: str = "order 7", **what: str) -> LegalHold:
    return LegalHold(name, "district court", "Oikeudenkäymiskaari 17", 0, **what)


def states(case: Case, party: str) -> list[tuple[str, str | None, tuple[str, ...]]]:
    return sorted(
        (each.state, each.until, each.categories)
        for each in case.tasks.values()
        if each.party == party and each.how != "legal-hold"
    )


def test_what_has_not_gone_out_yet_waits_for_the_release(stage: Stage) -> None:
    stage.parties.by_id["posti"] = Party(away)
    case = approve(stage.work, asked(stage).id)
    before = task_of(case, "sendgrid")
    hold(stage.work, case.id, ordered(party="sendgrid"))
    case = stage.run(case)
    assert not stage.told("sendgrid")
    assert case.tasks[before.id].state == "cancelled"
    assert states(case, "sendgrid") == [("held", "", before.categories)]
    held = task_of(case, "sendgrid", held=True)
    assert (held.rule, held.law, held.then) == ("H27", "Oikeudenkäymiskaari 17", None)
    assert case.legal_holds[0].gone == ()
    stage.parties.by_id["posti"] = Party()
    stage.at(LATER)
    case = stage.run(case)
    assert (case.state, case.forgotten is not None) == ("partly-done", True)
    assert held_of(stage.work, case)[""]
    stage.at("2046-05-01T10:00:00+03:00")
    assert task_of(stage.run(case), "sendgrid", held=True).state == "held"
    release(stage.work, case.id, "order 7")
    case = stage.run(case)
    assert task_of(case, "sendgrid", held=True).state == "verified"
    assert [each.identifiers for each in stage.told("sendgrid")] == [(("email", "anna@example.fi"),)]


def test_only_what_the_order_names_waits_and_the_rest_goes(stage: Stage) -> None:
    case = approve(stage.work, asked(stage).id)
    before = task_of(case, "posti")
    one, *others = before.categories
    assert others
    hold(stage.work, case.id, ordered(party="posti", category=one))
    case = stage.run(case)
    (told,) = stage.told("posti")
    assert (told.task, told.categories) == (before.id, tuple(others))
    assert states(case, "posti") == [("held", "", (one,)), ("verified", None, tuple(others))]


def test_what_the_law_kept_before_the_order_it_keeps_after_its_release(stage: Stage) -> None:
    case = stage.approve(asked(stage))
    before = task_of(case, "klarna", held=True)
    assert before.until == "2032-12-31"
    stage.at(LATER)
    hold(stage.work, case.id, ordered(party="klarna"))
    case = stage.run(case)
    kept = held_of(stage.work, case)
    there = stage.work.graph.counts()["disclosures"]
    assert states(case, "klarna") == [("held", "", before.categories)]
    release(stage.work, case.id, "order 7")
    case = stage.run(case)
    assert states(case, "klarna") == [("held", "2032-12-31", before.categories)]
    assert stage.work.graph.counts()["disclosures"] == there
    assert kept[""]
    stage.at(AFTER)
    case = stage.run(case)
    assert (case.state, len(stage.told("klarna"))) == ("closed", 1)
    assert stage.work.graph.counts()["disclosures"] == 0


def test_an_order_before_the_approval_gives_back_to_the_other_rules_too(stage: Stage) -> None:
    case = asked(stage)
    hold(stage.work, case.id, ordered(party="klarna"))
    case = stage.approve(stage.preview(case))
    assert {each.until for each in case.tasks.values() if each.party == "klarna"} == {""}
    release(stage.work, case.id, "order 7")
    case = stage.run(case)
    ends = {each.until for each in case.tasks.values() if each.party == "klarna" and each.state == "held"}
    assert ends == {"2032-12-31"}
    assert [set(each.categories) & {"payment", "order"} for each in stage.told("klarna")] in ([], [set()])
    stage.at(AFTER)
    assert stage.run(case).state == "closed"


def test_the_order_outlasts_the_law(stage: Stage) -> None:
    case = stage.approve(asked(stage))
    hold(stage.work, case.id, ordered(party="klarna"))
    stage.at(AFTER)
    case = stage.run(case)
    assert not stage.told("klarna")
    release(stage.work, case.id, "order 7")
    case = stage.run(case)
    assert (case.state, len(stage.told("klarna"))) == ("closed", 1)


def test_what_an_order_keeps_keeps_nothing_else_of_the_record(stage: Stage) -> None:
    case = asked(stage)
    hold(stage.work, case.id, ordered(party="sendgrid"))
    case = stage.approve(case)
    assert case.forgotten is not None
    assert stage.holders(*HER) == set()
    assert not stage.work.keyring.find([stage.key(*HER)])


def test_what_has_gone_out_is_named_and_a_party_that_was_written_to_is_not_reminded(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("sent", how="smtp-250", handle="letter-1"))
    case = stage.approve(asked(stage))
    written, done = task_of(case, "sendgrid").id, task_of(case, "posti").id
    stage.at(LATER)
    case = hold(stage.work, case.id, ordered())
    assert {written, done} <= {*case.legal_holds[0].gone}
    assert not {each for each in case.legal_holds[0].gone if case.tasks[each].state == "cancelled"}
    assert (case.tasks[written].state, case.tasks[written].how) == ("manual", "legal-hold")
    stage.at("2026-05-20T10:00:00+03:00")
    stage.run(case)
    assert len(stage.told("sendgrid")) == 1


def test_of_two_orders_each_keeps_what_it_names(stage: Stage) -> None:
    case = approve(stage.work, asked(stage).id)
    hold(stage.work, case.id, ordered("one", party="sendgrid"))
    hold(stage.work, case.id, ordered("two", party="posti"))
    case = stage.run(case)
    release(stage.work, case.id, "one")
    case = stage.run(case)
    assert (len(stage.told("sendgrid")), len(stage.told("posti"))) == (1, 0)
    hold(stage.work, case.id, ordered("three", party="posti"))
    release(stage.work, case.id, "two")
    assert not [each for each in stage.run(case).tasks.values() if each.party == "posti" and each.state == "verified"]
    release(stage.work, case.id, "three")
    stage.run(case)
    assert len(stage.told("posti")) == 1


def test_an_order_again_after_a_release_keeps_again(stage: Stage) -> None:
    case = stage.approve(asked(stage))
    hold(stage.work, case.id, ordered("one", party="klarna"))
    stage.run(case)
    release(stage.work, case.id, "one")
    stage.run(case)
    hold(stage.work, case.id, ordered("two", party="klarna"))
    stage.at(AFTER)
    case = stage.run(case)
    assert not stage.told("klarna")
    assert held_of(stage.work, case)[""]
    release(stage.work, case.id, "two")
    assert stage.run(case).state == "closed"


def test_an_order_on_a_case_that_is_over_or_erases_nothing_is_refused(stage: Stage) -> None:
    case = asked(stage)
    with pytest.raises(Refused, match="erases nothing"):
        hold(stage.work, stage.open("access", HER).id, ordered())
    stage.approve(case)
    stage.at(AFTER)
    assert stage.run(case).state == "closed"
    with pytest.raises(Refused, match="it is closed"):
        hold(stage.work, case.id, ordered())


def test_the_letter_tells_what_is_kept_and_nothing_of_what_was_called_off_for_it(stage: Stage) -> None:
    stage.record(claim())
    case = approve(stage.work, asked(stage).id)
    hold(stage.work, case.id, ordered(party="sendgrid"))
    case = stage.run(case)
    made = letter(stage.work.journal.entries(case.id), stage.work.register, stage.now, "answer")
    assert [each.standing for each in made.recipients if each.company.party == "sendgrid"] == ["held"]
    assert "called off" not in json.dumps([str(each) for each in made.recipients])
