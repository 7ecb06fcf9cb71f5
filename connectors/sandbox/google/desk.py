"""Google's login: an assertion signed by a service account is traded for a token. Each vendor has a desk of its own.

The times in an assertion are looked at only as far as they agree with each other: the sandbox's clock may have been put
forward, and that of who calls has not.
"""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.sandbox.calls import Answer, Call, Operation, said
from connectors.sandbox.google.saying import wrong

TOKEN_PATH = "/token"  # noqa: S105 - a path
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS = 3_600
TOKENS_AT_MOST = 1_000
_SECOND = 1_000_000
_KEY_BITS = 2_048
Tokens = dict[str, int]
"""Tokens and when they end, in microseconds. Part of a vendor's state."""


class Desk:
    """Knows one service account, whose key is made when it is first needed."""

    def __init__(self, party: str, scope: str) -> None:
        self._email, self._scope = f"jalki@{party}.iam.gserviceaccount.com", scope
        self._kept: rsa.RSAPrivateKey | None = None
        self._key_id = secrets.token_hex(20)

    def operation(self, tokens: Callable[[], Tokens]) -> Operation:
        """Return where tokens are fetched; `tokens` gives those of the vendor's state."""
        return Operation("POST", TOKEN_PATH, lambda call: self._trade(call, tokens()), open=True, largest=65_536)

    def admits(self, call: Call, tokens: Tokens) -> Answer | None:
        """Return None for a token that is good, else the refusal."""
        until = tokens.get(call.bearer() or "")
        return None if until is not None and call.at < until else wrong(401)

    def key_file(self, url: str) -> str:
        """Return the key file of the service account, as Google makes them."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        told = {
            "type": "service_account",
            "project_id": "jalki-sandbox",
            "private_key_id": self._key_id,
            "private_key": pem.decode(),
            "client_email": self._email,
            "client_id": "100000000000000000000",
            "token_uri": f"{url}{TOKEN_PATH}",
        }
        return json.dumps(told, indent=2)

    @property
    def _key(self) -> rsa.RSAPrivateKey:
        if self._kept is None:
            self._kept = rsa.generate_private_key(65_537, _KEY_BITS)
        return self._kept

    def _trade(self, call: Call, tokens: Tokens) -> Answer:
        try:
            form = dict(call.form())
            claims = self._claims(form.get("assertion", "")) if form.get("grant_type") == GRANT else None
        except (ValueError, TypeError, AttributeError, InvalidSignature):
            claims = None
        if claims is None or not self._fit(claims):
            return said(400, {"error": "invalid_grant", "error_description": "Invalid JWT."})
        if self._scope not in str(claims.get("scope", "")).split():
            return said(400, {"error": "invalid_scope", "error_description": "Invalid scope."})
        token = f"ya29.{secrets.token_urlsafe(48)}"
        tokens[token] = call.at + LASTS * _SECOND
        while len(tokens) > TOKENS_AT_MOST:
            del tokens[next(iter(tokens))]
        return said(200, {"access_token": token, "expires_in": LASTS - 1, "token_type": "Bearer"})

    def _claims(self, assertion: str) -> Mapping[str, Any]:
        head, claims, signature = assertion.split(".")
        header = json.loads(_bytes(head))
        if header.get("alg") != "RS256" or header.get("kid") != self._key_id:
            raise ValueError("another key")
        signed = f"{head}.{claims}".encode()
        self._key.public_key().verify(_bytes(signature), signed, padding.PKCS1v15(), hashes.SHA256())
        found = json.loads(_bytes(claims))
        if not isinstance(found, dict):
            raise TypeError("no claims")
        return found

    def _fit(self, claims: Mapping[str, Any]) -> bool:
        begins, ends, audience = claims.get("iat"), claims.get("exp"), str(claims.get("aud", ""))
        times = isinstance(begins, int) and isinstance(ends, int) and 0 < ends - begins <= LASTS
        return times and claims.get("iss") == self._email and audience.endswith(TOKEN_PATH)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
