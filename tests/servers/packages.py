"""Programs for Node that tests run: fetched once into this user's folder, each of one version."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers.jars import cache as kept
from tests.servers.jars import locked
from tests.servers.server import UnavailableError

FETCH_SECONDS = 600
SILENT = {"SCARF_ANALYTICS": "false", "NO_UPDATE_NOTIFIER": "1"}


def node() -> str:
    """Return where Node is. Raises: UnavailableError: nowhere."""
    found = shutil.which("node")
    if not found:
        raise UnavailableError("no node on the path")
    return found


def fetched(package: str, version: str) -> Path:
    """Return the folder `node_modules` that has a package of that version. Raises: UnavailableError: it could not be fetched."""
    folder = kept() / f"{package.rpartition('/')[2]}-{version}"
    modules = folder / "node_modules"
    if not modules.is_dir():
        with locked(folder / "lock"):
            if not modules.is_dir():
                _fetch(package, version, folder)
    return modules


def _fetch(package: str, version: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise UnavailableError(f"no npm on the path to fetch {package} with")
    part = folder / "part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    # Packages' own scripts are not needed to run them, and one of Prism's tells others that it was installed.
    words = ("install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", f"{part}", f"{package}@{version}")
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
        raise UnavailableError(f"{package} could not be fetched: {done.stderr[-600:]}")
    (part / "node_modules").rename(folder / "node_modules")
