"""What was sent against an objection or a restriction is drift while that stood: not before, and not from its end on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.drift import RIGHT_IGNORED, Drift, drift
from lineage.graph import NOW, Until
from lineage.register import Register, load_register
from lineage.tombstones import Suppression, standing, stood
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.memory_of_erased import PlainMemory
from tests.lineage.parts import facts, key, route
from tests.lineage.register.small import CATEGORIES

DAY = 86_400_000_000
NEW_YEAR = 1_767_225_600_000_000  # 2026
SENT = route("posti", "delivery", source="order-system", categories=("name",), controller="multitronic")


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(None, frozenset(CATEGORIES))


def word(day: int, *, lifted: bool = False, case: str = "case-1", ground: str = "restriction") -> Suppression:
    return Suppression(key("customer_id:1"), "*", "*", ground, NEW_YEAR + day * DAY, case, lifted)


def found(register: Register, words: list[Suppression], days: range, until: Until = NOW) -> list[int]:
    """The days on which something was sent that `right-ignored` tells of, each told with the case it was sent against."""
    graph = MemoryGraph()
    graph.record(
        [
            facts(
                f"sent {day}",
                at=NEW_YEAR + day * DAY,
                recorded=NEW_YEAR + day * DAY,
                discloses=[("customer_id:1", SENT)],
            )
            for day in days
        ]
    )
    told = drift(graph, register, None, memory=PlainMemory(suppressions=words), until=until)
    return sorted((each.disclosure.at - NEW_YEAR) // DAY for each in told if _ignored(each))


def _ignored(each: Drift) -> bool:
    return RIGHT_IGNORED in each.rules


def test_a_lifted_restriction_counts_for_what_was_sent_while_it_stood(register: Register) -> None:
    words = [word(10), word(20, lifted=True)]
    assert found(register, words[:1], range(30)) == [*range(11, 30)]
    assert found(register, words, range(30)) == [*range(11, 20)]


def test_a_second_restriction_after_the_first_was_lifted_is_an_interval_of_its_own(register: Register) -> None:
    words = [word(3), word(5, lifted=True), word(8, case="case-2"), word(11, lifted=True, case="case-2")]
    assert found(register, words, range(15)) == [4, 9, 10]


def test_looking_back_only_what_had_been_decided_by_then_counts(register: Register) -> None:
    words = [word(10), word(20, lifted=True)]
    assert found(register, words, range(30), Until(at=NEW_YEAR + 15 * DAY)) == [11, 12, 13, 14, 15]
    assert found(register, words, range(30), Until(known_at=NEW_YEAR + 15 * DAY)) == [11, 12, 13, 14, 15]
    assert found(register, words, range(30), Until(known_at=NEW_YEAR + 9 * DAY)) == []


def test_what_she_decided_after_a_disclosure_of_a_clock_that_is_ahead_was_known_does_not_count_then(
    register: Register,
) -> None:
    graph = MemoryGraph()
    graph.record([
        facts("ahead", at=NEW_YEAR + 7 * DAY, recorded=NEW_YEAR, discloses=[("customer_id:1", SENT)]),
    ])  # fmt: skip
    memory = PlainMemory(suppressions=[word(5)])
    told = [
        [_ignored(each) for each in drift(graph, register, None, memory=memory, until=Until(known_at=known_at))]
        for known_at in (NEW_YEAR + 6 * DAY, NEW_YEAR + 4 * DAY)
    ]
    assert told[0] == [True]
    assert True not in told[1]


def test_of_what_was_lifted_and_its_beginning_was_not_kept_nothing_is_told(register: Register) -> None:
    assert found(register, [word(20, lifted=True)], range(30)) == []


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans(), st.sampled_from(["case-1", "case-2"])), max_size=6))
def test_what_stands_is_what_was_never_lifted_since_in_whatever_order_it_was_said(
    said: list[tuple[int, bool, str]],
) -> None:
    words = [word(day, lifted=lifted, case=case) for day, lifted, case in said]
    intervals = stood(words)
    assert intervals == stood(reversed(words))
    open_ = {each.said for each in intervals if each.until is None}
    assert {*standing(words)} == ({max(open_, key=lambda each: (each.at, each.case))} if open_ else set())
    assert all(each.until is None or each.said.at < each.until or each.said.at == each.until for each in intervals)
