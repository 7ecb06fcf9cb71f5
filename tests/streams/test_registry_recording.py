"""Records in the Confluent wire format, recorded: a registry that is away delays them and loses none."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from lineage.errors import Misconfigured, Retryable
from lineage.pseudonyms import Pseudonyms
from lineage.recording import Recording
from lineage.stores.keyring import sqlite_key_ring
from lineage.stores.sqlite import SqliteGraph
from schemas.catalogue import load_catalogue
from schemas.codec import HEADER, encode
from streams.recorder import Recorder
from streams.records import Record
from streams.registry import SchemaRegistry
from tests.servers.registry import Registry
from tests.servers.waiting import until
from tests.streams.answering import Reply, answering

CATALOGUE = load_catalogue()
KIND = CATALOGUE.types["NewsletterUnsubscribed"]
FOUND = Reply(200, json.dumps({"schema": json.dumps(KIND.schema)}))
UNKNOWN = Reply(404, '{"error_code": 40403}')
AWAY = [
    Reply(503, ""),
    Reply(500, '{"error_code": 50001}'),
    Reply(200, "<html>maintenance</html>"),
    Reply(200, "", silent=True),
]


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[SqliteGraph]:
    graph = SqliteGraph(tmp_path / "graph.db")
    yield graph
    graph.close()


@pytest.fixture
def recorder(graph: SqliteGraph, tmp_path: Path) -> Iterator["Recorders"]:
    recorders = Recorders(graph, tmp_path)
    yield recorders
    recorders.close()


class Recorders:
    """Makes a recorder that asks the registry at this address."""

    def __init__(self, graph: SqliteGraph, folder: Path) -> None:
        self._keys = sqlite_key_ring(folder / "keys.db", b"m" * 32)
        self._recording = Recording(graph, self._keys, Pseudonyms(b"p" * 32))
        self._registries: list[SchemaRegistry] = []

    def asking(self, url: str) -> Recorder:
        registry = SchemaRegistry(url, seconds=0.5)
        self._registries.append(registry)
        return Recorder(CATALOGUE, lambda _: True, Pseudonyms(b"p" * 32), self._recording, lambda: 2, registry)

    def close(self) -> None:
        self._keys.close()
        for each in self._registries:
            each.close()


def record(recorder: Recorder, records: list[Record]) -> None:
    recorder.write([recorder.seal(recorder.prepare(records))])


def body(number: int, **more: Any) -> bytes:
    event = {
        "event_id": f"e-{number}", "occurred_at": 1, "controller": "multitronic",
        "email": f"a{number}@example.fi", "customer_id": None, "source": "link",
    }  # fmt: skip
    return encode(KIND, {**event, **more})


def confluent(number: int, schema_id: int = 1, **more: Any) -> Record:
    value = b"\x00" + schema_id.to_bytes(4) + body(number, **more)[HEADER:]
    return Record("newsletter", 0, number, 0, None, value, ())


def single_object(number: int) -> Record:
    return Record("newsletter", 0, number, 0, None, body(number), ())


def test_both_encodings_of_one_event_are_one_event(recorder: Recorders) -> None:
    with answering() as server:
        server.replies = {"/schemas/ids/1": FOUND}
        asking = recorder.asking(server.url)
        record(asking, [single_object(1), confluent(1), confluent(2), single_object(2)])
        assert (asking.tally.recorded, asking.tally.repeated, asking.tally.dead) == (2, 2, 0)


def test_the_order_of_the_fields_a_producer_has_does_not_make_it_another_event(recorder: Recorders) -> None:
    fields = [each for each in KIND.schema["fields"] if each["name"] != "event_id"]
    schema = {**KIND.schema, "fields": [*fields, {"name": "event_id", "type": "string"}]}
    start = b"\x06e-1"
    value = confluent(1).value
    assert value[5:].startswith(start)
    moved = value[:5] + value[5 + len(start) :] + start
    with answering() as server:
        server.replies = {"/schemas/ids/1": Reply(200, json.dumps({"schema": json.dumps(schema)}))}
        asking = recorder.asking(server.url)
        record(asking, [single_object(1), Record("newsletter", 0, 9, 0, None, moved, ())])
        assert (asking.tally.recorded, asking.tally.repeated, asking.tally.dead) == (1, 1, 0)


@pytest.mark.parametrize("away", AWAY, ids=range(len(AWAY)))
def test_a_registry_that_is_away_delays_the_whole_batch_and_loses_nothing(
    recorder: Recorders, graph: SqliteGraph, away: Reply
) -> None:
    batch = [single_object(1), confluent(2), confluent(3, 7)]
    with answering() as server:
        server.replies = {"/schemas/ids/1": away, "/schemas/ids/7": UNKNOWN}
        asking = recorder.asking(server.url)
        for _ in range(2):
            with pytest.raises(Retryable):
                record(asking, batch)
        assert asking.tally.settled == 0
        assert not list(graph.letters())
        server.replies["/schemas/ids/1"] = FOUND
        record(asking, batch)
        assert (asking.tally.recorded, asking.tally.repeated, asking.tally.dead) == (2, 0, 1)


def test_a_registry_that_was_gone_is_found_again_at_its_address(recorder: Recorders) -> None:
    with answering() as first:
        first.replies = {"/schemas/ids/1": FOUND}
        asking = recorder.asking(first.url)
        record(asking, [confluent(1)])
    with pytest.raises(Retryable):
        record(asking, [confluent(2, 2)])
    record(asking, [confluent(3)])
    with answering(port=int(first.url.rpartition(":")[2])) as again:
        again.replies = {"/schemas/ids/2": FOUND}
        record(asking, [confluent(2, 2)])
    assert (asking.tally.recorded, asking.tally.dead) == (3, 0)


def test_a_registry_that_refuses_us_stops_the_batch_with_nothing_written(
    recorder: Recorders, graph: SqliteGraph
) -> None:
    with answering() as server:
        server.replies = {"/schemas/ids/1": Reply(401, "")}
        asking = recorder.asking(server.url)
        with pytest.raises(Misconfigured):
            record(asking, [single_object(1), confluent(2)])
        assert asking.tally.settled == 0
        assert not list(graph.letters())


def test_a_record_of_an_unknown_schema_is_a_dead_letter_and_is_recorded_when_it_comes_again(
    recorder: Recorders, graph: SqliteGraph
) -> None:
    with answering() as server:
        server.replies = {"/schemas/ids/1": UNKNOWN}
        asking = recorder.asking(server.url)
        record(asking, [confluent(1), single_object(2)])
        assert (asking.tally.recorded, asking.tally.dead) == (1, 1)
        (letter,) = graph.letters()
        assert letter.reason == "schema 1 is not in the schema registry"
        server.replies = {"/schemas/ids/1": FOUND}
        record(asking, [confluent(1)])
        assert asking.tally.recorded == 2
        assert server.paths == ["/schemas/ids/1"] * 2


def registered(registry: Registry, schema: dict[str, Any], *references: dict[str, Any]) -> int:
    """Under a subject of its own; returns the id."""
    wanted = {"schema": json.dumps(schema), "schemaType": "AVRO", "references": references}
    subject = f"{schema['name']}-{uuid.uuid4()}"
    answer = httpx2.post(f"{registry.url}/subjects/{subject}/versions", json=wanted, timeout=30)
    return int(answer.raise_for_status().json()["id"])


def test_a_real_registry_gives_the_schemas_of_what_is_recorded(
    recorder: Recorders, graph: SqliteGraph, schema_registry: Registry
) -> None:
    newest = registered(schema_registry, KIND.schema)
    extended = {**KIND.schema, "fields": [*KIND.schema["fields"], {"name": "shop", "type": "string"}]}
    grown = registered(schema_registry, extended)
    foreign = registered(schema_registry, {"type": "record", "name": f"Foreign{uuid.uuid4().hex}", "fields": []})
    assert newest != grown
    more = confluent(2, grown)
    batch = [confluent(1, newest), more._replace(value=more.value + b"\x08Jaro"), confluent(3, foreign)]
    asking = recorder.asking(schema_registry.url)
    record(asking, [*batch, confluent(4, 2**24 - 1), confluent(5, 2**31 - 1), confluent(6, 2**32 - 1), confluent(7, 0)])
    assert (asking.tally.recorded, asking.tally.dead) == (2, 5)
    assert sorted({letter.reason for letter in graph.letters()}) == sorted(
        {
            "its schema is not in the schema registry",
            "schema 0 is not in the schema registry",
            f"schema {2**24 - 1} is not in the schema registry",
            f"schema {foreign} of the registry cannot be used: it is not the record of an event type",
        }
    )


def test_a_schema_of_a_real_registry_may_refer_to_another(recorder: Recorders, schema_registry: Registry) -> None:
    address = next(
        each["type"] for each in CATALOGUE.types["OrderPlaced"].schema["fields"] if each["name"] == "address"
    )
    shared = {**address, "namespace": "fi.shop"}
    subject = f"address-{uuid.uuid4()}"
    url = f"{schema_registry.url}/subjects/{subject}/versions"
    httpx2.post(url, json={"schema": json.dumps(shared)}, timeout=30).raise_for_status()
    fields = [*KIND.schema["fields"], {"name": "home", "type": "fi.shop.Address"}]
    reference = {"name": "fi.shop.Address", "subject": subject, "version": 1}
    number = registered(schema_registry, {**KIND.schema, "fields": fields}, reference)
    event = confluent(1, number)
    asking = recorder.asking(schema_registry.url)
    record(asking, [event._replace(value=event.value + b"\x02s\x02p\x02c\x04FI")])
    assert (asking.tally.recorded, asking.tally.dead) == (1, 0), asking.tally.reasons


def answer_of(registry: Registry) -> str | None:
    try:
        return f"{httpx2.get(f'{registry.url}/subjects', timeout=0.5).status_code}"
    except httpx2.TimeoutException:
        return None


def test_a_real_registry_that_is_frozen_and_then_killed_delays_a_record_until_it_is_back(
    recorder: Recorders, schema_registry: Registry
) -> None:
    if not schema_registry.owned:
        pytest.skip("this registry was given to the tests; they may not break it")
    number = registered(schema_registry, KIND.schema)
    asking = recorder.asking(schema_registry.url)
    schema_registry.pause()
    try:
        until(lambda: answer_of(schema_registry), seconds=10, what="a registry that is frozen")
        with pytest.raises(Retryable):
            record(asking, [confluent(1, number)])
    finally:
        schema_registry.resume()
    schema_registry.kill()
    try:
        with pytest.raises(Retryable):
            record(asking, [confluent(1, number)])
    finally:
        schema_registry.start()
    record(asking, [confluent(1, number)])
    assert (asking.tally.recorded, asking.tally.dead) == (1, 0)
