"""Reaching Neo4j: address, user and TLS; one session; and what the driver's and the server's errors mean to us.

Server messages may quote parameters, so that none of their text goes on: only their codes decide.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from threading import Event
from typing import Any, LiteralString, TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j import exceptions as faults

from lineage.errors import JalkiError, Misconfigured, Refused, Retryable

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 120.0
"""How long one transaction may take on the server before it ends it."""
_CLASHES = 12
"""How often a statement that another writer is in the way of is tried."""
_at_random = SystemRandom().uniform

Answer = TypeVar("Answer")

_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


@dataclass(frozen=True, slots=True)
class Neo4jAccess:
    """Where the server is and who we are to it. With `ca_file` it is always TLS, verified by that authority."""

    uri: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        """Check the address. Raises: Misconfigured."""
        parts = urlsplit(self.uri)
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise Misconfigured(f"JALKI_NEO4J is an address such as bolt://127.0.0.1:7687, of {', '.join(_SCHEMES)}")
        if parts.username or parts.password:
            raise Misconfigured(
                "JALKI_NEO4J holds no user or password: set JALKI_NEO4J_USER and JALKI_NEO4J_PASSWORD_FILE"
            )
        if self.user and self.password is None:
            raise Misconfigured("JALKI_NEO4J_USER is set without JALKI_NEO4J_PASSWORD_FILE")
        if self.ca_file and parts.scheme.endswith("+ssc"):
            raise Misconfigured("JALKI_NEO4J_CA_FILE goes with +s, not with +ssc, which trusts any certificate")

    @property
    def place(self) -> str:
        """Return host and port, for messages."""
        parts = urlsplit(self.uri)
        return f"{parts.hostname}:{parts.port or 7687}"


def connect(access: Neo4jAccess) -> neo4j.Driver:
    """Return a driver that has spoken to the server. Raises: Retryable: it is away. Misconfigured: it refuses us."""
    options: dict[str, Any] = {
        "connection_timeout": CONNECT_SECONDS,
        "connection_acquisition_timeout": 2 * CONNECT_SECONDS,
        "max_connection_pool_size": 8,
        "keep_alive": True,
        "notifications_min_severity": "OFF",  # they quote statements; what is worth knowing of them is in the tests
        "telemetry_disabled": True,
        "user_agent": "jalki",
    }
    if access.ca_file:
        options |= {"encrypted": True, "trusted_certificates": neo4j.TrustCustomCAs(str(access.ca_file))}
    credentials = (access.user, access.password or "") if access.user else None
    with translated(access):
        # With an authority of one's own the driver wants the plain scheme, and uses TLS all the same.
        uri = access.uri.replace("+s://", "://", 1) if access.ca_file else access.uri
        driver = neo4j.GraphDatabase.driver(uri, auth=credentials, **options)
        try:
            driver.verify_connectivity()
        except BaseException:
            driver.close()
            raise
    return driver


class Session:
    """Asks one database. Not for two threads at once."""

    def __init__(self, access: Neo4jAccess) -> None:
        """Connect. Raises: as `connect`."""
        self._access = access
        self._driver = connect(access)
        self._session = self._driver.session(database=access.database)
        self._pause = Event()

    def ask(self, question: LiteralString, **parameters: object) -> list[tuple[Any, ...]]:
        """Return the rows of a question, asked again once if the connection had been lost since the last one."""
        with translated(self._access):
            try:
                return self._ask(question, parameters)
            except (faults.ServiceUnavailable, faults.SessionExpired):
                return self._ask(question, parameters)

    def _ask(self, question: LiteralString, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with self._driver.session(database=self._access.database, default_access_mode=neo4j.READ_ACCESS) as session:
            return list(session.run(neo4j.Query(question, timeout=ANSWER_SECONDS), parameters).values())  # type: ignore[arg-type]  # rows are lists to the driver

    def stream(self, question: LiteralString, **parameters: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a long answer as they come; it may take as long as it takes."""
        with (
            translated(self._access),
            self._driver.session(
                database=self._access.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=5_000
            ) as session,
        ):
            for row in session.run(question, parameters):
                yield tuple(row)

    def do(self, statement: LiteralString, **parameters: object) -> None:
        """Run one statement in a transaction of its own, again where another writer was in the way."""
        for again in range(1, _CLASHES + 1):
            try:
                with translated(self._access):
                    self._session.run(statement, parameters).consume()
            except Clash:
                if again == _CLASHES:
                    raise
                self._pause.wait(_at_random(0.0, 0.002 * 2**again))
            else:
                return

    @contextmanager
    def transaction(self) -> Iterator[neo4j.Transaction]:
        """All of it, or nothing."""
        with translated(self._access), self._session.begin_transaction(timeout=ANSWER_SECONDS) as work:
            yield work
            work.commit()

    def again(self, what: Callable[[neo4j.Transaction], Answer]) -> Answer:
        """Do something in a transaction, all of it again where another writer was in the way; return what it does."""
        again = 0
        while True:
            try:
                with self.transaction() as work:
                    return what(work)
            except Clash:
                again += 1
                if again == _CLASHES:
                    raise
            self._pause.wait(_at_random(0.0, 0.002 * 2**again))  # at random, or two writers meet again and again

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()
        self._driver.close()


