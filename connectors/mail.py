"""Hands a letter to a mail server (RFC 5321), and says what its answer means for us. Knows nothing of what letters say."""

import asyncio
import contextlib
import smtplib
import socket
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from connectors.secretfile import read_secret
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable

Security = Literal["tls", "starttls", "none"]
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PASSING = range(400, 500)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where our letters are handed in. `seconds` bounds each wait, and the whole of handing one letter in."""

    host: str
    port: int = 587
    security: Security = "starttls"
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    seconds: float = 30.0


class Mail:
    """Hands letters in, each over a connection of its own: a party's letters are few, and its lane keeps them apart."""

    def __init__(self, server: MailServer) -> None:
        """Connects to nothing yet. Raises: Misconfigured: a password in clear, or half a login."""
        if server.security == "none" and server.host not in _LOOPBACK:
            raise Misconfigured(
                "letters hold personal data: use tls or starttls to any mail server beyond this machine"
            )
        if (server.user is None) != (server.password_file is None):
            raise Misconfigured("a mail server's user and password file go together: set both or none")
        self._server = server
        self._context = None if server.security == "none" else _trust(server.ca_file)

    async def hand_in(self, letter: EmailMessage, sender: str, recipient: str) -> None:
        """Return when the server has taken the letter upon itself (250 after its data).

        Raises:
            Retryable: it is away, slow, or puts us off (4xx). It may have the letter: the same letter has the same Message-ID.
            Refused: it will not take this letter to this mailbox (5xx).
            Misconfigured: it refuses our login, our sender, or its certificate does not verify.
        """
        attempt = _Attempt(self._server, self._context)
        try:
            async with asyncio.timeout(self._server.seconds):
                await asyncio.to_thread(attempt.run, letter, sender, recipient)
        except TimeoutError as cause:
            raise Retryable(f"the mail server did not take the letter within {self._server.seconds:g} s") from cause
        except (smtplib.SMTPException, OSError) as cause:
            raise _meaning(cause) from cause
        finally:
            attempt.cut()  # or a server that trickles would keep the thread, when nobody waits for it any more


class _Attempt:
    """One connection, which another thread may cut."""

    def __init__(self, server: MailServer, context: ssl.SSLContext | None) -> None:
        self._server, self._context = server, context
        self._client: smtplib.SMTP | None = None

    def run(self, letter: EmailMessage, sender: str, recipient: str) -> None:
        server, client = self._server, self._made()
        self._client = client
        try:
            code, _ = client.connect(server.host, server.port)
            if code != 220:  # the greeting of RFC 5321
                raise smtplib.SMTPConnectError(code, b"")
            if server.security == "starttls":
                client.starttls(context=self._context)
            if server.user is not None and server.password_file is not None:
                client.login(server.user, read_secret(server.password_file, "the mail server's password"))
            client.send_message(letter, sender, [recipient])
            # What happens at the goodbye does not change that the letter was taken.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                client.quit()
        finally:
            client.close()

    def cut(self) -> None:
        connection = self._client.sock if self._client is not None else None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _made(self) -> smtplib.SMTP:
        server = self._server
        name = "localhost" if server.host in _LOOPBACK else None  # or every connection looks our own name up
        client = (
            smtplib.SMTP_SSL(timeout=server.seconds, context=self._context, local_hostname=name)
            if server.security == "tls"
            else smtplib.SMTP(timeout=server.seconds, local_hostname=name)
        )
        # The certificate is checked against this name; smtplib sets it only where the constructor connects.
        client._host = server.host  # type: ignore[attr-defined]  # noqa: SLF001 - smtplib has no public way to it
        return client


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as cause:
        raise Misconfigured("the mail server's CA file is missing or holds no certificates in PEM") from cause


def _meaning(fault: Exception) -> JalkiError:
    """Say what to do about a fault. What the server wrote is left out: it likes to repeat what it was sent."""
    match fault:
        case ssl.SSLCertVerificationError():
            return Misconfigured("the mail server's certificate does not verify: check its CA file and host name")
        case smtplib.SMTPServerDisconnected():
            return Retryable("the mail server cut the connection")
        case smtplib.SMTPNotSupportedError():
            return Misconfigured("the mail server offers no STARTTLS, or no login: check its port and security")
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return _refused(min(code for code, _ in refused.values()), "the mailbox of this party")
        case smtplib.SMTPDataError(smtp_code=code):
            return _refused(code, "the letter")
        case smtplib.SMTPResponseException(smtp_code=code) if code in _PASSING:
            return Retryable(f"the mail server puts us off ({code})")
        case smtplib.SMTPResponseException(smtp_code=code):
            return Misconfigured(
                f"the mail server refuses us ({code}): check its user, password file and our sender address"
            )
        case smtplib.SMTPException():
            return Misconfigured("the mail server and we share no way to log in: check its port and security")
    return Retryable(f"the mail server does not answer ({type(fault).__name__}): check its host and port")


def _refused(code: int, what: str) -> JalkiError:
    if code in _PASSING:
        return Retryable(f"the mail server does not take {what} now ({code})")
    if code == 530:  # RFC 4954: log in first
        return Misconfigured("the mail server wants a login: set its user and password file")
    return Refused(
        f"the mail server will not take {what} ({code}): check the party's address, or tell it in another way"
    )
