"""What was told at the end is what `drift` lists, whatever came when, in which batches, and wherever it was killed."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.register import Register
from lineage.stores.findings import SqliteFindings
from lineage.tombstones import Suppression
from tests.lineage.findings.drawn import BEGIN, DAY, batches, register_of, shop
from tests.lineage.findings.told_shop import Shop, each_change_is_told_once
from tests.lineage.parts import key

Records = list[Mapping[str, Any]]


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Register, Register]:
    folder = tmp_path_factory.mktemp("register")
    return register_of(folder), register_of(folder, until="2026-02-01")


STEPS = st.sampled_from(["judge", "judge all", "listen", "killed", "nothing", "register", "restrict", "lift", "forget"])


@settings(max_examples=120)
@given(st.data())
def test_what_stands_at_the_end_is_what_drift_lists(registers: tuple[Register, Register], data: st.DataObject) -> None:
    come = data.draw(shop().flatmap(batches))
    with TemporaryDirectory() as folder, closing(Shop(Path(folder), registers[0])) as there:
        forgot = False
        for number, batch in enumerate(come):
            there.graph.record(batch)
            for step in data.draw(st.lists(STEPS, max_size=3)):
                forgot = forgot or step == "forget"
                _step(there, step, registers, number)
        there.judge_all()
        there.listen()
        assert there.stands() == there.listed()
        each_change_is_told_once(there.heard, forgot=forgot)
        assert there.judge.turn().is_empty


def _step(there: Shop, step: str, registers: tuple[Register, Register], number: int) -> None:
    one, at = key("customer_id:1"), BEGIN + 10 * DAY * number
    match step:
        case "judge":
            there.judge.turn()
        case "judge all":
            there.judge_all()
        case "listen":
            there.listen()
        case "killed":  # with all it had taken, and before it had kept what came of it
            there.findings.take(there.register.version, 5, 5)
            there.findings.close()
            there.findings = SqliteFindings(there.path)
        case "register":
            there.register = registers[there.register is registers[0]]
        case "restrict" | "lift":
            word = Suppression(one, "*", "*", "restriction", at, "case-1", step == "lift")
            there.memory.suppress([word])
            there.graph.touch([one])
        case "forget":
            erased = [one, key("order_id:1"), key("email:a")]
            kept = [(each.event, each.part) for each in there.graph.every_disclosure(None)][:1]
            there.graph.forget(erased, at, kept, key("case:1"))
