"""PayPal's vault, version 3: stored payment methods are read and deleted. Tokens of OAuth 2, which end."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from connectors.sandbox.calls import Answer, Call, Operation, nothing, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.limits import Limit, Standing
from connectors.sandbox.tokens import Tokens, asks_for_token

TOKEN = "/v1/oauth2/token"  # noqa: S105 - a path
PAYMENT_TOKEN = "/v3/vault/payment-tokens/{id}"  # noqa: S105 - a path
LIMIT = Limit("calls", 600, 60)
"""Assumed: no specification says how often it may be called."""
_ID = re.compile(r"[0-9a-zA-Z_-]{7,36}")
_NAMES = {
    400: "INVALID_REQUEST",
    401: "AUTHENTICATION_FAILURE",
    403: "NOT_AUTHORIZED",
    404: "RESOURCE_NOT_FOUND",
    422: "UNPROCESSABLE_ENTITY",
    429: "RATE_LIMIT_REACHED",
    500: "INTERNAL_SERVER_ERROR",
}


@dataclass
class State:
    """Payment tokens, and the tokens that are logged in with."""

    tokens: Tokens
    stored: dict[str, str] = field(default_factory=dict)
    """By id, the customer's."""


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    id: Annotated[str, Field(pattern=r"^[0-9a-zA-Z_-]{7,36}$")]
    customer: Annotated[str, Field(pattern=r"^[0-9a-zA-Z_-]{7,22}$")] = "customer-1"


class Seed(BaseModel):
    """What a sandbox is seeded with."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    payment_tokens: Annotated[list[_Stored], Field(max_length=100_000)] = []


class PayPal:
    """PayPal. What logs in ends after `token_seconds`."""

    name = "paypal"

    def __init__(self, clock: Clock, *, token_seconds: int = 32_400) -> None:
        self.state: Any = State(Tokens(f"A{secrets.token_urlsafe(24)}", secrets.token_urlsafe(32), token_seconds))
        self.operations = (
            Operation("POST", TOKEN, self._token, open=True, limits=(LIMIT,), largest=64 * 1024),
            Operation("GET", PAYMENT_TOKEN, self._get, limits=(LIMIT,)),
            Operation("DELETE", PAYMENT_TOKEN, self._delete, limits=(LIMIT,)),
        )
        self._clock = clock

    def admits(self, call: Call) -> Answer | None:
        """Want a token that has not ended."""
        return None if self.state.tokens.good(call) else self.trouble(401, None)

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Say what is wrong."""
        told = {
            "name": _NAMES.get(status, "ERROR"),
            "message": "The sandbox has it so.",
            "debug_id": secrets.token_hex(7),
        }
        return said(status, told, {"Retry-After": str(wait)} if wait is not None else {})

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - no header tells of limits
        """Tell nothing."""
        return {}

    def settle(self, now: int) -> None:
        """Nothing takes time here."""

    def held(self) -> Mapping[str, Any]:
        """Return the ids of what is stored."""
        return {"payment_tokens": sorted(self.state.stored)}

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the shape of `Seed`."""
        self.state.stored |= {each.id: each.customer for each in Seed.model_validate(given).payment_tokens}

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - they are the same everywhere
        """Return client and secret."""
        return {"paypal.client": self.state.tokens.client, "paypal.secret": self.state.tokens.secret}

    def _token(self, call: Call) -> Answer:
        if not asks_for_token(call):
            return said(400, {"error": "unsupported_grant_type", "error_description": "client_credentials is wanted"})
        token = self.state.tokens.give(call)
        if token is None:
            return said(401, {"error": "invalid_client", "error_description": "Client Authentication failed"})
        return said(
            200, {"access_token": token, "token_type": "Bearer", "expires_in": self.state.tokens.seconds, "scope": ""}
        )

    def _get(self, call: Call) -> Answer:
        if not _ID.fullmatch(call.path["id"]):
            return self.trouble(422, None)
        customer = self.state.stored.get(call.path["id"])
        if customer is None:
            return self.trouble(404, None)
        return said(200, {"id": call.path["id"], "customer": {"id": customer}})

    def _delete(self, call: Call) -> Answer:
        """Delete it; whoever asks again is told the same."""
        if not _ID.fullmatch(call.path["id"]):
            return self.trouble(400, None)
        self.state.stored.pop(call.path["id"], None)
        return nothing()
