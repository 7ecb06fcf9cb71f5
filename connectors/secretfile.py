"""Reads a secret from its file, at the moment it is needed: a changed password is used at once, and none is kept."""

from pathlib import Path

from lineage.errors import Misconfigured

_LARGEST = 4_096


def read_secret(path: Path, what: str) -> str:
    """Return the secret in a file, without the white space around it. `what` names it in messages.

    Raises: Misconfigured: the file cannot be read, is empty, or holds more than one line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            secret = file.read(_LARGEST).strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"the file with {what} cannot be read: check its path and who may read it") from cause
    if not secret or any(ord(sign) < ord(" ") for sign in secret):
        raise Misconfigured(f"the file with {what} does not hold one line of text: write the secret alone into it")
    return secret
