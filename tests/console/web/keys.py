"""Steps of a keyboard on a page, one by one; a whole task is done by a `Keyboard` of hands.py."""

from collections.abc import Callable

from tests.console.web.browsers import Tab

TABS = 120
FOCUSED = """() => {
    const each = document.activeElement;
    const label = each.labels && each.labels[0];
    return (label ? label.innerText : each.innerText || each.name || "").trim();
}"""


def tabs_to(tab: Tab, meant: Callable[[str], bool]) -> None:
    """Press Tab until what is meant has focus."""
    for _ in range(TABS):
        tab.page.keyboard.press("Tab")
        if meant(tab.page.evaluate(FOCUSED)):
            return
    raise AssertionError("nothing of that name is reached with Tab")


def presses(tab: Tab, name: str, key: str = "Enter") -> None:
    tabs_to(tab, lambda text: text == name)
    tab.page.keyboard.press(key)


def types(tab: Tab, label: str, text: str) -> None:
    tabs_to(tab, lambda given: given.startswith(label))
    tab.page.keyboard.type(text)
