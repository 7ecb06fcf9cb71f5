"""Erased stays erased, whatever comes when: late, again, in flight, after a crash, or with a store away."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.errors import Retryable
from lineage.facts import Facts, Part
from lineage.graph import NOW, Graph, Letter, Until
from lineage.persons import find_person
from lineage.pseudonyms import Pseudonyms
from lineage.recording import Read, Recorded, Recording
from lineage.stores.sqlite import SqliteGraph
from lineage.tombstones import Tombstone
from lineage.watching import Watch
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.memory_of_erased import PlainMemory, Told
from tests.lineage.parts import DELIVERY, facts, key
from tests.lineage.test_recording import Keys

PSEUDONYMS = Pseudonyms(b"k" * 32)
BEFORE = 100
LATER = BEFORE + 1


class World:
    """A graph, keys, tombstones and cases, with whoever records into them."""

    def __init__(self, graph: Graph, memory: PlainMemory | None = None) -> None:
        self.graph, self.keys = graph, Keys()
        self.memory, self.told = memory or PlainMemory(), Told()
        self.recording = Recording(graph, self.keys, PSEUDONYMS, Watch(self.memory, graph, self.told))

    def record(self, *events: Facts, arrived: int | None = None) -> Recorded:
        reads = [Read(each, "file:1", b"record", arrived) for each in events]
        left, held = self.recording.sift(reads)
        return self.recording.write(self.recording.seal(left), [], 100, held)

    def entomb(self, *names: str, before: int = BEFORE) -> None:
        self.memory.entomb([Tombstone(key(name), before, "case-1") for name in names])

    def everything(self, *names: str) -> list[object]:
        """All that stands of these identifiers from before the erasure."""
        keys, until = [key(name) for name in names], Until(at=BEFORE)
        graph = self.graph
        return [
            *graph.disclosures(keys, until), *graph.consents(keys, until), *graph.owned(keys, until),
            *graph.owners(keys, until), *graph.links(keys, until),
        ]  # fmt: skip


def order(number: int = 1, at: int = BEFORE, mail: str = "email:e") -> Facts:
    """A guest's order: it hangs on the order, which her address owns."""
    return facts(f"o{number}", at=at, owns=[(mail, f"order_id:{number}")], discloses=[(f"order_id:{number}", DELIVERY)])


def account(number: int = 1, at: int = BEFORE) -> Facts:
    return facts(
        f"a{number}", at=at, owns=[("customer_id:c", "email:e")], discloses=[("customer_id:c", DELIVERY)],
        consents=[("customer_id:c", "newsletter", True)],
    )  # fmt: skip


def gift(at: int = BEFORE) -> Facts:
    made = facts(
        "g", at=at, owns=[("customer_id:c", "order_id:g"), ("email:friend", "consignee:g")],
        discloses=[("customer_id:c", DELIVERY), ("consignee:g", DELIVERY)],
    )  # fmt: skip
    ends = [("customer_id:c", "order_id:g"), ("email:friend", "consignee:g")]
    parts = tuple(
        Part(number, each.holder, (key(one), key(other)), ((key(one), key(other)),))
        for number, (each, (one, other)) in enumerate(zip(made.disclosures, ends, strict=True))
    )
    return made._replace(parts=parts)


