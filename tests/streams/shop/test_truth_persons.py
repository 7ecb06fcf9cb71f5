"""The truth about consignees and named decisions, on shops of a few events."""

from datetime import UTC, datetime

from streams.shop.diary import Event
from streams.shop.truth import Truth
from tests.streams.shop.cases import (
    ADDRESS,
    account,
    categories,
    disclosed,
    event,
    household,
    link,
    order,
    parties,
    shipment,
)


def gift(**consignee: object) -> list[Event]:
    told = {"name": "B", "phone": None, **consignee}
    return [
        account("C1", "a@b.example"),
        order("O1", "a@b.example", customer_id="C1", consignee=told),
        shipment("S1", "O1", consignee=told),
    ]


def test_what_is_told_of_a_consignee_is_hers_and_not_the_buyers() -> None:
    truth = Truth(gift(email="b@b.example", address=ADDRESS))
    hers = truth.where("email:b@b.example")
    assert hers["identifiers"] == {"consignee": 1, "email": 1}
    assert {one["party"]: (one["from"], one["categories"]) for one in hers["holdings"]} == {
        "order-system": (["person"], ["address", "email", "name"]),
        "posti": (["order-system"], ["address", "email", "name"]),
    }
    assert truth.where("consignee:O1") == hers
    assert parties(truth.where("customer_id:C1")) == {"order-system": 2, "posti": 1}
    assert "phone" not in categories(truth.where("customer_id:C1"), "order-system")


def test_a_consignee_known_by_name_alone_is_found_by_the_order_she_receives() -> None:
    answer = Truth(gift()).where("consignee:O1")
    assert (answer["identifiers"], parties(answer)) == ({"consignee": 1}, {"order-system": 1, "posti": 1})
    assert categories(answer, "posti") == ["name"]


def test_a_consignee_may_be_a_customer_herself() -> None:
    truth = Truth([*gift(email="B@b.example", phone="0409999999"), account("C2", "b@b.example")])
    assert truth.where("customer_id:C2")["identifiers"] == {"consignee": 1, "customer_id": 1, "email": 1, "phone": 1}
    assert parties(truth.where("customer_id:C2")) == {"order-system": 2, "posti": 1}


def test_a_link_makes_two_one_from_then_on_and_an_unlink_takes_that_back() -> None:
    pair = (("customer_id", "C1"), ("email", "G@b.example"))
    events = [
        account("C1", "a@b.example"),
        order("O1", "g@b.example"),
        link(*pair, day=10),
        link(*reversed(pair), day=20, undo=True),
    ]
    truth = Truth(events)
    together = {"customer_id": 1, "email": 2, "order_id": 1}
    assert truth.where("customer_id:C1", datetime(2026, 3, 9, tzinfo=UTC))["identifiers"] == {
        "customer_id": 1,
        "email": 1,
    }
    assert truth.where("order_id:O1", datetime(2026, 3, 11, tzinfo=UTC))["identifiers"] == together
    assert truth.where("customer_id:C1", datetime(2026, 3, 11, tzinfo=UTC))["identifiers"] == together
    assert truth.where("customer_id:C1")["identifiers"] == {"customer_id": 1, "email": 1}
    again = Truth([*events, link(*pair, day=21)])
    assert again.where("email:g@b.example")["identifiers"] == together


def test_of_a_link_and_an_unlink_at_the_same_moment_the_unlink_holds() -> None:
    pair = (("customer_id", "C1"), ("customer_id", "C2"))
    events = [account("C1", "a@b.example"), account("C2", "b@b.example")]
    for decisions in (
        [link(*pair, day=10), link(*pair, day=10, undo=True)],
        [link(*pair, day=10, undo=True), link(*pair, day=10)],
    ):
        assert Truth([*events, *decisions]).where("customer_id:C1")["identifiers"] == {"customer_id": 1, "email": 1}


def test_two_linked_accounts_are_one_person_and_their_common_phone_is_not_shared() -> None:
    answer = Truth([*household(), link(("customer_id", "C1"), ("customer_id", "C2"), day=9)]).where("phone:0401234567")
    assert (answer["candidates"], answer["identifiers"]) == (1, {"customer_id": 2, "email": 2, "phone": 1})
    assert parties(answer) == {"order-system": 2, "police": 1}


def test_links_are_followed_from_one_to_the_next() -> None:
    accounts = [account(f"C{n}", f"{n}@b.example") for n in (1, 2, 3)]
    links = [
        link(("customer_id", "C1"), ("customer_id", "C2"), day=5),
        link(("customer_id", "C3"), ("customer_id", "C2"), day=6),
    ]
    assert Truth([*accounts, *links]).where("customer_id:C3")["identifiers"] == {"customer_id": 3, "email": 3}


def test_linked_identifiers_rank_as_their_best_and_pool_their_owners() -> None:
    # a lone order linked to a guest's e-mail: the e-mail belongs to an account, and with it the order
    events = [
        account("C1", "a@b.example"),
        disclosed(("order_id", "O9")),
        link(("order_id", "O9"), ("email", "a@b.example"), day=9),
    ]
    assert Truth(events).where("order_id:O9")["identifiers"] == {"customer_id": 1, "email": 1, "order_id": 1}
    # a pair that holds a customer number outranks a mere e-mail as an owner
    guest = [
        order("O1", "g@b.example"),
        event("RecordViewed", 3, customer_id="C1", order_id="O1", viewer="itronic", purpose="order", categories=[]),
    ]
    linked = Truth([*events, *guest, link(("email", "g@b.example"), ("customer_id", "C1"), day=9)])
    assert linked.where("order_id:O1")["candidates"] == 1


def test_a_link_to_one_of_its_owners_decides_whose_a_shared_phone_is_and_joins_no_accounts() -> None:
    truth = Truth([*household(), link(("phone", "040 123 4567"), ("customer_id", "C1"), day=9)])
    assert truth.where("phone:0401234567")["candidates"] == 1
    assert truth.where("customer_id:C1")["identifiers"] == {"customer_id": 1, "email": 1, "phone": 1}
    assert truth.where("customer_id:C2")["identifiers"] == {"customer_id": 1, "email": 1}


def test_two_accounts_named_in_one_disclosure_stay_two_persons_that_both_have_it() -> None:
    both = (("customer_id", "C1"), ("customer_id", "C2"), ("order_id", "O9"))
    truth = Truth([account("C1", "a@b.example"), account("C2", "c@b.example"), disclosed(*both)])
    for customer in ("C1", "C2"):
        answer = truth.where(f"customer_id:{customer}")
        assert answer["identifiers"] == {"customer_id": 1, "email": 1}
        assert parties(answer) == {"order-system": 1, "police": 1}
    assert truth.where("order_id:O9")["candidates"] == 2
