"""`jalki dead-letters retry` and `discard`, as an officer runs them: embedded, killed at any moment, and on servers."""

import random
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import lineage.register
from tests.e2e.events import event, order, write_lines
from tests.e2e.program import Ended, called, started
from tests.e2e.workers import working
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j

PARTY = """parties:
  kuljetus: {name: Kuljetus Oy, kind: carrier, country: FI}
"""
WHO = "customer_id:C-17"
PERSONAL = ("Esimerkki", "C-17", "O-1")
KILLED = 6
_random = random.Random(54)  # noqa: S311 - when something is killed is no secret


def booked(number: int, carrier: str = "kuljetus") -> dict[str, Any]:
    return event(
        "ShipmentBooked", f"e-{number}", shipment_id=f"S-{number}", order_id="O-1", customer_id="C-17", carrier=carrier,
        name="Aino Esimerkki", address={"street": "Rantakatu 12", "postcode": "65100", "city": "Vaasa", "country": "FI"},
    )  # fmt: skip


def repaired(folder: Path) -> dict[str, object]:
    """Settings with the shipped register, and a party that it has not."""
    shipped = Path(lineage.register.__file__).parent / "multitronic"
    shutil.copytree(shipped, folder / "register", dirs_exist_ok=True)
    (folder / "register" / "z.yaml").write_text(PARTY)
    return {"JALKI_REGISTER": folder / "register"}


def carriers(data: Path, settings: Mapping[str, object]) -> dict[str, int]:
    found = called("where", WHO, "--json", "--data", data, settings=settings).json["holdings"]
    return {each["party"]: each["disclosures"] for each in found if each["party"] in {"kuljetus", "posti"}}


def retried(ended: Ended) -> tuple[int, int, int]:
    return ended.json["recorded"], ended.json["repeated"], ended.json["failing"]


def test_a_party_is_added_to_the_register_and_what_named_it_is_recorded_once(tmp_path: Path) -> None:
    data, settings = tmp_path / "data", repaired(tmp_path)
    file = write_lines(tmp_path / "f.jsonl", [order(customer_id="C-17"), booked(1), booked(2), booked(3, "nobody")])
    assert called("ingest", file, "--data", data).code == 1
    retry = ("dead-letters", "retry", "--json", "--data", data)
    before = called(*retry)
    assert (before.code, retried(before)) == (1, (0, 0, 3))
    assert "3 still: unknown party" in before.said
    dry = called(*retry, "--dry-run", settings=settings)
    assert (dry.code, retried(dry), carriers(data, settings)) == (1, (2, 0, 1), {})
    done = called(*retry, settings=settings)
    assert (done.code, retried(done), carriers(data, settings)) == (1, (2, 0, 1), {"kuljetus": 2})
    again = called(*retry, settings=settings)
    assert (again.code, retried(again), carriers(data, settings)) == (1, (0, 0, 1), {"kuljetus": 2})
    assert not [each for one in (before, dry, done) for each in PERSONAL if each in one.err + one.out]


def test_what_nobody_can_repair_is_put_aside_with_a_purpose_that_is_written_down(tmp_path: Path) -> None:
    data, settings = tmp_path / "data", repaired(tmp_path)
    file = write_lines(tmp_path / "f.jsonl", [booked(1), booked(2, "nobody")])
    assert called("ingest", file, "--data", data).code == 1
    discard = ("dead-letters", "discard", "--json", "--data", data, "--reason", "unknown party", "--purpose")
    assert called(*discard, " ", settings=settings).code == 1
    assert called(*discard, "a test", "--dry-run", settings=settings).json["failing"] == 1
    assert len(called("dead-letters", "--json", "--data", data).json) == 2
    done = called(*discard, "the carrier is a mistake of the shop's", settings=settings)
    assert (done.code, done.json["put_aside"], done.json["recorded"]) == (0, 1, 1)
    assert "1 can be recorded now, and stay" in done.said
    (left,) = called("dead-letters", "--json", "--data", data).json
    assert left["position"] == f"{file}:1"
    looks = called("lookups", "--json", "--data", data).out
    assert "Esimerkki" not in looks
    assert retried(called("dead-letters", "retry", "--json", "--data", data, settings=settings)) == (1, 0, 0)


