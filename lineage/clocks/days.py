"""Days as the law counts them: of Helsinki, not of UTC. Knows no holiday and no deadline."""

import calendar
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from lineage.errors import Misconfigured

HELSINKI = ZoneInfo("Europe/Helsinki")
FIRST_YEAR, LAST_YEAR = 1990, 2100

Moment = int | date
"""An instant in microseconds since the epoch, UTC; or a day in Helsinki, where no more than the day is known."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
REMEMBERED = 4_096
"""Days that are remembered: every task of every case is asked about, and all have the same few."""


@lru_cache(maxsize=REMEMBERED)
def start_of(day: date) -> int:
    """Return the instant at which a day begins in Helsinki."""
    return (datetime(day.year, day.month, day.day, tzinfo=HELSINKI) - _EPOCH) // _MICROSECOND


_BEGIN, _END = start_of(date(FIRST_YEAR, 1, 1)), start_of(date(LAST_YEAR + 1, 1, 1))


def day_of(moment: Moment) -> date:
    """Return the day it is in Helsinki. An hour before midnight UTC that is the next day.

    Raises:
        Misconfigured: outside 1990 to 2100, for which alone the holidays are known.
    """
    inside = _BEGIN <= moment < _END if isinstance(moment, int) else FIRST_YEAR <= moment.year <= LAST_YEAR
    if not inside:
        raise Misconfigured(
            f"deadlines are reckoned for {FIRST_YEAR} to {LAST_YEAR}: check the year of the times given"
        )
    if isinstance(moment, int):
        return (_EPOCH + moment * _MICROSECOND).astimezone(HELSINKI).date()
    return moment


def is_before(one: Moment, other: Moment) -> bool:
    """Whether one moment lies before another; where of one only the day is known, whether its day does."""
    if isinstance(one, int) and isinstance(other, int):
        return one < other
    return day_of(one) < day_of(other)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day where it is shorter (Reg. 1182/71 Art. 3(2)(c))."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
