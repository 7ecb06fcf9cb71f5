"""Takes entries into a journal that has lost them: from wherever else they are kept, in any order, any number of times.

Of whoever was erased by them the tombstones come first. Knows no log.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lineage.cases.casework import Casework
from lineage.cases.entries import Entry, entry
from lineage.cases.folding import folded, folded_on
from lineage.cases.restoring import entomb, tombstones_of
from lineage.cases.rows import row_of, task_rows
from lineage.errors import Misconfigured

AT_ONCE = 5_000
"""Entries that are in memory at a time, beside those that wait for one before them."""


@dataclass(slots=True)
class TakenIn:
    """What was taken in. `seen` are the numbers of all entries read, by case, one bit each."""

    entries: int = 0
    tombstones: int = 0
    cases: set[str] = field(default_factory=set)
    """The cases that got entries."""
    seen: dict[str, int] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    """Cases whose entries do not fit, and why: of these nothing more was taken in, but for their tombstones."""

    def check(self) -> None:
        """Make sure that all of it fits. Raises: Misconfigured: a case's entries do not."""
        for case, why in sorted(self.broken.items()):
            more = f"; and {len(self.broken) - 1} more" if len(self.broken) > 1 else ""
            raise Misconfigured(f"case {case}: {why}{more}: `jalki restore-check` tells of all")

    def has(self, each: Entry) -> bool:
        """Tell whether an entry was among those read."""
        return bool(self.seen.get(each.case, 0) >> each.number & 1)


def take_in(work: Casework, entries: Iterable[Entry]) -> TakenIn:
    """Take in what the journal has not. Each entry is checked against the one before it.

    Raises: Outrun: another adds to the same cases: do it again. Misconfigured: an entry of a newer Jalki.
    """
    taken = TakenIn()
    waiting: dict[str, list[Entry]] = {}
    for read, each in enumerate(entries, 1):
        taken.seen[each.case] = taken.seen.get(each.case, 0) | 1 << each.number
        waiting.setdefault(each.case, []).append(each)
        if not read % AT_ONCE:
            waiting = _taken(work, waiting, taken)
    for case, left in _taken(work, waiting, taken).items():
        taken.broken[case] = f"entry {left[0].number} is kept, and an earlier one is missing"
    return taken


def _taken(work: Casework, waiting: Mapping[str, Sequence[Entry]], taken: TakenIn) -> dict[str, list[Entry]]:
    """Take in what follows on what is there; return what does not yet."""
    stones = [stone for several in waiting.values() for each in several for stone in tombstones_of(each)]
    # They stand before their case does: whoever ends in between finds the entries missing still, and does it again.
    taken.tombstones += entomb(work, stones)
    rest = {}
    for case, several in waiting.items():
        if case not in taken.broken and (left := _take(work, case, several, taken)):
            rest[case] = left
    return rest


def _take(work: Casework, case: str, several: Sequence[Entry], taken: TakenIn) -> list[Entry]:
    chain = list(work.journal.entries(case))
    there = len(chain)
    for each in (ordered := sorted(several, key=lambda each: each.number)):
        if each.number < len(chain):
            if chain[each.number].hash != each.hash:
                taken.broken[case] = f"of entry {each.number} there are two that differ"
        elif each.number == len(chain):
            made = entry(chain[-1] if chain else case, each.at, each.kind, each.actor, each.said, each.sealed)
            if (made.previous, made.hash) != (each.previous, each.hash):
                taken.broken[case] = f"entry {each.number} is changed, or does not follow the one before"
                break
            chain.append(each)
    if there < len(chain):
        _add(work, chain, there)
        taken.entries += len(chain) - there
        taken.cases.add(case)
    return [] if case in taken.broken else [each for each in ordered if each.number >= len(chain)]


def _add(work: Casework, chain: Sequence[Entry], there: int) -> None:
    before = now = folded(chain[:there]) if there else None
    for each in chain[there:]:
        now = folded_on(now, each) if now else folded([each])
    if now is not None:
        work.journal.add(chain[there:], row_of(now), task_rows(now, before))
