"""Workers carry a case out: each letter once however many they are, answers by link, and nothing again after a lost graph."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from json import dumps
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from console.case_opening import opened_for_casework
from console.opening import opened
from console.settings import Settings, read_settings
from lineage.cases.carrying import confirm
from lineage.cases.case import Case
from lineage.cases.deciding import approve, preview
from lineage.cases.intake import Message, receive
from lineage.cases.transitions import OPEN
from lineage.graph import NOW
from lineage.times import now
from lineage.where import where
from streams.kafka.case_log import KafkaCaseLog
from streams.kafka.clients import administrator
from streams.kafka.provisioning import described
from streams.records import GROUP
from tests.cases.logged import EVENTS, HER, OTHER
from tests.cases.stage import task_of
from tests.e2e.program import jalki
from tests.e2e.workers import Worker, working
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j
from tests.servers.waiting import free_port, until
from tests.streams.kafka.parts import commit

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)(/confirm/\S+)")
SECONDS = 60


@dataclass
class Mailbox:
    """Takes every letter."""

    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"

    def of(self, party: str) -> list[EmailMessage]:
        return [each for each in self.letters if f"{party}@" in each["To"]]


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop on real servers, and the letters that go out."""

    kafka: Kafka
    neo4j: Neo4j
    folder: Path
    settings: Mapping[str, object]
    mail: Mailbox
    web: int

    @property
    def read(self) -> Settings:
        return read_settings({name: str(value) for name, value in self.settings.items()})

    @contextmanager
    def workers(self, number: int) -> Iterator[list[Worker]]:
        """So many workers, the first of which serves the public pages."""
        with ExitStack() as stack:
            found: list[Worker] = []
            for each in range(number):
                folder = self.folder / f"worker-{time.monotonic_ns()}"
                folder.mkdir()
                more = {"JALKI_WEB": f"127.0.0.1:{self.web}"} if not each else {}
                found += stack.enter_context(working(1, folder, {**self.settings, **more}))
            yield found

    def case(self, id_: str) -> Case:
        with opened(self.read) as folder:
            return folder.casework.case(id_)

    def until(self, id_: str, party: str, state: str) -> Case:
        def not_yet() -> str | None:
            found = task_of(self.case(id_), party).state
            return None if found == state else found

        until(not_yet, seconds=SECONDS, what=f"{party}'s task that is {state}")
        return self.case(id_)

    def holders(self, kind: str, value: str) -> set[str]:
        with opened(self.read) as folder:
            key = folder.pseudonyms.identifier(kind, value)
            answer = where(folder.graph, folder.register, key, NOW, now())
            return {each.party.id for each in (*answer.holdings, *answer.shared)}

    def logged(self, id_: str) -> list[int]:
        log = KafkaCaseLog(self.kafka.access)
        return sorted(each.number for each in log.entries() if each.case == id_)


