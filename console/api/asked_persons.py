"""What can be given with questions about one person's time, about look-ups, and about what a case would do, checked."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from console.api.asked import MOST_LISTED, At, CaseId, Identifier, KnownAt, Limit, Moment, Party, Purpose, Reveal

_CLOSED = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
Since = Annotated[Moment | None, Field(description="Only what occurred since then.")]
By = Annotated[Moment | None, Field(description="Only what occurred until then.")]

_OfInterval = TypeVar(
    "_OfInterval", "TimelineAsked", "MomentsAsked", "LookupsAsked", "PersonLookupsAsked", "StaffAsked"
)


def _in_order(asked: _OfInterval) -> _OfInterval:
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        raise ValueError("`since` lies after `until`")
    return asked


class TimelineAsked(BaseModel):
    """One person's time: what is known beside the moments."""

    model_config = _CLOSED
    identifier: Identifier
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None
    since: Since = None
    until: By = None

    _ordered = model_validator(mode="after")(_in_order)


class MomentsAsked(BaseModel):
    """One person's time: a page of its moments, by when they occurred."""

    model_config = _CLOSED
    identifier: Identifier
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None
    since: Since = None
    until: By = None
    limit: Limit = 100
    after: (
        Annotated[str, Field(pattern=r"^-?[0-9]{1,18}\.-?[0-9]{1,18}\.-?[0-9]{1,18}\.[0-9A-Za-z.-]{1,200}$")] | None
    ) = Field(None, description="The `Jalki-Next` of the page before.")

    _ordered = model_validator(mode="after")(_in_order)


class LookupsAsked(BaseModel):
    """Counts of all look-ups of an interval."""

    model_config = _CLOSED
    viewer: Party | None = Field(None, description="Only those by this party: much faster.")
    at: At = None
    known_at: KnownAt = None
    since: Since = None
    until: By = None

    _ordered = model_validator(mode="after")(_in_order)


class PersonLookupsAsked(BaseModel):
    """The look-ups at one person."""

    model_config = _CLOSED
    identifier: Identifier
    purpose: Purpose
    viewer: Party | None = Field(None, description="Only those by this party.")
    at: At = None
    known_at: KnownAt = None
    since: Since = None
    until: By = None

    _ordered = model_validator(mode="after")(_in_order)


class StaffAsked(BaseModel):
    """Look-ups with who it was: at one person, of one of staff, or all."""

    model_config = _CLOSED
    purpose: Purpose
    identifier: Identifier | None = None
    staff: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="Only those of this person of staff, as the shop names them."
    )
    viewer: Party | None = Field(None, description="Only those by this party: much faster.")
    at: At = None
    known_at: KnownAt = None
    since: Since = None
    until: By = None

    _ordered = model_validator(mode="after")(_in_order)

    @property
    def reveal(self) -> bool:
        """Looks in clear are told as they were written down, with what was typed: identifiers are shown."""
        return True


class MayShareAsked(BaseModel):
    """Whether one person's data may be sent to a party for a purpose of the register now."""

    model_config = _CLOSED
    identifier: Identifier
    party: Party
    for_: Annotated[
        str, Field(alias="for", min_length=1, max_length=100, description="What for: a purpose of the register.")
    ]
    purpose: Purpose


class PreviewAsked(BaseModel):
    """What a case would do as things stand."""

    model_config = _CLOSED
    case: CaseId
    purpose: Purpose
    reveal: Reveal = False


class RequestsAsked(BaseModel):
    """What each party would be told of a case, as calls and statements."""

    model_config = _CLOSED
    case: CaseId
    purpose: Purpose
    preview: bool = Field(default=False, description="By the plan as things stand, and not by the one that is kept.")
    reveal: Reveal = False


class OverdueAsked(BaseModel):
    """What is kept although its retention has passed, by person."""

    model_config = _CLOSED
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED, description="How many are listed at most.")] = 100
    after: Annotated[str, Field(pattern=r"^([0-9a-f]{2}){8,32}\.[0-9]{1,6}$")] | None = Field(
        None, description="The `Jalki-Next` of the page before."
    )
