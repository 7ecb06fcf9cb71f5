"""The shapes of answers about what a party has still, and about transfers, as the OpenAPI document has them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from console.api.answers import Counts, ErasedShape, OnwardShape, Time

_CLOSED = ConfigDict(extra="forbid")

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class BoundsShape(BaseModel):
    """How many identifiers: one may have gone several ways, and nobody looked which."""

    model_config = _CLOSED
    at_least: int
    at_most: int


class AmountShape(BaseModel):
    """What was sent: how often, of how many identifiers, first and last."""

    model_config = _CLOSED
    disclosures: int
    identifiers: BoundsShape
    first: Time | None
    last: Time | None


class CategorySent(BaseModel):
    """How many disclosures had a category, and how it is sensitive."""

    model_config = _CLOSED
    disclosures: int
    sensitive: str | None


class FirstShape(BaseModel):
    """What can be said at once of a breach at a party: no person is counted, so `persons` is null."""

    model_config = _CLOSED
    party: str
    name: str
    country: str
    roles: list[str]
    at: Time | None
    known_at: Time | None
    from_: Time | None = Field(alias="from")
    to: Time | None
    known: Time | None
    notify_by: Time | None
    duty: str
    persons: None
    got: AmountShape
    earlier: AmountShape
    categories: dict[str, CategorySent]
    forbidden_data: int
    purposes: Counts
    sources: Counts
    onward: list[OnwardShape]


class ContractShape(BaseModel):
    """What the register says of a party as a recipient; `ended`: the day of the last entry, where none is in force."""

    model_config = _CLOSED
    declared: bool
    in_force: bool
    ended: Day | None
    roles: list[str]


class StandingShape(BaseModel):
    """Of how many persons nobody asked for it, it was asked for, it was only promised."""

    model_config = _CLOSED
    unasked: int
    asked: int
    promised: int


class WentShape(BaseModel):
    """Of how many persons it has nothing any more, and why."""

    model_config = _CLOSED
    proved: int
    retention: int


class RemainingShape(BaseModel):
    """What a party may still have, and what was done about it: counts (GDPR Art. 28(3)(g))."""

    model_config = _CLOSED
    party: str
    name: str
    country: str
    as_of: Time
    at: Time | None
    known_at: Time | None
    contract: ContractShape
    nothing_left: bool
    persons: int
    standing: StandingShape
    categories: Counts
    first: Time | None
    last: Time | None
    gone: WentShape
    erased: ErasedShape
    tasks: Counts
    shared: int
    declared_copies_from: list[str]
    after_end: int


class LeftShape(BaseModel):
    """One person of whom the party may still have anything, by pseudonym; or an identifier that several share."""

    model_config = _CLOSED
    person: str
    candidates: int
    standing: str
    unasked: list[str]
    asked: list[str]
    promised: list[str]
    states: list[str]
    disclosures: int
    first: Time
    last: Time


class SpanShape(BaseModel):
    """A time in which the same mechanisms held, and what went there then."""

    model_config = _CLOSED
    from_: Time | None = Field(alias="from")
    to: Time | None
    mechanisms: list[str]
    disclosures: int
    first: Time | None
    last: Time | None
    categories: Counts
    persons: int
    held: int
    shared: int


class PartyTransfersShape(BaseModel):
    """What went to one party outside the EEA, while the mechanism held and since."""

    model_config = _CLOSED
    party: str
    name: str
    country: str
    before: list[SpanShape]
    after: list[SpanShape]
    erased: ErasedShape


class BareShape(BaseModel):
    """To how many parties something went by no other mechanism, and how often."""

    model_config = _CLOSED
    parties: int
    disclosures: int


class TransfersShape(BaseModel):
    """What went outside the EEA by a mechanism before it was annulled, and after: counts (GDPR Art. 44-49)."""

    model_config = _CLOSED
    mechanism: str
    annulled: Time
    country: str | None
    party: str | None
    as_of: Time
    at: Time | None
    known_at: Time | None
    parties: list[PartyTransfersShape]
    unobserved: list[str]
    without_any_other: BareShape


class TransferredShape(BaseModel):
    """One person whose data went to a party in a span, by pseudonym; or an identifier that several share."""

    model_config = _CLOSED
    person: str
    candidates: int
    party: str
    when: Literal["before", "after"]
    mechanisms: list[str]
    categories: list[str]
    held: list[str]
    disclosures: int
    first: Time
    last: Time


class PartyVolumes(BaseModel):
    """How often one party got anything, by month."""

    model_config = _CLOSED
    id: str
    name: str
    received: int
    by_month: Counts


class VolumesShape(BaseModel):
    """How often each party got anything, month by month (UTC); what came before the newest 240 is `earlier`."""

    model_config = _CLOSED
    months: list[str]
    parties: list[PartyVolumes]
