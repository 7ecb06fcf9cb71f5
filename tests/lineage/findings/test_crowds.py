"""Of what many share, whoever joins costs the same however many there are; and what is told stays what `drift` lists."""

from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lineage.facts import Facts
from lineage.findings.anew import Judge
from lineage.findings.crowds import MANY, Crowds
from lineage.findings.store import Overtaken
from lineage.register import Register
from lineage.stores.findings import SqliteFindings
from lineage.stores.sqlite import SqliteGraph
from tests.lineage.findings.drawn import BEGIN, DAY, NEWS, ORDER, WAYS, register_of
from tests.lineage.findings.told_shop import Shop, each_change_is_told_once
from tests.lineage.memory_of_erased import PlainMemory
from tests.lineage.parts import facts, key

HALL = "device_id:hall"
CUSTOMERS = [f"customer_id:{each}" for each in range(5)]
NAMES = (*CUSTOMERS, "email:a", HALL, "order_id:1", "shipment_id:1")


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Register, Register]:
    folder = tmp_path_factory.mktemp("register")
    return register_of(folder), register_of(folder, until="2026-02-01")


def joins(who: int) -> Facts:
    """A customer at the device in the hall, who has consented, orders, and gets a letter."""
    name = f"customer_id:joins-{who}"
    return facts(
        f"joins-{who}", at=BEGIN, owns=[(name, HALL)], consents=[(name, "newsletter", who % 2 == 0)],
        discloses=[(name, ORDER), (name, NEWS)],
    )  # fmt: skip


class Counted:
    """A graph that counts the rows it gives."""

    def __init__(self, graph: SqliteGraph) -> None:
        self.graph, self.rows = graph, 0

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self.graph, name)

        def counting(*given: object) -> Any:
            found = asked(*given)
            if isinstance(found, Collection):
                self.rows += len(found)
            return self if name == "near" else found

        return counting


@pytest.fixture
def there(tmp_path: Path, registers: tuple[Register, Register]) -> Iterator[tuple[Counted, SqliteFindings, Judge]]:
    path = tmp_path / "graph.db"
    with closing(SqliteGraph(path)) as graph, closing(SqliteFindings(path)) as findings:
        findings.restore([], over=True)
        counted = Counted(graph)
        yield counted, findings, Judge(counted, findings, registers[0], PlainMemory(), lambda: BEGIN)  # type: ignore[arg-type]  # it has all a graph has


def rows_for(counted: Counted, judge: Judge, come: Collection[Facts]) -> int:
    """How many rows are read to judge what is new."""
    counted.graph.record(list(come))
    counted.rows = 0
    while not judge.turn().is_empty:
        pass
    return counted.rows


def test_whoever_joins_a_crowd_costs_the_same_however_many_there_are(
    there: tuple[Counted, SqliteFindings, Judge],
) -> None:
    counted, findings, judge = there
    rows_for(counted, judge, [joins(each) for each in range(200)])  # by another register: everything
    first = rows_for(counted, judge, [joins(200)])
    assert first > 200, "all who share it are judged once"
    among_few = [rows_for(counted, judge, [joins(each)]) for each in range(201, 205)]
    rows_for(counted, judge, [joins(each) for each in range(1_000, 3_000)])
    among_many = [rows_for(counted, judge, [joins(each)]) for each in range(3_001, 3_005)]
    assert among_few == among_many
    assert max(among_many) < first / 4
    last = rows_for(counted, judge, [facts("again", at=BEGIN, discloses=[("customer_id:joins-3001", NEWS)])])
    assert last < first / 4, "nor is the crowd read for what one of them does elsewhere"
    joined = (*range(205), *range(1_000, 3_000), *range(3_001, 3_005))
    told = findings.after("reader", 10_000)
    assert len(told) == sum(each % 2 for each in joined) + 1, "those who have not consented, and one of them once more"


def test_a_consent_under_what_many_share_concerns_all_of_them(there: tuple[Counted, SqliteFindings, Judge]) -> None:
    counted, findings, judge = there
    story = [
        facts(f"e{each}", at=BEGIN, owns=[(f"customer_id:{each}", HALL)], discloses=[(f"customer_id:{each}", NEWS)])
        for each in range(MANY + 10)
    ]
    rows_for(counted, judge, story[:-2])
    for each in story[-2:]:
        rows_for(counted, judge, [each])
    told = findings.after("reader", 10_000)
    assert len(told) == MANY + 10
    rows_for(counted, judge, [facts("yes", at=BEGIN, consents=[(HALL, "newsletter", True)])])
    assert sum('"state":"withdrawn"' in each.record for each in findings.after("reader", 10_000)) == MANY + 10


STEPS = st.sampled_from(["judge", "judge", "listen", "killed", "other", "stopped", "nothing", "register", "forget"])


@st.composite
def _event(draw: st.DrawFn) -> dict[str, Any]:
    match draw(st.sampled_from(["joins", "joins", "joins", "sent", "consent", "owns", "link"])):
        case "joins":
            who = draw(st.sampled_from(CUSTOMERS))
            what: dict[str, Any] = {"owns": [(who, HALL)], "discloses": [(who, draw(st.sampled_from(WAYS)))]}
        case "sent":
            what = {"discloses": [(draw(st.sampled_from(NAMES)), draw(st.sampled_from(WAYS)))]}
        case "consent":
            what = {"consents": [(draw(st.sampled_from(NAMES[:7])), "newsletter", draw(st.booleans()))]}
        case "owns":
            owner, owned = draw(st.sampled_from([(a, b) for a in NAMES for b in NAMES if a != b]))
            what = {"owns": [(owner, owned)], "discloses": [(owner, ORDER)]}
        case _:
            one, other = draw(st.sampled_from([(a, b) for a in NAMES[:7] for b in NAMES[:7] if a < b]))
            what = {"link": (one, other, draw(st.booleans()))}
    return {"at": BEGIN + draw(st.integers(0, 90)) * DAY, **what}


@settings(max_examples=150, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(st.tuples(_event(), st.lists(STEPS, max_size=3)), min_size=4, max_size=16))
def test_what_stands_at_the_end_is_what_drift_lists_whoever_shares_what(
    registers: tuple[Register, Register], come: list[tuple[dict[str, Any], list[str]]]
) -> None:
    with TemporaryDirectory() as folder, closing(Shop(Path(folder), registers[0], crowds=Crowds(many=1))) as there:
        for number, (event, steps) in enumerate(come):
            there.graph.record([facts(f"e{number}", recorded=BEGIN + 100 * DAY, **event)])
            for step in steps:
                _step(there, step, registers)
        there.judge_all()
        there.listen()
        assert there.stands() == there.listed()
        each_change_is_told_once(there.heard, forgot=any("forget" in steps for _, steps in come))


def _step(there: Shop, step: str, registers: tuple[Register, Register]) -> None:
    match step:
        case "judge":
            there.judge_all()
        case "listen":
            there.listen()
        case "killed":
            there.crowds = Crowds(many=1)
        case "other":  # another process has the turn
            mine, there.crowds = there.crowds, Crowds(many=1)
            there.judge_all()
            there.crowds = mine
        case "stopped":  # before what it had read was kept
            with suppress(Overtaken):
                replace(there.judge, is_over=lambda: True).turn()
        case "register":
            there.register = registers[there.register is registers[0]]
        case "forget":
            there.graph.forget([key(CUSTOMERS[0]), key(HALL)], BEGIN + 45 * DAY, (), None)
