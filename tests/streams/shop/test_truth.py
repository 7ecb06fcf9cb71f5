"""The truth about ownership, sharing and time: the contract's section 3 by the sentence, on shops of a few events."""

from datetime import UTC, datetime

from streams.shop.truth import Truth
from tests.streams.shop.cases import EMPTY, account, event, handed_on, household, order, parties, shipment


def test_an_unknown_person_is_an_empty_answer() -> None:
    assert Truth([]).where("email:a@b.example") == EMPTY
    assert Truth([account("C1", "a@b.example")]).where("email:x@b.example") == EMPTY


def test_a_holding_says_who_got_what_from_whom_for_what_and_when() -> None:
    opened = account("C1", "a@b.example", phone="+358 40 1234567")
    sent = shipment("S1", "O1", phone="040 123 4567")
    truth = Truth([sent, opened, order("O1", "a@b.example", customer_id="C1")])
    answer = truth.where("a@b.example")
    assert answer == {
        "identifiers": {"customer_id": 1, "email": 1, "order_id": 1, "phone": 1, "shipment_id": 1},
        "candidates": 1,
        "holdings": [
            {
                "party": "order-system",
                "from": ["person"],
                "categories": ["address", "customer_id", "email", "name", "order", "phone", "serial_number"],
                "purposes": ["account", "order"],
                "first": "2026-03-01T09:30:00Z",
                "last": "2026-03-02T09:30:00Z",
                "disclosures": 2,
            },
            {
                "party": "posti",
                "from": ["order-system"],
                "categories": ["address", "name", "order", "phone"],
                "purposes": ["delivery"],
                "first": "2026-03-03T09:30:00Z",
                "last": "2026-03-03T09:30:00Z",
                "disclosures": 1,
            },
        ],
        "shared": [],
    }
    for other in ("customer_id:C1", "phone:+358 40 1234567", "order_id:O1", "shipment_id:S1", "email: A@B.example "):
        assert truth.where(other) == answer


def test_microseconds_are_written_only_where_they_are_not_zero() -> None:
    first = {**account("C1", "a@b.example"), "occurred_at": "2026-03-01T11:30:00.250+02:00"}
    (holding,) = Truth([first]).where("customer_id:C1")["holdings"]
    assert holding["first"] == "2026-03-01T09:30:00.250000Z"


def test_repeats_count_once_and_the_first_content_of_an_id_stands() -> None:
    first = account("C1", "a@b.example")
    second = {**first, "email": "other@b.example"}
    truth = Truth([first, first, second, first])
    assert parties(truth.where("customer_id:C1")) == {"order-system": 1}
    assert truth.identifiers() == ["customer_id:C1", "email:a@b.example"]


def test_email_is_compared_trimmed_composed_and_lower_cased_and_references_exactly() -> None:
    truth = Truth(
        [account("C1", "  MA\u0308KI@B.Example "), order("o1", "m\u00e4ki@b.example"), order("O1", "x@b.example")]
    )
    assert truth.where("email:mäki@b.example")["identifiers"] == {"customer_id": 1, "email": 1, "order_id": 1}
    assert truth.where("order_id:O1")["identifiers"] == {"email": 1, "order_id": 1}


def test_a_phone_is_compared_as_e164_and_one_that_is_none_as_it_stands() -> None:
    events = [account("C1", "a@b.example", phone=" 0401234567"), account("C2", "b@b.example", phone=" not known ")]
    assert "phone:+358401234567" in Truth(events).identifiers()
    assert "phone:not known" in Truth(events).identifiers()


def test_an_event_without_any_who_hangs_on_its_own_reference_and_follows_the_chain_up() -> None:
    truth = Truth([handed_on("S1"), shipment("S1", "O1", tracking_number="T1"), order("O1", "a@b.example")])
    assert parties(truth.where("email:a@b.example")) == {"dhl": 1, "order-system": 1, "posti": 1}
    assert truth.where("tracking_number:T1") == truth.where("email:a@b.example")
    alone = Truth([handed_on("S1")]).where("shipment_id:S1")
    assert (alone["candidates"], alone["identifiers"], parties(alone)) == (1, {"shipment_id": 1}, {"dhl": 1})


def test_a_phone_that_stands_alone_with_an_order_stays_by_itself() -> None:
    # it owns the order, but the account does too and ranks higher; and nobody owns the phone
    events = [order("O1", "a@b.example", customer_id="C1"), shipment("S1", "O1", phone="040 123 4567")]
    truth = Truth(events)
    assert truth.where("phone:0401234567") == {
        "identifiers": {"phone": 1},
        "candidates": 1,
        "holdings": [],
        "shared": [],
    }
    assert parties(truth.where("customer_id:C1")) == {"order-system": 1, "posti": 1}
    told = Truth([*events, account("C1", "a@b.example", phone="040 123 4567")])
    assert told.where("phone:0401234567")["identifiers"]["customer_id"] == 1


