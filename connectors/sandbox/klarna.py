"""Klarna: customer tokens are read and cancelled, the shipping address of an order is changed. By its documentation alone."""

import base64
import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.sandbox.calls import Answer, Call, Operation, nothing, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.jobs import Jobs
from connectors.sandbox.limits import Limit, Standing

TOKEN = "/customer-token/v1/tokens/{token}"  # noqa: S105 - a path
STATUS = f"{TOKEN}/status"
ORDER = "/ordermanagement/v1/orders/{id}"
CUSTOMER = f"{ORDER}/customer-details"
LIMIT = Limit("calls", 200, 1)
"""As its page on rate limits says of operations that are none of these: of a merchant, in a second."""
_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
_CODES = {
    401: "UNAUTHORIZED",
    404: "NOT_FOUND",
    405: "NOT_ALLOWED",
    413: "REQUEST_TOO_LARGE",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_SERVER_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
Line = Annotated[str, Field(max_length=100)]
_POSTCODES = re.compile(r"[0-9A-Za-z -]{3,10}")


class _Status(BaseModel):
    model_config = _CLOSED
    status: str


class _Address(BaseModel):
    model_config = _CLOSED
    given_name: Line | None = None
    family_name: Line | None = None
    street_address: Line | None = None
    postal_code: Line | None = None
    city: Line | None = None
    region: Line | None = None
    country: Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")] | None = None


class _Details(BaseModel):
    model_config = _CLOSED
    shipping_address: _Address | None = None
    billing_address: _Address | None = None


class Seed(BaseModel):
    """What a sandbox is seeded with: the status of tokens, the shipping address of orders, and those it lets nobody change."""

    model_config = _CLOSED
    tokens: dict[str, str] = {}
    orders: dict[str, dict[str, str]] = {}
    closed: list[str] = []


@dataclass
class State:
    """Tokens by id, orders by id, and what was answered to a key within the day."""

    tokens: dict[str, str] = field(default_factory=dict)
    orders: dict[str, dict[str, str]] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    jobs: Jobs = field(default_factory=Jobs)


class Klarna:
    """Klarna. A cancellation takes `job_seconds`."""

    name = "klarna"

    def __init__(self, clock: Clock, *, job_seconds: float = 5) -> None:
        self.state: Any = State()
        self.operations = (
            Operation("GET", TOKEN, self._token, limits=(LIMIT,)),
            Operation("PATCH", STATUS, self._cancel, limits=(LIMIT,)),
            Operation("GET", ORDER, self._order, limits=(LIMIT,)),
            Operation("PATCH", CUSTOMER, self._change, limits=(LIMIT,)),
        )
        self._clock, self._takes = clock, int(job_seconds * 1_000_000)
        self._user, self._password = f"PK{secrets.token_hex(6)}", secrets.token_urlsafe(32)

    def admits(self, call: Call) -> Answer | None:
        """Want user and password."""
        wanted = "Basic " + base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
        given = call.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        return None if secrets.compare_digest(given, wanted.encode()) else self.trouble(401, None)

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Say what is wrong."""
        return _wrong(status, _CODES.get(status, "BAD_VALUE"), {"Retry-After": str(wait)} if wait is not None else {})

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - no header tells of limits
        """Tell nothing."""
        return {}

    def settle(self, now: int) -> None:
        """Cancel tokens."""
        for job in self.state.jobs.due(now):
            self.state.tokens[job.asked["token"]] = "CANCELLED"
            self.state.jobs.end(job, {})

    def held(self) -> Mapping[str, Any]:
        """Return tokens with their status, and orders with their shipping address."""
        return {"tokens": dict(self.state.tokens), "orders": dict(self.state.orders)}

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the shape of `Seed`."""
        seed = Seed.model_validate(given)
        self.state.tokens |= seed.tokens
        self.state.orders |= {id_: dict(address) for id_, address in seed.orders.items()}
        self.state.closed |= set(seed.closed)

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - they are the same everywhere
        """Return user and password."""
        return {"klarna.user": self._user, "klarna.password": self._password}

    def _token(self, call: Call) -> Answer:
        status = self.state.tokens.get(call.path["token"])
        if status is None:
            return _wrong(404, "NOT_FOUND")
        return said(200, {"status": status, "payment_method_type": "INVOICE"})

    def _cancel(self, call: Call) -> Answer:
        try:
            asked = _Status.model_validate(call.json())
        except ValueError:
            return _wrong(400, "BAD_VALUE")
        if asked.status != "CANCELLED":
            return _wrong(400, "BAD_VALUE")
        if call.path["token"] not in self.state.tokens:
            return _wrong(404, "NOT_FOUND")
        self.state.jobs.start("cancel", {"token": call.path["token"]}, call.at, self._takes)
        return Answer(202)

    def _order(self, call: Call) -> Answer:
        address = self.state.orders.get(call.path["id"])
        if address is None:
            return _wrong(404, "NO_SUCH_ORDER")
        return said(200, {"order_id": call.path["id"], "status": "AUTHORIZED", "shipping_address": address})

    def _change(self, call: Call) -> Answer:
        try:
            asked = _Details.model_validate(call.json())
        except (ValueError, ValidationError):
            return _wrong(422, "UNPROCESSABLE_ENTITY")
        if call.path["id"] not in self.state.orders:
            return _wrong(404, "NO_SUCH_ORDER")
        if asked.billing_address is not None or call.path["id"] in self.state.closed:
            return _wrong(403, "NOT_ALLOWED")
        new = asked.shipping_address.model_dump(exclude_none=True) if asked.shipping_address else {}
        if not _POSTCODES.fullmatch(new.get("postal_code", "00100")):
            return _wrong(422, "INVALID_ADDRESS")
        self.state.orders[call.path["id"]] |= new
        return nothing()


def _wrong(status: int, code: str, headers: Mapping[str, str] | None = None) -> Answer:
    told = {"correlation_id": str(uuid.uuid4()), "error_code": code, "error_messages": ["the sandbox has it so"]}
    return said(status, told, headers)
