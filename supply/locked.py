"""What is pinned, what the program itself needs of it, and under which licence each comes: from files and installed metadata."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from license_expression import get_spdx_licensing
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
_LICENCES = Path(__file__).with_name("licences.toml")
_PINNED = re.compile(
    r"^([a-z0-9][a-z0-9-]*)==(\S+?)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", re.MULTILINE
)
# Where the program runs in its image; what a lock holds for other systems is not part of what is told of.
PLACE: Mapping[str, str] = {
    "implementation_name": "cpython", "implementation_version": "3.11.0", "os_name": "posix", "platform_machine": "x86_64",
    "platform_python_implementation": "CPython", "platform_release": "", "platform_system": "Linux", "platform_version": "",
    "python_full_version": "3.11.0", "python_version": "3.11", "sys_platform": "linux",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pinned:
    """One package of a lock: its name, version, for which systems, and the SHA-256 of every file that it may come as."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def is_here(self) -> bool:
        """Whether it is for the system that the program's image is."""
        return not self.marker or Marker(self.marker).evaluate({**PLACE})


def pinned(text: str) -> Mapping[str, Pinned]:
    """Return the packages of a lock by name. Raises: ValueError: a line that is neither pinned nor a hash."""
    found = {}
    for name, version, marker, hashes in _PINNED.findall(text):
        found[name] = Pinned(name, version, marker, tuple(re.findall(r"[0-9a-f]{64}", hashes)))
    if _PINNED.sub("", text).strip():
        raise ValueError("a line of the lock is not pinned with hashes")
    return found


def project() -> Mapping[str, Any]:
    """Return the project's own table of `pyproject.toml`."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def needed(asked: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return every package that some requirements need, with the names of those it needs itself: from installed metadata.

    Raises: PackageNotFoundError: one of them is not installed.
    """
    found: dict[str, tuple[str, ...]] = {}
    waiting = [Requirement(each) for each in asked]
    met: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        each = waiting.pop()
        name, extras = canonicalize_name(each.name), frozenset(each.extras)
        if (name, extras) in met:
            continue
        met.add((name, extras))
        inner = list(_inner(distribution(name), extras))
        waiting += inner
        found[name] = tuple(sorted({*found.get(name, ()), *(str(canonicalize_name(one.name)) for one in inner)}))
    return found


def _inner(told: Distribution, extras: Collection[str]) -> Iterator[Requirement]:
    for text in told.requires or ():
        each = Requirement(text)
        if each.marker is None or any(each.marker.evaluate({**PLACE, "extra": extra}) for extra in ("", *extras)):
            yield each


@lru_cache(maxsize=1)
def licences() -> Mapping[str, Any]:
    """Return the list of licences that may be."""
    return tomllib.loads(_LICENCES.read_text("utf-8"))


@lru_cache(maxsize=1)
def _spdx() -> Any:  # noqa: ANN401 - of a library without types; to make it takes half a second
    return get_spdx_licensing()


def licence_of(name: str) -> str | None:
    """Return the licence of an installed package as an SPDX expression; None where nobody can tell.

    What `licences.toml` says of it comes first; then its own expression, its own words, and its classifiers.
    """
    table = licences()
    if name in table["packages"]:
        return str(table["packages"][name])
    try:
        told = distribution(name).metadata
    except PackageNotFoundError:
        return None
    classified = [
        each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or () if each.startswith("License ::")
    ]
    own = [each for field in ("License-Expression", "License") for each in told.get_all(field) or ()]
    for words in (*own, *classified):
        said = table["words"].get(words, words) if words else None
        if said and not _spdx().validate(said).errors:
            return str(said)
    return None


def is_allowed(expression: str, allowed: Collection[str]) -> bool:
    """Tell whether an expression can be kept to with licences of the list: one side of an `OR`, both of an `AND`."""
    return _kept(_spdx().parse(expression), allowed)


def _kept(parsed: Any, allowed: Collection[str]) -> bool:  # noqa: ANN401 - the library's own tree, without types
    operator = getattr(parsed, "operator", "").strip()
    if operator:
        sides = [_kept(each, allowed) for each in parsed.args]
        return any(sides) if operator == "OR" else all(sides)
    return str(parsed) in allowed
