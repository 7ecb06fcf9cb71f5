"""A private file of JSON that several processes change: one at a time, and at once as a whole. Knows nothing of what is in it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lineage.errors import Misconfigured


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep others from changing the file meanwhile: one of the two changes would be lost. Raises: Misconfigured."""
    try:
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as cause:
        raise Misconfigured(f"{path.name} cannot be written: {cause.strerror}") from cause
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def replaced(path: Path, content: object) -> None:
    """Write the file anew, durably, for its owner alone. Raises: Misconfigured: it cannot be written."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(json.dumps(content, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as cause:
        raise Misconfigured(f"{path.name} cannot be written: {cause.strerror}") from cause
    finally:
        with suppress(OSError):
            part.unlink()
