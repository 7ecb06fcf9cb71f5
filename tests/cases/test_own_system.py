"""What a system of our own is told: event by event which categories are meant, what is kept there, and from which time."""

import pytest

from lineage.cases.orders import Order, Outcome, Sending
from lineage.cases.replaying import replay_of
from schemas.records import microseconds
from tests.cases.events import account, order, payment
from tests.cases.stage import Party, Stage, task_of

HER = ("customer_id", "C-1")
SYSTEM = "order-system"


def pairs(ways: tuple[Sending, ...]) -> set[tuple[str, str, str]]:
    """(order, purpose, category) of every way."""
    return {(dict(way.identifiers).get("order_id", "-"), way.purpose, each) for way in ways for each in way.categories}


@pytest.fixture
def two_years(stage: Stage) -> Stage:
    """An order of 2024, and one of 2026."""
    stage.at("2024-06-01T10:00:00+03:00")
    stage.record(account(), order("O-1"), payment("P-1", "O-1"))
    stage.at("2026-02-01T10:00:00+02:00")
    stage.record(order("O-2"), payment("P-2", "O-2"))
    return stage


def told(stage: Stage) -> list[Order]:
    return stage.told(SYSTEM)


def test_an_order_says_of_each_event_which_categories_go_and_which_are_kept(two_years: Stage) -> None:
    two_years.at("2031-01-01T10:00:00+02:00")  # the first order's years are over, the second's are not
    two_years.approve(two_years.preview(two_years.open("erasure", HER)))
    (first,) = told(two_years)
    gone, kept = pairs(first.sendings), pairs(first.kept)
    assert ("O-1", "order", "order") in gone
    assert ("O-2", "order", "order") in kept
    assert ("O-2", "order", "email") in gone
    assert not gone & kept
    assert {each for _, _, each in gone} == set(first.categories)
    assert first.before is None


def test_what_goes_when_a_hold_is_over_is_only_what_was_there_before_she_was_forgotten(two_years: Stage) -> None:
    two_years.at("2026-09-01T10:00:00+03:00")  # no order is under way any more
    case = two_years.approve(two_years.preview(two_years.open("erasure", HER)))
    two_years.at("2031-01-01T10:00:00+02:00")
    two_years.run(case)
    *_, second = told(two_years)
    assert {number for number, *_ in pairs(second.sendings)} == {"O-1"}
    assert {number for number, *_ in pairs(second.kept)} == {"O-2"}
    assert second.before == two_years.work.case(case.id).entombed


def test_after_a_restore_it_is_told_what_it_was_told_and_of_a_closed_case_nothing_can_be(two_years: Stage) -> None:
    two_years.at("2026-09-01T10:00:00+03:00")  # no order is under way any more
    case = two_years.approve(two_years.preview(two_years.open("erasure", HER)))
    (first,) = told(two_years)
    replay = replay_of(two_years.work, SYSTEM)
    (again,) = replay.orders
    assert (again.key, again.sendings, again.kept) == (first.key, first.sendings, first.kept)
    assert again.before == two_years.work.case(case.id).entombed
    assert (replay.closed, replay.undecided) == (frozenset(), ())
    two_years.at("2034-05-01T10:00:00+03:00")
    assert two_years.run(case).state == "closed"
    replay = replay_of(two_years.work, SYSTEM)
    assert (replay.orders, replay.closed, replay.undecided) == ((), {case.id}, ())


def test_what_was_done_in_part_is_for_a_person_once_the_case_is_closed(two_years: Stage) -> None:
    two_years.parties.by_id[SYSTEM] = Party(lambda _order: Outcome("partial", "read-back", ground="left in orders"))
    two_years.at("2034-05-01T10:00:00+03:00")
    case = two_years.approve(two_years.preview(two_years.open("erasure", HER)))
    assert (case.state, task_of(case, SYSTEM).state) == ("closed", "partial")
    assert replay_of(two_years.work, SYSTEM).undecided == (case.id,)


@pytest.mark.parametrize(
    ("since", "count"), [(None, 0), ("2026-06-01T00:00:00+03:00", 0), ("2026-04-01T00:00:00+03:00", 1)]
)
def test_a_correction_is_made_again_only_where_the_backup_is_older(
    two_years: Stage, since: str | None, count: int
) -> None:
    two_years.at("2026-05-01T10:00:00+03:00")
    case = two_years.open("rectification", HER, changes={"email": "new@example.fi"})
    two_years.approve(two_years.preview(case))
    replay = replay_of(two_years.work, SYSTEM, microseconds(since) if since else None)
    assert len(replay.orders) == count
    assert [dict(each.changes) for each in replay.orders] == [{"email": "new@example.fi"}] * count
