"""What customers do on their pages, each task by mouse, by keyboard alone, and without JavaScript; clean on every screen."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser as Chromium

from tests.console.web.browsers import LOOKS, opened_browser, opened_tab, wrong_with
from tests.console.web.conftest import bought
from tests.console.web.customer_tasks import HER_TASKS, Hers, HerTask, do_hers, signed_in
from tests.console.web.customers import House, served_house
from tests.console.web.hands import WAYS
from tests.e2e.events import write_lines
from tests.e2e.program import asked
from tests.servers.fixtures import had

NUMBERS = dict(zip((*WAYS, "looks"), range(3001, 3005), strict=True))


class Home(NamedTuple):
    """The pages of customers, a browser, and a customer for each way things are done."""

    house: House
    chromium: Chromium
    customers: Mapping[str, Hers]


def known(house: House, number: int) -> Hers:
    """Somebody with a request that is answered and one that is refused."""
    browser = house.by_link(f"customer_id:C-{number}")
    answered, refused = browser.opens("access"), browser.opens("transfer")
    data = ("--data", house.data)
    assert asked("case", "approve", answered, *data).code in {0, 3}
    assert asked("case", "answer", answered, "--out", house.folder / f"out-{number}", *data).code in {0, 3}
    reason = ("--ground", "12(5)", "--reason", "You had the same last week.")
    assert asked("case", "refuse", refused, *reason, *data).code == 0
    return Hers(f"matti.{number}@posti.example", f"C-{number}", answered, refused)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("home")
    events = write_lines(folder / "s.jsonl", [each for number in NUMBERS.values() for each in bought(number)])
    assert asked("ingest", events, "--data", folder / "data").code == 0
    with served_house(folder) as house:
        customers = {way: known(house, number) for way, number in NUMBERS.items()}
        with had(opened_browser()) as chromium:
            yield Home(house, chromium, customers)


@pytest.mark.parametrize("task", HER_TASKS, ids=lambda each: each.name)
@pytest.mark.parametrize("way", WAYS)
def test_a_task_of_a_customer_is_done(home: Home, task: HerTask, way: str) -> None:
    do_hers(task, way, home.chromium, home.house, home.customers[way])


@pytest.mark.parametrize("look", LOOKS)
def test_the_pages_of_a_customer_are_clean_and_fit(home: Home, look: str) -> None:
    hers, found = home.customers["looks"], dict[str, list[str]]()
    rights = ("access", "rectification", "erasure", "objection", "restriction", "unsubscribe")
    inside = ("/me", "/me/open", *(f"/me/open/{each}" for each in rights), f"/me/cases/{hers.answered}",
              f"/me/cases/{hers.refused}", "/me/cases/2026-00000000")  # fmt: skip
    for state, paths in ((None, ("/me/sign-in", "/me/code", "/me/enter")), (signed_in(home.house, hers), inside)):
        with opened_tab(home.chromium, home.house.url, storage_state=state, **LOOKS[look]) as tab:
            for path in paths:
                tab.goes(path)
                assert tab.path == path
                found[path] = wrong_with(tab)
    assert not {path: each for path, each in found.items() if each}
