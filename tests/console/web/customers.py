"""The customers' pages of a folder, served on loopback with a mail server; whoever asks is a browser without scripts."""

import base64
import json
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from aiosmtpd.controller import Controller

from connectors.web import public_server
from console.api.answering import Answering
from console.api.turns import Turns
from console.case_logs import opened_for_cases
from console.case_opening import Casebook
from console.opening import Folder, declared_of, opened
from console.outward import Outward
from console.settings import read_settings
from console.web.accounts import Accounts
from console.web.app import web_app
from console.web.customers.desk import CustomerDesk
from console.web.customers.links import SKEW, Links, signed
from console.web.sessions import Sessions
from console.web.throttle import Throttle
from console.web.visits import Office
from lineage.times import now
from tests.e2e.events import event, order, write_lines
from tests.e2e.program import asked
from tests.e2e.stories import STORY
from tests.servers.mail import Letters
from tests.servers.waiting import free_port, until

AINO, HERS = "customer_id:C-17", "aino.esimerkki@posti.example"
BEA = "bea.granne@posti.example"
SHARED = "koti@posti.example"
MAILED = "newsletter.only@posti.example"
SECRET = "a-secret-of-the-shop-that-is-long-enough"  # noqa: S105 - of a shop that there is not
EVENTS = [
    *STORY,
    event("AccountOpened", "b-1", customer_id="C-40", email=BEA, name="Bea Granne"),
    {**order("b-2", "O-40", customer_id="C-40"), "email": BEA},
    event("AccountOpened", "h-1", customer_id="C-51", email=SHARED, name="Yksi Koti"),
    event("AccountOpened", "h-2", customer_id="C-52", email=SHARED, name="Toinen Koti"),
    event("NewsletterSubscribed", "n-1", email=MAILED, consent_text="News, please.", source="footer"),
    event(
        "DataDisclosed", "q-1", holder="order-system", recipient="police", secret=True, purpose="authority-inquiry",
        identifiers=[{"kind": "customer_id", "value": "C-17"}], categories=["name", "order"],
    ),
]  # fmt: skip


@dataclass(slots=True)
class Clock:
    """The time, and by how much a test has moved it (microseconds)."""

    ahead: int = 0

    def __call__(self) -> int:
        return now() + self.ahead

    def on(self, *, seconds: float) -> None:
        self.ahead += int(seconds * 1_000_000)


