"""Knocks at a broker before a client does, so that a fault is told for what it is.

kafka-python cannot tell a port that speaks TLS, a wrong password and a broker that is away apart: it tries each again, in
silence, until its time is up. One connection by hand does: TLS as the settings say, Kafka's SaslHandshake (answered with an
error on a port without login) and, where a login is wanted, the login. Knows no other request.
"""

import socket
import ssl
import struct
from contextlib import closing

from kafka.net.sasl import get_sasl_mechanism

from lineage.errors import JalkiError, Misconfigured, Retryable
from streams.kafka.access import KafkaAccess

LONGEST_WAIT = 5.0
"""Seconds for each step with one broker."""
REFUSED_LOGIN = (
    "Kafka refuses the login: check JALKI_KAFKA_USER and JALKI_KAFKA_PASSWORD_FILE;"
    " the password may be wrong or have expired"
)
_HANDSHAKE, _AUTHENTICATE = (17, 1), (36, 0)
"""Requests: their number and version in Kafka's protocol."""
_CLIENT = b"jalki"
_NOT_OFFERED, _NO_LOGIN_HERE = 33, 34
_LARGEST_ANSWER = 1 << 16


def probe(access: KafkaAccess, wait: float = LONGEST_WAIT) -> None:
    """Make sure that one of the brokers speaks as `access` says.

    Raises:
        Retryable: none can be reached, or none answers in time.
        Misconfigured: security, mechanism or certificates do not fit.
    """
    faults: list[JalkiError] = []
    for server in access.servers:
        try:
            _ask(server, access, wait)
        except (Retryable, Misconfigured) as fault:
            faults.append(fault)
        else:
            return
    raise next((fault for fault in faults if isinstance(fault, Misconfigured)), faults[0])


def address(server: str) -> tuple[str, int]:
    """Read `host:port`, `[::1]:port` too. Raises: Misconfigured: it is neither."""
    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal():
        raise Misconfigured("JALKI_KAFKA takes host:port, several with commas between")
    return host.strip("[]"), int(port)


def _ask(server: str, access: KafkaAccess, wait: float) -> None:
    try:
        with closing(_connected(server, wait)) as plain:
            context = access.ssl_context()
            if context is None:
                _enter(plain, access, server)
                return
            with context.wrap_socket(plain, server_hostname=address(server)[0]) as secured:
                _enter(secured, access, server)
    except ssl.SSLCertVerificationError as cause:
        raise Misconfigured(
            f"the certificate of {server} cannot be trusted ({cause.verify_message}):"
            " check JALKI_KAFKA_CA_FILE, and the host name in JALKI_KAFKA"
        ) from cause
    except ssl.SSLError as cause:
        raise Misconfigured(
            f"no TLS with {server} ({cause.reason}): check JALKI_KAFKA_SECURITY,"
            " and where it wants a certificate of ours JALKI_KAFKA_CERTIFICATE_FILE"
        ) from cause
    except OSError as cause:
        if access.ssl_context() is None:
            _tell_tls(server, wait)
        raise Retryable(
            f"{server} takes connections but does not answer as a Kafka broker:"
            " wait if it is starting, else check JALKI_KAFKA and JALKI_KAFKA_SECURITY"
        ) from cause


def _enter(connection: socket.socket, access: KafkaAccess, server: str) -> None:
    mechanism = (access.sasl or "PLAIN").encode()
    answer = _answer(connection, _HANDSHAKE, struct.pack(">h", len(mechanism)) + mechanism)
    code, offered = int.from_bytes(answer[4:6], "big"), _mechanisms(answer[6:])
    if code == _NO_LOGIN_HERE and access.sasl:
        raise Misconfigured(
            f"{server} takes no login: set JALKI_KAFKA_SECURITY to PLAINTEXT or SSL, or use its other port"
        )
    if code != _NO_LOGIN_HERE and not access.sasl:
        raise Misconfigured(
            f"{server} wants a login: set JALKI_KAFKA_SECURITY to SASL_SSL (or SASL_PLAINTEXT),"
            " and JALKI_KAFKA_SASL, JALKI_KAFKA_USER, JALKI_KAFKA_PASSWORD_FILE"
        )
    if code == _NOT_OFFERED:
        raise Misconfigured(
            f"{server} does not offer {access.sasl}: set JALKI_KAFKA_SASL to one of {', '.join(offered)}"
        )
    if access.sasl:
        _log_in(connection, access)


def _log_in(connection: socket.socket, access: KafkaAccess) -> None:
    mechanism = get_sasl_mechanism(access.sasl)(**access.client_settings())
    while not mechanism.is_done():
        token = mechanism.auth_bytes()
        answer = _answer(connection, _AUTHENTICATE, struct.pack(">i", len(token)) + token)
        if int.from_bytes(answer[4:6], "big"):
            raise Misconfigured(REFUSED_LOGIN)
        reason_size = max(0, int.from_bytes(answer[6:8], "big", signed=True))
        mechanism.receive(answer[8 + reason_size + 4 :])


def _connected(server: str, wait: float) -> socket.socket:
    try:
        return socket.create_connection(address(server), timeout=wait)
    except OSError as cause:
        reason = cause.strerror or "no answer in time"
        raise Retryable(
            f"no Kafka broker can be reached at {server} ({reason}): start it, or check JALKI_KAFKA"
        ) from cause


def _answer(connection: socket.socket, request: tuple[int, int], body: bytes) -> bytes:
    """Ask one thing; return the answer from its correlation id on. Raises: OSError: there is none, or none of Kafka's."""
    question = struct.pack(">hhih", *request, 1, len(_CLIENT)) + _CLIENT + body
    connection.sendall(struct.pack(">i", len(question)) + question)
    length = int.from_bytes(_exactly(connection, 4), "big")
    if not 6 <= length <= _LARGEST_ANSWER:
        raise ConnectionError("not the protocol of Kafka")
    return _exactly(connection, length)


def _exactly(connection: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = connection.recv(size - len(found))
        if not part:
            raise ConnectionResetError("closed by the other side")
        found += part
    return found


def _tell_tls(server: str, wait: float) -> None:
    """Raise where we spoke in clear to a port that speaks TLS. Nothing but the handshake is done, so nothing is trusted."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with closing(_connected(server, wait)) as plain, context.wrap_socket(plain):
            pass
    except (OSError, Retryable):
        return
    raise Misconfigured(f"{server} speaks TLS: set JALKI_KAFKA_SECURITY to SSL or SASL_SSL")


def _mechanisms(rest: bytes) -> list[str]:
    names, at = [], 4
    while at + 2 <= len(rest):
        size = int.from_bytes(rest[at : at + 2], "big")
        names.append(rest[at + 2 : at + 2 + size].decode("ascii", "replace"))
        at += 2 + size
    return names
