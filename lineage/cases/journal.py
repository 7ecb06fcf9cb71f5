"""The `Journal` port: where cases are kept, in the same store as the graph. Every store passes `tests/contracts/journal.py`.

A store decides nothing. What can be worked out of entries (`CaseRow`, `TaskRow`) is kept beside them, written in the same
transaction, so that what is due is found without reading every case.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from lineage.cases.entries import Entry
from lineage.cases.words import CaseState, Right, TaskState
from lineage.errors import Retryable

OFFICER = "dpo:mailbox"
"""The lane of the data protection officer, who is told of alarms."""
CALLBACKS = "callbacks:"
"""Begins the lane by which a company is told how its request stands."""


def is_party(lane: str) -> bool:
    """Tell whether a lane is that of a party: no id of one has a colon."""
    return ":" not in lane


class Outrun(Retryable):
    """Another one has added to the case since it was read: read it again, and decide again."""


class CaseRow(NamedTuple):
    """What is asked of many cases at once. Times are microseconds UTC; `look_at` is when time itself may change it."""

    case: str
    right: Right
    state: CaseState
    received: int
    operative: str
    """The day it is steered by, ISO 8601."""
    look_at: int | None
    subjects: tuple[bytes, ...]
    """Pseudonyms of the identifiers it was opened for."""
    entries: int
    head: bytes


class TaskRow(NamedTuple):
    """What lanes are fed by. `look_at` is when something is to be done about it; None: nothing, or not by us."""

    task: str
    case: str
    party: str
    state: TaskState
    look_at: int | None


class Journal(Protocol):
    """Cases and their tasks. Raises: Retryable, Refused, Misconfigured, as `lineage.graph.Graph`."""

    def together(self) -> AbstractContextManager[None]:
        """Keep all that this thread writes in the block at once, as far as the store can: a commit takes longer than a write.

        Each write is wholly there or not at all, also where it fails and the block goes on. Nothing counts as kept before the
        block is over, and then all of it does. Where an error leaves the block, or the end of it fails, a store that writes a
        block as one transaction has nothing of it; any other may have kept some. What other stores are told takes no part.
        Other threads of this journal wait meanwhile, and with SQLite whoever else writes to its file: keep blocks short.

        Raises: what the store's end of a transaction raises.
        """
        ...

    def add(self, entries: Sequence[Entry], row: CaseRow, tasks: Sequence[TaskRow]) -> None:
        """Keep entries of one case, which follow what is there, with what now holds of it: durably, in one transaction.

        `tasks` are those that changed. Entries that are there already, the same, are passed over.

        Raises: Outrun: other entries stand in their place; nothing was written.
        """
        ...

    def entries(self, case: str) -> Sequence[Entry]:
        """Return a case's chain, in order; empty for an unknown one."""
        ...

    def cases(self, states: Collection[str] = ()) -> Sequence[CaseRow]:
        """Return cases in these states (all: empty), by time of arrival."""
        ...

    def cases_of(self, subjects: Collection[bytes]) -> Sequence[CaseRow]:
        """Return the cases that were opened for any of these identifiers, by time of arrival."""
        ...

    def due_cases(self, until: int, limit: int) -> Sequence[CaseRow]:
        """Return cases whose `look_at` has come, the longest due first."""
        ...

    def due_tasks(self, party: str, until: int, limit: int) -> Sequence[TaskRow]:
        """Return a party's tasks whose `look_at` has come, the longest due first."""
        ...

    def parties_due(self, until: int) -> Sequence[str]:
        """Return the parties that have any task whose `look_at` has come, sorted."""
        ...

    def next_look(self) -> int | None:
        """Return the earliest `look_at` of all tasks and cases."""
        ...

    def unpublished(self, limit: int) -> Sequence[Entry]:
        """Return entries that no log has yet, in the order they were kept, each case's in order."""
        ...

    def published(self, entries: Sequence[Entry]) -> None:
        """Keep that these are in the log."""
        ...

    def spent(self, lane: str, window: int) -> int:
        """Return how many calls a lane has made in a window of time (named by its beginning, microseconds UTC)."""
        ...

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        """Count so many more calls of a lane in a window, durably, unless they exceed `limit`; tell whether it may.

        Either all of them are counted or none.
        """
        ...
