import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.api.conftest import INQUIRY
from tests.console.web.browsers import Place, opened_browser, opened_place
from tests.console.web.consoles import Console, opened_console
from tests.console.web.officer_tasks import BUYERS
from tests.e2e.events import ADDRESS, Event, event, order, write_lines
from tests.e2e.program import asked
from tests.e2e.stories import EVENTS, STORY
from tests.servers.fixtures import had


def bought(number: int) -> list[Event]:
    """The events of one who bought something, and is of no other test: `customer_id:C-<number>`."""
    known, email = {"customer_id": f"C-{number}"}, f"matti.{number}@posti.example"
    return [
        event("AccountOpened", f"b-1-{number}", "2026-02-01T08:00:00Z", name="Matti Mallikas", email=email, **known),
        {**order(f"b-2-{number}", f"O-{number}", email=email, **known), "occurred_at": "2026-03-01T09:30:00Z"},
        event("ShipmentBooked", f"b-3-{number}", "2026-03-02T09:30:00Z", shipment_id=f"S-{number}-1", order_id=f"O-{number}",
              carrier="posti", name="Matti Mallikas", address=ADDRESS, **known),
    ]  # fmt: skip


CRAFTED = ('<script>document.title="taken"</script>@x.example', "\u202e" + "x" * 10_000 + "@x.example")
"""Addresses that mean harm to a page that shows them: markup, and a long one that is written from right to left."""


def household(number: int) -> list[Event]:
    """Two accounts, `customer_id:C-2<number>1` and `…2`, with one telephone, on which a disclosure hangs."""
    phone = f"+3584099900{number}"
    accounts = [
        event("AccountOpened", f"h-{who}-{number}", f"2026-02-0{who}T08:00:00Z", customer_id=f"C-2{number}{who}",
              email=f"h{number}{CRAFTED[who - 1]}", phone=phone)
        for who in (1, 2)
    ]  # fmt: skip
    sent = {"holder": "order-system", "recipient": "posti", "purpose": "delivery", "categories": ["phone"]}
    named = [{"kind": "phone", "value": phone}]
    return [*accounts, event("DataDisclosed", f"h-3-{number}", "2026-03-10T08:00:00Z", identifiers=named, **sent)]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop's folder with cases in several states; for copying."""
    folder = tmp_path_factory.mktemp("shop")
    data = folder / "data"
    bought_by = [each for number in (*range(1020, 1040), *BUYERS) for each in bought(number)]
    homes = [each for number in range(10, 18) for each in household(number)]
    events = write_lines(folder / "s.jsonl", [*EVENTS, *STORY, INQUIRY, *bought_by, *homes])
    assert asked("ingest", events, "--data", data).code == 0
    cases = {}
    for right, who in (
        ("erasure", "C-1"),
        ("access", "C-17"),
        ("erasure", "C-2"),
        ("access", "C-3"),
        ("transfer", "C-4"),
    ):
        ended = asked("case", "open", right, f"customer_id:{who}", "--channel", "account", "--data", data)
        assert ended.code == 0
        cases[who] = ended.out.strip()
    assert asked("case", "approve", cases["C-1"], "--data", data).code in {0, 3}
    words = ("--ground", "12(5)", "--reason", "asked before", "--data", data)
    assert asked("case", "refuse", cases["C-3"], *words).code == 0
    return data


@pytest.fixture(scope="module")
def console(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The console of the shop; its cases may be added to."""
    with opened_console(shutil.copytree(shop, tmp_path_factory.mktemp("console") / "data")) as found:
        yield found


@pytest.fixture
def own_console(shop: Path, tmp_path: Path) -> Iterator[Console]:
    """One for a test that breaks something, or sets the clock."""
    with opened_console(shutil.copytree(shop, tmp_path / "data")) as found:
        yield found


@pytest.fixture(scope="module")
def place(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The console of the shop as a process, and a browser.

    Of a module, not of the session: as long as Playwright runs in a thread, nothing else can run a loop of its own there.
    """
    data = shutil.copytree(shop, tmp_path_factory.mktemp("place") / "data")
    with had(opened_browser()) as browser, opened_place(data, browser) as found:
        yield found
