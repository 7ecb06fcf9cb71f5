"""What Meta's errors mean for us: by their numbers alone, never by their texts, which may hold anything."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.waiting import Later
from lineage.errors import Misconfigured, Retryable

_TOKEN = frozenset({102, 190, 463, 467, 2500})
"""The token is missing, wrong, expired, or its session is over."""
_BUSY = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
"""Too many calls: of the app, the user, the page or the business use case."""
_PASSING = frozenset({1, 2})
"""Unknown, and a service that is away for a while."""
_MAY_NOT = frozenset({3, 10, *range(200, 300)})
"""Permissions."""
BUSY_SECONDS = 60.0
"""How long we rest where Meta is busy and says nothing of it."""
GROUNDS: Mapping[tuple[int, int | None], str] = {
    (100, 33): "audience-unknown",
    (100, 1_713_230): "audience-flagged",
    (200, 1_870_034): "terms-not-accepted",
    (200, 1_870_047): "audience-too-small",
}
"""What a person must settle at Meta first, by code and subcode."""
OTHER = "refused-by-party"


class _Error(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    code: int
    error_subcode: int | None = None
    is_transient: bool = False


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    error: _Error


@dataclass(frozen=True, slots=True)
class Fault:
    """An error by Meta's numbers."""

    code: int
    subcode: int | None = None
    transient: bool = False

    @property
    def ground(self) -> str:
        """Why a person must look, in a word of ours."""
        return GROUNDS.get((self.code, self.subcode), OTHER)

    def stop(self, party: str, clock: Callable[[], int], rests: float) -> None:
        """Raise what is nothing of this one call: of the token, of permissions, of too many calls. `rests`: until when.

        Raises: Later, Retryable, Misconfigured.
        """
        if (self.code, self.subcode) in GROUNDS:
            return
        if self.code in _BUSY:
            wait = rests - clock() / 1_000_000
            raise Later(f"{party} has had as many calls as it takes for now", wait if wait > 0 else BUSY_SECONDS)
        if self.code in _PASSING or self.transient:
            raise Retryable(f"{party} has a fault of its own for now ({self.code})")
        if self.code in _TOKEN:
            raise Misconfigured(
                f"{party} does not take our token ({self.code}): make a new one, and check the app's secret"
            )
        if self.code in _MAY_NOT:
            raise Misconfigured(f"{party} does not allow this to our token ({self.code}): it needs ads_management")


def fault_of(said: Mapping[str, object]) -> Fault | None:
    """Return the error that an object holds; None where it holds none. One without numbers is `OTHER`."""
    if "error" not in said:
        return None
    try:
        error = _Told.model_validate(said).error
    except ValidationError:
        return Fault(0)
    return Fault(error.code, error.error_subcode, error.is_transient)
