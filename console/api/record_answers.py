"""The shape of the record of processing activities, as the OpenAPI document has it: that of `register ropa --json`."""

from pydantic import BaseModel, ConfigDict, Field

from console.api.answers import Time, TransferShape

_CLOSED = ConfigDict(extra="forbid")


class SeenShape(BaseModel):
    """How many disclosures were observed, the first and the last."""

    model_config = _CLOSED
    disclosures: int
    first: Time | None
    last: Time | None


class CategoryCounted(BaseModel):
    """A category of personal data, declared and observed."""

    model_config = _CLOSED
    category: str
    status: str
    disclosures: int
    first: Time | None
    last: Time | None
    undeclared_disclosures: int


class SafeguardedTransfer(BaseModel):
    """A transfer out of the EEA; `confirmed` says whether its safeguards are."""

    model_config = _CLOSED
    country: str
    mechanisms: list[str]
    confirmed: bool


class RecipientShape(BaseModel):
    """One party and all that it gets for one purpose."""

    model_config = _CLOSED
    party: str
    name: str
    kind: str
    country: str
    named: bool
    roles: list[str]
    transfer: SafeguardedTransfer | None
    status: str
    disclosures: int
    first: Time | None
    last: Time | None
    undeclared_disclosures: int
    categories: list[CategoryCounted]
    drift: dict[str, SeenShape]


class FlowShape(BaseModel):
    """All that goes from one party, or the person, to another for one purpose."""

    model_config = _CLOSED
    from_: str = Field(alias="from")
    to: str
    declared_as: list[str]
    role: str
    confirmed: bool
    transfer: TransferShape | None
    status: str
    disclosures: int
    first: Time | None
    last: Time | None
    undeclared_disclosures: int
    categories: list[CategoryCounted]
    drift: dict[str, SeenShape]


class PeriodShape(BaseModel):
    """A span counted from a named event."""

    model_config = _CLOSED
    after: str
    years: int
    months: int
    days: int
    until_year_end: bool


class KeptShape(BaseModel):
    """How long categories are kept, by a rule of the register."""

    model_config = _CLOSED
    categories: list[str]
    rule: str
    law: str
    period: PeriodShape
    at_latest: PeriodShape | None
    confirmed: bool


class NotRuled(BaseModel):
    """Categories that no rule of the register sets a period for."""

    model_config = _CLOSED
    categories: list[str]
    rule: None


class ActingShape(BaseModel):
    """A company of the group in an activity."""

    model_config = _CLOSED
    party: str
    role: str | None
    disclosures: int
    first: Time | None
    last: Time | None


class ActivityShape(BaseModel):
    """One processing activity: everything for one purpose."""

    model_config = _CLOSED
    purpose: str
    declared: bool
    text: str | None
    dpv: list[str]
    basis: str | None
    article: str | None
    consent: str | None
    note: str | None
    controllers: list[ActingShape]
    data_subjects: list[str]
    categories: list[CategoryCounted]
    retention: list[KeptShape | NotRuled]
    recipients: list[RecipientShape]
    systems: list[RecipientShape]
    flows: list[FlowShape]


class CompanyActivity(BaseModel):
    """An activity of a company of the group."""

    model_config = _CLOSED
    purpose: str
    role: str | None
    disclosures: int
    first: Time | None
    last: Time | None


class CompanyShape(BaseModel):
    """A controller, and how it is reached."""

    model_config = _CLOSED
    party: str
    name: str
    country: str
    business_id: str | None
    contact: str | None
    representative: str | None
    data_protection_officer: str | None
    activities: list[CompanyActivity]


class MandateTransfer(BaseModel):
    """A transfer of what a company passes on for a controller."""

    model_config = _CLOSED
    party: str
    country: str
    mechanisms: list[str]


class MandateShape(BaseModel):
    """What a company of the group does on behalf of a controller (GDPR Art. 30(2))."""

    model_config = _CLOSED
    processor: str
    controller: str | None
    purposes: list[str]
    categories: list[str]
    transfers: list[MandateTransfer]
    status: str
    disclosures: int
    first: Time | None
    last: Time | None
    undeclared_disclosures: int


class MeasureShape(BaseModel):
    """A measure of security, and where it is known from."""

    model_config = _CLOSED
    measure: str
    source: str | None


class MissingShape(BaseModel):
    """Something that Art. 30 asks for and the register does not declare."""

    model_config = _CLOSED
    what: str
    where: str
    law: str


class SummaryShape(BaseModel):
    """The record in counts."""

    model_config = _CLOSED
    activities: int
    flows: dict[str, int]
    disclosures: int
    undeclared_disclosures: int
    missing: int


class RecordParty(BaseModel):
    """A party of the record; not `named`: it is not yet said who plays its part."""

    model_config = _CLOSED
    id: str
    name: str
    kind: str
    country: str
    named: bool


class RecordShape(BaseModel):
    """The record of processing activities (GDPR Art. 30), and what of it was observed."""

    model_config = _CLOSED
    at: Time
    since: Time | None
    known_at: Time | None
    summary: SummaryShape
    controllers: list[CompanyShape]
    security: list[MeasureShape]
    activities: list[ActivityShape]
    as_processor: list[MandateShape]
    missing: list[MissingShape]
    parties: list[RecordParty]
