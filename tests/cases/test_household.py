"""People who share an address, a phone or a name: what one of them asks for never touches another."""

import pytest

from lineage.cases.case import Case
from lineage.cases.deciding import approve
from lineage.errors import Refused
from tests.cases.events import account, changed, linked, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Stage, task_of

ASKED = "2026-07-01T10:00:00+03:00"
BERT = {"customer_id": "C-2", "email": "bert@example.fi"}
PHONE = "0401234567"


def household(stage: Stage) -> None:
    stage.record(
        account(phone=PHONE), order(phone=PHONE), shipment(phone=PHONE),
        account(**BERT, phone=PHONE), order("O-2", **BERT, phone=PHONE, name="Bert A"),
        shipment("S-2", "O-2", **BERT, phone=PHONE, name="Bert A", carrier="matkahuolto"),
    )  # fmt: skip


def erased(stage: Stage, *named: tuple[str, str]) -> Case:
    stage.at(ASKED)
    return stage.approve(stage.preview(stage.open("erasure", *named)))


def test_erasing_one_of_a_household_leaves_the_other_who_shares_address_and_phone(stage: Stage) -> None:
    household(stage)
    before = stage.holders("customer_id", "C-2")
    erased(stage, ("customer_id", "C-1"))
    assert stage.holders("customer_id", "C-1") == set()
    assert stage.holders("customer_id", "C-2") == before
    assert not stage.told("matkahuolto")
    phone, address = ("phone", PHONE), ("email", "bert@example.fi")
    assert all(phone not in each.identifiers or address not in each.identifiers for each in stage.told("posti"))
    stage.record(order("O-3", **BERT, phone=PHONE, occurred_at="2026-04-30T10:00:00+03:00"))
    assert "order-system" in stage.holders("order_id", "O-3"), "a phone that is not hers alone is not entombed"


def test_a_phone_that_a_household_shares_goes_with_the_last_of_them(stage: Stage) -> None:
    household(stage)
    erased(stage, ("customer_id", "C-1"))
    assert stage.work.graph.kinds([stage.key("phone", PHONE)])
    erased(stage, ("customer_id", "C-2"))
    assert not stage.work.graph.kinds([stage.key("phone", PHONE)])


def test_by_an_identifier_that_two_share_nobody_is_erased(stage: Stage) -> None:
    household(stage)
    case = erased(stage, ("phone", PHONE))
    assert not case.tasks
    assert "posti" in stage.holders("customer_id", "C-1")
    assert "matkahuolto" in stage.holders("customer_id", "C-2")
    assert not stage.work.memory.tombstones()


def test_a_shared_identifier_that_she_names_beside_her_own_is_hers_by_that_decision(stage: Stage) -> None:
    household(stage)
    stage.record(mailed(email="both@example.fi"), changed(email="both@example.fi"))
    stage.record(changed(customer_id="C-2", email="both@example.fi"))
    stage.at(ASKED)
    alone = stage.preview(stage.open("erasure", ("customer_id", "C-1")))
    assert "sendgrid" not in {each.party for each in alone.tasks.values()}
    assert alone.plan["undecided"] == 2
    both = stage.preview(stage.open("erasure", ("customer_id", "C-1"), ("email", "both@example.fi")))
    assert "sendgrid" in {each.party for each in both.tasks.values()}
    assert both.plan["undecided"] == 1


def test_a_namesake_or_one_whose_address_differs_by_a_letter_is_another_person(stage: Stage) -> None:
    stage.record(account(name="Anna Virtanen"), subscribed(), mailed())
    neighbour = {"customer_id": "C-9", "email": "anma@example.fi"}
    stage.record(account(**neighbour, name="Anna Virtanen"), mailed("anma@example.fi"))
    erased(stage, ("email", "anna@example.fi"))
    assert [each.identifiers for each in stage.told("sendgrid")] == [(("email", "anna@example.fi"),)]
    assert "sendgrid" in stage.holders("customer_id", "C-9")


