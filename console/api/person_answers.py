"""The shapes of answers about one person's time, look-ups and sharing, as the OpenAPI document has them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from console.api.answers import Counts, Time, open_where_absent

_CLOSED = ConfigDict(extra="forbid")


class ErasingShape(BaseModel):
    """A case that erased an identifier of hers: what occurred by `before` is gone."""

    model_config = _CLOSED
    case: str
    before: Time


class TimelineShape(BaseModel):
    """What is known beside the moments of one person's time. `moments` counts them by kind."""

    model_config = _CLOSED
    asked: str
    at: Time | None
    known_at: Time | None
    since: Time | None
    until: Time | None
    identifiers: Counts
    candidates: int
    moments: Counts
    erased: list[ErasingShape]
    looks_at_many: int


_OF_SOME = (
    "event", "from", "to", "purpose", "basis", "role", "categories", "controller", "drift", "case", "right", "step",
    "actor", "party", "action", "state", "how", "channel", "ground", "category",
)  # fmt: skip


class MomentShape(BaseModel):
    """One thing that happened: when, and when it was known. What is of another kind of moment is left out."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra=open_where_absent(*(each for each in _OF_SOME if each != "basis"))
    )
    at: Time
    known: Time
    kind: Literal[
        "disclosed", "looked-up", "consented", "withdrew", "linked", "unlinked", "revealed", "asked-about", "case"
    ]
    shared: bool
    event: str | None = None
    from_: str | None = Field(None, alias="from")
    to: str | None = None
    purpose: str | None = None
    basis: str | None = None
    role: str | None = None
    categories: list[str] | None = None
    controller: str | None = None
    drift: list[str] | None = None
    case: str | None = None
    right: str | None = None
    step: str | None = None
    actor: str | None = None
    party: str | None = None
    action: str | None = None
    state: str | None = None
    how: str | None = None
    channel: str | None = None
    ground: str | None = None
    category: str | None = None


class LookUpShape(BaseModel):
    """One look at one person. Who it was, and whether it belongs to an inquiry, only where the staff is named."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=open_where_absent("person", "inquiry"))
    at: Time
    known: Time
    purpose: str
    company: str
    viewer: str
    role: str
    categories: list[str]
    shared: bool
    person: str | None = None
    staff: str | None = None
    inquiry: bool | None = None


class OfStaffShape(BaseModel):
    """The look-ups of one person of staff."""

    model_config = _CLOSED
    staff: str
    looks: int
    persons: int
    most_at_one: int
    purposes: Counts
    first: Time | None
    last: Time | None


class ShownShape(BaseModel):
    """A look in clear through this program; `staff` is the account of the system, or the name of a token."""

    model_config = _CLOSED
    at: Time
    staff: str
    what: str
    reason: str


class LookUpsShape(BaseModel):
    """Look-ups by staff (C-579/21): those at one person, or counts of all. `look_ups` is null where they are only counted."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=open_where_absent("by_staff", "shown_in_clear"))
    asked: str | None
    staff: str | None
    viewer: str | None
    at: Time | None
    known_at: Time | None
    since: Time | None
    until: Time | None
    candidates: int | None
    erased: bool | None
    look_ups: list[LookUpShape] | None
    looks: int
    persons: int
    nobody_knows_who: int
    viewers: Counts
    companies: Counts
    purposes: Counts
    by_staff: list[OfStaffShape] | None = None
    revealed: int
    shown_in_clear: list[ShownShape] | None = None


class MayShareShape(BaseModel):
    """Whether data may be sent to a party for a purpose now, and why not."""

    model_config = _CLOSED
    asked: str
    party: str
    purpose: str
    allowed: bool
    why: list[str]


class OverdueShape(BaseModel):
    """What is kept although its retention has passed: who (by pseudonym), at which party, since when, by which rule."""

    model_config = _CLOSED
    person: str
    party: str
    purpose: str
    categories: list[str]
    rule: str
    law: str
    where: str
    last_day: str
    assumed: bool
    last: Time
    event: str
