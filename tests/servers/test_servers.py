"""The support's own tests: a server that only seems to be there would let every other test pass or fail for nothing."""

import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient
from kafka import KafkaConsumer, KafkaProducer
from neo4j.exceptions import AuthError, ServiceUnavailable

from streams.kafka.access import KafkaAccess
from tests.servers.fixtures import had
from tests.servers.kafka import Kafka, running_kafka
from tests.servers.neo4j import Neo4j, running_neo4j
from tests.servers.postgres import Postgres, running_postgres
from tests.servers.processes import Process, alive
from tests.servers.registry import Registry
from tests.servers.secured import Secured
from tests.servers.server import Power, running
from tests.servers.waiting import NeverHappenedError, until

SECURED = [
    Secured(sasl="PLAIN"),
    Secured(sasl="SCRAM-SHA-512", tls=True),
    Secured(client_certificate=True),
]
SERVERS = ["kafka", "neo4j_server", "schema_registry", "postgres"]


def say(server: Kafka, topic: str, *values: bytes) -> None:
    with KafkaProducer(**server.access.client_settings()) as producer:
        for value in values:
            producer.send(topic, value).get(timeout=30)


def heard(server: Kafka, topic: str, group: str | None = None) -> list[bytes]:
    """What the topic holds for this group, up to its end."""
    settings: dict[str, Any] = server.access.client_settings()
    found: list[bytes] = []

    def left() -> str | None:
        found.extend(record.value for records in consumer.poll(100).values() for record in records)
        at = {partition: consumer.position(partition) for partition in consumer.assignment()}
        return None if at and at == consumer.end_offsets(list(at)) else f"at {at}"

    # A topic made anew may be missing from the first metadata that is asked for: it is asked for again soon.
    settings |= {"group_id": group, "auto_offset_reset": "earliest", "metadata_max_age_ms": 500}
    with KafkaConsumer(topic, **settings) as consumer:
        until(left, seconds=30, what="the end of the topic")
    return found


def test_kafka_keeps_what_it_acknowledged_over_a_kill(kafka: Kafka) -> None:
    breakable(kafka)
    kafka.wipe()
    say(kafka, "kept", b"one", b"two")
    kafka.kill()
    kafka.start()
    assert heard(kafka, "kept") == [b"one", b"two"]


def test_a_wiped_kafka_has_no_topics_and_no_groups(kafka: Kafka) -> None:
    say(kafka, "topic", b"one")
    assert heard(kafka, "topic", "group") == [b"one"]
    kafka.wipe()
    with kafka.admin() as admin:
        assert not {"topic"} & set(admin.list_topics())
        assert not admin.list_groups()
    say(kafka, "topic", b"two")
    assert heard(kafka, "topic", "group") == [b"two"]


def test_a_wipe_throws_out_members_that_left_without_a_word(kafka: Kafka) -> None:
    say(kafka, "topic", b"one")
    settings = kafka.access.client_settings()
    with KafkaConsumer("topic", **settings, group_id="crashed", auto_offset_reset="earliest") as consumer:
        until(lambda: None if consumer.poll(100) else "nothing", seconds=30, what="a record")
        kafka.wipe()
        with kafka.admin() as admin:
            assert not admin.list_groups()


def refused(access: KafkaAccess) -> bool:
    """Whether the broker refuses them: kafka-python goes on trying until its time is over, librdkafka says why."""
    named = {
        "bootstrap.servers": ",".join(access.servers),
        "security.protocol": access.security,
        "sasl.mechanisms": access.sasl,
        "sasl.username": access.user,
        "sasl.password": access.password,
        "ssl.ca.location": access.ca_file and f"{access.ca_file}",
    }
    errors: list[KafkaError] = []
    settings: dict[str, Any] = {name: value for name, value in named.items() if value}
    settings["error_cb"] = errors.append
    client = AdminClient(settings)

    def awaited() -> str | None:
        client.poll(0.1)
        why = [f"{each}" for each in errors if each.code() == KafkaError._AUTHENTICATION or "SSL alert" in f"{each}"]
        return None if why else f"{errors}"

    until(awaited, seconds=20, what="a refusal")
    return True


@pytest.fixture(params=SECURED, ids=lambda secured: f"{secured.protocol} {secured.sasl or 'certificate'}")
def secured_kafka(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kafka]:
    with had(running_kafka(tmp_path / "kafka", secured=request.param)) as server:
        yield server


def test_a_secured_kafka_lets_in_whom_it_knows_and_nobody_else(secured_kafka: Kafka) -> None:
    say(secured_kafka, "secret", b"one")
    known = secured_kafka.access
    wrong = replace(known, password="no") if known.sasl else replace(known, certificate_file=None, key_file=None)  # noqa: S106 - a wrong one
    assert refused(wrong)
    assert known.security == secured_kafka.settings["JALKI_KAFKA_SECURITY"]


def test_neo4j_keeps_what_it_committed_over_a_kill(neo4j_server: Neo4j) -> None:
    breakable(neo4j_server)
    neo4j_server.wipe()
    with neo4j_server.driver() as driver:
        driver.execute_query("CREATE (:Kept {number: 1})")
    neo4j_server.kill()
    neo4j_server.start()
    with neo4j_server.driver() as driver:
        assert driver.execute_query("MATCH (n:Kept) RETURN n.number AS number").records[0]["number"] == 1


