"""The shapes of answers about cases, as the OpenAPI document has them: those that `case list` and `case show` print."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from console.api.answers import Counts, Time, open_where_absent
from lineage.cases.file_types import FileType
from lineage.cases.words import Action, CaseState, Form, Right, Shows, TaskState

_CLOSED = ConfigDict(extra="forbid")

Day = Annotated[str, Field(json_schema_extra={"format": "date"}, description="A day in Helsinki.")]


class CaseRowShape(BaseModel):
    """A case in a list; `operative` is the day by which it is to be answered."""

    model_config = _CLOSED
    case: str
    right: Right
    state: CaseState
    received: Time
    operative: Day


class PersonCaseShape(BaseModel):
    """A case as the person herself may know it. `refused_on` is the article; the reason is in the letter to her."""

    model_config = _CLOSED
    case: str
    right: Right
    state: CaseState
    received: Time
    answer_by: Day
    extended: Time | None
    answered: Time | None
    closed: Time | None
    refused_on: str | None
    duplicate_of: str | None


class DatesShape(BaseModel):
    """The dates of a case by name; null where one does not apply."""

    model_config = _CLOSED
    raw: Day | None
    legal: Day | None
    safe: Day | None
    policy: Day | None
    operative: Day | None
    ext_raw: Day | None
    ext_legal: Day | None
    notice_by: Day | None


class ItemShape(BaseModel):
    """What is decided of one category for one purpose at one party; what does not apply is left out."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=open_where_absent("rule", "law", "until", "assumed", "role")
    )
    party: str
    purpose: str
    category: str
    role: str | None = None
    decision: str
    rule: str | None = None
    law: str | None = None
    until: str | None = None
    assumed: bool | None = None
    disclosures: int


class PlanShape(BaseModel):
    """What will be done; `digest` names just this plan."""

    model_config = _CLOSED
    digest: str | None
    items: list[ItemShape]
    persons: int | None
    undecided: int
    ambiguous: int
    unopened: int


class SentShape(BaseModel):
    """An identifier as a party is told it."""

    model_config = _CLOSED
    kind: str
    value: str


class TaskShape(BaseModel):
    """What is asked of one party, how it stands, and how that is known.

    `identifiers` counts by kind what the party is told; null where nobody can tell any more.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=open_where_absent("sent", "changes"))
    task: str
    party: str
    name: str
    form: Form
    action: Action
    state: TaskState
    how: str | None
    categories: list[str]
    purposes: list[str]
    due: str
    until: str | None
    rule: str | None
    law: str | None
    refused: str | None = Field(description="The ground on which a person refused it; null: she did not.")
    by: str | None
    ground: str | None
    observed: bool
    attempts: int
    changed: Time
    identifiers: Counts | None
    sent: list[SentShape] | None = None
    changes: dict[str, Any] | None = None


class RefusalShape(BaseModel):
    """A refusal of single items; what it does not name counts for any. `granted`: when it was taken back."""

    model_config = _CLOSED
    number: int
    ground: str
    party: str | None
    purpose: str | None
    category: str | None
    at: Time
    granted: Time | None


class EvidenceShape(BaseModel):
    """A file that is kept as evidence, but for what is in it. `mark` tells it from any other; `gone`: when it was destroyed."""

    model_config = _CLOSED
    number: int
    shows: Shows
    task: str | None
    type: FileType
    bytes: int
    mark: str
    filed: Time
    gone: Time | None


class LegalHoldShape(BaseModel):
    """An order to keep something."""

    model_config = _CLOSED
    number: int
    name: str
    by: str
    law: str
    party: str | None
    purpose: str | None
    category: str | None
    ordered: Time
    released: Time | None
    gone: list[str]


class IncidentShape(BaseModel):
    """Data from before an erasure that came back. `occurred` is microseconds since 1970, UTC."""

    model_config = _CLOSED
    what: str
    event: str
    part: int
    occurred: int
    source: str | None
    target: str | None
    purpose: str | None
    categories: list[str]
    at: Time


class RequestShape(BaseModel):
    """What a party would be told: a call (`method`, `host`), a statement in a table, or why nothing can be shown."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra=open_where_absent(
            "method", "host", "bytes", "url", "body", "table", "columns", "rows", "keys", "values", "refused"
        ),
    )
    task: str
    party: str
    state: TaskState
    method: str | None = None
    host: str | None = None
    bytes: int | None = None
    url: str | None = None
    body: str | None = None
    statement: str | None = None
    table: str | None = None
    columns: dict[str, str] | None = None
    rows: int | None = None
    keys: list[list[str]] | None = None
    values: dict[str, Any] | None = None
    refused: str | None = None


class CaseShape(BaseModel):
    """The whole of a case: its state, dates, plan and tasks. No personal data, but where `reveal` was asked."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=open_where_absent("requests"))
    case: str
    right: Right
    state: CaseState
    controller: str
    channel: str
    language: str
    together: str | None
    by: str
    verified: bool
    protected: bool
    duplicate_of: str | None
    received: Time
    first_approval: str | None = Field(
        description="The plan that one of two persons has approved; null: none, or both."
    )
    approved: Time | None
    answered: Time | None
    closed: Time | None
    refused_on: str | None
    shredded: Time | None
    dates: DatesShape
    alarms: list[str]
    entombed: Time | None
    keys_destroyed: Time | None
    plan: PlanShape
    tasks: list[TaskShape]
    refusals: list[RefusalShape]
    evidence: list[EvidenceShape]
    legal_holds: list[LegalHoldShape]
    incidents: list[IncidentShape]
    requests: list[RequestShape] | None = Field(None, description="Only with `case-requests`.")
