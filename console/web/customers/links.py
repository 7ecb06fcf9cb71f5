"""Signed links of the shop: by one, its account page says which of its customers comes. Each is good once, for minutes.

The shop and we share a secret, which is in a file. A link is a text: the payload (JSON, base64url without `=`), a dot, and
HMAC-SHA-256 of `jalki-enter-1.` and that, hexadecimal.
"""

import base64
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.secretfile import read_secret
from console.web.sessions import Customer
from lineage.errors import Misconfigured
from lineage.identifiers import read_identifier
from lineage.masterkey import readable_by_others

LASTS = 5 * 60
"""Seconds for which a link is good."""
SKEW = 30
"""Seconds by which the shop's clock may differ from ours."""
SHORTEST = 32
"""Letters of the shared secret."""
KINDS = frozenset({"customer_id", "email"})
LONGEST = 2_000
MOST = 100_000
"""Links that are remembered as used; beyond that none is taken until some are over."""
MOST_OFFERED = 1_000
_PREFIX = "jalki-enter-1."


class _Payload(BaseModel):
    """What a link says: which customer, when it was made (seconds since 1970), once, and for which console."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    identifier: Annotated[str, Field(min_length=3, max_length=320)]
    made: Annotated[int, Field(ge=0, lt=1 << 40)]
    nonce: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
    to: Annotated[str, Field(max_length=300)]


class Links:
    """The shop's links to the console at `url`. `clock` is in microseconds, UTC. Used from one loop."""

    def __init__(self, key_file: Path, url: str, clock: Callable[[], int]) -> None:
        """Raises: Misconfigured: the secret cannot be used."""
        self._key_file, self._url, self._clock = key_file, url, clock
        self._begun = clock() // 1_000_000
        self._used: OrderedDict[bytes, int] = OrderedDict()
        self._key()

    def taken(self, token: str) -> tuple[str, str] | None:
        """Return the identifier (kind, value) a link is for; None where it is forged, over, used or for somebody else.

        Raises: Misconfigured: the secret cannot be read any more.
        """
        if (payload := self._payload(token)) is None or not self._takes_now(payload):
            return None
        try:
            kind, value = read_identifier(payload.identifier)
        except Misconfigured:
            return None
        return (kind, value) if kind in KINDS else None

    def _payload(self, token: str) -> _Payload | None:
        text, _, signature = token[:LONGEST].partition(".")
        if not hmac.compare_digest(signed(self._key(), text).encode(), signature.encode("utf-8", "surrogateescape")):
            return None
        try:
            return _Payload.model_validate_json(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, ValidationError):  # signed, but none of ours
            return None

    def _takes_now(self, payload: _Payload) -> bool:
        moment = self._clock() // 1_000_000
        while self._used and next(iter(self._used.values())) < moment:
            self._used.popitem(last=False)
        if payload.to != self._url or not moment - LASTS <= payload.made <= moment + SKEW:
            return False
        # Which were used before this program began is not known: none is taken that may have been there then.
        if payload.made < self._begun + SKEW:
            return False
        name = sha256(payload.nonce.encode()).digest()
        if name in self._used or len(self._used) >= MOST:
            return False
        # For the longest that any may be good, so that the oldest is over first.
        self._used[name] = moment + LASTS + SKEW
        return True

    def _key(self) -> bytes:
        secret = read_secret(self._key_file, "the secret that the shop signs links with")
        if readable_by_others(self._key_file):
            raise Misconfigured("the file with the secret of the shop's links can be read by others: chmod 600 it")
        if len(secret) < SHORTEST:
            raise Misconfigured(f"the secret of the shop's links has at least {SHORTEST} letters: draw it at random")
        return secret.encode()


class Offers:
    """Whom a link has brought and who has not come in yet: she sees first whose pages they are. Used from one loop."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._offered: OrderedDict[bytes, tuple[int, Customer]] = OrderedDict()

    def make(self, customer: Customer) -> str:
        """Keep it, and return what the page's form says."""
        offer = secrets.token_urlsafe(32)
        self._offered[_name(offer)] = self._clock() + LASTS * 1_000_000, customer
        while len(self._offered) > MOST_OFFERED:
            self._offered.popitem(last=False)
        return offer

    def take(self, offer: str) -> Customer | None:
        """Return whom it is for, once; None where it is none, or over."""
        ends, customer = self._offered.pop(_name(offer), (0, None))
        return customer if self._clock() < ends else None


def signed(key: bytes, text: str) -> str:
    """Return the signature of a link's payload."""
    return hmac.new(key, (_PREFIX + text).encode("utf-8", "surrogateescape"), sha256).hexdigest()


def _name(offer: str) -> bytes:
    return sha256(offer.encode("utf-8", "surrogateescape")).digest()
