"""A simulated shop through Kafka and Neo4j is answered as it is embedded, whether one worker records it or two."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from console.opening import Folder, opened
from console.settings import read_settings
from console.shapes import as_json, drift_shape, parties_shape, sharing_shape
from lineage.drift import drift
from lineage.masterkey import make_master_key
from lineage.sharing import sharing
from lineage.times import now
from tests.e2e.program import Ended, jalki
from tests.e2e.truths import Told, answer, as_the_truth_says_it, found_drift, planted_as_found, told
from tests.e2e.workers import Worker, working
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j
from tests.servers.postgres import Postgres

PERSONS = 300
MOMENT = now()
Question = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Run:
    """A shop that was recorded, and is open. `settings` are those that find it."""

    shop: Told
    data: Path
    settings: Mapping[str, object]
    folder: Folder
    ingested: Ended
    workers: list[Worker] = field(default_factory=list)

    def jalki(self, *words: object) -> Ended:
        return jalki(*words, "--data", self.data, settings=self.settings)

    def answers(self, every: int = 1) -> dict[Question, dict[str, Any]]:
        """What `where` answers now, and as of earlier times."""
        return {each: answer(self.folder, *each, MOMENT) for each in self.shop.questions[::every]}

    def sharing(self) -> str:
        return as_json(sharing_shape(sharing(self.folder.graph, self.folder.register), self.folder.register))

    def parties(self) -> list[dict[str, Any]]:
        register = self.folder.register
        return parties_shape(register.parties(), sharing(self.folder.graph, register), register, MOMENT)

    def drift(self) -> list[dict[str, Any]]:
        return drift_shape(drift(self.folder.graph, self.folder.register, None))

    def letters(self) -> list[tuple[str, str]]:
        return sorted((each["position"], each["reason"]) for each in self.jalki("dead-letters", "--json").json)

    def ends(self) -> tuple[int, int, int]:
        """How many records the workers have recorded, met again, and set aside."""
        found = [sum(each.counted(end) for each in self.workers) for end in ("recorded", "repeated", "dead")]
        return found[0], found[1], found[2]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told(tmp_path_factory.mktemp("shop"), PERSONS)


@pytest.fixture(scope="module")
def embedded(shop: Told) -> Iterator[Run]:
    data = shop.file.parent / "embedded"
    ingested = jalki("ingest", shop.file, "--json", "--data", data)
    with opened(read_settings({}, data)) as folder:
        yield Run(shop, data, {}, folder, ingested)


@contextmanager
def on_servers(shop: Told, folder: Path, settings: dict[str, str], workers: int) -> Iterator[Run]:
    data = folder / "data"
    assert jalki("topics", "create", settings=settings).code == 0
    with working(workers, folder, settings, data) as all_workers:
        ingested = jalki("ingest", "--wait", "--json", shop.file, "--data", data, settings=settings)
        with opened(read_settings(settings, data)) as open_folder:
            # A worker that runs on while another test empties Kafka would have the topics made again, as Kafka sees fit.
            yield Run(shop, data, settings, open_folder, ingested, all_workers)


def test_two_workers_with_a_key_ring_in_postgresql_record_the_same(
    shop: Told, embedded: Run, kafka: Kafka, neo4j_server: Neo4j, postgres: Postgres, tmp_path: Path
) -> None:
    kafka.wipe()
    neo4j_server.wipe()
    database = postgres.new_database()
    settings = {**kafka.settings, **neo4j_server.settings, **postgres.settings(database)}
    settings["JALKI_MASTER_KEY_FILE"] = f"{tmp_path / 'master.key'}"
    make_master_key(tmp_path / "master.key")
    with on_servers(shop, tmp_path, settings, 2) as run:
        assert run.ends()[0] == shop.events
        assert all(each.counted("recorded") for each in run.workers)
        assert run.answers(every=4) == embedded.answers(every=4)
        assert run.sharing() == embedded.sharing()
        assert run.parties() == embedded.parties()
        assert found_drift(run.drift()) == planted_as_found(shop, run.folder)
        assert run.letters() == embedded.letters()
        assert not run.data.exists()
    postgres.drop(database)


@pytest.fixture(scope="module")
def by_one(shop: Told, embedded: Run, kafka: Kafka, neo4j_server: Neo4j) -> Iterator[Run]:
    """Recorded by one worker, with the embedded shop's key ring: pseudonyms are the same too."""
    kafka.wipe()
    neo4j_server.wipe()
    folder = shop.file.parent / "one"
    (folder / "data").mkdir(parents=True)
    for name in ("keys.db", "master.key"):
        shutil.copy(embedded.data / name, folder / "data" / name)
    with on_servers(shop, folder, {**kafka.settings, **neo4j_server.settings}, 1) as run:
        yield run


def test_where_answers_as_embedded_and_as_the_truth_for_every_identifier(by_one: Run, embedded: Run) -> None:
    whole = by_one.answers()
    assert len(whole) > 10 * PERSONS
    assert any(at and got["holdings"] for (_, at), got in whole.items())
    assert whole == embedded.answers()
    wrong = [
        (each["identifier"].partition(":")[0], each.get("at"))
        for each in (*by_one.shop.truth["identifiers"], *by_one.shop.truth["at"])
        if as_the_truth_says_it(whole[each["identifier"], each.get("at")]) != each["where"]
    ]
    assert wrong == []