@pytest.fixture
def shop(kafka: Kafka, neo4j_server: Neo4j, tmp_path: Path) -> Iterator[Shop]:
    kafka.wipe()
    neo4j_server.wipe()
    mail, web = Mailbox(), free_port()
    parties = tmp_path / "parties"
    parties.mkdir()
    for party in ("posti", "sendgrid", "klarna"):
        (parties / f"{party}.yaml").write_text(f"channel: manual\naddress: {party}@example.fi\nlanguage: fi\n", "utf-8")
    controller = Controller(mail, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings = {
        **kafka.settings, **neo4j_server.settings, "JALKI_DATA": tmp_path / "data", "JALKI_PARTIES": parties,
        "JALKI_MAIL": f"smtp://127.0.0.1:{controller.port}", "JALKI_MAIL_FROM": "privacy@example.fi",
        "JALKI_WEB_URL": f"http://127.0.0.1:{web}",
    }  # fmt: skip
    assert jalki("topics", "create", settings=settings).code == 0
    try:
        yield Shop(kafka, neo4j_server, tmp_path, settings, mail, web)
    finally:
        controller.stop()


def approved(shop: Shop) -> str:
    with opened_for_casework(shop.read) as book:
        (case,) = receive(book.work, Message(["erasure"], [HER], now(), "account", "multitronic"))
        approve(book.work, preview(book.work, case.id).id)
    return case.id


def answered(letter: EmailMessage) -> tuple[int, int, int]:
    body = letter.get_body(("plain",))
    assert body
    found = LINK.search(body.get_content())
    assert found
    with httpx2.Client(base_url=found[1], trust_env=False) as client:
        statuses = client.get(found[2]).status_code, client.post(found[2], data={"answer": "done"}).status_code
        return *statuses, client.post(found[2], data={"answer": "done"}).status_code


def measured(worker: Worker) -> dict[str, float]:
    text = httpx2.get(f"http://127.0.0.1:{worker.port}/metrics", trust_env=False).text
    return {name: float(value) for name, value in re.findall(r"^(jalki_\S+) (\S+)$", text, re.MULTILINE)}


def begin_again(shop: Shop) -> None:
    """Have all topics of events read from their beginning."""
    names = sorted({each["topic"] for each in jalki("topics", "create", "--json", settings=shop.settings).json})
    with administrator(shop.kafka.access, "looking") as client:
        parts = {
            name: len(each["partitions"]) for name, each in described(client, names, time.monotonic() + 20).items()
        }
    for name, number in parts.items():
        commit(shop.kafka.access, GROUP, name, dict.fromkeys(range(number), 0))


def test_workers_carry_a_case_out_once_and_not_again_after_the_graph_is_lost(shop: Shop) -> None:
    events = shop.folder / "events.jsonl"
    events.write_text("".join(dumps({"controller": "multitronic", **each}) + "\n" for each in EVENTS), "utf-8")
    with shop.workers(2) as workers:
        done = jalki("ingest", "--wait", "--json", events, settings=shop.settings)
        assert done.code == 0, done.err
        assert shop.holders(*HER)
        case = approved(shop)
        shop.until(case, "posti", "sent")
        (letter,) = shop.mail.of("posti")
        assert answered(letter) == (200, 200, 409)
        shop.until(case, "posti", "promised")
        told = [each["Message-ID"] for each in shop.mail.letters]
        assert len(told) == len(set(told))
        finish(shop, case)
        until(partial(_forgotten, shop, case), seconds=SECONDS, what="a person who is erased")
        until(partial(all_logged, shop, case), seconds=SECONDS, what="a log that has all entries")
        assert sum(measured(each)['jalki_attempts_total{outcome="sent"}'] for each in workers) == len(told)
    before = shop.case(case)
    shop.neo4j.wipe()
    begin_again(shop)
    with shop.workers(1) as (worker,):
        until(partial(_replayed, shop), seconds=SECONDS, what="a record that was made anew")
        assert shop.case(case).last == before.last
        held_back = 'jalki_events_total{outcome="held_back"}'
        until(
            lambda: None if measured(worker)[held_back] == 6 else "some",
            seconds=SECONDS,
            what="a replay that has ended",
        )
        assert shop.holders(*HER) == set()
        assert "came back from the log" in worker.said()
    assert [each["Message-ID"] for each in shop.mail.letters] == told


def finish(shop: Shop, case: str) -> None:
    """Have the staff see to whatever is still open."""
    with opened_for_casework(shop.read) as book:
        for task in book.work.case(case).tasks.values():
            if task.state in OPEN:
                confirm(book.work, case, task.id, "verified", "seen on the screen")


def _forgotten(shop: Shop, case: str) -> str | None:
    state = shop.case(case).state
    return None if state == "partly-done" and not shop.holders(*HER) else state


def _replayed(shop: Shop) -> str | None:
    return None if shop.holders(*OTHER) else "nothing of it"


def all_logged(shop: Shop, case: str) -> Any:
    """Tell what the log misses of a case."""
    missing = {*range(shop.case(case).last.number + 1)} - {*shop.logged(case)}
    return missing or None
