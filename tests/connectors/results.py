"""A company that gives results of an access request, as any company might: at its own address or elsewhere, right or wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

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
            await self.app(scope, receive, _Changed(self, send))
        else:
            await self.app(scope, receive, send)


class _Changed:
    """Puts where the results are into a status, and signs it anew."""

    def __init__(self, giving: Giving, send: Send) -> None:
        self._giving, self._send, self._status, self._body = giving, send, 0, b""

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
        if self._status == 200:
            more = {"results_url": self._giving.url, "results_count": self._giving.count}
            told |= {name: value for name, value in more.items() if value is not None}
        body = json.dumps(told).encode()
        await _answer(self._send, self._status, {"content-type": JSON, **self._giving.signer.headers(body)}, body)


async def _answer(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    told = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body})
