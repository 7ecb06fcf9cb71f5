"""Packages of the npm registry that tests use: each fetched once, at one version, into this user's folder."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.jars import cache as kept
from tests.servers.jars import locked
from tests.servers.server import UnavailableError

FETCH_SECONDS = 600
SILENT = {"SCARF_ANALYTICS": "false", "NO_UPDATE_NOTIFIER": "1"}


def fetched(package: str, version: str, called: str) -> Path:
    """Return the folder of a package, fetched if need be. Raises: UnavailableError: it could not be."""
    folder = kept() / f"{called}-{version}"
    modules = folder / "node_modules"
    if not modules.is_dir():
        with locked(folder / "lock"):
            if not modules.is_dir():
                _fetch(f"{package}@{version}", called, folder)
    return modules / package


def _fetch(wanted: str, called: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise UnavailableError(f"no npm on the path to fetch {called} with")
    part = folder / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    # Its packages' own scripts are not needed to run it, and one of them tells others that it was installed.
    done = subprocess.run(
        [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", f"{part}", wanted],
        cwd=part,
        env={**os.environ, **SILENT},
        capture_output=True,
        text=True,
        timeout=FETCH_SECONDS,
        check=False,
    )
    if done.returncode:
        raise UnavailableError(f"{called} could not be fetched: {done.stderr[-600:]}")
    (part / "node_modules").rename(folder / "node_modules")
