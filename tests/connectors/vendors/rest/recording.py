"""What a connector sends and gets, as it is on the wire: for judges that know the vendor's own specification."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest


@dataclass
class Recorded:
    """Requests and their answers, in order."""

    calls: list[tuple[httpx2.Request, httpx2.Response]] = field(default_factory=list)

    def of(self, path: str) -> list[tuple[httpx2.Request, httpx2.Response]]:
        """Those whose path begins so."""
        return [each for each in self.calls if each[0].url.raw_path.decode().startswith(path)]


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """Note whatever httpx2 sends while the block lasts; every answer passes unchanged."""
    found = Recorded()
    real = httpx2.AsyncClient.send

    async def send(self: httpx2.AsyncClient, request: httpx2.Request, **how: Any) -> httpx2.Response:
        answer = await real(self, request, **how)
        body = b"".join([part async for part in answer.aiter_raw()])
        copy = httpx2.Response(answer.status_code, headers=answer.headers, content=body)
        await answer.aclose()
        again = httpx2.Response(answer.status_code, headers=answer.headers, stream=_Bytes(body), request=request)
        found.calls.append((request, copy))
        return again

    monkeypatch.setattr(httpx2.AsyncClient, "send", send)
    yield found
    monkeypatch.undo()


class _Bytes(httpx2.AsyncByteStream):
    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body
