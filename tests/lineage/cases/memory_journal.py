"""A journal in memory, as plain as can be: what the stores are held against, and what fast tests run on."""

from collections.abc import Collection, Sequence

from lineage.cases.entries import Entry
from lineage.cases.journal import CaseRow, Outrun, TaskRow


class MemoryJournal:
    """Satisfies `lineage.cases.journal.Journal`."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._rows: dict[str, CaseRow] = {}
        self._tasks: dict[str, TaskRow] = {}
        self._kept: list[Entry] = []
        self._published: set[tuple[str, int]] = set()
        self._spent: dict[tuple[str, int], int] = {}

    def add(self, entries: Sequence[Entry], row: CaseRow, tasks: Sequence[TaskRow]) -> None:
        chain = self._entries.setdefault(row.case, [])
        new = []
        for each in entries:
            if each.number < len(chain) + len(new):
                if each.number >= len(chain) or chain[each.number].hash != each.hash:
                    raise Outrun("another one has added to the case")
            elif each.number > len(chain) + len(new):
                raise Outrun("entries before these are missing")
            else:
                new.append(each)
        if new:
            chain += new
            self._kept += new
            self._rows[row.case] = row
            self._tasks.update({each.task: each for each in tasks})

    def entries(self, case: str) -> Sequence[Entry]:
        return list(self._entries.get(case, ()))

    def cases(self, states: Collection[str] = ()) -> Sequence[CaseRow]:
        return sorted(
            (each for each in self._rows.values() if not states or each.state in states),
            key=lambda each: (each.received, each.case),
        )

    def cases_of(self, subjects: Collection[bytes]) -> Sequence[CaseRow]:
        return [each for each in self.cases() if set(each.subjects) & set(subjects)]

    def due_cases(self, until: int, limit: int) -> Sequence[CaseRow]:
        due = [each for each in self._rows.values() if each.look_at is not None and each.look_at <= until]
        return sorted(due, key=lambda each: (each.look_at or 0, each.case))[:limit]

    def due_tasks(self, party: str, until: int, limit: int) -> Sequence[TaskRow]:
        due = [each for each in self._due(until) if each.party == party]
        return sorted(due, key=lambda each: (each.look_at or 0, each.task))[:limit]

    def parties_due(self, until: int) -> Sequence[str]:
        return sorted({each.party for each in self._due(until)})

    def next_look(self) -> int | None:
        looks = [each.look_at for each in (*self._rows.values(), *self._tasks.values()) if each.look_at is not None]
        return min(looks, default=None)

    def unpublished(self, limit: int) -> Sequence[Entry]:
        return [each for each in self._kept if (each.case, each.number) not in self._published][:limit]

    def published(self, entries: Sequence[Entry]) -> None:
        self._published |= {(each.case, each.number) for each in entries}

    def spent(self, lane: str, window: int) -> int:
        return self._spent.get((lane, window), 0)

    def spend(self, lane: str, window: int, limit: int) -> bool:
        if self.spent(lane, window) >= limit:
            return False
        self._spent[lane, window] = self.spent(lane, window) + 1
        return True

    def _due(self, until: int) -> list[TaskRow]:
        return [each for each in self._tasks.values() if each.look_at is not None and each.look_at <= until]
