"""A throw-away certificate authority: it signs a server's certificate and a client's, and is forgotten."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's certificate as a PEM file, and what it has signed."""

    ca: Path
    server: Identity
    client: Identity


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: str, key: ec.EllipticCurvePrivateKey, issuer: str) -> x509.CertificateBuilder:
    at = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - LIFE)
        .not_valid_after(at + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def key_usage(*, signs: bool) -> x509.KeyUsage:
    """What a key is for: to sign certificates, or to prove who somebody is."""
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes) -> Path:
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def _identity(folder: Path, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Identity:
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Identity(
        _write(folder / f"{name}.crt", certificate.public_bytes(pem)), _write(folder / f"{name}.key", secret)
    )


def new_authority(folder: Path, *, host: str = "127.0.0.1", client: str = "shop") -> Authority:
    """Make an authority, a certificate for a server at localhost and `host`, and one for the client of this name."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    own = (
        _builder("Test authority", key, "Test authority")
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )

    def signed(name: str, subject: str, purpose: x509.ObjectIdentifier) -> Identity:
        its = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
        certificate = (
            _builder(subject, its, "Test authority")
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(signs=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
            .add_extension(issuer, critical=False)
            .sign(key, hashes.SHA256())
        )
        return _identity(folder, name, certificate, its)

    server = signed("server", "localhost", ExtendedKeyUsageOID.SERVER_AUTH)
    return Authority(
        _identity(folder, "ca", own, key).certificate,
        server,
        signed("client", client, ExtendedKeyUsageOID.CLIENT_AUTH),
    )


def _names(host: str) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    try:
        return [*names, x509.IPAddress(ipaddress.ip_address(host))]
    except ValueError:
        return [*names, x509.DNSName(host)]
