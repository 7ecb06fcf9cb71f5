"""Links in letters: nobody can guess or forge one, each is for one task, one party, one action and one letter, and ends.

A token is made of what it stands for and an HMAC-SHA-256 over it; nothing is kept of it. That it works once is seen to by
`connectors.answers.Answers`, which knows it by its hash. It holds no personal data.
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from connectors.answers import Asked, once_of
from lineage.cases.orders import Order
from lineage.errors import Misconfigured, Refused

SECRET = 32
"""Bytes of a secret that links are signed with, at least."""
_FORM = struct.Struct(">B16sHQ16s")  # version, order key, letter, end (seconds), whom and what it is bound to
_VERSION = 1
_SEAL = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{100}")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of ours: for which task (`key` is an `Order.key`), of which letter, until when (microseconds UTC)."""

    key: str
    letter: int
    ends: int
    once: str
    bound: bytes

    def is_for(self, asked: Asked) -> bool:
        """Tell whether it was made for this party and action."""
        return hmac.compare_digest(self.bound, _bound(asked.party, asked.action))


class Links:
    """Makes and reads links. The first secret signs; the others are still believed, so that a secret can be changed."""

    def __init__(self, address: str, secrets: Sequence[bytes]) -> None:
        """`address` is where the public pages are, `https://…`. Raises: Misconfigured: no address, or a short secret."""
        if not secrets or any(len(secret) < SECRET for secret in secrets):
            raise Misconfigured(
                f"the secret that links are signed with has fewer than {SECRET} bytes: make a longer one"
            )
        if not re.fullmatch(r"https?://[^\s/?#@]+(?:/[^\s?#]*)?", address):
            raise Misconfigured("the address of the public pages is not a URL: give https://host, with its path if any")
        self._address, self._secrets = address.rstrip("/"), tuple(secrets)

    def url(self, order: Order, letter: int, ends: int) -> str:
        """Return the link of one letter of a task. The same letter has the same link."""
        return f"{self._address}/confirm/{self.token(order, letter, ends)}"

    def token(self, order: Order, letter: int, ends: int) -> str:
        """Return the token of one letter of a task; `ends` is microseconds UTC. Raises: Refused: its key is no UUID."""
        try:
            key = UUID(order.key).bytes
        except ValueError as cause:
            raise Refused("the key of this task is not a UUID: it cannot be put into a link") from cause
        said = _FORM.pack(_VERSION, key, letter, ends // 1_000_000, _bound(order.party, order.action))
        return base64.urlsafe_b64encode(said + _seal(self._secrets[0], said)).decode("ascii")

    def read(self, token: str) -> Link | None:
        """Return what a token of ours stands for, ended ones too; None for anything else."""
        if not _TOKEN.fullmatch(token):
            return None
        raw = base64.urlsafe_b64decode(token)
        said, seal = raw[:-_SEAL], raw[-_SEAL:]
        if not any(hmac.compare_digest(seal, _seal(secret, said)) for secret in self._secrets):
            return None
        version, key, letter, ends, bound = _FORM.unpack(said)
        if version != _VERSION:
            return None
        return Link(str(UUID(bytes=key)), letter, ends * 1_000_000, once_of("link", raw), bound)


def _seal(secret: bytes, said: bytes) -> bytes:
    return hmac.digest(secret, b"jalki link\0" + said, hashlib.sha256)


def _bound(party: str, action: str) -> bytes:
    return hashlib.sha256(f"{party}\0{action}".encode()).digest()[:16]
