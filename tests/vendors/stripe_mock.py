"""stripe-mock, Stripe's own stand-in with the specification of its preview: it refuses each request that is otherwise.

It holds nothing, so it judges single requests. It is built once into this user's folder. Where there is no Go to build
it with a test is skipped, and fails where CI=true.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.servers.fixtures import had
from tests.servers.jars import cache as kept
from tests.servers.jars import locked
from tests.servers.processes import Process
from tests.servers.server import Power, UnavailableError, running
from tests.servers.waiting import accepts, free_port

MODULE = "github.com/stripe/stripe-mock"
VERSION = "v0.203.0"
"""Its specification of the preview is part of it: a newer one may know other calls."""
BUILD_SECONDS = 900


@contextmanager
def stripe_mock(folder: Path) -> Iterator[str]:
    """Run it as long as the block lasts; yields where it listens. `folder` gets its log."""
    with had(_running(folder)) as at:
        yield at


@contextmanager
def _running(folder: Path) -> Iterator[str]:
    port, other = free_port(), free_port()
    while other == port:
        other = free_port()
    # Without an address for HTTPS it would listen on every address of this machine.
    listen = ("-http-addr", f"127.0.0.1:{port}", "-https-addr", f"127.0.0.1:{other}")
    body = Process((f"{_program()}", "-beta", *listen), folder / "stripe-mock.log")
    power = Power(body, lambda: None if accepts("127.0.0.1", port) else f"nothing listens on {port}")
    with running(power):
        yield f"http://127.0.0.1:{port}"


@cache
def _program() -> Path:
    """Return it, built if need be. Raises: UnavailableError: there is no Go, or it could not be built."""
    folder = kept() / f"stripe-mock-{VERSION.removeprefix('v')}"
    program = folder / "stripe-mock"
    if not program.is_file():
        with locked(folder / "lock"):
            if not program.is_file():
                _build(shutil.which("go"), folder)
    return program


def _build(go: str | None, folder: Path) -> None:
    if not go:
        raise UnavailableError("no go on the path to build stripe-mock with")
    part = folder / "part"
    part.mkdir(parents=True, exist_ok=True)
    words: Sequence[str] = (go, "install", f"{MODULE}@{VERSION}")
    done = subprocess.run(
        words,
        cwd=part,
        env={**os.environ, "GOBIN": f"{part}", "GOFLAGS": "-buildvcs=false"},
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if done.returncode:
        raise UnavailableError(f"stripe-mock could not be built: {done.stderr[-600:]}")
    (part / "stripe-mock").rename(folder / "stripe-mock")
