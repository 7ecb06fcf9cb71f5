"""A shop with something to audit, and the console's pages of it, asked in this process as a browser asks."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from console.api.answering import Answering
from console.api.turns import Turns
from console.opening import declared_of
from console.settings import Settings, read_settings
from console.web.accounts import Accounts
from console.web.app import web_app
from console.web.serving import office_of
from console.web.visits import COOKIE, Office
from streams.shop import Event
from tests.console.web.reading import Page
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked
from tests.e2e.stories import EVENTS, STORY

URL = "http://console.example"
SECRETS = ("Aino", "aino.", "Rantakatu", "0401234567", "+358401234567", "Olli", "olli@", "C-17", "C-99")
"""What the shop's events tell of the persons in the cases, and no page does."""
AT = "2026-02-01T08:00:00+02:00"


def _look(id_: str, purpose: str, staff: str) -> Event:
    told = {"customer_id": "C-17", "viewer": "back-office", "viewer_ref": staff, "categories": ["name"]}
    return event("RecordViewed", id_, "2026-03-05T09:30:00Z", purpose=purpose, **told)


GONE = event("AccountOpened", "g-1", AT, customer_id="C-99", email="olli@posti.example", name="Olli Esimerkki")
MAILED = [
    event("NewsletterSubscribed", "n-1", AT, email="aino.esimerkki@posti.example", consent_text="v1", source="web"),
    event("NewsletterSent", "n-2", AT, email="aino.esimerkki@posti.example", provider="sendgrid", campaign_id="k-1"),
]
LATE = {**GONE, "event_id": "g-2"}
LOOKS = [
    _look("l-1", "order", "desk-1"),
    _look("l-2", "curiosity", "desk-2"),
    _look("l-3", "authority-inquiry", "desk-3"),
]
BAD = [b'{"type": "AccountClosed", "event_id": "b-1"}', b'{"type": "AccountOpened", "event_id": "b-2"}', b"{"]


@dataclass(frozen=True, slots=True)
class Console:
    """The console of a folder."""

    office: Office
    settings: Settings
    unsubscribed: str
    erased: str

    def asks(self, role: str, method: str, path: str, *, language: str = "en", **given: Any) -> httpx2.Response:
        """Ask for a page as somebody in that role, or as nobody."""
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": language, **given.pop("headers", {})}
        cookies = {COOKIE: self.office.sessions.begin(f"{role}-1", role, None)} if role else {}

        async def sent() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=web_app(self.office))
            async with httpx2.AsyncClient(transport=transport, base_url=URL, cookies=cookies) as client:
                return await client.request(method, path, headers=headers, **given)

        return asyncio.run(sent())

    def page(self, role: str, path: str, language: str = "en") -> Page:
        """Return a page that is shown."""
        answer = self.asks(role, "GET", path, language=language)
        assert answer.status_code == 200, answer.text[:2_000]
        return Page.of(answer.text)


def _shop(folder: Path) -> tuple[Path, str, str]:
    """Make a shop with a closed case, a closed erasure of whose data something came back, and one that is refused."""
    data = folder / "data"
    assert (
        asked("ingest", write_lines(folder / "a", [*EVENTS, *STORY, *LOOKS, *MAILED, GONE]), "--data", data).code == 0
    )
    unsubscribed = _opened(data, "unsubscribe", "customer_id:C-17")
    erased = _opened(data, "erasure", "customer_id:C-99")
    for case in (unsubscribed, erased):
        assert asked("case", "approve", case, "--data", data).code in {0, 3}
        _confirm(data, case)
    refused = _opened(data, "access", "customer_id:C-17")
    assert asked("case", "refuse", refused, "--ground", "12(5)", "--reason", "again", "--data", data).code == 0
    assert asked("ingest", write_lines(folder / "b.jsonl", [LATE, *BAD]), "--data", data).code == 1
    why = ("--reveal", "--reason", "she called in")
    assert asked("where", "customer_id:C-17", *why, "--data", data).code == 0
    return data, unsubscribed, erased


def _opened(data: Path, right: str, whose: str) -> str:
    return asked("case", "open", right, whose, "--channel", "account", "--data", data).out.strip()


def _confirm(data: Path, case: str) -> None:
    """Say of each task that it is done, by a person who saw it."""
    for task in asked("case", "show", case, "--json", "--data", data).json["tasks"]:
        if task["state"] == "manual":
            number = task["task"].rpartition("/")[2]
            done = asked("case", "confirm", case, number, "verified", "--evidence", "seen", "--data", data)
            assert done.code in {0, 3}


@contextmanager
def opened_console(data: Path, *cases: str) -> Iterator[Console]:
    """Serve nothing, and yield the console of a folder."""
    settings = read_settings({}, data)
    turns = Turns()
    office = office_of(
        settings, Answering(settings, declared_of(settings)), Accounts(settings.accounts_file), turns, URL
    )  # fmt: skip
    try:
        yield Console(office, settings, *(cases or ("", "")))
    finally:
        turns.close()


_MADE: list[tuple[Path, str, str]] = []


def audited_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """Return the folder of the shop, and its cases; made once whichever files ask for it."""
    if not _MADE:
        _MADE.append(_shop(tmp_path_factory.mktemp("audited")))
    return _MADE[0]


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The console of the shop; nothing is changed there."""
    with opened_console(*audited_shop(tmp_path_factory)) as found:
        yield found


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A shop in which hardly anything has happened."""
    folder = tmp_path_factory.mktemp("empty")
    assert asked("ingest", write_lines(folder / "e", [STORY[0]]), "--data", folder / "data").code == 0
    with opened_console(folder / "data") as found:
        yield found


def issued(console: Console) -> bytes:
    """Return the certificate of the case that is closed."""
    answer = console.asks("auditor", "POST", f"/cases/{console.unsubscribed}/certificate", data={"form": "json"})
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.content)["body"]["statement"]["case"] == console.unsubscribed
    return answer.content