# Also two who make the same constraint at once: IF NOT EXISTS does not look at what another is making at that moment.
_IN_THE_WAY = ("DeadlockDetected", "LockClientStopped", "EntityNotFound", "SchemaRuleAlreadyExists")


class Clash(Retryable):
    """Another writer was first, or in the way: read again what is there, and do it again."""


@contextmanager
def translated(access: Neo4jAccess) -> Iterator[None]:
    """Raise the driver's errors as ours."""
    try:
        yield
    except faults.ConstraintError as fault:
        raise Clash(f"another writer of Neo4j at {access.place} was first") from fault
    except (faults.Neo4jError, faults.DriverError) as fault:
        raise _translated(fault, access) from fault
    except ValueError as fault:  # the driver's, of an address or option it cannot use
        raise Misconfigured(f"JALKI_NEO4J ({access.place}) cannot be used as an address") from fault
    except OSError as fault:
        raise Retryable(f"Neo4j at {access.place} does not answer") from fault


_BY_CODE: Mapping[str, tuple[type[JalkiError], str]] = {
    "CredentialsExpired": (
        Misconfigured, "the user's password at {} has expired: set a new one there and in JALKI_NEO4J_PASSWORD_FILE"
    ),
    "AuthenticationRateLimit": (Retryable, "{} refuses for a moment, after several wrong passwords"),
    "Security": (
        Misconfigured, "{} refuses us: check JALKI_NEO4J_USER, JALKI_NEO4J_PASSWORD_FILE and the user's rights"
    ),
    "DatabaseNotFound": (Misconfigured, "{} has no such database: check JALKI_NEO4J_DATABASE"),
    "OnReadOnly": (Misconfigured, "the database of {} may only be read"),
    "DiskSpace": (Refused, "{} has no room left: free some there, nothing is lost"),
}  # fmt: skip
"""By a part of the server's status code, the first that fits."""


def _translated(fault: faults.Neo4jError | faults.DriverError, access: Neo4jAccess) -> JalkiError:
    server, code = f"Neo4j at {access.place}", str(getattr(fault, "code", None) or type(fault).__name__)
    # What was found by a statement may be deleted by another writer before it is used.
    if any(part in code for part in _IN_THE_WAY):
        return Clash(f"another writer of {server} was in the way")
    for part, (kind, text) in _BY_CODE.items():
        if part in code:
            return kind(text.format(server))
    if _untrusted(fault):
        return Misconfigured(f"{server} shows a certificate that we do not trust: check JALKI_NEO4J_CA_FILE")
    if isinstance(fault, faults.AuthError):
        return Misconfigured(_BY_CODE["Security"][1].format(server))
    if isinstance(fault, faults.ConfigurationError):
        return Misconfigured(f"{server} cannot be reached as JALKI_NEO4J and its other settings say")
    if isinstance(fault, faults.ClientError) and not fault.is_retryable():
        return Misconfigured(f"{server} does not take our statements ({code}): is it Neo4j 5 or newer?")
    return Retryable(f"{server} is away or busy ({code})")


def _untrusted(fault: BaseException) -> bool:
    causes = [fault]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    return any(type(each).__name__ in {"SSLCertVerificationError", "BoltSecurityError", "SSLError"} for each in causes)
