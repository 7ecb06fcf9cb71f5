"""Who is one person: a small graph for each sentence of the contract, and graphs too deep and too wide for anything naive."""

from collections.abc import Iterable
from itertools import pairwise

from lineage.graph import NOW, Until
from lineage.persons import find_person
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import DELIVERY, facts, key, kind_of

Pair = tuple[str, str]


def graph_of(owns: Iterable[Pair], *links: tuple[str, str, bool, int]) -> MemoryGraph:
    graph = MemoryGraph()
    graph.record([facts(f"owns-{number}", owns=[pair]) for number, pair in enumerate(owns)])
    graph.record(
        [
            facts(f"link-{one}-{other}-{joined}-{at}", at=at, link=(one, other, joined))
            for one, other, joined, at in links
        ]
    )
    return graph


def members(graph: MemoryGraph, name: str, until: Until = NOW) -> dict[bytes, str]:
    return dict(find_person(graph, key(name), until).members)


def named(*names: str) -> dict[bytes, str]:
    return {key(name): kind_of(name) for name in names}


def shared(graph: MemoryGraph, name: str) -> set[bytes]:
    return set(find_person(graph, key(name), NOW).shared)


HOUSEHOLD = (
    ("customer_id:1", "phone:home"),
    ("customer_id:2", "phone:home"),
    ("customer_id:1", "email:a"),
    ("customer_id:2", "email:b"),
    ("phone:home", "order_id:guest"),
    ("order_id:guest", "shipment_id:s"),
)


def test_an_unknown_identifier_is_nobody() -> None:
    person = find_person(graph_of([]), key("email:a"), NOW)
    assert (dict(person.members), person.shared, person.candidates) == ({}, frozenset(), 0)


def test_all_that_hangs_below_one_customer_is_hers_from_wherever_one_asks() -> None:
    chain = [("customer_id:1", "email:a"), ("customer_id:1", "order_id:o"), ("order_id:o", "shipment_id:s")]
    everything = named("customer_id:1", "email:a", "order_id:o", "shipment_id:s")
    for name in ("customer_id:1", "email:a", "order_id:o", "shipment_id:s"):
        assert members(graph_of(chain), name) == everything


def test_an_identifier_that_only_carries_a_disclosure_is_a_person() -> None:
    graph = graph_of([])
    graph.record([facts("e", discloses=[("email:a", DELIVERY)])])
    assert members(graph, "email:a") == named("email:a")


def test_a_device_that_only_carries_a_consent_is_a_person() -> None:
    graph = graph_of([])
    graph.record([facts("e", consents=[("device_id:d", "analytics", True)])])
    assert find_person(graph, key("device_id:d"), NOW).candidates == 1


def test_only_owners_of_the_highest_rank_count() -> None:
    """A guest's mail address owned the order until a customer turned out to own it; the address itself stays apart."""
    graph = graph_of([("email:guest", "order_id:o"), ("customer_id:1", "order_id:o"), ("customer_id:1", "email:a")])
    assert members(graph, "order_id:o") == named("customer_id:1", "order_id:o", "email:a")
    assert members(graph, "email:guest") == named("email:guest")
    assert shared(graph, "email:guest") == set()


def test_ranks_are_customer_email_phone_device_order_consignee_and_the_rest() -> None:
    ranked = ["customer_id:r", "email:r", "phone:r", "device_id:r", "order_id:r", "consignee:r", "shipment_id:r"]
    for higher, lower in pairwise(ranked):
        graph = graph_of([(higher, "tracking_number:t"), (lower, "tracking_number:t")])
        assert members(graph, "tracking_number:t") == named(higher, "tracking_number:t")


def test_all_other_references_rank_alike() -> None:
    graph = graph_of([("claim_id:c", "tracking_number:t"), ("shipment_id:s", "tracking_number:t")])
    assert find_person(graph, key("tracking_number:t"), NOW).candidates == 2


