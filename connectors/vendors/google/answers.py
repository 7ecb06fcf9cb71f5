"""How Google answers what it does not do: `google.rpc.Status` in JSON. Says what that means for us; repeats none of its text."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.calling import Answer
from connectors.waiting import busy
from lineage.errors import JalkiError, Misconfigured

EVIDENCE_AT_MOST = 4_096
"""Bytes of an answer that are kept with each task: one answer may be about thousands."""
_Word = Annotated[str, Field(max_length=200)]
_OVER_QUOTA = frozenset(
    {
        "RESOURCE_EXHAUSTED",
        "RATE_LIMIT_EXCEEDED",
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "quotaExceeded",
        "dailyLimitExceeded",
    }
)
S = TypeVar("S", bound=BaseModel)
OPEN = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, populate_by_name=True)
"""Of what Google answers: it may say more than we read."""


class _Detail(BaseModel):
    model_config = OPEN
    reason: _Word = ""


class _Status(BaseModel):
    model_config = OPEN
    status: _Word = ""
    errors: Annotated[list[_Detail], Field(max_length=100)] = []
    details: Annotated[list[_Detail], Field(max_length=100)] = []


class _Error(BaseModel):
    model_config = OPEN
    error: _Status


def read(shape: type[S], answer: Answer) -> S | None:
    """Return what Google says; None: it says something else."""
    try:
        return shape.model_validate_json(answer.body)
    except ValidationError:
        return None


def refusal(party: str, answer: Answer, now: int) -> JalkiError | None:
    """Return what a 403 means: over a quota, which passes, or no right, which a person must give. None: it is no 403."""
    if answer.status != 403:
        return None
    said = read(_Error, answer)
    words = {said.error.status, *(each.reason for each in (*said.error.errors, *said.error.details))} if said else set()
    if words & _OVER_QUOTA:
        return busy(f"{party} is over a quota of Google's (403)", answer.headers.get("retry-after"), now)
    return Misconfigured(
        f"Google refuses the calls for {party} (403): give the service account its role there, and switch the interface on"
    )


def evidence(answer: Answer) -> bytes:
    """Return what is kept of an answer, for a person to look at."""
    return answer.body[:EVIDENCE_AT_MOST]
