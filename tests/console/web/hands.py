"""Whose hand does a task in a browser: one with a mouse, one with a keyboard alone. Both do it by the words on the page."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from playwright.sync_api import Download, Locator

from tests.console.web.browsers import Tab

Control = Literal["link", "button", "summary", "field"]
TABS = 250
"""Presses of Tab in which everything on a page is reached."""
FOCUSED = """() => {
    const each = document.activeElement, label = each.labels && each.labels[0];
    const field = ["INPUT", "SELECT", "TEXTAREA"].includes(each.tagName);
    const control = field ? "field" : { A: "link", BUTTON: "button", SUMMARY: "summary" }[each.tagName] || "";
    const text = each.getAttribute("aria-label") || (label ? label.innerText : each.innerText) || "";
    return [control, text.trim().split("\\n")[0].trim()];
}"""

IDLE = "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
"""Nothing of the page is being fetched or put in its place."""


class Hand(Protocol):
    """What a task is done with. Words are those a control begins with (a field) or has (all others)."""

    tab: Tab

    def follows(self, words: str) -> None:
        """Follow a link."""

    def presses(self, words: str) -> None:
        """Press a button that brings another page."""

    def downloads(self, words: str) -> Path:
        """Press a button, or follow a link, that brings a file; return where it is."""

    def turns(self, words: str) -> None:
        """Press a button that changes something on the page."""

    def opens(self, words: str) -> None:
        """Open what is folded up."""

    def fills(self, words: str, text: str) -> None:
        """Write into a field."""

    def chooses(self, words: str, option: str) -> None:
        """Choose from a list."""

    def ticks(self, words: str) -> None:
        """Tick a box."""

    def dates(self, words: str, day: str) -> None:
        """Give a day, YYYY-MM-DD."""

    def hands_over(self, words: str, file: Path) -> None:
        """Choose a file of hers."""


@contextmanager
def gone(tab: Tab) -> Iterator[None]:
    """Act, and be on the page that it leads to. What a filter has begun when it was set ends first: it goes somewhere too."""
    tab.waits_for(IDLE)
    with tab.page.expect_navigation():
        yield
    tab.waits_for(IDLE)


@dataclass(slots=True)
class Mouse:
    """A hand with a mouse. Of several buttons of one name it presses that of the form it was in."""

    tab: Tab
    last: Locator | None = None

    def follows(self, words: str) -> None:
        self._goes(self._one("link", words).click)

    def presses(self, words: str) -> None:
        self._goes(self._one("button", words).click)

    def downloads(self, words: str) -> Path:
        here = self.tab.page.get_by_role("button", name=words, exact=True).or_(
            self.tab.page.get_by_role("link", name=words, exact=True)
        )
        with self.tab.page.expect_download() as coming:
            here.filter(visible=True).first.click()
        return kept(coming.value)

    def turns(self, words: str) -> None:
        self._one("button", words).click()

    def opens(self, words: str) -> None:
        self.tab.page.locator("summary").get_by_text(words, exact=True).click()

    def fills(self, words: str, text: str) -> None:
        self._field(words).fill(text)

    def chooses(self, words: str, option: str) -> None:
        self._field(words).select_option(label=option)

    def ticks(self, words: str) -> None:
        self._field(words).check()

    def dates(self, words: str, day: str) -> None:
        self._field(words).fill(day)

    def hands_over(self, words: str, file: Path) -> None:
        self._field(words).set_input_files(file)

    def _goes(self, acts: Callable[[], None]) -> None:
        with gone(self.tab):
            acts()

    def _one(self, role: Literal["link", "button"], words: str) -> Locator:
        if role == "button" and self.last is not None and self.last.count():
            here = self.last.locator("xpath=ancestor::form").get_by_role(role, name=words, exact=True)
            if here.count():
                return here.first
        return self.tab.page.get_by_role(role, name=words, exact=True).filter(visible=True).first

    def _field(self, words: str) -> Locator:
        """The field whose label begins so; where forms are folded up, in the one that is open."""
        begins = re.compile(rf"^\s*{re.escape(words)}")
        self.last = self.tab.page.get_by_label(begins).filter(visible=True).first
        return self.last


@dataclass(frozen=True, slots=True)
class Keyboard:
    """A hand on a keyboard that has no mouse: everything is reached with Tab."""

    tab: Tab

    def follows(self, words: str) -> None:
        with gone(self.tab):
            self._hits("link", words, "Enter")

    def presses(self, words: str) -> None:
        with gone(self.tab):
            self._hits("button", words, "Enter")

    def downloads(self, words: str) -> Path:
        self._reaches(lambda control, text: control in {"button", "link"} and text == words, words)
        with self.tab.page.expect_download() as coming:
            self.tab.page.keyboard.press("Enter")
        return kept(coming.value)

    def turns(self, words: str) -> None:
        self._hits("button", words, "Space")

    def opens(self, words: str) -> None:
        self._hits("summary", words, "Enter")

    def fills(self, words: str, text: str) -> None:
        self._enters(words)
        self.tab.page.keyboard.press("Control+A")
        self.tab.page.keyboard.insert_text(text)

    def chooses(self, words: str, option: str) -> None:
        self._enters(words)
        self.tab.page.keyboard.type(option)
        assert self.tab.page.evaluate("document.activeElement.selectedOptions[0].text.trim()") == option

    def ticks(self, words: str) -> None:
        self._enters(words)
        self.tab.page.keyboard.press("Space")

    def dates(self, words: str, day: str) -> None:
        self._enters(words)
        year, month, number = day.split("-")
        self.tab.page.keyboard.type(f"{number}{month}{year}")  # as a British browser asks for it

    def hands_over(self, words: str, file: Path) -> None:
        self._enters(words)
        with self.tab.page.expect_file_chooser() as chooser:
            self.tab.page.keyboard.press("Space")
        chooser.value.set_files(file)

    def _hits(self, wanted: Control, words: str, key: str) -> None:
        self._reaches(lambda control, text: control == wanted and text == words, words)
        self.tab.page.keyboard.press(key)

    def _enters(self, words: str) -> None:
        self._reaches(lambda control, text: control == "field" and text.startswith(words), words)

    def _reaches(self, meant: Callable[[str, str], bool], words: str) -> None:
        met = dict[tuple[str, str], None]()
        for _ in range(TABS):
            self.tab.page.keyboard.press("Tab")
            control, text = self.tab.page.evaluate(FOCUSED)
            if meant(control, text):
                return
            met[control, text] = None
        raise AssertionError(f"{words} is not reached with Tab, only {list(met)}")


class Way(Protocol):
    """Makes a hand for a tab."""

    def __call__(self, tab: Tab) -> Hand: ...


WAYS: dict[str, tuple[Way, dict[str, Any]]] = {
    "mouse": (Mouse, {}),
    "keyboard": (Keyboard, {}),
    "without JavaScript": (Mouse, {"java_script_enabled": False}),
}
"""How each task is done, with what a browser is opened with for it."""


def kept(download: Download) -> Path:
    """Where a file is that came."""
    assert download.failure() is None
    return download.path()
