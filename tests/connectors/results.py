"""A company that gives results of an access request, as any company might: at its own address or elsewhere, right or wrong."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.opendsr.signatures import Signer

RESULTS = "/results/of-her"
JSON = "application/json"


@dataclass(slots=True)
class Giving:
    """Stands before a company's application: says in each status where results are, and gives them."""

    app: ASGIApp
    signer: Signer
    url: str | None = None
    count: int | None = None
    body: bytes = b"{}"
    media: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    signed: bytes | None = None
    portable: bool = False
    """Whether it takes requests of type portability too, which it carries out as it does those of access."""
    fetched: list[str] = field(default_factory=list)
    """The `Authorization` of each call for results."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == RESULTS:
            login = [value.decode() for name, value in scope["headers"] if name == b"authorization"]
            self.fetched.append("".join(login))
            told = {"content-type": self.media, **self.headers}
            if self.signed is not None:
                told |= self.signer.headers(self.signed)
            await _answer(send, self.status, told, self.body)
        elif scope["type"] == "http" and scope["method"] == "GET" and "/requests/" in scope["path"]:
            more = {"results_url": self.url, "results_count": self.count}
            said = {name: value for name, value in more.items() if value is not None}
            await self.app(scope, receive, _Changed(self.signer, send, said))
        elif self.portable and scope["path"].endswith("/discovery"):
            types = {"supported_subject_request_types": ["erasure", "access", "portability"]}
            await self.app(scope, receive, _Changed(self.signer, send, types))
        elif self.portable and scope["method"] == "POST":
            body = (await receive())["body"]
            asked = json.dumps({**json.loads(body), "subject_request_type": "access"}).encode()

            async def received() -> Message:
                return {"type": "http.request", "body": asked}

            echo = {"encoded_request": base64.b64encode(body).decode()}
            await self.app(scope, received, _Changed(self.signer, send, echo))
        else:
            await self.app(scope, receive, send)


class _Changed:
    """Puts more into an answer that says something, and signs it anew."""

    def __init__(self, signer: Signer, send: Send, more: Mapping[str, object]) -> None:
        self._signer, self._send, self._more, self._status, self._body = signer, send, more, 0, b""

    async def __call__(self, message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            self._status = int(str(message["status"]))
            return
        body = message["body"]
        assert isinstance(body, bytes)
        self._body += body
        if message.get("more_body"):
            return
        told = json.loads(self._body)
        if self._status < 300:
            told |= self._more
        body = json.dumps(told).encode()
        await _answer(self._send, self._status, {"content-type": JSON, **self._signer.headers(body)}, body)


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    told = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
