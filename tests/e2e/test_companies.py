"""Two companies that both run Jalki: one tells the other over OpenDSR, a person there approves, and the signed word comes back.

Both serve their pages with a real server on the loopback address, and keep their cases in folders of their own.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from connectors.opendsr.messages import LARGEST
from connectors.opendsr.signatures import SIGNATURE_HEADER, Signer
from connectors.web import CALLBACKS, PROCESSOR
from console.opening import Folder, opened_for_recording
from console.parties import Parties as Descriptors
from console.parties import parties_of
from console.serving import public_pages
from console.settings import read_settings
from lineage.cases.case import Case, Task
from lineage.cases.deciding import approve, preview
from lineage.cases.requested import found_of
from lineage.times import now, rfc3339
from schemas.records import JsonRecords
from streams.dispatch import Dispatch
from tests.cases.events import account, disclosed, mailed
from tests.cases.stage import Parties, Stage
from tests.connectors.keys import Authority
from tests.servers.waiting import free_port, until

DAY = 86_400_000_000
HER = ("customer_id", "C-1")
TOKEN = "drawn by lot for multitronic"  # noqa: S105 - of the tests alone
OTHERS = "drawn by lot for smartdeals"
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Installation:
    """One Jalki: its casework, and what its public pages use; each opens the stores for itself, as in a worker."""

    stage: Stage
    folder: Folder
    public: Folder
    url: str

    def directory(self) -> Descriptors:
        return parties_of(self.folder, self.folder.clock)


@contextmanager
def installed(folder: Path, settings: Mapping[str, str], port: int) -> Iterator[Installation]:
    url = f"http://localhost:{port}"
    read = read_settings(
        {
            "JALKI_DATA": str(folder / "data"),
            "JALKI_WEB": f"127.0.0.1:{port}",
            "JALKI_WEB_URL": url,
            **settings,
        }
    )
    ahead = [0]

    def clock() -> int:  # certificates are judged by the true time, which a test moves on
        return now() + ahead[0]

    with ExitStack() as stack:
        casework, recorder = stack.enter_context(opened_for_recording(read, clock))
        public, _ = stack.enter_context(opened_for_recording(read, clock))
        stage = Stage(casework.casework, recorder, JsonRecords(casework.catalogue), ahead, Parties(), count(1))
        yield Installation(stage, casework, public, url)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "keys")


@pytest.fixture
def both(authority: Authority, tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    """The one that asks, multitronic, and the one that answers, multicare."""
    asks, answers = free_port(), free_port()
    pair = authority.issue("localhost", "opendsr")
    for name, text in (("token", TOKEN), ("other", OTHERS)):
        (tmp_path / name).write_text(text)
    (tmp_path / "companies.toml").write_text(
        f'[multitronic]\ntoken_file = "token"\ncallback_urls = ["http://localhost:{asks}{CALLBACKS}"]\n'
        '[smartdeals]\ntoken_file = "other"\n'
    )
    (tmp_path / "parties").mkdir()
    _descriptor(tmp_path, authority, answers)
    processor = {
        "JALKI_COMPANIES": str(tmp_path / "companies.toml"),
        "JALKI_OPENDSR_CERTIFICATE_FILE": str(pair.certificate),
        "JALKI_OPENDSR_KEY_FILE": str(pair.key),
    }
    with (
        installed(tmp_path / "asks", {"JALKI_PARTIES": str(tmp_path / "parties")}, asks) as one,
        installed(tmp_path / "answers", processor, answers) as other,
    ):
        yield one, other


def _descriptor(folder: Path, authority: Authority, port: int) -> None:
    """Say how multicare is told; JSON is YAML."""
    settings = {
        "domain": "localhost",
        "authorities_file": str(authority.ca),
        "token_file": str(folder / "token"),
        "extension": True,
    }
    told = {"channel": "opendsr", "address": f"http://localhost:{port}{PROCESSOR}", "settings": settings}
    (folder / "parties" / "multicare.yaml").write_text(json.dumps(told))


async def eventually(what: str, look: Callable[[], Any]) -> Any:
    """Wait until something is so, by looking; the loop goes on meanwhile."""
    await asyncio.to_thread(until, lambda: None if look() else "not yet", seconds=SECONDS, what=what)
    return look()


def serving(both: tuple[Installation, Installation], act: Callable[[], Awaitable[None]]) -> None:
    """Run something while both serve their pages and carry cases out; the second one's parties are stood in for."""

    async def run() -> None:
        one, other = both
        stop = asyncio.Event()
        directory, told = one.directory(), other.directory()
        dispatches = [Dispatch(one.stage.work, directory), Dispatch(other.stage.work, other.stage.parties)]
        async with (
            public_pages(one.public, directory, dispatches[0].wake),
            public_pages(other.public, told, dispatches[1].wake),
        ):
            running = [asyncio.create_task(each.run(stop)) for each in dispatches]
            try:
                await act()
            finally:
                stop.set()
                await asyncio.gather(*running)
                await directory.close()
                await told.close()

    asyncio.run(run())


def asked(one: Installation) -> tuple[Case, Task]:
    """Her case at the one that asks, approved; and its task for multicare."""
    named = HER, ("email", "anna@example.fi")
    one.stage.record(_at(account()), _at(disclosed("multicare", "customer-service", ["name", "email"], *named)))
    case = one.stage.preview(one.stage.open("erasure", HER, received=now()))
    approve(one.stage.work, case.id)
    return case, next(each for each in case.tasks.values() if each.party == "multicare")


def _at(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"occurred_at": rfc3339(now() - 400 * DAY), **event}


