"""What each entry of a register file looks like: its keys, their types and which may be left out. Pydantic lives here.

Says nothing about whether an entry fits the others: that is `binding`. `CLOSED` refuses unknown keys and guesses no
types.
"""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lineage.register.model import Period, Validity

CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _one_or_many(value: object) -> object:
    """`from: person` is `from: [person]`."""
    return tuple(value) if isinstance(value, list) else (value,)


def _day(value: object) -> object:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("write the day as YYYY-MM-DD")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None
    if not 1900 <= day.year <= 2200:
        raise ValueError("the year must be between 1900 and 2200; leave the key out where there is no limit")
    return day


def _bases(value: object) -> object:
    """`basis: contract` is one basis without limits in time."""
    return tuple(value) if isinstance(value, list) else ({"basis": value},)


def _month_and_day(value: object) -> object:
    try:
        date.fromisoformat(f"2000-{value}")
    except ValueError:
        raise ValueError("write the last day of the financial year as MM-DD, such as 12-31") from None
    return value


Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Mention = Annotated[str, Field(pattern=r"^\$?[a-z][a-z0-9_-]*$")]
Mentions = Annotated[tuple[Mention, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), Field(min_length=1)]
Text = Annotated[str, Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_day)]
Span = Annotated[int, Field(ge=0, le=11_000)]
Role = Literal["controller", "joint-controller", "processor", "authority", "own-system", "unknown"]
BasisWord = Literal["consent", "contract", "legal-obligation", "legitimate-interest", "unknown"]
Mechanism = Literal["adequacy", "dpf", "scc", "bcr-p", "49-1-b"]
Subject = Literal["applicant", "consignee", "customer", "employee", "participant", "subscriber", "visitor"]
NamedKind = Literal[
    "group", "own-system", "carrier", "payment", "bank", "card-scheme", "credit", "credit-information", "web", "mail",
    "vendor", "insurer", "repair", "adviser", "partner", "collection", "authority",
]  # fmt: skip
Kind = Literal[NamedKind, "unknown"]


class ControllerShape(BaseModel):
    """A company of the group; the key is its party id."""

    model_config = CLOSED
    business_id: Text
    financial_year_ends: Annotated[str, BeforeValidator(_month_and_day)]
    financial_year_confirmed: bool
    contact: str = ""
    representative: str = ""
    officer: str = ""
    note: str = ""


class PartyShape(BaseModel):
    """A party; the key is its id."""

    model_config = CLOSED
    name: Text
    kind: Kind
    country: Text
    business_id: Text | None = None
    named: bool = True
    valid_from: Day | None = None
    valid_until: Day | None = None
    note: str = ""
    source: str = ""


class BasisShape(BaseModel):
    """A legal basis for a time."""

    model_config = CLOSED
    basis: BasisWord
    valid_from: Day | None = None
    valid_until: Day | None = None


class PurposeShape(BaseModel):
    """A purpose; the key is its id."""

    model_config = CLOSED
    text: Text
    basis: Annotated[tuple[BasisShape, ...], BeforeValidator(_bases), Field(min_length=1)]
    article: Text
    dpv: Texts
    consent: Word | None = None
    subjects: Annotated[tuple[Subject, ...], BeforeValidator(_one_or_many)] = ()
    note: str = ""


class RecipientShape(BaseModel):
    """One declared disclosure, for several parties and purposes at once where they are treated alike."""

    model_config = CLOSED
    parties: Mentions
    purposes: Mentions
    role: Role
    sources: Annotated[Mentions, Field(alias="from")]
    categories: Mentions
    valid_from: Day | None = None
    valid_until: Day | None = None
    confirmed: bool = True
    note: str = ""


class PeriodShape(BaseModel):
    """A span counted from an event."""

    model_config = CLOSED
    after: Word
    years: Span = 0
    months: Span = 0
    days: Span = 0
    until_year_end: bool = False


class RetentionShape(BaseModel):
    """A retention rule for several categories and purposes."""

    model_config = CLOSED
    rule: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]
    categories: Mentions
    purposes: Mentions
    law: Text
    after: Word
    years: Span = 0
    months: Span = 0
    days: Span = 0
    until_year_end: bool = False
    at_latest: PeriodShape | None = None
    confirmed: bool = True
    note: str = ""


class SafeguardShape(BaseModel):
    """One mechanism for data that leaves the EEA."""

    model_config = CLOSED
    parties: Mentions
    country: Text
    mechanism: Mechanism
    source: Text
    valid_from: Day | None = None
    valid_until: Day | None = None
    confirmed: bool = True
    note: str = ""


class AdequacyShape(BaseModel):
    """An adequacy decision; the key is the country."""

    model_config = CLOSED
    valid_from: Day | None = None
    valid_until: Day | None = None
    confirmed: bool = True
    scope: str = ""
    source: str = ""


class FrameworkShape(BaseModel):
    """What a mechanism stands on as a whole; the key is the mechanism."""

    model_config = CLOSED
    valid_from: Day | None = None
    valid_until: Day | None = None
    source: str = ""


class ContractShape(BaseModel):
    """A contract with one or more parties, for some purposes or for all."""

    model_config = CLOSED
    parties: Mentions
    kind: Literal["processing", "joint"]
    source: Text
    purposes: Mentions | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    confirmed: bool = True
    note: str = ""


class NoticeShape(BaseModel):
    """A version of the privacy notice; `kinds` are kinds of party, for recipients it names by what they do."""

    model_config = CLOSED
    version: Text
    posted: Day | None = None
    valid_from: Day | None = None
    parties: Annotated[tuple[Mention, ...], BeforeValidator(_one_or_many)] = ()
    kinds: Annotated[tuple[NamedKind, ...], BeforeValidator(_one_or_many)] = ()
    purposes: Mentions | None = None
    note: str = ""


class CopyShape(BaseModel):
    """A declared edge between two parties."""

    model_config = CLOSED
    source: Annotated[Word, Field(alias="from")]
    target: Annotated[Word, Field(alias="to")]
    purpose: Word
    kind: Literal["copy", "sub-processor"] = "copy"
    valid_from: Day | None = None
    valid_until: Day | None = None
    note: str = ""


class PolicyShape(BaseModel):
    """A statement of the published policy, or an open point; the key is its id."""

    model_config = CLOSED
    status: Literal["contradicted", "open"]
    severity: Literal["high", "medium", "low"]
    quote: Text
    law: Text
    todo: Text


class MeasureShape(BaseModel):
    """A measure of security."""

    model_config = CLOSED
    measure: Text
    source: str = ""


class CountriesShape(BaseModel):
    """A list of countries."""

    model_config = CLOSED
    names: Texts


class SetShape(BaseModel):
    """Named lists, mentioned as `$name`, so that twelve carriers are written once."""

    model_config = CLOSED
    names: Mentions


def period_of(shape: PeriodShape | RetentionShape) -> Period:
    """The period a shape writes down."""
    return Period(shape.after, shape.years, shape.months, shape.days, shape.until_year_end)


Dated = (
    PartyShape
    | BasisShape
    | RecipientShape
    | SafeguardShape
    | AdequacyShape
    | CopyShape
    | ContractShape
    | FrameworkShape
)


def validity_of(shape: Dated) -> Validity:
    """The validity a shape writes down."""
    return Validity(shape.valid_from, shape.valid_until)
