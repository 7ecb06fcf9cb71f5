import json
import struct
from collections.abc import Iterator

import httpx2
import pytest

from schemas.catalogue import load_catalogue
from schemas.codec import HEADER
from streams.records import Outgoing
from tests.faults.stage import Stage
from tests.servers.fixtures import had
from tests.servers.registry import Registry, running_registry
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with had(running_registry(tmp_path_factory.mktemp("registry"))) as server:
        yield server


def registered(registry: Registry) -> dict[bytes, int]:
    """The id of each event type's schema, by its fingerprint."""
    found = {}
    with httpx2.Client(base_url=registry.url, timeout=10) as client:
        for name, kind in load_catalogue().types.items():
            answer = client.post(f"/subjects/{name}/versions", json={"schema": json.dumps(kind.schema)})
            found[kind.fingerprint] = int(answer.raise_for_status().json()["id"])
    return found


def confluent(one: Outgoing, ids: dict[bytes, int]) -> Outgoing:
    """The same record as a shop's own producer writes it."""
    fingerprint, body = one.value[2:HEADER], one.value[HEADER:]
    return one._replace(value=b"\0" + struct.pack(">I", ids[fingerprint]) + body)


def test_a_registry_that_is_down_delays_and_an_id_nobody_knows_is_set_aside(stage: Stage, registry: Registry) -> None:
    ids = registered(registry)
    registry.stop()
    stage = stage.with_settings(**registry.settings)
    stage.publish([(topic, confluent(one, ids)) for topic, one in stage.shop.records])
    nobodys = Outgoing(b"\0" + struct.pack(">I", 999_999) + b"anything", key=b"k")
    stage.publish([("orders", nobodys), ("web", nobodys)])
    with stage.worker() as worker:
        worker.until_waits("the schema registry does not answer")
        worker.until(lambda: worker.measured("jalki_retries_total", of="schemas") > 3, "several tries")
        assert worker.events("dead") == 0
        registry.start()
        worker.until_works()
        stage.until_recorded(worker)
        worker.until(lambda: worker.events("dead") == 2, "both set aside")
        worker.stop()
    assert len({each["reason"] for each in stage.letters()}) == 1
    stage.assert_whole(dead=2)
