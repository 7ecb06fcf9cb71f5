"""Alarms reach a person: one message each, also after a crash, by a real mail server; nothing personal is in any."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from connectors.alarms import OfficerMail
from connectors.mail import Mail, MailServer
from lineage.cases.carrying import confirm
from lineage.cases.case import Case
from lineage.cases.holds import LegalHold
from lineage.cases.keeping import hold, release
from lineage.cases.orders import Outcome
from lineage.cases.rows import dates_of
from lineage.cases.telling import keep_told, next_message
from lineage.clocks import alarms
from lineage.errors import Retryable
from streams.alarming import TURN_SECONDS, Alarming
from tests.cases.events import account, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Party, Stage, away, task_of
from tests.servers.mail import Letters
from tests.servers.waiting import free_port

ASKED = "2026-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")
HERS = ("C-1", "anna@example.fi", "Anna A", "O-1", "S-1")
MAILED = Outcome("sent", how="smtp-250", handle="letter-1")
DPO = "dpo@shop.example"


@dataclass(slots=True)
class Box:
    """A mail server that takes what comes, unless it is told to be away."""

    letters: Letters = field(default_factory=Letters)
    port: int = field(default_factory=free_port)

    @property
    def officer(self) -> OfficerMail:
        server = MailServer("127.0.0.1", self.port, "none", seconds=5.0)
        return OfficerMail(Mail(server), "privacy@shop.example", DPO)

    @property
    def texts(self) -> list[str]:
        return [each.get_content() for each in self.letters.kept]

    @property
    def ids(self) -> list[str]:
        return [str(each["Message-ID"]) for each in self.letters.kept]


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()
    controller = Controller(made.letters, hostname="127.0.0.1", port=made.port)
    controller.start()
    yield made
    controller.stop()


def told(stage: Stage, box: Box) -> int:
    return asyncio.run(Alarming(stage.work, box.officer).tell_all())


def asked(stage: Stage) -> Case:
    stage.record(account(), order(), shipment(), payment(), subscribed(), mailed())
    stage.at(ASKED)
    return stage.preview(stage.open("erasure", HER))


def day_before(case: Case, which: int) -> date:
    return alarms(dates_of(case))[which]


def test_five_and_two_working_days_before_the_day_that_steers_and_after_it_the_officer_hears_of_it_once(
    stage: Stage, box: Box
) -> None:
    case = asked(stage)
    assert told(stage, box) == 0
    for which, count in ((0, 1), (1, 2)):
        stage.at(f"{day_before(case, which)}T08:00:00+03:00")
        stage.run(case)
        assert (told(stage, box), told(stage, box)) == (1, 0)
        assert len(box.letters.kept) == count
    stage.at("2026-06-08T08:00:00+03:00")
    stage.run(case)
    assert (told(stage, box), told(stage, box)) == (1, 0)
    due = dates_of(case).operative.isoformat()
    assert all(due in text and f"jalki case show {case.id}" in text for text in box.texts)
    assert f"overdue since {due}" in box.texts[2]
    assert box.letters.recipients == [DPO] * 3


def test_what_a_person_must_do_is_one_message_with_a_line_for_each_task_and_nothing_of_hers(
    stage: Stage, box: Box
) -> None:
    for party in ("posti", "sendgrid"):
        stage.parties.by_id[party] = Party(lambda _: Outcome("manual", how="no-descriptor"))
    case = stage.approve(asked(stage))
    assert told(stage, box) == 1
    (text,) = box.texts
    for party in ("posti", "sendgrid"):
        number = task_of(case, party).id.rpartition("/")[2]
        assert f"task {number}," in text
        assert f"to {party}, is manual" in text
    whole = box.letters.kept[0].as_string()
    assert not [each for each in HERS if each in whole]


def test_a_letter_without_an_answer_is_the_officers_once_its_day_is_over(stage: Stage, box: Box) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: MAILED)
    case = stage.approve(asked(stage))
    stage.at("2026-05-08T12:00:00+03:00")
    stage.run(case)
    assert len(stage.told("sendgrid")) == 2
    assert told(stage, box) == 0
    due = task_of(case, "sendgrid").due
    stage.at("2026-06-08T12:00:00+03:00")
    stage.run(case)
    assert told(stage, box) == 1
    assert f"is overdue: no answer by {due}" in box.texts[0]


def test_data_that_comes_back_is_told_of(stage: Stage, box: Box) -> None:
    case = stage.approve(asked(stage))
    stage.at("2026-05-03T10:00:00+03:00")
    stage.record(mailed(occurred_at="2026-04-20T10:00:00+03:00"))
    assert stage.work.case(case.id).incidents
    assert told(stage, box) == 1
    assert "came back after the erasure" in box.texts[0]


def test_a_legal_hold_is_to_be_reviewed_every_six_months_until_it_is_released(stage: Stage, box: Box) -> None:
    case = asked(stage)
    hold(stage.work, case.id, LegalHold("a name", "district court", "law", 0, party="sendgrid"))
    case = stage.approve(case)
    for day, count in (("2026-10-31", 0), ("2026-11-01", 1), ("2027-04-30", 0), ("2028-12-01", 1), ("2029-05-01", 1)):
        stage.at(f"{day}T10:00:00+02:00")
        stage.run(case)
        assert told(stage, box) == count, day
    assert "review order 1 to keep something" in box.texts[0]
    assert "a name" not in box.texts[0]
    release(stage.work, case.id, "a name")
    stage.at("2031-05-01T10:00:00+02:00")
    stage.run(case)
    assert told(stage, box) == 0


def test_what_has_settled_itself_before_it_could_be_told_is_not_told(stage: Stage, box: Box) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("manual", how="no-descriptor"))
    case = stage.approve(asked(stage))
    confirm(stage.work, case.id, task_of(case, "sendgrid").id, "verified", "seen")
    assert told(stage, box) == 0


def test_what_staff_have_found_out_themselves_they_are_not_told(stage: Stage, box: Box) -> None:
    case = stage.approve(asked(stage))
    confirm(stage.work, case.id, task_of(case, "sendgrid").id, "failed", "seen")
    assert told(stage, box) == 0


def test_whoever_ends_right_after_sending_sends_the_same_message_again_and_no_more(stage: Stage, box: Box) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("manual", how="no-descriptor"))
    case = stage.approve(asked(stage))
    message = next_message(stage.work)
    assert message
    asyncio.run(box.officer.tell(message))  # and ends before it is kept
    stage.at("2026-06-08T08:00:00+03:00")
    stage.run(case)
    assert told(stage, box) == 2
    assert box.ids[0] == box.ids[1]
    assert box.texts[0] == box.texts[1]
    assert box.ids[2] != box.ids[1]
    assert told(stage, box) == 0
    keep_told(stage.work, message)
    assert stage.work.case(case.id).last.kind == "told"


@pytest.mark.parametrize("fault", ["refused", "busy", "closed"])
def test_a_mail_server_that_is_away_delays_nothing_and_gets_it_later(stage: Stage, box: Box, fault: str) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("manual", how="no-descriptor"))
    stage.parties.by_id["posti"] = Party(away)
    case = stage.approve(asked(stage))
    where, box.letters.fault = box.port, fault
    if fault == "closed":
        box.port = free_port()
    alarming = Alarming(stage.work, box.officer)

    async def live(until: Callable[[], Any]) -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(alarming.run(stop))
        async with asyncio.timeout(20):
            while not until():  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.01)
        stop.set()
        await running

    asyncio.run(live(lambda: any(each.message for each in stage.work.case(case.id).alarms)))
    assert not box.texts
    box.port, box.letters.fault = where, None
    stage.believed[0] += TURN_SECONDS * 1_000_000
    alarming = Alarming(stage.work, box.officer)
    asyncio.run(live(lambda: not stage.work.case(case.id).alarms))
    assert len(box.texts) == 1


def test_of_two_workers_one_tells(stage: Stage, box: Box) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("manual", how="no-descriptor"))
    stage.approve(asked(stage))
    workers = [Alarming(stage.work, box.officer) for _ in range(4)]

    async def live() -> list[int]:
        return [await each for each in asyncio.as_completed([worker.tell_in_turn() for worker in workers])]

    assert sorted(asyncio.run(live())) == [0, 0, 0, 1]
    assert len(box.texts) == 1


def test_an_officer_who_cannot_be_reached_at_all_is_no_reason_to_stop(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("manual", how="no-descriptor"))
    stage.approve(asked(stage))
    tried = list[str]()

    class Broken:
        async def tell(self, message: Any) -> None:
            tried.append(message.name)
            raise KeyError("anna@example.fi") if len(tried) > 1 else Retryable("away")

    async def live() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(Alarming(stage.work, Broken(), look_seconds=0.01, turn_seconds=0).run(stop))
        async with asyncio.timeout(20):
            while len(tried) < 3:  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.01)
        stop.set()
        await running

    asyncio.run(live())
    assert len(set(tried)) == 1
