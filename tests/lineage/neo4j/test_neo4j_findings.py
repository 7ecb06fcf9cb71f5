"""Findings on a real Neo4j: the contract of findings."""

from collections.abc import Iterator

import pytest

from lineage.findings.store import Findings
from lineage.graph import Graph
from lineage.stores.neo4j import Neo4jAccess, Neo4jGraph
from lineage.stores.neo4j.findings import Neo4jFindings
from tests.contracts.findings import CHECKS, Check, Opened
from tests.servers.neo4j import Neo4j


@pytest.fixture
def opened(neo4j_server: Neo4j) -> Iterator[Opened]:
    neo4j_server.wipe()
    login, every = neo4j_server.login, list[Neo4jGraph | Neo4jFindings]()
    access = Neo4jAccess(login.uri, login.user, login.password)

    def again() -> tuple[Graph, Findings]:
        graph, findings = Neo4jGraph(access, "mark"), Neo4jFindings(access, "mark")
        every.extend((graph, findings))
        return graph, findings

    yield again
    for each in every:
        each.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_neo4j_keeps_the_contract_of_findings(check: Check, opened: Opened) -> None:
    check(opened)
