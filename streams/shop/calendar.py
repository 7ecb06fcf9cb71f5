"""Event times as the shop's systems write them: RFC 3339, in Helsinki time or UTC. Knows no wall clock."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a counter of seconds; the offset is written by hand behind it
FIRST_DAY = int(datetime(2024, 6, 3, 5, tzinfo=UTC).timestamp()) * SECOND
LAST_START = int(datetime(2025, 11, 30, 20, tzinfo=UTC).timestamp()) * SECOND


def stamp(at: int, *, local: bool, digits: int) -> str:
    """RFC 3339 of microseconds since the epoch, in Helsinki's offset or as `Z`, with 0, 3 or 6 digits of a second.

    What the digits cannot hold is cut off.
    """
    seconds, micros = divmod(at, SECOND)
    summer = local and _is_summer(seconds)
    offset = 0 if not local else 10_800 if summer else 7_200
    text = (_EPOCH + timedelta(seconds=seconds + offset)).isoformat()
    if digits:
        text += f".{micros:06d}"[: digits + 1]
    return text + ("Z" if not local else "+03:00" if summer else "+02:00")


def _is_summer(seconds: int) -> bool:
    begin, end = _summer_time((_EPOCH + timedelta(seconds=seconds)).year)
    return begin <= seconds < end


@lru_cache(maxsize=16)
def _summer_time(year: int) -> tuple[int, int]:
    """The year's summer time in seconds since the epoch: last Sundays of March and October, 01:00 UTC (2000/84/EC)."""
    return _last_sunday(year, 3), _last_sunday(year, 10)


def _last_sunday(year: int, month: int) -> int:
    day = datetime(year, month, 31, 1, tzinfo=UTC)
    return int((day - timedelta(days=day.isoweekday() % 7)).timestamp())
