"""Days as they are chosen on a page, as times. A day counts whole: until its last moment in Helsinki."""

from datetime import date, datetime, time, timedelta

from console.api.problems import Problem
from console.web.rendering import HELSINKI


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
