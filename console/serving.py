"""Serves the public pages in a worker's own loop: answers by link, and OpenDSR both ways. The wiring; decides nothing."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext

import uvicorn

from connectors.confirming import Confirming, Correspondent
from connectors.opendsr.callbacks import Callbacks
from connectors.web import CALLBACKS, public_app, public_server
from console.companies import asked_by
from console.opening import Folder
from console.parties import Parties, links_of
from console.terminal import tell
from lineage.errors import Misconfigured
from streams.answering import TaskAnswers

BACKLOG = 256


@asynccontextmanager
async def public_pages(folder: Folder, parties: Parties, moved: Callable[[], None]) -> AsyncIterator[int | None]:
    """Serve them as long as the block lasts, where JALKI_WEB says; the block gets the port. None: it says nowhere.

    `folder` is used by one thread, and by nobody else meanwhile; `moved` hears that a task has.

    Raises: Misconfigured: the address is taken or not of this machine, or nothing says how the outside reaches it.
    """
    outward = folder.settings.outward
    if outward.web is None:
        yield None
        return
    links = links_of(folder)
    if links is None or outward.web_url is None:
        raise Misconfigured("JALKI_WEB is set without JALKI_WEB_URL: nobody outside would know how to reach the pages")
    with ThreadPoolExecutor(1, thread_name_prefix="answers") as thread:
        answers = TaskAnswers(folder.casework, thread, moved)
        names = parties.names
        known = {
            each.party: Correspondent(names.get(each.party, each.party), each.language)
            for each in parties.descriptors.values()
        }
        asked, peers = asked_by(folder, thread, moved), parties.peers()
        app = public_app(
            confirming=Confirming(links, answers, known, folder.clock),
            callbacks=Callbacks(peers, answers, f"{outward.web_url.rstrip('/')}{CALLBACKS}", folder.clock),
            answering=asked.answering if asked else None,
        )
        bound = bound_at(*outward.web, "JALKI_WEB")
        try:
            async with (
                served(public_server(app, *outward.web), bound),
                asked.called_back() if asked else nullcontext(),
            ):
                tell(f"public pages at http://{outward.web[0]}:{bound.getsockname()[1]}/")
                yield bound.getsockname()[1]
        finally:
            bound.close()
            for each in peers:
                await each.close()


def told_to_stop() -> asyncio.Event:
    """Return what is set once SIGINT or SIGTERM comes. To be had before anything listens: who gets through may send one."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    return stop


def bound_at(host: str, port: int, setting: str) -> socket.socket:
    """Return a socket that listens there. Raises: Misconfigured: it is taken or not of this machine; names the setting."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(BACKLOG)
        except OSError:
            bound.close()
            raise
    except OSError as cause:
        raise Misconfigured(
            f"{setting} cannot be served at: {cause.strerror}; choose a free port of this machine"
        ) from cause
    return bound


@asynccontextmanager
async def served(server: uvicorn.Server, bound: socket.socket) -> AsyncIterator[None]:
    """Run the server in this loop. Not by its `serve`: that takes the signals, which are the worker's."""
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[bound])
    running = asyncio.create_task(server.main_loop())
    try:
        yield
    finally:
        server.should_exit = True
        await running
        await server.shutdown(sockets=[bound])
