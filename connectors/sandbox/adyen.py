"""Adyen: erasure by payment (Data Protection API, version 1), and disabling stored cards (Recurring API, version 68).

Both APIs are on one port here, under the paths of their own hosts. What is asked for is done when its job is.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.sandbox.calls import Answer, Call, Operation, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.jobs import Jobs
from connectors.sandbox.limits import Limit, Standing

ERASE = "/ca/services/DataProtectionService/v1/requestSubjectErasure"
DISABLE = "/pal/servlet/Recurring/v68/disable"
LIMIT = Limit("calls", 600, 60)
"""Assumed: no specification says how often it may be called."""
MERCHANT = "SandboxMerchant"
_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
_HELD_AT_MOST = 100_000
_TYPES = {401: "security", 403: "security", 422: "validation"}
Text = Annotated[str, Field(min_length=1, max_length=200)]


@dataclass
class State:
    """Payments by PSP reference, with their shopper; her stored cards; what was asked to be erased, and what is."""

    payments: dict[str, str] = field(default_factory=dict)
    cards: dict[str, set[str]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    jobs: Jobs = field(default_factory=Jobs)


class _Erasure(BaseModel):
    model_config = _CLOSED
    merchantAccount: str = ""  # noqa: N815 - the vendor's name
    pspReference: str = ""  # noqa: N815 - the vendor's name
    forceErasure: bool = False  # noqa: N815 - the vendor's name


class _Disabling(BaseModel):
    model_config = _CLOSED
    merchantAccount: str  # noqa: N815 - the vendor's name
    shopperReference: str  # noqa: N815 - the vendor's name
    recurringDetailReference: str | None = None  # noqa: N815 - the vendor's name
    contract: str | None = None


class _Payment(BaseModel):
    model_config = _CLOSED
    psp_reference: Text
    shopper: str = ""


class Seed(BaseModel):
    """What a sandbox is seeded with: payments, and stored cards by shopper."""

    model_config = _CLOSED
    payments: Annotated[list[_Payment], Field(max_length=_HELD_AT_MOST)] = []
    cards: dict[Text, list[Text]] = {}


class Adyen:
    """Adyen. An erasure takes `job_seconds`; asked for again, it is told to be processed already."""

    name = "adyen"

    def __init__(self, clock: Clock, *, key: str | None = None, job_seconds: float = 5) -> None:
        self.state: Any = State()
        self.operations = (
            Operation("POST", ERASE, _with(_Erasure, self._erase), limits=(LIMIT,)),
            Operation("POST", DISABLE, _with(_Disabling, self._disable), limits=(LIMIT,)),
        )
        self._clock, self._key = clock, key or f"AQE{secrets.token_urlsafe(48)}"
        self._takes = int(job_seconds * 1_000_000)

    def admits(self, call: Call) -> Answer | None:
        """Want the key."""
        given = call.headers.get("x-api-key", "").encode("utf-8", "surrogateescape")
        return None if secrets.compare_digest(given, self._key.encode()) else self.trouble(401, None)

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Say what is wrong, as a `ServiceError`."""
        return _wrong(status, "000", "the sandbox has it so", {"Retry-After": str(wait)} if wait is not None else {})

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - no header tells of limits
        """Tell nothing."""
        return {}

    def settle(self, now: int) -> None:
        """Erase what was asked for."""
        for job in self.state.jobs.due(now):
            self.state.payments.pop(job.asked["psp_reference"], None)
            self.state.jobs.end(job, {})

    def held(self) -> Mapping[str, Any]:
        """Return payments, cards, and the payments that were asked to be erased."""
        cards = {shopper: sorted(each) for shopper, each in self.state.cards.items()}
        return {"payments": dict(self.state.payments), "cards": cards, "asked": sorted(self.state.asked)}

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the shape of `Seed`."""
        seed = Seed.model_validate(given)
        self.state.payments |= {each.psp_reference: each.shopper for each in seed.payments}
        for shopper, cards in seed.cards.items():
            self.state.cards.setdefault(shopper, set()).update(cards)

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - its key is the same everywhere
        """Return its key."""
        return {"adyen.key": self._key}

    def _erase(self, call: Call, asked: _Erasure) -> Answer:
        if asked.merchantAccount != MERCHANT:
            return _wrong(403, "901", "Invalid Merchant Account")
        payment = asked.pspReference
        if payment in self.state.asked:
            return said(200, {"result": "ALREADY_PROCESSED"})
        if payment not in self.state.payments:
            return said(200, {"result": "PAYMENT_NOT_FOUND"})
        if self.state.cards.get(self.state.payments[payment]) and not asked.forceErasure:
            return said(200, {"result": "ACTIVE_RECURRING_TOKEN_EXISTS"})
        self.state.asked.add(payment)
        self.state.jobs.start("erase", {"psp_reference": payment}, call.at, self._takes)
        return said(200, {"result": "SUCCESS"})

    def _disable(self, _: Call, asked: _Disabling) -> Answer:
        if asked.merchantAccount != MERCHANT:
            return _wrong(403, "901", "Invalid Merchant Account")
        cards = self.state.cards.get(asked.shopperReference, set())
        one = asked.recurringDetailReference
        if not cards or (one is not None and one not in cards):
            return _wrong(422, "800", "Contract not found")
        cards -= {one} if one is not None else set(cards)
        which = "all-details" if one is None else "detail"
        return said(200, {"response": f"[{which}-successfully-disabled]"})


def _wrong(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    kind = _TYPES.get(status, "internal")
    return said(status, {"status": status, "errorCode": code, "message": message, "errorType": kind}, headers)


def _with(shape: type[BaseModel], does: Callable[[Call, Any], Answer]) -> Callable[[Call], Answer]:
    def read(call: Call) -> Answer:
        try:
            body = call.json()
        except ValueError:
            return _wrong(400, "702", "JSON could not be read")
        try:
            return does(call, shape.model_validate(body))
        except ValidationError:
            return _wrong(422, "702", "Structure of the request is not as specified")

    return read
