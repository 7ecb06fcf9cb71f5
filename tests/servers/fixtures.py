"""Fixtures of real servers: one of each a test process, started when first asked for, stopped at the end.

Each is, in this order: the one that the environment names, a container, a process of this machine. Where none can be
had the test is skipped with the reason, and fails where CI=true says that it must have run.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import pytest

from tests.servers.server import UnavailableError

# Each server's library is imported with its fixture: most tests need none of them.
if TYPE_CHECKING:
    from tests.servers.kafka import Kafka
    from tests.servers.neo4j import Neo4j
    from tests.servers.postgres import Postgres
    from tests.servers.registry import Registry

Server = TypeVar("Server")


def unavailable(why: UnavailableError) -> NoReturn:
    """Skip, or fail where CI=true."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"CI must not go without its servers: {why}", pytrace=False)
    pytest.skip(f"{why}")


@contextmanager
def had(server: AbstractContextManager[Server]) -> Iterator[Server]:
    """Run this server, one of a test's own or of a session's; where it cannot be had, skip the test or fail it."""
    with ExitStack() as stack:
        try:
            entered = stack.enter_context(server)
        except UnavailableError as why:
            unavailable(why)
        yield entered


def named(setting: str, *, shared: bool = False) -> str | None:
    """Return the endpoint that the environment names. Tests that empty their server can't share it with others."""
    given = os.environ.get(setting)
    if given and not shared and int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
        pytest.fail(f"{setting} is one server, and tests empty it: run pytest with -n 0", pytrace=False)
    return given


def file_of(setting: str) -> Path | None:
    """Return the path that the environment gives."""
    given = os.environ.get(setting)
    return Path(given) if given else None


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Kafka"]:
    """A Kafka broker without security."""
    from tests.servers.kafka import given_kafka, running_kafka

    if given := named("JALKI_TEST_KAFKA"):
        yield given_kafka(given)
        return
    with had(running_kafka(tmp_path_factory.mktemp("kafka"))) as server:
        yield server


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Neo4j"]:
    """A Neo4j that asks for no password."""
    from tests.servers.neo4j import given_neo4j, running_neo4j

    if given := named("JALKI_TEST_NEO4J"):
        secret = file_of("JALKI_TEST_NEO4J_PASSWORD_FILE")
        yield given_neo4j(given, os.environ.get("JALKI_TEST_NEO4J_USER"), secret)
        return
    with had(running_neo4j(tmp_path_factory.mktemp("neo4j"))) as server:
        yield server


@pytest.fixture(scope="session")
def schema_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Registry"]:
    """A schema registry; BACKWARD is its level."""
    from tests.servers.registry import given_registry, running_registry

    if given := named("JALKI_TEST_REGISTRY"):
        yield given_registry(given)
        return
    with had(running_registry(tmp_path_factory.mktemp("registry"))) as server:
        yield server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Postgres"]:
    """A PostgreSQL that asks for no password."""
    from tests.servers.postgres import given_postgres, running_postgres

    if given := named("JALKI_TEST_POSTGRES", shared=True):
        yield given_postgres(given, file_of("JALKI_TEST_POSTGRES_PASSWORD_FILE"))
        return
    with had(running_postgres(tmp_path_factory.mktemp("postgres"))) as server:
        yield server
