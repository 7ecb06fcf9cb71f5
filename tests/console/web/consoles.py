"""The console of a folder, served on loopback as in earnest, and visitors of it that are no browser."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pyotp

from connectors.web import public_server
from console.api.answering import Answering
from console.api.turns import Turns
from console.opening import declared_of
from console.settings import Settings, read_settings
from console.web.accounts import Accounts
from console.web.app import web_app
from console.web.serving import office_of
from console.web.visits import COOKIE, Office
from lineage.times import now
from tests.servers.waiting import free_port, until

SECOND = 1_000_000
HER = "customer_id:C-17"
WHY = "her question of today"


@dataclass(slots=True)
class Clock:
    """The time of the machine, and what a test adds to it."""

    ahead: int = 0

    def __call__(self) -> int:
        return now() + self.ahead


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a session, or with none; her forms are sent as a browser sends them from a page of ours."""

    client: httpx2.Client
    url: str

    def sees(self, path: str, **given: Any) -> httpx2.Response:
        return self.client.get(self.url + path, **given)

    def does(
        self,
        path: str,
        fields: Mapping[str, str] | bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> httpx2.Response:
        """Send a form. A header given as None is left out."""
        usual: dict[str, str | None] = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        usual["Content-Type"] = "application/x-www-form-urlencoded"
        sent = {name: value for name, value in {**usual, **(headers or {})}.items() if value is not None}
        given: dict[str, Any] = {"content": fields} if isinstance(fields, bytes) else {"data": dict(fields or {})}
        return self.client.post(self.url + path, headers=sent, **given)

    def cases(self) -> list[str]:
        return sorted(set(re.findall(r"/cases/(\d{4}-\w+)\"", self.sees("/cases?all=true").text)))

    def opens(self, right: str, identifier: str = HER, **more: str) -> str:
        """Open a case, and return its id."""
        answer = self.does("/cases/open", {f"right-{right}": "yes", "identifiers": identifier, "channel": "account",
                                           "controller": "multitronic", "language": "fi", **more})  # fmt: skip
        assert answer.status_code == 303, said(answer)
        return answer.headers["location"].rpartition("/")[2]

    def approves(self, case: str) -> httpx2.Response:
        """Work out what a case means, and approve that."""
        assert self.does(f"/cases/{case}/preview").status_code == 303
        digest = re.search(r'name="digest" value="(\w+)"', self.sees(f"/cases/{case}").text)
        assert digest
        return self.does(f"/cases/{case}/approve", {"digest": digest[1], "sure": "yes"})

    def finds(self, identifier: str = HER) -> str:
        """Look for a person, and return the address of her page."""
        return self.does("/persons", {"identifier": identifier, "purpose": WHY}).headers["location"]


@dataclass(frozen=True, slots=True, eq=False)
class Console:
    """The console of a folder while it is served."""

    url: str
    settings: Settings
    office: Office
    clock: Clock
    clients: list[httpx2.Client] = field(default_factory=list)

    def nobody(self, cookies: Mapping[str, str] | None = None, **headers: str) -> Visitor:
        client = httpx2.Client(timeout=60, trust_env=False, headers=headers, cookies=dict(cookies or {}))
        self.clients.append(client)
        return Visitor(client, self.url)

    def somebody(self, role: str, name: str = "") -> Visitor:
        """Somebody who has signed in with an account in that role."""
        name = name or f"{role}-1"
        accounts = self.office.accounts
        account = accounts.all().get(name) or accounts.add(name, role, now())[0]
        return self.nobody({COOKIE: self.office.sessions.begin(name, role, account.mark)})


def said(answer: httpx2.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def code_of(otpauth: str, at: float | None = None) -> str:
    totp = pyotp.parse_uri(otpauth)
    assert isinstance(totp, pyotp.TOTP)
    return totp.now() if at is None else totp.at(int(at))


def added(data: Path, name: str, role: str) -> tuple[str, str]:
    """Make an account in the folder's own file; return its password, and what its codes are made from."""
    from tests.e2e.program import asked

    made = json.loads(asked("users", "add", name, "--role", role, "--data", data, "--json").out)
    return made["password"], made["otpauth"]


@contextmanager
def opened_console(
    data: Path, *, url: str = "", turns: Turns | None = None, told: Mapping[str, str] | None = None
) -> Iterator[Console]:
    """`told` are settings besides."""
    accounts_file = str(data.parent / f"accounts-{free_port()}.json")
    found = read_settings({"JALKI_ACCOUNTS_FILE": accounts_file, **(told or {})}, data)
    port, turns, clock = free_port(), turns or Turns(), Clock()
    here = f"http://127.0.0.1:{port}"
    accounts = Accounts(found.accounts_file)
    office = office_of(found, Answering(found, declared_of(found)), accounts, turns, url or here, clock)
    server = public_server(web_app(office), "127.0.0.1", port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: None if server.started else "not started", seconds=20, what="the console")
    console = Console(here, found, office, clock)
    try:
        yield console
    finally:
        for client in console.clients:
            client.close()
        server.should_exit = server.force_exit = True
        thread.join(20)
        turns.close()
