"""The shapes of answers about flows and persons, as the OpenAPI document has them: those that the commands print."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

_CLOSED = ConfigDict(extra="forbid", populate_by_name=False)

Time = Annotated[str, Field(json_schema_extra={"format": "date-time"}, description="RFC 3339, UTC.")]
Counts = dict[str, int]
Revealed = Annotated[
    dict[str, list[str]] | None,
    Field(description="Identifiers as they were sent, by kind; only where `reveal` was asked."),
]


def open_where_absent(*names: str) -> Callable[[dict[str, Any]], None]:
    """Return what takes the null out of the schema of fields that are there or are not, and never null."""

    def change(schema: dict[str, Any]) -> None:
        for name in names:
            given = schema["properties"][name]
            given.pop("default", None)
            if "anyOf" in given:
                (only,) = [each for each in given.pop("anyOf") if each != {"type": "null"}]
                given.update(only)

    return change


class TransferShape(BaseModel):
    """A transfer out of the EEA, and what allows it (GDPR Art. 44-49)."""

    model_config = _CLOSED
    country: str
    mechanisms: list[str]


class HoldingShape(BaseModel):
    """What one party holds of one person. Not `observed`: the register declares it, and no event has shown it."""

    model_config = _CLOSED
    party: str
    name: str
    country: str
    role: str
    status: str
    observed: bool
    from_: list[str] = Field(alias="from")
    categories: list[str]
    purposes: list[str]
    bases: list[str]
    first: Time
    last: Time
    disclosures: int
    transfer: TransferShape | None
    drift: list[str]


class WhereShape(BaseModel):
    """Where one person's data is. Several `candidates`: the identifier is shared, and nothing is ascribed to anybody."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=open_where_absent("revealed"))
    asked: str
    at: Time | None
    known_at: Time | None
    identifiers: Counts
    candidates: int
    holdings: list[HoldingShape]
    shared: list[HoldingShape]
    revealed: Revealed = None


class NamedParty(BaseModel):
    """A party of the register."""

    model_config = _CLOSED
    id: str
    name: str
    kind: str
    country: str


class EdgeShape(BaseModel):
    """All that goes from one party, or the person, to another for one purpose."""

    model_config = _CLOSED
    from_: str = Field(alias="from")
    to: str
    purpose: str
    basis: str | None
    role: str
    categories: Counts
    disclosures: int
    first: Time
    last: Time
    transfer: TransferShape | None
    drift: Counts


class SharingShape(BaseModel):
    """The sharing graph: counts, no person. `at` and `known_at` are there where one of them was asked."""

    model_config = ConfigDict(extra="forbid")
    at: Time | None = None
    known_at: Time | None = None
    parties: list[NamedParty]
    sharing: list[EdgeShape]


class BeforeAfter(BaseModel):
    """How many disclosures by either time."""

    model_config = _CLOSED
    before: int
    after: int


class ChangeShape(BaseModel):
    """What became of one edge between two times."""

    model_config = _CLOSED
    from_: str = Field(alias="from")
    to: str
    purpose: str
    change: str
    before: int
    after: int
    categories: dict[str, BeforeAfter]
    new_categories: list[str]


class ChangesShape(BaseModel):
    """What changed in the sharing graph between two times."""

    model_config = _CLOSED
    earlier: Time
    later: Time
    known_at: Time | None
    parties: list[NamedParty]
    changes: list[ChangeShape]


class PartyShape(BaseModel):
    """A party of the register, with what it was observed to get and to pass on."""

    model_config = _CLOSED
    id: str
    name: str
    kind: str
    country: str
    roles: dict[str, str]
    transfer: TransferShape | None
    received: int
    passed_on: int
    purposes: list[str]
    categories: list[str]
    first: Time | None
    last: Time | None


class GotShape(BaseModel):
    """What a party got in the interval."""

    model_config = _CLOSED
    persons: int
    disclosures: int
    first: Time | None
    last: Time | None


class HeldShape(BaseModel):
    """Of how many persons it may still have something, and how many of them it has only promised to erase."""

    model_config = _CLOSED
    persons: int
    promised: int


class GoneShape(BaseModel):
    """Of how many persons it has nothing any more, and why."""

    model_config = _CLOSED
    retention: int
    proved: int


class ErasedShape(BaseModel):
    """Persons who are erased here, in no other count; `since`: of whom the answer, as of then, can tell nothing more."""

    model_config = _CLOSED
    persons: int
    held: int
    promised: int
    since: int


class SharedShape(BaseModel):
    """Identifiers that several persons share, in no other count."""

    model_config = _CLOSED
    identifiers: int
    disclosures: int


class CategoryReached(BaseModel):
    """Of how many persons a category was there, and how it is sensitive."""

    model_config = _CLOSED
    persons: int
    sensitive: str | None


class OnwardShape(BaseModel):
    """A party that data went on to. Not `observed`: only the register says so, and nothing is counted."""

    model_config = _CLOSED
    party: str
    from_: list[str] = Field(alias="from")
    observed: bool
    disclosures: int
    categories: list[str]
    purposes: list[str]
    first: Time | None
    last: Time | None


class ReachedShape(BaseModel):
    """Whose data a party had in an interval and may still have: counts (GDPR Art. 33, 34)."""

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
    persons: int
    got: GotShape
    earlier: int
    held: HeldShape
    gone: GoneShape
    erased: ErasedShape
    contactable: Counts
    not_contactable: int
    shared: SharedShape
    categories: dict[str, CategoryReached]
    forbidden_data: int
    purposes: Counts
    sources: Counts
    onward: list[OnwardShape]


class ReachedPersonShape(BaseModel):
    """One person whose data a party had, by pseudonym; or an identifier that several share."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=open_where_absent("revealed"))
    person: str
    candidates: int
    identifiers: Counts
    categories: list[str]
    held: list[str]
    promised: list[str]
    purposes: list[str]
    contact: list[str]
    earlier: bool
    disclosures: int
    first: Time | None
    last: Time | None
    revealed: Revealed = None


class RecallShape(BaseModel):
    """Who bought a product that is recalled: counts (Reg. (EU) 2023/988 Art. 35)."""

    model_config = _CLOSED
    model: str
    serials: str | None
    at: Time | None
    known_at: Time | None
    basis: str | None
    buyers: int
    certain: int
    serial_unknown: int
    contactable: Counts
    not_contactable: int
    erased: int
    opted_out: int
    restricted: int
    shared: int


class BuyerShape(BaseModel):
    """One who bought the product, by pseudonym."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=open_where_absent("revealed"))
    person: str
    candidates: int
    certain: bool
    products: int
    first: Time
    last: Time
    contact: list[str]
    opted_out: bool
    restricted: bool
    identifiers: Counts
    revealed: Revealed = None
