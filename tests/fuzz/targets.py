"""What every target of the fuzzers is, and what holds of whatever is put into one: no crash, no echo, a bounded time."""

import asyncio
import json
import logging
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Scope

from console.logs import Json, Text

Family: TypeAlias = Literal["avro", "json", "http", "callbacks", "yaml"]
MARK = "maija.meri@posti.example"
"""Stands for somebody in what is put in. Wherever it comes out without having been asked for, something echoes."""
SECONDS = 5.0
"""Of the processor, for one input. The slowest take hundredths."""
ROOM = 512 << 20
"""Bytes that one input may add to the largest that the process has been."""
TEXTS = st.sampled_from(
    [
        MARK,
        f"{MARK}\r\nINFO console: all is well",
        f"\x1b[2J\x1b]0;{MARK}\x07",
        f'"}}\n{{"level":"INFO","message":"{MARK}"',
        f"\u202e{MARK}\u2066",
        f"{MARK}\0",
        "4111 1111 1111 1111",
        "%s%n{0}{{7*7}}${jndi:x}",
        "\ud800",
        "9" * 400,
        "",
    ]
)
"""What somebody writes who wants a line of a log, a terminal, a template or a number to do as she says."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where inputs go. `opened` makes it in a folder of its own and gives the check, which fails for a fault of ours."""

    name: str
    family: Family
    inputs: st.SearchStrategy[Any]
    opened: Callable[[Path], AbstractContextManager[Callable[[Any], None]]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What an application answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def watched(mark: str = MARK) -> Iterator[None]:
    """Fail where what happens inside takes too long or too much, or a log would hold the mark or more than one line a record."""
    root, heard = logging.getLogger(), _Heard()
    level = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    begun, room = time.process_time(), _room()
    try:
        yield
    finally:
        root.removeHandler(heard)
        root.setLevel(level)
    assert time.process_time() - begun < SECONDS, "too slow"
    assert _room() - room < ROOM, "too large"
    for record in heard.records:
        lines = Text().format(record), Json().format(record)
        assert lines[0].isprintable(), "a log that steers a terminal"
        assert "\n" not in lines[1]
        assert isinstance(json.loads(lines[1]), dict), "a log that is no JSON"
        assert not [each for each in lines if mark in each], "a log that tells of somebody"


def _room() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def told_plainly(message: str, mark: str = MARK) -> None:
    """Fail where a refusal could steer a terminal, forge a line, or repeats the mark."""
    assert all(line.isprintable() for line in message.split("\n")), repr(message[:200])
    assert mark not in message, message[:200]


class Asking:
    """Calls applications in this process, in one loop, as a server does that has read a request's head."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def asks(
        self,
        app: ASGIApp,
        method: str,
        path: str,
        query: bytes = b"",
        headers: Mapping[str, bytes] | None = None,
        body: bytes = b"",
        cut: bool = False,
    ) -> Reply:
        """Return the answer; `cut` is somebody who goes away in the middle of a body."""
        return self._runner.run(_asked(app, method, path, query, headers or {}, body, cut))

    def runs(self, work: Any) -> Any:
        """Run a coroutine in the same loop."""
        return self._runner.run(work)

    def close(self) -> None:
        self._runner.close()


async def _asked(
    app: ASGIApp, method: str, path: str, query: bytes, headers: Mapping[str, bytes], body: bytes, cut: bool
) -> Reply:
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": path,
        "raw_path": quote(path, errors="replace").encode(), "query_string": query, "root_path": "",
        "headers": [(name.lower().encode(), each) for name, each in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    coming: list[Message] = [{"type": "http.request", "body": body, "more_body": cut}]
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent, "no answer at all"
    told = {name.decode("latin-1").lower(): each.decode("latin-1") for name, each in sent[0]["headers"]}
    return Reply(sent[0]["status"], told, b"".join(each.get("body", b"") for each in sent[1:]))


def answered_plainly(reply: Reply, mark: str = MARK) -> None:
    """Fail where an answer is a fault of ours, splits its own head, or a refusal repeats the mark."""
    assert reply.status < 500, reply.status
    assert not [each for each in reply.headers.values() if not each.isprintable()], "a head that can be split"
    assert b"Traceback" not in reply.body
    if reply.status >= 400:
        assert mark.encode() not in reply.body, "a refusal that repeats what was sent"
    assert mark not in str(reply.headers)
