"""Passwords that are changed, or expire, while the program runs and when it starts."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from tests.faults.shops import Shop
from tests.faults.stage import Stage
from tests.servers.fixtures import had
from tests.servers.kafka import Kafka, running_kafka
from tests.servers.neo4j import Neo4j, running_neo4j
from tests.servers.secured import Secured
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED
FIRST, SECOND = "a-first-password", "a-second-password"
NEO4J_SAYS = "check JALKI_NEO4J_USER, JALKI_NEO4J_PASSWORD_FILE"
OWNERS = "the-owner's-own"
EXPIRED = "has expired: set a new one there and in JALKI_NEO4J_PASSWORD_FILE"
KAFKA_SAYS = "Kafka refuses the login: check JALKI_KAFKA_USER and JALKI_KAFKA_PASSWORD_FILE"


@pytest.fixture(scope="module")
def locked_neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4j]:
    with had(running_neo4j(tmp_path_factory.mktemp("locked"), password=OWNERS)) as server:
        yield server


@pytest.fixture(scope="module")
def scram(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    secured = Secured(sasl="SCRAM-SHA-512", password=FIRST)
    with had(running_kafka(tmp_path_factory.mktemp("scram"), secured=secured)) as server:
        yield server


def ask(server: Neo4j, statement: str) -> None:
    with server.driver() as driver:
        driver.execute_query(statement, database_="system")  # type: ignore[arg-type]  # its text is ours


def ends_with(stage: Stage, says: str) -> None:
    """A worker that starts now is refused: it says why, and that a person must act."""
    with stage.worker() as worker:
        assert worker.end() == 2
        assert says in worker.said


def test_a_password_of_neo4j_that_expired_or_was_changed_is_told_and_put_right(
    staged: Callable[..., Stage], locked_neo4j: Neo4j, tmp_path: Path
) -> None:
    ask(locked_neo4j, f"CREATE USER jalki SET PASSWORD '{FIRST}' CHANGE NOT REQUIRED")
    file = tmp_path / "password"
    file.write_text(FIRST)
    login = {**locked_neo4j.settings, "JALKI_NEO4J_USER": "jalki", "JALKI_NEO4J_PASSWORD_FILE": file}
    stage = staged().with_settings(**login)
    records = stage.shop.records
    third = len(records) // 3
    stage.publish(records[:third])
    with stage.worker() as worker:
        stage.until_recorded(worker)
        ask(locked_neo4j, f"ALTER USER jalki SET PASSWORD '{SECOND}' CHANGE REQUIRED")
        stage.publish(records[third : 2 * third])
        locked_neo4j.stop()
        worker.until_waits("Neo4j")
        locked_neo4j.start()
        assert worker.end() == 2
        assert NEO4J_SAYS in worker.said
    ends_with(stage, NEO4J_SAYS)
    file.write_text(SECOND)
    ends_with(stage, EXPIRED)
    assert any(EXPIRED in text for texts in stage.doctor().values() for text in texts)
    ask(locked_neo4j, f"ALTER USER jalki SET PASSWORD '{FIRST}' CHANGE NOT REQUIRED")
    file.write_text(FIRST)
    stage.publish(records[2 * third :])
    with stage.worker() as worker:
        stage.until_recorded(worker)
        worker.stop()
    stage.assert_whole()


def test_a_password_of_kafka_that_was_changed_is_told_and_put_right(
    scram: Kafka, neo4j_server: Neo4j, shop: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(FIRST)
    stage = Stage(scram, neo4j_server, shop, tmp_path, {"JALKI_KAFKA_PASSWORD_FILE": file})
    stage.set_up(2)
    half = len(shop.records) // 2
    stage.publish(shop.records[:half])
    with stage.worker() as worker:
        stage.until_recorded(worker)
        stage.publish(shop.records[half:])
        change(scram, SECOND)
        scram.stop()
        worker.until_waits("Kafka")
        scram.start()
        assert worker.end() == 2
        assert KAFKA_SAYS in worker.said
    ends_with(stage, KAFKA_SAYS)
    file.write_text(SECOND)
    stage = replace(stage, kafka=replace(scram, access=replace(scram.access, password=SECOND)))
    with stage.worker() as worker:
        stage.until_recorded(worker)
        worker.stop()
    stage.assert_whole()


def change(server: Kafka, password: str) -> None:
    with server.admin() as admin:
        given = UserScramCredentialUpsertion("shop", ScramMechanism.SCRAM_SHA_512, password)
        admin.alter_user_scram_credentials([given])
