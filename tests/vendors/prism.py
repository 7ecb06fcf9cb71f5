"""Prism as a judge from outside: a proxy before a server, which says where requests or answers are not as a specification says.

It is fetched once into this user's folder. Where there is no Node to run it a test is skipped, and fails where CI=true.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.servers.fixtures import had
from tests.servers.packages import SILENT, fetched, node
from tests.servers.processes import Process
from tests.servers.server import Power, running
from tests.servers.waiting import accepts, free_port
from tests.vendors.specifications import Specification, written

PACKAGE = "@stoplight/prism-cli"
VERSION = "5.16.0"
VIOLATIONS = "sl-violations"
PROBLEMS = "https://stoplight.io/prism/errors"


def violations(headers: Mapping[str, str], body: bytes) -> Sequence[str]:
    """Return what Prism has against a request or its answer: from a header, or instead of the answer."""
    low = {name.lower(): value for name, value in headers.items()}
    found = json.loads(low.get(VIOLATIONS, "[]"))
    if low.get("content-type", "").startswith("application/problem+json"):
        problem = json.loads(body)
        if str(problem.get("type", "")).startswith(PROBLEMS):
            found += problem.get("validation") or [{"location": [], "message": problem["title"]}]
    return [f"{'.'.join(map(str, each['location']))}: {each['message']}" for each in found]


@contextmanager
def proxied(specification: Specification, url: str, folder: Path) -> Iterator[str]:
    """Run Prism before the server at `url` as long as the block lasts; yields where it listens. `folder` gets its log."""
    with written(specification, folder) as file, had(_prism(file, url, folder)) as at:
        yield at


@contextmanager
def _prism(file: Path, url: str, folder: Path) -> Iterator[str]:
    port = free_port()
    listen = ("-h", "127.0.0.1", "-p", f"{port}")
    command = (*_program(), "proxy", "--errors", *listen, f"{file}", url)
    body = Process(command, folder / "prism.log", SILENT)
    power = Power(body, lambda: None if accepts("127.0.0.1", port) else f"nothing listens on {port}")
    with running(power):
        yield f"http://127.0.0.1:{port}"


@cache
def _program() -> Sequence[str]:
    """Return how to run it, fetched if need be. Raises: UnavailableError: there is no Node, or it could not be fetched."""
    return node(), f"{fetched(PACKAGE, VERSION) / PACKAGE / 'dist' / 'index.js'}"
