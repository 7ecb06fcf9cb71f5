"""The clocks besides that of a rights case: a breach, notices, marketing, a changed policy. Each a pure function."""

from dataclasses import dataclass
from datetime import date, timedelta

from lineage.clocks.calendars import Calendar, add_working_days, roll_back
from lineage.clocks.days import Moment, add_months, day_of, start_of
from lineage.clocks.spans import SPANS

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE


@dataclass(frozen=True, slots=True)
class MarketingStop:
    """By when nothing more may go out: by our own stream, and at the party that mails for us. Instants."""

    stream: int
    mailer: int


def authority_notice_by(known: int) -> int:
    """Return by when the authority must have the notice of a breach known since an instant (GDPR Art. 33(1)).

    Hours that elapse: neither the change of clocks nor a weekend or holiday moves them (Reg. 1182/71 Art. 3(4)).
    """
    day_of(known)  # refuses a year that cannot be meant
    return known + SPANS.breach_hours * _HOUR


def source_notice_by(obtained: Moment, first_use: Moment | None = None) -> date:
    """Return by when a person must know that her data came from somebody else (GDPR Art. 14(3)).

    A month after it was obtained, back to a day on which staff work; but no later than the first use: a message to
    her, or its disclosure to another.
    """
    safe = roll_back(add_months(day_of(obtained), SPANS.source_notice_months), Calendar.FI_PUBLIC)
    return safe if first_use is None else min(safe, day_of(first_use))


def marketing_stop(objected: int) -> MarketingStop:
    """Return by when marketing has stopped after an objection or a withdrawn consent (GDPR Art. 21(3), 7(3)).

    The law says at once; these are what we hold ourselves to.
    """
    return MarketingStop(
        objected + SPANS.marketing_stream_minutes * _MINUTE, objected + SPANS.marketing_mailer_hours * _HOUR
    )


def instruction_by(decided: Moment) -> date:
    """Return by when a processor must have its instruction (GDPR Art. 28(3)); the day of the decision is not counted."""
    return add_working_days(day_of(decided), SPANS.instruction_working_days, Calendar.FI_STATUTORY)


def party_notice_by(decided: Moment) -> date:
    """Return by when a controller must have its notice (GDPR Art. 19); the day of the decision is not counted."""
    return add_working_days(day_of(decided), SPANS.party_notice_working_days, Calendar.FI_STATUTORY)


def case_file_until(state: str, ended: Moment) -> date:
    """Return the last day on which the sealed parts of a case are kept that ended in that state then (Art. 5(1)(e), 5(2))."""
    day = day_of(ended)
    if state == "withdrawn":
        return day + timedelta(days=SPANS.withdrawn_case_days)
    if state == "duplicate":
        return day + timedelta(days=SPANS.duplicate_case_days)
    return add_months(day, 12 * SPANS.case_file_years)


def policy_effective_from(posted: int) -> int:
    """Return the first instant at which a changed policy may take effect.

    Both the hours must have elapsed and the whole calendar days between; in a week that is an hour short, when clocks
    go forward, the hours can be the later.
    """
    full_days = start_of(day_of(posted) + timedelta(days=SPANS.policy_change_full_days + 1))
    return max(posted + SPANS.policy_change_hours * _HOUR, full_days)
