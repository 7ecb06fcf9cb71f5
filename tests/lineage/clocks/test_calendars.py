from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.clocks import Calendar, add_working_days, holidays_of, is_working_day, roll_back, roll_forward
from lineage.errors import Misconfigured

A, B, C = Calendar.FI_1182, Calendar.FI_PUBLIC, Calendar.FI_STATUTORY
DAY = timedelta(days=1)
calendars = st.sampled_from(Calendar)
days = st.dates(date(1991, 1, 1), date(2099, 12, 31))


def easter(year: int) -> date:
    """Easter Sunday by Gauss's rule, as the Gregorian calendar has it."""
    century = year // 100
    moon = (15 - (13 + 8 * century) // 25 + century - century // 4) % 30
    d = (19 * (year % 19) + moon) % 30
    e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + (4 + century - century // 4) % 7) % 7
    if d == 29 and e == 6:
        return date(year, 4, 19)
    if d == 28 and e == 6 and (11 * moon + 11) % 30 < 19:
        return date(year, 4, 18)
    return date(year, 3, 22) + (d + e) * DAY


def the_weekday_from(day: date, weekday: int) -> date:
    return next(each for each in (day + n * DAY for n in range(7)) if each.weekday() == weekday)


def by_hand(year: int) -> set[date]:
    """List A as the law's text has it, without any library."""
    sunday = easter(year)
    fixed = [(1, 1), (1, 6), (5, 1), (12, 6), (12, 25), (12, 26)]
    moving = [sunday + n * DAY for n in (-2, 0, 1, 39, 49)]
    midsummer = the_weekday_from(date(year, 6, 20), 5)
    return {
        *(date(year, *each) for each in fixed),
        *moving,
        midsummer - DAY,
        midsummer,
        the_weekday_from(date(year, 10, 31), 5),
    }


@pytest.mark.parametrize("year", range(1991, 2101))
def test_the_calendars_are_those_of_the_law_in_every_year(year: int) -> None:
    listed = by_hand(year)
    assert holidays_of(A, year) == listed
    assert holidays_of(B, year) == listed | {date(year, 12, 24)}
    assert holidays_of(C, year) == listed - {the_weekday_from(date(year, 6, 19), 4)}


def test_the_year_before_holy_days_moved_back_to_their_weekdays_is_known_too() -> None:
    assert date(1990, 5, 19) in holidays_of(A, 1990)
    assert is_working_day(date(1990, 5, 24), A)


def test_christmas_eve_is_a_working_day_of_the_regulation_and_midsummer_eve_is_not() -> None:
    assert is_working_day(date(2026, 12, 24), A)
    assert not is_working_day(date(2026, 12, 24), B)
    assert is_working_day(date(2026, 12, 24), C)
    assert not is_working_day(date(2026, 6, 19), A)
    assert not is_working_day(date(2026, 6, 19), B)
    assert is_working_day(date(2026, 6, 19), C)


def test_the_day_of_aland_is_a_working_day() -> None:
    assert is_working_day(date(2026, 6, 9), B)


@pytest.mark.parametrize("year", [1989, 2101])
def test_a_year_whose_holidays_are_not_known_is_refused_and_not_taken_for_one_without_any(year: int) -> None:
    with pytest.raises(Misconfigured, match=str(year)):
        holidays_of(A, year)


@given(days, calendars)
def test_rolling_ends_on_the_nearest_working_day(day: date, calendar: Calendar) -> None:
    after, before = roll_forward(day, calendar), roll_back(day, calendar)
    assert before <= day <= after
    assert is_working_day(before, calendar)
    assert is_working_day(after, calendar)
    assert not any(is_working_day(before + n * DAY, calendar) for n in range(1, (after - before).days))
    assert (before == after) == is_working_day(day, calendar)


@given(days, st.integers(0, 30), calendars)
def test_working_days_are_counted_without_the_first(day: date, count: int, calendar: Calendar) -> None:
    end = add_working_days(day, count, calendar)
    between = [day + n * DAY for n in range(1, (end - day).days + 1)]
    assert sum(is_working_day(each, calendar) for each in between) == count


@given(days, st.integers(1, 30), calendars)
def test_counting_back_undoes_counting_on(day: date, count: int, calendar: Calendar) -> None:
    start = roll_back(day, calendar)
    assert add_working_days(add_working_days(start, count, calendar), -count, calendar) == start


def test_v31_twenty_working_days_end_sooner_the_fewer_holidays_there_are() -> None:
    ends = {each: add_working_days(date(2026, 12, 7), 20, each) for each in Calendar}
    assert ends == {A: date(2027, 1, 7), B: date(2027, 1, 8), C: date(2027, 1, 7)}
