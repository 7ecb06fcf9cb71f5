"""`jalki topics create`: what it prints and how it exits, on a real broker and as the program itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka.clients import administrator
from streams.kafka.provisioning import create, find
from streams.kafka.topics import wanted
from tests.e2e.program import Ended, jalki
from tests.schemas.own_type import VISIT
from tests.servers.kafka import Kafka
from tests.servers.waiting import free_port

EVENTS = ["accounts", "aftersales", "disclosures", "newsletter", "orders", "payments", "shipping", "web"]
SHIPPED = sorted([*EVENTS, "cases", "tasks", "outcomes", "drift"])


@pytest.fixture
def empty(kafka: Kafka) -> Iterator[Kafka]:
    """A broker without topics: the command makes those of the product, whatever another test has left."""
    kafka.wipe()
    yield kafka
    kafka.wipe()


def run(server: Kafka, *words: str, **settings: object) -> Ended:
    return jalki("topics", "create", *words, settings={**server.settings, **settings})


def states(ended: Ended) -> dict[str, str]:
    return {each["topic"]: each["state"] for each in ended.json}


def test_topics_are_made_and_then_there_already(empty: Kafka) -> None:
    first = run(empty)
    assert (first.code, first.out.splitlines()) == (0, [f"{name}: made, 6 partitions" for name in SHIPPED])
    again = run(empty)
    assert (again.code, again.out.splitlines()) == (0, [f"{name}: there already, 6 partitions" for name in SHIPPED])


def test_topics_of_added_event_types_are_made_too(empty: Kafka, tmp_path: Path) -> None:
    (tmp_path / "VisitBooked.avsc").write_text(json.dumps(VISIT))
    done = run(empty, "--json", JALKI_SCHEMAS=tmp_path)
    assert (done.code, states(done)) == (0, dict.fromkeys(sorted([*SHIPPED, "visits"]), "made"))
    (found,) = find(empty.access, wanted(["visits"])).values()
    assert (found.partitions, found.settings["retention.ms"]) == (6, "604800000")


def test_fewer_partitions_are_reported_then_changed(empty: Kafka) -> None:
    create(empty.access, wanted(["orders"], partitions=2))
    told = run(empty)
    assert told.code == 1
    assert told.out.splitlines()[SHIPPED.index("orders")] == (
        "orders: differs, 2 partitions; 2 partitions, should be 6; `jalki topics create --change` mends what can be mended"
    )
    assert find(empty.access, wanted(["orders"]))["orders"].partitions == 2
    mended = run(empty, "--change")
    assert mended.code == 0
    assert mended.out.splitlines()[SHIPPED.index("orders")] == (
        "orders: changed, 6 partitions; 2 partitions, should be 6 (changed)"
    )
    assert find(empty.access, wanted(["orders"]))["orders"].partitions == 6


def test_what_cannot_be_changed_is_told_and_exits_with_1(empty: Kafka) -> None:
    assert run(empty).code == 0
    done = run(empty, "--replication", "2", "--change", "--json")
    assert (done.code, set(states(done).values())) == (1, {"differs"})
    said = "replication factor 1, should be 2: Kafka's own tool for reassignment changes it"
    assert [each["differences"] for each in done.json] == [[said]] * len(SHIPPED)


def test_the_json_has_a_stable_shape(empty: Kafka) -> None:
    assert run(empty, "--json", "--partitions", "3").json[0] == {
        "topic": "accounts",
        "state": "made",
        "partitions": 3,
        "replication": 1,
        "differences": [],
        "changed": [],
        "remarks": [],
    }


def test_a_topic_that_somebody_had_compacted_is_mended_and_keeps_its_many_partitions(empty: Kafka) -> None:
    with administrator(empty.access, "making") as client:
        client.create_topics({"orders": {"num_partitions": 12, "configs": {"cleanup.policy": "compact"}}})
    done = run(empty, "--change", "--json")
    orders = done.json[SHIPPED.index("orders")]
    assert (done.code, orders["state"], orders["partitions"]) == (0, "changed", 12)
    assert "cleanup.policy is compact, should be delete" in orders["changed"]
    assert orders["remarks"] == ["12 partitions, more than the 6 of the table"]


def test_more_replicas_than_brokers_are_refused_in_one_line(empty: Kafka) -> None:
    done = run(empty, "--replication", "3")
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "replication" in done.said.lower()


def test_without_kafka_it_is_a_matter_of_configuration() -> None:
    done = jalki("topics", "create")
    assert (done.code, done.out) == (2, "")
    assert "set JALKI_KAFKA" in done.said


def test_a_broker_that_is_away_exits_with_2_in_one_line() -> None:
    done = jalki("topics", "create", settings={"JALKI_KAFKA": f"127.0.0.1:{free_port()}"})
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "no Kafka broker can be reached" in done.said
