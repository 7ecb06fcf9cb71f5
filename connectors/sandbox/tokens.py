"""Client credentials of OAuth 2 (RFC 6749 §4.4): a vendor's tokens, given out and looked at. Part of its state."""

import base64
import binascii
import secrets

from connectors.sandbox.calls import Call

SECOND = 1_000_000
TOKENS_AT_MOST = 1_000


class Tokens:
    """The newest thousand, each with the microsecond that it ends at."""

    def __init__(self, client: str, secret: str, seconds: int) -> None:
        self.client, self.secret, self.seconds = client, secret, seconds
        self._ends: dict[str, int] = {}

    def give(self, call: Call) -> str | None:
        """Return a new token for a call that has client and secret, and asks as it must; None: it has not."""
        given = f"{self.client}:{self.secret}".encode()
        if not secrets.compare_digest(_basic(call), given):
            return None
        token = secrets.token_urlsafe(32)
        self._ends[token] = call.at + self.seconds * SECOND
        while len(self._ends) > TOKENS_AT_MOST:
            del self._ends[next(iter(self._ends))]
        return token

    def good(self, call: Call) -> bool:
        """Tell whether a call bears a token that has not ended."""
        return call.at < self._ends.get(call.bearer() or "", 0)


def asks_for_token(call: Call) -> bool:
    """Tell whether a form asks for a token by client credentials."""
    try:
        return dict(call.form()).get("grant_type") == "client_credentials"
    except ValueError:
        return False


def _basic(call: Call) -> bytes:
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    try:
        return base64.b64decode(given, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""
