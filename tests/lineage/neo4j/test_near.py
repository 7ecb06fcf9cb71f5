"""How often a question about one person goes to the server, whoever shares something with her or was linked with her."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from lineage.consents import ConsentOf
from lineage.facts import Facts
from lineage.graph import NOW
from lineage.persons import Person, find_person
from lineage.stores.neo4j import Neo4jAccess, Neo4jGraph
from lineage.stores.neo4j.connecting import Session
from lineage.stores.neo4j.near import _FEW
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import DELIVERY, facts, key
from tests.servers.neo4j import Neo4j

HERS = facts(
    "e-hers", owns=[("customer_id:a", "email:a"), ("customer_id:a", "phone:home"), ("customer_id:a", "order_id:1")],
    discloses=[("order_id:1", DELIVERY)], consents=[("customer_id:a", "newsletter", True)],
)  # fmt: skip


@pytest.fixture
def graph(neo4j_server: Neo4j) -> Iterator[Neo4jGraph]:
    neo4j_server.wipe()
    login = neo4j_server.login
    with closing(Neo4jGraph(Neo4jAccess(login.uri, login.user, login.password), "mark")) as store:
        yield store


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every question that goes to the server."""
    asked: list[str] = []
    whole = Session.ask

    def counted(self: Session, question: str, **parameters: object) -> list[tuple[object, ...]]:
        asked.append(question)
        return whole(self, question, **parameters)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(Session, "ask", counted)
    return asked


def asked(graph: Neo4jGraph, name: str, *told: Facts) -> Person:
    """Find a person and her consent as `may_share` does, and hold both beside those of the plain store."""
    plain = MemoryGraph()
    plain.record(told)
    near = graph.near(key(name))
    person = find_person(near, key(name), NOW)
    assert person == find_person(plain, key(name), NOW)
    held, wanted = (ConsentOf(each, person, NOW).held("newsletter", 99, shared=False) for each in (near, plain))
    assert held == wanted
    return person


@pytest.mark.parametrize("name", ["customer_id:a", "email:a", "phone:home", "order_id:1", "email:nobody"])
def test_a_person_takes_one_way_to_the_server(name: str, graph: Neo4jGraph, ways: list[str]) -> None:
    graph.record([HERS])
    ways.clear()
    asked(graph, name, HERS)
    assert len(ways) == 1, ways


@pytest.mark.parametrize("name", ["customer_id:a", "email:a", "order_id:1"])
def test_who_shares_her_telephone_takes_one_more(name: str, graph: Neo4jGraph, ways: list[str]) -> None:
    theirs = facts(
        "e-theirs", owns=[("customer_id:b", "phone:home"), ("customer_id:b", "order_id:2")],
        consents=[("customer_id:b", "newsletter", False)],
    )  # fmt: skip
    graph.record([HERS, theirs])
    ways.clear()
    person = asked(graph, name, HERS, theirs)
    assert key("phone:home") in person.shared
    assert len(ways) == 2, ways


def test_who_is_linked_with_her_takes_one_more(graph: Neo4jGraph, ways: list[str]) -> None:
    again = facts("e-again", owns=[("customer_id:b", "order_id:2"), ("order_id:2", "shipment_id:2")])
    link = facts("e-link", link=("customer_id:a", "customer_id:b", True))
    graph.record([HERS, again, link])
    ways.clear()
    person = asked(graph, "email:a", HERS, again, link)
    assert {key("customer_id:b"), key("shipment_id:2")} <= person.members.keys()
    assert len(ways) == 2, ways


def test_those_who_share_what_very_many_do_are_not_read_with_all_that_is_theirs(
    graph: Neo4jGraph, ways: list[str]
) -> None:
    many = [
        facts(f"e-{number}", owns=[(f"customer_id:{number}", "phone:home"), (f"customer_id:{number}", f"order_id:m{number}")])
        for number in range(_FEW + 5)
    ]  # fmt: skip
    graph.record([HERS, *many])
    ways.clear()
    assert key("phone:home") in asked(graph, "customer_id:a", HERS, *many).shared
    assert len([each for each in ways if "$most" in each]) == 1
