"""An HTTP server on loopback that answers each path as a test says, on purpose badly where it says so."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """`announced` bytes, if not as many as there are; `silent` sends nothing, `trickling` and `endless` come to no end."""

    status: int
    body: str | bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = None
    silent: bool = False
    trickling: bool = False
    endless: bool = False


NOT_FOUND = Reply(404, "")


@dataclass(slots=True)
class Answering:
    """Where the server is, what it is to answer by path, and what it was asked."""

    url: str
    replies: dict[str, Reply] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def answering(certificate: Path | None = None, key: Path | None = None, port: int = 0) -> Iterator[Answering]:
    """Answer until the block ends; over TLS with a certificate."""

    class Asked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.paths.append(self.path)
            found.headers = {name.lower(): value for name, value in self.headers.items()}
            _answer(self, found.replies.get(self.path, NOT_FOUND), found.over)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = True

        def process_request(self, request: Any, client_address: Any) -> None:
            connections.append(request)
            super().process_request(request, client_address)

        def handle_error(self, *_: object) -> None:
            """A client that has gone is no fault."""

    connections: list[socket.socket] = []
    server = Server(("127.0.0.1", port), Asked)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    found = Answering(f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        found.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
        for each in connections:  # or the threads of those kept alive would answer on
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _answer(request: BaseHTTPRequestHandler, reply: Reply, over: threading.Event) -> None:
    if reply.silent:
        over.wait()
        return
    body = reply.body.encode() if isinstance(reply.body, str) else reply.body
    unending = reply.trickling or reply.endless
    length = reply.announced or (1 << 40 if unending else len(body))
    request.send_response(reply.status)
    headers = {"Content-Type": "application/vnd.schemaregistry.v1+json", "Content-Length": str(length), **reply.headers}
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
    request.close_connection = reply.announced is not None
    while unending and not over.wait(0.01 if reply.trickling else 0):
        request.wfile.write(b" " if reply.trickling else b" " * (1 << 16))
        request.wfile.flush()
