"""What cases of erasure tell of a party: what it has shown to be erased, and persons of whom the record knows nothing more."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

from lineage.cases.case import Case, Task
from lineage.cases.entries import Entry
from lineage.cases.folding import folded
from lineage.cases.journal import Journal
from lineage.cases.rights import rule
from lineage.facts import Disclosure
from lineage.graph import NOW, Graph, Until
from lineage.persons import find_roots, pseudonym_of
from lineage.reached.model import Asked, Erased

_SHOWN = frozenset({"verified", "not_held"})
_ASKED_FOR_NOTHING = "cancelled"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a case under way has asked a party to erase, of the facts that its plans thought of."""

    facts: frozenset[str]
    tasks: tuple[Task, ...]

    def shown(self, disclosure: Disclosure, category: str) -> int | None:
        """Return since when a category of a disclosure is shown to be erased there (microseconds UTC); None: it is not."""
        about = self.about(disclosure, category)
        if not about or any(each.state not in _SHOWN for each in about):
            return None
        return max(each.changed_at for each in about)

    def promised(self, disclosure: Disclosure, category: str) -> bool:
        """Tell whether the party has promised to erase it, and no more."""
        about = self.about(disclosure, category)
        return bool(about) and all(each.state in _SHOWN | {"promised"} for each in about)

    def about(self, disclosure: Disclosure, category: str) -> list[Task]:
        """Return the tasks by which the party was asked to erase it; none where the plan did not think of it."""
        if f"{disclosure.event.hex()}.{disclosure.part}" not in self.facts:
            return []
        purpose = disclosure.route.purpose
        return [each for each in self.tasks if category in each.categories and purpose in each.purposes]


@dataclass(slots=True)
class Cases:
    """Proofs by the person they are about, who is erased already, and how many tasks of all these came to which state."""

    proofs: dict[bytes, list[Proof]] = field(default_factory=dict)
    erased: Erased = field(default_factory=Erased)
    states: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Told:
    """A case of erasure: all that it tells, what of that it had told by then, and what the one and the other make of it."""

    entries: Sequence[Entry]
    then: Sequence[Entry]
    whole: Case
    case: Case | None


def cases_of(journal: Journal, graph: Graph, asked: Asked, seen: Callable[[], None] = lambda: None) -> Cases:
    """Return what all cases of erasure tell of a party, as of then. `seen` is called for every case that is read."""
    return cases_of_each(journal, graph, [asked], seen)[asked.party]


def cases_of_each(
    journal: Journal, graph: Graph, several: Sequence[Asked], seen: Callable[[], None] = lambda: None
) -> Mapping[str, Cases]:
    """Return what all cases tell of each party that is asked about: they are read once for all of them."""
    found = {asked.party: Cases() for asked in several}
    for row in journal.cases():
        if rule(row.right).forgets:
            seen()
            entries = journal.entries(row.case)
            for as_of in {asked.as_of for asked in several}:
                told = _told(entries, as_of)
                for asked in several:
                    if asked.as_of == as_of:
                        _add(found[asked.party], graph, asked, told)
    return found


def _told(entries: Sequence[Entry], as_of: Until) -> _Told:
    whole, then = folded(entries), _by_then(entries, as_of)
    return _Told(entries, then, whole, whole if then is entries else folded(then) if then else None)


def _add(found: Cases, graph: Graph, asked: Asked, told: _Told) -> None:
    """Add what one case tells of one party."""
    case, tasks = told.case, _tasks(told.case, asked)
    # If so her facts are gone by now: whatever the answer is as of, the graph tells them no more.
    forgotten = told.whole.forgotten is not None
    erased = found.erased
    if case is None or not tasks:
        since = forgotten and case is not told.whole and _was_sent(told.entries, asked)
        found.erased = replace(erased, since=erased.since + since)
        return
    found.states.update(each.state for each in tasks)
    if not forgotten:
        proof = Proof(_thought_of(told.then), tasks)
        for subject, roots in find_roots(graph, case.subjects, asked.as_of).items():
            if len(roots) == 1:
                found.proofs.setdefault(pseudonym_of(subject, roots), []).append(proof)
    elif _was_there(told.then, tasks, asked):
        open_ = [each for each in tasks if each.state not in _SHOWN]
        promised = bool(open_) and all(each.state == "promised" for each in open_)
        found.erased = replace(
            erased,
            persons=erased.persons + 1,
            may_be_held=erased.may_be_held + bool(open_),
            promised=erased.promised + promised,
        )


def _by_then(entries: Sequence[Entry], as_of: Until) -> Sequence[Entry]:
    """Return the beginning of a chain that had been written by then. A case may have been received before, by letter."""
    if as_of == NOW:
        return entries
    return list(takewhile(lambda each: as_of.covers(_occurred(each), each.at), entries))


def _occurred(entry: Entry) -> int:
    return int(entry.said["received"]) if entry.kind == "received" else entry.at


def _tasks(case: Case | None, asked: Asked) -> tuple[Task, ...]:
    """Return what a case that a person has approved asks the party to erase."""
    if case is None or case.approved is None:
        return ()
    return tuple(
        each
        for each in case.tasks.values()
        if each.party == asked.party and each.action == "erase" and each.state != _ASKED_FOR_NOTHING
    )


def _was_sent(entries: Collection[Entry], asked: Asked) -> bool:
    """Whether the party had been sent anything of hers by the end of what is asked, as far as her case tells."""
    first = [each.get("first", 0) for each in _planned(entries) if each["party"] == asked.party]
    return bool(first) and (asked.last is None or min(first) <= asked.last)


def _planned(entries: Collection[Entry]) -> Iterator[Mapping[str, Any]]:
    return (told for entry in entries if entry.kind == "planned" for told in entry.said["tasks"])


def _thought_of(entries: Collection[Entry]) -> frozenset[str]:
    return frozenset(fact for entry in entries if entry.kind == "planned" for fact in entry.said["facts"])


def _was_there(entries: Collection[Entry], tasks: Collection[Task], asked: Asked) -> bool:
    """Whether the party had anything of hers in the interval: sent by its end, and not shown to be erased before it."""
    first: Mapping[str, int] = {told["task"]: told["first"] for told in _planned(entries) if "first" in told}
    last = asked.last
    return any(
        (last is None or first.get(each.id, last) <= last)
        and not (asked.since is not None and each.state in _SHOWN and each.changed_at < asked.since)
        for each in tasks
    )