def test_ways_that_part_and_meet_again_end_at_one_root() -> None:
    graph = graph_of(
        [
            ("customer_id:1", "email:a"),
            ("customer_id:1", "email:b"),
            ("email:a", "order_id:o"),
            ("email:b", "order_id:o"),
        ]
    )
    assert find_person(graph, key("order_id:o"), NOW).candidates == 1
    assert len(members(graph, "order_id:o")) == 4


def test_a_household_phone_is_shared_and_so_is_all_below_it() -> None:
    graph = graph_of(HOUSEHOLD)
    person = find_person(graph, key("phone:home"), NOW)
    assert person.candidates == 2
    assert not person.members
    assert person.shared == set(named("phone:home", "order_id:guest", "shipment_id:s"))
    assert find_person(graph, key("shipment_id:s"), NOW).shared == {key("shipment_id:s")}


def test_what_a_person_shares_is_apart_from_what_is_hers() -> None:
    graph = graph_of(HOUSEHOLD)
    assert members(graph, "customer_id:1") == named("customer_id:1", "email:a")
    assert shared(graph, "customer_id:1") == set(named("phone:home", "order_id:guest", "shipment_id:s"))
    assert members(graph, "email:b") == named("customer_id:2", "email:b")


def test_two_accounts_are_never_joined_by_a_shared_mailbox_or_phone_alone() -> None:
    pairs = [(f"customer_id:{number}", name) for number in (1, 2) for name in ("email:m", "phone:p", "device_id:d")]
    graph = graph_of(pairs)
    assert members(graph, "customer_id:1") == named("customer_id:1")
    assert shared(graph, "customer_id:1") == set(named("email:m", "phone:p", "device_id:d"))


def test_candidates_are_counted_by_roots_and_not_by_ways() -> None:
    graph = graph_of(
        [
            ("customer_id:1", "email:a"),
            ("customer_id:1", "email:b"),
            ("customer_id:2", "email:b"),
            ("email:a", "phone:p"),
            ("email:b", "phone:p"),
        ]
    )
    assert find_person(graph, key("phone:p"), NOW).candidates == 2


def test_a_link_makes_two_accounts_one_person() -> None:
    graph = graph_of(HOUSEHOLD, ("customer_id:1", "customer_id:2", True, 1))
    assert len(members(graph, "email:a")) == 7
    assert find_person(graph, key("phone:home"), NOW).candidates == 1


def test_a_link_that_was_taken_back_joins_nobody() -> None:
    graph = graph_of(
        HOUSEHOLD, ("customer_id:1", "customer_id:2", True, 1), ("customer_id:2", "customer_id:1", False, 2)
    )
    assert members(graph, "customer_id:1") == named("customer_id:1", "email:a")


def test_of_two_decisions_the_later_holds_whichever_arrived_first() -> None:
    links = [("customer_id:1", "customer_id:2", True, 3), ("customer_id:1", "customer_id:2", False, 2)]
    for order in (links, links[::-1]):
        assert find_person(graph_of(HOUSEHOLD, *order), key("phone:home"), NOW).candidates == 1


def test_of_two_decisions_of_one_moment_the_one_that_joins_nobody_holds() -> None:
    links = [("customer_id:1", "customer_id:2", True, 2), ("customer_id:1", "customer_id:2", False, 2)]
    for order in (links, links[::-1]):
        assert find_person(graph_of(HOUSEHOLD, *order), key("phone:home"), NOW).candidates == 2


def test_links_reach_over_several_steps_and_bring_what_the_farthest_owns() -> None:
    graph = graph_of(
        [("customer_id:1", "phone:a"), ("phone:c", "order_id:o")],
        ("phone:a", "phone:b", True, 1),
        ("phone:b", "phone:c", True, 1),
    )
    everything = named("customer_id:1", "phone:a", "phone:b", "phone:c", "order_id:o")
    for name in ("customer_id:1", "phone:a", "phone:c", "order_id:o"):
        assert members(graph, name) == everything


