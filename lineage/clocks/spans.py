"""How long each clock runs, read from `spans.toml`, so that a change of law or policy changes no code."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Spans:
    """The spans by name; the unit is in the name. What each stands for is said in `spans.toml`."""

    answer_months: int
    extended_months: int
    policy_working_days: int
    ask_within_working_days: int
    alarm_working_days: tuple[int, ...]
    breach_hours: int
    source_notice_months: int
    marketing_stream_minutes: int
    marketing_mailer_hours: int
    instruction_working_days: int
    party_notice_working_days: int
    case_file_years: int
    withdrawn_case_days: int
    duplicate_case_days: int
    policy_change_hours: int
    policy_change_full_days: int


def _shipped() -> Spans:
    table = tomllib.loads(files("lineage.clocks").joinpath("spans.toml").read_text("utf-8"))
    return Spans(**{**table, "alarm_working_days": tuple(table["alarm_working_days"])})


SPANS = _shipped()
