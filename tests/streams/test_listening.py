import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lineage.errors import Misconfigured, Retryable
from lineage.recording import Recorded
from streams.health import Health
from streams.listening import listening
from streams.metrics import Metrics

NOW = 1_772_355_600_000_000
HOST = "127.0.0.1"
PERSONAL = "aino.virtanen@example.fi"


class Worker:
    """What is listened to, and how to ask it."""

    def __init__(self) -> None:
        self.metrics = Metrics(["orders"], "1.2.3", lambda: NOW)
        self.health = Health(lambda: NOW)
        self.port = 0

    async def ask(self, path: str, method: str = "GET", more: str = "") -> tuple[int, str, str]:
        return await self.send(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n".encode())

    async def send(self, sent: bytes) -> tuple[int, str, str]:
        """Status, head and body of the answer to some bytes."""
        reader, writer = await asyncio.open_connection(HOST, self.port)
        writer.write(sent)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        head, _, body = answer.decode("latin-1").partition("\r\n\r\n")
        return int(head.split()[1]), head, body


def live(story: Callable[[Worker], Awaitable[None]]) -> None:
    async def lived() -> None:
        worker = Worker()
        async with listening(HOST, 0, worker.metrics, worker.health) as worker.port:
            await story(worker)

    asyncio.run(asyncio.wait_for(lived(), 20))


def test_health_says_how_the_worker_stands_and_is_200_only_when_it_works() -> None:
    async def story(worker: Worker) -> None:
        status, head, body = await worker.ask("/health")
        since = "2026-03-01T09:00:00Z"
        assert (status, json.loads(body)) == (503, {"status": "starting", "since": since, "reason": None})
        assert "Content-Type: application/json" in head
        worker.health.started()
        status, _, body = await worker.ask("/health?from=compose")
        assert (status, json.loads(body)["status"]) == (200, "ok")
        worker.health.waiting("store", Retryable("Neo4j does not answer"))
        status, _, body = await worker.ask("/health")
        told = {"status": "waiting", "since": since, "reason": "Neo4j does not answer"}
        assert (status, json.loads(body)) == (503, told)
        worker.health.stopping()
        status, _, body = await worker.ask("/health")
        assert (status, json.loads(body)["status"]) == (503, "stopping")

    live(story)


def test_metrics_are_what_a_prometheus_reads() -> None:
    async def story(worker: Worker) -> None:
        worker.metrics.batch(Recorded(7, 0, ()), 0.1)
        status, head, body = await worker.ask("/metrics", more="Accept: text/plain;version=0.0.4\r\n")
        assert status == 200
        assert "Content-Type: text/plain; version=0.0.4; charset=utf-8" in head
        families = {family.name: family for family in text_string_to_metric_families(body)}
        assert families["jalki_events"].samples[0].value == 7

    live(story)


@pytest.mark.parametrize("path", ["/health", "/metrics"])
def test_head_is_get_without_a_body(path: str) -> None:
    async def story(worker: Worker) -> None:
        asked, head, body = await worker.ask(path, "HEAD")
        assert (asked, body) == ((await worker.ask(path))[0], "")
        assert "Content-Length: " in head

    live(story)


@pytest.mark.parametrize(
    "path", ["/", "/health/", "/metrics/x", "/healthz", "//health", "/../etc/passwd", "/static", "/%68ealth%00"]
)
def test_anything_else_is_not_there(path: str) -> None:
    async def story(worker: Worker) -> None:
        assert (await worker.ask(path))[0] == 404

    live(story)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/health", "/"])
def test_only_reading_is_allowed(method: str, path: str) -> None:
    async def story(worker: Worker) -> None:
        status, head, body = await worker.ask(path, method, "Content-Length: 0\r\n")
        assert (status, "Allow: GET, HEAD" in head, body) == (405, True, "")

    live(story)


HUGE = 200_000


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"GET /health?" + b"a" * HUGE + b" HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * HUGE + b"\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 1_000 + b"\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + b"a" * 1_000, 413),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\naaaa", 413),
        (PERSONAL.encode() + b"\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
    ids=["path", "header", "headers", "body", "chunks", "no-http", "tls"],
)
def test_what_is_too_large_or_no_http_is_refused_without_a_word(
    sent: bytes, expected: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(worker: Worker) -> None:
        status, head, body = await worker.send(sent)
        assert (status, body) == (expected, "")
        assert "Server: jalki\r\n" in f"{head}\r\n"
        worker.health.started()
        assert (await worker.ask("/health"))[0] == 200

    caplog.set_level(logging.DEBUG)
    live(story)
    assert PERSONAL not in caplog.text


@pytest.mark.parametrize("path", ["/health", "/metrics", "/nothing"])
def test_no_answer_names_software_versions_and_no_question_is_logged(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(worker: Worker) -> None:
        _, head, _ = await worker.ask(f"{path}?{PERSONAL}")
        assert "Server: jalki\r\n" in f"{head}\r\n"
        assert "aiohttp" not in head
        assert "Python" not in head

    caplog.set_level(logging.DEBUG)
    live(story)
    assert PERSONAL not in caplog.text


def test_a_fault_of_ours_is_answered_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    async def story(worker: Worker) -> None:
        def broken() -> bytes:
            raise ValueError(PERSONAL)

        worker.metrics.text = broken  # type: ignore[method-assign]
        status, _, body = await worker.ask("/metrics")
        assert (status, body) == (500, "")
        assert (await worker.ask("/health"))[0] == 503

    caplog.set_level(logging.DEBUG)
    live(story)
    assert "ValueError" in caplog.text
    assert PERSONAL not in caplog.text


def test_the_end_of_the_block_frees_the_port_even_while_someone_is_connected() -> None:
    async def lived() -> None:
        worker = Worker()
        async with listening(HOST, 0, worker.metrics, worker.health) as worker.port:
            await worker.ask("/health")
            _, idle = await asyncio.open_connection(HOST, worker.port)
        async with listening(HOST, worker.port, worker.metrics, worker.health) as again:
            assert again == worker.port
        idle.close()
        with pytest.raises(OSError, match=r"\d"):
            await asyncio.open_connection(HOST, worker.port)

    asyncio.run(asyncio.wait_for(lived(), 20))


async def enter(host: str, port: int, *, allow_any: bool = False) -> None:
    worker = Worker()
    async with listening(host, port, worker.metrics, worker.health, allow_any=allow_any):
        pass


def test_a_port_in_use_is_told_with_its_setting() -> None:
    with socket.create_server((HOST, 0)) as taken, pytest.raises(Misconfigured, match=r"JALKI_LISTEN is in use"):
        asyncio.run(enter(HOST, taken.getsockname()[1]))


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("no-such-host.invalid", 0), (HOST, 70_000), (HOST, -1)])
def test_an_address_that_cannot_be_is_told_with_its_setting(host: str, port: int) -> None:
    with pytest.raises(Misconfigured, match="JALKI_LISTEN"):
        asyncio.run(enter(host, port, allow_any=True))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "example.invalid"])  # noqa: S104 - to be refused
def test_an_address_that_others_reach_is_refused_unless_allowed(host: str) -> None:
    with pytest.raises(Misconfigured, match="not a loopback address"):
        asyncio.run(enter(host, 0))


def test_an_allowed_one_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(enter("0.0.0.0", 0, allow_any=True))  # noqa: S104 - what a container has to bind
    assert len(caplog.records) == 1
    assert "JALKI_LISTEN" in caplog.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_loopback_needs_no_leave_and_no_warning(host: str, caplog: pytest.LogCaptureFixture) -> None:
    asyncio.run(enter(host, 0))
    assert not caplog.records
