from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.register import ANCHORS, Period, Place, Register, Retention, financial_year_end, last_day

VOUCHER = Period("financial-year-end", years=6, until_year_end=True)
BOOKS = Period("financial-year-end", years=10)


def rule(period: Period, at_latest: Period | None = None) -> Retention:
    return Retention("H01", frozenset(), frozenset(), period, at_latest, True, "law", Place("file"))


@pytest.mark.parametrize(
    ("year_end", "vouchers", "books"),
    [
        (date(2024, 3, 31), date(2030, 12, 31), date(2034, 3, 31)),
        (date(2026, 12, 31), date(2032, 12, 31), date(2036, 12, 31)),
        (date(2024, 2, 29), date(2030, 12, 31), date(2034, 2, 28)),
        (date(2017, 4, 30), date(2023, 12, 31), date(2027, 4, 30)),
    ],
)
def test_vouchers_run_to_the_end_of_the_year_and_books_to_the_day(year_end: date, vouchers: date, books: date) -> None:
    happened = {"financial-year-end": year_end}
    assert last_day(rule(VOUCHER), happened) == vouchers
    assert last_day(rule(BOOKS), happened) == books


@pytest.mark.parametrize(
    ("day", "month_and_day", "end"),
    [
        (date(2026, 5, 1), (12, 31), date(2026, 12, 31)),
        (date(2026, 5, 1), (4, 30), date(2027, 4, 30)),
        (date(2026, 4, 30), (4, 30), date(2026, 4, 30)),
        (date(2026, 2, 28), (2, 29), date(2026, 2, 28)),
        (date(2026, 3, 1), (2, 29), date(2027, 2, 28)),
        (date(2027, 3, 1), (2, 29), date(2028, 2, 29)),
    ],
)
def test_a_financial_year_ends_on_the_next_such_day(day: date, month_and_day: tuple[int, int], end: date) -> None:
    assert financial_year_end(day, month_and_day) == end


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2026, 8, 31), Period("collected", months=1), date(2026, 9, 30)),
        (date(2024, 2, 29), Period("collected", years=1), date(2025, 2, 28)),
        (date(2026, 11, 30), Period("collected", months=14), date(2028, 1, 30)),
        (date(2026, 12, 31), Period("collected", days=30), date(2027, 1, 30)),
        (date(2026, 7, 1), Period("collected"), date(2026, 7, 1)),
    ],
)
def test_months_are_calendar_months_and_end_at_the_end_of_a_shorter_one(start: date, period: Period, end: date) -> None:
    assert last_day(rule(period), {"collected": start}) == end


def test_a_consent_never_withdrawn_ends_all_the_same() -> None:
    newsletter = rule(Period("consent-ended"), Period("last-opened", months=24))
    assert last_day(newsletter, {"last-opened": date(2026, 1, 15)}) == date(2028, 1, 15)
    withdrawn = {"last-opened": date(2026, 1, 15), "consent-ended": date(2026, 3, 1)}
    assert last_day(newsletter, withdrawn) == date(2026, 3, 1)


def test_what_has_not_begun_to_run_has_no_last_day_yet() -> None:
    assert last_day(rule(Period("order-closed")), {"order-placed": date(2026, 1, 1)}) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_shipped_rule_ends_once_its_events_have_happened(shipped: Register, day: date) -> None:
    happened = dict.fromkeys(ANCHORS, day)
    for each in shipped.declared.retention:
        end = last_day(each, happened)
        assert end is not None
        assert day <= end <= date(day.year + 31, 1, 1)
        if each.at_latest is not None:
            without = {name: when for name, when in happened.items() if name != each.period.after}
            assert last_day(each, without) is not None