def test_the_program_prints_what_was_worked_out_in_process(by_one: Run, embedded: Run) -> None:
    assert by_one.jalki("sharing", "--json").out == embedded.sharing() + "\n"
    assert by_one.jalki("drift", "--json").json == embedded.drift()
    identifier, at = next(each for each in by_one.shop.questions if each[1])
    assert by_one.jalki("where", identifier, "--at", f"{at}", "--json").json == answer(embedded.folder, identifier, at)


OFFICERS = (
    ("reached", "posti"), ("reached", "sendgrid", "--first", "--from", "2025-01-01T00:00:00Z"),
    ("remaining", "posti"), ("lookups",), ("drift", "--overdue"), ("parties", "--volumes"),
    ("transfers", "--mechanism", "dpf", "--annulled", "2025-03-01T00:00:00Z"),
    ("register", "ropa", "--at", "2026-01-01T00:00:00Z"),
)  # fmt: skip


@pytest.mark.parametrize("question", OFFICERS, ids=lambda words: " ".join(words[:2]))
def test_an_officers_questions_are_answered_as_embedded(by_one: Run, embedded: Run, question: tuple[str, ...]) -> None:
    one, other = (run.jalki(*question, "--json") for run in (by_one, embedded))
    assert one.code in {0, 3}
    found, wanted = (_undated(_read(each.out)) for each in (one, other))
    if question[-1] == "--overdue":  # a line each, as they are found
        found, wanted = (sorted(each, key=str) for each in (found, wanted))
    assert (one.code, found) == (other.code, wanted)


def test_a_persons_time_is_told_as_embedded_but_for_when_it_was_known(by_one: Run, embedded: Run) -> None:
    identifier = next(each for each, _ in by_one.shop.questions if each.startswith("customer_id:"))
    one, other = (_read(run.jalki("timeline", identifier, "--json").out) for run in (by_one, embedded))
    assert len(one) > 1
    assert _undated(one) == _undated(other)


def _read(out: str) -> Any:
    """JSON, or JSON Lines."""
    return json.loads(out) if out.startswith(("{\n", "[")) else [json.loads(each) for each in out.splitlines()]


def _undated(shape: Any) -> Any:
    """Without when it was asked, and when the record came to know it."""
    if isinstance(shape, list):
        return [_undated(each) for each in shape]
    if not isinstance(shape, dict):
        return shape
    return {name: _undated(each) for name, each in shape.items() if name not in {"known", "as_of", "made"}}


def test_sharing_drift_parties_and_totals_are_those_of_the_embedded_shop(by_one: Run, embedded: Run) -> None:
    assert by_one.sharing() == embedded.sharing()
    assert by_one.parties() == embedded.parties()
    assert by_one.drift() == embedded.drift()
    assert found_drift(by_one.drift()) == planted_as_found(by_one.shop, by_one.folder)
    assert dict(by_one.folder.graph.counts()) == dict(embedded.folder.graph.counts())


def test_each_bad_line_is_a_dead_letter_with_its_reason_and_where_it_stood(by_one: Run, embedded: Run) -> None:
    letters = by_one.letters()
    assert len(letters) == by_one.shop.dead
    assert letters == embedded.letters()


def test_a_second_time_all_is_repeated_and_nothing_changes(by_one: Run) -> None:
    shop, before = by_one.shop, by_one.ends()
    first = by_one.ingested
    assert first.code == 1
    assert first.json["read"] == shop.lines
    assert (before[0], sum(before) + first.json["dead"]) == (shop.events, shop.lines)
    facts = (by_one.sharing(), by_one.answers(every=20), dict(by_one.folder.graph.counts()))
    again = by_one.jalki("ingest", "--wait", "--json", shop.file)
    assert (again.code, again.json) == (first.code, first.json)
    recorded, repeated, dead = by_one.ends()
    assert (recorded, dead) == (before[0], 2 * before[2])
    assert repeated - before[1] == first.json["published"] - before[2]
    assert facts == (by_one.sharing(), by_one.answers(every=20), dict(by_one.folder.graph.counts()))


def test_to_reveal_writes_the_look_into_neo4j_before_anything_is_shown(by_one: Run, neo4j_server: Neo4j) -> None:
    identifier = next(each for each, at in by_one.shop.questions if each.startswith("customer_id:") and not at)
    count = "MATCH (l:Look) RETURN count(l) AS looks, max(l.at) AS last"
    with neo4j_server.driver() as driver:
        assert driver.execute_query(count).records[0]["looks"] == 0
        assert by_one.jalki("where", identifier, "--reveal").code == 2
        assert driver.execute_query(count).records[0]["looks"] == 0
        shown = by_one.jalki("where", identifier, "--reveal", "--reason", "she asked", "--json")
        found = driver.execute_query(count).records[0]
    assert identifier.partition(":")[2] in shown.json["revealed"]["customer_id"]
    assert (found["looks"], MOMENT < found["last"] < now()) == (1, True)
