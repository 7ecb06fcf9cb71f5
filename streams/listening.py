"""Serves `/health`, `/metrics` and `/may-share` of a worker over HTTP, and nothing else: small requests only.

Must not know what is measured, what makes a worker healthy, nor what may be shared.
"""

import asyncio
import errno
import ipaddress
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from lineage.errors import Misconfigured
from lineage.times import rfc3339
from streams.health import Health, Status
from streams.metrics import CONTENT_TYPE, Metrics
from streams.sharing_asked import MayShare, answer_may_share

_LAST_PORT = 65_535
_LINE = 1_024
"""Bytes that a request line, or a header, may have."""
_HEADERS = 32
_IDLE = 75.0
"""Seconds after which a connection that asks nothing is closed."""
_ENDING = 2.0
"""Seconds that an answer under way may still take when the worker stops."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(
    host: str,
    port: int,
    metrics: Metrics,
    health: Health,
    *,
    may_share: MayShare | None = None,
    allow_any: bool = False,
) -> AsyncIterator[int]:
    """Serve in the running loop as long as the block lasts; the block gets the port, a free one for port 0.

    Without `may_share` there is no `/may-share`; with it, it is answered to this machine alone.

    An address other than loopback must be allowed with `allow_any`, and is warned of: whoever reaches it can read.

    Raises:
        Misconfigured: the port is taken, the address is not one of this machine, or not loopback and not allowed.
    """
    _check(host, allow_any=allow_any)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if may_share is not None and request.path == "/may-share":
            answered = await answer_may_share(request, may_share, _ALWAYS)
            return (
                _plain(answered, {"Allow": "POST"} if answered == 405 else None)
                if isinstance(answered, int)
                else answered
            )
        return _answer(request, metrics, health)

    bound = _bound(host, port)
    server = _Server(
        answer,
        access_log=None,
        keepalive_timeout=_IDLE,
        lingering_time=0,  # what else a refused request brings is not read
        max_line_size=_LINE,
        max_field_size=_LINE,
        max_headers=_HEADERS,
        auto_decompress=False,
    )
    runner = web.ServerRunner(server, shutdown_timeout=_ENDING)
    try:
        await runner.setup()
        await web.SockSite(runner, bound).start()
        yield bound.getsockname()[1]
    finally:
        await runner.cleanup()
        bound.close()


def _check(host: str, *, allow_any: bool) -> None:
    if _is_loopback(host):
        return
    if not allow_any:
        raise Misconfigured("JALKI_LISTEN is not a loopback address: use 127.0.0.1, and a proxy for those outside")
    _log.warning("health and metrics are open to everyone who can reach JALKI_LISTEN; let only your monitoring do so")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address. Bound by us, for a message of ours and for the port that 0 became."""
    if not 0 <= port <= _LAST_PORT:  # the system would take another one, without a word
        raise Misconfigured("JALKI_LISTEN has no port from 0 to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return _bind(socket.socket(family, kind, protocol), address)
    except OSError as cause:
        if cause.errno == errno.EADDRINUSE:
            raise Misconfigured(f"port {port} of JALKI_LISTEN is in use: set JALKI_LISTEN to another one") from cause
        raise Misconfigured(
            "JALKI_LISTEN cannot be listened on: it takes an address of this machine and a port that may be used"
        ) from cause


def _bind(bound: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        # A worker that is started anew must not wait until the connections of the last one are forgotten.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except BaseException:
        bound.close()
        raise
    return bound


def _answer(request: web.BaseRequest, metrics: Metrics, health: Health) -> web.StreamResponse:
    if request.method not in {"GET", "HEAD"}:
        return _plain(405, {"Allow": "GET, HEAD"})
    if request.can_read_body:
        return _plain(413)
    if request.path == "/metrics":
        return web.Response(body=metrics.text(), headers={**_ALWAYS, "Content-Type": CONTENT_TYPE})
    if request.path == "/health":
        standing = health.standing
        told = {"status": standing.status, "since": rfc3339(standing.since), "reason": standing.reason}
        return web.json_response(told, status=200 if standing.status is Status.OK else 503, headers=_ALWAYS)
    return _plain(404)


_ALWAYS = {"Server": "jalki", "Cache-Control": "no-store"}
"""`Server` without a version, in place of the library's own header."""


def _plain(status: int, more: dict[str, str] | None = None) -> web.Response:
    """Return a refusal without words, and close: what was asked is not repeated to whoever asked."""
    response = web.Response(status=status, headers={**_ALWAYS, **(more or {})})
    if status != 404:
        response.force_close()
    return response


class _Connection(web.RequestHandler):
    """A connection that answers what is no HTTP, or too large, without a word about why."""

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - the signature is aiohttp's
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it may quote the request
    ) -> web.StreamResponse:
        """Return the refusal; only a fault of our own is logged, and only its kind."""
        if status >= 500:
            _log.error("a question to JALKI_LISTEN was not answered: %s", type(exc).__name__)
        return _plain(status)


class _Server(web.Server):
    """Makes our own kind of connection."""

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **self._kwargs)
