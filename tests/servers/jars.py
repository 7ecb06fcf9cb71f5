"""Servers from Maven Central: their jars in a folder of this user's, fetched once; and the Java to run them."""

import fcntl
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.server import UnavailableError

OLDEST_JAVA = 17
FETCH_SECONDS = 900
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
PROJECT = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>fetched</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>{}</dependencies></project>"""
DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"


def cache() -> Path:
    """Return the folder that keeps what was fetched: $JALKI_TEST_CACHE, else one of this user's."""
    given = os.environ.get("JALKI_TEST_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "jalki-servers"


@functools.cache
def java() -> str:
    """Return the path of a Java new enough: $JAVA_HOME's, else the first on the path. Raises: UnavailableError."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin" if home else None)
    if not found:
        raise UnavailableError(f"no Java {OLDEST_JAVA} or newer on the path or in JAVA_HOME")
    if _major(java_version(found)) < OLDEST_JAVA:
        raise UnavailableError(f"{found} is older than Java {OLDEST_JAVA}; set JAVA_HOME to a newer one")
    return found


@functools.cache
def java_version(path: str) -> str:
    """Return what this Java says it is."""
    return subprocess.run([path, "-version"], capture_output=True, text=True, check=True).stderr


def _major(version: str) -> int:
    found = re.search(r'version "(\d+)', version)
    return int(found[1]) if found else 0


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock on this file, alone among all processes; yield False if another has it and we won't wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _maven(folder: Path, *words: str) -> None:
    if not (maven := shutil.which("mvn")):
        raise UnavailableError(f"no mvn on the path to fetch {folder.name} with, and no Docker engine answers")
    log = folder / "fetch.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [maven, "-B", "-q", *words], stdout=output, stderr=subprocess.STDOUT, timeout=FETCH_SECONDS, check=False
        )
    if done.returncode:
        raise UnavailableError(f"{folder.name} could not be fetched: {log.read_text('utf-8', 'replace')[-600:]}")


def jars(name: str, artifacts: Sequence[str]) -> Path:
    """Return the folder with all jars of these `group:artifact:version`s and of what they need. Raises: UnavailableError."""
    folder = cache() / name
    lib = folder / "lib"
    if lib.is_dir():
        return lib
    with locked(folder / "lock"):
        if not lib.is_dir():
            part = folder / "lib.part"
            shutil.rmtree(part, ignore_errors=True)
            project = folder / "pom.xml"
            project.write_text(PROJECT.format("".join(DEPENDENCY.format(*each.split(":")) for each in artifacts)))
            _maven(folder, "-f", f"{project}", f"{PLUGIN}:copy-dependencies", "-DincludeScope=runtime",
                   f"-DoutputDirectory={part}")  # fmt: skip
            part.rename(lib)
    return lib


def archive(name: str, artifact: str) -> Path:
    """Return the folder with what was packed in this `group:artifact:version:tar.gz:classifier`. Raises: UnavailableError."""
    folder = cache() / name
    app = folder / "app"
    if app.is_dir():
        return app
    with locked(folder / "lock"):
        if not app.is_dir():
            part = folder / "app.part"
            shutil.rmtree(part, ignore_errors=True)
            _maven(folder, f"{PLUGIN}:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={part / 'packed'}")
            (packed,) = (part / "packed").iterdir()
            shutil.unpack_archive(packed, part, "gztar", filter="data")
            shutil.rmtree(packed.parent)
            part.rename(app)
    return app
