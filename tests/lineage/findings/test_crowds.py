"""Of what many share, whoever joins costs the same however many there are; and what is told stays what `drift` lists."""

from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lineage.facts import Facts
from lineage.findings import anew
from lineage.findings.anew import Judge
from lineage.findings.crowds import MANY, Crowds
from lineage.findings.store import Overtaken
from lineage.register import Register
from lineage.stores.findings import SqliteFindings
from lineage.stores.sqlite import SqliteGraph
from tests.lineage.findings.drawn import BEGIN, COUNTED, DAY, NEWS, ORDER, WAYS, register_of
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


@pytest.mark.parametrize("owned", [HALL, "order_id:1"])
def test_a_consent_under_what_many_share_or_what_that_owns_concerns_all_of_them(
    there: tuple[Counted, SqliteFindings, Judge], owned: str
) -> None:
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
    owns = [] if owned == HALL else [(HALL, owned)]
    rows_for(counted, judge, [facts("yes", at=BEGIN, owns=owns, consents=[(owned, "newsletter", True)])])
    assert sum('"state":"withdrawn"' in each.record for each in findings.after("reader", 10_000)) == MANY + 10


def at_the_hall(who: int) -> Facts:
    """A customer who gave her address long ago, and comes to the device in the hall."""
    name = f"customer_id:{who}"
    return facts(f"came-{who}", at=BEGIN, owns=[(name, HALL)], discloses=[(name, ORDER)])


LATE = facts("late", at=BEGIN + 50 * DAY, discloses=[("customer_id:3", COUNTED)])
"""Drift, for her address was to be gone by then; not so if what the device told the day before was of her."""
FRESH = facts("fresh", at=BEGIN + 49 * DAY, discloses=[(HALL, ORDER)])


@pytest.fixture
def hall(tmp_path: Path, registers: tuple[Register, Register], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Three at the device, which is known to be a crowd's; the third has drift. What hangs on each is read by itself."""
    monkeypatch.setattr(anew, "AT_ONCE", 1)
    with closing(Shop(tmp_path, registers[0], crowds=Crowds(many=1))) as there:
        there.graph.record([*map(at_the_hall, (1, 2, 3)), LATE])
        there.judge_all()
        there.graph.record([FRESH])
        there.judge_all()
        there.listen()
        assert len(there.stands()) == 1
        yield there


def forget_others(there: Shop) -> None:
    there.graph.forget([key("customer_id:1"), key("customer_id:2")], BEGIN + 60 * DAY, (), None)


def link_others(there: Shop) -> None:
    """All three are one; who came last still shares the device with them."""
    there.graph.record([at_the_hall(6)])
    there.judge_all()
    there.graph.record(
        [facts(f"one-{who}", at=BEGIN, link=("customer_id:3", f"customer_id:{who}", True)) for who in (1, 2)]
    )
    there.graph.record([facts("again", at=BEGIN + 1, discloses=[(HALL, ORDER)])])


def own_others(there: Shop) -> None:
    """The others are accounts of the third; who came last still shares it with her."""
    there.graph.record([at_the_hall(6)])
    there.judge_all()
    there.graph.record([facts(f"of-{who}", at=BEGIN, owns=[("customer_id:3", f"customer_id:{who}")]) for who in (1, 2)])
    there.graph.record([facts("again", at=BEGIN + 1, discloses=[(HALL, ORDER)])])


def link_the_device(there: Shop) -> None:
    """Somebody decided that the device is the second one's, who stays one person and has drift of her own."""
    there.graph.record([facts("later", at=BEGIN + 95 * DAY, discloses=[("customer_id:2", COUNTED)])])
    there.graph.record([facts("hers", at=BEGIN, link=("customer_id:2", HALL, True))])


@pytest.mark.parametrize("change", [forget_others, link_others, own_others, link_the_device])
def test_where_it_is_a_crowd_no_more_all_are_judged(hall: Shop, change: Callable[[Shop], None]) -> None:
    change(hall)
    hall.judge_all()
    hall.listen()
    assert hall.stands() == hall.listed()


def test_what_another_process_judged_meanwhile_is_judged_again(hall: Shop) -> None:
    """There the crowd was none for a while; whoever knows it from before must not think that nothing had changed."""
    mine, hall.crowds = hall.crowds, Crowds(many=1)
    forget_others(hall)
    hall.judge_all()
    hall.listen()
    assert hall.stands() == {}, "the device is hers alone"
    hall.crowds = mine
    hall.graph.record([at_the_hall(1)._replace(event=key("back-1"), at=BEGIN + 61 * DAY)])
    hall.graph.record([facts("back-2", at=BEGIN + 61 * DAY, owns=[("customer_id:2", HALL)], discloses=[(HALL, ORDER)])])
    hall.judge_all()
    hall.listen()
    assert hall.stands() == hall.listed() != {}


def test_what_hangs_on_a_crowd_rests_on_the_consent_of_whoever_shares_it(hall: Shop) -> None:
    hall.graph.record([facts("letter", at=BEGIN + 2 * DAY, discloses=[(HALL, NEWS)])])
    hall.judge_all()
    hall.listen()
    assert len(hall.stands()) == 2
    who = "customer_id:7"
    hall.graph.record([facts("seventh", at=BEGIN, owns=[(who, HALL)], consents=[(who, "newsletter", True)])])
    hall.judge_all()
    hall.listen()
    assert hall.stands() == hall.listed()
    assert len(hall.stands()) == 1


def test_a_crowd_of_addresses_is_none_once_a_customer_comes(
    tmp_path: Path, registers: tuple[Register, Register], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two addresses share a device; then it is a customer's, with what it told, and theirs no more."""
    monkeypatch.setattr(anew, "AT_ONCE", 1)
    with closing(Shop(tmp_path, registers[0], crowds=Crowds(many=1))) as there:
        there.graph.record(
            [
                facts(f"e{each}", at=BEGIN, owns=[(f"email:{each}", HALL)], discloses=[(f"email:{each}", ORDER)])
                for each in "ab"
            ]
        )
        there.judge_all()
        there.graph.record([FRESH, facts("late", at=BEGIN + 50 * DAY, discloses=[("email:a", COUNTED)])])
        there.judge_all()
        comes = facts("comes", at=BEGIN, owns=[("customer_id:1", HALL)], discloses=[("customer_id:1", ORDER)])
        hers = facts("hers", at=BEGIN + 50 * DAY, discloses=[("customer_id:1", COUNTED)])
        there.graph.record([comes, hers])
        there.judge_all()
        there.listen()
        assert there.stands() == there.listed()


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
