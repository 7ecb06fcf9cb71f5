"""What everything that is served to others has: bodies bounded in size and time, strict headers, no error that tells more."""

import asyncio
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READ_SECONDS = 10.0
"""How long a body may take to arrive."""


async def read_body(request: Request, largest: int) -> bytes:
    """Read a body of at most so many bytes. Raises: HTTPException: 413 too large, 408 too slow, 400 broken off."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > largest:
                    raise HTTPException(413, headers={"Connection": "close"})
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(body)


class Strict:
    """Puts strict headers on every answer, and lets through nothing but HTTP.

    A fault of the application is logged there, by its kind: here it would be logged by a server, with its text.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return

        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, strict)
        except Exception:  # noqa: BLE001 - logged by its kind in the application
            return
