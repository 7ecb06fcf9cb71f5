"""The vendors' own specifications: read where they are kept, corrected where they contradict themselves. Judge nothing.

They are no part of this project. Where they are not found a test is skipped, and fails where CI=true.
"""

import copy
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.servers.fixtures import unavailable
from tests.servers.server import UnavailableError

ROOT = Path(__file__).parents[2]
SETTING = "JALKI_TEST_SPECS"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


@dataclass(frozen=True)
class Correction:
    """What a specification says wrongly: the value that belongs at a JSON pointer, which is added where it is missing.

    `why` says where the vendor itself says otherwise.
    """

    pointer: str
    value: Any
    why: str


@dataclass(frozen=True, eq=False)
class Specification:
    """An OpenAPI specification of a vendor, by the name of its file."""

    name: str
    corrections: Sequence[Correction] = field(default=())

    @cached_property
    def whole(self) -> Mapping[str, Any]:
        """All of it, corrected."""
        return corrected(raw(self.name), self.corrections)

    @property
    def prefix(self) -> str:
        """The path of its first server, without a slash at the end."""
        return urlsplit(str((self.whole.get("servers") or [{"url": ""}])[0]["url"])).path.rstrip("/")

    def of(self, operations: Sequence[tuple[str, str]]) -> "Specification":
        """Return it with these operations alone, `(method, path)`. Raises: KeyError: it has no such."""
        smaller = copy.deepcopy(dict(self.whole))
        paths = smaller["paths"]
        kept = {path: {method.lower() for method, each in operations if each == path} for _, path in operations}
        for path, methods in kept.items():
            if missing := methods - paths[path].keys():
                raise KeyError(f"{path} has no {missing}")
        smaller["paths"] = {
            path: {name: part for name, part in paths[path].items() if name not in METHODS or name in methods}
            for path, methods in kept.items()
        }
        made = Specification(self.name)
        made.__dict__["whole"] = smaller
        return made


def folder() -> Path:
    """Return where they are kept: what the environment names, or beside the project."""
    return Path(os.environ.get(SETTING) or ROOT.parent / "shared" / "specs")


def raw(name: str) -> dict[str, Any]:
    """Return a specification as its vendor wrote it; where it is not there, skip the test or fail it."""
    path = folder() / name
    if not path.is_file():
        unavailable(UnavailableError(f"the specification {name} is not there; {SETTING} names the folder with it"))
    text = path.read_text("utf-8")
    found = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    assert isinstance(found, dict)
    return found


def corrected(whole: Mapping[str, Any], corrections: Sequence[Correction]) -> dict[str, Any]:
    """Return a specification with the corrections. Raises: AssertionError: one changes nothing, so it can go."""
    made = copy.deepcopy(dict(whole))
    for each in corrections:
        *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in each.pointer.strip("/").split("/")]
        at: Any = made
        for part in parents:
            at = at[int(part)] if isinstance(at, list) else at[part]
        assert "$ref" not in at, f"{each.pointer} is beside a reference, where nobody reads it"
        key: Any = int(last) if isinstance(at, list) else last
        before = at[key] if isinstance(at, list) else at.get(key)
        assert before != each.value, f"{each.pointer} is right by now: {each.why}"
        at[key] = each.value
    return made


def pointer(*parts: str) -> str:
    """Return a JSON pointer of these parts."""
    return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


@contextmanager
def written(specification: Specification, into: Path) -> Iterator[Path]:
    """Write a specification, as it is corrected, to a file for programs that read one, as long as the block lasts."""
    path = into / f"{Path(specification.name).stem}.json"
    path.write_text(json.dumps(specification.whole), "utf-8")
    try:
        yield path
    finally:
        path.unlink()
