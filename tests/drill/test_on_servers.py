"""The page on rehearsing a restore, carried out on servers: nothing is lost, nothing is double, nobody comes back."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from psycopg import sql

from console.opening import opened
from console.settings import read_settings
from lineage.masterkey import make_master_key
from lineage.times import now
from tests.drill.hands import Hand, steps
from tests.e2e.events import Event, event
from tests.e2e.program import Ended, asked
from tests.e2e.truths import Told, answer, told
from tests.e2e.workers import Worker, working
from tests.servers.containers import engine
from tests.servers.fixtures import had, unavailable
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j, running_neo4j
from tests.servers.postgres import Postgres
from tests.servers.server import UnavailableError
from tests.servers.waiting import until

PERSONS = 30
MOMENT = now()
HER = "customer_id:C-drill"
EMAIL = {"email": "drill@posti.example"}
HERS: Sequence[Sequence[Event]] = (
    [
        event("AccountOpened", "d-1", "2025-02-01T08:00:00Z", customer_id="C-drill", **EMAIL),
        event("NewsletterSent", "d-2", "2025-02-02T08:00:00Z", provider="sendgrid", campaign_id="w", **EMAIL),
    ],
    [],
    [event("NewsletterSent", "d-3", "2025-02-09T08:00:00Z", provider="sendgrid", campaign_id="w", **EMAIL)],
)
"""Of one who will be erased, and of whom no law keeps anything: before both backups, between them, and after."""
WAITING = {"manual", "promised", "sent", "accepted"}


@dataclass(slots=True)
class Town:
    """A shop on servers that may be lost, with one worker."""

    folder: Path
    neo4j: Neo4j
    postgres: Postgres
    database: str
    settings: Mapping[str, object]
    shop: Told
    stack: ExitStack = field(default_factory=ExitStack)
    workers: list[Worker] = field(default_factory=list)

    def starts(self) -> None:
        own = self.folder / f"worker-{len(list(self.folder.glob('worker-*')))}"
        own.mkdir()
        self.workers = self.stack.enter_context(working(1, own, self.settings))

    def stops(self) -> None:
        self.stack.close()

    def asks(self, *words: object) -> Ended:
        return asked(*words, settings=self.settings)

    def tells(self, part: int) -> None:
        """Publish a third of the shop's events, and wait until they are recorded."""
        lines = self.shop.file.read_bytes().splitlines(keepends=True)
        third = len(lines) // 3
        file = self.folder / f"part-{part}.jsonl"
        given = lines[third * part : third * (part + 1) if part < 2 else None]
        file.write_bytes(b"".join((*given, *(json.dumps(each).encode() + b"\n" for each in HERS[part]))))
        assert self.asks("ingest", "--wait", file).code in {0, 1}  # 1: with bad lines

    def named(self) -> list[str]:
        return [each for each, at in self.shop.questions if at is None]

    def answers(self) -> dict[str, Any]:
        """All that is answered about persons, parties and bad lines, and how much there is in the graph."""
        with opened(read_settings({name: str(value) for name, value in self.settings.items()})) as folder:
            return {
                "where": {each: answer(folder, each, None, MOMENT) for each in (HER, *self.named())},
                "counts": dict(folder.graph.counts()),
                "letters": sorted(
                    (each["position"], each["reason"]) for each in self.asks("dead-letters", "--json").json
                ),
                "drift": self.asks("drift", "--json").json,
            }

    def erases(self, who: str) -> str:
        """Have a person erased, by all who got something, until the case is over; return its id."""
        case = self.asks("case", "open", "erasure", who, "--channel", "account").out.strip()
        assert self.asks("case", "approve", case).code in {0, 3}

        def left() -> str | None:
            told = self.asks("case", "show", case, "--json").json
            for each in told["tasks"]:
                if each["state"] in WAITING:
                    number = each["task"].rpartition("/")[2]
                    self.asks("case", "confirm", case, number, "verified", "--evidence", "seen on the screen")
            return (
                None if told["state"] == "closed" else f"{told['state']}: {[each['state'] for each in told['tasks']]}"
            )

        until(left, seconds=180, what="the end of a case")
        return case

    def loses(self) -> None:
        """What had the graph and what had the key ring is gone."""
        shutil.rmtree(self.folder / "neo4j" / "data")
        self.postgres.drop(self.database)
        name = urlsplit(self.database).path.removeprefix("/")
        with self.postgres.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def caught_up(self) -> str | None:
        lines = [each["text"] for each in self.asks("doctor", "--json").json if each["what"] == "stream"]
        return None if "nothing waits" in lines[0] else lines[0]


