"""A real SFTP server on loopback, with a folder of its own and faults on demand, in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Literal, TypeVar

import asyncssh

from tests.servers.waiting import free_port

USER, PASSWORD, PASSPHRASE = "jalki", "a long password", "opens it"
T = TypeVar("T")
SftpFault = Literal["slow", "busy", "broken", "cut", "cut-after", "refused", "login"]


class SftpParty:
    """The server, its folder `root`, its host keys in `known_hosts`, and the key that it lets in."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        (self.root / "in" / "answers").mkdir(parents=True)
        self.port = free_port()
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        ours = asyncssh.generate_private_key("ssh-ed25519")
        self.key_file = folder / "id"
        ours.write_private_key(self.key_file, "pkcs8-pem", PASSPHRASE)
        self.authorized = ours.export_public_key().decode()
        self.known_hosts = folder / "known_hosts"
        self.trust(self._host_key)
        self.fault: SftpFault | None = None
        self.renames = True
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncssh.SSHAcceptor | None = None
        self.start()

    def trust(self, key: asyncssh.SSHKey) -> None:
        """Write a host key into the file that we know the server by."""
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {key.export_public_key().decode()}")

    def start(self) -> None:
        if self._server is None:
            self._server = self._do(self._listen())

    def stop(self) -> None:
        if self._server is not None:
            self._do(self._end(self._server))
            self._server = None

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Logins(self),
            "127.0.0.1",
            self.port,
            server_host_keys=[self._host_key],
            sftp_factory=self._files,
        )

    async def _end(self, server: asyncssh.SSHAcceptor) -> None:
        server.close()
        await server.wait_closed()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def _files(self, channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return _Files(channel, self)


class _Logins(asyncssh.SSHServer):
    def __init__(self, party: SftpParty) -> None:
        self._party = party

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002 - the signature is asyncssh's
        if self._party.fault != "login":
            self._connection.set_authorized_keys(asyncssh.import_authorized_keys(self._party.authorized))
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD) and self._party.fault != "login"


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], party: SftpParty) -> None:
        super().__init__(channel, chroot=str(party.root).encode())
        self._party, self._channel = party, channel

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        if pflags & asyncssh.FXF_WRITE:
            match self._party.fault:
                case "slow":
                    await asyncio.Event().wait()
                case "busy":
                    raise asyncssh.SFTPFailure("No space left on device")
                case "broken":
                    raise asyncssh.SFTPBadMessage("nonsense")
                case "refused":
                    raise asyncssh.SFTPPermissionDenied("not for you")
                case "cut":
                    self._cut()
        return super().open(path, pflags, attrs)

    def rename(self, oldpath: bytes, newpath: bytes) -> object:
        return self._renamed(super().rename, oldpath, newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> object:
        if not self._party.renames:
            raise asyncssh.SFTPOpUnsupported("no such extension")
        return self._renamed(super().posix_rename, oldpath, newpath)

    def _renamed(self, rename: Callable[[bytes, bytes], object], oldpath: bytes, newpath: bytes) -> object:
        done = rename(oldpath, newpath)
        if self._party.fault == "cut-after" and newpath.endswith(b".manifest.json"):
            self._cut()
        return done

    def _cut(self) -> None:
        self._channel.get_connection().abort()
        raise asyncssh.SFTPConnectionLost("cut")
