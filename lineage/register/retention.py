"""The closed vocabulary of retention rules, and their arithmetic. A rule is a named event and a span.

"Until the customer asks" is no period: the controller sets it (GDPR Art. 5(1)(e); KHO 12.6.2026/1604). So an event that
only the person can bring about needs `at_latest` beside it, and no span is longer than any law known here asks for.
"""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta

from lineage.register.model import Period, Retention

KHO = "KHO 12.6.2026/1604"
LONGEST_YEARS = 30

ANCHORS: Mapping[str, str] = {
    "collected": "the day the data was collected or last sent",
    "competition-ended": "the day the competition's prizes were given out",
    "consent-ended": "the day the consent was withdrawn or ran out",
    "copied": "the day the copy was made",
    "case-closed": "the day the rights case or the inquiry was closed",
    "delivery": "the day the goods were delivered",
    "export-confirmed": "the day the customs confirmed the export",
    "financial-year-end": "the last day of the financial year of the transaction",
    "handed-over": "the day the data was handed to the party that asked for it",
    "last-activity": "the later of the last login and the closing of the last order",
    "last-due-date": "the due date of the claim, or the latest interruption of its limitation period",
    "last-opened": "the last day a message was opened, else the day of the subscription",
    "logged": "the day the access or the security event was logged",
    "order-closed": "delivered, the return window over and every refund paid",
    "order-placed": "the day the order was placed",
    "refund-settled": "the day the refund was paid",
    "warranty-end": "the last day of the warranty sold or registered",
}
"""Every event a rule may count from."""

HANGS_ON_THE_PERSON = frozenset({"consent-ended"})
_ENDLESS = (
    "asked, until asked, until-asked, until_request, until request, forever, never, permanent, indefinite, always"
)
NO_PERIODS = frozenset(_ENDLESS.split(", "))


def is_no_period(value: object) -> bool:
    """Whether a value in a retention row says "without end" or "until somebody asks", in words or by saying nothing."""
    return value is None or (isinstance(value, str) and value.strip().lower() in NO_PERIODS)


def financial_year_end(day: date, month_and_day: tuple[int, int]) -> date:
    """The end of the financial year that a day falls in; 29 February is 28 in common years."""
    for year in (day.year, day.year + 1):
        end = _clamped(year, *month_and_day)
        if end >= day:
            return end
    raise AssertionError("a financial year ends within twelve months")


def last_day(rule: Retention, happened: Mapping[str, date]) -> date | None:
    """The last day to keep what the rule covers, that day included; None while no event it counts from is known.

    `happened` gives the day of each event of `ANCHORS` that has happened or is certain to (a financial year's end).
    Where there is an `at_latest`, the earlier of the two ends it.
    """
    ends = [
        _end(period, happened[period.after])
        for period in (rule.period, rule.at_latest)
        if period and period.after in happened
    ]
    return min(ends, default=None)


def _end(period: Period, start: date) -> date:
    months = start.month - 1 + period.months + 12 * period.years
    end = _clamped(start.year + months // 12, months % 12 + 1, start.day) + timedelta(days=period.days)
    return date(end.year, 12, 31) if period.until_year_end else end


_ALWAYS = 28
"""Every month has this day."""


def _clamped(year: int, month: int, day: int) -> date:
    return date(year, month, day if day <= _ALWAYS else min(day, calendar.monthrange(year, month)[1]))
