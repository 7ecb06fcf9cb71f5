"""`jalki topics create`: what it prints and how it exits, on a real broker."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from console import topics
from lineage.errors import JalkiError, Misconfigured
from streams.access import KafkaAccess
from streams.clients import administrator
from streams.provisioning import find
from streams.topics import wanted
from tests.servers.kafka import Kafka
from tests.servers.waiting import free_port

SHIPPED = ["accounts", "aftersales", "disclosures", "newsletter", "orders", "payments", "shipping", "web"]


@pytest.fixture
def empty(kafka: Kafka) -> Iterator[Kafka]:
    kafka.wipe()
    yield kafka
    kafka.wipe()


def run(
    monkeypatch: pytest.MonkeyPatch, access: KafkaAccess | None, *words: str, topic_names: Sequence[str] = SHIPPED
) -> Result:
    settings = SimpleNamespace(kafka=access, schemas=None, register=None, log_level="WARNING", data=Path("nowhere"))
    monkeypatch.setattr(topics, "settings_of", lambda *_: settings)
    monkeypatch.setattr(topics, "log_to_stderr", lambda _: None)
    monkeypatch.setattr(topics, "catalogue_of", lambda _: SimpleNamespace(topics=tuple(topic_names)))
    app = typer.Typer()
    app.add_typer(topics.topics_commands, name="topics")
    return CliRunner().invoke(app, ["topics", "create", *words])


def test_topics_are_made_and_then_there_already(empty: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run(monkeypatch, empty.access)
    assert (first.exit_code, first.stdout.splitlines()) == (0, [f"{name}: made, 6 partitions" for name in SHIPPED])
    again = run(monkeypatch, empty.access)
    assert again.exit_code == 0
    assert again.stdout.splitlines() == [f"{name}: there already, 6 partitions" for name in SHIPPED]


def test_topics_of_added_event_types_are_made_too(empty: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, empty.access, "--json", topic_names=[*SHIPPED, "badges"])
    assert done.exit_code == 0
    assert {each["topic"]: each["state"] for each in json.loads(done.stdout)} == dict.fromkeys(
        [*SHIPPED, "badges"], "made"
    )


def test_fewer_partitions_are_reported_then_changed(empty: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, empty.access, "--partitions", "2", topic_names=["orders", "web"]).exit_code == 0
    told = run(monkeypatch, empty.access, topic_names=["orders", "web"])
    assert told.exit_code == 1
    assert told.stdout.splitlines()[0] == (
        "orders: differs, 2 partitions; 2 partitions, should be 6; `jalki topics create --change` mends what can be mended"
    )
    mended = run(monkeypatch, empty.access, "--change", topic_names=["orders", "web"])
    assert (mended.exit_code, mended.stdout.splitlines()[0]) == (
        0,
        "orders: changed, 6 partitions; 2 partitions, should be 6 (changed)",
    )
    assert {each.partitions for each in find(empty.access, wanted(["orders", "web"])).values()} == {6}


def test_what_cannot_be_changed_is_told_and_exits_with_1(empty: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, empty.access, topic_names=["orders"])
    done = run(monkeypatch, empty.access, "--replication", "2", "--change", "--json", topic_names=["orders"])
    (orders,) = json.loads(done.stdout)
    assert (done.exit_code, orders["state"], orders["replication"]) == (1, "differs", 1)
    assert orders["differences"] == ["replication factor 1, should be 2: Kafka's own tool for reassignment changes it"]


def test_the_json_has_a_stable_shape(empty: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    (orders,) = json.loads(run(monkeypatch, empty.access, "--json", topic_names=["orders"]).stdout)
    assert orders == {
        "topic": "orders",
        "state": "made",
        "partitions": 6,
        "replication": 1,
        "differences": [],
        "changed": [],
        "remarks": [],
    }


def test_a_topic_made_with_its_dates_kept_for_ever_is_mended(empty: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    with administrator(empty.access, "making") as client:
        client.create_topics({"orders": {"num_partitions": 12, "configs": {"cleanup.policy": "compact"}}})
    done = run(monkeypatch, empty.access, "--change", "--json", topic_names=["orders"])
    (orders,) = json.loads(done.stdout)
    assert (done.exit_code, orders["state"], orders["partitions"]) == (0, "changed", 12)
    assert "cleanup.policy is compact, should be delete" in orders["changed"]
    assert orders["remarks"] == ["12 partitions, more than the 6 of the table"]


@pytest.mark.parametrize(
    ("access", "said"), [(None, "set JALKI_KAFKA"), (KafkaAccess((f"127.0.0.1:{free_port()}",)), "no Kafka broker")]
)
def test_without_kafka_it_is_a_matter_of_configuration(
    monkeypatch: pytest.MonkeyPatch, access: KafkaAccess | None, said: str
) -> None:
    error = run(monkeypatch, access).exception
    assert isinstance(error, JalkiError)
    assert isinstance(error, Misconfigured), "the program exits with 2"
    assert said in str(error)
