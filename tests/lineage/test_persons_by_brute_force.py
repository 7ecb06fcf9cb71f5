"""Whatever was said by whatever events: the person found is the one that the contract's sentences give."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.graph import Until
from lineage.persons import Person, find_person, find_persons, find_roots
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.oracle import Answer, World
from tests.lineage.parts import facts, key

NAMES = [
    *(f"{kind}:{number}" for kind in ("customer_id", "email", "phone") for number in (1, 2, 3)),
    *(f"{kind}:{number}" for kind in ("device_id", "order_id", "consignee", "shipment_id") for number in (1, 2)),
]
NAMED = st.sampled_from(NAMES)
PAIRS = st.tuples(NAMED, NAMED).filter(lambda pair: pair[0] != pair[1])
# As events have them: the owner ranks as high as what it owns, or higher.
OWNS = PAIRS.map(lambda pair: tuple(sorted(pair, key=NAMES.index)))
LINKS = st.tuples(PAIRS, st.booleans(), st.integers(0, 3)).map(lambda each: (*each[0], each[1], each[2]))
NAME_OF = {key(name): name for name in NAMES}


def graph_of(owns: list[tuple[str, str]], links: list[tuple[str, str, bool, int]], seed: int = 0) -> MemoryGraph:
    events = [facts(f"owns-{number}", owns=[pair]) for number, pair in enumerate(owns)]
    events += [
        facts(f"link-{number}", at=at, link=(one, other, joined))
        for number, (one, other, joined, at) in enumerate(links)
    ]
    random.Random(seed).shuffle(events)  # noqa: S311 - an order of arrival, not a secret
    graph = MemoryGraph()
    graph.record(events)
    return graph


def seen(person: Person) -> Answer:
    return Answer(
        frozenset(NAME_OF[each] for each in person.members),
        frozenset(NAME_OF[each] for each in person.shared),
        person.candidates,
    )


@settings(max_examples=400, deadline=None)
@given(owns=st.lists(OWNS, max_size=14), links=st.lists(LINKS, max_size=6), seed=st.integers(0, 99))
def test_the_person_found_is_the_one_of_the_contract(
    owns: list[tuple[str, str]], links: list[tuple[str, str, bool, int]], seed: int
) -> None:
    graph, world = graph_of(owns, links, seed), World(owns, links)
    for name in NAMES:
        assert seen(find_person(graph, key(name), Until())) == world.answer(name), name
    together = find_persons(graph, [key(name) for name in NAMES], Until())
    assert {NAME_OF[each]: seen(person) for each, person in together.items()} == {
        name: world.answer(name) for name in NAMES
    }
    assert {each: person.above for each, person in together.items()} == {
        key(name): find_person(graph, key(name), Until()).above for name in NAMES
    }


@settings(max_examples=150, deadline=None)
@given(owns=st.lists(PAIRS, max_size=12), links=st.lists(LINKS, max_size=3))
def test_circles_of_owners_too_are_answered_as_the_contract_would(
    owns: list[tuple[str, str]], links: list[tuple[str, str, bool, int]]
) -> None:
    graph, world = graph_of(owns, links), World(owns, links)
    for name in NAMES:
        assert seen(find_person(graph, key(name), Until())) == world.answer(name), name


@settings(max_examples=150, deadline=None)
@given(
    owns=st.lists(st.tuples(OWNS, st.integers(0, 3)), max_size=10),
    links=st.lists(LINKS, max_size=5),
    at=st.integers(0, 3),
)
def test_a_person_as_of_a_time_is_made_of_what_had_occurred_by_then(
    owns: list[tuple[tuple[str, str], int]], links: list[tuple[str, str, bool, int]], at: int
) -> None:
    graph = graph_of([], links)
    graph.record([facts(f"timed-{number}", at=when, owns=[pair]) for number, (pair, when) in enumerate(owns)])
    world = World([pair for pair, when in owns if when <= at], [link for link in links if link[3] <= at])
    for name in NAMES:
        assert seen(find_person(graph, key(name), Until(at=at))) == world.answer(name), name


@settings(max_examples=200, deadline=None)
@given(
    owns=st.lists(PAIRS, max_size=14), links=st.lists(LINKS, max_size=5), order=st.permutations(NAMES),
    batch=st.integers(1, len(NAMES)),
)  # fmt: skip
def test_roots_asked_for_many_at_once_tell_persons_apart_as_asking_for_each_does(
    owns: list[tuple[str, str]], links: list[tuple[str, str, bool, int]], order: list[str], batch: int
) -> None:
    graph = graph_of(owns, links)
    roots: dict[bytes, frozenset[bytes]] = {}
    for start in range(0, len(order), batch):
        roots |= find_roots(graph, [key(name) for name in order[start : start + batch]], Until())
    by_person: dict[frozenset[bytes], frozenset[bytes]] = {}
    for name in NAMES:
        person = find_person(graph, key(name), Until())
        assert len(roots[key(name)]) == max(person.candidates, 1), name
        if person.candidates == 1:
            by_person.setdefault(roots[key(name)], frozenset(person.members))
            assert by_person[roots[key(name)]] == frozenset(person.members), name
            assert roots[key(name)] <= person.members.keys(), name
    assert len(set(by_person.values())) == len(by_person)
