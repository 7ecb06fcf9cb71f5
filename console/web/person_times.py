"""A person's time as the page shows it: how much there was in each month, and a bounded part of one of them. Pure."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from console.shapes import Shape
from console.timelines import moment_shape
from console.web.rendering import HELSINKI
from lineage.timeline import Moment

LISTED = 50
LOOKS = frozenset({"revealed", "asked-about"})
"""Looks by this program, of which the page itself makes one each time: by those alone no month is the last."""
_AFTER_EVENTS = LOOKS | {"case"}
"""What is no event of the record: the slider does not go over it."""
Mark = tuple[int, int, str]
"""Where a moment stands in the order."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Times:
    """What is shown. `first` and `last` are of what happened to her data, by when it occurred; None: nothing did."""

    month: str | None = None
    months: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    moments: list[Shape] = field(default_factory=list)
    after: str | None = None
    first: int | None = None
    last: int | None = None


def times_of(moments: Iterable[Moment], month: str | None, after: Mark | None) -> Times:
    """Return what is shown of moments in order; without a month, the last one in which more than looks occurred."""
    found, wanted, shown = Times(), month, list[Moment]()
    for each in moments:
        here = _day_of(each.at)[:7]
        found.months[here] += 1
        found.kinds[each.kind] += 1
        if each.kind not in _AFTER_EVENTS:
            found.first, found.last = each.at if found.first is None else found.first, each.at
        if month is None and here != wanted and (each.kind not in LOOKS or wanted is None):
            wanted, shown = here, []
        if here == wanted and len(shown) <= LISTED and (after is None or each[:3] > after):
            shown.append(each)
    found.month = wanted
    if len(shown) > LISTED:
        last = shown[LISTED - 1]
        found.after = f"{last.at}.{last.recorded}.{last.key}"
    found.moments = [{"day": _day_of(each.at), **moment_shape(each)} for each in shown[:LISTED]]
    return found


def read_mark(text: str) -> Mark:
    """Return the mark that the page before ended with."""
    at, recorded, key = text.split(".", 2)
    return int(at), int(recorded), key


def _day_of(at: int) -> str:
    """Return the day of a moment in Helsinki, as 2026-03-01."""
    moment = _EPOCH + timedelta(microseconds=at)
    with suppress(OverflowError):  # at the ends of time
        moment = moment.astimezone(HELSINKI)
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
