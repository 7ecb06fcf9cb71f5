"""Casework: reads a case, decides, and adds entries. The one place that writes cases; everything it decides with is pure.

Another process may work on the same case: whoever adds first is right, and the other reads and decides again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from lineage.cases.case import Case
from lineage.cases.entries import Entry, entry
from lineage.cases.folding import folded, folded_on
from lineage.cases.journal import Journal, Outrun, TaskRow
from lineage.cases.rows import row_of, task_rows
from lineage.cases.subjects import opened, sealed
from lineage.cases.words import Right
from lineage.errors import Refused
from lineage.graph import Graph
from lineage.keyring import KeyRing
from lineage.pseudonyms import Pseudonyms
from lineage.register import Register
from lineage.tombstones import Memory

TRIES = 20
REMEMBERED = 256
T = TypeVar("T")


class New(NamedTuple):
    """An entry to be added: `personal` is sealed under the case's key, or under that of the `file` it says."""

    kind: str
    actor: str
    said: Mapping[str, Any]
    personal: Mapping[str, Any] | None = None


class Folded:
    """The cases that were worked on last, as they were left: so a chain is not folded from its beginning at every step.

    Whoever asks makes sure that it is still so. Any number of threads may use it.
    """

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}
        self._lock = Lock()

    def get(self, id_: str) -> Case | None:
        """Return a case as it was left, None where it is not remembered."""
        return self._cases.get(id_)

    def put(self, case: Case) -> None:
        """Remember a case instead of the one that was not touched for longest."""
        with self._lock:
            self._cases.pop(case.id, None)
            self._cases[case.id] = case
            if len(self._cases) > REMEMBERED:
                del self._cases[next(iter(self._cases))]

    def clear(self) -> None:
        """Forget all: some of it was not kept."""
        with self._lock:
            self._cases.clear()

    def drop(self, id_: str) -> None:
        """Forget a case: it has moved on."""
        with self._lock:
            self._cases.pop(id_, None)


@dataclass(frozen=True, slots=True)
class Casework:
    """What cases are worked on with. One for a program; its stores may be shared by threads as far as they allow."""

    journal: Journal
    graph: Graph
    keyring: KeyRing
    memory: Memory
    register: Register
    pseudonyms: Pseudonyms
    clock: Callable[[], int]
    askable: Callable[[Right], Collection[str]] = lambda _: ()
    """The parties that can be asked for what they hold, so that it becomes part of the answer to a right."""
    _left: Folded = field(default_factory=Folded, init=False, repr=False, compare=False)

    def case(self, id_: str) -> Case:
        """Return a case as it stands. Raises: Refused: there is none of that id."""
        entries = self.journal.entries(id_)
        if not entries:
            raise Refused(f"there is no case {id_}: `jalki case list` shows those there are", "no-case", case=id_)
        return self._folded(entries)

    def add(self, case: Case, *new: New) -> Case:
        """Add entries to a case as it was read; return it as it is now.

        Raises: Outrun: somebody else was first. Refused: something would be sealed, and the case's key went for good.
        """
        if not new:
            return case
        chain: list[Entry] = []
        now, last = case, case.last
        for each in new:
            if each.personal is not None and now.shredded is not None:
                raise Refused(
                    f"case {case.id}: what it knew of the person is destroyed: open a new case",
                    "destroyed",
                    case=case.id,
                )
            last = self._entry(last, each, now.generation)
            chain.append(last)
            now = folded_on(now, last)
        try:
            self.journal.add(chain, row_of(now), task_rows(now, case))
        except Outrun:
            self._left.drop(case.id)
            raise
        self._left.put(now)
        return now

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep what is added in the block at once (see `Journal.together`): no other store may be written to in it.

        Raises: what the end of a transaction raises; what was added in the block may not be there then.
        """
        try:
            with self.journal.together():
                yield
        except BaseException:
            self._left.clear()
            raise

    def begin(self, id_: str, received: New) -> Case:
        """Begin a case. Raises: Outrun: there is one of that id."""
        first = self._entry(id_, received)
        case = folded([first])
        self.journal.add([first], row_of(case), ())
        return case

    def look_again(self, case: Case, row: TaskRow) -> None:
        """Keep when something of a case is to be looked at again, which no entry tells. Raises: Outrun: it has moved on."""
        self.journal.add((), row_of(case), (row,))

    def decided(self, id_: str, decide: Callable[[Case], Sequence[New]]) -> Case:
        """Add what `decide` says of a case as it stands; again, where somebody else was first. Raises: what it raises."""
        # A case as it was left needs no reading: had another moved it on, what is added would be outrun. What adds
        # nothing, is refused, or finds no task of that name must be so of the case as it stands.
        left = self._left.get(id_)
        if left is not None:
            try:
                if new := decide(left):
                    return self.add(left, *new)
            except (Refused, Outrun, LookupError):
                self._left.drop(id_)
        for _ in range(TRIES):
            case = self.case(id_)
            try:
                return self.add(case, *decide(case))
            except Outrun as fault:
                last = fault
        raise last

    def personal(self, entry_: Entry) -> Mapping[str, Any] | None:
        """Return the personal part of an entry; None where there is none, or the case's key is destroyed."""
        return opened(self.keyring, entry_)

    def _folded(self, entries: Sequence[Entry]) -> Case:
        """Fold a chain; of what was folded before, only what came since."""
        left = self._left.get(entries[0].case)
        if left is None or len(entries) <= left.last.number or entries[left.last.number].hash != left.last.hash:
            case = folded(entries)
        else:
            case = left
            for each in entries[left.last.number + 1 :]:
                case = folded_on(case, each)
        if case is not left:
            self._left.put(case)
        return case

    def _entry(self, after: Entry | str, new: New, generation: int = 0) -> Entry:
        case, number = (after, 0) if isinstance(after, str) else (after.case, after.number + 1)
        said, hidden = new.said, b""
        if new.personal is not None:
            said = {**said, "key": generation} if generation else said
            hidden = sealed(self.keyring, case, number, new.personal, said)
        return entry(after, self.clock(), new.kind, new.actor, said, hidden)
