"""What can be given with questions about what a party may still have, and about transfers to third countries, checked."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from console.api.asked import At, KnownAt, Limit, Moment, Party, Pseudonym, Purpose
from console.transfers_asked import check_country
from lineage.errors import Misconfigured

_CLOSED = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
Mechanism = Literal["adequacy", "dpf", "scc", "bcr-p", "49-1-b"]
Country = Annotated[str, Field(pattern="^[A-Za-z]{2}$", description="Only transfers there (ISO 3166-1).")]


class RemainingAsked(BaseModel):
    """What a party may still have: counts."""

    model_config = _CLOSED
    party: Party
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None


class RemainingPersonsAsked(BaseModel):
    """What a party may still have: a page of the persons, by pseudonym."""

    model_config = _CLOSED
    party: Party
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None
    limit: Limit = 100
    after: Pseudonym | None = None


_OfMechanism = TypeVar("_OfMechanism", "TransfersAsked", "TransfersPersonsAsked")


def _of_a_country(asked: _OfMechanism) -> _OfMechanism:
    try:
        check_country(asked.mechanism, asked.country)
    except Misconfigured as fault:
        raise ValueError(str(fault).replace("--", "")) from fault
    return asked


class TransfersAsked(BaseModel):
    """What went outside the EEA by a mechanism before it was annulled, and after: counts."""

    model_config = _CLOSED
    mechanism: Mechanism
    annulled: Moment = Field(description="Since when it holds no more.")
    country: Country | None = Field(None, description="Only transfers there (ISO 3166-1); needed with `adequacy`.")
    party: Party | None = Field(None, description="Only transfers to this party.")
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None

    _with_country = model_validator(mode="after")(_of_a_country)


class TransfersPersonsAsked(BaseModel):
    """What went outside the EEA by a mechanism: a page of the persons, by party, span and pseudonym."""

    model_config = _CLOSED
    mechanism: Mechanism
    annulled: Moment = Field(description="Since when it holds no more.")
    country: Country | None = Field(None, description="Only transfers there (ISO 3166-1); needed with `adequacy`.")
    party: Party | None = Field(None, description="Only transfers to this party.")
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None
    limit: Limit = 100
    after: Annotated[str, Field(pattern=r"^.{1,64}\.-?[0-9]{1,18}\.([0-9a-f]{2}){8,32}$")] | None = Field(
        None, description="The `Jalki-Next` of the page before."
    )

    _with_country = model_validator(mode="after")(_of_a_country)
