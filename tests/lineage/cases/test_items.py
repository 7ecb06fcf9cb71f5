from pathlib import Path

import pytest

from lineage.cases.items import Seen, items
from lineage.errors import Misconfigured
from lineage.register import Register, load_register
from tests.lineage.cases.seeing import (
    at,
    claimed,
    consent,
    ends,
    of,
    paid,
    placed,
    refunded,
    seen,
    shipped,
    small,
    subscribed,
)
from tests.lineage.register.small import CATEGORIES, SMALL


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(None, CATEGORIES)


def test_an_invoice_is_held_to_the_end_of_the_sixth_year_and_then_erased_without_being_asked(
    register: Register,
) -> None:
    order = [placed("O-1", "2026-03-01"), shipped("O-1", "2026-03-02")]
    held = of(items(order, (), register, at("2032-12-31", "21:59")), "order-system", "order", "order")
    assert [(each.decision, each.until, each.rule, each.law, each.article, each.assumed) for each in held] == [
        ("hold", "2032-12-31", "H01", "Kirjanpitolaki 2:10", "GDPR 17(3)(b)", False)
    ]
    assert ends(items(order, (), register, at("2032-12-31", "22:00")), "order-system", "order", "order") == [
        ("erase", None)
    ]


def test_orders_of_different_years_end_apart(register: Register) -> None:
    first, second = placed("O-1", "2019-05-01"), placed("O-2", "2024-05-01")
    found = of(items([first, second], (), register, at("2026-11-23")), "order-system", "order", "name")
    assert [(each.decision, each.until, each.facts) for each in found] == [
        ("erase", None, (first.fact,)),
        ("hold", "2030-12-31", (second.fact,)),
    ]


def test_an_order_is_of_the_year_in_which_its_goods_went_out_and_a_payment_of_its_own(register: Register) -> None:
    order = [placed("O-1", "2025-12-30"), paid("O-1", "2025-12-30"), shipped("O-1", "2026-01-02")]
    found = items([*order, refunded("O-1", "2027-01-10")], (), register, at("2026-02-01"))
    assert ends(found, "order-system", "order", "order") == [("hold", "2032-12-31")]
    assert ends(found, "paytrail", "payment", "payment") == [("hold", "2031-12-31")]


def test_the_financial_year_is_that_of_the_company_and_not_the_calendars(tmp_path: Path) -> None:
    text = SMALL.replace("12-31", "04-30").replace(
        "rule: H05, categories: $contact, purposes: delivery, law: contract, after: order-closed, days: 0",
        "rule: H01, categories: $contact, purposes: delivery, law: books, after: financial-year-end, years: 6,"
        " until_year_end: true",
    )
    parcels = [
        seen("shop", "post", "delivery", "name", day, f"order_id:{day}", controller="us")
        for day in ("2026-04-30", "2026-05-01")
    ]
    found = items(parcels, (), small(tmp_path, text), at("2026-06-01"))
    assert ends(found, "post", "delivery", "name") == [("hold", "2032-12-31"), ("hold", "2033-12-31")]


def test_what_nobody_has_decided_the_period_of_is_neither_erased_nor_kept_but_asked_about(tmp_path: Path) -> None:
    text = SMALL.replace("law: contract, after: order-closed, days: 0", "law: unknown, after: unknown")
    parcel = seen("shop", "post", "delivery", "name", "2026-04-30", "order_id:O-1", controller="us")
    with pytest.raises(Misconfigured, match="nobody has said how long 'name' is kept for 'delivery'"):
        items([parcel], (), small(tmp_path, text), at("2026-06-01"))
    assert items([parcel], (), small(tmp_path, SMALL), at("2026-06-01"))


def test_one_invoice_does_not_keep_the_rest(register: Register) -> None:
    account = seen("person", "order-system", "account", "email login_name name", "2026-01-01")
    sent = seen("order-system", "sendgrid", "newsletter", "email", "2026-02-01")
    found = items(
        [account, sent, placed("O-1", "2026-03-01"), paid("O-1", "2026-03-01")], (), register, at("2028-01-01")
    )
    held = {(each.purpose, each.category) for each in found if each.decision == "hold"}
    voucher = {"address", "customer_id", "name", "order"}
    assert held == {("order", each) for each in voucher} | {("payment", each) for each in ("name", "order", "payment")}
    assert {each.article for each in of(found, "sendgrid", "newsletter", "email")} == {"GDPR 17(1)(b)"}
    assert {each.article for each in of(found, "order-system", "account", "login_name")} == {"GDPR 17(1)(a)"}


def test_an_open_claim_holds_the_claim_and_nothing_beside_it(register: Register) -> None:
    past = [placed("O-1", "2020-01-01"), shipped("O-1", "2020-01-02"), placed("O-2", "2018-01-01")]
    found = items(
        [*past, claimed("O-1", "K-1", "2020-02-01"), claimed("O-1", "K-2", "2025-06-01")],
        (),
        register,
        at("2027-01-01"),
    )
    assert {(each.party, each.purpose) for each in found if each.decision == "hold"} == {("microsoft", "claim")}
    claims = of(found, "microsoft", "claim", "claim")
    assert [(each.decision, each.until, each.article) for each in claims] == [
        ("erase", None, "GDPR 17(1)(a)"),
        ("hold", "2028-06-01", "GDPR 17(3)(e)"),
    ]


