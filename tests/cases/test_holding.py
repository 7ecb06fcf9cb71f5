"""What the law keeps: item by item, with ground and day, and gone by itself when its time is over."""

import pytest

from lineage.cases.closing import held_of
from lineage.cases.deciding import withdraw
from lineage.cases.holds import LegalHold
from lineage.cases.keeping import hold, release
from lineage.errors import Refused
from tests.cases.events import account, claim, disclosed, handed_on, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Stage, task_of

ASKED = "2026-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")


def test_an_invoice_stays_to_its_day_and_then_goes_without_anybody_asking(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), payment())
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    held = task_of(case, "klarna", held=True)
    assert (case.state, held.rule, held.until) == ("partly-done", "H01", "2032-12-31")
    assert held.law
    assert not stage.told("klarna")
    stage.at("2032-12-31T23:59:59+02:00")
    assert task_of(stage.run(case), "klarna", held=True).state == "held"
    stage.at("2033-01-01T00:00:00+02:00")
    case = stage.run(case)
    assert (case.state, task_of(case, "klarna", held=True).state) == ("closed", "verified")
    assert stage.work.graph.counts()["disclosures"] == stage.work.graph.counts()["identifiers"] == 0


def test_one_invoice_keeps_neither_the_account_nor_the_newsletter(stage: Stage) -> None:
    stage.record(account(), order(), payment(), subscribed(), mailed())
    stage.at("2026-09-01T10:00:00+03:00")
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    decided = {(each["party"], each["purpose"], each["category"]): each["decision"] for each in case.plan["items"]}
    assert decided["order-system", "order", "order"] == "hold"
    assert decided["order-system", "order", "email"] == decided["order-system", "account", "email"] == "erase"
    assert decided["sendgrid", "newsletter", "email"] == "erase"
    assert task_of(case, "sendgrid").state == "verified"


def test_orders_of_different_years_end_each_on_its_own_day(stage: Stage) -> None:
    stage.at("2024-06-01T10:00:00+03:00")
    stage.record(account(), order("O-1"), shipment("S-1", "O-1"), payment("P-1", "O-1"))
    stage.at("2026-02-01T10:00:00+02:00")
    stage.record(order("O-2"), shipment("S-2", "O-2"), payment("P-2", "O-2"))
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    ends = sorted(each.until or "" for each in case.tasks.values() if each.party == "klarna")
    assert ends == ["2030-12-31", "2032-12-31"]
    stage.at("2031-01-01T10:00:00+02:00")
    case = stage.run(case)
    (first,) = stage.told("klarna")
    assert {value for kind, value in first.identifiers if kind == "order_id"} == {"O-1"}
    assert set(held_of(stage.work, case)) == {"2032-12-31"}
    assert stage.work.graph.counts()["disclosures"] == case.kept
    stage.at("2033-01-01T10:00:00+02:00")
    assert stage.run(case).state == "closed"
    assert len(stage.told("klarna")) == 2


def test_an_order_under_way_waits_while_marketing_goes_now_and_delivery_may_go_on(stage: Stage) -> None:
    stage.record(account(), order(), subscribed(), mailed())
    stage.record(shipment(occurred_at="2026-03-02T09:00:00+02:00"))
    stage.at("2026-03-03T09:00:00+02:00")
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    held = task_of(case, "posti", held=True)
    assert (held.rule, held.state) == ("H05", "held")
    assert not stage.told("posti")
    assert task_of(case, "sendgrid").state == "verified"
    assert stage.may("posti", "delivery") == ()
    assert "objection" in stage.may("sendgrid", "newsletter")
    assert held.until
    assert case.state == "partly-done"
    assert case.answered
    stage.at("2026-05-01T09:00:00+03:00")
    stage.run(case)
    assert [each.identifiers for each in stage.told("posti")]
    assert stage.holders(*HER) == set()
    assert "erased" in stage.may("sendgrid", "newsletter")


def test_an_open_claim_holds_itself_and_nothing_beside_it(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), claim(), subscribed(), mailed())
    stage.at(ASKED)
    case = stage.preview(stage.open("erasure", HER))
    rules = {
        (each["party"], each["purpose"]): each.get("rule") for each in case.plan["items"] if each["decision"] == "hold"
    }
    assert rules["multicare", "claim"] == "H06"
    assert not {party for party, purpose in rules if purpose not in {"claim", "order", "newsletter"}}


def test_what_might_be_claimed_one_day_holds_nothing(stage: Stage) -> None:
    stage.record(
        account(),
        disclosed("product-safety-authority", "recall", ["name"]),
        disclosed("microsoft", "recall", ["email"]),
    )
    stage.at(ASKED)
    case = stage.preview(stage.open("erasure", HER))
    assert not {each["party"] for each in case.plan["items"] if each["decision"] == "hold"}


def test_data_kept_for_a_hold_leads_back_to_nobody(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), payment())
    stage.at(ASKED)
    stage.approve(stage.preview(stage.open("erasure", HER)))
    mine = [
        stage.key(*each) for each in (HER, ("email", "anna@example.fi"), ("order_id", "O-1"), ("payment_id", "P-1"))
    ]
    assert stage.work.graph.counts()["disclosures"] > 0
    assert not stage.work.graph.kinds(mine)
    assert not stage.work.keyring.find(mine)
    assert stage.holders("order_id", "O-1") == set()


def test_a_party_told_after_a_hold_has_its_time_to_answer(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), payment())
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    stage.at("2033-01-01T10:00:00+02:00")
    stage.run(case)
    assert stage.told("klarna")[0].due > "2033-01-01"


def test_a_rule_that_no_law_grounds_ends_with_the_request(stage: Stage) -> None:
    stage.record(account(), order(ip_address="192.0.2.1"), handed_on())
    case = stage.preview(stage.open("erasure", HER))
    decided = {each["category"]: each for each in case.plan["items"] if each["purpose"] == "order"}
    assert (decided["ip_address"]["rule"], decided["ip_address"]["decision"]) == ("H16", "erase")


def test_what_is_held_cannot_be_brought_back_by_withdrawing(stage: Stage) -> None:
    stage.record(account(), order(), payment())
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    with pytest.raises(Refused):
        withdraw(stage.work, case.id)
    assert task_of(stage.run(case), "klarna", held=True).state == "held"


def test_what_a_court_has_ordered_to_be_kept_stays_until_it_is_released_and_goes_then(stage: Stage) -> None:
    stage.record(account(), subscribed(), mailed())
    stage.at(ASKED)
    case = stage.open("erasure", HER)
    hold(stage.work, case.id, LegalHold("order 7", "district court", "Oikeudenkäymiskaari 17", 0, party="sendgrid"))
    case = stage.approve(stage.preview(case))
    held = task_of(case, "sendgrid", held=True)
    assert (held.rule, held.until, held.state) == ("H27", "", "held")
    assert (case.state, stage.told("sendgrid")) == ("partly-done", [])
    stage.at("2046-05-01T10:00:00+03:00")
    assert task_of(stage.run(case), "sendgrid", held=True).state == "held"
    with pytest.raises(Refused, match="no order of that name"):
        release(stage.work, case.id, "order 8")
    release(stage.work, case.id, "order 7")
    case = stage.run(case)
    assert (case.state, task_of(case, "sendgrid", held=True).state) == ("closed", "verified")
    assert [each.identifiers for each in stage.told("sendgrid")] == [(("email", "anna@example.fi"),)]
