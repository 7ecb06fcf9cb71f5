"""The shape of answers about drift, as the OpenAPI document has it: that which `drift` prints."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from console.api.answers import Time

_CLOSED = ConfigDict(extra="forbid", populate_by_name=False)

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]


class EvidenceShape(BaseModel):
    """What shows that a rule was broken: an entry of the register with its days, an event, or a case."""

    model_config = _CLOSED
    kind: str
    text: str
    where: str | None = Field(description="Where in the register it stands.")
    valid_from: Day | None
    valid_until: Day | None
    event: str | None
    at: Time | None


class FindingShape(BaseModel):
    """A rule that was broken, its law, what to do, and what shows it."""

    model_config = _CLOSED
    rule: str
    law: str
    todo: str
    evidence: list[EvidenceShape]


class DriftShape(BaseModel):
    """A disclosure that the register, or the person's consent, did not allow at its moment."""

    model_config = _CLOSED
    at: Time
    rules: list[str]
    from_: str = Field(alias="from")
    to: str
    purpose: str
    categories: list[str]
    controller: str
    event: str
    person: str | None = Field(description="A pseudonym; null where several persons share what it hangs on.")
    findings: list[FindingShape]
    register_: str = Field(alias="register", description="The version of the register it was judged by.")
