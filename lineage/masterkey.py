"""The master key: 32 bytes in a file that only its owner may read. It wraps every key of the key ring."""

import os
from contextlib import suppress
from pathlib import Path

from lineage.errors import Misconfigured, Refused
from lineage.sealing import KEY, new_key


def read_master_key(path: Path) -> bytes:
    """Read the master key: 64 hexadecimal digits.

    Raises:
        Misconfigured: there is no such file, or no key in it.
    """
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        raise Misconfigured(
            f"the master key {path.name} is missing: restore it, or say where it is with JALKI_MASTER_KEY_FILE; "
            "without it nothing that was sealed can be read"
        ) from None
    except OSError as cause:
        raise Misconfigured(f"the master key {path.name} cannot be read: {cause.strerror}") from cause
    except ValueError:
        key = b""
    if len(key) != KEY:
        raise Misconfigured(f"{path.name} holds no master key (64 hexadecimal digits): restore the right file")
    return key


def make_master_key(path: Path) -> bytes:
    """Make a new master key in a file that does not exist yet, wholly or not at all.

    Raises:
        Refused: the file is there already, or cannot be written.
    """
    key = new_key()
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a renaming, this never replaces a key that another process made meanwhile
    except OSError as cause:
        raise Refused(f"the master key {path.name} cannot be written: {cause.strerror}") from cause
    finally:
        with suppress(OSError):
            part.unlink()
    return key


def readable_by_others(path: Path) -> bool:
    """Tell whether anyone but the owner may read the file."""
    return bool(path.stat().st_mode & 0o077)
