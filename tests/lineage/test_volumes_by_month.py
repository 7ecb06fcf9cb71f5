"""Volumes by month add up to every disclosure, each in the month it occurred in."""

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from lineage.times import rfc3339
from lineage.volumes_by_month import EARLIER, MONTHS, months_between, received_by_month
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import facts, route

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants bounds without a zone
TOLD = st.lists(st.tuples(st.sampled_from(["posti", "dhl"]), MOMENTS), max_size=12)


def microseconds(moment: datetime) -> int:
    return round(moment.timestamp()) * 1_000_000


def recorded(told: list[tuple[str, datetime]]) -> MemoryGraph:
    graph = MemoryGraph()
    graph.record([
        facts(f"e{number}", at=microseconds(moment), discloses=[("email:a", route(party))])
        for number, (party, moment) in enumerate(told)
    ])  # fmt: skip
    return graph


@given(TOLD)
def test_every_disclosure_is_counted_in_its_month_or_as_earlier(told: list[tuple[str, datetime]]) -> None:
    found = received_by_month(recorded(told))
    months = [(party, rfc3339(microseconds(moment))[:7]) for party, moment in told]
    every = months_between(min(month for _, month in months), max(month for _, month in months)) if months else []
    apart = set(every[-MONTHS:])
    assert {(party, month): count for party, by in found.items() for month, count in by.items()} == Counter(
        (party, month if month in apart else EARLIER) for party, month in months
    )
    assert list(found) == sorted(found)
    assert all(list(by) == sorted(by, key=lambda month: (month != EARLIER, month)) for by in found.values())


def test_a_month_begins_at_its_first_microsecond_in_utc() -> None:
    begins = microseconds(datetime(2026, 3, 1, tzinfo=UTC))
    graph = MemoryGraph()
    graph.record([facts(f"e{at}", at=at, discloses=[("email:a", route("posti"))]) for at in (begins - 1, begins)])
    assert received_by_month(graph) == {"posti": {"2026-02": 1, "2026-03": 1}}


def test_months_go_over_the_turn_of_the_year() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert months_between(EARLIER, "2026-02") == [EARLIER, "2026-02"]
    assert months_between(EARLIER, EARLIER) == [EARLIER]
