"""Days as they are chosen on a page, as times. A day counts whole: until its last moment in Helsinki."""

from datetime import date, datetime, time, timedelta

from console.api.problems import Problem
from console.web.rendering import HELSINKI
from lineage.clocks import start_of


def end_of_day(text: str) -> str | None:
    """Return the last moment of a day, RFC 3339; None for no day. Raises: Problem: it is none."""
    if not text:
        return None
    try:
        chosen = date.fromisoformat(text[:10])
        after = datetime.combine(chosen + timedelta(days=1), time(), HELSINKI)
    except (ValueError, OverflowError):
        raise Problem("question") from None
    return (after - timedelta(microseconds=1)).isoformat()


def first_of(text: str) -> int | None:
    """Return the first moment of a day, microseconds UTC; None for no day. Raises: Problem: it is none."""
    return None if (chosen := _day(text)) is None else _start(chosen)


def last_of(text: str) -> int | None:
    """Return the last moment of a day, microseconds UTC; None for no day. Raises: Problem: it is none."""
    return None if (chosen := _day(text)) is None else _start(chosen, 1) - 1


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        raise Problem("question") from None


def _start(day: date, later: int = 0) -> int:
    try:
        return start_of(day + timedelta(days=later))
    except OverflowError:  # the end of time
        raise Problem("question") from None
