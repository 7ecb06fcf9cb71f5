"""A hub: 20,000 persons' data went to one carrier. Who asks about one of them pays for what is hers, not for the hub."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from lineage.facts import Facts
from lineage.graph import NOW
from lineage.register import load_register
from lineage.stores.neo4j import Neo4jAccess, Neo4jGraph
from lineage.stores.neo4j.connecting import Session
from lineage.where import where
from schemas.vocabulary import vocabulary
from tests.lineage.parts import DELIVERY, facts, key, route
from tests.servers.neo4j import Neo4j

PERSONS, ASKED, BATCH = 20_000, 200, 5_000
MOST_QUESTIONS = 20


def booked(number: int) -> Facts:
    """One person's only shipment, by the one carrier; every tenth person has a newsletter too."""
    who, mail = f"customer_id:{number}", f"email:{number}"
    discloses = [(f"order_id:{number}", DELIVERY)]
    if number % 10 == 0:
        discloses.append((who, route("sendgrid", "newsletter", categories=("email",))))
    return facts(
        f"event-{number}",
        at=number,
        owns=[(who, mail), (who, f"order_id:{number}"), (f"order_id:{number}", f"shipment_id:{number}")],
        discloses=discloses,
    )


@pytest.fixture(scope="module")
def hub(neo4j_server: Neo4j) -> Iterator[Neo4jGraph]:
    neo4j_server.wipe()
    login = neo4j_server.login
    graph = Neo4jGraph(Neo4jAccess(login.uri, login.user, login.password, ca_file=login.ca_file), "mark")
    for first in range(0, PERSONS, BATCH):
        graph.record([booked(number) for number in range(first, first + BATCH)])
    yield graph
    graph.close()
    neo4j_server.wipe()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each question to the server was answered with, since the test began."""
    rows: list[int] = []
    ask = Session._ask

    def counted(session: Session, question: Any, parameters: Any) -> Sequence[tuple[Any, ...]]:
        answer = ask(session, question, parameters)
        rows.append(len(answer))
        return answer

    monkeypatch.setattr(Session, "_ask", counted)
    return rows


def test_where_in_a_hub_is_right_and_asks_no_more_than_elsewhere(hub: Neo4jGraph, asked: list[int]) -> None:
    register = load_register(None, frozenset(vocabulary().categories))
    assert hub.counts()["disclosures"] == PERSONS + PERSONS // 10
    questions, most_rows = Counter[int](), 0
    for number in (each * 101 % PERSONS for each in range(ASKED)):
        asked.clear()
        found = where(
            hub, register, key(("customer_id", "email", "shipment_id")[number % 3] + f":{number}"), NOW, PERSONS
        )
        questions[len(asked)] += 1
        most_rows = max(most_rows, *asked)
        assert dict(found.kinds) == {"customer_id": 1, "email": 1, "order_id": 1, "shipment_id": 1}
        held = {each.party.id: (each.disclosures, each.first) for each in found.holdings if each.observed}
        expected = {"posti": (1, number)} | ({"sendgrid": (1, number)} if number % 10 == 0 else {})
        assert held == expected
        assert (found.person.candidates, found.shared) == (1, ())
    assert sum(questions.values()) == ASKED
    assert max(questions) <= MOST_QUESTIONS, questions
    assert most_rows <= 10


def test_the_whole_hub_is_counted_without_a_question_for_each(hub: Neo4jGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    streamed: list[str] = []
    stream = Session.stream

    def counted(session: Session, question: Any, **parameters: object) -> Iterator[tuple[Any, ...]]:
        streamed.append(question)
        return stream(session, question, **parameters)

    monkeypatch.setattr(Session, "stream", counted)
    volumes = {each.route.target: each.disclosures for each in hub.volumes([])}
    assert volumes == {"posti": PERSONS, "sendgrid": PERSONS // 10}
    assert len(streamed) == 1