def test_two_accounts_a_guest_order_and_a_changed_address_are_found_where_they_are_linked(stage: Stage) -> None:
    stage.record(account(), changed(email="anna.new@example.fi"), order("O-7", email="guest@example.fi"))
    stage.record(account(customer_id="C-5", email="work@example.fi"), mailed("work@example.fi"), mailed())
    stage.record(linked(("customer_id", "C-1"), ("customer_id", "C-5")))
    stage.record(linked(("customer_id", "C-1"), ("email", "guest@example.fi")))
    stage.record(order("O-8", email="guest.other@example.fi"))
    case = erased(stage, ("email", "anna.new@example.fi"))
    for one in ("customer_id", "C-5"), ("email", "guest@example.fi"), ("order_id", "O-7"), ("email", "anna@example.fi"):
        assert stage.holders(*one) == set(), one
    assert "order-system" in stage.holders("order_id", "O-8")
    (order_,) = stage.told("sendgrid")
    assert order_.identifiers == (("email", "anna@example.fi"), ("email", "work@example.fi"))
    assert task_of(case, "sendgrid").state == "verified"


def test_a_wrong_link_can_be_taken_back_before_anything_was_done_by_it(stage: Stage) -> None:
    stage.record(account(), mailed(), account(**BERT), mailed("bert@example.fi", provider="epostservice"))
    stage.record(linked(("customer_id", "C-1"), ("customer_id", "C-2")))
    stage.at(ASKED)
    case = stage.preview(stage.open("erasure", ("customer_id", "C-1")))
    assert "epostservice" in {each.party for each in case.tasks.values()}
    shown = case.plan["digest"]
    stage.record(linked(("customer_id", "C-1"), ("customer_id", "C-2"), joined=False))
    with pytest.raises(Refused, match="gone: instruction to epostservice"):
        approve(stage.work, case.id, digest=shown)
    stage.approve(case)
    assert not stage.told("epostservice")
    assert "epostservice" in stage.holders("customer_id", "C-2")


def test_an_address_that_now_belongs_to_a_stranger_does_not_lead_to_her(stage: Stage) -> None:
    stage.record(account(phone=PHONE), mailed(customer_id="C-1"), changed(email="anna.new@example.fi"))
    stranger = {"customer_id": "C-2", "email": "anna@example.fi"}
    stage.record(account(**stranger), mailed(customer_id="C-2", provider="epostservice"))
    erased(stage, ("customer_id", "C-1"))
    assert not stage.told("epostservice")
    assert "epostservice" in stage.holders("customer_id", "C-2")
    stage.record(mailed(customer_id="C-2", provider="epostservice", campaign_id="k-9"))
    assert not stage.told("epostservice")


def test_each_party_is_told_the_identifier_it_was_sent_and_no_newer_one(stage: Stage) -> None:
    stage.record(
        account(),
        mailed(),
        changed(email="anna.new@example.fi"),
        mailed("Anna.New@example.fi", provider="epostservice"),
    )
    stage.record(payment(email="anna.new@example.fi", provider="paypal"))
    erased(stage, ("customer_id", "C-1"))
    assert [each.identifiers for each in stage.told("sendgrid")] == [(("email", "anna@example.fi"),)]
    assert [each.identifiers for each in stage.told("epostservice")] == [(("email", "Anna.New@example.fi"),)]


def test_the_one_who_receives_a_gift_keeps_her_parcel_when_its_buyer_is_erased(stage: Stage) -> None:
    gift = {"name": "Cecilia C", "phone": "0507654321", "email": "cecilia@example.fi"}
    stage.record(account(), order(consignee=gift), shipment(consignee=gift))
    case = erased(stage, ("customer_id", "C-1"))
    assert "posti" in stage.holders("phone", "0507654321")
    named = {value for each in stage.told("posti") for _, value in each.identifiers}
    assert not named & {"cecilia@example.fi", "0507654321"}
    assert case.plan["undecided"] == 0


def test_what_the_receiver_of_a_gift_asks_for_is_her_own_case(stage: Stage) -> None:
    gift = {"name": "Cecilia C", "phone": "0507654321", "email": "cecilia@example.fi"}
    stage.record(account(), order(consignee=gift), shipment(consignee=gift))
    before = stage.holders("customer_id", "C-1")
    erased(stage, ("email", "cecilia@example.fi"))
    assert stage.holders("customer_id", "C-1") == before
    named = {value for each in stage.told("posti") for _, value in each.identifiers}
    assert not named & {"anna@example.fi", "C-1"}


def test_a_sole_traders_vat_number_is_hers_and_goes_with_her(stage: Stage) -> None:
    stage.record(account(), order(vat_number="FI12345678", name="Anna A Tmi"))
    case = erased(stage, ("customer_id", "C-1"))
    assert ("H01", True) in {(each.rule, "vat_number" in each.categories) for each in case.tasks.values()}
    assert stage.holders("customer_id", "C-1") == set()