def test_a_link_to_one_of_its_owners_decides_whose_a_shared_phone_is() -> None:
    graph = graph_of(HOUSEHOLD, ("phone:home", "customer_id:1", True, 1))
    assert members(graph, "customer_id:1") == named(
        "customer_id:1", "email:a", "phone:home", "order_id:guest", "shipment_id:s"
    )
    assert members(graph, "customer_id:2") == named("customer_id:2", "email:b")
    assert shared(graph, "customer_id:2") == set()


def test_identifiers_that_are_only_linked_are_one_person() -> None:
    graph = graph_of([], ("email:a", "email:b", True, 1))
    assert members(graph, "email:a") == named("email:a", "email:b")
    apart = graph_of([], ("email:a", "email:b", True, 1), ("email:a", "email:b", False, 2))
    assert members(apart, "email:a") == named("email:a")


def test_a_circle_of_owners_is_one_root() -> None:
    graph = graph_of([("email:a", "phone:p"), ("phone:p", "email:a"), ("phone:p", "order_id:o")])
    assert members(graph, "order_id:o") == named("email:a", "phone:p", "order_id:o")


def test_a_circle_below_two_customers_is_shared() -> None:
    graph = graph_of(
        [("email:a", "email:b"), ("email:b", "email:a"), ("customer_id:1", "email:a"), ("customer_id:2", "email:b")]
    )
    # Of each mailbox only the customer counts, so there is no circle after all.
    assert members(graph, "email:a") == named("customer_id:1", "email:a")
    same_rank = graph_of(
        [
            ("customer_id:1", "customer_id:2"),
            ("customer_id:2", "customer_id:1"),
            ("customer_id:3", "customer_id:1"),
            ("customer_id:4", "customer_id:2"),
        ]
    )
    assert find_person(same_rank, key("customer_id:1"), NOW).candidates == 2


def test_as_of_a_time_only_what_had_occurred_counts_for_ownership_too() -> None:
    graph = graph_of([])
    graph.record(
        [
            facts("opened", at=10, owns=[("customer_id:1", "phone:p")]),
            facts("second", at=20, owns=[("customer_id:2", "phone:p")]),
            facts("linked", at=30, link=("customer_id:1", "customer_id:2", True)),
        ]
    )
    candidates = {at: find_person(graph, key("phone:p"), Until(at=at)).candidates for at in (9, 10, 20, 30)}
    assert candidates == {9: 0, 10: 1, 20: 2, 30: 1}
    assert len(members(graph, "phone:p", Until(at=30))) == 3


def test_as_known_at_a_time_only_what_had_been_recorded_counts() -> None:
    graph = graph_of([])
    graph.record([facts("opened", at=10, recorded=100, owns=[("customer_id:1", "phone:p")])])
    assert not members(graph, "phone:p", Until(known_at=99))
    assert len(members(graph, "phone:p", Until(known_at=100))) == 2


def test_a_chain_of_ten_thousand_owners_is_followed_from_both_ends() -> None:
    depth = 10_000
    graph = graph_of((f"shipment_id:{number}", f"shipment_id:{number + 1}") for number in range(depth))
    assert len(members(graph, "shipment_id:0")) == depth + 1
    assert len(members(graph, f"shipment_id:{depth}")) == depth + 1


def test_a_chain_of_ten_thousand_links_is_one_person() -> None:
    graph = graph_of([], *((f"email:{number}", f"email:{number + 1}", True, 0) for number in range(10_000)))
    assert len(members(graph, "email:5000")) == 10_001


def test_a_mailbox_of_twenty_thousand_accounts_is_answered() -> None:
    owners = 20_000
    pairs = [(f"customer_id:{number}", "email:info") for number in range(owners)]
    graph = graph_of([*pairs, ("email:info", "order_id:o"), ("customer_id:7", "phone:7")])
    assert find_person(graph, key("email:info"), NOW).candidates == owners
    assert find_person(graph, key("order_id:o"), NOW).candidates == owners
    one = find_person(graph, key("phone:7"), NOW)
    assert dict(one.members) == named("customer_id:7", "phone:7")
    assert one.shared == set(named("email:info", "order_id:o"))
