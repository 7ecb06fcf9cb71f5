"""How much of what Meta allows is used up, as its header `X-Business-Use-Case-Usage` says. Reads; waits for nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from connectors.waiting import LONGEST_WAIT

HEADER = "x-business-use-case-usage"
FULL = 95
"""Percent. Beyond it a call may be one too many: Meta counts by the hour, in calls and in its own time alike."""
FULL_SECONDS = 300.0
"""How long we rest then, where Meta does not say."""
_Number = Annotated[float, Field(ge=0, le=1_000_000)]


class _Use(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    call_count: _Number = 0
    total_cputime: _Number = 0
    total_time: _Number = 0
    estimated_time_to_regain_access: _Number = 0
    """Minutes."""


_USES: TypeAdapter[dict[str, list[_Use]]] = TypeAdapter(dict[str, list[_Use]])


@dataclass(frozen=True, slots=True)
class Usage:
    """`rest`: seconds in which Meta ought not to be called; 0: call."""

    rest: float = 0.0

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "Usage":
        """Return what headers say, by their lower-case names; what nobody can read says nothing."""
        if not (text := headers.get(HEADER)):
            return cls()
        try:
            uses = [each for uses in _USES.validate_json(text).values() for each in uses]
        except ValidationError:
            return cls()
        minutes = max((each.estimated_time_to_regain_access for each in uses), default=0.0)
        if minutes:
            return cls(min(minutes * 60, LONGEST_WAIT))
        full = any(max(each.call_count, each.total_cputime, each.total_time) >= FULL for each in uses)
        return cls(FULL_SECONDS if full else 0.0)
