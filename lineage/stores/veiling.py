"""Veils rows about people: a keyed hash to find a row by, and all the rest of it sealed. Asks and keeps nothing itself."""

import hmac
import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from lineage.sealing import Seal

# As long as a pseudonym: half the index of a whole hash, and no two are ever the same.
_LENGTH = 16
_BLOCK = sha256().block_size
# What is sealed is filled up to a multiple of so many bytes: its length would tell one party or case from another.
_EVEN = 256


class Veil:
    """Names and seals rows of tables under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._hashing = hmac.digest(key, b"hashing", "sha256")
        self._seal = Seal(hmac.digest(key, b"sealing", "sha256"))

    def hashed(self, purpose: bytes, *parts: bytes) -> bytes:
        """Return 16 bytes that only the key's owner can make, or match with those parts (HMAC-SHA-256).

        For one purpose the number of parts must always be the same.
        """
        # The first part is a pseudonym: with but one there is nothing to tell apart.
        message = parts[0] if len(parts) == 1 else b"".join(len(part).to_bytes(4) + part for part in parts)
        return self.hashed_each(purpose, (message,))[0]

    def hashed_each(self, purpose: bytes, keys: Iterable[bytes]) -> list[bytes]:
        """Return what `hashed` makes of each key alone: 10,000 a batch."""
        # HMAC (RFC 2104) as `hmac` makes it, going on from copies: beginning anew with the key takes three times as long.
        inner = sha256(self._hashing.ljust(_BLOCK, b"\0").translate(hmac.trans_36) + purpose + b"\0")
        outer = sha256(self._hashing.ljust(_BLOCK, b"\0").translate(hmac.trans_5C))
        begun, ended, hashes = inner.copy, outer.copy, []
        for key in keys:
            within, around = begun(), ended()
            within.update(key)
            around.update(within.digest())
            hashes.append(around.digest()[:_LENGTH])
        return hashes

    def sealed(self, row: tuple[Any, ...], bound_to: bytes) -> bytes:
        """Return a row of texts, numbers and bytes sealed, of a length that tells next to nothing."""
        plain = json.dumps([each.hex() if isinstance(each, bytes) else each for each in row]).encode()
        return self._seal.seal(plain.ljust(-len(plain) // _EVEN * -_EVEN), bound_to)

    def opened(self, sealed: bytes, bound_to: bytes) -> list[Any]:
        """Return what was sealed, bytes as hexadecimal text. Raises: Misconfigured: it does not open."""
        return list(json.loads(self._seal.open(sealed, bound_to)))
