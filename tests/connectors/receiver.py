"""A controller that takes packages, for tests: a real server on loopback with TLS, by its own reading of the standards.

It checks every signature (RFC 9421) and the digest of the whole (RFC 9530), keeps pieces, and can be told to misbehave.
"""

import base64
import hashlib
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.servers.certificates import Authority

_INPUT = re.compile(r'jalki=(\(([^)]*)\);created=(\d+);keyid="([^"]+)";alg="ed25519")')
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass
class Receiver:
    """What it got, and how it misbehaves: `answers` are statuses given, one a call, instead of doing anything."""

    public: Ed25519PublicKey
    pieces: dict[str, bytearray] = field(default_factory=dict)
    whole: dict[str, bytes] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    confirms: bool = True
    spoils: bool = False
    forgets: bool = False
    resets_after: int | None = None
    url: str = ""


class _Calls(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        if self._refused():
            return
        name = self.path.rpartition("/")[2]
        if name in self.receiver.whole:
            self._done(200, name)
        elif name in self.receiver.pieces:
            self._say(308, {"Upload-Offset": str(len(self.receiver.pieces[name]))})
        else:
            self._say(404, {})

    def do_PUT(self) -> None:
        part = self.rfile.read(int(self.headers["Content-Length"]))
        if self._refused():
            return
        receiver, name = self.receiver, self.path.rpartition("/")[2]
        first, last, size = map(int, _RANGE.fullmatch(self.headers["Content-Range"]).groups())  # type: ignore[union-attr]
        kept = receiver.pieces.setdefault(name, bytearray())
        if first != len(kept) or last - first + 1 != len(part):
            self._say(308, {"Upload-Offset": str(len(kept))})
            return
        if receiver.resets_after is not None and len(kept) >= receiver.resets_after:
            receiver.resets_after = None
            self.close_connection = True
            self.connection.close()
            return
        kept += b"" if receiver.forgets else part
        if len(kept) < size:
            self._say(308, {"Upload-Offset": str(len(kept))})
            return
        if self.headers["Repr-Digest"] != _digest(bytes(kept)):
            del receiver.pieces[name]
            self._say(422, {})
            return
        receiver.whole[name] = bytes(receiver.pieces.pop(name))
        self._done(201, name)

    def _refused(self) -> bool:
        self.receiver.calls.append((self.command, self.headers.get("Content-Range", "")))
        if self.receiver.answers:
            self._say(self.receiver.answers.pop(0), {"Retry-After": "1"})
            return True
        if not self._signed():
            self._say(401, {})
            return True
        return False

    def _signed(self) -> bool:
        found = _INPUT.fullmatch(self.headers.get("Signature-Input", ""))
        if not found:
            return False
        covered = found[2].replace('"', "").split()
        if "repr-digest" not in covered or (self.command == "PUT" and "content-range" not in covered):
            return False
        host = self.headers["Host"]
        values = {"@method": self.command, "@target-uri": f"https://{host}{self.path}"}
        lines = [f'"{name}": {values[name] if name in values else self.headers[name]}' for name in covered]
        base = "\n".join([*lines, f'"@signature-params": {found[1]}'])
        try:
            self.receiver.public.verify(base64.b64decode(self.headers["Signature"][7:-1]), base.encode())
        except InvalidSignature:
            return False
        return True

    def _done(self, status: int, name: str) -> None:
        whole = self.receiver.whole[name]
        digest = _digest(whole + b"!" if self.receiver.spoils else whole)
        self._say(status, {"Repr-Digest": digest} if self.receiver.confirms else {})

    def _say(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _digest(whole: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(whole).digest()).decode()}:"


@contextmanager
def running_receiver(public: Ed25519PublicKey, authority: Authority) -> Iterator[Receiver]:
    """Run a receiver until the end of the block."""
    receiver = Receiver(public)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Calls", (_Calls,), {"receiver": receiver}))
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_path(authority.server.certificate), _path(authority.server.key))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.url = f"https://localhost:{server.server_address[1]}/packages"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _path(path: Path) -> str:
    return f"{path}"
