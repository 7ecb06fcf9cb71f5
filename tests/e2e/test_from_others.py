"""Records that others put on Kafka: in either encoding, without our key and headers, and with what must never be kept."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import confluent_kafka
import fastavro
import httpx2
import pytest

from console.opening import opened
from console.settings import read_settings
from schemas.catalogue import load_catalogue
from schemas.codec import MARKER
from streams.kafka.access import KafkaAccess
from streams.kafka.lag import settled
from streams.records import GROUP
from streams.shop import Event
from tests.e2e.events import ADDRESS, SCHEMAS, event, order
from tests.e2e.hidden import readable_in
from tests.e2e.program import jalki
from tests.e2e.sealed import sealed_in_graph
from tests.e2e.test_cards import CARDS, cards_in
from tests.e2e.workers import Worker, working
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j
from tests.servers.registry import Registry
from tests.servers.waiting import until

CATALOGUE = load_catalogue()


class Shop:
    """An empty shop on servers with one worker, and a producer that is not ours."""

    def __init__(self, data: Path, settings: Mapping[str, str], access: KafkaAccess, worker: Worker) -> None:
        self.data, self.settings, self.access, self.worker = data, settings, access, worker

    def publish(self, topic: str, values: Iterable[bytes], key: bytes | None = None) -> None:
        """Publish and wait until all of it is handled."""
        ends: dict[tuple[str, int], int] = {}

        def confirmed(error: confluent_kafka.KafkaError | None, sent: confluent_kafka.Message) -> None:
            assert error is None
            at = (str(sent.topic()), int(sent.partition() or 0))
            ends[at] = max(int(sent.offset() or 0), ends.get(at, -1))

        producer = confluent_kafka.Producer({"bootstrap.servers": ",".join(self.access.servers), "linger.ms": 5})
        for value in values:
            producer.produce(topic, value, key, on_delivery=confirmed)
        assert producer.flush(30) == 0
        assert ends
        until(lambda: None if settled(self.access, GROUP, ends) else f"{ends}", seconds=60, what="all of it handled")


@pytest.fixture
def shop(kafka: Kafka, neo4j_server: Neo4j, schema_registry: Registry, tmp_path: Path) -> Iterator[Shop]:
    kafka.wipe()
    neo4j_server.wipe()
    schema_registry.wipe()
    settings = {**kafka.settings, **neo4j_server.settings, **schema_registry.settings, "JALKI_LOG_LEVEL": "DEBUG"}
    assert jalki("topics", "create", settings=settings).code == 0
    data = tmp_path / "data"
    with working(1, tmp_path, settings, data) as (worker,):
        yield Shop(data, settings, kafka.access, worker)


def with_time(each: Event) -> dict[str, Any]:
    fields = {name: value for name, value in each.items() if name != "type"}
    return {**fields, "occurred_at": datetime.fromisoformat(str(each["occurred_at"]))}


def single_object(each: Event) -> bytes:
    """In single-object encoding, with nothing looked at: whoever publishes need not use our code."""
    kind = CATALOGUE.types[str(each["type"])]
    body = io.BytesIO()
    fastavro.schemaless_writer(body, kind.schema, with_time(each))
    return MARKER + kind.fingerprint + body.getvalue()


class Foreign:
    """A producer in the Confluent wire format, with schemas that it registers itself."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._known: dict[str, tuple[int, Any]] = {}

    def value(self, topic: str, each: Event) -> bytes:
        number, schema = self._schema(topic, str(each["type"]))
        body = io.BytesIO()
        fastavro.schemaless_writer(body, schema, with_time(each))
        return b"\x00" + number.to_bytes(4) + body.getvalue()

    def _schema(self, topic: str, name: str) -> tuple[int, Any]:
        if name not in self._known:
            text = (SCHEMAS / f"{name}.avsc").read_text("utf-8")
            said = httpx2.post(f"{self._url}/subjects/{topic}-{name}/versions", json={"schema": text}, trust_env=False)
            self._known[name] = said.raise_for_status().json()["id"], fastavro.parse_schema(json.loads(text))
        return self._known[name]


def test_records_of_others_in_both_encodings_mixed_on_a_topic_are_recorded(
    shop: Shop, schema_registry: Registry
) -> None:
    foreign = Foreign(schema_registry.url)
    orders = [order(f"o-{number}", f"O-{number}", customer_id="C-17") for number in range(40)]
    booked = [
        event("ShipmentBooked", f"s-{number}", "2026-03-02T09:30:00Z", shipment_id=f"S-{number}", order_id=f"O-{number}",
              customer_id="C-17", carrier="posti", name="Aino Esimerkki", address=ADDRESS)
        for number in range(20)
    ]  # fmt: skip
    mixed = [foreign.value("orders", each) if number % 2 else single_object(each) for number, each in enumerate(orders)]
    # The same events once more, each in the other encoding; and an id of the registry that it does not know.
    mixed += [
        single_object(each) if number % 2 else foreign.value("orders", each) for number, each in enumerate(orders)
    ]
    unknown = b"\x00" + (2**31 - 1).to_bytes(4) + mixed[1][5:]
    shop.publish("orders", [*mixed, unknown], key=b"a key of theirs")
    shop.publish("shipping", [foreign.value("shipping", each) for each in booked])
    assert [shop.worker.counted(each) for each in ("recorded", "repeated", "dead")] == [60, 40, 1]
    found = jalki("where", "customer_id:C-17", "--json", "--data", shop.data, settings=shop.settings).json
    assert found["identifiers"] == {"customer_id": 1, "email": 1, "order_id": 40, "shipment_id": 20}
    assert {each["party"]: each["disclosures"] for each in found["holdings"] if each["observed"]}["posti"] == 20
    (letter,) = jalki("dead-letters", "--json", "--data", shop.data, settings=shop.settings).json
    assert letter["position"].startswith("orders[")


def test_a_card_number_that_others_publish_is_nowhere_not_even_sealed(shop: Shop, neo4j_server: Neo4j) -> None:
    values = []
    for number, card in enumerate(CARDS):
        values += [
            single_object(order(f"name-{number}", f"N-{number}", name=card)),
            single_object(order(f"order-{number}", card)),
            single_object(order(f"mail-{number}", f"M-{number}", email=f"{card}@posti.example")),
            single_object(order(card, f"E-{number}")),
            single_object(order(f"cut-{number}", card))[:-3],
            f"not a record: {card}".encode(),
        ]
    assert sum(cards_in(each.decode("latin-1")) for each in values) == len(values)
    shop.publish("orders", values, key=CARDS[0].encode())
    with neo4j_server.driver() as driver:
        nodes = [each[0] for each in driver.execute_query("MATCH (n) RETURN properties(n) AS found").records]
        ties = [each[0] for each in driver.execute_query("MATCH ()-[r]->() RETURN properties(r) AS found").records]
        keys = [each[0] for each in driver.execute_query("MATCH (i:Identifier) RETURN i.key AS key").records]
    kept = b"\n".join(
        each if isinstance(each, bytes) else f"{each}".encode() for node in [*nodes, *ties] for each in node.values()
    )
    assert len(nodes) > len(values)
    assert readable_in(kept, CARDS) == []
    with opened(read_settings(shop.settings, shop.data)) as folder:
        sealed = list(sealed_in_graph(folder, [bytes.fromhex(each) for each in keys]))
    assert len(sealed) > len(values) // 2
    assert [text for text in sealed if cards_in(text)] == []
    said = shop.worker.said()
    assert "DEBUG" in said
    assert readable_in(said.encode(), CARDS) == []
    assert not cards_in(said)
