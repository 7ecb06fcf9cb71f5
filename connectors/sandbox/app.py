"""The application of one vendor: routes, bodies and faults of the connection. What a vendor says is the vendor's."""

import asyncio
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from starlette.requests import ClientDisconnect, Request
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from connectors.sandbox.calls import Answer, Call, Operation
from connectors.sandbox.control import CONTROL, Control
from connectors.sandbox.faults import Fault, Kind
from connectors.sandbox.hosted import Hosted

READ_SECONDS = 30.0
LONGEST_WAIT = 600.0
"""Seconds that a call without an answer, or a late one, is kept at most."""
Hang = Callable[[Scope], None]
"""Closes the connection of a call, after what was already written."""
_log = logging.getLogger(__name__)
_BEFORE = frozenset({Kind.LOST, Kind.DROPPED, Kind.BROKEN, Kind.AWAY, Kind.BUSY, Kind.BUSY_SILENT, Kind.EXPIRED})


class App:
    """Serves a vendor. `hang` closes a connection; `stopping` is set when nothing must wait any more."""

    def __init__(self, hosted: Hosted, hang: Hang, stopping: asyncio.Event) -> None:
        self._hosted, self._hang, self._stopping = hosted, hang, stopping
        self._control = Control(hosted)
        self._patterns = [(compile_path(each.path)[0], each) for each in hosted.vendor.operations]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or fail to."""
        if scope["type"] != "http":
            return
        if scope["path"].startswith(CONTROL):
            await self._control(scope, receive, send)
            return
        try:
            await self._vendor(scope, receive, send)
        except Exception as fault:  # noqa: BLE001 - a server would log its text, which may repeat what was sent
            at = traceback.extract_tb(fault.__traceback__)[-1]
            where = f"{Path(at.filename).name}:{at.lineno}"
            _log.error("the sandbox of %s failed: %s at %s", self._hosted.vendor.name, type(fault).__name__, where)
            await self._drop(scope, receive)

    async def _vendor(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A path is matched as it was sent: what a parameter holds may have an escaped slash in it.
        path = scope["raw_path"].decode("ascii", "replace")
        operation, found, known = self._match(scope["method"], path)
        fault = self._hosted.met(operation, scope["method"])
        if operation is None:
            await _send(self._hosted.trouble(405 if known else 404), send)
            return
        if fault and fault.kind in _BEFORE:
            await self._before(fault, operation, scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await _body(request, operation.largest)
        except ClientDisconnect:
            return
        if body is None:
            await _send(self._hosted.trouble(413), send, close=True)
            return
        query = scope["query_string"].decode("latin-1")
        call = Call(
            method=scope["method"],
            template=operation.path,
            at=self._hosted.clock(),
            path={name: unquote(value) for name, value in found.items()},
            query=parse_qsl(query, keep_blank_values=True),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            raw_target=f"{path}?{query}" if query else path,
        )
        await self._after(fault, self._hosted.answer(operation, call, fault), scope, receive, send)

    def _match(self, method: str, path: str) -> tuple[Operation | None, dict[str, str], bool]:
        known = False
        for pattern, operation in self._patterns:
            if found := pattern.match(path):
                if operation.method == method:
                    return operation, found.groupdict(), True
                known = True
        return None, {}, known

    async def _before(self, fault: Fault, operation: Operation, scope: Scope, receive: Receive, send: Send) -> None:
        """Go wrong without having done anything."""
        match fault.kind:
            case Kind.LOST:
                await self._lose(scope, receive)
            case Kind.DROPPED:
                await self._drop(scope, receive)
            case Kind.BUSY:
                await _send(self._hosted.full(operation, self._hosted.clock(), fault.seconds), send)
            case _:
                status = {Kind.BROKEN: 500, Kind.AWAY: 503, Kind.BUSY_SILENT: 429, Kind.EXPIRED: 401}[fault.kind]
                wait = int(fault.seconds) if fault.kind is Kind.AWAY else None
                await _send(self._hosted.trouble(status, wait), send)

    async def _after(self, fault: Fault | None, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or go wrong although it was done."""
        match fault.kind if fault else None:
            case Kind.LOST_AFTER:
                await self._lose(scope, receive)
            case Kind.DROPPED_AFTER:
                await self._drop(scope, receive)
            case Kind.BROKEN_AFTER:
                await _send(self._hosted.trouble(500), send)
            case Kind.CUT:
                await _start(answer, send)
                await send(
                    {"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True}
                )
                await self._drop(scope, receive)
            case Kind.LATE if fault:
                if not await self._gone(receive, min(fault.seconds, LONGEST_WAIT)):
                    await _send(answer, send)
            case _:
                await _send(answer, send)

    async def _lose(self, scope: Scope, receive: Receive) -> None:
        if not await self._gone(receive, LONGEST_WAIT):
            await self._drop(scope, receive)

    async def _drop(self, scope: Scope, receive: Receive) -> None:
        self._hang(scope)
        await self._gone(receive, LONGEST_WAIT, stops=False)  # the server must know that it is closed before this ends

    async def _gone(self, receive: Receive, seconds: float, *, stops: bool = True) -> bool:
        """Wait, and tell whether the caller has gone meanwhile."""

        async def left() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        waits = [asyncio.create_task(left())]
        if stops:
            waits.append(asyncio.create_task(self._stop()))
        try:
            done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return waits[0] in done
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _stop(self) -> None:
        await self._stopping.wait()


async def _body(request: Request, largest: int) -> bytes | None:
    """Read a body; None: it is too large, or too slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > largest:
                    return None
    except TimeoutError:
        return None
    return bytes(body)


async def _start(answer: Answer, send: Send, *, close: bool = False) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    if answer.media_type:
        headers.append((b"content-type", answer.media_type.encode("latin-1")))
    if answer.status not in (204, 304):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


async def _send(answer: Answer, send: Send, *, close: bool = False) -> None:
    await _start(answer, send, close=close)
    await send({"type": "http.response.body", "body": answer.body})
