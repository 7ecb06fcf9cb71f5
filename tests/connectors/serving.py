"""Real servers on the loopback address: the public application over TLS, a mail server, and their faults on demand."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.web import public_server
from tests.connectors.keys import Pair
from tests.servers.waiting import free_port, until

WebFault = Literal[
    "slow", "slow-after", "busy", "busy-silent", "broken", "broken-after", "cut", "cut-after", "refused", "login", "unsigned",
    "forged", "huge",
]  # fmt: skip
MailFault = Literal["slow", "slow-after", "busy", "broken", "broken-after", "cut", "cut-after", "refused", "login"]
_AFTER: tuple[WebFault, ...] = ("slow-after", "broken-after", "cut-after")
USER, PASSWORD = "jalki", "correct horse"


class Faulty:
    """An application whose answers go wrong on demand. What is `cut-after` has had its effect."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.fault: WebFault | None = None
        self.calls: list[tuple[str, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls.append((scope["method"], scope["path"]))
        fault = self.fault
        if fault in ("refused", *_AFTER) and scope["method"] != "POST":
            fault = None  # these are about a request, and not about finding out how to make one
        if fault in _AFTER:
            await self._app(scope, receive, _swallow)
        match fault:
            case None:
                await self._app(scope, receive, send)
            case "slow" | "slow-after":
                while (await receive())["type"] != "http.disconnect":  # until the other side has had enough
                    pass
            case "cut" | "cut-after":
                await _half(send)
            case "unsigned" | "forged":
                await self._app(scope, receive, self._changed(send))
            case "huge":
                await _start(send, 200)
                with_more: Message = {"type": "http.response.body", "body": b"x" * 65_536, "more_body": True}
                for _ in range(100):
                    await send(with_more)
                await send({"type": "http.response.body", "body": b""})
            case _:
                status = {"busy": 429, "refused": 400, "login": 401, "busy-silent": 429}.get(fault, 500)
                await _start(send, status, *([] if fault == "busy-silent" else [(b"retry-after", b"7")]))
                await send({"type": "http.response.body", "body": b"maija.meri@example.fi"})

    def _changed(self, send: Send) -> Send:
        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [each for each in message["headers"] if each[0].lower() != b"x-opendsr-signature"]
                forged = [(b"x-opendsr-signature", b"QUFBQQ==")] if self.fault == "forged" else []
                message = {**message, "headers": kept + forged}
            await send(message)

        return changed


async def _swallow(_: Message) -> None:
    pass


async def _start(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})


async def _half(send: Send) -> None:
    await _start(send, 200, (b"content-length", b"1000"))
    await send({"type": "http.response.body", "body": b"{"})


@contextmanager
def web(app: ASGIApp, port: int, pair: Pair) -> Iterator[None]:
    """Serve an application over TLS, as in earnest."""
    server = public_server(app, "127.0.0.1", port, certificate=str(pair.certificate), key=str(pair.key))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: None if server.started else "not started", seconds=20, what="the web server")
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        thread.join(20)


class Mailbox:
    """A mail server that wants TLS and a login, keeps letters, and goes wrong on demand."""

    def __init__(self, pair: Pair) -> None:
        self.port, self._pair = free_port(), pair
        self.fault: MailFault | None = None
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        self._controller: Controller | None = None

    def start(self) -> None:
        """Listen."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._pair.certificate, self._pair.key)
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=self._authenticate,
        )
        self._controller.start()

    def stop(self) -> None:
        """Listen no more."""
        if self._controller is not None:
            self._controller.stop()
        self._controller = None

    def _authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, login: Any) -> AuthResult:
        right = login.login == USER.encode() and login.password == PASSWORD.encode()
        return AuthResult(success=right and self.fault != "login", handled=False)

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answers = {"busy": "450 4.2.1 later", "refused": "550 5.1.1 maija.meri@example.fi unknown"}
        if self.fault in answers:
            return answers[self.fault]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - see above
        assert isinstance(envelope.content, bytes)
        match self.fault:
            case "broken":
                return "451 4.3.0 no room"
            case "slow":
                await _forever()
            case "cut":
                _cut(server)
                return "250 OK"
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients += envelope.rcpt_tos
        match self.fault:
            case "cut-after":
                _cut(server)
            case "slow-after":
                await _forever()
            case "broken-after":
                return "451 4.3.0 no room"
        return "250 OK"


async def _forever() -> None:
    await asyncio.wait_for(asyncio.Event().wait(), 60)


def _cut(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()
