"""The dates of one rights case (GDPR Art. 12(3)-(4), Reg. 1182/71, the company's policy). Nothing of what is to be done."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from lineage.clocks.calendars import Calendar, add_working_days, roll_back, roll_forward
from lineage.clocks.days import REMEMBERED, Moment, add_months, day_of, is_before
from lineage.clocks.spans import SPANS
from lineage.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Every date of a case, days in Helsinki; None where it does not apply. `warnings` say what the dates rest on."""

    raw: date
    """A month after the arrival, and the days of the pause; may be a holiday."""
    legal: date
    """The last lawful day: `raw`, or the next working day (Art. 3(4)). A margin, never a plan."""
    safe: date
    """The last day up to `raw` on which staff work."""
    policy: date | None
    """Twenty working days after the approval; None without one."""
    operative: date
    """The day to steer by: the earlier of `safe` and `policy`; of an extended case the last working day up to `ext_raw`."""
    ext_raw: date | None
    """Three months after the arrival, and the pause; None unless extended. So are the next two."""
    ext_legal: date | None
    """The last lawful day of an extended case."""
    notice_by: date | None
    """By when the person must have the notice of the extension with its reasons: the day that steered the first month."""
    warnings: tuple[str, ...] = ()


def deadlines(
    received: Moment,
    approved: Moment | None = None,
    asked: Moment | None = None,
    proved: Moment | None = None,
    *,
    extended: bool = False,
) -> Deadlines:
    """Return the dates of a case.

    `received` is the arrival at any channel of the company. `asked` and `proved` are when a proof of identity was asked
    for and came; the days between them are added, if it was asked for in time (EDPB Guidelines 01/2022). Without a
    proof nothing is added. `extended`: the person was, or will be, told within the first month, with the reasons.

    Raises:
        Misconfigured: the moments are not in their order, or a date falls outside 1990 to 2100.
    """
    _check_order(received, approved, asked, proved)
    day = day_of(received)
    pause, doubt = _pause(day, asked, proved)
    found = _reckon(day, approved, pause, extended)
    warnings = [doubt] if doubt else []
    if pause:
        warnings.append(_without_pause(_reckon(day, approved, 0, extended), pause))
    if found.notice_by:
        warnings.append(
            f"the extension holds only if its notice, with the reasons, goes out by {found.notice_by}, "
            f"at the very last on {found.legal}, which is otherwise the last lawful day of the answer too"
        )
    return replace(found, warnings=tuple(warnings))


def alarms(found: Deadlines) -> tuple[date, ...]:
    """Return the days on which to raise the alarm, earliest first: five and two working days before the operative one."""
    return _alarms(found.operative)


@lru_cache(maxsize=REMEMBERED)
def _alarms(operative: date) -> tuple[date, ...]:
    """Return them for a day; remembered, for they are asked for at every task of a case."""
    return tuple(add_working_days(operative, -count, Calendar.FI_PUBLIC) for count in SPANS.alarm_working_days)


def _reckon(day: date, approved: Moment | None, pause: int, extended: bool) -> Deadlines:
    raw = add_months(day, SPANS.answer_months) + timedelta(days=pause)
    safe = roll_back(raw, Calendar.FI_PUBLIC)
    policy = approved if approved is None else _promised(day_of(approved))
    first = safe if policy is None else min(safe, policy)
    # From the arrival, not from a date that was clamped or shifted: a month and then two more are another day.
    ext_raw = add_months(day, SPANS.extended_months) + timedelta(days=pause) if extended else None
    return Deadlines(
        raw=raw,
        legal=roll_forward(raw, Calendar.FI_1182),
        safe=safe,
        policy=policy,
        operative=roll_back(ext_raw, Calendar.FI_PUBLIC) if ext_raw else first,
        ext_raw=ext_raw,
        ext_legal=roll_forward(ext_raw, Calendar.FI_1182) if ext_raw else None,
        notice_by=first if extended else None,
    )


def _promised(approved: date) -> date:
    return add_working_days(approved, SPANS.policy_working_days, Calendar.FI_STATUTORY)


def _pause(received: date, asked: Moment | None, proved: Moment | None) -> tuple[int, str | None]:
    """The days to add, and what is to be said where none are although a proof came."""
    if asked is None or proved is None:
        return 0, None
    last = add_working_days(received, SPANS.ask_within_working_days, Calendar.FI_STATUTORY)
    if day_of(asked) > last:
        return 0, (
            f"no pause is counted: the proof was asked for on {day_of(asked)}, "
            f"later than {SPANS.ask_within_working_days} working days after the arrival ({last})"
        )
    return (day_of(proved) - day_of(asked)).days, None


def _without_pause(plain: Deadlines, pause: int) -> str:
    safe = plain.operative if plain.ext_raw else plain.safe
    notice = f", the notice of the extension by {plain.notice_by}" if plain.notice_by else ""
    return (
        f"the pause of {pause} day{'' if pause == 1 else 's'} may not be accepted; without it the answer is due by {safe} "
        f"(the last lawful day is {plain.ext_legal or plain.legal}){notice}"
    )


def _check_order(received: Moment, approved: Moment | None, asked: Moment | None, proved: Moment | None) -> None:
    if approved is not None and is_before(approved, received):
        raise Misconfigured("the approval lies before the arrival: check the two times")
    if asked is not None and is_before(asked, received):
        raise Misconfigured("the proof of identity was asked for before the arrival: check the two times")
    if asked is not None and proved is not None and is_before(proved, asked):
        raise Misconfigured("the proof of identity came before it was asked for: check the two times")
