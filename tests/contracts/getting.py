"""What every `lineage.graph.Graph` must say of what a party got. `GETTING` is part of `tests.contracts.graph.CHECKS`."""

from collections.abc import Callable

from lineage.graph import NOW, Graph, Until
from tests.lineage.drawn import added_up
from tests.lineage.parts import DELIVERY, facts, key, route


def what_a_party_got_is_given_by_identifier_and_route_within_an_interval(graph: Graph) -> None:
    posti, phones = DELIVERY, route(categories=("phone",))
    graph.record([
        facts("e1", at=1, discloses=[("customer_id:c", posti), ("email:a", posti), ("customer_id:c", route("dhl"))]),
        facts("e2", at=5, discloses=[("customer_id:c", posti), ("customer_id:c", phones)]),
        facts("e3", at=9, discloses=[("customer_id:c", posti), ("email:a", route("dhl"))]),
    ])  # fmt: skip
    customer, email = (key("customer_id:c"), "customer_id"), (key("email:a"), "email")
    assert added_up(graph, "posti") == {
        (*customer, posti): (3, 1, 9), (*customer, phones): (1, 5, 5), (*email, posti): (1, 1, 1),
    }  # fmt: skip
    assert added_up(graph, "posti", 2, 5) == {(*customer, posti): (1, 5, 5), (*customer, phones): (1, 5, 5)}
    assert added_up(graph, "posti", since=5) == {(*customer, posti): (2, 5, 9), (*customer, phones): (1, 5, 5)}
    assert added_up(graph, "posti", until=4) == {(*customer, posti): (1, 1, 1), (*email, posti): (1, 1, 1)}
    assert not added_up(graph, "posti", 10)
    assert not added_up(graph, "nobody")
    graph.forget([customer[0]], 5, [], None)
    assert added_up(graph, "posti") == {(*customer, posti): (1, 9, 9), (*email, posti): (1, 1, 1)}


def what_a_party_got_is_counted_by_route_within_an_interval(graph: Graph) -> None:
    phones = route(categories=("phone",))
    graph.record([
        facts("e1", at=1, discloses=[("customer_id:c", DELIVERY), ("email:a", DELIVERY), ("email:a", route("dhl"))]),
        facts("e2", at=5, discloses=[("customer_id:c", DELIVERY), ("customer_id:c", phones)]),
    ])  # fmt: skip
    assert set(graph.tallies("posti", None, None)) == {(DELIVERY, 2, 3, 1, 5), (phones, 1, 1, 5, 5)}
    assert list(graph.tallies("posti", None, 4)) == [(DELIVERY, 2, 2, 1, 1)]
    assert set(graph.tallies("posti", 5, 5)) == {(DELIVERY, 1, 1, 5, 5), (phones, 1, 1, 5, 5)}
    assert not graph.tallies("posti", 6, None)
    assert not graph.tallies("nobody", None, None)
    graph.forget([key("customer_id:c")], 5, [], None)
    assert list(graph.tallies("posti", None, None)) == [(DELIVERY, 1, 1, 1, 1)]


def what_a_party_got_is_asked_as_it_was_known_at_a_time(graph: Graph) -> None:
    phones = route(categories=("phone",))
    graph.record([
        facts("e1", at=1, recorded=30, discloses=[("customer_id:c", DELIVERY), ("email:a", DELIVERY)]),
        facts("e2", at=5, recorded=10, discloses=[("customer_id:c", DELIVERY), ("customer_id:c", phones)]),
        facts("e3", at=9, recorded=20, discloses=[("customer_id:c", DELIVERY), ("email:a", route("dhl"))]),
    ])  # fmt: skip
    customer = (key("customer_id:c"), "customer_id")
    assert not added_up(graph, "posti", known_at=9)
    assert added_up(graph, "posti", known_at=10) == {(*customer, DELIVERY): (1, 5, 5), (*customer, phones): (1, 5, 5)}
    assert added_up(graph, "posti", 6, known_at=20) == {(*customer, DELIVERY): (1, 9, 9)}
    assert added_up(graph, "posti", until=4, known_at=29) == {}
    assert added_up(graph, "posti", known_at=30) == added_up(graph, "posti")
    assert not graph.tallies("posti", None, None, 9)
    assert set(graph.tallies("posti", None, None, 20)) == {(DELIVERY, 1, 2, 5, 9), (phones, 1, 1, 5, 5)}
    assert set(graph.tallies("posti", None, 1, 30)) == {(DELIVERY, 2, 2, 1, 1)}


def purchases_are_counted_as_of_both_times(graph: Graph) -> None:
    graph.record([
        facts(
            f"e{at}{known}", at=at, recorded=known, discloses=[("email:a", DELIVERY), (f"email:{at}", DELIVERY)],
            bought=[("email:a", "m1"), ("email:a", "m2")] if at == 10 else [("email:a", "m1")],
        )
        for at in (10, 20) for known in (100, 200)
    ])  # fmt: skip
    for until, counted in (
        (NOW, (1, 4, 10, 20)),
        (Until(at=10), (1, 2, 10, 10)),
        (Until(known_at=100), (1, 2, 10, 20)),
        (Until(10, 100), (1, 1, 10, 10)),
        (Until(known_at=99), (0, 0, None, None)),
        (Until(at=9), (0, 0, None, None)),
    ):
        assert tuple(graph.purchases(key("m1"), until)) == counted
    assert tuple(graph.purchases(key("m2"), NOW)) == (1, 2, 10, 10)
    assert tuple(graph.purchases(key("m3"), NOW)) == (0, 0, None, None)


def what_a_party_got_is_asked_while_persons_are_asked_about(graph: Graph) -> None:
    graph.record([facts(f"e{n}", discloses=[(f"email:{n}", DELIVERY)]) for n in range(50)])
    met = {
        (each.holder, *(one.holder for one in graph.disclosures([each.holder], NOW)))
        for each in graph.got("posti", None, None)
    }
    assert met == {(key(f"email:{n}"), key(f"email:{n}")) for n in range(50)}


GETTING: tuple[Callable[[Graph], None], ...] = (
    what_a_party_got_is_given_by_identifier_and_route_within_an_interval,
    what_a_party_got_is_counted_by_route_within_an_interval,
    what_a_party_got_is_asked_as_it_was_known_at_a_time,
    purchases_are_counted_as_of_both_times,
    what_a_party_got_is_asked_while_persons_are_asked_about,
)
