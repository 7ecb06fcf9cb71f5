"""What all cases together show: deadlines kept, refusals by ground, holds by rule, what was done to keys. Counts, nobody."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from console.shapes import Shape
from lineage.cases.case import Case
from lineage.cases.rights import rule
from lineage.cases.rows import OVER, dates_of, review_of
from lineage.cases.words import RIGHTS, Right
from lineage.clocks import day_of


@dataclass(slots=True)
class _OfRight:
    """Cases of one right. `past`: not answered, and its last lawful day is over."""

    cases: int = 0
    open: int = 0
    past: int = 0
    in_time: int = 0
    late: int = 0
    extended: int = 0


@dataclass(slots=True)
class CaseCounts:
    """Counts over many cases."""

    rights: dict[Right, _OfRight] = field(default_factory=lambda: {each: _OfRight() for each in RIGHTS})
    decided: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    holds: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    versions: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    orders_past_review: int = 0
    erasures: int = 0
    keys_destroyed: int = 0
    incidents: int = 0

    def count(self, case: Case, today: date) -> None:
        """Add a case."""
        self._count_dates(case, today)
        self.decided += case.answered is not None or case.refused_on is not None
        self.refused.update([case.refused_on] if case.refused_on else [])
        self.incidents += len(case.incidents)
        if rule(case.right).forgets and case.approved is not None and case.state != "withdrawn":
            self.erasures += 1
            self.keys_destroyed += case.keys_destroyed is not None
        for task in case.tasks.values():
            if task.state == "held":
                self.holds.setdefault((task.rule or "", task.law or ""), []).append(task.until or "")
                self.versions[str(case.plan.get("holds") or "")] += 1
        for number, order in enumerate(case.legal_holds, 1):
            if order.released is None:
                self.orders += 1
                self.orders_past_review += review_of(case, number) < today

    def _count_dates(self, case: Case, today: date) -> None:
        mine, dates = self.rights[case.right], dates_of(case)
        last = dates.ext_legal or dates.legal
        mine.cases += 1
        mine.extended += case.extended is not None
        if case.answered is not None:
            in_time = day_of(case.answered) <= last
            mine.in_time += in_time
            mine.late += not in_time
        elif case.state not in OVER:
            mine.open += 1
            mine.past += last < today

    def shape(self) -> Shape:
        """Return the counts; of holds, the earliest and the latest of their last days."""
        return {
            "rights": [
                {"right": name, "article": rule(name).article, "cases": each.cases, "open": each.open, "past": each.past,
                 "in_time": each.in_time, "late": each.late, "extended": each.extended}
                for name, each in self.rights.items()
            ],
            "decided": self.decided,
            "refused": [
                {"ground": ground, "cases": count, "share": count / self.decided}
                for ground, count in sorted(self.refused.items())
            ],
            "holds": [_held(*about, days) for about, days in sorted(self.holds.items())],
            "versions": dict(sorted(self.versions.items())),
            **{name: getattr(self, name) for name in
               ("orders", "orders_past_review", "erasures", "keys_destroyed", "incidents")},
        }  # fmt: skip


def counts_of(cases: Iterable[Case], today: date) -> Shape:
    """Return the counts over these cases."""
    found = CaseCounts()
    for each in cases:
        found.count(each, today)
    return found.shape()


def _held(rule_: str, law: str, days: Sequence[str]) -> Shape:
    known = sorted(each for each in days if each)
    ends = {"first": known[0] if known else None, "last": known[-1] if known else None}
    return {"rule": rule_, "law": law, "tasks": len(days), **ends, "no_end": len(days) - len(known)}
