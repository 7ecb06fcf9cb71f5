"""Files for whoever ran the command: written whole or not at all, and for their owner alone. Knows nothing of what is in them."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from lineage.errors import Misconfigured


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by name, each whole or not at all, in the order given; the folder is made where there is none.

    Raises: Misconfigured: the folder cannot be made, or a file not be written; those before it stay.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as cause:
        raise Misconfigured(f"{folder} cannot be made: {cause.strerror}") from cause
    for name, content in files.items():
        write_whole(folder / name, content)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, for its owner alone even where one stood there that others could read.

    What stood there stays until the new one is there. It is not waited for until it is on disk.

    Raises: Misconfigured: it cannot be written.
    """
    begun = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        begun.replace(path)
    except OSError as cause:
        with suppress(OSError):
            begun.unlink()
        raise Misconfigured(f"{path} cannot be written: {cause.strerror}") from cause
