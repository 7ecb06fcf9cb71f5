"""What Stripe answers, as far as it is read: jobs, validation errors, objects, errors. Shapes alone."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_LOOSE = ConfigDict(frozen=True, extra="ignore", strict=True)
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,255}$")]
S = TypeVar("S", bound=BaseModel)

NOT_REDACTABLE: Mapping[str, str] = {
    "invalid_state": "object-not-final",
    "invalid_cascading_source": "related-object-not-final",
    "invalid_file_purpose": "file-not-redactable",
    "locked_by_other_job": "locked-by-other-job",
    "too_many_objects": "too-many-objects",
}
"""What a person must settle at Stripe, by the code of a validation error: our word for it."""
OTHERWISE = "not-redactable"


class Job(BaseModel):
    """A redaction job. A status that there was not when this was written is none that can be read."""

    model_config = _LOOSE
    id: Id
    object: Literal["privacy.redaction_job"]
    status: Literal["created", "validating", "ready", "redacting", "succeeded", "failed", "canceling", "canceled"]


class _ValidationError(BaseModel):
    model_config = _LOOSE
    code: str


class ValidationErrors(BaseModel):
    """Why a job is not to be run."""

    model_config = _LOOSE
    data: list[_ValidationError]

    @property
    def ground(self) -> str:
        """What a person must settle, in words of ours."""
        return "+".join(sorted({NOT_REDACTABLE.get(each.code, OTHERWISE) for each in self.data})) or OTHERWISE


class _Redaction(BaseModel):
    model_config = _LOOSE
    status: Literal["processing", "redacted", "validated"]


class Held(BaseModel):
    """An object that is read back. `validated`: it will be redacted when it is old enough."""

    model_config = _LOOSE
    id: Id
    deleted: bool = False
    created: Annotated[int, Field(ge=0, le=10**11)] | None = None
    redaction: _Redaction | None = None


class _Error(BaseModel):
    model_config = _LOOSE
    type: str
    code: str | None = None


class Wrong(BaseModel):
    """An error."""

    model_config = _LOOSE
    error: _Error


def read(shape: type[S], body: bytes) -> S | None:
    """Return an answer in its shape; None where it is none."""
    try:
        return shape.model_validate_json(body)
    except ValidationError:
        return None
