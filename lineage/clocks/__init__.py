"""By when the law, and the company's own promise, want something done. Pure dates and instants: no store, no today."""

from lineage.clocks.calendars import Calendar, add_working_days, holidays_of, is_working_day, roll_back, roll_forward
from lineage.clocks.days import HELSINKI, Moment, add_months, day_of, is_before, start_of
from lineage.clocks.deadlines import Deadlines, alarms, deadlines
from lineage.clocks.others import (
    MarketingStop,
    authority_notice_by,
    case_file_until,
    instruction_by,
    marketing_stop,
    party_notice_by,
    policy_effective_from,
    source_notice_by,
)
from lineage.clocks.spans import SPANS, Spans

__all__ = [
    "HELSINKI",
    "SPANS",
    "Calendar",
    "Deadlines",
    "MarketingStop",
    "Moment",
    "Spans",
    "add_months",
    "add_working_days",
    "alarms",
    "authority_notice_by",
    "case_file_until",
    "day_of",
    "deadlines",
    "holidays_of",
    "instruction_by",
    "is_before",
    "is_working_day",
    "marketing_stop",
    "party_notice_by",
    "policy_effective_from",
    "roll_back",
    "roll_forward",
    "source_notice_by",
    "start_of",
]
