"""When to try again: a passing fault whose party said how long to wait. Holds no clock and waits for nothing."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from lineage.errors import Retryable

LONGEST_WAIT = 86_400.0
"""Seconds. A party that asks for more is tried once a day: its figure may be a mistake, and our deadline is not."""
_EPOCHS = 1e9
"""A number of seconds beyond this is a moment: vendors write either."""


class Later(Retryable):
    """A passing fault; the party asked for `seconds` of peace before the next attempt."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


def busy(message: str, retry_after: str | None, now: int) -> Retryable:
    """Return the fault of a party that is busy, with its `Retry-After` (RFC 9110 §10.2.3) where it has a usable one.

    `X-RateLimit-Reset` is taken for it too: seconds, or where that would be decades, the moment as an epoch. `now` is
    microseconds UTC; a header nobody can read counts as none.
    """
    seconds = _seconds(retry_after.strip(), now) if retry_after else None
    return Retryable(message) if seconds is None else Later(message, min(max(seconds, 0.0), LONGEST_WAIT))


def _seconds(text: str, now: int) -> float | None:
    if text.isascii() and text.isdigit():
        seconds = float(text[:10])
        return seconds - now / 1_000_000 if seconds > _EPOCHS else seconds
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000": a time in UTC of which nothing more is known
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.fromtimestamp(now / 1_000_000, UTC)).total_seconds()
