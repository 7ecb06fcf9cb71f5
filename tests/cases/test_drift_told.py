"""What cases decide and do is told of drift: sent against a restriction, still so when it is lifted, void when she is erased."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lineage.cases.lifting import lift
from lineage.findings.anew import Judge
from lineage.stores.findings import SqliteFindings
from tests.cases.events import account, order, shipment
from tests.cases.stage import Stage, iso

HER = ("customer_id", "C-1")
ASKED = "2026-05-01T10:00:00+03:00"
HOUR = 3_600_000_000


@pytest.fixture
def findings(stage: Stage, tmp_path: Path) -> Iterator[SqliteFindings]:
    stage.record(account(), order(), shipment())
    stage.at(ASKED)
    with closing(SqliteFindings(tmp_path / "data" / "graph.db")) as opened:
        opened.restore([], over=True)
        opened.reached("reader", 0)
        yield opened


def told(stage: Stage, findings: SqliteFindings) -> list[tuple[str, str, bool]]:
    """The changes of findings about a right that was ignored since the last time: state, party, whether it names her."""
    judge = Judge(stage.work.graph, findings, stage.work.register, stage.work.memory, stage.work.clock)
    while not judge.turn().is_empty:
        pass
    new = findings.after("reader", 100)
    if new:
        findings.reached("reader", new[-1].number)
    records = [json.loads(each.record) for each in new]
    return [(each["state"], each["to"], bool(each["person"])) for each in records if each["rule"] == "right-ignored"]


def test_what_was_sent_while_a_restriction_stood_is_told_once_and_stays_when_that_is_lifted(
    stage: Stage, findings: SqliteFindings
) -> None:
    assert told(stage, findings) == []
    case = stage.approve(stage.preview(stage.open("restriction", HER)))
    assert told(stage, findings) == []
    stage.at(iso(stage.now + HOUR))
    stage.record(shipment(event_id="sent-anyway", occurred_at=iso(stage.now)))
    assert told(stage, findings) == [("found", "posti", True)]
    stage.at("2026-06-01T10:00:00+03:00")
    lift(stage.work, case.id, "2026-05-31")
    assert told(stage, findings) == []
    stage.record(shipment(event_id="sent-after", occurred_at=iso(stage.now + HOUR)))
    assert told(stage, findings) == []


def test_what_was_recorded_before_the_restriction_was_decided_is_judged_when_it_is(
    stage: Stage, findings: SqliteFindings
) -> None:
    stage.record(shipment(event_id="sent-later", occurred_at=iso(stage.now + 24 * HOUR)))
    assert told(stage, findings) == []
    stage.approve(stage.preview(stage.open("restriction", HER)))
    assert told(stage, findings) == [("found", "posti", True)]


def test_an_erasure_withdraws_her_findings_without_her_pseudonym(stage: Stage, findings: SqliteFindings) -> None:
    case = stage.approve(stage.preview(stage.open("restriction", HER)))
    stage.at(iso(stage.now + HOUR))
    stage.record(shipment(event_id="sent-anyway", occurred_at=iso(stage.now)))
    assert told(stage, findings) == [("found", "posti", True)]
    stage.at("2026-06-01T10:00:00+03:00")
    lift(stage.work, case.id, "2026-05-31")
    stage.run(case)
    stage.approve(stage.preview(stage.open("erasure", HER)))
    assert ("withdrawn", None, False) in told(stage, findings)
    standing = {each.record for each in findings.after("new", 100)}
    assert stage.key(*HER).hex() not in "".join(standing)
