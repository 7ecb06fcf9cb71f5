"""A journal in memory, as plain as can be: what the stores are held against, and what fast tests run on."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock

from lineage.cases.entries import Entry
from lineage.cases.journal import CaseRow, Outrun, TaskRow

KEPT_WINDOWS = 100 * 86_400_000_000
"""How long what a lane spent is remembered, microseconds."""


class MemoryJournal:
    """Satisfies `lineage.cases.journal.Journal`."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._rows: dict[str, CaseRow] = {}
        self._tasks: dict[tuple[str, str], TaskRow] = {}
        self._kept: list[Entry] = []
        self._published: set[tuple[str, int]] = set()
        self._spent: dict[tuple[str, int], int] = {}
        self._lock = RLock()

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._lock:
            before = (
                dict(self._entries), dict(self._rows), dict(self._tasks), list(self._kept), set(self._published), self._spent
            )  # fmt: skip
            try:
                yield
            except BaseException:
                self._entries, self._rows, self._tasks, self._kept, self._published, self._spent = before
                raise

    def add(self, entries: Sequence[Entry], row: CaseRow, tasks: Sequence[TaskRow]) -> None:
        with self._lock:
            chain = self._entries.get(row.case, [])
            whole = _joined(chain, entries)
            if row.entries < len(whole) and not (entries and whole == chain):
                raise Outrun("another one has added to the case")
            if row.entries == len(whole):
                self._entries[row.case] = whole
                self._kept += whole[len(chain) :]
                self._rows[row.case] = row
                self._tasks.update({(each.case, each.task): each for each in tasks})

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
        return sorted(due, key=lambda each: (each.look_at or 0, each.case, each.task))[:limit]

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

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        with self._lock:
            if self.spent(lane, window) + calls > limit:
                return False
            made = self.spent(lane, window) + calls
            kept = {each: n for each, n in self._spent.items() if each[0] != lane or each[1] >= window - KEPT_WINDOWS}
            self._spent = kept | {(lane, window): made}
            return True

    def _due(self, until: int) -> list[TaskRow]:
        return [each for each in self._tasks.values() if each.look_at is not None and each.look_at <= until]


def _joined(chain: list[Entry], entries: Sequence[Entry]) -> list[Entry]:
    """Return a chain with entries that are there already or follow it. Raises: Outrun: they are others, or do not."""
    whole = list(chain)
    for each in entries:
        if each.number < len(chain):
            if chain[each.number].hash != each.hash:
                raise Outrun("another one has added to the case")
        elif each.number != len(whole) or (whole and each.previous != whole[-1].hash):
            raise Outrun("these entries follow others")
        else:
            whole.append(each)
    return whole