@dataclass(slots=True)
class Browser:
    """A browser with its cookies; `origin` is that of the page whose form it sends."""

    url: str
    origin: str = ""
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=60, trust_env=False))

    def sees(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(self.url + path, headers={"Accept-Language": "en", **headers})

    def sends(self, path: str, *, site: str = "same-origin", **fields: str) -> httpx2.Response:
        headers = {
            "Origin": self.origin or self.url, "Sec-Fetch-Site": site, "Accept-Language": "en",
            "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        return self.client.post(self.url + path, content=urlencode(fields), headers=headers)

    def opens(self, right: str, **fields: str) -> str:
        """Open a case; return its id."""
        answer = self.sends(f"/me/open/{right}", **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].rpartition("/")[2]


@dataclass(slots=True)
class House:
    """The pages while they are served."""

    url: str
    folder: Path
    office: Office
    letters: Letters
    clock: Clock
    browsers: list[Browser] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def desk(self) -> CustomerDesk:
        return self.office.customers

    def browser(self) -> Browser:
        self.browsers.append(Browser(self.url))
        return self.browsers[-1]

    def rest(self) -> None:
        """Wait until every code that was asked for is seen to."""
        until(lambda: f"{self.desk.under_way} to send" if self.desk.under_way else None, seconds=30, what="the codes")

    def code_for(self, browser: Browser, address: str) -> str:
        """Ask for a code, and read it in the mailbox."""
        before = len(self.letters.kept)
        assert browser.sends("/me/sign-in", email=address).headers["location"] == "/me/code"
        self.rest()
        assert len(self.letters.kept) == before + 1
        return code_in(self.letters)

    def by_code(self, address: str) -> Browser:
        """Somebody who has signed in by a code."""
        browser = self.browser()
        assert browser.sends("/me/code", code=self.code_for(browser, address)).headers["location"] == "/me"
        return browser

    def token(self, identifier: str = AINO, key: str = SECRET, **given: object) -> str:
        """A link, as the shop makes it."""
        told = {
            "identifier": identifier, "made": self.clock() // 1_000_000, "nonce": secrets.token_urlsafe(16),
            "to": self.url, **given,
        }  # fmt: skip
        text = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
        return f"{text}.{signed(key.encode(), text)}"

    def arrives(self, browser: Browser, token: str) -> httpx2.Response:
        """The shop's page sends a browser here."""
        shop = Browser(self.url, "https://shop.example", browser.client)
        return shop.sends("/me/enter", site="cross-site", token=token)

    def by_link(self, identifier: str = AINO) -> Browser:
        """Somebody who has come by a link of the shop."""
        browser = self.browser()
        page = self.arrives(browser, self.token(identifier))
        assert browser.sends("/me/begin", offer=offer_in(page)).headers["location"] == "/me"
        return browser


def code_in(letters: Letters) -> str:
    found = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", letters.kept[-1].get_content())
    assert found is not None
    return found[0]


def offer_in(page: httpx2.Response) -> str:
    assert page.status_code == 200, page.text
    found = re.search(r'name="offer" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


@contextmanager
def served_house(folder: Path, *, mail: bool = True, links: bool = True, whole: bool = True) -> Iterator[House]:
    """Serve the pages of `folder / "data"`. The time of the links is moved on: none was made before this began."""
    port, clock, turns, letters = free_port(), Clock(), Turns(), Letters()
    url, key = f"http://127.0.0.1:{port}", folder / "links.key"
    key.write_text(SECRET)
    key.chmod(0o600)
    smtp = Controller(letters, hostname="127.0.0.1", port=free_port())
    smtp.start()
    given = {"JALKI_MAIL": f"smtp://127.0.0.1:{smtp.port}", "JALKI_MAIL_FROM": "privacy@shop.example"}
    told = read_settings({**given, "JALKI_WEB_URL": "https://shop.example"}, folder / "data")
    settings = read_settings({}, folder / "data")
    declared = declared_of(settings)

    @contextmanager
    def reading() -> Iterator[Folder]:
        with opened(settings, declared) as found:
            yield found

    @contextmanager
    def deciding() -> Iterator[Casebook]:
        with opened_for_cases(settings) as book:
            yield book

    outward = Outward(mail=told.outward.mail, sender=told.outward.sender) if mail else Outward()
    desk = CustomerDesk(clock, reading, outward, url=url, links=Links(key, url, clock) if links else None, whole=whole)
    clock.on(seconds=2 * SKEW)
    office = Office(
        Answering(settings, declared), turns, Sessions(clock), Accounts(settings.accounts_file), Throttle(clock), clock,
        url, reading, deciding, desk,
    )  # fmt: skip
    server = public_server(web_app(office), "127.0.0.1", port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: None if server.started else "not started", seconds=20, what="the console")
    house = House(url, folder, office, letters, clock)
    try:
        yield house
        house.rest()
    finally:
        for each in house.browsers:
            each.client.close()
        server.should_exit = server.force_exit = True
        thread.join(20)
        turns.close()
        smtp.stop()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("customers")
    assert asked("ingest", write_lines(folder / "s.jsonl", EVENTS), "--data", folder / "data").code == 0
    return folder


@pytest.fixture
def folder(recorded: Path, tmp_path: Path) -> Path:
    shutil.copytree(recorded / "data", tmp_path / "data")
    return tmp_path


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    with served_house(folder) as found:
        yield found
