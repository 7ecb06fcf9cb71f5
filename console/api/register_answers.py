"""The shapes of answers about the register and about dates, as the OpenAPI document has them: those that commands print."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from console.api.answers import Time, TransferShape
from console.api.record_answers import PeriodShape

_CLOSED = ConfigDict(extra="forbid")

Day = Annotated[str, Field(json_schema_extra={"format": "date"}, description="A day in Helsinki.")]


class NoticeRecipient(BaseModel):
    """Who may receive data for a purpose; not `named`: the register knows no legal name yet."""

    model_config = _CLOSED
    party: str
    name: str
    named: bool
    country: str
    role: str
    categories: list[str]
    transfer: TransferShape | None


class NoticeKept(BaseModel):
    """How long categories are kept; no `rule`: the register sets no period."""

    model_config = _CLOSED
    categories: list[str]
    rule: str | None
    law: str | None
    period: PeriodShape | None
    at_latest: PeriodShape | None


class NoticePurposeShape(BaseModel):
    """A purpose with its ground, data, recipients and periods."""

    model_config = _CLOSED
    purpose: str
    text: str
    basis: str
    article: str
    categories: list[str]
    recipients: list[NoticeRecipient]
    kept: list[NoticeKept]


class OpenShape(BaseModel):
    """What the register leaves open; `party` is empty where it is of the purpose itself."""

    model_config = _CLOSED
    purpose: str
    party: str
    what: str


class NoticeShape(BaseModel):
    """The recipients part of the privacy notice (GDPR Art. 13(1)(c)-(f), 13(2)(a)), from the register alone."""

    model_config = _CLOSED
    as_of: Time
    purposes: list[NoticePurposeShape]
    open: list[OpenShape]


class NoticeRow(BaseModel):
    """A row of a notice; `party` is empty: the purpose itself."""

    model_config = _CLOSED
    purpose: str
    party: str


class NoticeChange(BaseModel):
    """A part of a row that is not the same in both."""

    model_config = _CLOSED
    purpose: str
    party: str
    what: str
    published: Any
    register_: Any = Field(alias="register")


class DifferenceShape(BaseModel):
    """How a published notice differs from the register, row by row."""

    model_config = _CLOSED
    published_only: list[NoticeRow]
    register_only: list[NoticeRow]
    changed: list[NoticeChange]


class NamesShape(BaseModel):
    """What a published text names otherwise than the register. Only names are compared."""

    model_config = _CLOSED
    missing: list[str]
    brand_only: list[str]
    no_recipient: list[str]
    unknown: list[str]
    countries: list[str]


class RegisterFindingShape(BaseModel):
    """What is wrong or still open in the register."""

    model_config = _CLOSED
    id: str
    severity: str
    kind: str
    where: str
    text: str
    law: str
    todo: str


class ClockShape(BaseModel):
    """The dates of a case; null where one does not apply. `warnings` say what they rest on."""

    model_config = _CLOSED
    raw: Day | None
    legal: Day | None
    safe: Day | None
    policy: Day | None
    operative: Day | None
    ext_raw: Day | None
    ext_legal: Day | None
    notice_by: Day | None
    warnings: list[str]


class BreachShape(BaseModel):
    """By when a breach must be notified (GDPR Art. 33(1))."""

    model_config = _CLOSED
    breach: Time
    notify_by: Time
    warnings: list[str]
