"""Findings in the embedded graph's file: the contract of findings, and a file that an older version made."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from lineage.findings.store import Findings
from lineage.graph import Graph
from lineage.stores.findings import SqliteFindings
from lineage.stores.schema import FACTS
from lineage.stores.sqlite import SqliteGraph
from tests.contracts.findings import CHECKS, Check, Opened
from tests.lineage.parts import DELIVERY, facts, key


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    every: list[SqliteGraph | SqliteFindings] = []

    def again() -> tuple[Graph, Findings]:
        graph, findings = SqliteGraph(tmp_path / "graph.db"), SqliteFindings(tmp_path / "graph.db")
        every.extend((graph, findings))
        return graph, findings

    yield again
    for each in every:
        each.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_embedded_findings_keep_the_contract_of_findings(check: Check, opened: Opened) -> None:
    check(opened)


def test_a_file_of_an_older_version_is_made_ready_and_all_of_it_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.executescript(f"{FACTS}; PRAGMA user_version = 1;")
        file.execute("INSERT INTO identifier VALUES (1, ?, 'email')", (key("email:a"),))
        file.execute("INSERT INTO route VALUES (1, 'order-system', 'posti', 'delivery', 'name', 'multitronic', 0)")
        file.execute("INSERT INTO disclosure VALUES (?, 0, 1, 1, 5, 6, x'00')", (key("e1"),))
        file.commit()
    with pytest.raises(Misconfigured, match=r"older version, which told no findings: `jalki worker` or `jalki ingest`"):
        SqliteFindings(path, read_only=True)
    with closing(SqliteFindings(path)) as findings:
        taken = findings.take("one", 10, 10)
        assert taken.whole
        assert list(taken.holders) == [key("email:a")]
    with closing(SqliteFindings(path, read_only=True)) as findings:
        assert findings.standing().whole


def test_nothing_waits_for_a_judge_who_has_never_come_and_the_first_one_meets_everybody(tmp_path: Path) -> None:
    """Where nobody is told of drift, each erasure would read through all that was ever recorded."""
    path = tmp_path / "graph.db"
    with closing(SqliteGraph(path)) as graph, closing(SqliteFindings(path)) as findings:
        for number in range(3):
            graph.record([facts(f"e{number}", discloses=[(f"customer_id:{number}", DELIVERY)])])
        graph.touch([key("customer_id:0")])
        assert findings.standing().unjudged == 0
        taken = findings.take("one", 10, 10)
        assert {*taken.holders} == {key(f"customer_id:{number}") for number in range(3)}
        graph.touch([key("customer_id:0")])
        assert findings.standing().unjudged == 1


def test_what_an_older_version_had_wait_in_vain_goes_with_the_next_erasure(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    with closing(SqliteGraph(path)) as graph, closing(SqliteFindings(path)) as findings:
        graph.record([facts("e1", discloses=[("customer_id:1", DELIVERY)])])
        with closing(sqlite3.connect(path)) as file:
            file.execute("INSERT INTO unjudged (keys) VALUES (?)", (key("customer_id:2"),))
            file.commit()
        assert findings.standing().unjudged == 1
        graph.forget([key("customer_id:1")], 9, [], None)
        assert findings.standing().unjudged == 0
