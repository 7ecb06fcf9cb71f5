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

    def document(self) -> str:
        """Return a secret of several lines, such as a key file. Raises: Misconfigured: it is not there, or is no text."""
        if self.variable is not None:
            text = os.environ.get(self.variable, "")
        elif self.file is None:
            raise Misconfigured(f"nothing says where {self.what} is: name a file or an environment variable")
        else:
            text = _text_of(self.file, self.what)
        if not 0 < len(text.strip()) < _LARGEST:
            raise Misconfigured(
                f"{self.what} is empty, or longer than {_LARGEST} letters: it is not the key file alone"
            )
        return text


def read_secret(path: Path, what: str) -> str:
    """Return the secret in a file, without the white space around it. `what` names it in messages.

    Raises: Misconfigured: the file cannot be read, is empty, or holds more than one line.
    """
    secret = _text_of(path, what).strip()
    if not secret or not _is_line(secret):
        raise Misconfigured(f"the file with {what} does not hold one line of text: write the secret alone into it")
    return secret


def _text_of(path: Path, what: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_LARGEST)
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"the file with {what} cannot be read: check its path and who may read it") from cause


def _is_line(secret: str) -> bool:
    return not any(ord(sign) < ord(" ") for sign in secret)
