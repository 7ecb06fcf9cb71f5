from datetime import date

import pytest

from lineage.cases.anchors import ANCHORED, Anchors, Day
from lineage.cases.holds import load_holds
from lineage.cases.items import items
from lineage.cases.seen import once
from lineage.register import ANCHORS, Period, Register, load_register
from tests.lineage.cases.seeing import (
    at,
    consent,
    ends,
    placed,
    seen,
    shipped,
)
from tests.lineage.register.small import CATEGORIES


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(None, CATEGORIES)


def test_every_event_that_a_rule_may_count_from_can_be_worked_out() -> None:
    assert ANCHORED.keys() == ANCHORS.keys()


@pytest.mark.parametrize(
    ("event", "day", "assumed"),
    [
        ("case-closed", date(2027, 5, 4), True),
        ("collected", date(2026, 5, 4), False),
        ("competition-ended", date(2026, 7, 3), True),
        ("consent-ended", date(2026, 11, 22), True),
        ("copied", date(2026, 11, 23), False),
        ("delivery", date(2026, 6, 8), True),
        ("export-confirmed", date(2026, 7, 1), True),
        ("financial-year-end", date(2026, 12, 31), False),
        ("handed-over", date(2026, 5, 9), False),
        ("last-activity", date(2026, 8, 1), False),
        ("last-due-date", date(2026, 5, 4), False),
        ("last-opened", date(2026, 5, 4), False),
        ("logged", date(2026, 5, 4), False),
        ("order-closed", date(2026, 6, 22), True),
        ("order-placed", date(2026, 5, 2), False),
        ("refund-settled", date(2026, 5, 14), True),
        ("warranty-end", date(2028, 5, 4), True),
    ],
)
def test_each_event_has_its_day(register: Register, event: str, day: date, assumed: bool) -> None:
    look = seen("order-system", "multitronic", "order", "name", "2026-05-04", "order_id:O-1")
    credit = seen("order-system", "walley", "credit", "national_id", "2026-05-09", "order_id:O-1")
    login = seen("person", "order-system", "account", "email", "2026-08-01")
    known = once([placed("O-1", "2026-05-02"), look, credit, shipped("O-1", "2026-06-01"), login])
    holds = load_holds().at(at("2026-11-23"))
    anchors = Anchors(known, (), register, holds, at("2026-11-22"), at("2026-11-23"))
    purpose = "authority-inquiry" if event == "case-closed" else "order"
    assert anchors.of(Period(event), look, purpose) == Day(day, assumed)


def test_a_subscription_is_the_latest_before(register: Register) -> None:
    decided = [consent("newsletter", day, granted=True) for day in ("2025-01-01", "2026-01-01", "2026-06-01")]
    sent = seen("order-system", "sendgrid", "newsletter", "email", "2026-05-04")
    anchors = Anchors([sent], decided, register, load_holds().at(at("2026-11-23")), at("2026-11-23"), at("2026-11-23"))
    assert anchors.of(Period("last-opened"), sent, "newsletter") == Day(date(2026, 1, 1))


def test_what_names_no_order_says_that_its_year_is_assumed(register: Register) -> None:
    audit = seen("order-system", "auditor", "tax", "name", "2026-05-04")
    assert [(each.until, each.assumed) for each in items([audit], (), register, at("2026-11-23"))] == [
        ("2032-12-31", True)
    ]


def test_a_clock_that_is_ahead_holds_nothing_longer_than_from_today(register: Register) -> None:
    found = items([placed("O-1", "9999-12-31")], (), register, at("2026-11-23"))
    assert ends(found, "order-system", "order", "order") == [("hold", "2032-12-31")]
    assert ends(
        items([placed("O-1", "0001-01-01")], (), register, at("2026-11-23")), "order-system", "order", "order"
    ) == [("erase", None)]
