"""A real browser before the console as a process of its own. Whatever a page logs, asks of others or breaks fails the test."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page, Request, StorageState, sync_playwright

from console.web.accounts import Accounts
from lineage.times import now
from tests.console.web.consoles import code_of
from tests.e2e.program import Running, started
from tests.servers.packages import fetched
from tests.servers.server import UnavailableError
from tests.servers.waiting import accepts, free_port, until

AXE = "4.14.1"
PHONE = {"width": 360, "height": 740}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True, "locale": "fi-FI"},
    "phone, in the dark, in Swedish": {"viewport": PHONE, "color_scheme": "dark", "locale": "sv-FI"},
}
"""How a page is looked at; all that differs at once, for each look is worth a browser."""
ALIKE = """() => {
    const built = (each) => [each.tagName, each.className, each.lang, [...each.children].map(built).join()].join(" ");
    for (const body of document.querySelectorAll("tbody")) {
        const seen = new Map();
        for (const row of [...body.rows]) {
            const count = (seen.get(built(row)) || 0) + 1;
            seen.set(built(row), count);
            if (count > 2) { row.remove(); }
        }
    }
}"""
"""Leaves two rows of each build: what is wrong with one is wrong with all, and axe-core takes seconds for thousands."""
PATIENCE = 30_000
"""Milliseconds that a page is waited for at most."""
_numbers = count(1)


@dataclass(slots=True)
class Tab:
    """A page that somebody looks at, and what should never have happened while she did."""

    page: Page
    url: str
    bad: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """What the browser has asked for: verb and path."""

    def sees(self, request: Request) -> None:
        """Keep what is asked for; of another site nothing may be."""
        if request.url.startswith(self.url + "/"):
            self.asked.append((request.method, urlsplit(request.url).path))
        else:
            self.bad.append(f"asked {request.url}")

    def goes(self, path: str) -> None:
        self.page.goto(self.url + path)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url)

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def opens_act(self, name: str) -> None:
        self.page.locator("summary").get_by_text(name, exact=True).click()

    def acts(self, name: str) -> None:
        """Send the form that is open."""
        self.page.locator("details[open]").get_by_role("button", name=name, exact=True).click()

    def says(self, text: str) -> bool:
        return text in " ".join(self.page.inner_text("body").split())

    def waits_for(self, expression: str) -> None:
        """Wait until an expression is true in the page. Playwright's own waiting needs eval, which our pages forbid."""

        def missing() -> str | None:
            try:
                return None if self.page.evaluate(expression) else expression
            except Error as between:  # one page is gone, and of the next there is nothing yet
                return f"{expression}: {between.message}"

        until(missing, seconds=PATIENCE / 1000, what="the page")

    def wider_than_the_screen(self) -> int:
        """Pixels by which the page as a whole can be moved sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def violations(self) -> list[str]:
        """What axe-core has against the page as it is now, without the rows of its tables that are built like others."""
        self.page.evaluate(ALIKE)
        self.page.evaluate(axe())
        found: dict[str, Any] = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{each['id']}: {each['help']}: {node['html'][:200]} {json.dumps(node['any'] + node['all'] + node['none'])[:300]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]


@dataclass(frozen=True, slots=True)
class Place:
    """The console of a folder, as a process."""

    url: str
    data: Path
    running: Running
    browser: Browser
    states: dict[str, StorageState] = field(default_factory=dict)
    """What the browser of somebody who has signed in knows, by role."""

    @contextmanager
    def tab(self, **options: Any) -> Iterator[Tab]:
        """Somebody who has not signed in. At its end nothing may have gone wrong."""
        with opened_tab(self.browser, self.url, **options) as tab:
            yield tab

    def account(self, role: str) -> tuple[str, str, str]:
        """Make an account of its own, for each code is good once; return name, password, and what its codes are made from."""
        name = f"{role}-{next(_numbers)}"
        account, password = Accounts(self.data / "accounts.json").add(name, role, now())
        return name, password, account.address()

    @contextmanager
    def somebody(self, role: str, **options: Any) -> Iterator[Tab]:
        """Somebody who has signed in, once for all that is asked so; she does not sign out: for that, `newcomer`."""
        if role not in self.states:
            with self.newcomer(role) as tab:
                self.states[role] = tab.page.context.storage_state()
        with self.tab(storage_state=self.states[role], **options) as tab:
            tab.goes("/")
            yield tab

    @contextmanager
    def newcomer(self, role: str, **options: Any) -> Iterator[Tab]:
        """Somebody with an account of her own, who has just signed in by the form."""
        name, password, otpauth = self.account(role)
        with self.tab(**options) as tab:
            tab.goes("/sign-in")
            tab.page.fill("[name=name]", name)
            tab.page.fill("[name=password]", password)
            tab.page.fill("[name=code]", code_of(otpauth))
            tab.page.click("button.main")
            tab.page.wait_for_url(lambda at: "sign-in" not in at)
            yield tab


@contextmanager
def opened_tab(browser: Browser, url: str, **options: Any) -> Iterator[Tab]:
    """A tab of a browser that knows nothing yet. At its end nothing may have gone wrong in it."""
    context = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(PATIENCE)
    tab = Tab(context.new_page(), url)
    context.on("console", lambda message: tab.bad.append(f"console: {message.text}"))
    context.on("weberror", lambda error: tab.bad.append(f"script: {error.error}"))
    context.on("request", lambda request: tab.sees(request))
    # Choosers are handed to us only some time after the browser was told so: asked for just before one opens, it may be lost.
    tab.page.on("filechooser", lambda _: None)
    try:
        yield tab
    finally:
        context.close()
    assert not [each for each in tab.bad if not _status_of_a_form(each)]


def wrong_with(tab: Tab) -> list[str]:
    """What is wrong with the page as it is now, with all its forms open."""
    tab.page.wait_for_load_state()  # without its stylesheet a page is wider than it will be
    for each in tab.page.query_selector_all("summary"):
        each.click()
    over = tab.wider_than_the_screen()
    return [*tab.violations(), *([f"{over} pixels too wide"] if over else [])]


def _status_of_a_form(message: str) -> bool:
    """Whether Chromium only says that a page we asked for has a status of 400 or more: of a refused form it must have."""
    return message.startswith("console: Failed to load resource: the server responded with a status of 4")


@cache
def axe() -> str:
    """Return axe-core (MPL-2.0), which is only ever run in tests."""
    return (fetched("axe-core", AXE) / "axe-core" / "axe.min.js").read_text("utf-8")


def chromium() -> str:
    """Return where Chromium is. Raises: UnavailableError: it is not here."""
    found = os.environ.get("JALKI_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise UnavailableError("no chromium on the path: install it, or name it in JALKI_TEST_CHROMIUM")
    return found


@contextmanager
def opened_browser() -> Iterator[Browser]:
    path = chromium()
    axe()  # what cannot be had is said before anything runs
    with sync_playwright() as playwright:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@contextmanager
def opened_place(data: Path, browser: Browser) -> Iterator[Place]:
    port = free_port()
    settings = {"JALKI_CONSOLE": f"127.0.0.1:{port}"}
    with started("console", "--data", data, settings=settings) as running:
        assert running.until(lambda: accepts("127.0.0.1", port)), running.end().err
        yield Place(f"http://127.0.0.1:{port}", data, running, browser)
