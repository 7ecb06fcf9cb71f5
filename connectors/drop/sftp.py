"""A drop on an SFTP server. The one home of asyncssh; reads no order.

The server is known by the host keys of a file, and by nothing else: one it does not have is not believed at first sight.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from posixpath import join

import asyncssh

from connectors.drop.files import LARGEST
from connectors.drop.places import MOST_NAMES, PARTLY, Place, bounded, checked, no_folder, no_room, not_allowed
from connectors.secretfile import Secret
from lineage.errors import Misconfigured, Retryable

_LOGIN_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Server:
    """An SFTP server of a party, and who we are there. Satisfies `connectors.drop.places.Places`.

    `key_file` is our private key, `passphrase` opens it; without a key `password` is given.
    """

    party: str
    host: str
    port: int
    user: str
    folder: str
    known_hosts: Path
    key_file: Path | None = None
    passphrase: Secret | None = None
    password: Secret | None = None
    seconds: float = 30.0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Place]:
        """Log in, and hang up at the end. Raises: as `Place`."""
        keys = self._keys()
        password = self.password.read() if self.password else None
        if not self.known_hosts.is_file():
            raise Misconfigured(f"the file with the host keys of {self.party} is not there: ask the party for its keys")
        with self._faults():
            async with asyncio.timeout(self.seconds):
                connection = await asyncssh.connect(
                    self.host, self.port, username=self.user, known_hosts=str(self.known_hosts), client_keys=keys,
                    password=password, agent_path=None, config=None, kbdint_auth=False, host_based_auth=False,
                    gss_auth=False, gss_kex=False, login_timeout=_LOGIN_SECONDS, connect_timeout=self.seconds,
                )  # fmt: skip
        try:
            with self._faults():
                async with asyncio.timeout(self.seconds):
                    yield Files(self.party, self.folder, await connection.start_sftp_client())
        finally:
            connection.abort()  # a kind end would wait for a server that does not answer
            await connection.wait_closed()

    def _keys(self) -> list[asyncssh.SSHKey]:
        if self.key_file is None:
            return []
        passphrase = self.passphrase.read() if self.passphrase else None
        try:
            return [asyncssh.read_private_key(self.key_file, passphrase)]
        except (OSError, ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
            # Whoever mistakes the file may have put another secret there: nothing of it is told.
            raise Misconfigured(f"our key for {self.party} cannot be read: check the file and its passphrase") from None

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what the server does into what must be done. Nothing it says is passed on."""
        try:
            yield
        except asyncssh.HostKeyNotVerifiable:
            raise Misconfigured(
                f"the server of {self.party} shows a host key that is not in our file: ask the party before anything is sent"
            ) from None
        except asyncssh.PermissionDenied:
            raise Misconfigured(
                f"the server of {self.party} does not let us in: check user, key and password"
            ) from None
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory):
            raise no_folder(self.party) from None
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect):
            raise not_allowed(self.party) from None
        except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost) as cause:
            raise self._away(cause) from None
        except asyncssh.SFTPError as cause:
            raise no_room(self.party, type(cause).__name__) from None
        except (TimeoutError, OSError, asyncssh.Error) as cause:
            raise self._away(cause) from None

    def _away(self, cause: Exception) -> Retryable:
        return Retryable(f"the SFTP server of {self.party} cannot be used now ({type(cause).__name__})")


@dataclass(frozen=True, slots=True)
class Files:
    """The drop, on a server that we are logged in to. Satisfies `Place`; `Server` turns its faults into ours."""

    party: str
    folder: str
    client: asyncssh.SFTPClient

    async def names(self, folder: str) -> Sequence[str]:
        """Return what lies in a folder."""
        found = list[str]()
        async for each in self.client.scandir(join(self.folder, folder)):
            found.append(str(each.filename))
            if len(found) > MOST_NAMES + 2:
                break
        return checked(self.party, [each for each in found if each not in (".", "..")])

    async def read(self, folder: str, name: str) -> bytes | None:
        """Return a file."""
        try:
            async with self.client.open(join(self.folder, folder, name), "rb") as file:
                content = await file.read(LARGEST + 1)
        except asyncssh.SFTPNoSuchFile:
            return None
        return bounded(self.party, content if isinstance(content, bytes) else content.encode())

    async def put(self, name: str, content: bytes) -> None:
        """Put a file into the drop."""
        path = join(self.folder, name)
        async with self.client.open(f"{path}{PARTLY}", "wb", attrs=asyncssh.SFTPAttrs(permissions=0o640)) as file:
            await file.write(content)
        try:
            await self.client.posix_rename(f"{path}{PARTLY}", path)
        except asyncssh.SFTPOpUnsupported:
            # Without the extension a name that is taken must be made free first. Nobody reads a file without its manifest.
            if await self.client.exists(path):
                await self.client.remove(path)
            await self.client.rename(f"{path}{PARTLY}", path)
