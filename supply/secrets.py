"""Looks for secrets in files, by the rules of detect-secrets, less what `no_secrets.toml` says is none. Decides about no file."""

import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

EXPLAINED = Path(__file__).with_name("no_secrets.toml")
_MARK = 10
"""Letters of a hash that tell one text from another."""


class Found(NamedTuple):
    """Something that looks like a secret: where, what kind, and the mark of its text. The text itself is not kept."""

    file: str
    line: int
    kind: str
    mark: str


def looked_through(root: Path, files: Iterable[str]) -> Iterator[Found]:
    """Yield what looks like a secret in files below a folder."""
    with default_settings():
        for name in files:
            for each in scan_file(str(root / name)):
                yield Found(name, each.line_number, each.type, each.secret_hash[:_MARK])


@lru_cache(maxsize=1)
def explained() -> frozenset[tuple[str, str, str]]:
    """Return what is known to be no secret: file, kind and mark."""
    told = tomllib.loads(EXPLAINED.read_text("utf-8"))["text"]
    return frozenset((each["file"], each["kind"], mark) for each in told for mark in each["marks"])
