"""The tasks of a customer on her own pages: come in, look, ask for each right, follow it, take the answer along, go."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser as Chromium

from tests.console.web.browsers import Tab, opened_tab
from tests.console.web.customers import House, code_in
from tests.console.web.hands import WAYS, Hand
from tests.console.web.tasks import not_gone_through

SHOP = "http://shop.example/"
"""The account page of a shop, which Chromium is given by the test; nothing is asked of the network."""


class Hers(NamedTuple):
    """A customer, and what became of requests of hers before: one that is answered, and one that is refused."""

    email: str
    account: str
    answered: str
    refused: str


class HerTask(NamedTuple):
    """What she comes to do; signed in already, if `inside`. `doors`: those it goes through."""

    name: str
    inside: bool
    doors: tuple[str, ...]
    does: Callable[[Hand, House, Hers], None]


HER_TASKS: list[HerTask] = []


def task(
    *doors: str, inside: bool = True
) -> Callable[[Callable[[Hand, House, Hers], None]], Callable[[Hand, House, Hers], None]]:
    def added(does: Callable[[Hand, House, Hers], None]) -> Callable[[Hand, House, Hers], None]:
        HER_TASKS.append(HerTask(does.__name__, inside, doors, does))
        return does

    return added


def do_hers(each: HerTask, way: str, chromium: Chromium, house: House, hers: Hers) -> None:
    """Do a task one way, and make sure that it went where it says."""
    hand, options = WAYS[way]
    state = signed_in(house, hers) if each.inside else None
    with opened_tab(chromium, house.url, storage_state=state, **options) as tab:
        tab.page.route(
            f"{SHOP}**", lambda route: route.fulfill(body=account_page(house, hers), content_type="text/html")
        )
        tab.goes("/me")
        each.does(hand(tab), house, hers)
        assert not_gone_through(each.doors, tab.asked) == []


def signed_in(house: House, hers: Hers) -> dict[str, object]:
    """What the browser of a customer knows who has come by a link."""
    token = house.by_link(f"customer_id:{hers.account}").client.cookies["jalki-me"]
    cookie = {"name": "jalki-me", "value": token, "domain": "127.0.0.1", "path": "/me", "expires": -1}
    return {"cookies": [{**cookie, "httpOnly": True, "secure": False, "sameSite": "Strict"}], "origins": []}


def account_page(house: House, hers: Hers) -> str:
    """Return the page of a shop's account that has the button which leads to her data."""
    token = house.token(f"customer_id:{hers.account}")
    form = f'<form method="post" action="{house.url}/me/enter"><input type="hidden" name="token" value="{token}">'
    return f'<!doctype html><html lang="en"><title>Account</title><h1>Account</h1>{form}<button>My data</button></form>'


def rows(tab: Tab, section: str) -> int:
    return tab.page.locator(f"section[aria-labelledby={section}] tbody tr").count()


@task("me-sign-in", "me-code", "me", "me-sign-out", inside=False)
def comes_in_by_a_code_and_goes(hand: Hand, house: House, hers: Hers) -> None:
    assert hand.tab.path == "/me/sign-in"
    hand.fills("Your e-mail address", hers.email)
    hand.presses("Send me a code")
    assert hand.tab.path == "/me/code"
    for code in ("0000-0000", None):
        house.rest()
        hand.fills("The code", code or code_in(house.letters))
        hand.presses("Go on")
        if code:
            assert hand.tab.page.get_by_role("alert").inner_text().startswith("That code is not right")
    assert hand.tab.path == "/me"
    assert not hand.tab.says(hers.email)
    hand.presses("Sign out")
    assert hand.tab.path == "/me/sign-in"
    hand.tab.goes("/me")
    assert hand.tab.path == "/me/sign-in"


@task("me-enter", "me-begin", "me", inside=False)
def comes_in_by_the_button_of_the_shop(hand: Hand, _: House, hers: Hers) -> None:
    hand.tab.page.goto(SHOP)
    hand.presses("My data")
    hand.tab.bad.remove(f"asked {SHOP}")
    assert hand.tab.path == "/me/enter"
    assert hand.tab.says(hers.account)
    hand.presses("Yes, show my data")
    assert hand.tab.path == "/me"


@task("me")
def sees_where_her_data_is(hand: Hand, _: House, __: Hers) -> None:
    assert rows(hand.tab, "ours") > 0
    assert rows(hand.tab, "others") > 0
    assert hand.tab.says("Posti Oy")
    hand.presses("Suomi")
    assert hand.tab.page.get_attribute("html", "lang") == "fi"
    assert hand.tab.path == "/me"


@task("me-open", "me-ask", "me-case")
def asks_for_each_right(hand: Hand, _: House, __: Hers) -> None:
    for title, button in (
        ("A copy of my data", "Ask for a copy"), ("My data to take along", "Ask for it"),
        ("Correct something", "Ask for the correction"), ("Erase my data", "Ask for the erasure"),
        ("Only store my data for now", "Ask for it"), ("Object to a use", "Object"),
    ):  # fmt: skip
        hand.follows("Ask")
        hand.follows(title)
        if title == "Correct something":
            hand.chooses("What is wrong?", "address")
            hand.fills("What is right?", "Esimerkkikatu 1, 00100 Helsinki")
        if title == "Object to a use":
            hand.ticks("newsletter")
        hand.presses(button)
        assert re.fullmatch(r"/me/cases/\d{4}-\w+", hand.tab.path)
        assert hand.tab.page.locator("h1").inner_text() == title
        assert hand.tab.says("We have your request.") or hand.tab.says("You have asked for this already")
    hand.follows("Back to your data")
    assert rows(hand.tab, "requests") >= 6


@task("me-ask", "me-case")
def stops_marketing(hand: Hand, _: House, __: Hers) -> None:
    hand.follows("No more marketing")
    hand.presses("Stop it now")
    assert hand.tab.says("have been told not to use your data for marketing")


@task("me-case", "me-file")
def takes_the_answer_along(hand: Hand, _: House, hers: Hers) -> None:
    hand.follows("A copy of my data")
    if hand.tab.path != f"/me/cases/{hers.answered}":  # she has asked again since
        hand.tab.goes(f"/me/cases/{hers.answered}")
    files: dict[str, Path] = {}
    for words in ("To read in a browser", "To print (PDF)", "For programs (JSON)", "Who got what, as a table (CSV)"):
        files[words] = hand.downloads(words)
    assert files["To print (PDF)"].read_bytes()[:5] == b"%PDF-"
    assert "posti" in {
        each["company"]["party"] for each in json.loads(files["For programs (JSON)"].read_bytes())["recipients"]
    }


@task("me", "me-case")
def follows_a_refusal_to_what_she_can_do(hand: Hand, _: House, hers: Hers) -> None:
    hand.follows("My data to take along")
    if hand.tab.path != f"/me/cases/{hers.refused}":
        hand.tab.goes(f"/me/cases/{hers.refused}")
    assert hand.tab.says("We have refused your request.")
    assert hand.tab.says("You had the same last week.")
    assert hand.tab.says("Data Protection Ombudsman")
