"""Signatures: Ed25519 (RFC 8032) over canonical JSON, each purpose under a name of its own. Holds no key itself."""

import hashlib
import re
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from lineage.cases.canonical import canonical
from lineage.errors import Misconfigured

KEY_NAME = b"company:signing"
"""What the company's seed (32 random bytes) is called in the key ring."""
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


def public_key(seed: bytes) -> bytes:
    """Return the public key (32 bytes) that belongs to a seed (32 bytes)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def public_pem(seed: bytes) -> bytes:
    """Return the public key as PEM (SubjectPublicKeyInfo, RFC 8410): what is given to those who verify."""
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public_pem(text: bytes) -> bytes:
    """Return the public key (32 bytes) in a PEM file. Raises: Misconfigured: there is no Ed25519 public key in it."""
    try:
        key = load_pem_public_key(text)
    except (ValueError, TypeError) as cause:
        raise Misconfigured("the key file holds no public key: give the PEM file the company has published") from cause
    if not isinstance(key, Ed25519PublicKey):
        raise Misconfigured("the key file holds a key of another kind: Ed25519 is needed")
    return key.public_bytes_raw()


def fingerprint(public: bytes) -> str:
    """Return what a key is told by: SHA-256 of its 32 bytes, hexadecimal."""
    return hashlib.sha256(public).hexdigest()


def sign(seed: bytes, purpose: str, told: Any) -> str:  # noqa: ANN401 - any JSON
    """Return the signature of a JSON value for a purpose, hexadecimal. It holds for no other purpose."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(_signed(purpose, told)).hex()


def sign_message(seed: bytes, message: bytes) -> bytes:
    """Return the Ed25519 signature (64 bytes) of a message as it is, for protocols that say themselves what is signed."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def is_signed(public: bytes, purpose: str, told: Any, signature: str) -> bool:  # noqa: ANN401 - any JSON
    """Tell whether the holder of the key has signed this for this purpose. Of a signature one spelling counts."""
    try:
        if not _SIGNATURE.fullmatch(signature):
            return False
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature), _signed(purpose, told))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _signed(purpose: str, told: Any) -> bytes:  # noqa: ANN401 - any JSON
    return purpose.encode() + b"\0" + canonical(told)
