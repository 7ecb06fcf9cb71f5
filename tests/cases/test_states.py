"""The states of a task under any sequence of answers; and that the check would notice a table that lets too much through."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.cases.transitions import NEXT
from lineage.cases.words import TASK_STATES, TaskState

Table = Mapping[TaskState, frozenset[TaskState]]
BEGINNINGS: tuple[TaskState, ...] = ("held", "queued", "promised")
answers = st.lists(st.sampled_from(TASK_STATES), max_size=12)


def states(table: Table, begun: TaskState, said: Sequence[TaskState]) -> list[TaskState]:
    """The states a task goes through when each answer is taken that the table lets through."""
    found = [begun]
    for each in said:
        if each in table[found[-1]]:
            found.append(each)
    return found


def check(table: Table, begun: TaskState, said: Sequence[TaskState]) -> None:
    found = states(table, begun, said)
    for now, then in pairwise(found):
        assert now != "cancelled", "what was withdrawn stays so"
        assert now != "verified" or then in {"verified", "failed"}, "only a proof that it is untrue takes a proof back"
        assert now != "held" or then in {"held", "queued", "cancelled"}, "what the law keeps is not done before its day"
        assert then != "held" or now == "held", "nothing is kept that was to go"
        assert then != "cancelled" or now in {"held", "queued", "manual"}, "what went out cannot be unsaid"
        assert not (then == "accepted" and now in {"verified", "promised", "declined", "not_held", "partial"})


@given(st.sampled_from(BEGINNINGS), answers)
def test_under_any_sequence_of_answers_a_task_goes_only_where_it_may(begun: TaskState, said: list[TaskState]) -> None:
    check(NEXT, begun, said)


def test_from_every_state_but_a_withdrawn_one_a_task_can_still_be_done() -> None:
    for state in set(TASK_STATES) - {"cancelled"}:
        reached, new = {state}, {state}
        while new:
            new = {then for now in new for then in NEXT[now]} - reached
            reached |= new
        assert "verified" in reached, state


@pytest.mark.parametrize(
    ("state", "then"),
    [
        ("verified", "accepted"),
        ("cancelled", "queued"),
        ("held", "verified"),
        ("sent", "cancelled"),
        ("promised", "accepted"),
    ],
)
def test_a_table_that_lets_too_much_through_would_be_noticed(state: TaskState, then: TaskState) -> None:
    broken = {**NEXT, state: NEXT[state] | {then}}
    with pytest.raises(AssertionError):
        check(broken, state, [then])


@given(st.sampled_from(BEGINNINGS), answers)
def test_an_answer_given_twice_is_the_same_as_once(begun: TaskState, said: list[TaskState]) -> None:
    twice = [each for one in said for each in (one, one)]
    once = states(NEXT, begun, said)
    assert [*dict.fromkeys(states(NEXT, begun, twice))][-1] in once
    assert states(NEXT, begun, twice)[-1] == once[-1]
