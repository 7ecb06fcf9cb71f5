"""What a text in a cell is as a value of an event: times, numbers, yes and no. Every function raises ValueError for other texts.

No message holds the text.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.shapes import INSTANT, Shape

Reading = Callable[[str], object]
UNIX, UNIX_MS = "unix", "unix_ms"

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what is reckoned with here has its offset beside it
_MICROSECOND = timedelta(microseconds=1)
_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?", re.ASCII)
# Declared with a comma, 12.90 is no number: taken as 1290 it would be a wrong one.
_WITH_COMMA = re.compile(r"([+-]?)(\d{1,3}(?:[. \u00a0\u202f]\d{3})+|\d+)(?:,(\d+))?", re.ASCII)
_FLAGS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
_SAMPLE = datetime(2026, 12, 31, 23, 30)  # noqa: DTZ001 - a day to try a format with


def reading_of(shape: Shape, form: str | None, zone: ZoneInfo | None, *, comma: bool) -> Reading | None:
    """Return what reads the text of a field of this shape; None where the text is the value."""
    match shape.word:
        case "string" | "enum":
            return _with_point if comma else None
        case "int" | "long":
            return _whole
        case "float" | "double":
            return _fraction_with_comma if comma else _fraction
        case "boolean":
            return _flag
        case word if word == INSTANT:
            return _time(form, zone)
        case _:
            return None


def fault_of(shape: Shape) -> str:
    """Return what is said of a text that cannot be read."""
    words = {"boolean": "not true or false", INSTANT: "not a time as declared", "string": "not a number as declared"}
    return words.get(shape.word, "not a number as declared")


def check_format(form: str) -> None:
    """Refuse a format of times that loses the day. Raises: ValueError."""
    if form in (UNIX, UNIX_MS):
        return
    if datetime.strptime(_SAMPLE.strftime(form), form).date() != _SAMPLE.date():  # noqa: DTZ007 - only the day counts
        raise ValueError


def _time(form: str | None, zone: ZoneInfo | None) -> Reading:
    if form == UNIX:
        return lambda text: _whole(text) * 1_000_000
    if form == UNIX_MS:
        return lambda text: _whole(text) * 1_000
    read = datetime.fromisoformat if form is None else lambda text: datetime.strptime(text, form)  # noqa: DTZ007 - below

    def time(text: str) -> int:
        moment = read(text)
        offset = moment.utcoffset()
        if offset is None:
            offset = _offset(moment, zone)
        return (moment.replace(tzinfo=None) - _EPOCH - offset) // _MICROSECOND

    return time


def _offset(moment: datetime, zone: ZoneInfo | None) -> timedelta:
    """Return the offset of a time on a clock of `zone`; of the hour that is there twice, the first."""
    if zone is None:
        raise ValueError
    first, second = zone.utcoffset(moment), zone.utcoffset(moment.replace(fold=1))
    if first is None or second is None or second > first:
        raise ValueError  # a time that no clock showed: it was put forward over it
    return first


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError
    return int(text)


def _fraction(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _fraction_with_comma(text: str) -> float:
    return float(_with_point(text))


def _with_point(text: str) -> str:
    found = _WITH_COMMA.fullmatch(text)
    if found is None:
        raise ValueError
    sign, whole, rest = found.groups()
    whole = re.sub(r"\D", "", whole)
    return f"{'-' if sign == '-' else ''}{whole}.{rest}" if rest else f"{'-' if sign == '-' else ''}{whole}"


def _flag(text: str) -> bool:
    try:
        return _FLAGS[text.lower()]
    except KeyError:
        raise ValueError from None
