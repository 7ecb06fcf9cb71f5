from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from lineage.register import Validity
from tests.lineage.register.small import at

HELSINKI = ZoneInfo("Europe/Helsinki")
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
MAYBE = st.none() | DAYS
INSTANTS = st.integers(at("1989-12-30T00:00"), at("2101-01-02T00:00"))


def helsinki_day(instant: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).astimezone(HELSINKI).date()


def holds(validity: Validity, day: date) -> bool:
    return (validity.valid_from is None or validity.valid_from <= day) and (
        validity.valid_until is None or day <= validity.valid_until
    )


@given(MAYBE, MAYBE, INSTANTS)
def test_an_instant_is_covered_exactly_if_its_day_in_helsinki_is(first: date, last: date, instant: int) -> None:
    validity = Validity(first, last)
    assert validity.covers(instant) == holds(validity, helsinki_day(instant))


def test_the_last_day_is_included_to_its_last_microsecond() -> None:
    validity = Validity(date(2026, 1, 1), date(2026, 6, 30))
    assert not validity.covers(at("2026-01-01T00:00") - 1)
    assert validity.covers(at("2026-01-01T00:00"))
    assert validity.covers(at("2026-07-01T00:00") - 1)
    assert not validity.covers(at("2026-07-01T00:00"))


def test_a_day_of_summer_time_change_has_its_own_length() -> None:
    short, long = Validity(date(2026, 3, 29), date(2026, 3, 29)), Validity(date(2026, 10, 25), date(2026, 10, 25))
    assert (short.ends - short.starts) // 3_600_000_000 == 23
    assert (long.ends - long.starts) // 3_600_000_000 == 25


@given(MAYBE, MAYBE, MAYBE, MAYBE, DAYS)
def test_two_validities_meet_on_the_days_on_which_both_hold(
    a: date | None, b: date | None, c: date | None, d: date | None, day: date
) -> None:
    one, other = Validity(a, b), Validity(c, d)
    both = holds(one, day) and holds(other, day)
    if both:
        assert one.overlaps(other)
        assert other.overlaps(one)
    if one.overlaps(other):
        assert holds(one.meet(other), day) == both
