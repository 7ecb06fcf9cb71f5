"""What a descriptor's file looks like: its keys, their types and bounds. Pydantic shapes; says nothing of how parts fit."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.descriptor import By, Meant, Proof
from connectors.wording import Language

_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
MAILBOX = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"

Seconds = Annotated[float, Field(strict=False, gt=0, le=86_400 * 7)]
Text = Annotated[str, Field(max_length=500)]


class RateShape(BaseModel):
    """A rate of single calls."""

    model_config = _CLOSED
    calls: Annotated[int, Field(ge=1, le=1_000_000)]
    seconds: Seconds
    zone: Annotated[str, Field(pattern=r"^[A-Za-z_]+/[A-Za-z_]+$")] | None = None


class LimitsShape(BaseModel):
    """How much a party takes."""

    model_config = _CLOSED
    calls: Annotated[int, Field(ge=1, le=1_000_000)] = 60
    seconds: Seconds = 60.0
    tries: Annotated[int, Field(ge=1, le=100)] = 8
    first_wait: Seconds = 2.0
    longest_wait: Seconds = 3_600.0
    timeout: Seconds = 30.0
    rates: dict[str, RateShape] = {}


class MeaningShape(BaseModel):
    """What one right comes to at a party."""

    model_config = _CLOSED
    does: Annotated[str, Field(min_length=1, max_length=500)]
    proof: Proof
    by: By = "channel"
    within: Annotated[int, Field(ge=0, le=400)] | None = None
    source: Text = ""


class DescriptorShape(BaseModel):
    """A whole descriptor; `settings` are shaped by its channel."""

    model_config = _CLOSED
    channel: str
    address: str = ""
    mailbox: Annotated[str, Field(pattern=f"^$|{MAILBOX}")] = ""
    language: Language = "en"
    agreement: Annotated[str, Field(max_length=200)] = ""
    their_reference: Annotated[str, Field(max_length=200)] = ""
    source: Text = ""
    note: Text = ""
    means: dict[Meant, MeaningShape] = {}
    identifiers: dict[str, list[str]] = {}
    limits: LimitsShape = LimitsShape()
    settings: dict[str, object] = {}
