"""The embedded graph keeps the contract of stores; in any order, repetition, batching and reopening it is the plain model."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lineage.graph import NOW, Graph, Letter, Look, Until
from lineage.stores.sqlite import SqliteGraph
from tests.contracts.forgetting import TWO_WRITERS
from tests.contracts.graph import CHECKS, Check
from tests.lineage.drawn import CASES, FORGETTING, NAMED, NAMES, UNTILS, answers, events, totals
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import DELIVERY, facts, key, kind_of


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[SqliteGraph]:
    store = SqliteGraph(tmp_path / "graph.db")
    yield store
    store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_embedded_graph_keeps_the_contract_of_a_graph(check: Check, graph: SqliteGraph) -> None:
    check(graph)


@pytest.mark.parametrize("check", TWO_WRITERS, ids=lambda check: check.__name__)
def test_two_writers_of_one_file_keep_the_contract_of_a_graph(
    check: Callable[[Graph, Graph], None], tmp_path: Path
) -> None:
    with closing(SqliteGraph(tmp_path / "graph.db")) as one, closing(SqliteGraph(tmp_path / "graph.db")) as other:
        check(one, other)


class SideBySide(RuleBasedStateMachine):
    """The embedded graph and the plain model, given the same; two writers in turn, each with what it remembers."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.events = [data.draw(events(f"event-{number}")) for number in range(12)]
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "graph.db"
        self.store, self.other, self.model = SqliteGraph(self.path), SqliteGraph(self.path), MemoryGraph()

    @rule(numbers=st.lists(st.integers(0, 11), max_size=8), other=st.booleans())
    def record(self, numbers: list[int], *, other: bool) -> None:
        batch = [self.events[number] for number in numbers]
        (self.other if other else self.store).record(batch)
        self.model.record(batch)

    @rule(asked=FORGETTING, other=st.booleans())
    def forget(self, asked: dict[str, Any], *, other: bool) -> None:
        assert (self.other if other else self.store).forget(**asked) == self.model.forget(**asked)

    @rule(numbers=st.lists(st.integers(0, 5), max_size=3), recorded=st.integers(0, 2))
    def bury(self, numbers: list[int], recorded: int) -> None:
        letters = [Letter(key(f"letter-{number}"), "not JSON", recorded, b"sealed") for number in numbers]
        self.store.record([], letters)
        self.model.record([], letters)

    @rule(at=st.integers(0, 5))
    def look(self, at: int) -> None:
        self.store.look(Look(at, b"sealed"))
        self.model.look(Look(at, b"sealed"))

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = SqliteGraph(self.path)

    @rule(names=st.lists(NAMED, max_size=6), until=st.sampled_from(UNTILS))
    def ask(self, names: list[str], until: Until) -> None:
        asked = [key(name) for name in names]
        assert answers(self.store, asked, until) == answers(self.model, asked, until)

    @invariant()
    def totals_are_equal(self) -> None:
        if hasattr(self, "store"):
            assert totals(self.store) == totals(self.model)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            everything = [key(name) for name in (*NAMES, *CASES)]
            for until in UNTILS:
                assert answers(self.store, everything, until) == answers(self.model, everything, until)
            self.store.close()
            self.other.close()
            self.folder.cleanup()


SideBySide.TestCase.settings = settings(
    max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestEmbeddedGraphBesideThePlainModel = SideBySide.TestCase


def test_the_kind_in_a_name_is_what_the_makers_of_facts_record() -> None:
    assert {kind_of(name) for name in NAMES} == {"customer_id", "email", "phone", "order_id", "shipment_id"}


Opener = Callable[[], SqliteGraph]


def test_a_reader_beside_a_writer_sees_what_was_committed_and_one_moment_only(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    writer = SqliteGraph(path)
    writer.record([facts("e1", discloses=[("email:a", DELIVERY)])])
    reader = SqliteGraph(path, read_only=True)
    assert reader.counts()["events"] == 1
    writer.record([facts("e2", discloses=[("email:a", DELIVERY)])])
    assert reader.counts()["events"] == 1, "an answer put together from several moments would be of none"
    assert len(reader.disclosures([key("email:a")], NOW)) == 1
    reader.close()
    later = SqliteGraph(path, read_only=True)
    assert later.counts()["events"] == 2
    later.close()
    writer.close()


def test_two_writers_of_one_file_record_each_event_once(tmp_path: Path) -> None:
    one, other = SqliteGraph(tmp_path / "graph.db"), SqliteGraph(tmp_path / "graph.db")
    for number in range(6):
        event = facts(
            f"e{number}",
            at=number,
            owns=[("customer_id:c", f"email:{number}")],
            discloses=[("customer_id:c", DELIVERY)],
        )
        (one, other)[number % 2].record([event])
        (other, one)[number % 2].record([event])
    for store in (one, other):
        assert dict(store.counts()) == {"events": 6, "identifiers": 7, "disclosures": 6, "dead_letters": 0}
        assert len(store.owned([key("customer_id:c")], NOW)) == 6
        store.close()