@pytest.fixture
def town(kafka: Kafka, postgres: Postgres, tmp_path: Path) -> Iterator[Town]:
    if engine():
        unavailable(UnavailableError("the drill breaks servers that are processes of this machine"))
    kafka.wipe()
    database = postgres.new_database()
    key = tmp_path / "master.key"
    make_master_key(key)
    with had(running_neo4j(tmp_path / "neo4j")) as neo4j:
        settings = {
            **kafka.settings, **neo4j.settings, **postgres.settings(database),
            "JALKI_MASTER_KEY_FILE": key, "JALKI_DATA": tmp_path / "data",
        }  # fmt: skip
        (tmp_path / "shop").mkdir()
        found = Town(tmp_path, neo4j, postgres, database, settings, told(tmp_path / "shop", PERSONS))
        assert found.asks("topics", "create").code == 0
        try:
            yield found
        finally:
            found.stops()
            postgres.drop(database)


def test_the_drill_brings_back_all_that_was_there_once_and_nobody_who_was_erased(town: Town) -> None:
    hand = Hand(town.folder, town.settings, {
        ("stop", "neo4j"): town.neo4j.stop, ("start", "neo4j"): town.neo4j.start,
        ("stop", "jalki-worker"): town.stops, ("start", "jalki-worker"): town.starts,
    })  # fmt: skip
    hand.learns(town.folder / "neo4j")
    by_number = steps()
    assert list(by_number) == [1, 2, 3, 4, 5, 6, 7]
    town.starts()
    town.tells(0)
    for line in by_number[1]:
        hand.does(line)
        if line == "systemctl start neo4j":
            town.tells(1)  # between the two backups: the later one must have the keys of what the earlier one lacks
    assert {each.name for each in (town.folder / "backup").iterdir()} == {"neo4j.dump", "keys.dump", "replay-from"}
    town.tells(2)
    assert town.asks("where", HER, "--json").json["holdings"]
    case = town.erases(HER)
    before = town.answers()
    assert not before["where"][HER]["holdings"]
    for line in (*by_number[2], *by_number[3]):
        hand.does(line)
    town.loses()
    for line in by_number[4]:
        hand.does(line)
    checked = hand.does(*by_number[5])
    assert checked.endswith("all is mended\n")
    assert all(part in checked for part in ("came back from the log", "tombstones put back", "erased again"))
    for line in by_number[6]:
        hand.does(line)
    until(town.caught_up, seconds=180, what="a worker that has read all again")
    (worker,) = town.workers
    assert all(worker.counted(each) for each in ("recorded", "repeated", "held_back"))
    assert [hand.does(line) for line in by_number[7]] == ["", "", "nothing to mend\n"]
    after = town.answers()
    assert {name for name in before if after[name] != before[name]} <= {"counts", "letters"}
    # Bad lines that `ingest` set aside itself never were on Kafka: they are there when their files are given again.
    assert set(after["letters"]) < set(before["letters"])
    for part in (1, 2):
        town.tells(part)
    # What was recorded of her after the backup, and erased, is held back now, and leaves no mark of its event either.
    marks = before["counts"]["events"] - len(HERS[2])
    assert town.answers() == {**before, "counts": {**before["counts"], "events": marks}}
    assert [each["case"] for each in json.loads((town.folder / "cases.json").read_text("utf-8"))] == [case]
