"""A person's page and the filters in a browser: by mouse, by keyboard alone, without JavaScript, with names that mean harm."""

import pytest

from console.opening import LOOKS, opened
from console.settings import read_settings
from lineage.revealing import opened_looks
from tests.console.web.browsers import Place, Tab
from tests.console.web.consoles import HER, WHY
from tests.console.web.keys import presses, tabs_to, types
from tests.console.web.test_pages_in_a_browser import LOOKS as SCREENS
from tests.console.web.test_pages_in_a_browser import wrong_with
from tests.console.web.test_tasks_in_a_browser import looks_for, opens

DRAWN = "document.querySelectorAll('.graph[data-drawn]').length == 1"
SHOWN = "document.querySelector('#as-of')"


def look_count(place: Place) -> int:
    """How many looks at persons for the purpose of these tests are written down."""
    with opened(read_settings({}, place.data)) as folder:
        key = folder.keyring.find((LOOKS,))[LOOKS]
        return sum(each.reason == WHY and each.asked.startswith("where:") for each in opened_looks(folder.graph, key))


def finds(tab: Tab, identifier: str) -> str:
    """Look for a person, whatever the language of the page; return the address of her page."""
    tab.goes("/persons")
    tab.page.fill("[name=identifier]", identifier)
    tab.page.fill("[name=purpose]", WHY)
    tab.page.locator("main button.main").click()
    tab.page.wait_for_url("**/persons/*")
    return tab.path


def test_the_slider_is_moved_by_keyboard_and_all_of_the_page_follows(place: Place) -> None:
    with place.somebody("dpo") as tab:
        path = finds(tab, HER)
        tab.waits_for(DRAWN)
        nodes = int(tab.page.evaluate("document.querySelector('.graph').dataset.drawn"))
        before = look_count(place)
        tabs_to(tab, lambda label: label.startswith("As of the end of a day, from"))
        tab.page.keyboard.press("Home")
        day = "document.querySelector('.slid').value"
        tab.waits_for(f"{day} == '1 February 2026'")
        assert tab.page.evaluate("document.activeElement.getAttribute('aria-valuetext')") == "1 February 2026"
        tab.waits_for(f"{SHOWN} && {SHOWN}.innerText.includes('1 February 2026')")
        tab.waits_for("location.search == '?at=2026-02-01'")
        tab.waits_for(f"{DRAWN} && Number(document.querySelector('.graph').dataset.drawn) < {nodes}")
        assert tab.page.locator("#exact [name=at]").input_value() == "2026-02-01"
        assert tab.page.evaluate("document.activeElement.name") == "slide", "it can be moved on"
        assert look_count(place) == before + 1, "one more look, for the purpose that was said"
        tab.page.keyboard.press("End")
        tab.waits_for(f"location.search == '' && !{SHOWN}")
        kept = tab.page.evaluate("Object.keys(sessionStorage).concat(Object.keys(localStorage))")
        assert set(kept) <= {"htmx-current-path-for-history"}, "nothing of her stays in the browser"
        tab.page.go_back()
        tab.waits_for(f"location.search == '?at=2026-02-01' && {SHOWN}")
        assert tab.path.partition("?")[0] == path


def test_without_javascript_the_slider_has_a_button_and_tree_and_tables_say_it_all(place: Place) -> None:
    with place.somebody("dpo", java_script_enabled=False) as tab:
        finds(tab, HER)
        assert tab.says("The drawing needs JavaScript.")
        assert not tab.page.locator(".graph").is_visible()
        assert tab.page.locator(".tree li").count() >= 2
        assert tab.page.locator("#time tbody tr").count() > 1
        tab.page.locator("[name=slide]").focus()
        tab.page.keyboard.press("Home")
        tab.page.locator("#slide button").click()
        assert tab.path.endswith("?at=2026-02-01")
        assert tab.says("As of the end of 1 February 2026.")
        tab.page.locator("#time select").select_option(index=0)
        tab.page.locator("#time button").click()
        assert "month=2026-02" in tab.path


def test_a_month_of_her_time_is_chosen_and_the_rest_of_the_page_stays(place: Place) -> None:
    with place.somebody("dpo") as tab:
        finds(tab, HER)
        tab.waits_for(DRAWN)
        tab.page.evaluate("window.same = true")
        tab.page.locator("#time select").select_option(value="2026-02")
        tab.waits_for("location.search.includes('month=2026-02')")
        tab.waits_for("document.querySelector('#time tr.day').innerText == '1 February 2026'")
        assert tab.page.evaluate(f"window.same && {DRAWN}")


def decides(tab: Tab, choice: str) -> None:
    tab.page.locator("#shared > details > summary").click()
    tab.page.get_by_label(choice).first.check()
    tab.page.locator("#shared > details[open]").get_by_label("Why; written down").fill("she wrote that it is hers")
    tab.page.locator("#shared > details[open]").get_by_role("button", name="Decide").click()


@pytest.mark.parametrize(("home", "script"), [(14, True), (15, False)])
def test_she_decides_whose_a_telephone_is_and_takes_it_back(place: Place, home: int, script: bool) -> None:
    with place.somebody("dpo", java_script_enabled=script) as tab:
        finds(tab, f"customer_id:C-2{home}1")
        assert tab.says("Of shared identifiers; it may be somebody else's")
        decides(tab, "Only of customer number")
        tab.page.locator(".decision").wait_for()
        assert not tab.says("Of shared identifiers"), "what hangs on it is hers now"
        assert tab.says("Posti Oy")
        tab.page.locator(".decision summary").click()
        tab.page.locator(".decision").get_by_label("Why; written down").fill("a mistake")
        tab.page.locator(".decision").get_by_role("button", name="They are not one person's").click()
        tab.page.locator("#shared [name=shared]").wait_for(state="attached")
        assert tab.says("Of shared identifiers; it may be somebody else's")


