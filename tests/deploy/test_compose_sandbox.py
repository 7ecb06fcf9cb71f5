"""The Compose file of the sandbox over the other one: stand-ins of vendors, and a worker that calls them and nobody else."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from connectors.sandbox.vendors import VENDORS
from console.cli import app
from console.settings import SETTINGS
from tests.deploy.composed import SANDBOX, config, published, resolved, sources


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compose")


@pytest.fixture(scope="module")
def read(folder: Path) -> dict[str, Any]:
    return resolved(folder, SANDBOX)


@pytest.fixture(scope="module")
def without(read: dict[str, Any], folder: Path) -> dict[str, Any]:  # noqa: ARG001 - it makes the files
    said = config(folder, COMPOSE_PROFILES="registry")
    found: dict[str, Any] = yaml.safe_load(said.stdout)
    return found


def unordered(told: Any) -> Any:
    """The same with lists sorted: Compose 1 writes those that it merges in any order."""
    if isinstance(told, dict):
        return {name: unordered(each) for name, each in told.items()}
    return sorted(told, key=repr) if isinstance(told, list) else told


def words(service: dict[str, Any]) -> list[str]:
    """The command of a service; Compose 1 may write it as one text."""
    told = service["command"]
    return shlex.split(told) if isinstance(told, str) else [str(each) for each in told]


def test_without_it_nothing_is_changed_and_with_it_a_service_more_and_the_worker(
    read: dict[str, Any], without: dict[str, Any]
) -> None:
    assert read["services"].keys() - without["services"].keys() == {"sandbox"}
    changed = {
        name for name, each in without["services"].items() if unordered(read["services"][name]) != unordered(each)
    }
    assert changed == {"worker"}
    assert "JALKI_PARTIES" not in without["services"]["worker"]["environment"]


def test_the_worker_has_the_files_of_the_sandbox_that_it_waits_for_and_cannot_write_them(read: dict[str, Any]) -> None:
    sandbox, worker = read["services"]["sandbox"], read["services"]["worker"]
    given = dict(zip(*[iter(words(sandbox)[1:])] * 2, strict=True))
    assert worker["environment"]["JALKI_PARTIES"] == given["--folder"]
    assert worker["depends_on"]["sandbox"]["condition"] == "service_healthy"
    assert sources(worker, "volumes") == sources(sandbox, "volumes") == {"sandbox"}
    assert "ro" in str(worker["volumes"]).replace("'read_only': True", "ro")
    assert set(worker["environment"]) <= set(SETTINGS)
    assert worker["depends_on"].keys() >= {"kafka", "neo4j", "keyring-user", "topics"}, (
        "the others are still waited for"
    )


def test_it_is_started_as_the_command_wants_it_and_called_by_the_services_name(read: dict[str, Any]) -> None:
    command, *given = words(read["services"]["sandbox"])
    options = {name for each in get_command(app).commands[command].params for name in each.opts}  # type: ignore[attr-defined]
    assert set(given[::2]) <= options
    told = dict(zip(given[::2], given[1::2], strict=True))
    assert (told["--host"], told["--listen"], told["--port"]) == ("sandbox", "0.0.0.0", "9500")  # noqa: S104


def test_every_vendor_has_a_port_on_loopback_alone(read: dict[str, Any]) -> None:
    ports = published(read["services"]["sandbox"])
    assert {address for address, _ in ports} == {"127.0.0.1"}
    inside = {port for _, each in ports for port in ports_of(each)}
    assert inside == set(range(9500, 9500 + len(VENDORS)))


def ports_of(text: str) -> range:
    begin, _, end = text.partition("-")
    return range(int(begin), int(end or begin) + 1)


def test_it_is_held_as_short_as_the_worker(read: dict[str, Any]) -> None:
    sandbox, worker = read["services"]["sandbox"], read["services"]["worker"]
    for key in ("image", "user", "read_only", "tmpfs", "cap_drop", "security_opt", "logging", "restart"):
        assert sandbox[key] == worker[key], key
    assert not sandbox.get("secrets")
    assert not sandbox.get("environment")


def test_its_keys_are_in_memory_and_go_with_it(read: dict[str, Any]) -> None:
    options = read["volumes"]["sandbox"]["driver_opts"]
    assert options["type"] == "tmpfs"
    assert "mode=0700" in options["o"]
    user, _, group = read["services"]["sandbox"]["user"].partition(":")
    assert f"uid={user},gid={group}" in options["o"]


def test_it_is_healthy_only_while_every_vendor_can_be_reached(
    read: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is run as the container runs it, over another folder."""
    import json
    import socket

    code = read["services"]["sandbox"]["healthcheck"]["test"][-1].replace("/sandbox/parties", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError):
        exec(code, {})  # noqa: S102 - what the Compose file says
    with socket.create_server(("127.0.0.1", 0)) as server:
        listed = {"sendgrid": f"https://sandbox:{server.getsockname()[1]}"}
        (tmp_path / "sandbox.json").write_text(json.dumps(listed))
        exec(code, {})  # noqa: S102
    with pytest.raises(ConnectionRefusedError):
        exec(code, {})  # noqa: S102
