"""Where a drop lies: what a connector needs of a folder, here or on a server; and the one on this machine. Reads no order."""

import errno
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from connectors.drop.files import LARGEST
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable

MOST_NAMES = 5_000
PARTLY = ".part"


class Place(Protocol):
    """A folder of a drop, open for one attempt. Names are plain: no folder is in them.

    Raises: Retryable: it is away, full, or cut the connection. Refused: it may not be used so. Misconfigured: it is not there,
    or does not let us in.
    """

    async def names(self, folder: str) -> Sequence[str]:
        """Return what lies in a folder below the drop; `""` is the drop itself."""
        ...

    async def read(self, folder: str, name: str) -> bytes | None:
        """Return a file; None where there is none."""
        ...

    async def put(self, name: str, content: bytes) -> None:
        """Put a file into the drop: whole, under its name, or not at all; in the place of one of that name."""
        ...


class Places(Protocol):
    """Opens a place."""

    def opened(self) -> AbstractAsyncContextManager[Place]:
        """Open it for one attempt."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A drop on this machine, or where it is mounted. Satisfies `Place` and `Places`."""

    party: str
    path: Path

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Place]:
        """Open it; there is nothing to open."""
        yield self

    async def names(self, folder: str) -> Sequence[str]:
        """Return what lies in a folder."""
        try:
            found = [each.name for each in os.scandir(self.path / folder)]
        except OSError as cause:
            raise _ours(self.party, cause) from None
        return checked(self.party, found)

    async def read(self, folder: str, name: str) -> bytes | None:
        """Return a file."""
        try:
            with (self.path / folder / name).open("rb") as file:
                return bounded(self.party, file.read(LARGEST + 1))
        except FileNotFoundError:
            return None
        except OSError as cause:
            raise _ours(self.party, cause) from None

    async def put(self, name: str, content: bytes) -> None:
        """Put a file into the drop, readable by its owner and group."""
        partly = self.path / f"{name}{PARTLY}"
        try:
            with os.fdopen(os.open(partly, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partly.replace(self.path / name)
        except OSError as cause:
            raise _ours(self.party, cause) from None


def checked(party: str, names: Sequence[str]) -> Sequence[str]:
    """Return names, as long as there are not too many. Raises: Refused: there are: nobody takes them away."""
    if len(names) > MOST_NAMES:
        raise Refused(f"more than {MOST_NAMES} files lie in the drop of {party}: nobody takes them away, ask the party")
    return sorted(names)


def bounded(party: str, content: bytes) -> bytes:
    """Return a file that is not too large. Raises: Refused: it is: no answer is."""
    if len(content) > LARGEST:
        raise Refused(f"a file in the drop of {party} is larger than an answer ever is: a person must look")
    return content


def no_folder(party: str) -> JalkiError:
    """Return the fault of a drop that is not there."""
    return Misconfigured(
        f"the drop of {party}, or its folder of answers, is not there: make it, or correct the descriptor"
    )


def not_allowed(party: str) -> JalkiError:
    """Return the fault of a drop that we may not use."""
    return Refused(f"the drop of {party} may not be read or written by us: ask the party for the right to")


def no_room(party: str, kind: str) -> JalkiError:
    """Return the fault of a drop that takes nothing now."""
    return Retryable(f"the drop of {party} takes no file now ({kind}): it may be full")


def _ours(party: str, cause: OSError) -> JalkiError:
    if cause.errno in (errno.ENOENT, errno.ENOTDIR):
        return no_folder(party)
    if cause.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return not_allowed(party)
    return no_room(party, errno.errorcode.get(cause.errno or 0, "unknown"))
