"""An officer repairs what could not be recorded, in a real browser: with and without scripts, and by keyboard alone."""

from collections.abc import Iterator

import pytest

from tests.console.web.browsers import PHONE, Place, Tab, opened_browser, opened_place
from tests.e2e.events import write_lines
from tests.e2e.program import jalki
from tests.e2e.test_own import OWN_REGISTER
from tests.e2e.test_retry import booked
from tests.servers.fixtures import had


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A shop whose register lacked a carrier when its events came, and knows it now."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "register.yaml").write_text(OWN_REGISTER)
    lines = [*(booked(number, "matkahuolto") for number in range(6)), {"type": "Ticket"}, {"type": "Other"}]
    file = write_lines(folder / "f.jsonl", lines)
    settings = {"JALKI_REGISTER": folder / "register.yaml"}
    assert jalki("ingest", file, "--data", folder / "data", settings=settings).code == 1
    with had(opened_browser()) as browser, opened_place(folder / "data", browser) as found:
        yield found


def left(place: Place) -> list[str]:
    return [each["reason"] for each in jalki("dead-letters", "--json", "--data", place.data).json]


def clean(tab: Tab) -> None:
    assert tab.violations() == []
    assert tab.wider_than_the_screen() <= 0


def test_she_looks_first_and_records_then_in_finnish_on_a_phone(place: Place) -> None:
    with place.somebody("dpo", locale="fi-FI", viewport=PHONE) as tab:
        tab.goes("/dead-letters")
        clean(tab)
        tab.button("Katso, mitkä voidaan nyt tallentaa")
        assert tab.says("Voidaan nyt tallentaa 6")
        clean(tab)
        assert len(left(place)) == 8
        tab.button("Tallenna ne nyt")
        assert tab.says("Tallennettu 6")
        assert tab.says("unknown type")
        clean(tab)
        assert left(place) == ["unknown type"] * 2


def test_without_scripts_and_by_keyboard_alone_what_is_left_is_put_aside(place: Place) -> None:
    with place.somebody("dpo", java_script_enabled=False) as tab:
        tab.goes("/dead-letters")
        tab.page.locator("summary").focus()
        tab.page.keyboard.press("Enter")
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.type("unknown t")
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.type("a mistake of the shop's")
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.press("Space")
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_load_state()
        assert tab.says("What was put aside")
        assert "unknown type" not in left(place)