def test_she_decides_by_keyboard_alone(place: Place) -> None:
    with place.somebody("dpo") as tab:
        finds(tab, "customer_id:C-2161")
        tabs_to(tab, lambda text: text.startswith("telephone"))
        tab.page.keyboard.press("Enter")
        tabs_to(tab, lambda text: text.startswith("Only of"))
        for _ in range(3):
            tab.page.keyboard.press("ArrowDown")
        types(tab, "Why; written down", "they are a couple")
        with tab.page.expect_navigation():
            presses(tab, "Decide")
        assert tab.says("decided: it stays shared")
        assert tab.says("two identifiers are not one person's")


def test_what_was_not_decided_is_said_on_the_page(place: Place) -> None:
    with place.somebody("dpo") as tab:
        finds(tab, "customer_id:C-2171")
        decides(tab, "All of them are one person")
        tab.page.locator(".decision").first.wait_for()
        tab.page.locator(".decision summary").first.click()
        tab.page.evaluate("document.querySelector('.decision [name=back]').value = '00.11.2'")
        tab.page.locator(".decision").first.get_by_label("Why; written down").fill("a mistake")
        tab.page.locator(".decision").first.get_by_role("button").click()
        assert "look at the page again" in tab.page.get_by_role("alert").inner_text()


@pytest.mark.parametrize("look", SCREENS)
def test_a_page_with_names_that_mean_harm_is_clean_and_fits(place: Place, look: str) -> None:
    found: dict[str, list[str]] = {}
    with place.somebody("dpo", **SCREENS[look]) as tab:
        for who in ("C-2131", "C-2132"):
            finds(tab, f"customer_id:{who}")
            tab.waits_for(DRAWN)
            found[f"{who}"] = wrong_with(tab)
            tab.page.locator("form[action$='/reveal'] [name=purpose]").fill("to decide whose it is")
            tab.page.locator("form[action$='/reveal'] button").click()
            tab.waits_for(DRAWN)
            assert tab.says("x.example") or tab.says("xxxxxxxxxx…")
            found[f"{who}, revealed"] = wrong_with(tab)
            assert tab.page.title() != "taken"
        tab.page.locator("#exact [name=at]").fill("2026-02-20")
        tab.page.locator("#exact button").click()
        tab.waits_for(f"location.search.includes('at=2026-02-20') && {SHOWN}")
        found["as of a day"] = wrong_with(tab)
    assert not {name: each for name, each in found.items() if each}


def test_filters_are_followed_as_they_are_set_and_back_is_back(place: Place) -> None:
    with place.somebody("dpo") as tab:
        tab.goes("/parties")
        tab.page.get_by_label("With this in the name").press_sequentially("posti")
        tab.waits_for("location.search.includes('name=posti')")
        tab.waits_for("[...document.querySelectorAll('tbody th')].every(each => /posti/i.test(each.innerText))")
        assert tab.page.evaluate("document.activeElement.name") == "name"
        tab.goes("/cases")
        rows = "document.querySelectorAll('tbody tr').length"
        there = int(tab.page.evaluate(rows))
        tab.page.get_by_label("State").select_option(label="refused")
        tab.waits_for("location.search.includes('state=refused')")
        tab.waits_for(f"{rows} != {there}")
        assert tab.page.locator("#languages [name=back]").input_value().startswith("/cases?state=refused")
        tab.page.go_back()
        tab.waits_for(f"location.search == '' && {rows} == {there}")
        tab.goes("/sharing/graph")
        tab.waits_for(DRAWN)
        nodes = tab.page.evaluate("document.querySelector('.graph').dataset.drawn")
        tab.page.get_by_label("Only this party").select_option(value="posti")
        tab.waits_for(f"{DRAWN} && document.querySelector('.graph').dataset.drawn != '{nodes}'")
        assert tab.page.locator("canvas").count() <= 3, "the drawing of before is gone"


def test_a_part_of_a_page_asked_for_after_the_session_leads_to_the_sign_in(place: Place) -> None:
    with place.somebody("dpo") as tab:
        tab.goes("/parties")
        tab.page.context.clear_cookies()
        tab.page.get_by_label("Kind").select_option(value="carrier")
        tab.page.wait_for_url("**/sign-in")


def test_a_filter_that_is_refused_says_so_in_place_of_the_page(place: Place) -> None:
    with place.somebody("dpo") as tab:
        tab.goes("/sharing")
        tab.page.evaluate("document.querySelector('[name=at]').type = 'text'")
        tab.page.locator("[name=at]").fill("never")
        tab.button("Show")
        tab.waits_for("document.querySelector('h1').innerText != 'Sharing'")
        assert tab.page.locator("main").count() == 1


def test_the_case_page_has_no_script_of_its_own_any_more(place: Place) -> None:
    with place.somebody("dpo") as tab:
        opens(tab, "access", "customer_id:C-1031")
        scripts = tab.page.eval_on_selector_all("script", "all => all.map(each => each.getAttribute('src'))")
        assert scripts == ["/static/vendor/htmx.min.js", "/static/vendor/htmx-ext-sse.min.js"]
        looks_for(tab, HER)
