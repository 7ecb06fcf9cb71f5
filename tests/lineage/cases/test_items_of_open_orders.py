import pytest

from lineage.cases.items import Seen, items
from lineage.register import Register, load_register
from tests.lineage.cases.seeing import at, ends, of, placed, refunded, seen, shipped
from tests.lineage.register.small import CATEGORIES


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(None, CATEGORIES)


def test_an_order_under_way_is_held_until_its_return_window_is_over(register: Register) -> None:
    order = [placed("O-1", "2026-11-01"), shipped("O-1", "2026-11-10")]
    (item,) = of(items(order, (), register, at("2026-11-23")), "posti", "delivery", "address")
    assert (item.decision, item.until, item.rule, item.article) == ("hold", "2026-12-01", "H05", "GDPR 17(1)(a)")
    assert item.assumed
    assert item.waits_for == "order-closed"
    assert ends(items(order, (), register, at("2026-12-02")), "posti", "delivery", "address") == [("erase", None)]


def test_an_order_without_a_parcel_stays_open_but_not_for_ever(register: Register) -> None:
    order = [placed("O-1", "2026-11-01")]
    assert ends(items(order, (), register, at("2026-11-23")), "order-system", "order", "phone") == [
        ("hold", "2027-01-30")
    ]
    assert ends(items(order, (), register, at("2027-01-31")), "order-system", "order", "phone") == [("erase", None)]


def test_a_late_refund_keeps_its_order_open_and_no_other(register: Register) -> None:
    orders = [placed(each, "2026-09-01") for each in ("O-1", "O-2")] + [
        shipped(each, "2026-09-02") for each in ("O-1", "O-2")
    ]
    found = items([*orders, refunded("O-1", "2026-11-20")], (), register, at("2026-11-23"))
    phone = {each.decision: each for each in of(found, "order-system", "order", "phone")}
    assert phone["hold"].until == "2026-11-30"
    assert phone["hold"].facts == (orders[0].fact,)
    assert phone["erase"].facts == (orders[1].fact,)
    assert ends(found, "paytrail", "refund", "bank_account") == [("hold", "2026-12-30")]


def test_a_parcel_handed_on_is_of_the_order_though_it_names_only_the_parcel(register: Register) -> None:
    order = [placed("O-1", "2026-11-01"), shipped("O-1", "2026-11-02")]
    onward = seen("posti", "dhl", "delivery", "address name", "2026-11-10", "shipment_id:S-O-1", "tracking_number:T")
    further = seen("dhl", "ups", "delivery", "address name", "2026-11-12", "tracking_number:T")
    found = items([*order, onward, further], (), register, at("2026-11-23"))
    assert {ends(found, party, "delivery", "name")[0] for party in ("posti", "dhl", "ups")} == {("hold", "2026-12-03")}


def test_our_own_look_at_a_delivery_or_refund_is_none(register: Register) -> None:
    order = [placed("O-1", "2026-09-01"), shipped("O-1", "2026-09-02")]
    look = seen("order-system", "multitronic", "delivery", "name", "2026-11-22", "order_id:O-1")
    refund = seen("order-system", "multitronic", "refund", "name", "2026-11-22", "order_id:O-1")
    assert ends(items([*order, look, refund], (), register, at("2026-11-23")), "posti", "delivery", "name") == [
        ("erase", None)
    ]


def test_an_order_opens_with_its_first_placing_and_closes_with_its_last_refund(register: Register) -> None:
    again = [placed("O-1", "2026-10-01"), placed("O-1", "2026-11-20", event="changed")]
    assert ends(items(again, (), register, at("2026-11-23")), "order-system", "order", "phone") == [
        ("hold", "2026-12-30")
    ]
    money = [*again, shipped("O-1", "2026-10-02"), refunded("O-1", "2026-10-20"), refunded("O-1", "2026-11-20")]
    assert ends(items(money, (), register, at("2026-11-23")), "order-system", "order", "phone") == [
        ("hold", "2026-11-30")
    ]


def test_a_parcel_long_after_belongs_to_no_order_that_was_put_together(register: Register) -> None:
    first = seen("person", "order-system", "order", "phone", "2025-03-01")
    later = seen("order-system", "posti", "delivery", "phone", "2026-11-20")
    found = items([first, later], (), register, at("2026-11-23"))
    assert ends(found, "order-system", "order", "phone") == [("erase", None)]
    assert ends(found, "posti", "delivery", "phone") == [("hold", "2026-12-11")]


def test_another_persons_parcels_are_held_order_by_order_though_no_number_is_told(register: Register) -> None:
    def gift(day: str, later: str) -> list[Seen]:
        return [
            seen("person", "order-system", "order", "name phone", day),
            seen("order-system", "posti", "delivery", "name phone", later),
        ]

    found = items(
        [*gift("2025-03-01", "2025-03-03"), *gift("2026-11-01", "2026-11-05")], (), register, at("2026-11-23")
    )
    assert ends(found, "posti", "delivery", "phone") == [("erase", None), ("hold", "2026-11-26")]
    names = of(found, "order-system", "order", "name")
    assert [(each.until, each.assumed) for each in names] == [("2031-12-31", True), ("2032-12-31", True)]


def test_what_names_no_order_is_held_only_while_one_is_open(register: Register) -> None:
    call = seen("order-system", "multicare", "customer-contact", "phone", "2026-11-22")
    alone = items([placed("O-1", "2026-11-23"), call, placed("O-0", "2026-01-01")], (), register, at("2026-11-23"))
    during = items([placed("O-1", "2026-11-20"), call], (), register, at("2026-11-23"))
    assert ends(alone, "multicare", "customer-contact", "phone") == [("erase", None)]
    assert ends(during, "multicare", "customer-contact", "phone") == [("hold", "2027-02-18")]


def test_one_that_was_opened_counts_before_the_same_one_closed(register: Register) -> None:
    order = [placed("O-1", "2026-09-01"), shipped("O-1", "2026-09-02")]
    found = items([*order, *(Seen(each.disclosure) for each in order)], (), register, at("2026-11-23"))
    assert found == items(order, (), register, at("2026-11-23"))


def test_one_end_is_one_item_that_says_where_any_of_it_is_assumed(register: Register) -> None:
    sure, unsure = placed("O-1", "2026-03-01"), seen("person", "order-system", "order", "name", "2026-04-01")
    (item,) = of(items([sure, unsure], (), register, at("2026-11-23")), "order-system", "order", "name")
    assert (item.until, item.assumed, item.waits_for, item.disclosures) == ("2032-12-31", True, "financial-year-end", 2)


def test_what_cannot_be_opened_any_more_is_judged_by_its_own_time(register: Register) -> None:
    whole = [placed("O-1", "2026-11-01"), shipped("O-1", "2026-11-10")]
    closed = [Seen(each.disclosure) for each in whole]
    found = items(closed, (), register, at("2026-11-23"))
    assert ends(found, "posti", "delivery", "address") == [("hold", "2026-12-01")]
    assert ends(found, "order-system", "order", "name") == [("hold", "2032-12-31")]
    assert all(each.assumed for each in found if each.decision == "hold")
