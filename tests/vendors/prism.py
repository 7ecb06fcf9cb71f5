"""Prism as a judge from outside: a proxy before a server, which says where requests or answers are not as a specification says.

It is fetched once into this user's folder. Where there is no Node to run it a test is skipped, and fails where CI=true.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.servers.fixtures import had
from tests.servers.jars import cache as kept
from tests.servers.jars import locked
from tests.servers.processes import Process
from tests.servers.server import Power, UnavailableError, running
from tests.servers.waiting import accepts, free_port
from tests.vendors.specifications import Specification, written

PACKAGE = "@stoplight/prism-cli"
VERSION = "5.16.0"
FETCH_SECONDS = 600
SILENT = {"SCARF_ANALYTICS": "false", "NO_UPDATE_NOTIFIER": "1"}
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
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node:
        raise UnavailableError("no node on the path to run Prism with")
    folder = kept() / f"prism-{VERSION}"
    modules = folder / "node_modules"
    if not modules.is_dir():
        with locked(folder / "lock"):
            if not modules.is_dir():
                _fetch(npm, folder)
    return node, f"{modules / PACKAGE / 'dist' / 'index.js'}"


def _fetch(npm: str | None, folder: Path) -> None:
    if not npm:
        raise UnavailableError("no npm on the path to fetch Prism with")
    part = folder / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    # Its packages' own scripts are not needed to run it, and one of them tells others that it was installed.
    words = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", f"{part}", f"{PACKAGE}@{VERSION}")
    done = subprocess.run(
        [npm, *words],
        cwd=part,
        env={**os.environ, **SILENT},
        capture_output=True,
        text=True,
        timeout=FETCH_SECONDS,
        check=False,
    )
    if done.returncode:
        raise UnavailableError(f"Prism could not be fetched: {done.stderr[-600:]}")
    (part / "node_modules").rename(folder / "node_modules")