def test_a_guest_order_belongs_to_the_account_that_is_later_opened_with_its_email() -> None:
    truth = Truth([order("O1", "a@b.example", day=1), account("C1", "A@b.example", day=5)])
    assert truth.where("order_id:O1")["identifiers"] == {"customer_id": 1, "email": 1, "order_id": 1}
    before = truth.where("order_id:O1", datetime(2026, 3, 4, tzinfo=UTC))
    assert before["identifiers"] == {"email": 1, "order_id": 1}
    assert truth.where("customer_id:C1", datetime(2026, 3, 4, tzinfo=UTC)) == EMPTY


def test_with_at_the_moment_itself_counts_and_a_microsecond_before_does_not() -> None:
    truth = Truth([account("C1", "a@b.example", day=5)])
    assert truth.where("customer_id:C1", datetime(2026, 3, 5, 9, 30, tzinfo=UTC))["candidates"] == 1
    assert truth.where("customer_id:C1", datetime(2026, 3, 5, 9, 29, 59, 999999, tzinfo=UTC)) == EMPTY


def test_a_phone_of_two_accounts_is_shared_and_joins_nobody() -> None:
    truth = Truth(household())
    first, phone = truth.where("customer_id:C1"), truth.where("phone:0401234567")
    assert first["identifiers"] == {"customer_id": 1, "email": 1}
    assert parties(first) == {"order-system": 1}
    assert parties(first, "shared") == {"police": 1}
    assert phone["identifiers"] == {}
    assert phone["candidates"] == 2
    assert phone["holdings"] == []
    assert parties(phone, "shared") == {"police": 1}


def test_with_at_a_phone_is_not_shared_before_the_second_account_had_it() -> None:
    truth = Truth(household())
    phone = truth.where("phone:0401234567", datetime(2026, 3, 2, tzinfo=UTC))
    assert (phone["candidates"], phone["identifiers"]) == (1, {"customer_id": 1, "email": 1, "phone": 1})


def test_guest_orders_by_a_mailbox_of_two_accounts_are_shared_with_all_below_them() -> None:
    events = [
        account("C1", "m@b.example"),
        account("C2", "m@b.example"),
        order("O1", "m@b.example"),
        shipment("S1", "O1"),
        handed_on("S1"),
    ]
    truth = Truth([*events, order("O2", "m@b.example", customer_id="C2")])
    expected = {"dhl": 1, "order-system": 1, "posti": 1}
    for shared in ("email:m@b.example", "order_id:O1"):
        answer = truth.where(shared)
        assert (answer["candidates"], answer["identifiers"], answer["holdings"]) == (2, {}, [])
        assert parties(answer, "shared") == expected
    assert parties(truth.where("shipment_id:S1"), "shared") == {"dhl": 1}
    assert parties(truth.where("customer_id:C1"), "shared") == expected
    assert parties(truth.where("customer_id:C2")) == {"order-system": 2}
    assert truth.where("order_id:O2")["identifiers"] == {"customer_id": 1, "order_id": 1}


def test_only_the_highest_ranked_owners_count() -> None:
    # a guest's e-mail owns the order, and so does the account that is later said to have placed it: the account counts
    viewed = event(
        "RecordViewed", 5, customer_id="C1", order_id="O1", viewer="itronic", purpose="order", categories=["name"]
    )
    truth = Truth([order("O1", "g@b.example"), account("C1", "a@b.example"), viewed])
    assert truth.where("order_id:O1")["identifiers"] == {"customer_id": 1, "email": 1, "order_id": 1}
    assert truth.where("email:g@b.example")["identifiers"] == {"email": 1}
    assert parties(truth.where("customer_id:C1")) == {"itronic": 1, "order-system": 2}


def test_what_has_a_customer_number_hangs_on_it_and_not_on_a_shared_order() -> None:
    paid = {"provider": "nets", "amount": "1.00", "currency": "EUR", "method": "card"}
    events = [account("C1", "m@b.example"), account("C2", "m@b.example"), order("O1", "m@b.example")]
    events += [event("PaymentRequested", 4, payment_id="P1", order_id="O1", **paid)]
    shared = Truth(events)
    assert parties(shared.where("customer_id:C1"), "shared") == {"nets": 1, "order-system": 1}
    events += [event("PaymentRequested", 4, payment_id="P2", order_id="O1", customer_id="C1", **paid)]
    told = Truth(events)
    assert parties(told.where("customer_id:C1")) == {"nets": 2, "order-system": 2}
    assert parties(told.where("customer_id:C2")) == {"order-system": 1}
