"""The embedded graph keeps the contract of stores; in any order, repetition, batching and reopening it is the plain model."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lineage.facts import Facts
from lineage.graph import NOW, Graph, Letter, Look, Until
from lineage.stores.sqlite import SqliteGraph
from tests.contracts.graph import CHECKS, Check
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import DELIVERY, facts, key, kind_of, route


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[SqliteGraph]:
    store = SqliteGraph(tmp_path / "graph.db")
    yield store
    store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_embedded_graph_keeps_the_contract_of_a_graph(check: Check, graph: SqliteGraph) -> None:
    check(graph)


NAMES = [
    f"{kind}:{number}" for kind in ("customer_id", "email", "phone", "order_id", "shipment_id") for number in (1, 2)
]
TIMES = (0, 10, 20, 30)
UNTILS = [NOW, Until(at=10), Until(known_at=20), Until(20, 10), Until(-1)]
ROUTES = [DELIVERY, route("dhl", forbidden=True), route("klarna", "payment", categories=())]
NAMED = st.sampled_from(NAMES)


@st.composite
def events(draw: st.DrawFn, event: str) -> Facts:
    pairs = st.tuples(NAMED, NAMED).filter(lambda pair: pair[0] != pair[1])
    link = draw(st.none() | st.tuples(pairs, st.booleans()))
    return facts(
        event,
        at=draw(st.sampled_from(TIMES)),
        recorded=draw(st.sampled_from(TIMES)),
        owns=draw(st.lists(pairs, max_size=3, unique=True)),
        discloses=draw(st.lists(st.tuples(NAMED, st.sampled_from(ROUTES)), max_size=2)),
        consents=draw(
            st.lists(st.tuples(NAMED, st.sampled_from(["newsletter", "analytics"]), st.booleans()), max_size=1)
        ),
        link=(*link[0], link[1]) if link else None,
    )


def answers(graph: Graph, keys: list[bytes], until: Until) -> dict[str, object]:
    """What every question about some identifiers is answered with; a store may answer in any order."""
    return {
        "owners": Counter(graph.owners(keys, until)),
        "owned": Counter(graph.owned(keys, until)),
        "links": Counter(graph.links(keys, until)),
        "kinds": dict(graph.kinds(keys)),
        "disclosures": Counter(graph.disclosures(keys, until)),
        "consents": Counter(graph.consents(keys, until)),
    }


def totals(graph: Graph) -> dict[str, object]:
    return {
        "volumes": Counter(graph.volumes([10, 25])),
        "every": Counter(graph.every_disclosure(None)),
        "since": Counter(graph.every_disclosure(20)),
        "letters": list(graph.letters()),
        "looks": list(graph.looks()),
        "counts": dict(graph.counts()),
        "contents": dict(graph.contents([key(f"event-{number}") for number in range(12)])),
    }


class SideBySide(RuleBasedStateMachine):
    """The embedded graph and the plain model, given the same."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.events = [data.draw(events(f"event-{number}")) for number in range(12)]
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "graph.db"
        self.store, self.model = SqliteGraph(self.path), MemoryGraph()

    @rule(numbers=st.lists(st.integers(0, 11), max_size=8))
    def record(self, numbers: list[int]) -> None:
        batch = [self.events[number] for number in numbers]
        self.store.record(batch)
        self.model.record(batch)

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
            everything = [key(name) for name in NAMES]
            for until in UNTILS:
                assert answers(self.store, everything, until) == answers(self.model, everything, until)
            self.store.close()
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
