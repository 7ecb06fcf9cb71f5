"""Serves vendors on this machine, each on a port of its own, all in one event loop.

On the loopback address over HTTP. On any other only where others are to reach it, and then over TLS.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.types import Scope

from connectors.sandbox.app import App
from connectors.sandbox.certificates import Others
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.vendor import Vendor
from lineage.errors import Misconfigured

BACKLOG = 256
_PLAIN = ("127.0.0.1", "::1")
"""Where it is served over HTTP: no connector calls any other address without TLS."""
Sandbox = Mapping[str, Hosted]
"""The vendors that are served, by name; the `url` of each says where."""


@asynccontextmanager
async def served(
    vendors: Sequence[Vendor],
    clock: Clock,
    *,
    host: str = "127.0.0.1",
    ports: Sequence[int] | None = None,
    others: Others | None = None,
) -> AsyncIterator[Sandbox]:
    """Serve them in this loop as long as the block lasts, on these ports, one for each, or on free ones.

    With `others` it is served over TLS, by the name in there, and the address may be any of this machine.

    Raises: Misconfigured: a port is taken; or the address is not the loopback address, and no others are to reach it.
    """
    sandbox = {each.name: Hosted(each, clock) for each in vendors}
    stopping = asyncio.Event()
    running: list[tuple[uvicorn.Server, socket.socket]] = []
    with ExitStack() as stack:
        try:
            for hosted, port in zip(sandbox.values(), ports or [0] * len(vendors), strict=True):
                bound = stack.enter_context(_bound(host, port, allow_any=others is not None))
                hosted.url = _url(bound, others)
                running.append((await _started(hosted, bound, stopping, others), bound))
            yield sandbox
        finally:
            stopping.set()  # what waits for its caller's end must not hold the servers up
            await asyncio.gather(*(server.shutdown(sockets=[bound]) for server, bound in running))


@contextmanager
def served_in_a_thread(
    vendors: Sequence[Vendor],
    clock: Clock,
    *,
    host: str = "127.0.0.1",
    ports: Sequence[int] | None = None,
    others: Others | None = None,
) -> Iterator[Sandbox]:
    """Serve them as `served` does, in a thread of their own; for what blocks, such as tests with a vendor's SDK."""
    began: list[Sandbox | BaseException] = []
    ready, ending = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with served(vendors, clock, host=host, ports=ports, others=others) as sandbox:
            began.append(sandbox)
            ready.set()
            await ending.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as fault:  # noqa: BLE001 - raised again in the thread that asked
            began.append(fault)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="sandbox")
    thread.start()
    ready.wait()
    try:
        if isinstance(began[0], BaseException):
            raise began[0]
        yield began[0]
    finally:
        with suppress(RuntimeError):  # the loop has ended by itself
            loops[0].call_soon_threadsafe(ending.set)
        thread.join()
    if isinstance(began[-1], BaseException):
        raise began[-1]


@contextmanager
def _bound(host: str, port: int, *, allow_any: bool) -> Iterator[socket.socket]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as cause:
        raise Misconfigured(f"the sandbox's address is not known here: {cause.strerror}") from cause
    if not allow_any and not all(str(each[4][0]) in _PLAIN for each in found):
        raise Misconfigured(
            "the sandbox is served on the loopback address alone, for it asks nobody who they are: where others may reach "
            "it, say with --host by which name"
        )
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
            bound.listen(BACKLOG)
        except OSError as cause:
            raise Misconfigured(f"port {port} cannot be served: {cause.strerror}; choose others") from cause
        yield bound


def _url(bound: socket.socket, others: Others | None) -> str:
    host, port = bound.getsockname()[:2]
    scheme, host = ("https", others.name) if others else ("http", host)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


async def _started(
    hosted: Hosted, bound: socket.socket, stopping: asyncio.Event, others: Others | None
) -> uvicorn.Server:
    """Start a server of one vendor. Without its main loop, which only writes the date and takes the process's signals."""
    server = _server(hosted, stopping)
    server.config.load()
    server.config.ssl = others.context if others else None
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[bound])
    return server


def _server(hosted: Hosted, stopping: asyncio.Event) -> uvicorn.Server:
    logging.getLogger("uvicorn.access").disabled = True  # paths hold addresses
    servers: list[uvicorn.Server] = []

    def hang(scope: Scope) -> None:
        for each in list(servers[0].server_state.connections):
            if getattr(each, "client", None) == tuple(scope["client"]) and each.transport is not None:
                each.transport.close()

    servers.append(
        uvicorn.Server(
            uvicorn.Config(
                App(hosted, hang, stopping),
                http="h11",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=2,
            )
        )
    )
    return servers[0]