def test_letters_of_one_reason_alone_are_retried(tmp_path: Path) -> None:
    data, settings = tmp_path / "data", repaired(tmp_path)
    file = write_lines(tmp_path / "f.jsonl", [booked(1), {"type": "Ticket"}])
    called("ingest", file, "--data", data)
    retry = ("dead-letters", "retry", "--json", "--data", data, "--reason")
    assert retried(called(*retry, "unknown type", settings=settings)) == (0, 0, 1)
    assert retried(called(*retry, "unknown party", settings=settings)) == (1, 0, 0)
    assert retried(called(*retry, "no such reason", settings=settings)) == (0, 0, 0)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which some thousand letters wait."""
    folder = tmp_path_factory.mktemp("waiting")
    file = write_lines(folder / "f.jsonl", [booked(number) for number in range(3_000)])
    assert called("ingest", file, "--data", folder / "data").code == 1
    return folder


@pytest.mark.parametrize("seconds", [round(_random.uniform(0.0, 1.0), 2) for _ in range(KILLED)])
def test_killed_at_any_moment_a_retry_that_is_run_again_records_each_once(
    seconds: float, waiting: Path, tmp_path: Path
) -> None:
    data, settings = tmp_path / "data", repaired(tmp_path)
    shutil.copytree(waiting / "data", data)
    stamp = (data / "graph.db-wal", data / "graph.db")
    was = [each.stat().st_mtime_ns if each.exists() else 0 for each in stamp]
    with started("dead-letters", "retry", "--data", data, settings=settings) as run:
        run.until(lambda: [each.stat().st_mtime_ns if each.exists() else 0 for each in stamp] != was)
        run.ended_within(seconds)
        run.process.send_signal(signal.SIGKILL)
        run.end()
    ended = called("dead-letters", "retry", "--json", "--data", data, settings=settings)
    assert (ended.code, ended.json["failing"]) == (0, 0)
    assert carriers(data, settings) == {"kuljetus": 3_000}
    assert called("dead-letters", "--json", "--data", data).json == []


def test_on_kafka_and_neo4j_it_is_recorded_beside_the_workers_and_never_published_again(
    kafka: Kafka, neo4j_server: Neo4j, tmp_path: Path
) -> None:
    kafka.wipe()
    neo4j_server.wipe()
    data, settings = tmp_path / "data", {**kafka.settings, **neo4j_server.settings}
    after = {**settings, **repaired(tmp_path)}
    file = write_lines(tmp_path / "f.jsonl", [booked(1), booked(2), {"type": "Ticket"}])
    assert called("topics", "create", settings=settings).code == 0
    with working(1, tmp_path, settings, data) as (worker,):
        assert called("ingest", "--wait", file, "--data", data, settings=settings).code == 1
        retry = ("dead-letters", "retry", "--json", "--data", data)
        assert retried(called(*retry, "--dry-run", settings=after)) == (2, 0, 1)
        done = called(*retry, settings=after)
        assert (done.code, retried(done)) == (1, (2, 0, 1))
        assert carriers(data, after) == {"kuljetus": 2}
        assert retried(called(*retry, settings=after)) == (0, 0, 1)
        ends = [worker.counted(each) for each in ("recorded", "repeated", "dead")]
        assert ends == [0, 0, 2]  # what was recorded went past the worker, and past the stream
    discard = ("dead-letters", "discard", "--reason", "unknown type", "--purpose", "no such type", "--data", data)
    assert called(*discard, settings=after).code == 0
    assert called("dead-letters", "--json", "--data", data, settings=after).json == []
