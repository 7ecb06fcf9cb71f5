"""A case as its entries tell it: `folded` is the only way to one. Decides nothing and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lineage.cases.entries import Entry
from lineage.cases.file_types import FileType
from lineage.cases.holds import LegalHold
from lineage.cases.refusals import Refusal
from lineage.cases.words import Action, CaseState, Form, Right, Shows, TaskState


@dataclass(frozen=True, slots=True)
class Task:
    """What one party must do, or be told. Times are microseconds UTC; `until` (held) and `by` (promised) are ISO days.

    `after` are the tasks that must have been tried before: those of parties further down the stream.
    """

    id: str
    party: str
    form: Form
    action: Action
    controller: str
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    after: tuple[str, ...]
    state: TaskState
    planned_at: int
    until: str | None = None
    rule: str | None = None
    law: str | None = None
    refused: str | None = None
    """Of what is not erased because a person refused it: the ground, until she grants it after all."""
    then: Mapping[str, Any] | None = None
    """Of what an order or a refusal keeps: `until`, `rule` and `law` of what keeps it once that is released."""
    observed: bool = True
    attempts: int = 0
    tried: bool = False
    faults: int = 0
    """How often in a row its connector failed in a way it should not."""
    claimed: bool = False
    """An attempt was begun and nothing is known of how it ended."""
    look_at: int | None = None
    due: str = ""
    by: str | None = None
    ground: str | None = None
    how: str | None = None
    handle: str | None = None
    accepted: bool = False
    changed_at: int = 0
    shredded: bool = False
    """What was sealed about it went with a key that is destroyed, and the case was opened again: nobody is told it again."""


AlarmKind = Literal["answer-due", "answer-overdue", "hold-review", "task", "incident"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person must hear of, once. `number` is the entry that raised it, `at` when (microseconds UTC).

    `about` is the task, the alarm's mark, or the number of an order to keep something; `state` what became of the task.
    """

    number: int
    at: int
    kind: AlarmKind
    about: str = ""
    state: str = ""
    message: str | None = None
    """The message it goes out in, once that is begun."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that is kept as evidence, the first of a case is number 1. Times are microseconds UTC.

    `mark` tells it from any other, by a key made of its own: whoever has neither can find out nothing from it. `gone` is
    when its key was destroyed.
    """

    number: int
    shows: Shows
    type: FileType
    size: int
    mark: str
    at: int
    task: str | None = None
    gone: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One exercise of one right by one person (Art. 12). `plan` is the newest, as its entry said it."""

    id: str
    right: Right
    state: CaseState
    received: int
    subjects: tuple[bytes, ...]
    controller: str
    language: str
    channel: str
    last: Entry
    together: str = ""
    """What rights asked for in one message have in common: their cases are carried out in a safe order."""
    by: str = "person"
    verified: bool = True
    asked: int | None = None
    proved: int | None = None
    attempts: int = 0
    approved: int | None = None
    extended: int | None = None
    handed: int | None = None
    """When the statement or the package that the right is about was made."""
    late: frozenset[str] = frozenset()
    """Tasks whose copies came after that."""
    results: int | None = None
    """How many records a company that asked can fetch, of what was made last."""
    lifted: int | None = None
    answered: int | None = None
    closed: int | None = None
    shredded: int | None = None
    """When its own key was destroyed, some time after it ended: what is sealed of it opens no more."""
    refused_on: str | None = None
    duplicate_of: str | None = None
    plan: Mapping[str, Any] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    round: int = 0
    """How many plans have been approved: what is added later is numbered apart."""
    open_until: str | None = None
    """The day until which an order of hers counts as under way, by the plans so far."""
    entombed: int | None = None
    forgotten: int | None = None
    kept: int = 0
    """Facts of hers that are still kept, because the law keeps what they are about."""
    kept_until: frozenset[str | None] = frozenset()
    """The ends of the holds for which they are."""
    keys_destroyed: int | None = None
    generation: int = 0
    """How often it was opened again after it was closed, and got a new key."""
    incidents: tuple[Mapping[str, Any], ...] = ()
    once: frozenset[str] = frozenset()
    """Names of answers that were kept: each counts once."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    alarmed: tuple[str, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    """Those that nobody is known to have been told of."""
    legal_holds: tuple[LegalHold, ...] = ()
    """Orders to keep something of hers (H27), released ones too."""
    refusals: tuple[Refusal, ...] = ()
    """Of single items, those that were taken back too."""
    files: tuple[Filed, ...] = ()
    """Evidence that is kept as files, those that are gone too."""
