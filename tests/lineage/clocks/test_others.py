from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.clocks import (
    MarketingStop,
    authority_notice_by,
    instruction_by,
    marketing_stop,
    party_notice_by,
    policy_effective_from,
    source_notice_by,
    start_of,
)
from lineage.errors import Misconfigured
from lineage.register import Period, Place, Retention, last_day
from tests.lineage.clocks.vectors import instant, local

HOUR = 3_600_000_000
instants = st.integers(start_of(date(1990, 1, 1)), start_of(date(2100, 1, 1)))


@pytest.mark.parametrize(
    ("known", "by", "by_the_wall_clock"),
    [
        pytest.param(
            "2026-10-24T10:15+03:00", "2026-10-27T09:15+02:00", "2026-10-27T10:15+02:00", id="V28 clocks go back"
        ),
        pytest.param("2027-03-26T22:40+02:00", "2027-03-29T23:40+03:00", "2027-03-29T22:40+03:00", id="V29 Easter"),
    ],
)
def test_a_breach_counts_hours_that_elapse(known: str, by: str, by_the_wall_clock: str) -> None:
    assert local(authority_notice_by(instant(known))) == by
    assert authority_notice_by(instant(known)) != instant(by_the_wall_clock)


@given(instants)
def test_a_breach_has_seventy_two_hours_whenever_it_is_known(known: int) -> None:
    assert authority_notice_by(known) - known == 72 * HOUR


def test_a_breach_of_a_year_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(Misconfigured):
        authority_notice_by(instant("9999-12-30T00:00+00:00"))


@pytest.mark.parametrize(
    ("posted", "from_"),
    [
        pytest.param("2026-11-23T15:00+02:00", "2026-11-27T00:00+02:00", id="V33"),
        pytest.param("2026-11-23T00:00+02:00", "2026-11-27T00:00+02:00", id="at midnight"),
        pytest.param("2027-03-25T23:30+02:00", "2027-03-29T00:30+03:00", id="an hour is missing, the hours decide"),
        pytest.param("2026-10-22T23:30+03:00", "2026-10-26T00:00+02:00", id="an hour twice, the days decide"),
    ],
)
def test_a_changed_policy_waits_for_the_hours_and_for_whole_days(posted: str, from_: str) -> None:
    assert local(policy_effective_from(instant(posted))) == from_


@given(instants)
def test_a_changed_policy_never_takes_effect_before_three_days_are_over(posted: int) -> None:
    assert policy_effective_from(posted) >= posted + 72 * HOUR


def test_parties_hear_within_working_days_of_the_decision() -> None:
    assert instruction_by(date(2026, 12, 4)) == date(2026, 12, 9)
    assert party_notice_by(date(2026, 12, 4)) == date(2026, 12, 11)
    assert instruction_by(instant("2026-12-04T22:30+00:00")) == date(2026, 12, 9)
    assert instruction_by(date(2026, 12, 23)) == date(2026, 12, 29)
    assert party_notice_by(date(2026, 12, 22)) == date(2026, 12, 30)


def test_a_person_hears_of_data_from_others_within_a_month_and_no_later_than_its_first_use() -> None:
    assert source_notice_by(date(2026, 3, 3)) == date(2026, 4, 2)
    assert source_notice_by(date(2026, 11, 24)) == date(2026, 12, 23)
    assert source_notice_by(date(2026, 3, 3), date(2026, 3, 10)) == date(2026, 3, 10)
    assert source_notice_by(date(2026, 3, 3), date(2026, 5, 10)) == date(2026, 4, 2)


def test_marketing_stops_within_minutes_here_and_within_a_day_at_the_mailer() -> None:
    objected = instant("2026-10-24T10:15+03:00")
    assert marketing_stop(objected) == MarketingStop(objected + HOUR // 4, objected + 24 * HOUR)
    assert local(marketing_stop(objected).mailer) == "2026-10-25T09:15+02:00"


@pytest.mark.parametrize(
    ("year_end", "vouchers", "books"),
    [
        (date(2024, 3, 31), date(2030, 12, 31), date(2034, 3, 31)),
        (date(2026, 12, 31), date(2032, 12, 31), date(2036, 12, 31)),
        (date(2024, 2, 29), date(2030, 12, 31), date(2034, 2, 28)),
        (date(2017, 4, 30), date(2023, 12, 31), date(2027, 4, 30)),
    ],
)
def test_v32_vouchers_and_books_are_kept_as_the_accounting_act_says(
    year_end: date, vouchers: date, books: date
) -> None:
    def kept(years: int, until_year_end: bool) -> date | None:
        period = Period("financial-year-end", years=years, until_year_end=until_year_end)
        rule = Retention("H", frozenset(), frozenset(), period, None, True, "law", Place("file"))
        return last_day(rule, {"financial-year-end": year_end})

    assert (kept(6, True), kept(10, False)) == (vouchers, books)
