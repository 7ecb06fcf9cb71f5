from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.clocks import (
    Calendar,
    Deadlines,
    Moment,
    add_months,
    alarms,
    day_of,
    deadlines,
    holidays_of,
    is_working_day,
    roll_back,
    roll_forward,
    start_of,
)
from lineage.errors import Misconfigured
from tests.lineage.clocks.vectors import EXTENSIONS, MONTHS, NOON_OF, Extension, Vector, instant

DAY = timedelta(days=1)
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
every_month = pytest.mark.parametrize("vector", MONTHS, ids=lambda vector: vector.name)
every_extension = pytest.mark.parametrize("vector", EXTENSIONS, ids=lambda vector: vector.name)


@every_month
def test_the_dates_of_a_month_are_those_of_the_vectors(vector: Vector) -> None:
    found = deadlines(vector.received, vector.approved, vector.asked, vector.proved)
    assert (found.raw, found.legal, found.policy, found.operative) == (
        vector.raw,
        vector.legal,
        vector.policy,
        vector.operative,
    )
    assert (found.ext_raw, found.ext_legal, found.notice_by) == (None, None, None)
    assert roll_forward(found.raw, Calendar.FI_PUBLIC) == vector.with_b
    assert found.safe == roll_back(vector.raw, Calendar.FI_PUBLIC)


@every_month
def test_an_instant_gives_the_dates_of_its_day(vector: Vector) -> None:
    if vector.name in NOON_OF:
        at_noon = deadlines(NOON_OF[vector.name], vector.approved, vector.asked, vector.proved)
        assert at_noon == deadlines(vector.received, vector.approved, vector.asked, vector.proved)


@every_extension
def test_an_extension_counts_from_the_arrival(vector: Extension) -> None:
    found = deadlines(vector.received, extended=True)
    assert (found.notice_by, found.legal) == (vector.notice_by, vector.legal)
    assert (found.ext_raw, found.ext_legal) == (vector.raw, vector.last_lawful)
    assert found.operative == roll_back(vector.raw, Calendar.FI_PUBLIC)


@every_extension
def test_chained_months_are_the_wrong_dates_the_vectors_say(vector: Extension) -> None:
    found = deadlines(vector.received, extended=True)
    assert add_months(found.raw, 2) == vector.from_raw
    shifted = add_months(found.legal, 2)
    assert roll_forward(shifted, Calendar.FI_1182) == vector.from_legal
    wrong = {
        "V23": set(),
        "V24": {vector.from_raw},
        "V25": {vector.from_raw, vector.from_legal},
        "V26": {vector.from_legal},
    }
    assert {vector.from_raw, vector.from_legal} - {found.ext_legal} == wrong[vector.name]


def test_v34_the_date_without_the_pause_is_a_warning() -> None:
    found = deadlines(date(2026, 9, 14), date(2026, 9, 30), date(2026, 9, 16), date(2026, 9, 30))
    (warning,) = found.warnings
    assert "14 days" in warning
    assert "2026-10-14" in warning
    assert deadlines(date(2026, 9, 14)).raw == date(2026, 10, 14)


def test_v35_the_month_counts_in_helsinki_and_not_in_utc() -> None:
    arrival = instant("2026-03-31T22:30:00+00:00")
    assert day_of(arrival) == date(2026, 4, 1)
    assert deadlines(arrival).legal == date(2026, 5, 4)
    in_utc = date(2026, 3, 31)
    assert deadlines(in_utc).legal == date(2026, 4, 30) != deadlines(arrival).legal


@pytest.mark.parametrize("asked", [date(2026, 9, 18), date(2026, 12, 24)])
def test_a_proof_asked_for_too_late_stops_no_clock(asked: date) -> None:
    found = deadlines(date(2026, 9, 14), asked=asked, proved=asked + 14 * DAY)
    assert found.raw == date(2026, 10, 14)
    (warning,) = found.warnings
    assert "no pause" in warning
    assert "2026-09-17" in warning


def test_a_proof_asked_for_on_the_third_working_day_stops_the_clock() -> None:
    found = deadlines(date(2026, 9, 10), asked=date(2026, 9, 15), proved=date(2026, 9, 16))
    assert found.raw == date(2026, 10, 11)
    assert "1 day " in found.warnings[0]


def test_christmas_eve_counts_among_the_days_to_ask_for_a_proof() -> None:
    arrived, last = date(2026, 12, 23), date(2026, 12, 29)
    assert deadlines(arrived, asked=last, proved=last + DAY).raw == date(2027, 1, 24)
    assert deadlines(arrived, asked=last + DAY, proved=last + 2 * DAY).raw == date(2027, 1, 23)


def test_a_proof_that_comes_the_same_day_adds_nothing_and_warns_of_nothing() -> None:
    assert deadlines(date(2026, 9, 14), asked=date(2026, 9, 14), proved=date(2026, 9, 14)) == deadlines(
        date(2026, 9, 14)
    )


