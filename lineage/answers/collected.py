"""What came of asking parties for copies of what they hold of a person, by a case's entries. Asks nobody."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from lineage.answers.records import Record, unpacked
from lineage.cases.case import Task
from lineage.cases.entries import Entry
from lineage.cases.folding import folded
from lineage.cases.rows import COPY

CopyStanding = Literal[
    "given",  # it is here
    "apart",  # staff have got it, or have seen to it: it is not here
    "nothing",  # the party holds nothing of her
    "declined",
    "outstanding",  # asked, and not here
    "unasked",  # nobody could ask yet
]
COPY_STANDINGS: tuple[CopyStanding, ...] = get_args(CopyStanding)
AWAITED: frozenset[CopyStanding] = frozenset({"outstanding", "unasked"})
_BY_STATE: Mapping[str, CopyStanding] = {"verified": "apart", "not_held": "nothing", "declined": "declined"}


_TOLD = frozenset({"sent", "accepted", "verified", "promised", "partial", "declined", "not_held"})
_RESULTS = ("results-", "no-results")
"""How we know of results that are none (`connectors.opendsr.controller`)."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A party that is asked for a copy: how that stands, when it was first asked (microseconds UTC), and what came."""

    party: str
    standing: CopyStanding
    asked: int | None
    records: tuple[Record, ...] = ()


def collected(entries: Sequence[Entry], personal: Callable[[Entry], Mapping[str, Any] | None]) -> tuple[Collected, ...]:
    """Return what came of each task for a copy, by party. `personal` opens an entry.

    Raises: Misconfigured: what was kept cannot be read.
    """
    case = folded(entries)
    if case.approved is None:
        return ()
    tasks = [each for each in case.tasks.values() if each.action == COPY and each.state != "cancelled"]
    return tuple(_one(each, entries, personal) for each in sorted(tasks, key=lambda task: (task.party, task.id)))


def records_in(asked: Iterable[Collected]) -> Iterator[Record]:
    """Yield all that came."""
    for each in asked:
        yield from each.records


def _one(task: Task, entries: Sequence[Entry], personal: Callable[[Entry], Mapping[str, Any] | None]) -> Collected:
    about = [each for each in entries if each.said.get("task") == task.id]
    asked = next((each.at for each in about if each.kind == "task" and _is_told(each)), None)
    if task.state == "verified":
        for each in reversed(about):
            kept = (personal(each) or {}).get("copy") if each.kind == "task" and each.sealed else None
            if kept is not None:
                return Collected(task.party, "given", asked, tuple(unpacked(base64.b64decode(kept))))
    standing = _BY_STATE.get(task.state, "unasked" if asked is None else "outstanding")
    return Collected(task.party, standing, asked)


def _is_told(entry: Entry) -> bool:
    """Whether it shows that the party has the request: one that could not be made was never asked."""
    return entry.said["state"] in _TOLD or str(entry.said.get("how", "")).startswith(_RESULTS)
