"""The messages of OpenDSR 2.0 as they come in: shapes, bounds, nothing else. What they come to is decided elsewhere.

Unknown keys are passed over: the specification may grow. Their faults are never shown: pydantic's texts repeat values.
"""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

LARGEST = 64 * 1024
"""Bytes of any message."""
Status = Literal["pending", "in_progress", "completed", "cancelled"]
Type = Literal["erasure", "access", "portability"]
Format = Literal["raw", "sha1", "md5", "sha256"]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
Text = Annotated[str, Field(min_length=1, max_length=512)]
Url = Annotated[str, Field(min_length=1, max_length=2_048)]
_OPEN = ConfigDict(extra="ignore", frozen=True)
M = TypeVar("M", bound=BaseModel)


class Supported(BaseModel):
    """A kind of identity that a party takes (§6.3)."""

    model_config = _OPEN
    identity_type: Text
    identity_format: Text


class Discovery(BaseModel):
    """What a party says it takes (§6.3)."""

    model_config = _OPEN
    api_version: Text
    supported_identities: Annotated[tuple[Supported, ...], Field(max_length=200)]
    supported_subject_request_types: Annotated[tuple[Text, ...], Field(max_length=20)]
    processor_certificate: Url


class Identity(BaseModel):
    """One identity of the data subject (§5.3)."""

    model_config = _OPEN
    identity_type: Text
    identity_value: Text
    identity_format: Format


class Ours(BaseModel):
    """An identifier by our own words, in our extension (§7.1.2)."""

    model_config = _OPEN
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    value: Text


class Extension(BaseModel):
    """What two companies that both run Jalki tell each other besides: identifiers that OpenDSR has no type for."""

    model_config = _OPEN
    identifiers: Annotated[tuple[Ours, ...], Field(max_length=500)] = ()


class Request(BaseModel):
    """A request as a controller makes it (§7.1.1)."""

    model_config = _OPEN
    regulation: Literal["gdpr"]
    subject_request_id: Key
    subject_request_type: Type
    submitted_time: AwareDatetime
    subject_identities: Annotated[tuple[Identity, ...], Field(max_length=500)] = ()
    status_callback_urls: Annotated[tuple[Url, ...], Field(max_length=5)] = ()
    extensions: dict[str, dict[str, object]] = {}


class Accepted(BaseModel):
    """The answer to a request (§7.3)."""

    model_config = _OPEN
    controller_id: Text
    expected_completion_time: AwareDatetime
    received_time: AwareDatetime
    encoded_request: str
    subject_request_id: Key


class Told(BaseModel):
    """How a request stands, asked (§8.3) or in a callback (§8.6), where `status_callback_url` is there too."""

    model_config = _OPEN
    controller_id: Text
    expected_completion_time: AwareDatetime
    subject_request_id: Key
    request_status: Status
    status_callback_url: Url | None = None
    results_url: Url | None = None
    results_count: int | None = None


class Cancelled(BaseModel):
    """The answer to a cancellation (§9.2)."""

    model_config = _OPEN
    controller_id: Text
    received_time: datetime
    subject_request_id: Key


def read(shape: type[M], body: bytes) -> M | None:
    """Return a message, None for what is none of that shape."""
    try:
        return shape.model_validate_json(body)
    except ValidationError:
        return None
