"""What was told at the end is what `drift` lists, whatever came when, in which batches, and wherever it was killed."""

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.drift import drift
from lineage.findings.anew import Judge
from lineage.findings.model import FOUND, digest_of, name_of, said_of
from lineage.register import Register
from lineage.stores.findings import SqliteFindings
from lineage.stores.sqlite import SqliteGraph
from lineage.tombstones import Suppression
from tests.lineage.findings.drawn import BEGIN, DAY, batches, register_of, shop
from tests.lineage.memory_of_erased import PlainMemory
from tests.lineage.parts import key

Records = list[Mapping[str, Any]]


class Shop:
    """A graph, its findings and whoever judges them; a reader that reads what is told from the beginning."""

    def __init__(self, folder: Path, register: Register) -> None:
        self.path, self.register, self.memory = folder / "graph.db", register, PlainMemory()
        self.graph, self.findings = SqliteGraph(self.path), SqliteFindings(self.path)
        self.heard: Records = []
        self.findings.restore([], over=True)
        self.findings.reached("reader", 0)

    @property
    def judge(self) -> Judge:
        return Judge(self.graph, self.findings, self.register, self.memory, lambda: BEGIN)

    def judge_all(self) -> None:
        while self.judge.turn():
            pass

    def listen(self, limit: int = 1_000) -> None:
        """Hear what was told since. Whoever is killed before it is kept that it was heard hears it again."""
        told = self.findings.after("reader", limit)
        self.heard += [json.loads(each.record) for each in told]
        if told:
            self.findings.reached("reader", told[-1].number)

    def stands(self) -> dict[str, bytes]:
        """What a reader has at the end: of each finding the last, where it is not withdrawn."""
        last = {each["finding"]: each for each in self.heard}
        return {name: digest_of(each) for name, each in last.items() if each["state"] == FOUND}

    def listed(self) -> dict[str, bytes]:
        """What `drift` lists."""
        return {
            name_of(each.disclosure.event, each.disclosure.part, rule): digest_of(said)
            for each in drift(self.graph, self.register, None, memory=self.memory)
            for rule, said in said_of(each)
        }

    def close(self) -> None:
        self.graph.close()
        self.findings.close()


Opened = Callable[..., Shop]


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Register, Register]:
    folder = tmp_path_factory.mktemp("register")
    return register_of(folder), register_of(folder, until="2026-02-01")


def each_change_is_told_once(heard: Records, *, forgot: bool) -> None:
    """Of each finding the sequence goes up by one with each record, and none says what the one before it said.

    What was forgotten before it was told is told to nobody any more: then there are gaps.
    """
    last: dict[str, Mapping[str, Any]] = {}
    for each in heard:
        before = last.get(each["finding"])
        following = before["sequence"] + 1 if before else 1
        assert each["sequence"] >= following if forgot else each["sequence"] == following
        if not forgot:
            assert before is None or (before["state"], digest_of(before)) != (each["state"], digest_of(each))
            assert before is not None or each["state"] == FOUND
        last[each["finding"]] = each


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
        assert not there.judge.turn()


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
