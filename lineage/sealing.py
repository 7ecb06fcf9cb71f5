"""Sealing: what must be kept as it was sent is kept under AES-256-GCM (NIST SP 800-38D). Holds no key itself."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lineage.errors import Misconfigured

KEY = 32
_NONCE = 12


def new_key() -> bytes:
    """Return a random key of 32 bytes."""
    return os.urandom(KEY)


class Seal:
    """Seals and opens under one key. `bound_to` is authenticated: a sealed text moved elsewhere does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Return nonce and ciphertext (28 bytes longer than `plain`)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Return what was sealed.

        Raises:
            Misconfigured: another key, or the bytes were changed or moved.
        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)
        except (InvalidTag, ValueError) as cause:  # ValueError: cut shorter than a nonce
            raise Misconfigured(
                "a sealed value does not open: another key, or the store was changed by hand"
            ) from cause
