"""A receiver of findings, on loopback, that does with each call what it is told to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Receiver:
    """A server of the company's. `answers` are what it does with each call in turn; then it takes all."""

    answers: list[str] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/drift"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run one as long as the block lasts."""
    made = Receiver()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.calls.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            match made.answers.pop(0) if made.answers else "204":
                case "slow":
                    made.over.wait(60)
                case "closed":
                    self.close_connection = True
                case "long":
                    self._answer(200, b"x" * 200_000)
                case status:
                    self._answer(int(status))

        def _answer(self, status: int, body: bytes = b"") -> None:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{made.url}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    made.port = server.server_port
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        server.server_close()
