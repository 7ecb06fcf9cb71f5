"""Without a worker, commands tell the data protection officer what there is; with one, its agents do."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from connectors.alarms import OfficerMail
from connectors.mail import Mail, MailServer
from lineage.cases.orders import Outcome
from streams.case_metrics import CaseMetrics
from streams.caseworking import Cases, carrying_out
from tests.cases.events import account, mailed
from tests.cases.logged import logged
from tests.cases.stage import Party
from tests.console.shops import Desk
from tests.servers.mail import Letters
from tests.servers.waiting import free_port

DPO = "dpo@shop.example"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def letters(port: int) -> Iterator[Letters]:
    kept = Letters()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept
    controller.stop()


def settings(port: int) -> dict[str, str]:
    return {
        "JALKI_MAIL": f"smtp://127.0.0.1:{port}", "JALKI_MAIL_FROM": "privacy@shop.example",
        "JALKI_WEB_URL": "https://shop.example", "JALKI_DPO_MAILBOX": DPO,
    }  # fmt: skip


def test_an_approval_tells_the_officer_what_is_for_a_person_to_do(tmp_path: Path, port: int, letters: Letters) -> None:
    desk = Desk(tmp_path, **settings(port))
    case = desk.approved("erasure")
    (letter,) = letters.kept
    assert f"jalki case show {case}" in letter.get_content()
    assert letters.recipients == [DPO]
    manual = [each["task"] for each in desk.shown(case)["tasks"] if each["state"] == "manual"]
    assert manual
    desk.asks("case", "confirm", case, manual[0].rpartition("/")[2], "verified", "--evidence", "a letter")
    assert len(letters.kept) == 1


def test_a_mail_server_that_is_away_is_told_of_and_the_next_command_tells_the_officer(
    tmp_path: Path, port: int
) -> None:
    desk = Desk(tmp_path, **settings(port))
    case = desk.opens("erasure")
    ended = desk.asks("case", "approve", case)
    assert ended.code in {0, 3}
    assert "the data protection officer is not told of alarms yet: the mail server does not answer" in ended.err
    kept = Letters()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert desk.asks("ingest", tmp_path / "events.jsonl").code == 0
    finally:
        controller.stop()
    assert len(kept.kept) == 1


def test_a_worker_tells_the_officer_beside_its_other_work(tmp_path: Path, port: int, letters: Letters) -> None:
    officer = OfficerMail(Mail(MailServer("127.0.0.1", port, "none", seconds=5.0)), "privacy@shop.example", DPO)
    with logged(tmp_path) as (stage, log):
        stage.record(account(), mailed())
        stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("manual", how="no-descriptor"))
        case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-1"))))

        async def live() -> None:
            cases, stop = Cases(stage.work, log, stage.parties, officer=officer), asyncio.Event()
            async with asyncio.timeout(20), carrying_out(cases, CaseMetrics(), stop, lambda _: None):
                while stage.work.case(case.id).alarms:  # noqa: ASYNC110 - what is waited for tells nobody
                    await asyncio.sleep(0.01)

        asyncio.run(live())
        assert len(letters.kept) == 1
