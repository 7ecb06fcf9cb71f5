"""The Compose file as Compose reads it: with whichever Compose is here, in a copy with made-up secrets."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
SANDBOX = ROOT / "docker-compose.sandbox.yml"
SECRETS = ("kafka_password", "neo4j_auth", "neo4j_password", "postgres_password", "keyring_password", "master_key")


@cache
def compose() -> tuple[str, ...]:
    """How to call Compose. Where it cannot be called, tests fail under CI=true and are skipped elsewhere."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]) and not subprocess.run([*command, "version"], capture_output=True).returncode:
            return command
    reason = "neither `docker compose` nor `docker-compose` is here: install one, on Debian with apt-get"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def copied(folder: Path) -> Path:
    """A copy of the Compose files, with secrets beside them that open nothing."""
    for each in (FILE, SANDBOX):
        shutil.copy(each, folder)
    (folder / "secrets").mkdir()
    for name in SECRETS:
        (folder / "secrets" / name).write_text("made-up", "utf-8")
    return folder


def config(folder: Path, *more: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """What `config` says in a folder, of the file and `more` of them, with nothing but these settings in the environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **settings}
    return subprocess.run(
        [*compose(), *(word for each in (FILE, *more) for word in ("-f", each.name)), "config"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def resolved(folder: Path, *more: Path, **settings: str) -> dict[str, Any]:
    """The file, with `more` of them over it, with anchors, defaults and paths put in."""
    said = config(copied(folder), *more, COMPOSE_PROFILES="registry", **settings)
    assert said.returncode == 0, said.stderr
    read: dict[str, Any] = yaml.safe_load(said.stdout)
    return read


def published(service: dict[str, Any]) -> list[tuple[str, str]]:
    """(address, port inside) of every published port; Compose 1 writes text, Compose 2 a mapping."""
    found = []
    for port in service.get("ports", ()):
        if isinstance(port, dict):
            found.append((str(port.get("host_ip", "")), str(port["target"])))
        else:
            address, _, _ = str(port).rpartition(":")
            found.append((address.rpartition(":")[0], str(port).rpartition(":")[2].partition("/")[0]))
    return found


def sources(service: dict[str, Any], what: str) -> set[str]:
    """The names of the secrets or named volumes that a service is given."""
    found = set()
    for each in service.get(what, ()):
        found.add(each["source"] if isinstance(each, dict) else str(each).partition(":")[0])
    return found
