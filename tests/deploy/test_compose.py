import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from console.outward import OUTWARD
from console.settings import SETTINGS
from tests.deploy.composed import FILE, ROOT, SANDBOX, SECRETS, config, copied, published, resolved, sources

OURS = {"topics", "worker", "console"}
ONCE = {"kafka-user", "keyring-user", "topics"}
STATEFUL = {"kafka": "/var/lib/kafka/data", "neo4j": "/data", "keyring": "/var/lib/postgresql/data"}
STATEFUL |= {"registry": "/var/lib/registry"}
KEEPING = {**STATEFUL, "console": "/var/lib/jalki"}
NO_ROOT = {"kafka", "kafka-user", "keyring-user", "registry", *OURS}
"""Services that need no capability; Neo4j's and PostgreSQL's own images begin as root to step down from it."""


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return resolved(tmp_path_factory.mktemp("compose"))


@pytest.fixture(scope="module")
def services(read: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read["services"]
    return found


def test_the_services_are_those_that_the_tests_know(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == STATEFUL.keys() | ONCE | OURS


def test_every_published_port_is_on_loopback(services: dict[str, dict[str, Any]]) -> None:
    ports = {name: published(service) for name, service in services.items()}
    assert sum(map(len, ports.values())) == 6
    assert all(address == "127.0.0.1" for found in ports.values() for address, _ in found)
    assert not [name for name, service in services.items() if service.get("network_mode") == "host"]


def test_ports_and_memory_can_be_set_but_not_the_address(tmp_path: Path) -> None:
    services = resolved(tmp_path, KAFKA_PORT="19999", NEO4J_HEAP="7g", WORKER_PORTS="9500")["services"]
    assert services["neo4j"]["environment"]["NEO4J_server_memory_heap_max__size"] == "7g"
    assert published(services["kafka"]) == [("127.0.0.1", "9094")]
    assert "19999" in str(services["kafka"]["ports"])


def test_no_password_is_in_an_environment_an_argument_or_the_file(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for variable, value in (service.get("environment") or {}).items():
            if re.search(r"PASSWORD|SECRET|AUTH|KEY_FILE|TOKEN", variable, re.IGNORECASE):
                assert variable.endswith("_FILE"), f"{name}: {variable}"
                assert str(value).startswith("/run/secrets/"), f"{name}: {variable}"
        assert not re.search(r"://[^/\s]*:[^@/\s]*@", str(service)), name


def test_every_secret_is_a_file_that_someone_must_make(read: dict[str, Any]) -> None:
    assert set(read["secrets"]) == set(SECRETS)
    for name, secret in read["secrets"].items():
        assert Path(secret["file"]).parts[-2:] == ("secrets", name)


def test_secrets_that_were_made_here_are_never_committed() -> None:
    assert (ROOT / "secrets" / ".gitignore").read_text("utf-8").splitlines()[-2:] == ["*", "!.gitignore"]


def test_every_secret_that_is_read_is_given_and_no_other(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        told = [service.get("environment"), service.get("command"), service.get("healthcheck")]
        assert sources(service, "secrets") == set(re.findall(r"/run/secrets/(\w+)", str(told))), name


def test_every_service_tells_its_health_or_runs_once(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        if name in ONCE:
            assert service.get("restart", "no") == "no", name
        else:
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name


def test_whoever_is_waited_for_is_ready_or_done(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        for name, how in (service.get("depends_on") or {}).items():
            expected = "service_completed_successfully" if name in ONCE else "service_healthy"
            assert how["condition"] == expected, name
    assert set(services["worker"]["depends_on"]) >= {"kafka", "neo4j", "keyring-user", "topics"}


def test_every_image_is_pinned_and_ours_is_this_version(services: dict[str, dict[str, Any]]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    for name, service in services.items():
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*|postgres:17\.\d+-\w+", service["image"]), name
        assert (service["image"] == f"jalki:{version}") == (name in OURS), name


@pytest.mark.parametrize(("name", "place"), KEEPING.items())
def test_what_must_outlive_a_container_is_on_a_volume(read: dict[str, Any], name: str, place: str) -> None:
    service = read["services"][name]
    assert sources(service, "volumes") <= set(read["volumes"])
    assert place in str(service["volumes"])


def test_every_container_is_held_short(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["logging"]["options"]["max-size"], name
        assert not service.get("privileged"), name
        assert "docker.sock" not in str(service), name
        assert not service.get("cap_add"), name
    assert {name for name, service in services.items() if service.get("cap_drop") == ["ALL"]} == NO_ROOT


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_own_containers_can_write_nothing_and_are_nobody(services: dict[str, dict[str, Any]], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["user"] == "10001:10001"
    assert sources(service, "volumes") == ({"accounts"} if name == "console" else set())
    assert all("noexec" in each for each in service["tmpfs"])


def test_a_worker_has_time_to_stop_and_is_asked_for_its_health(services: dict[str, dict[str, Any]]) -> None:
    worker = services["worker"]
    assert worker["stop_grace_period"] in {"1m", "1m0s", "60s"}
    assert "/health" in str(worker["healthcheck"]["test"])
    assert worker["environment"]["JALKI_LISTEN"].endswith(":9464")
    assert published(worker) == [("127.0.0.1", "9464")]


def test_the_console_is_reached_by_its_own_address_and_holds_no_partys_password(
    services: dict[str, dict[str, Any]],
) -> None:
    console = services["console"]
    assert published(console) == [("127.0.0.1", "9466")]
    assert console["environment"]["JALKI_CONSOLE_URL"] == "http://127.0.0.1:9470"
    assert sources(console, "secrets") == {"kafka_password", "neo4j_password", "keyring_password", "master_key"}
    assert not set(console["environment"]) & set(OUTWARD)


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_own_containers_are_told_only_settings_that_there_are(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    assert set(services[name]["environment"]) <= set(SETTINGS)


def test_neo4j_reports_to_nobody_and_keeps_what_was_deleted_only_shortly(services: dict[str, dict[str, Any]]) -> None:
    settings = services["neo4j"]["environment"]
    assert settings["NEO4J_dbms_usage__report_enabled"] == "false"
    assert settings["NEO4J_db_tx__log_rotation_retention__policy"] == "1 hours"
    assert settings["NEO4J_db_logs_query_enabled"] == "OFF"
    assert services["neo4j"]["image"].startswith("neo4j:5.26.")


def test_kafka_asks_who_it_is_wherever_it_can_be_reached(services: dict[str, dict[str, Any]]) -> None:
    settings = services["kafka"]["environment"]
    security = dict(each.split(":") for each in settings["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    for listener in settings["KAFKA_LISTENERS"].split(","):
        name, _, address = listener.partition("://")
        assert security[name].startswith("SASL_") or address.startswith("127.0.0.1:"), name
        if security[name].startswith("SASL_"):
            assert f"KAFKA_LISTENER_NAME_{name}_SCRAM___SHA___512_SASL_JAAS_CONFIG" in settings


def test_a_file_that_compose_cannot_use_would_be_found(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / FILE.name).write_text((folder / FILE.name).read_text("utf-8") + "\nservices: []\n", "utf-8")
    assert config(folder).returncode != 0


def test_the_example_of_settings_names_all_of_them_and_no_secret() -> None:
    files = FILE.read_text("utf-8") + SANDBOX.read_text("utf-8")
    used = set(re.findall(r"\$\{(\w+):-", files))
    example = (ROOT / ".env.example").read_text("utf-8")
    assert set(re.findall(r"^#?(\w+)=", example, re.MULTILINE)) - {"COMPOSE_PROFILES", "COMPOSE_FILE"} == used
    for name, default in re.findall(r"\$\{(\w+):-([^}]+)\}", files):
        assert f"{name}={default}" in example
    assert not re.search(r"^\w*(PASSWORD|TOKEN|MASTER_KEY)\w*=", example, re.MULTILINE)
