"""Which days are working days in Finland, by three readings, and stepping over those that are not. No deadline."""

from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

from lineage.clocks.days import FIRST_YEAR, LAST_YEAR
from lineage.errors import Misconfigured

_DAY = timedelta(days=1)


class Calendar(Enum):
    """A reading of what a working day is. Saturdays and Sundays are none in any of them."""

    FI_1182 = "A"
    """The list Finland gave for Reg. 1182/71 Art. 2: Midsummer Eve is a holiday, Christmas Eve is not."""

    FI_PUBLIC = "B"
    """The days nobody works at the company: both eves are holidays. What is planned by it is done by people."""

    FI_STATUTORY = "C"
    """The holy days by statute alone: neither eve. The fewest holidays, so a count of working days ends soonest."""


@lru_cache(maxsize=3 * (LAST_YEAR - FIRST_YEAR + 1))
def holidays_of(calendar: Calendar, year: int) -> frozenset[date]:
    """Return the holidays of a year, those on a Saturday or Sunday too. Åland's own day is not among them.

    The two eves are put in and taken out by date: their names differ by language, their standing by library version.

    Raises:
        Misconfigured: outside 1990 to 2100, for which alone the holidays are known.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        # The library answers with an empty year, in which every weekday would be a working day.
        raise Misconfigured(f"a deadline would fall in {year}; holidays are known for {FIRST_YEAR} to {LAST_YEAR}")
    from holidays import country_holidays  # here, for it takes longer to import than most commands to run

    midsummer, christmas = _midsummer_eve(year), date(year, 12, 24)
    found = frozenset(country_holidays("FI", years=year)) - {midsummer, christmas}
    match calendar:
        case Calendar.FI_1182:
            return found | {midsummer}
        case Calendar.FI_PUBLIC:
            return found | {midsummer, christmas}
        case Calendar.FI_STATUTORY:
            return found


def _midsummer_eve(year: int) -> date:
    """The Friday between 19 and 25 June."""
    first = date(year, 6, 19)
    return first + (4 - first.weekday()) % 7 * _DAY


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Whether a day is neither Saturday nor Sunday nor a holiday of the calendar."""
    return day.weekday() < 5 and day not in holidays_of(calendar, day.year)


def roll_forward(day: date, calendar: Calendar) -> date:
    """Return the day itself if it is a working day, else the next one (Reg. 1182/71 Art. 3(4))."""
    while not is_working_day(day, calendar):
        day += _DAY
    return day


def roll_back(day: date, calendar: Calendar) -> date:
    """Return the day itself if it is a working day, else the last one before it."""
    while not is_working_day(day, calendar):
        day -= _DAY
    return day


def add_working_days(day: date, count: int, calendar: Calendar) -> date:
    """Return the working day that is `count` of them after a day, which itself is not counted; before it if negative."""
    step = _DAY if count >= 0 else -_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day, calendar):
            day += step
    return day