def request(key: str, **changed: object) -> bytes:
    told = {
        "regulation": "gdpr",
        "subject_request_id": key,
        "subject_request_type": "erasure",
        "submitted_time": "2026-12-01T10:00:00+02:00",
        "subject_identities": [
            {"identity_type": "controller_customer_id", "identity_value": "C-1", "identity_format": "raw"}
        ],
    }
    return json.dumps(told | changed).encode()


def call(other: Installation, method: str, path: str, body: bytes | None = None, token: str = TOKEN) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx2.Client(trust_env=False, timeout=20.0) as client:
        return client.request(method, f"{other.url}{PROCESSOR}/{path}", content=body, headers=headers)


def test_an_erasure_goes_to_the_other_company_and_its_signed_word_that_it_is_done_comes_back(
    both: tuple[Installation, Installation],
) -> None:
    one, other = both
    other.stage.record(_at(account()), _at(mailed()))

    async def act() -> None:
        case, task = await asyncio.to_thread(asked, one)

        def state() -> str:
            return one.stage.work.case(case.id).tasks[task.id].state

        key = (await eventually("told", lambda: one.stage.work.case(case.id).tasks[task.id].handle)) or ""
        assert state() == "accepted"
        theirs = found_of(other.stage.work, "multitronic", key)
        assert theirs is not None
        assert (theirs.state, theirs.channel, theirs.controller) == ("received", "group", "multitronic")
        assert other.stage.holders(*HER), "nothing is erased before a person says yes"
        shown = await asyncio.to_thread(preview, other.stage.work, theirs.id)
        await asyncio.to_thread(approve, other.stage.work, theirs.id, digest=shown.plan["digest"])
        await eventually("carried out", lambda: other.stage.work.case(theirs.id).state == "closed")
        assert not other.stage.holders(*HER)
        assert other.stage.told("sendgrid")
        told = await eventually("told", lambda: other.stage.work.case(theirs.id).notes.get("told"))
        assert set(told.values()) == {"in_progress"}
        assert state() == "accepted", "the backup there still has her"
        other.stage.believed[0] = 95 * DAY
        await eventually("verified", lambda: state() == "verified")
        found = one.stage.work.case(case.id).tasks[task.id]
        assert found.how == "signed-answer"
        assert (await asyncio.to_thread(call, other, "GET", f"requests/{key}")).json()["request_status"] == "completed"
        assert (await asyncio.to_thread(call, other, "DELETE", f"requests/{key}")).status_code == 400
        assert other.stage.work.case(theirs.id).state == "closed"

    serving(both, act)


def test_what_is_forged_of_another_too_large_or_comes_again_changes_nothing(
    both: tuple[Installation, Installation], caplog: pytest.LogCaptureFixture
) -> None:
    _, other = both
    caplog.set_level(logging.DEBUG)
    key = "a7551968-d5d6-44b2-9831-815ac9017798"
    other.stage.record(_at(account()))

    def ask() -> None:
        body = request(key)
        for token in ("", "wrong", TOKEN + "x", TOKEN[:-1]):
            assert call(other, "POST", "requests", body, token).status_code == 401
        assert call(other, "POST", "requests", b"x" * (LARGEST + 1)).status_code == 413
        assert not other.stage.work.journal.cases()
        first, again = (call(other, "POST", "requests", body) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        (row,) = other.stage.work.journal.cases()
        assert call(other, "POST", "requests", request(key, subject_request_type="access")).status_code == 400
        for method in ("GET", "DELETE"):
            assert call(other, method, f"requests/{key}", token=OTHERS).status_code == 404
        assert other.stage.work.case(row.case).state == "received"
        preview(other.stage.work, row.case)
        approve(other.stage.work, row.case)
        assert call(other, "DELETE", f"requests/{key}").status_code == 400
        assert call(other, "GET", f"requests/{key}").json()["request_status"] == "in_progress"
        assert len(other.stage.work.journal.cases()) == 1

    async def act() -> None:
        await asyncio.to_thread(ask)

    serving(both, act)
    said = caplog.text
    assert not [each for each in (TOKEN, OTHERS, "C-1", "anna@example.fi") if each in said]


def test_a_callback_is_believed_once_and_only_as_it_was_signed(
    both: tuple[Installation, Installation], authority: Authority
) -> None:
    one, _ = both
    forged = authority.issue("localhost", "forged")
    stranger = Authority(authority.ca.parent / "stranger").issue("localhost", "stranger")

    async def act() -> None:
        case, task = await asyncio.to_thread(asked, one)
        key = await eventually("told", lambda: one.stage.work.case(case.id).tasks[task.id].handle)
        said = {
            "controller_id": "multitronic",
            "subject_request_id": key,
            "request_status": "completed",
            "expected_completion_time": "2026-12-24T00:00:00Z",
            "status_callback_url": f"{one.url}{CALLBACKS}",
        }
        body = json.dumps(said).encode()

        def send(pair: Any, body: bytes, signed: bytes) -> int:
            headers = Signer("localhost", pair.certificate, pair.key).headers(signed)
            with httpx2.Client(trust_env=False, timeout=20.0) as client:
                return client.post(f"{one.url}{CALLBACKS}", content=body, headers=headers).status_code

        ours = authority.ca.parent
        right = type(forged)(ours / "opendsr.pem", ours / "opendsr.key")
        for pair in (forged, stranger):
            assert await asyncio.to_thread(send, pair, body, body) == 403
        assert await asyncio.to_thread(send, right, body, body + b" ") == 403
        assert one.stage.work.case(case.id).tasks[task.id].state == "accepted"
        for _ in range(2):
            assert await asyncio.to_thread(send, right, body, body) == 202
        chain = [each for each in one.stage.work.journal.entries(case.id) if each.kind == "task"]
        assert [each.said["state"] for each in chain if each.said["task"] == task.id].count("verified") == 1
        assert SIGNATURE_HEADER not in repr(one.stage.work.case(case.id))

    serving(both, act)
