"""Makes the certificate that the sandbox shows where others reach it, and the authority that vouches for it alone.

The authority's key is forgotten as soon as it has signed: whoever believes it believes this run of the sandbox, and no
vendor. Keys are in memory, but for the moment in which the TLS library reads one from a file of the owner's.
"""

import datetime as dt
import ipaddress
import re
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lineage.errors import Misconfigured

_VALID = dt.timedelta(days=397)
_EARLIER = dt.timedelta(hours=1)
"""Clocks of those who call may be behind."""
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class Others:
    """How others than programs of this machine reach the sandbox: by a name, over TLS.

    `authority` is the certificate, in PEM, by which they know it.
    """

    name: str
    authority: str
    context: ssl.SSLContext = field(repr=False)


def others(name: str) -> Others:
    """Return what it takes to serve others who reach this machine by a host name or an address.

    It is good for this machine by its loopback addresses too. Raises: Misconfigured: it is no name of a host.
    """
    named = _general_name(name)
    now = dt.datetime.now(dt.UTC)
    key, signer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(signer, now)
    loopback = [_general_name(each) for each in ("localhost", "127.0.0.1", "::1")]
    certificate = (
        _builder("Sandbox", authority.subject, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName(list(dict.fromkeys([named, *loopback]))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return Others(name, _pem(authority), _context(certificate, key))


def _authority(signer: ec.EllipticCurvePrivateKey, now: dt.datetime) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of a sandbox, never of a vendor")])
    return (
        _builder("Authority of a sandbox, never of a vendor", subject, signer.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


def _builder(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _VALID)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        if len(name) > 253 or not _NAME.fullmatch(name):
            raise Misconfigured(
                "--host is the name or address by which others reach this machine, without a port"
            ) from None
        return x509.DNSName(name)


def _context(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    with tempfile.TemporaryDirectory(prefix="jalki-sandbox-") as folder:
        file = Path(folder) / "certificate.pem"
        file.touch(mode=0o600)
        file.write_text(_pem(certificate) + private, "ascii")
        context.load_cert_chain(file)
    return context


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
