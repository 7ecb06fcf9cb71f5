"""Reads a secret from its file or the environment, at the moment it is needed: a changed one is used at once, none is kept."""

import os
from dataclasses import dataclass
from pathlib import Path

from lineage.errors import Misconfigured

_LARGEST = 16_384


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is: in a file, or in an environment variable. `what` names it in messages."""

    what: str
    file: Path | None = None
    variable: str | None = None

    def read(self) -> str:
        """Return the secret. Raises: Misconfigured: it is not there, or is not one line of text."""
        if self.variable is not None:
            secret = os.environ.get(self.variable, "").strip()
            if not secret or not _is_line(secret):
                raise Misconfigured(f"{self.variable} does not hold {self.what}: set it to the secret alone")
            return secret
        if self.file is None:
            raise Misconfigured(f"nothing says where {self.what} is: name a file or an environment variable")
        return read_secret(self.file, self.what)


def read_secret(path: Path, what: str) -> str:
    """Return the secret in a file, without the white space around it. `what` names it in messages.

    Raises: Misconfigured: the file cannot be read, is empty, or holds more than one line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            secret = file.read(_LARGEST).strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"the file with {what} cannot be read: check its path and who may read it") from cause
    if not secret or not _is_line(secret):
        raise Misconfigured(f"the file with {what} does not hold one line of text: write the secret alone into it")
    return secret


def _is_line(secret: str) -> bool:
    return not any(ord(sign) < ord(" ") for sign in secret)
