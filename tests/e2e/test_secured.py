"""Kafka with SASL and TLS, Neo4j with a password and TLS: the whole way by settings and files, and what a wrong one ends in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.events import write_lines
from tests.e2e.program import Ended, asked, jalki
from tests.e2e.stories import STORY
from tests.e2e.workers import working
from tests.servers.fixtures import had
from tests.servers.kafka import running_kafka
from tests.servers.neo4j import running_neo4j
from tests.servers.secured import Secured

WRONG = "not-the-password"


@dataclass(frozen=True, slots=True)
class Place:
    """Two secured servers, by the settings that find them, and a story to record there."""

    settings: dict[str, str]
    events: Path
    data: Path

    def run(self, *words: object, **changed: object) -> Ended:
        settings = {name: value for name, value in {**self.settings, **changed}.items() if value}
        return jalki(*words, "--data", self.data, settings=settings)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("secured")
    secured = Secured(sasl="SCRAM-SHA-512", tls=True)
    password = "a-long-one"  # noqa: S105 - the test's own
    with (
        had(running_kafka(folder / "kafka", secured=secured)) as kafka,
        had(running_neo4j(folder / "neo4j", password=password, tls=True)) as neo4j,
    ):
        settings = {**kafka.settings, **neo4j.settings}
        place = Place(settings, write_lines(folder / "story.jsonl", STORY), folder / "data")
        assert place.run("topics", "create").code == 0
        with working(1, folder, settings, place.data):
            done = place.run("ingest", "--wait", "--json", place.events)
            assert (done.code, done.json["published"]) == (0, len(STORY))
        yield place


def test_the_answer_is_that_of_the_embedded_story(place: Place, tmp_path: Path) -> None:
    assert asked("ingest", place.events, "--data", tmp_path / "data").code == 0
    for words in (("where", "customer_id:C-17"), ("sharing",)):
        assert place.run(*words, "--json").json == asked(*words, "--json", "--data", tmp_path / "data").json
    doctor = place.run("doctor", "--json")
    assert doctor.code == 0
    assert any("4 events" in each["text"] for each in doctor.json if each["what"] == "graph")
    assert any("nothing waits" in each["text"] for each in doctor.json if each["what"] == "stream")


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    (tmp_path / "wrong").write_text(WRONG)
    return tmp_path / "wrong"


def assert_one_line(ended: Ended, *words: str) -> None:
    assert (ended.code, ended.out, len(ended.err.strip().splitlines())) == (2, "", 1), ended.err
    for word in words:
        assert word in ended.said
    assert WRONG not in ended.said


def test_a_wrong_password_for_kafka_ends_every_command_that_needs_it(place: Place, wrong: Path) -> None:
    changed = {"JALKI_KAFKA_PASSWORD_FILE": wrong}
    for words in (("topics", "create"), ("ingest", place.events), ("worker",)):
        ended = place.run(*words, JALKI_LISTEN="off", **changed)
        assert_one_line(ended, "JALKI_KAFKA_PASSWORD_FILE")
    doctor = place.run("doctor", "--json", **changed)
    assert doctor.code == 2
    (broken,) = [each for each in doctor.json if each["state"] == "broken"]
    assert broken["what"] == "stream"
    assert "JALKI_KAFKA_PASSWORD_FILE" in broken["text"]
    # What is recorded can be asked about all the same.
    assert place.run("where", "customer_id:C-17", **changed).code == 0


def test_a_wrong_password_for_neo4j_ends_every_command_that_needs_it(place: Place, wrong: Path) -> None:
    changed = {"JALKI_NEO4J_PASSWORD_FILE": wrong}
    for words in (("where", "customer_id:C-17"), ("ingest", place.events), ("worker",)):
        ended = place.run(*words, JALKI_LISTEN="off", **changed)
        assert_one_line(ended, "JALKI_NEO4J_PASSWORD_FILE")


def test_a_server_that_an_authority_we_do_not_know_vouches_for_is_not_spoken_to(place: Place) -> None:
    assert_one_line(place.run("topics", "create", JALKI_KAFKA_CA_FILE=""), "JALKI_KAFKA_CA_FILE")
    assert_one_line(place.run("where", "customer_id:C-17", JALKI_NEO4J_CA_FILE=""), "JALKI_NEO4J_CA_FILE")
