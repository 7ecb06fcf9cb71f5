"""Whether a consent held is decided when asked, by what had been decided by then, in whatever order it arrived."""

from itertools import permutations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lineage.consents import ConsentOf, Decisions
from lineage.facts import Consent
from lineage.graph import NOW, Until
from lineage.persons import find_person
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import facts, key

DECISIONS = st.lists(
    st.tuples(st.sampled_from(["newsletter", "analytics"]), st.booleans(), st.integers(0, 6)), max_size=8
)


def consents(decided: list[tuple[str, bool, int]]) -> list[Consent]:
    return [
        Consent(key(f"e{n}"), key("email:a"), purpose, granted, at, 0, b"")
        for n, (purpose, granted, at) in enumerate(decided)
    ]


@given(DECISIONS, st.randoms())
def test_what_held_is_the_last_decision_by_then_and_a_withdrawal_at_the_same_instant(
    decided: list[tuple[str, bool, int]], order: Random
) -> None:
    shuffled = list(decided)
    order.shuffle(shuffled)
    found = Decisions(consents(shuffled))
    for purpose in ("newsletter", "analytics", "other"):
        for at in range(-1, 8):
            before = [(when, not granted) for what, granted, when in decided if what == purpose and when <= at]
            assert found.held(purpose, at) == (not max(before)[1] if before else None)


def test_a_consent_holds_from_its_moment_until_it_is_withdrawn() -> None:
    decided = Decisions(consents([("newsletter", True, 10), ("newsletter", False, 20), ("newsletter", True, 30)]))
    assert [decided.held("newsletter", at) for at in (9, 10, 19, 20, 29, 30)] == [None, True, True, False, False, True]


def test_consent_of_a_person_is_that_given_under_any_of_her_identifiers() -> None:
    events = [
        facts("opened", owns=[("customer_id:1", "email:a"), ("customer_id:1", "device_id:d")]),
        facts("given", at=10, consents=[("email:a", "newsletter", True)]),
        facts("taken back", at=20, consents=[("customer_id:1", "newsletter", False)]),
    ]
    for order in permutations(events):
        graph = MemoryGraph()
        graph.record(order)
        consent = ConsentOf(graph, find_person(graph, key("customer_id:1"), NOW), NOW)
        assert [consent.held("newsletter", at, shared=False) for at in (9, 10, 20)] == [False, True, False]
        assert not consent.held("analytics", 10, shared=False)


def household() -> MemoryGraph:
    graph = MemoryGraph()
    graph.record(
        [
            facts(f"opened-{n}", owns=[(f"customer_id:{n}", "device_id:d"), (f"customer_id:{n}", f"email:{n}")])
            for n in (1, 2)
        ]
    )
    return graph


def consent_of(graph: MemoryGraph, name: str, until: Until = NOW) -> ConsentOf:
    return ConsentOf(graph, find_person(graph, key(name), until), until)


def test_where_she_decided_nothing_a_decision_on_a_shared_device_counts() -> None:
    graph = household()
    graph.record([facts("device", at=10, consents=[("device_id:d", "analytics", True)])])
    assert consent_of(graph, "customer_id:1").held("analytics", 10, shared=False)
    graph.record([facts("own", at=20, consents=[("customer_id:1", "analytics", False)])])
    assert not consent_of(graph, "customer_id:1").held("analytics", 20, shared=False)
    assert consent_of(graph, "customer_id:2").held("analytics", 20, shared=False)


def test_what_is_shared_rests_on_its_own_consent_or_that_of_one_who_shares_it() -> None:
    graph = household()
    assert not consent_of(graph, "device_id:d").held("analytics", 50, shared=True)
    graph.record([facts("hers", at=10, consents=[("customer_id:2", "analytics", True)])])
    for asked in ("device_id:d", "customer_id:1", "customer_id:2"):
        assert consent_of(graph, asked).held("analytics", 10, shared=True)
    graph.record([facts("device", at=20, consents=[("device_id:d", "analytics", False)])])
    assert not consent_of(graph, "device_id:d").held("analytics", 20, shared=True)


def test_as_of_a_time_later_decisions_are_not_known() -> None:
    graph = MemoryGraph()
    graph.record([
        facts("given", at=10, recorded=100, consents=[("email:a", "newsletter", True)]),
        facts("taken back", at=20, recorded=200, consents=[("email:a", "newsletter", False)]),
    ])  # fmt: skip
    assert not consent_of(graph, "email:a").held("newsletter", 25, shared=False)
    assert consent_of(graph, "email:a", Until(known_at=150)).held("newsletter", 25, shared=False)
