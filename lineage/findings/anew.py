"""Judges anew what may have changed, and keeps what is to be told of it: a finding that is new, says other things, or is void.

The graph is what holds; a mark is what was told. Whoever ends in between judges again and finds the marks as they were, so
that each change is told once.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lineage.drift import Judging
from lineage.facts import Disclosure
from lineage.findings.around import around
from lineage.findings.crowds import Crowds
from lineage.findings.model import Change, Fact, Mark, digest_of, record_of, said_of
from lineage.findings.store import Findings, Overtaken, Taken
from lineage.graph import NOW, Graph
from lineage.register import Register
from lineage.tombstones import Memory

ROWS, HOLDERS = 20, 2_000
"""Batches of what was recorded, and holders of a pass through everything, that are judged in one turn."""
AT_ONCE = 500
"""Identifiers whose disclosures are in memory at a time."""


_NOBODY = ("nobody is told", "nobody is told yet")
"""Two versions that no register has: one of them is never the last one."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges by one register. Not for two threads at once."""

    graph: Graph
    findings: Findings
    register: Register
    memory: Memory
    clock: Callable[[], int]
    is_over: Callable[[], bool] = lambda: False
    """Tells that nothing more is to be begun."""
    crowds: Crowds = field(default_factory=Crowds)

    def turn(self) -> Taken:
        """Judge some of what may have changed, and return what that was.

        Raises: Overtaken: another one judges. As graph, findings and memory; then nothing of the last part is kept.
        """
        taken = self.findings.take(self.register.version, ROWS, HOLDERS)
        if taken.is_empty:
            return taken
        self.crowds.begin(taken.turn)
        holders = sorted(around(self.graph, taken.keys, self.crowds).union(taken.holders))
        self.crowds.among(self.graph, holders)  # those, too, that only one of their sharers led to
        seen: set[Fact] = set()
        last: list[Change] = []
        judging = Judging(self.graph, self.register, self.memory, crowds=self.crowds.holding)
        for begin in range(0, len(holders), AT_ONCE):
            if self.is_over():
                raise Overtaken("told to stop: it is judged again")
            if last:
                self.findings.keep(taken.turn, last)
            some = self.graph.disclosures(holders[begin : begin + AT_ONCE], NOW)
            seen |= {(each.event, each.part) for each in some}
            last = list(self._changes(some, judging))
        void = self.findings.marks({event for event, _ in taken.gone})
        last += self._withdrawn(each for each in void if each.fact in taken.gone - seen)
        self.findings.settle(taken, last)
        self.crowds.settled(taken.turn)
        return taken

    def _changes(self, disclosures: Sequence[Disclosure], judging: Judging) -> Iterator[Change]:
        marks = self._marks({(each.event, each.part) for each in disclosures})
        for drift in judging.among(disclosures):
            told = marks.pop((drift.disclosure.event, drift.disclosure.part), {})
            said = dict(said_of(drift))
            for rule, one in said.items():
                yield from self._found(told.get(rule, Mark(*_of(drift.disclosure), rule, 0, found=False)), one)
            yield from self._withdrawn(each for rule, each in told.items() if rule not in said)
        yield from self._withdrawn(each for told in marks.values() for each in told.values())

    def _marks(self, facts: Collection[Fact]) -> dict[Fact, dict[str, Mark]]:
        found: dict[Fact, dict[str, Mark]] = {}
        for each in self.findings.marks({event for event, _ in facts}):
            if each.fact in facts:
                found.setdefault(each.fact, {})[each.rule] = each
        return found

    def _found(self, told: Mark, said: Mapping[str, Any]) -> Iterator[Change]:
        digest = digest_of(said)
        if not told.found or told.digest != digest:
            mark = told._replace(sequence=told.sequence + 1, found=True, digest=digest)
            yield Change(mark, record_of(mark, said, self.clock()))

    def _withdrawn(self, told: Iterable[Mark]) -> Iterator[Change]:
        for each in told:
            if each.found:
                mark = each._replace(sequence=each.sequence + 1, found=False, digest=b"")
                yield Change(mark, record_of(mark, None, self.clock()))


def _of(disclosure: Disclosure) -> Fact:
    return disclosure.event, disclosure.part


def put_off(findings: Findings) -> None:
    """Let what waits to be judged go: nobody is told. Everything is judged when somebody is. Raises: as the store.

    Judged by another version than the last time everything is, and what waited is not needed for it.
    """
    for nobody in _NOBODY:
        findings.take(nobody, 1, 1)
