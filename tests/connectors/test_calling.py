"""The one client that parties are called by: within its bounds of time and size, to nobody but whom the settings say."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from connectors.calling import Answer, Caller
from connectors.waiting import Later
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from lineage.times import now
from tests.servers.certificates import Authority, new_authority

Says = Callable[[asyncio.StreamWriter], Awaitable[None]]
HERS = "aino@posti.example"
LARGEST = 1_000


def head(status: str, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""]).encode()


@asynccontextmanager
async def saying(says: Says, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that says one thing to all, whatever is asked; its port, and the first lines of what was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        try:
            await says(writer)
            await writer.drain()
        except ConnectionError:
            pass  # the client has gone, as it should
        finally:
            writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1], asked


def called(
    says: Says, *, seconds: float = 30.0, tls: ssl.SSLContext | None = None, ca_file: Path | None = None
) -> tuple[Answer | JalkiError, list[bytes]]:
    """What one call comes to, and what the server was asked."""

    async def act() -> tuple[Answer | JalkiError, list[bytes]]:
        async with saying(says, tls) as (port, asked):
            caller = Caller("club", now, ca_file=ca_file, seconds=seconds, largest=LARGEST)
            try:
                found: Answer | JalkiError = await caller.call(
                    "GET", f"{'https' if tls else 'http'}://127.0.0.1:{port}/members/{HERS}"
                )
            except JalkiError as fault:
                found = fault
            finally:
                await caller.close()
            return found, asked

    return asyncio.run(act())


def test_an_answer_that_trickles_is_waited_for_no_longer_than_a_whole_call_may_take() -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", "Content-Length: 900"))
        while True:  # each byte comes long before any timeout of reading
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    fault, asked = called(trickle, seconds=0.5)
    assert isinstance(fault, Retryable)
    assert f"{fault}" == "club did not answer within 0.5 s"
    assert len(asked) == 1


@pytest.mark.parametrize("length", [("Content-Length: 100000000",), ()], ids=["said", "not-said"])
def test_an_answer_without_end_is_not_read_to_its_end(length: tuple[str, ...]) -> None:
    written = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(head("200 OK", *length))
        for _ in range(1_000):
            writer.write(b"x" * 100_000)
            await writer.drain()
            written += 100_000

    fault, _ = called(flood)
    assert isinstance(fault, Refused)
    assert f"more than {LARGEST} bytes" in f"{fault}"
    assert written < 100_000_000


def test_nobody_is_followed_elsewhere() -> None:
    async def elsewhere(writer: asyncio.StreamWriter) -> None:
        writer.write(head("302 Found", "Location: /elsewhere", "Content-Length: 0"))

    answer, asked = called(elsewhere)
    assert isinstance(answer, Answer)
    assert answer.status == 302
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "line", "kind"),
    [("429 Too Many", "Retry-After: 7", Later), ("503 Away", "X: y", Retryable), ("500 Fault", "X: y", Retryable)],
)
def test_what_passes_is_tried_again_and_when_they_say_when(status: str, line: str, kind: type[Retryable]) -> None:
    async def busy(writer: asyncio.StreamWriter) -> None:
        writer.write(head(status, line, "Content-Length: 0"))

    fault, _ = called(busy)
    assert type(fault) is kind
    assert HERS not in f"{fault}"


def test_a_connection_that_ends_in_the_middle_is_no_answer() -> None:
    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", "Content-Length: 500") + b"{")

    fault, _ = called(cut)
    assert type(fault) is Retryable
    assert HERS not in f"{fault}"


def server_context(authority: Authority) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(authority.server.certificate, authority.server.key)
    return made


async def nothing(writer: asyncio.StreamWriter) -> None:
    writer.write(head("204 No Content"))


def test_a_server_is_believed_by_its_own_authority_alone(tmp_path: Path) -> None:
    ours, another = (new_authority(tmp_path / name) for name in ("ours", "another"))
    answer, _ = called(nothing, tls=server_context(ours), ca_file=ours.ca)
    assert isinstance(answer, Answer)
    assert answer.status == 204
    for ca_file in (another.ca, None):
        fault, asked = called(nothing, tls=server_context(ours), ca_file=ca_file)
        assert isinstance(fault, Misconfigured)
        assert "does not verify" in f"{fault}"
        assert asked == [], "nothing went to whom we do not believe"
