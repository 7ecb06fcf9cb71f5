"""The graph on a real Neo4j keeps the contract of stores, and stays beside the embedded one whatever is done to both."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lineage.graph import Graph, Letter, Look, Until
from lineage.persons import find_person
from lineage.stores.neo4j import Neo4jAccess, Neo4jGraph
from lineage.stores.sqlite import SqliteGraph
from tests.contracts.forgetting import TWO_WRITERS
from tests.contracts.graph import CHECKS, Check
from tests.lineage.drawn import CASES, FORGETTING, NAMED, NAMES, UNTILS, answers, events, totals
from tests.lineage.parts import key
from tests.servers.neo4j import Neo4j


@pytest.fixture
def access(neo4j_server: Neo4j) -> Neo4jAccess:
    neo4j_server.wipe()
    return Neo4jAccess(neo4j_server.login.uri, neo4j_server.login.user, neo4j_server.login.password)


@pytest.fixture
def graph(access: Neo4jAccess) -> Iterator[Neo4jGraph]:
    store = Neo4jGraph(access, "mark")
    yield store
    store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_neo4j_keeps_the_contract_of_a_graph(check: Check, graph: Neo4jGraph) -> None:
    check(graph)


@pytest.mark.parametrize("check", TWO_WRITERS, ids=lambda check: check.__name__)
def test_two_writers_of_neo4j_keep_the_contract_of_a_graph(
    check: Callable[[Graph, Graph], None], access: Neo4jAccess
) -> None:
    with closing(Neo4jGraph(access, "mark")) as one, closing(Neo4jGraph(access, "mark")) as other:
        check(one, other)


class BesideTheEmbedded(RuleBasedStateMachine):
    """Neo4j and SQLite, given the same; several writers of Neo4j in turn, each with what it remembers."""

    access: ClassVar[Neo4jAccess]
    wipe: ClassVar[object]

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.events = [data.draw(events(f"event-{number}")) for number in range(12)]
        self.folder = TemporaryDirectory()
        self.embedded = SqliteGraph(Path(self.folder.name) / "graph.db")
        self.wipe()
        self.writers = [Neo4jGraph(self.access, "mark") for _ in range(2)]

    @rule(numbers=st.lists(st.integers(0, 11), max_size=8), writer=st.integers(0, 1))
    def record(self, numbers: list[int], writer: int) -> None:
        batch = [self.events[number] for number in numbers]
        self.embedded.record(batch)
        self.writers[writer].record(batch)

    @rule(asked=FORGETTING, writer=st.integers(0, 1))
    def forget(self, asked: dict[str, Any], writer: int) -> None:
        assert self.embedded.forget(**asked) == self.writers[writer].forget(**asked)

    @rule(numbers=st.lists(st.integers(0, 5), max_size=3), recorded=st.integers(0, 2), writer=st.integers(0, 1))
    def bury(self, numbers: list[int], recorded: int, writer: int) -> None:
        letters = [Letter(key(f"letter-{number}"), "not JSON", recorded, b"sealed") for number in numbers]
        self.embedded.record([], letters)
        self.writers[writer].record([], letters)

    @rule(at=st.integers(0, 5))
    def look(self, at: int) -> None:
        self.embedded.look(Look(at, b"sealed"))
        self.writers[0].look(Look(at, b"sealed"))

    @rule(writer=st.integers(0, 1))
    def reopen(self, writer: int) -> None:
        self.writers[writer].close()
        self.writers[writer] = Neo4jGraph(self.access, "mark")

    @rule(names=st.lists(NAMED, max_size=6), until=st.sampled_from(UNTILS))
    def ask(self, names: list[str], until: Until) -> None:
        asked = [key(name) for name in names]
        assert answers(self.writers[0], asked, until) == answers(self.embedded, asked, until)

    @rule(name=NAMED, names=st.lists(NAMED, max_size=6), until=st.sampled_from(UNTILS))
    def ask_around(self, name: str, names: list[str], until: Until) -> None:
        one, asked = key(name), [key(each) for each in names]
        near = self.writers[0].near(one)
        assert find_person(near, one, until) == find_person(self.embedded, one, until)
        assert answers(near, asked, until) == answers(self.embedded, asked, until)

    @invariant()
    def totals_are_equal(self) -> None:
        if hasattr(self, "writers"):
            assert totals(self.writers[1]) == totals(self.embedded)

    def teardown(self) -> None:
        if hasattr(self, "writers"):
            everything = [key(name) for name in (*NAMES, *CASES)]
            for until in UNTILS:
                assert answers(self.writers[0], everything, until) == answers(self.embedded, everything, until)
            for store in (*self.writers, self.embedded):
                store.close()
            self.folder.cleanup()


def test_neo4j_and_the_embedded_graph_answer_alike_side_by_side(access: Neo4jAccess, neo4j_server: Neo4j) -> None:
    machine = type("Beside", (BesideTheEmbedded,), {"access": access, "wipe": lambda _: _emptied(neo4j_server)})
    machine.TestCase.settings = settings(
        max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
    )
    machine.TestCase("runTest").runTest()


def _emptied(server: Neo4j) -> None:
    server.wipe()
