"""The days of a person's time that the slider goes over, from her first to her last event. A day is its number since year 1."""

from datetime import date
from typing import NamedTuple

from console.api.problems import Problem
from console.web.rendering import in_helsinki


class Span(NamedTuple):
    """The first and the last day, and the one that is shown: numbers for the slider, and the shown one as it is written."""

    first: int
    last: int
    shown: int
    day: str


def span_of(first: str | None, last: str | None, at: str) -> Span | None:
    """Return what the slider goes over; None: on one day, or none, there is nothing to slide over."""
    if first is None or last is None:
        return None
    begins, ends = in_helsinki(first).date(), in_helsinki(last).date()
    if begins >= ends:
        return None
    chosen = min(max(date.fromisoformat(at[:10]), begins), ends) if at else ends
    return Span(begins.toordinal(), ends.toordinal(), chosen.toordinal(), chosen.isoformat())


def chosen_day(number: str, top: str) -> str:
    """Return the day of a number of the slider; nothing where it stands at its end: that is now. Raises: Problem."""
    if number == top:
        return ""
    try:
        return date.fromordinal(int(number)).isoformat()
    except (ValueError, OverflowError):
        raise Problem("question") from None