def test_a_later_step_in_the_same_claim_begins_its_period_anew_for_all_who_have_it(register: Register) -> None:
    claim = [claimed("O-1", "K-1", "2022-01-01"), claimed("O-1", "K-1", "2026-01-01", handler="lawyer")]
    found = items(claim, (), register, at("2026-11-23"))
    assert (
        ends(found, "microsoft", "claim", "name") == ends(found, "lawyer", "claim", "name") == [("hold", "2029-01-01")]
    )


def test_a_debt_being_collected_holds_the_papers_of_its_credit(register: Register) -> None:
    def credit(order: str) -> Seen:
        return seen("order-system", "walley", "credit", "name payment", "2019-01-01", f"order_id:{order}")

    demand = seen("order-system", "debt-collector", "debt-collection", "name payment", "2026-05-01", "order_id:O-1")
    found = items([credit("O-1"), credit("O-2"), demand], (), register, at("2026-11-23"))
    assert ends(found, "walley", "credit", "payment") == [("erase", None), ("hold", "2029-05-01")]
    assert ends(found, "debt-collector", "debt-collection", "name") == [("hold", "2029-05-01")]


def test_a_demand_about_several_orders_ends_with_the_last_of_their_debts(register: Register) -> None:
    names = ("order_id:O-1", "order_id:O-2")
    both = seen("order-system", "debt-collector", "debt-collection", "name", "2026-01-01", *names)
    one = seen("order-system", "debt-collector", "debt-collection", "payment", "2026-05-01", "order_id:O-2")
    assert ends(items([both, one], (), register, at("2026-11-23")), "debt-collector", "debt-collection", "name") == [
        ("hold", "2029-05-01")
    ]


def test_instalments_are_held_for_as_long_as_they_may_run(register: Register) -> None:
    applied = seen("order-system", "klarna", "credit", "name national_id payment", "2026-01-01", "order_id:O-1")
    found = items([applied], (), register, at("2026-11-23"))
    (item,) = of(found, "klarna", "credit", "payment")
    assert (item.until, item.assumed, item.rule, item.waits_for) == ("2032-01-01", True, "H13", "last-due-date")
    assert ends(found, "klarna", "credit", "national_id") == [("erase", None)]


def test_a_warranty_runs_its_months_and_defects_keep_only_serial_number_and_sale(register: Register) -> None:
    card = seen(
        "order-system", "microsoft", "warranty", "name serial_number", "2024-02-29", "order_id:O-1", "registration_id:W"
    )
    licence = seen("order-system", "microsoft", "licence", "email order", "2026-01-01", "order_id:O-2", "licence_id:L")
    second = seen(
        "order-system", "microsoft", "warranty", "serial_number", "2024-12-31", "order_id:O-1", "registration_id:V"
    )
    found = items([card, second, licence], (), register, at("2026-11-23"))
    assert ends(found, "microsoft", "warranty", "serial_number") == [("hold", "2029-02-28"), ("hold", "2029-12-31")]
    assert [each[0] for each in ends(found, "microsoft", "licence", "order")] == ["hold"]
    assert ends(found, "microsoft", "licence", "email") == [("erase", None)]


def test_a_recall_is_no_reason_to_keep_anybody(register: Register) -> None:
    recall = seen("order-system", "multitronic", "recall", "email serial_number", "2026-11-01", "order_id:O-1")
    assert {each.decision for each in items([recall], (), register, at("2026-11-23"))} == {"erase"}


def test_the_request_ends_the_consent_and_leaves_its_evidence(register: Register) -> None:
    found = items([subscribed("2025-01-01")], (), register, at("2026-12-01"), asked=at("2026-11-23"))
    assert ends(found, "order-system", "newsletter", "email") == [("erase", None)]
    (evidence,) = of(found, "order-system", "newsletter", "consent")
    assert (evidence.decision, evidence.until, evidence.rule, evidence.assumed) == ("hold", "2029-11-23", "H19", True)


def test_a_withdrawal_that_was_seen_begins_the_period_of_its_evidence(register: Register) -> None:
    decided = [
        consent("newsletter", "2024-01-01", granted=True),
        consent("newsletter", "2024-06-01", granted=False),
        consent("newsletter", "2025-01-01", granted=True),
    ]
    found = items([subscribed("2024-01-01"), subscribed("2025-01-01")], decided, register, at("2026-11-23"))
    evidence = of(found, "order-system", "newsletter", "consent")
    assert [(each.until, each.assumed) for each in evidence] == [("2027-06-01", False), ("2029-11-23", True)]


def test_what_was_withdrawn_at_the_same_moment_ended_then(register: Register) -> None:
    decided = [consent("newsletter", "2025-01-01", granted=each) for each in (True, False)]
    found = items([subscribed("2025-01-01")], decided, register, at("2026-11-23"))
    assert ends(found, "order-system", "newsletter", "consent") == [("hold", "2028-01-01")]


def test_evidence_of_a_consent_ends_at_its_latest_though_nothing_was_withdrawn(register: Register) -> None:
    found = items([subscribed("2020-01-01")], (), register, at("2026-11-23"))
    assert ends(found, "order-system", "newsletter", "consent") == [("erase", None)]


def test_a_rule_that_nobody_decided_on_stops_the_plan(tmp_path: Path) -> None:
    register = small(tmp_path, SMALL.replace("rule: H05", "rule: X99"))
    with pytest.raises(Misconfigured, match="X99"):
        items([seen("shop", "post", "delivery", "name", "2026-03-01")], (), register, at("2026-11-23"))
