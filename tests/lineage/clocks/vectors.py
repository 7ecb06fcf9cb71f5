"""The vectors of the law: arrivals and the dates they give, worked out by hand from a calendar."""

from dataclasses import dataclass
from datetime import date, datetime

from lineage.clocks import HELSINKI, Moment, start_of


def instant(text: str) -> int:
    """An instant of ISO 8601, as microseconds."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo
    seconds = moment.timestamp()
    assert seconds == int(seconds)
    return int(seconds) * 1_000_000


def local(microseconds: int) -> str:
    """An instant as it is written in Helsinki."""
    return datetime.fromtimestamp(microseconds // 1_000_000, HELSINKI).isoformat(timespec="minutes")


@dataclass(frozen=True, slots=True)
class Vector:
    name: str
    received: Moment
    approved: date | None
    raw: date
    legal: date
    with_b: date
    policy: date | None
    operative: date
    asked: date | None = None
    proved: date | None = None


def _vector(name: str, row: str, asked: str | None = None, proved: str | None = None) -> Vector:
    received, approved, raw, legal, with_b, policy, operative = row.split()
    return Vector(
        name=name,
        received=instant(received) if "T" in received else date.fromisoformat(received),
        approved=_maybe(approved),
        raw=date.fromisoformat(raw),
        legal=date.fromisoformat(legal),
        with_b=date.fromisoformat(with_b),
        policy=_maybe(policy),
        operative=date.fromisoformat(operative),
        asked=_maybe(asked or "-"),
        proved=_maybe(proved or "-"),
    )


def _maybe(text: str) -> date | None:
    return None if text == "-" else date.fromisoformat(text)


MONTHS = (
    # name, received, approved, raw, legal (A), with B, policy (C), operative
    _vector("V01 Easter Sunday", "2026-03-05 2026-03-05 2026-04-05 2026-04-07 2026-04-07 2026-04-02 2026-04-02"),
    _vector("V02 Good Friday", "2026-03-03 - 2026-04-03 2026-04-07 2026-04-07 - 2026-04-02"),
    _vector("V03 31 to 30", "2026-08-31 2026-08-31 2026-09-30 2026-09-30 2026-09-30 2026-09-28 2026-09-28"),
    _vector("V04 31 to 28", "2027-01-31 - 2027-02-28 2027-03-01 2027-03-01 - 2027-02-26"),
    _vector("V05 31 to 29", "2028-01-31 - 2028-02-29 2028-02-29 2028-02-29 - 2028-02-29"),
    _vector("V06 Vappu", "2026-04-01 - 2026-05-01 2026-05-04 2026-05-04 - 2026-04-30"),
    _vector("V08 Midsummer Eve", "2026-05-19 2026-05-19 2026-06-19 2026-06-22 2026-06-22 2026-06-16 2026-06-16"),
    _vector("V10 Christmas Eve", "2026-11-24 2026-11-24 2026-12-24 2026-12-24 2026-12-28 2026-12-22 2026-12-22"),
    _vector("V11 Christmas Day", "2026-11-25 - 2026-12-25 2026-12-28 2026-12-28 - 2026-12-23"),
    _vector("V12 Independence Day", "2026-11-06 - 2026-12-06 2026-12-07 2026-12-07 - 2026-12-04"),
    _vector("V15 promise first", "2026-11-23 2026-11-23 2026-12-23 2026-12-23 2026-12-23 2026-12-21 2026-12-21"),
    _vector("V16 late approval", "2026-12-10 2026-12-18 2027-01-10 2027-01-11 2027-01-11 2027-01-20 2027-01-08"),
    _vector("V17 late approval", "2026-09-07 2026-09-21 2026-10-07 2026-10-07 2026-10-07 2026-10-19 2026-10-07"),
    _vector("V18 same day", "2027-02-01 2027-02-01 2027-03-01 2027-03-01 2027-03-01 2027-03-01 2027-03-01"),
    _vector(
        "V21 pause",
        "2026-09-14 2026-09-30 2026-10-28 2026-10-28 2026-10-28 2026-10-28 2026-10-28",
        asked="2026-09-16",
        proved="2026-09-30",
    ),
    _vector("V22 after midnight", "2026-03-31T22:30+00:00 - 2026-05-01 2026-05-04 2026-05-04 - 2026-04-30"),
)


@dataclass(frozen=True, slots=True)
class Extension:
    name: str
    received: date
    notice_by: date
    legal: date
    raw: date
    last_lawful: date
    from_raw: date
    """Wrong: the first month's raw date and two months."""
    from_legal: date
    """Wrong: the first month's shifted date and two months."""


def _extension(name: str, row: str) -> Extension:
    return Extension(name, *map(date.fromisoformat, row.split()))


EXTENSIONS = (
    # name, received, notice by: safe, legal, ext raw, ext legal (A), wrong from raw, wrong from legal
    _extension("V23", "2026-08-31 2026-09-30 2026-09-30 2026-11-30 2026-11-30 2026-11-30 2026-11-30"),
    _extension("V24", "2026-11-30 2026-12-30 2026-12-30 2027-02-28 2027-03-01 2027-02-28 2027-03-01"),
    _extension("V25", "2027-01-31 2027-02-26 2027-03-01 2027-04-30 2027-04-30 2027-04-28 2027-05-03"),
    _extension("V26", "2026-09-24 2026-10-23 2026-10-26 2026-12-24 2026-12-24 2026-12-24 2026-12-28"),
)

NOON_OF = {
    vector.name: start_of(vector.received) + 43_200_000_000 for vector in MONTHS if isinstance(vector.received, date)
}