@pytest.mark.parametrize(("asked", "proved"), [(date(2026, 9, 15), None), (None, date(2026, 9, 15))])
def test_without_both_the_question_and_the_proof_there_is_no_pause(asked: date | None, proved: date | None) -> None:
    assert deadlines(date(2026, 9, 14), None, asked, proved) == deadlines(date(2026, 9, 14))


def test_the_promise_counts_both_eves_as_working_days() -> None:
    assert deadlines(date(2026, 6, 8), date(2026, 6, 8)).policy == date(2026, 7, 6)
    assert deadlines(date(2026, 12, 7), date(2026, 12, 7)).policy == date(2027, 1, 7)


def test_a_pause_lengthens_the_extension_too() -> None:
    asked = (date(2026, 9, 16), date(2026, 9, 30))
    found = deadlines(date(2026, 9, 14), None, *asked, extended=True)
    assert (found.notice_by, found.ext_raw) == (date(2026, 10, 28), date(2026, 12, 28))
    assert "2026-12-14" in found.warnings[0]
    assert "2026-10-14" in found.warnings[0]


def test_the_notice_of_an_extension_is_due_when_the_first_month_steers_the_promise_included() -> None:
    found = deadlines(date(2026, 11, 24), date(2026, 11, 24), extended=True)
    assert found.notice_by == found.policy == date(2026, 12, 22)
    assert found.operative == date(2027, 2, 24)
    assert "2026-12-22" in found.warnings[0]


@pytest.mark.parametrize(
    ("found", "days_"),
    [
        (deadlines(date(2026, 11, 24), date(2026, 11, 24)), (date(2026, 12, 15), date(2026, 12, 18))),
        (deadlines(date(2026, 11, 28)), (date(2026, 12, 17), date(2026, 12, 22))),
        (deadlines(date(2026, 9, 26), extended=True), (date(2026, 12, 16), date(2026, 12, 21))),
    ],
    ids=["before the promise", "over Christmas", "extended"],
)
def test_alarms_come_five_and_two_working_days_before(found: Deadlines, days_: tuple[date, ...]) -> None:
    assert alarms(found) == days_


@pytest.mark.parametrize(
    ("moments", "text"),
    [
        ((date(2026, 9, 14), date(2026, 9, 13)), "approval"),
        ((instant("2026-09-14T12:00:00+03:00"), instant("2026-09-14T11:59:59+03:00")), "approval"),
        ((date(2026, 9, 14), None, date(2026, 9, 13), date(2026, 9, 20)), "asked for before"),
        ((date(2026, 9, 14), None, date(2026, 9, 16), date(2026, 9, 15)), "came before"),
    ],
)
def test_moments_out_of_order_are_refused(moments: tuple[Moment, ...], text: str) -> None:
    with pytest.raises(Misconfigured, match=text):
        deadlines(*moments)


def test_a_day_and_an_instant_in_it_are_in_order_either_way() -> None:
    noon = instant("2026-09-14T12:00:00+03:00")
    assert deadlines(noon, date(2026, 9, 14)) == deadlines(date(2026, 9, 14), noon)


@pytest.mark.parametrize(
    "moment", [date(1989, 12, 31), date(2101, 1, 1), start_of(date(1990, 1, 1)) - 1, 10**18, -(10**18)]
)
def test_years_without_known_holidays_are_refused(moment: Moment) -> None:
    with pytest.raises(Misconfigured, match="1990 to 2100"):
        deadlines(moment)


@given(days, st.none() | st.integers(0, 40), st.integers(0, 20), st.booleans())
def test_no_date_steers_past_the_law(received: date, approval: int | None, wait: int, extended: bool) -> None:
    approved = None if approval is None else received + approval * DAY
    found = deadlines(received, approved, received, received + wait * DAY, extended=extended)
    assert found.safe <= found.raw <= found.legal
    assert found.operative <= (found.ext_legal or found.legal)
    assert found.notice_by is None or found.notice_by <= found.legal
    for lawful in (found.legal, found.ext_legal):
        if lawful:
            assert lawful.weekday() < 5
            assert lawful not in holidays_of(Calendar.FI_1182, lawful.year)
    assert is_working_day(found.safe, Calendar.FI_PUBLIC)
    first, second = alarms(found)
    assert first < second < found.operative


@given(days, st.integers(0, 400), st.booleans())
def test_who_came_later_is_never_due_sooner(received: date, more: int, extended: bool) -> None:
    later = received + more * DAY
    if later.year > 2099:
        return
    one, two = deadlines(received, received, extended=extended), deadlines(later, later, extended=extended)
    names = ("raw", "legal", "safe", "policy", "operative") + (
        ("ext_raw", "ext_legal", "notice_by") if extended else ()
    )
    assert all(getattr(one, name) <= getattr(two, name) for name in names)


@given(days, st.integers(0, 12))
def test_a_month_ends_in_the_month_after_on_the_same_day_or_its_last(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end.day < day.day and (end + DAY).day == 1)