def test_a_wiped_neo4j_has_no_nodes_no_constraints_and_no_indexes_of_ours(neo4j_server: Neo4j) -> None:
    with neo4j_server.driver() as driver:
        driver.execute_query("CREATE CONSTRAINT one_a FOR (n:A) REQUIRE n.a IS UNIQUE")
        driver.execute_query("CREATE INDEX by_b FOR (n:A) ON (n.b)")
        driver.execute_query("UNWIND range(1, 30000) AS a CREATE (n:A {a: a})-[:B]->(n)")
        neo4j_server.wipe()
        assert driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"] == 0
        assert not driver.execute_query("SHOW CONSTRAINTS").records
        assert {each["type"] for each in driver.execute_query("SHOW INDEXES").records} == {"LOOKUP"}


def test_a_secured_neo4j_lets_in_whom_it_knows_and_nobody_else(tmp_path: Path) -> None:
    with had(running_neo4j(tmp_path / "neo4j", password="a-long-one", tls=True)) as server:  # noqa: S106 - the test's own
        assert server.settings["JALKI_NEO4J"].startswith("bolt+s://")
        with server.driver() as driver:
            assert driver.execute_query("RETURN 1 AS one").records[0]["one"] == 1
        with replace(server.login, password="wrong").driver() as driver, pytest.raises(AuthError):  # noqa: S106 - wrong
            driver.verify_connectivity()
        with replace(server.login, ca_file=None).driver() as driver, pytest.raises(ServiceUnavailable):
            driver.verify_connectivity()


def test_the_registry_keeps_a_schema_over_a_kill_and_refuses_one_that_cannot_follow_it(
    schema_registry: Registry,
) -> None:
    breakable(schema_registry)
    schema_registry.wipe()
    with httpx2.Client(base_url=schema_registry.url) as client:
        made = client.post("/subjects/kept-value/versions", json={"schema": '{"type": "string"}'})
        schema_registry.kill()
        schema_registry.start()
        assert client.get(f"/schemas/ids/{made.json()['id']}").json()["schema"] == '{"type": "string"}'
        refused = client.post("/subjects/kept-value/versions", json={"schema": '{"type": "int"}'})
        assert refused.status_code == httpx2.codes.CONFLICT
        schema_registry.wipe()
        assert client.get("/subjects").json() == []


def test_postgres_keeps_what_it_committed_over_a_kill(postgres: Postgres) -> None:
    breakable(postgres)
    url = postgres.new_database()
    with postgres.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    postgres.kill()
    postgres.start()
    with postgres.connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]
    postgres.drop(url)


def test_each_database_is_new_and_empty(postgres: Postgres) -> None:
    one, other = postgres.new_database(), postgres.new_database()
    with postgres.connect(one) as connection:
        connection.execute("CREATE TABLE here (number int)")
    with postgres.connect(other) as connection:
        assert connection.execute("SELECT to_regclass('here')").fetchall() == [(None,)]
    postgres.drop(one)
    postgres.drop(other)


def test_a_secured_postgres_lets_in_whom_it_knows_and_nobody_else(tmp_path: Path) -> None:
    with had(running_postgres(tmp_path / "postgres", "the right one", tls=True)) as server:
        with server.connect() as connection:
            assert connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchall() == [
                (True,)
            ]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            replace(server.login, password="wrong").connect()  # noqa: S106 - a wrong one
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            server.connect(f"{server.url.partition('?')[0]}?sslmode=disable")


def test_a_frozen_server_keeps_its_connections_and_answers_when_it_goes_on(postgres: Postgres) -> None:
    breakable(postgres)
    with postgres.connect() as connection:
        postgres.pause()
        try:
            connection.pgconn.send_query(b"SELECT 1")
            answered, _, _ = select.select([connection], [], [], 0.5)
            assert not answered
        finally:
            postgres.resume()
        assert (answer := connection.pgconn.get_result())
        assert answer.get_value(0, 0) == b"1"
        assert connection.pgconn.get_result() is None


def test_a_server_that_ends_by_itself_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    body = Process([sys.executable, "-c", "raise SystemExit('no such setting')"], tmp_path / "log")
    with pytest.raises(NeverHappenedError, match="no such setting"), running(Power(body, lambda: "no answer")):
        raise AssertionError("it never ran")


def test_a_server_given_to_the_tests_is_not_theirs_to_break() -> None:
    with pytest.raises(PermissionError):
        Power(None, lambda: None).start()


def test_a_server_goes_with_the_tests_even_if_they_are_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path;"
        "from tests.servers.processes import Process; from tests.servers.waiting import until;"
        "log = Path(sys.argv[1]); it = Process(['sh', '-c', 'echo up; exec sleep 600'], log); it.start();"
        "until(lambda: None if log.read_text() else 'no word', seconds=30, what='its start');"
        "print(it.running.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "log"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    pid = int(ended.stdout)
    until(lambda: "it runs" if alive(pid) else None, seconds=10, what="its end")


def breakable(server: Kafka | Neo4j | Registry | Postgres) -> None:
    if not server.owned:
        pytest.skip("this server was given to the tests; they may not break it")
