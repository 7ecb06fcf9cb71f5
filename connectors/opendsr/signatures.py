"""Signatures of OpenDSR messages, and the certificates they are believed by. Knows no HTTP. Cryptography has a home here.

A certificate must come from an authority we trust, be valid now, be for the party's domain, and, where the party is pinned,
be one of those named. Whether it was revoked is not looked up: a pin that is taken away is how we stop believing it.
"""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from lineage.errors import Misconfigured, Refused

DOMAIN_HEADER = "X-OpenDSR-Processor-Domain"
SIGNATURE_HEADER = "X-OpenDSR-Signature"
LARGEST_SIGNATURE = 4_096
_MOST_CERTIFICATES = 8


@dataclass(frozen=True, slots=True)
class Authorities:
    """Whose certificates are believed."""

    store: Store

    @classmethod
    def of(cls, ca_file: Path) -> "Authorities":
        """Read authorities from a PEM file. Raises: Misconfigured: it cannot be read or holds none."""
        try:
            return cls(Store(x509.load_pem_x509_certificates(ca_file.read_bytes())))
        except (OSError, ValueError) as cause:
            raise Misconfigured("the file with the authorities of OpenDSR certificates holds none in PEM") from cause


@dataclass(frozen=True, slots=True)
class Vouched:
    """A certificate that was checked, by which a party's signatures are. `ends` is microseconds UTC."""

    pem: bytes
    fingerprint: str
    ends: int
    key: rsa.RSAPublicKey

    def signed(self, signature: str, body: bytes) -> bool:
        """Tell whether a Base64 signature is one of this certificate over a raw body."""
        raw = _raw(signature)
        return raw is not None and _matches(self.key, raw, _digest(body))


def vouched(pem: bytes, domain: str, authorities: Authorities, pins: Collection[str], at: int) -> Vouched:
    """Check a party's certificate; the rest of the chain may follow it. `pins` are SHA-256 fingerprints in hex; none: any.

    Raises: Refused: it is not for this domain, not valid at that time (microseconds UTC), not of these authorities, not
    pinned, or has no RSA key.
    """
    try:
        first, *others = x509.load_pem_x509_certificates(pem)[:_MOST_CERTIFICATES]
        policy = PolicyBuilder().store(authorities.store).time(datetime.fromtimestamp(at / 1_000_000, UTC))
        policy.build_server_verifier(x509.DNSName(domain)).verify(first, others)
        key = first.public_key()
    except (ValueError, VerificationError) as cause:
        raise Refused(
            "the OpenDSR certificate of this party does not verify: ask the party for the right one"
        ) from cause
    fingerprint = first.fingerprint(hashes.SHA256()).hex()
    if pins and fingerprint not in pins:
        raise Refused(
            "the OpenDSR certificate of this party is not one it is pinned to: ask the party, then change its pins"
        )
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused("the OpenDSR certificate of this party has no RSA key: ask the party for one that has")
    return Vouched(pem, fingerprint, int(first.not_valid_after_utc.timestamp() * 1_000_000), key)


class Signer:
    """Signs what we answer as a processor."""

    def __init__(self, domain: str, certificate_file: Path, key_file: Path) -> None:
        """Raises: Misconfigured: a file that cannot be read, no RSA key, or one that is not the certificate's."""
        try:
            self.certificate = certificate_file.read_bytes()
            key = load_pem_private_key(key_file.read_bytes(), password=None)
            ours = x509.load_pem_x509_certificates(self.certificate)[0]
        except (OSError, ValueError, TypeError) as cause:
            raise Misconfigured("our OpenDSR certificate or its key cannot be read as PEM: check both files") from cause
        if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != ours.public_key():
            raise Misconfigured("our OpenDSR key is not the RSA key of our OpenDSR certificate: give the pair")
        self.domain, self._key, self._ours = domain, key, ours

    def check(self) -> None:
        """Make sure that others can believe what is signed so (specification §4.1, §8.3).

        Raises: Misconfigured: the certificate is for another domain, or nobody but ourselves vouches for it.
        """
        if self._ours.issuer == self._ours.subject:
            raise Misconfigured(
                "our OpenDSR certificate is self-signed: have it issued by an authority the companies trust"
            )
        if self.domain.lower() not in _domains(self._ours):
            raise Misconfigured(
                "our OpenDSR certificate is for another host than JALKI_WEB_URL: have one issued for that"
            )

    def headers(self, body: bytes) -> dict[str, str]:
        """Return the two headers of a message with this raw body."""
        signature = self._key.sign(body, padding.PKCS1v15(), hashes.SHA256())
        return {DOMAIN_HEADER: self.domain, SIGNATURE_HEADER: base64.b64encode(signature).decode("ascii")}


def signed_digest(vouching: Vouched, signature: str, digest: bytes) -> bool:
    """Tell the same of a body of which only the SHA-256 was kept: evidence outlives what must not be stored."""
    raw = _raw(signature)
    return raw is not None and _matches(vouching.key, raw, digest)


def _domains(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {each.lower() for each in names.get_values_for_type(x509.DNSName)}


def _matches(key: rsa.RSAPublicKey, signature: bytes, digest: bytes) -> bool:
    try:
        key.verify(signature, digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _digest(body: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(body)
    return digest.finalize()


def _raw(signature: str) -> bytes | None:
    if len(signature) > LARGEST_SIGNATURE:
        return None
    try:
        return base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
