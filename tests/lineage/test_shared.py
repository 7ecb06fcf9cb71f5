"""Shared identifiers as they are decided about: who shares one, what was decided, and what the decision comes to."""

from lineage.graph import NOW
from lineage.persons import find_person
from lineage.shared import Shared, are_apart, decided, holding, pairs_of, shared_by
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import facts, key
from tests.lineage.test_persons import HOUSEHOLD, graph_of


def of(graph: MemoryGraph, name: str) -> list[Shared]:
    return shared_by(graph, find_person(graph, key(name), NOW), NOW)


def who(shared: Shared) -> dict[bytes, bool]:
    return {each.person: each.hers for each in shared.claims}


def test_a_households_telephone_is_to_decide_and_what_hangs_on_it_alone_follows() -> None:
    (phone,) = of(graph_of(HOUSEHOLD), "customer_id:1")
    assert (phone.key, phone.kind) == (key("phone:home"), "phone")
    assert who(phone) == {key("customer_id:1"): True, key("customer_id:2"): False}


def test_asked_by_the_shared_one_itself_it_is_nobodys_yet() -> None:
    (phone,) = of(graph_of(HOUSEHOLD), "phone:home")
    assert who(phone) == {key("customer_id:1"): False, key("customer_id:2"): False}


def test_who_shares_nothing_has_nothing_to_decide() -> None:
    assert of(graph_of([("customer_id:1", "phone:a")]), "customer_id:1") == []
    assert of(graph_of([]), "customer_id:1") == []


def test_only_owners_of_the_highest_rank_share_it() -> None:
    (phone,) = of(graph_of([*HOUSEHOLD, ("email:office", "phone:home")]), "customer_id:1")
    assert key("email:office") not in {each.owner for each in phone.claims}


def test_two_owners_of_one_person_are_one_claim() -> None:
    graph = graph_of([*HOUSEHOLD, ("customer_id:3", "phone:home")], ("customer_id:1", "customer_id:3", True, 5))
    (phone,) = of(graph, "customer_id:1")
    assert sorted(each.hers for each in phone.claims) == [False, True]


def test_a_link_to_an_owner_decides_and_taking_it_back_opens_it_again() -> None:
    graph = graph_of(HOUSEHOLD, ("phone:home", "customer_id:1", True, 5))
    assert of(graph, "customer_id:1") == []
    graph.record([facts("back", at=6, link=("phone:home", "customer_id:1", False))])
    assert [each.key for each in of(graph, "customer_id:1")] == [key("phone:home")]


def test_of_a_pair_the_later_decision_holds_whatever_the_order_they_came_in() -> None:
    links = [("customer_id:1", "customer_id:2", True, 5), ("customer_id:1", "customer_id:2", False, 9)]
    for some in (links, links[::-1]):
        graph = graph_of(HOUSEHOLD, *some)
        (found,) = decided(graph, {key("customer_id:1")}, NOW)
        assert (found.at, found.joined) == (9, False)
        assert holding([found], key("customer_id:2"), key("customer_id:1")) is found
        assert holding([found], key("customer_id:2"), key("phone:home")) is None


def test_of_two_decisions_of_one_moment_the_one_that_joins_nobody_holds() -> None:
    graph = graph_of([], ("email:a", "email:b", False, 5), ("email:a", "email:b", True, 5))
    assert [each.joined for each in decided(graph, {key("email:a")}, NOW)] == [False]
    assert find_person(graph, key("email:a"), NOW).members == {key("email:a"): "email"}


def test_it_is_known_that_they_were_said_to_be_different_persons() -> None:
    (phone,) = of(graph_of(HOUSEHOLD), "customer_id:1")
    assert pairs_of(phone) == [(key("customer_id:1"), key("customer_id:2"))]
    assert not are_apart([], phone)
    graph = graph_of(HOUSEHOLD, ("customer_id:1", "customer_id:2", False, 5))
    (phone,) = of(graph, "customer_id:1")
    assert are_apart(decided(graph, {key("customer_id:1")}, NOW), phone)
