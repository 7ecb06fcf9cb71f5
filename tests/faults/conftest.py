"""Servers that may be broken, brought back after each test, and a stage on them."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.shops import Shop, made
from tests.faults.stage import Stage
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return made(tmp_path_factory.mktemp("shop"))


def brought_back(server: Kafka | Neo4j) -> None:
    """Let it run as before, whatever a test that failed has left it in."""
    body = server.power.ours
    if body.ended() is None:
        body.resume()
    else:
        body.kill()
        server.start()


@pytest.fixture
def staged(shop: Shop, kafka: Kafka, neo4j_server: Neo4j, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Make a stage with so many partitions a topic."""
    for server in (kafka, neo4j_server):
        if not server.owned:
            pytest.skip("a server that was given to the tests is not theirs to break")

    def make(partitions: int = 2) -> Stage:
        stage = Stage(kafka, neo4j_server, shop, tmp_path)
        stage.set_up(partitions)
        return stage

    yield make
    for server in (kafka, neo4j_server):
        brought_back(server)
    gc.collect()  # kafka-python leaves sockets behind; found later they would count as a fault of another test


@pytest.fixture
def stage(staged: Callable[..., Stage]) -> Stage:
    return staged()
