"""What can be given with each question, checked: query parameters of counts, JSON bodies of what is about persons.

What identifies anybody is only ever in a body: addresses end up in the logs of proxies.
"""

from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from lineage.cases.keys import ALPHABET, SYMBOLS
from lineage.cases.words import CaseState
from schemas.records import microseconds

MOST_LISTED = 1_000
_CLOSED = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _moment(given: object) -> int:
    if not isinstance(given, str):
        raise ValueError("not an RFC 3339 time with an offset")  # noqa: TRY004 - pydantic takes it for a fault of the value
    return microseconds(given)


Moment = Annotated[
    int,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "description": "RFC 3339, with an offset."}),
]
At = Annotated[Moment | None, Field(description="Only events that occurred by then.")]
KnownAt = Annotated[Moment | None, Field(description="As it was known then.")]
Purpose = Annotated[
    str, Field(max_length=500, pattern=r"\S.*\S.*\S", description="Why you ask; written down before it is answered.")
]
Limit = Annotated[int, Field(ge=1, le=MOST_LISTED, description="How many are listed at most.")]
Reveal = Annotated[
    bool, Field(description="With identifiers as they were sent; only for roles that may see them. Written down.")
]
Identifier = Annotated[str, Field(min_length=1, max_length=1_000, description="`kind:value`, or an e-mail address.")]
Party = Annotated[str, Field(min_length=1, max_length=64, description="The party, as the register names it.")]
CaseId = Annotated[str, Field(pattern=rf"^[0-9]{{4}}-[{ALPHABET}]{{{SYMBOLS}}}$", description="The id of a case.")]
Pseudonym = Annotated[str, Field(pattern="^([0-9a-f]{2}){8,32}$", description="The `Jalki-Next` of the page before.")]
Model = Annotated[str, Field(pattern=r"\S", max_length=200, description="The model, as orders name it.")]
Serials = Annotated[
    str, Field(pattern=r"\S", max_length=200, description="Only these serial numbers: `A..B`, or one of them.")
]


class NothingMore(BaseModel):
    """A question with nothing to choose."""

    model_config = _CLOSED


class AsOf(BaseModel):
    """As of two times."""

    model_config = _CLOSED
    at: At = None
    known_at: KnownAt = None


class Between(BaseModel):
    """Two times to compare."""

    model_config = _CLOSED
    earlier: Moment
    later: Moment
    known_at: KnownAt = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.earlier > self.later:
            raise ValueError("`earlier` lies after `later`")
        return self


class DriftAsked(BaseModel):
    """Drift, newest first."""

    model_config = _CLOSED
    since: Moment | None = Field(None, description="Only what occurred since then.")
    at: Moment | None = Field(None, description="Only events that occurred by then, of consents too.")
    known_at: KnownAt = None
    limit: Limit = 100
    after: Annotated[str, Field(pattern=r"^-?[0-9]{1,18}\.([0-9a-f]{2}){8,32}\.[0-9]{1,6}$")] | None = Field(
        None, description="The `Jalki-Next` of the page before."
    )


class RecordAsked(BaseModel):
    """The record of processing activities."""

    model_config = _CLOSED
    at: Moment | None = Field(None, description="The record as of then.")
    known_at: Moment | None = Field(None, description="What was observed as it was known then.")
    since: Moment | None = Field(None, description="Only what occurred since then counts as observed.")


class CasesAsked(BaseModel):
    """Cases, by the day they must be answered."""

    model_config = _CLOSED
    state: CaseState | None = Field(None, description="Only cases in this state.")
    all: bool = Field(default=False, description="Those that are over, too.")
    limit: Limit = 100
    after: Annotated[
        str, Field(pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}\.[0-9]{{4}}-[{ALPHABET}]{{{SYMBOLS}}}$")
    ] | (None) = Field(None, description="The `Jalki-Next` of the page before.")


class CaseAsked(BaseModel):
    """One case."""

    model_config = _CLOSED
    case: CaseId
    purpose: Purpose
    reveal: Reveal = False


class WhereAsked(BaseModel):
    """Where one person's data is."""

    model_config = _CLOSED
    identifier: Identifier
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None
    reveal: Reveal = False


_OfInterval = TypeVar("_OfInterval", "ReachedAsked", "ReachedPersonsAsked")


def _in_order(asked: _OfInterval) -> _OfInterval:
    if asked.from_ is not None and asked.to is not None and asked.from_ > asked.to:
        raise ValueError("`from` lies after `to`")
    if asked.from_ is not None and asked.at is not None and asked.from_ > asked.at:
        raise ValueError("`from` lies after `at`: nothing of that time had happened by then")
    return asked


class PersonCasesAsked(BaseModel):
    """The cases of one person."""

    model_config = _CLOSED
    identifier: Identifier
    purpose: Purpose


class ReachedAsked(BaseModel):
    """Whose data a party had in an interval: counts."""

    model_config = _CLOSED
    party: Party
    purpose: Purpose
    from_: Moment | None = Field(None, alias="from", description="When the breach began; else: ever.")
    to: Moment | None = Field(None, description="When it ended; else: it goes on.")
    known: Moment | None = Field(None, description="When the controller became aware: the 72 hours run from then.")
    at: At = None
    known_at: KnownAt = None

    _ordered = model_validator(mode="after")(_in_order)


class ReachedPersonsAsked(BaseModel):
    """Whose data a party had in an interval: a page of the persons, by pseudonym."""

    model_config = _CLOSED
    party: Party
    purpose: Purpose
    from_: Moment | None = Field(None, alias="from", description="When the breach began; else: ever.")
    to: Moment | None = Field(None, description="When it ended; else: it goes on.")
    at: At = None
    known_at: KnownAt = None
    reveal: Reveal = False
    limit: Limit = 100
    after: Pseudonym | None = None

    _ordered = model_validator(mode="after")(_in_order)


class RecallAsked(BaseModel):
    """Who bought a product that is recalled: counts."""

    model_config = _CLOSED
    model: Model
    serials: Serials | None = None
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None


class RecallPersonsAsked(BaseModel):
    """Who bought a product that is recalled: a page of the buyers, by pseudonym."""

    model_config = _CLOSED
    model: Model
    serials: Serials | None = None
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None
    reveal: Reveal = False
    limit: Limit = 100
    after: Pseudonym | None = None
