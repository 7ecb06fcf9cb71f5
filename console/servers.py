"""The settings of servers: Kafka, schema registry, Neo4j, PostgreSQL, and where a worker listens. Connects to nothing.

Every secret comes from a file: arguments and environment are seen by others, and end up in logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lineage.errors import Misconfigured
from streams.kafka.access import KafkaAccess

SERVERS: Mapping[str, str] = {
    "JALKI_KAFKA": "Kafka's addresses, `host:port`, several with commas. Default: the stream is embedded, in the data folder.",
    "JALKI_KAFKA_SECURITY": "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL. Default: PLAINTEXT; SASL_SSL where there is a user.",
    "JALKI_KAFKA_SASL": "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. Default: SCRAM-SHA-512.",
    "JALKI_KAFKA_USER": "Who we are to Kafka.",
    "JALKI_KAFKA_PASSWORD_FILE": "File with that user's password.",
    "JALKI_KAFKA_CA_FILE": "PEM file with the authority that vouches for Kafka. Default: the system's.",
    "JALKI_KAFKA_CERTIFICATE_FILE": "PEM file with a client certificate of our own.",
    "JALKI_KAFKA_KEY_FILE": "PEM file with the certificate's private key.",
    "JALKI_SCHEMA_REGISTRY": "URL of a schema registry, for records in the Confluent wire format.",
    "JALKI_SCHEMA_REGISTRY_USER": "Who we are to the registry.",
    "JALKI_SCHEMA_REGISTRY_PASSWORD_FILE": "File with that user's password.",
    "JALKI_SCHEMA_REGISTRY_CA_FILE": "PEM file with the authority that vouches for the registry. Default: the system's.",
    "JALKI_NEO4J": "Neo4j's address, such as `neo4j+s://graph.example:7687`. Default: the graph is embedded, in the data folder.",
    "JALKI_NEO4J_USER": "Who we are to Neo4j.",
    "JALKI_NEO4J_PASSWORD_FILE": "File with that user's password.",
    "JALKI_NEO4J_DATABASE": "The database. Default: the user's home database.",
    "JALKI_NEO4J_CA_FILE": "PEM file with the authority that vouches for Neo4j; TLS for a `bolt://` or `neo4j://` address.",
    "JALKI_KEYRING": "The key ring's PostgreSQL, `postgresql://user@host:port/database`. Default: `keys.db` in the data folder.",
    "JALKI_KEYRING_PASSWORD_FILE": "File with that user's password.",
    "JALKI_LISTEN": "Where a worker shows health and metrics; `off`: nowhere. Default: `127.0.0.1:9464`.",
    "JALKI_MEMBER": "A worker's static membership id, its own for each: one that comes back has its partitions at once.",
}
_SECURITY = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_SASL = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_LISTEN = "127.0.0.1:9464"
_LAST_PORT = 65_535
_LARGEST_SECRET = 4_096


@dataclass(frozen=True, slots=True)
class Login:
    """An address with what it takes to be let in. The password is never shown."""

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers to use; None for what is embedded, or not there."""

    kafka: KafkaAccess | None = None
    registry: Login | None = None
    neo4j: Login | None = None
    keyring: Login | None = None
    listen: tuple[str, int] | None = ("127.0.0.1", 9464)
    member: str | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing is left that would be kept in the data folder."""
        return None not in (self.kafka, self.neo4j, self.keyring)


def read_servers(given: Mapping[str, str]) -> Servers:
    """Read the servers' settings, of those that are set.

    Raises: Misconfigured: one that cannot be used, or that misses another.
    """
    for name in ("JALKI_KAFKA", "JALKI_SCHEMA_REGISTRY", "JALKI_NEO4J", "JALKI_KEYRING"):
        if name not in given and (more := sorted(each for each in given if each.startswith(name + "_"))):
            raise Misconfigured(f"{more[0]} is set without {name}")
    return Servers(
        kafka=_kafka(given) if "JALKI_KAFKA" in given else None,
        registry=_login(given, "JALKI_SCHEMA_REGISTRY"),
        neo4j=_login(given, "JALKI_NEO4J"),
        keyring=_login(given, "JALKI_KEYRING"),
        listen=_listen(given.get("JALKI_LISTEN", _LISTEN)),
        member=given.get("JALKI_MEMBER"),
    )


def _kafka(given: Mapping[str, str]) -> KafkaAccess:
    user = given.get("JALKI_KAFKA_USER")
    security = given.get("JALKI_KAFKA_SECURITY", "SASL_SSL" if user else "PLAINTEXT").upper()
    if security not in _SECURITY:
        raise Misconfigured(f"JALKI_KAFKA_SECURITY is one of {', '.join(_SECURITY)}")
    sasl = given.get("JALKI_KAFKA_SASL", "SCRAM-SHA-512").upper() if security.startswith("SASL") else None
    if sasl and sasl not in _SASL:
        raise Misconfigured(f"JALKI_KAFKA_SASL is one of {', '.join(_SASL)}")
    password = _secret(given, "JALKI_KAFKA_PASSWORD_FILE")
    if sasl and not (user and password):
        raise Misconfigured("with SASL, JALKI_KAFKA_USER and JALKI_KAFKA_PASSWORD_FILE must be set")
    return KafkaAccess(
        servers=tuple(address_of(each.strip(), "JALKI_KAFKA") for each in given["JALKI_KAFKA"].strip(", ").split(",")),
        security=security,
        sasl=sasl,
        user=user,
        password=password,
        ca_file=existing_file(given, "JALKI_KAFKA_CA_FILE"),
        certificate_file=existing_file(given, "JALKI_KAFKA_CERTIFICATE_FILE"),
        key_file=existing_file(given, "JALKI_KAFKA_KEY_FILE"),
    )


def _login(given: Mapping[str, str], name: str) -> Login | None:
    if name not in given:
        return None
    return Login(
        url=given[name],
        user=given.get(f"{name}_USER"),
        password=_secret(given, f"{name}_PASSWORD_FILE"),
        database=given.get(f"{name}_DATABASE"),
        ca_file=existing_file(given, f"{name}_CA_FILE"),
    )


def _secret(given: Mapping[str, str], name: str) -> str | None:
    if name not in given:
        return None
    try:
        with Path(given[name]).open(encoding="utf-8") as file:
            secret = file.read(_LARGEST_SECRET).strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"the file that {name} names cannot be read") from cause
    if not secret:
        raise Misconfigured(f"the file that {name} names is empty")
    return secret


def existing_file(given: Mapping[str, str], name: str) -> Path | None:
    """Return the file a setting names, None where it is not set. Raises: Misconfigured: there is no such file."""
    if name not in given:
        return None
    if not (path := Path(given[name])).is_file():
        raise Misconfigured(f"{name} names a file that does not exist")
    return path


def _listen(text: str) -> tuple[str, int] | None:
    if text.lower() == "off":
        return None
    parts = urlsplit(f"//{address_of(text, 'JALKI_LISTEN')}")
    return str(parts.hostname), int(parts.port or 0)


def address_of(text: str, name: str) -> str:
    """Check `host:port`. Its text is not told: whoever mistakes it may have written a password there."""
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port
    except ValueError:
        port, parts = None, urlsplit("//")
    if not parts.hostname or port is None or parts.username or parts.path or not 0 <= port <= _LAST_PORT:
        raise Misconfigured(f"{name} is host:port, such as 127.0.0.1:9092")
    return text
