"""Companies hear of every change at least once, whoever fails, and nobody waits for them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lineage.cases.casework import New
from lineage.cases.journal import CALLBACKS
from lineage.errors import Refused, Retryable
from streams.backoff import Backoff
from streams.calling_back import CallingBack
from tests.cases.companies import HER, ONE, OTHER, SECOND_URL, URL, Heard, ask, call_back, cancel, case_of, status
from tests.cases.events import account, mailed
from tests.cases.stage import Stage, staged
from tests.cases.stepping import Killed

ASKED = "2026-05-01T10:00:00+03:00"
TURNED_OVER = "2026-08-01T10:00:00+03:00"
FAR = 1 << 62


@pytest.fixture(autouse=True)
def known(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.at(ASKED)


def approved(stage: Stage, id_: str = ONE, company: str = "multicare", **changed: object) -> None:
    ask(stage.work, id=id_, company=company, **changed)
    stage.approve(stage.preview(case_of(stage.work, id_, company)))


def due(stage: Stage, company: str = "multicare") -> int:
    return len(stage.work.journal.due_tasks(CALLBACKS + company, stage.now, 100))


def test_each_change_is_told_once_and_that_it_came_in_is_not(stage: Stage) -> None:
    heard = Heard()
    ask(stage.work)
    call_back(stage.work, heard)
    assert not heard.calls
    stage.approve(stage.preview(case_of(stage.work)))
    for _ in range(3):
        call_back(stage.work, heard)
    assert heard.calls == [("multicare", ONE, "in_progress", URL)]
    stage.at(TURNED_OVER)
    for _ in range(2):
        call_back(stage.work, heard)
    assert heard.statuses() == ["in_progress", "completed"]
    assert not stage.work.journal.due_tasks(CALLBACKS + "multicare", FAR, 10), "nothing is owed any more"


def test_a_cancellation_is_told_too(stage: Stage) -> None:
    heard = Heard()
    ask(stage.work)
    cancel(stage.work)
    call_back(stage.work, heard)
    assert heard.statuses() == ["cancelled"]


def test_who_names_no_address_is_not_called(stage: Stage) -> None:
    approved(stage, callback_urls=())
    assert not stage.work.journal.due_tasks(CALLBACKS + "multicare", FAR, 10)


def test_a_company_that_was_away_is_told_when_it_is_back(stage: Stage) -> None:
    heard = Heard(faults={URL: Retryable("away")})
    approved(stage)
    for _ in range(3):
        with pytest.raises(Retryable):
            call_back(stage.work, heard)
    heard.faults.clear()
    call_back(stage.work, heard)
    assert heard.statuses() == ["in_progress"]


def test_whoever_is_killed_after_a_call_makes_it_again(tmp_path: Path) -> None:
    heard = Heard(after={URL: Killed()})
    with staged(tmp_path / "killed", ASKED) as stage:
        stage.record(account(), mailed())
        approved(stage)
        with pytest.raises(Killed):
            call_back(stage.work, heard)
    heard.after.clear()
    heard.turns.clear()
    with staged(tmp_path / "killed", "2026-05-01T10:01:00+03:00") as stage:
        call_back(stage.work, heard)
        call_back(stage.work, heard)
    assert heard.statuses() == ["in_progress", "in_progress"]


def test_of_two_addresses_one_that_refuses_does_not_keep_the_other_from_hearing(stage: Stage) -> None:
    heard = Heard(faults={SECOND_URL: Refused("404")})
    approved(stage, callback_urls=(SECOND_URL, URL))
    call_back(stage.work, heard)
    assert heard.statuses() == ["in_progress"]
    assert not due(stage)
    stage.at("2026-05-01T10:02:00+03:00")
    heard.faults.clear()
    call_back(stage.work, heard)
    assert (heard.statuses(), heard.statuses(url=SECOND_URL)) == (["in_progress"], ["in_progress"])


def test_a_request_that_is_refused_is_told_ever_more_seldom_and_in_the_end_no_more(stage: Stage) -> None:
    heard, tries = Heard(faults={URL: Refused("404")}), 0
    approved(stage)
    while rows := stage.work.journal.due_tasks(CALLBACKS + "multicare", FAR, 10):
        (row,) = rows
        assert row.look_at is not None
        stage.believed[0] = max(stage.now, row.look_at)
        call_back(stage.work, heard)
        tries += 1
        assert tries < 100
    assert 40 <= tries < 100, "in progress, and then that it is completed"
    assert not heard.calls
    heard.faults.clear()
    stage.at("2026-12-06T10:00:00+02:00")
    stage.work.decided(case_of(stage.work).id, lambda _: [New("noted", "dpo", {"seen": True})])
    call_back(stage.work, heard)
    assert heard.statuses() == ["completed"], "whatever happens next is told again"


def test_a_company_that_hangs_keeps_no_other_waiting(stage: Stage) -> None:
    heard, hung = Heard(), asyncio.Event()
    approved(stage)
    stage.record(account(customer_id="C-2", email="bert@example.fi"))
    theirs = "https://smartdeals.example/callbacks"
    approved(stage, OTHER, company="smartdeals", identifiers=(("customer_id", "C-2"),), callback_urls=(theirs,))

    class Hanging:
        async def tell(self, company: str, request: str, standing: object, url: str) -> None:
            if company == "multicare":
                await hung.wait()
            await heard.tell(company, request, standing, url)  # type: ignore[arg-type]  # it passes it on
            stop.set()

    stop = asyncio.Event()

    async def run() -> None:
        with ThreadPoolExecutor(1) as thread:
            calling = CallingBack(stage.work, thread, Hanging(), ["multicare", "smartdeals"], Backoff())
            running = asyncio.create_task(calling.run(stop))
            async with asyncio.timeout(20):
                await stop.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert heard.statuses(OTHER, theirs) == ["in_progress"]
    assert not heard.statuses()


def test_a_duplicate_is_told_when_the_case_that_stands_for_it_moves(stage: Stage) -> None:
    heard = Heard()
    hers = stage.open("erasure", HER[0])
    ask(stage.work, identifiers=HER[:1])
    call_back(stage.work, heard)
    stage.approve(stage.preview(hers))
    call_back(stage.work, heard)
    assert not heard.calls, "it is looked at every few minutes"
    stage.at("2026-05-01T10:06:00+03:00")
    call_back(stage.work, heard)
    assert heard.statuses() == ["in_progress"]


def test_of_two_workers_one_calls(stage: Stage) -> None:
    approved(stage)
    one, other = Heard(faults={URL: Retryable("away")}), Heard()
    with pytest.raises(Retryable):
        call_back(stage.work, one)
    call_back(stage.work, other)
    assert not other.calls, "it is the turn of the first"
    stage.at("2026-05-01T10:01:30+03:00")
    call_back(stage.work, other)
    assert other.statuses() == ["in_progress"]


def test_no_party_is_made_of_what_is_owed_to_a_company(stage: Stage) -> None:
    approved(stage)
    assert due(stage) == 1
    stage.run(case_of(stage.work))
    assert not [party for party in stage.parties.by_id if party.startswith(CALLBACKS)]
    assert status(stage.work) == "in_progress"
