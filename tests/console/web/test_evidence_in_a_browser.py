"""Evidence as it is given and fetched in a real browser: by mouse, by keyboard alone, without JavaScript, and too large."""

from pathlib import Path

import pytest

from lineage.cases.filing import LARGEST
from tests.console.web.browsers import Place, Tab
from tests.console.web.keys import presses, tabs_to, types
from tests.console.web.test_tasks_in_a_browser import opens

PDF = b"%PDF-1.7\ntrailer\n<<>>\n%%EOF\n"
ADD, FETCH = "Add a file", "Hand out a file"


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "<script>Anna's letter.pdf"
    path.write_bytes(PDF)
    return path


def adds(tab: Tab, path: Path, shows: str = "the ground of a refusal") -> None:
    if not tab.page.locator("details[open] #evidence-shows").count():
        tab.opens_act(ADD)
    form = tab.page.locator("form[action$='/evidence']")
    form.get_by_label("What it shows").select_option(label=shows)
    form.get_by_label("File", exact=True).set_input_files(path)
    form.get_by_role("button", name=ADD).click()


def fetched(tab: Tab) -> tuple[str, bytes]:
    tab.opens_act(FETCH)
    form = tab.page.locator("form[action$='/evidence-file']")
    form.get_by_label("Why you look").fill("her complaint of today")
    with tab.page.expect_download() as waiting:
        form.get_by_role("button", name=FETCH).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_is_added_and_comes_back_by_mouse_with_and_without_javascript(
    place: Place, letter: Path, scripts: bool
) -> None:
    with place.somebody("dpo", java_script_enabled=scripts, accept_downloads=True) as tab:
        case = opens(tab, "restriction", "customer_id:C-1031", "e-mail").rpartition("/")[2]
        assert tab.says("No file is kept.")
        adds(tab, letter)
        rows = tab.page.locator("#evidence ~ .wide tbody tr")
        assert rows.count() == 1
        assert "the ground of a refusal" in rows.first.inner_text()
        assert not tab.says("Anna")
        assert fetched(tab) == (f"evidence-{case}-1.pdf", PDF)
        adds(tab, letter)
        assert "kept already" in tab.page.get_by_role("alert").inner_text()
        assert tab.page.get_by_label("What it shows").input_value() == "refusal", "what was chosen stays"
        tab.opens_act("Destroy a file of evidence")
        form = tab.page.locator("form[action$='/unfile']")
        form.get_by_label("Number of the file").fill("1")
        form.get_by_label("I have read").check()
        form.get_by_role("button").click()
        assert "gone" in rows.first.inner_text()
        assert tab.page.locator("summary").get_by_text(FETCH, exact=True).count() == 0


@pytest.mark.parametrize("size", [LARGEST + 1, 4 * LARGEST])
def test_a_file_that_is_too_large_is_told_on_the_page_and_not_by_a_broken_connection(
    place: Place, tmp_path: Path, size: int
) -> None:
    large = tmp_path / "large.pdf"
    large.write_bytes(PDF + b" " * (size - len(PDF)))
    with place.somebody("dpo") as tab:
        opens(tab, "restriction", "customer_id:C-1032", "e-mail")
        adds(tab, large, "something else")
        assert "4 MiB at most" in tab.page.get_by_role("alert").inner_text()
        assert tab.page.get_by_label("What it shows").input_value() == "other"
        assert tab.page.locator("details[open] #evidence-shows").count() == 1, "it stays open"
        assert tab.violations() == []
        assert tab.wider_than_the_screen() == 0


def test_a_file_is_added_and_fetched_by_keyboard_alone(place: Place, letter: Path) -> None:
    with place.somebody("dpo", accept_downloads=True) as tab:
        opens(tab, "restriction", "customer_id:C-1033", "e-mail")
        presses(tab, ADD)
        tabs_to(tab, lambda text: text.startswith("File"))
        with tab.page.expect_file_chooser() as choosing:
            tab.page.keyboard.press("Enter")
        choosing.value.set_files(letter)
        with tab.page.expect_navigation():
            presses(tab, ADD)
        presses(tab, FETCH)
        types(tab, "Why you look", "her complaint of today")
        with tab.page.expect_download() as waiting:
            presses(tab, FETCH)
        assert Path(waiting.value.path()).read_bytes() == PDF


@pytest.mark.parametrize("language", ["Suomi", "Svenska", "English"])
def test_a_case_with_evidence_is_clean_and_fits_on_a_phone_in_every_language(
    place: Place, letter: Path, language: str
) -> None:
    with place.somebody("dpo", viewport={"width": 360, "height": 740}) as tab:
        opens(tab, "restriction", "customer_id:C-1034", "e-mail")
        adds(tab, letter)
        tab.page.get_by_role("button", name=language).click()
        for each in tab.page.locator("details").all():
            each.locator("summary").click()
        assert tab.violations() == []
        assert tab.wider_than_the_screen() == 0


def test_a_clerk_adds_evidence_and_is_offered_none_of_it(place: Place, letter: Path) -> None:
    with place.somebody("clerk") as tab:
        opens(tab, "restriction", "customer_id:C-1035", "e-mail")
        adds(tab, letter)
        assert tab.page.locator("#evidence ~ .wide tbody tr").count() == 1
        assert tab.page.locator("summary").get_by_text(FETCH, exact=True).count() == 0
        assert tab.page.locator("form[action$='/unfile']").count() == 0
