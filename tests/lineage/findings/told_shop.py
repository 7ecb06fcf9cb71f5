"""A graph, its findings, whoever judges them, and a reader of what is told."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lineage.drift import drift
from lineage.findings.anew import Judge
from lineage.findings.crowds import Crowds
from lineage.findings.model import FOUND, digest_of, name_of, said_of
from lineage.register import Register
from lineage.stores.findings import SqliteFindings
from lineage.stores.sqlite import SqliteGraph
from tests.lineage.findings.drawn import BEGIN
from tests.lineage.memory_of_erased import PlainMemory

Records = list[Mapping[str, Any]]


class Shop:
    """A graph, its findings and whoever judges them; a reader that reads what is told from the beginning."""

    def __init__(self, folder: Path, register: Register, *, ready: bool = True, crowds: Crowds | None = None) -> None:
        """With `crowds`, one and the same process judges until it is killed; else each turn is another's."""
        self.crowds = crowds
        self.path, self.register, self.memory = folder / "graph.db", register, PlainMemory()
        self.graph, self.findings = SqliteGraph(self.path), SqliteFindings(self.path)
        self.heard: Records = []
        if ready:
            self.findings.restore([], over=True)
            self.findings.reached("reader", 0)

    @property
    def judge(self) -> Judge:
        crowds = Crowds() if self.crowds is None else self.crowds
        return Judge(self.graph, self.findings, self.register, self.memory, lambda: BEGIN, crowds=crowds)

    def judge_all(self) -> None:
        while not self.judge.turn().is_empty:
            pass

    def listen(self, limit: int = 1_000) -> None:
        """Hear what was told since. Whoever is killed before it is kept that it was heard hears it again."""
        told = self.findings.after("reader", limit)
        self.heard += [json.loads(each.record) for each in told]
        if told:
            self.findings.reached("reader", told[-1].number)

    def stands(self) -> dict[str, bytes]:
        """What the reader has at the end."""
        return standing_of(self.heard)

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


def standing_of(heard: Records) -> dict[str, bytes]:
    """What a reader has at the end: of each finding the last, where it is not withdrawn."""
    last = {each["finding"]: each for each in heard}
    return {name: digest_of(each) for name, each in last.items() if each["state"] == FOUND}


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
