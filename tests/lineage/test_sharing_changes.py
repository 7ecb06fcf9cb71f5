"""Changes between two sharing graphs: each edge once, the counts of both kept, and the other way round its mirror."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lineage.graph import Until
from lineage.register import load_register
from lineage.sharing import Share, sharing
from lineage.sharing_changes import Change, changes
from schemas.vocabulary import vocabulary
from tests.lineage.drawn import TIMES, events
from tests.lineage.memory_graph import MemoryGraph

REGISTER = load_register(None, frozenset(vocabulary().categories))
MIRROR = {"new": "gone", "gone": "new", "grew": "shrank", "shrank": "grew", "same": "same"}
EDGES = st.tuples(st.sampled_from(["person", "order-system"]), st.sampled_from(["posti", "dhl"]), st.just("delivery"))
CATEGORIES = st.dictionaries(st.sampled_from(["name", "address"]), st.integers(1, 9))
GRAPHS = st.dictionaries(EDGES, st.tuples(st.integers(1, 9), CATEGORIES)).map(
    lambda drawn: tuple(Share(*edge, count, categories, 0, 0, {}) for edge, (count, categories) in drawn.items())
)


def mirrored(change: Change) -> tuple[object, ...]:
    edge = change.source, change.target, change.purpose
    return *edge, MIRROR[change.kind], change.after, change.before, change.categories_after, change.categories_before


def told(change: Change) -> tuple[object, ...]:
    edge = change.source, change.target, change.purpose
    return *edge, change.kind, change.before, change.after, change.categories_before, change.categories_after


@given(GRAPHS, GRAPHS)
def test_the_other_way_round_is_the_mirror(one: tuple[Share, ...], other: tuple[Share, ...]) -> None:
    assert [told(each) for each in changes(other, one)] == [mirrored(each) for each in changes(one, other)]


@given(GRAPHS)
def test_nothing_changed_between_a_graph_and_itself(graph: tuple[Share, ...]) -> None:
    found = changes(graph, graph)
    assert {each.kind for each in found} <= {"same"}
    assert not [each for each in found if each.new_categories]


@given(GRAPHS, GRAPHS)
def test_every_edge_is_told_once_and_no_disclosure_is_lost(one: tuple[Share, ...], other: tuple[Share, ...]) -> None:
    found = changes(one, other)
    edges = [(each.source, each.target, each.purpose) for each in found]
    assert edges == sorted({(each.source, each.target, each.purpose) for each in (*one, *other)})
    assert sum(each.before for each in found) == sum(each.disclosures for each in one)
    assert sum(each.after for each in found) == sum(each.disclosures for each in other)


@given(st.lists(st.integers(0, 5), max_size=8), st.data())
def test_between_two_times_of_one_record_counts_only_grow_and_are_those_of_either_time(
    numbers: list[int], data: st.DataObject
) -> None:
    graph = MemoryGraph()
    graph.record([data.draw(events(f"event-{number}")) for number in dict.fromkeys(numbers)])
    first, last = sorted(data.draw(st.tuples(st.sampled_from((-1, *TIMES)), st.sampled_from(TIMES))))
    known = data.draw(st.none() | st.sampled_from(TIMES))
    found = changes(*(sharing(graph, REGISTER, Until(time, known)) for time in (first, last)))
    assert {each.kind for each in found} <= {"new", "grew", "same"}
    counted = Counter(
        (one.route.source, one.route.target, one.route.purpose)
        for one in graph.every_disclosure(None)
        if first < one.at <= last and (known is None or one.recorded <= known)
    )
    grown = {(each.source, each.target, each.purpose): each.after - each.before for each in found}
    assert {edge: count for edge, count in grown.items() if count} == counted


def test_a_category_that_never_went_this_way_is_named() -> None:
    before = Share("order-system", "posti", "delivery", 2, {"name": 2}, 0, 0, {})
    after = Share("order-system", "posti", "delivery", 3, {"address": 1, "name": 3}, 0, 0, {})
    (found,) = changes([before], [after])
    assert (found.kind, found.before, found.after, found.new_categories) == ("grew", 2, 3, ("address",))
