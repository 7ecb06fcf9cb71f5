"""How often something may be done: whatever comes in whatever order, never more often than that."""

from hypothesis import given
from hypothesis import strategies as st

from console.web.customers.allowances import Allowance

SPAN = 100
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60)), max_size=80)


def taken(steps: list[tuple[str, int]], most: int) -> list[tuple[str, int]]:
    """When what was allowed."""
    moment = 0
    allowance = Allowance(lambda: moment, most, SPAN)
    found = []
    for name, passes in steps:
        moment += passes
        if allowance.takes(name):
            found.append((name, moment))
    return found


@given(STEPS, st.integers(1, 5))
def test_in_no_window_is_it_done_more_often_than_allowed(steps: list[tuple[str, int]], most: int) -> None:
    found = taken(steps, most)
    for name in "abc":
        times = [at for each, at in found if each == name]
        for first in times:
            assert sum(first <= at < first + SPAN for at in times) <= most


@given(STEPS, st.integers(1, 5))
def test_what_others_do_takes_nothing_from_anybody(steps: list[tuple[str, int]], most: int) -> None:
    moment, alone = 0, []
    allowance = Allowance(lambda: moment, most, SPAN)
    for name, passes in steps:
        moment += passes
        if name == "a" and allowance.takes("a"):
            alone.append(("a", moment))
    assert [each for each in taken(steps, most) if each[0] == "a"] == alone


@given(STEPS, st.integers(1, 5))
def test_it_is_refused_only_where_that_many_are_in_the_window(steps: list[tuple[str, int]], most: int) -> None:
    moment, times = 0, dict[str, list[int]]()
    allowance = Allowance(lambda: moment, most, SPAN)
    for name, passes in steps:
        moment += passes
        within = [at for at in times.get(name, []) if moment - at < SPAN]
        assert allowance.takes(name) == (len(within) < most)
        if len(within) < most:
            times.setdefault(name, []).append(moment)


def test_what_is_over_is_forgotten() -> None:
    moment = 0
    allowance = Allowance(lambda: moment, 2, SPAN)
    for number in range(50):
        assert allowance.takes(number)
    assert len(allowance) == 50
    moment = SPAN
    assert allowance.takes("one more")
    assert len(allowance) == 1
