"""Times as people read them. Inside, a time is an integer: microseconds since the epoch, UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(microseconds: int) -> str:
    """Return a time as RFC 3339, UTC, with a fraction only where there is one."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")


def rfc3339_or_null(microseconds: int | None) -> str | None:
    """Return a time as RFC 3339, or None where there is none, as JSON has it."""
    return None if microseconds is None else rfc3339(microseconds)


def now() -> int:
    """Return the time."""
    return (datetime.now(UTC) - _EPOCH) // timedelta(microseconds=1)
