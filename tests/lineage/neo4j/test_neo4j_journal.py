"""Cases on a real Neo4j: the contract of journals, a database that an older version made, and what an auditor finds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest

from lineage.cases.journal import TaskRow
from lineage.errors import Misconfigured
from lineage.graph import NOW
from lineage.stores.neo4j import Neo4jAccess, Neo4jGraph, Neo4jJournal
from lineage.stores.neo4j.connecting import Session
from lineage.stores.neo4j.migrations import VERSIONS
from tests.contracts.journal import CHECKS, Check, Reopen, add, chain
from tests.contracts.journal_blocks import BLOCKS
from tests.lineage.parts import DELIVERY, facts, key
from tests.servers.neo4j import DATABASE, Neo4j


@pytest.fixture
def access(neo4j_server: Neo4j) -> Neo4jAccess:
    neo4j_server.wipe()
    return Neo4jAccess(neo4j_server.login.uri, neo4j_server.login.user, neo4j_server.login.password)


@pytest.fixture
def reopen(access: Neo4jAccess) -> Iterator[Reopen]:
    opened: list[Neo4jJournal] = []

    def again() -> Neo4jJournal:
        opened.append(Neo4jJournal(access, "mark"))
        return opened[-1]

    yield again
    for each in opened:
        each.close()


@pytest.mark.parametrize("check", [*CHECKS, *BLOCKS], ids=lambda check: check.__name__)
def test_neo4j_keeps_the_contract_of_a_journal(check: Check, reopen: Reopen) -> None:
    check(reopen)


def test_what_is_asked_of_many_cases_is_found_by_an_index(
    access: Neo4jAccess, neo4j_server: Neo4j, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No question of a lane or of the clock reads every task or case."""
    asked: list[tuple[str, dict[str, Any]]] = []
    ask = Session._ask

    def noted(session: Session, question: Any, parameters: Any) -> Sequence[tuple[Any, ...]]:
        asked.append((question, dict(parameters)))
        return ask(session, question, parameters)

    with closing(Neo4jJournal(access, "mark")) as journal:
        monkeypatch.setattr(Session, "_ask", noted)
        journal.entries("c-1")
        journal.due_cases(1, 1)
        journal.due_tasks("posti", 1, 1)
        journal.parties_due(1)
        journal.next_look()
        journal.cases_of([key("email:a")])
        journal.unpublished(1)
        journal.spent("posti", 1)
    assert len(asked) == 8
    with neo4j_server.driver() as driver:
        for question, given in asked:
            plan = driver.execute_query(f"EXPLAIN {question}", given, database_=DATABASE).summary.plan
            scans = [details for step, details in steps_of(plan) if step.startswith(("NodeByLabelScan", "AllNodes"))]
            assert not [each for each in scans if each != "e:Unpublished"], question
            assert [step for step, _ in steps_of(plan) if "Index" in step or "LabelScan" in step], question


def steps_of(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each step of a plan with what it says of itself."""
    yield plan["operatorType"], plan["args"].get("Details", "")
    for child in plan.get("children", ()):
        yield from steps_of(child)


def test_an_auditor_finds_a_case_with_its_entries_tasks_and_subjects(reopen: Reopen, neo4j_server: Neo4j) -> None:
    entries = chain("c-1", 2)
    add(reopen(), entries, TaskRow("t", "c-1", "posti", "queued", 7), subjects=(key("email:a"),))
    ask = """MATCH (s:CaseSubject)-[:IN]->(c:Case)-[:ENTRY]->(e:CaseEntry) MATCH (c)-[:TASK]->(t:Task)
    RETURN s.key AS key, c.subjects AS subjects, c.right AS right, c.operative AS operative, c.head AS head,
    e.number AS number, e.previous AS previous, e.hash AS hash, t.party AS party, t.look_at AS look_at ORDER BY number"""
    with neo4j_server.driver() as driver:
        rows = [each.data() for each in driver.execute_query(ask, database_=DATABASE).records]
    hexed = key("email:a").hex()
    assert [each["hash"] for each in rows] == [each.hash.hex() for each in entries]
    assert rows[1]["previous"] == rows[0]["hash"]
    assert rows[1] == rows[1] | {
        "key": hexed, "subjects": [hexed], "right": "erasure", "operative": "2026-12-24", "head": entries[1].hash.hex(),
        "party": "posti", "look_at": 7,
    }  # fmt: skip


def test_a_graph_of_the_version_before_is_brought_to_this_one_and_keeps_its_facts(
    access: Neo4jAccess, neo4j_server: Neo4j
) -> None:
    with closing(Session(access)) as session:
        for statement in VERSIONS[0]:
            session.do(statement)
        session.do("CREATE (:Jalki {name: 'graph', keys: 'mark', version: 1})")
        session.do("CREATE (:Identifier {key: $key, kind: 'email'})", key=key("email:a").hex())
    with pytest.raises(Misconfigured, match="older version: `jalki worker` or `jalki ingest` makes it ready"):
        Neo4jJournal(access, "mark", read_only=True)
    with closing(Neo4jJournal(access, "mark")) as journal, closing(Neo4jGraph(access, "mark", read_only=True)) as graph:
        add(journal, chain("c-1", 1))
        assert graph.kinds([key("email:a")])
        with closing(Neo4jJournal(access, "mark", read_only=True)) as reader:
            assert len(reader.entries("c-1")) == 1
    with neo4j_server.driver() as driver:
        (version,) = driver.execute_query("MATCH (j:Jalki) RETURN j.version", database_=DATABASE).records
    assert version[0] == len(VERSIONS) == 5


def test_facts_are_forgotten_and_their_case_stays(access: Neo4jAccess) -> None:
    with closing(Neo4jGraph(access, "mark")) as graph, closing(Neo4jJournal(access, "mark")) as journal:
        graph.record([facts("e1", discloses=[("email:a", DELIVERY)])])
        row = add(journal, chain("c-1", 2), subjects=(key("email:a"),))
        assert graph.forget([key("email:a")], 0, [], None).identifiers == 1
        assert not graph.disclosures([key("email:a")], NOW)
        assert list(journal.cases_of([key("email:a")])) == [row]