@pytest.fixture(params=["embedded", "plain"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    graph = SqliteGraph(tmp_path / "graph.db") if request.param == "embedded" else MemoryGraph()
    yield World(graph)
    graph.close()


def test_what_comes_late_of_an_erased_person_is_not_recorded_and_her_case_is_told_once(world: World) -> None:
    world.entomb("customer_id:c", "email:e")
    batch = (account(), order(), facts("other", at=1, discloses=[("customer_id:x", DELIVERY)]))
    outcomes = [world.record(*batch) for _ in range(2)]
    told = [(each.recorded, each.repeated, each.held_back, each.late) for each in outcomes]
    assert told == [(1, 0, 2, 2), (0, 1, 2, 0)]
    assert world.graph.counts()["events"] == 1
    assert sorted(each.event for each in world.told.late) == sorted([key("a1"), key("o1")])
    assert all(each.route == DELIVERY for each in world.told.late)


def test_no_data_key_is_made_for_whoever_is_erased(world: World) -> None:
    world.entomb("email:e")
    world.record(order(), account())
    assert world.keys.made == {}


def test_a_replay_is_counted_and_told_to_nobody(world: World) -> None:
    world.record(order(), arrived=BEFORE - 1)
    world.entomb("email:e")
    outcome = world.record(order(), arrived=BEFORE - 1)
    assert (outcome.recorded, outcome.held_back, outcome.late, world.told.late) == (0, 1, 0, [])


def test_what_was_on_the_bus_before_and_nobody_had_read_is_told_to_the_case(world: World) -> None:
    world.entomb("email:e")
    outcome = world.record(order(), arrived=BEFORE - 1)
    assert (outcome.recorded, outcome.held_back, outcome.late, len(world.told.late)) == (0, 1, 1, 1)


def test_the_same_record_twice_in_a_batch_is_counted_twice_and_told_once(world: World) -> None:
    world.entomb("email:e")
    outcome = world.record(order(), order())
    assert (outcome.held_back, len(world.told.late)) == (2, 1)


def test_of_a_gift_the_other_ones_part_is_recorded_and_counted_as_recorded(world: World) -> None:
    world.entomb("customer_id:c")
    outcome = world.record(gift())
    assert (outcome.recorded, outcome.held_back, outcome.late) == (1, 0, 1)
    assert [each.part for each in world.graph.disclosures([key("consignee:g")], NOW)] == [1]
    assert world.everything("customer_id:c", "order_id:g") == []
    assert [each.part for each in world.told.late] == [0]


def test_a_person_who_comes_back_is_recorded_without_her_past(world: World) -> None:
    world.record(account())
    world.entomb("customer_id:c", "email:e")
    world.graph.forget([key("customer_id:c"), key("email:e")], BEFORE, (), None)
    new = facts("back", at=LATER, owns=[("customer_id:new", "email:e")], discloses=[("customer_id:new", DELIVERY)])
    assert world.record(new, account(2)).recorded == 1
    person = find_person(world.graph, key("email:e"), NOW)
    assert set(person.members) == {key("customer_id:new"), key("email:e")}
    assert [each.event for each in world.graph.disclosures(person.members.keys(), NOW)] == [key("back")]


def test_without_an_answer_who_is_erased_nothing_is_recorded(world: World) -> None:
    world.memory.away = True
    with pytest.raises(Retryable):
        world.record(order())
    assert world.graph.counts()["events"] == 0
    assert world.keys.made == {}


def erase(world: World) -> None:
    """What a case does: tombstones, then whatever there is of her by then."""
    world.entomb("customer_id:c", "email:e")
    holders = {
        each for name in ("customer_id:c", "email:e") for each in find_person(world.graph, key(name), NOW).members
    }
    world.graph.forget(holders, BEFORE, *world.told.kept("case-1"))


def during(world: World, work: Callable[[], None]) -> None:
    """Do some work between the next commit and the look at tombstones that follows it."""
    record = world.graph.record

    def recorded(given: Sequence[Facts], letters: Sequence[Letter] = ()) -> Collection[bytes]:
        there = record(given, letters)
        world.memory.before_answer = once(world, work)
        return there

    world.graph.record = recorded  # type: ignore[method-assign]  # as it happens to the real one


def once(world: World, work: Callable[[], None]) -> Callable[[], None]:
    def do() -> None:
        world.memory.before_answer = lambda: None
        work()

    return do


STEPS = ("before it is sifted", "before it is sealed", "before it is written", "before it looks again", "afterwards")


@settings(max_examples=150)
@given(
    entombed=st.integers(0, len(STEPS) - 1),
    forgotten=st.integers(0, len(STEPS) - 1),
    there=st.booleans(),
    numbers=st.lists(st.integers(2, 5), min_size=1, max_size=4),
)
def test_whenever_an_erasure_comes_between_the_steps_of_recording_it_ends_erased(
    entombed: int, forgotten: int, there: bool, numbers: list[int]
) -> None:
    world = World(MemoryGraph())
    if there:
        world.record(account(), order())
    todo = {entombed: [lambda: world.entomb("customer_id:c", "email:e")]}
    todo.setdefault(max(entombed, forgotten), []).append(lambda: erase(world))

    def at(step: int) -> None:
        for work in todo.pop(step, []):
            work()

    at(0)
    batch = [Read(made(each), "f:1", b"", BEFORE - 1) for each in numbers for made in (account, order)]
    left, held = world.recording.sift(batch)
    at(1)
    sealed = world.recording.seal(left)
    at(2)
    during(world, lambda: at(3))
    outcome = world.recording.write(sealed, [], 100, held)
    at(3)
    at(4)
    assert world.everything("customer_id:c", "email:e", *(f"order_id:{number}" for number in range(1, 6))) == []
    assert outcome.recorded + outcome.repeated + outcome.held_back == len(batch)


def test_what_was_recorded_of_somebody_erased_meanwhile_is_told_to_her_case_though_it_came_before(world: World) -> None:
    during(world, lambda: erase(world))
    outcome = world.record(order(), arrived=BEFORE - 1)
    assert (outcome.recorded, outcome.held_back, outcome.late) == (0, 1, 1)
    assert [each.known for each in world.told.late] == [False]
    assert b"sealed" in world.told.late[0].as_sent
    assert world.everything("email:e", "order_id:1") == []


def test_whoever_ends_between_commit_and_second_look_is_made_good_by_whoever_gets_the_record_again(
    world: World,
) -> None:
    erase(world)
    Recording(world.graph, world.keys, PSEUDONYMS).write(
        world.recording.seal([Read(order(), "f:1", b"")]), [], 100
    )  # it had sifted before the erasure, and ended here
    assert world.everything("order_id:1")
    outcome = world.record(order(), arrived=BEFORE - 1)
    assert (outcome.held_back, outcome.late) == (1, 0)
    assert world.everything("email:e", "order_id:1") == []


def test_when_memory_goes_away_after_the_commit_the_same_batch_given_again_ends_erased(world: World) -> None:
    def gone() -> None:
        erase(world)
        world.memory.away = True

    during(world, gone)
    with pytest.raises(Retryable):
        world.record(order())
    world.memory.away = False
    world.record(order())
    assert world.everything("email:e", "order_id:1") == []
    assert len(world.told.late) == 1


def test_what_cannot_be_told_is_not_handled_and_told_when_it_comes_again(world: World) -> None:
    world.entomb("email:e")
    world.told.failing = 1
    other = facts("other", at=1, discloses=[("customer_id:x", DELIVERY)])
    with pytest.raises(Retryable):
        world.record(order(), other)
    assert world.graph.counts()["events"] == 0
    assert world.record(order(), other).recorded == 1
    assert len(world.told.late) == 1


@pytest.mark.parametrize("done", [False, True], ids=["the case has still to forget", "the case has forgotten"])
def test_what_the_law_keeps_of_her_stays_as_the_case_keeps_it(world: World, done: bool) -> None:
    world.record(account(), order())
    world.told.keeps["case-1"] = ([(key("o1"), 0)], key("case:kept"))
    during(world, lambda: erase(world) if done else world.entomb("customer_id:c", "email:e"))
    world.record(account(2), order(2))
    erase(world)
    assert [each.event for each in world.graph.disclosures([key("case:kept")], NOW)] == [key("o1")]
    assert world.everything("customer_id:c", "email:e", "order_id:1", "order_id:2") == []


def test_whoever_is_named_beside_an_erased_identifier_keeps_all_else_of_hers(world: World) -> None:
    mine = facts("mine", at=1, owns=[("customer_id:x", "order_id:x")], discloses=[("customer_id:x", DELIVERY)])
    world.record(mine)
    both = facts("both", at=2, owns=[("customer_id:x", "email:e")], discloses=[("customer_id:x", DELIVERY)])
    during(world, lambda: world.entomb("email:e"))
    assert world.record(both).late == 1
    assert key("mine") in [each.event for each in world.graph.disclosures([key("customer_id:x")], NOW)]
    assert (key("customer_id:x"), key("order_id:x")) in world.graph.owned([key("customer_id:x")], NOW)
    assert world.graph.owners([key("email:e")], NOW) == []


def test_a_households_phone_below_the_erased_one_stays_with_the_other(world: World) -> None:
    for each in ("c", "x"):
        owns = [(f"customer_id:{each}", "phone:home")]
        world.record(facts(f"of-{each}", at=1, owns=owns, discloses=[(f"customer_id:{each}", DELIVERY)]))
    during(world, lambda: world.entomb("customer_id:c"))
    world.record(facts("late", at=2, owns=[("customer_id:c", "phone:home")], discloses=[("customer_id:c", DELIVERY)]))
    assert list(world.graph.owners([key("phone:home")], NOW)) == [(key("customer_id:x"), key("phone:home"))]
    assert world.everything("customer_id:c") == []


def test_a_batch_asks_twice_who_is_erased_however_many_events_it_has(world: World) -> None:
    world.record(*(order(number) for number in range(200)))
    assert world.memory.asked == 2
