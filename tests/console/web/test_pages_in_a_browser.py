"""Every page in a real browser: readable by a screen reader, in light and dark, and on a phone."""

import pytest

from console.web.doors import DOORS
from tests.console.web.browsers import LOOKS, PHONE, Place, Tab, wrong_with
from tests.console.web.consoles import HER, WHY

NO_PAGES = {"sign-in", "graph-drawn"}
"""For whoever is not signed in; and what a page fetches."""
SIMPLE = {each.name: each.path for each in DOORS if each.shows and "{" not in each.path and each.name not in NO_PAGES}


def opened(tab: Tab, right: str, identifier: str) -> str:
    """Open a case, and return its address."""
    tab.goes("/cases/open")
    tab.page.check(f"[name=right-{right}]")
    tab.page.fill("[name=identifiers]", identifier)
    with tab.page.expect_navigation():
        tab.page.locator("main button.main").click()
    return tab.path


def sent(tab: Tab, act: str) -> None:
    """Send the form of an act, whatever its language."""
    form = tab.page.locator(f'form[action$="/{act}"]')
    form.locator("xpath=..").locator("summary").click()
    for each in form.locator("[type=checkbox]").all():
        each.check()
    with tab.page.expect_navigation():
        form.locator("button").click()


@pytest.mark.parametrize("look", LOOKS)
def test_pages_are_clean_and_fit(place: Place, look: str) -> None:
    found: dict[str, list[str]] = {}
    with place.tab(**LOOKS[look]) as tab:
        tab.goes("/sign-in")
        found["sign-in"] = wrong_with(tab)
        tab.page.fill("[name=name]", "nobody")
        tab.page.fill("[name=password]", "x")
        tab.page.fill("[name=code]", "000000")
        with tab.page.expect_navigation():
            tab.page.click("button.main")
        found["sign-in, wrong"] = wrong_with(tab)
    with place.somebody("dpo", **LOOKS[look]) as tab:
        for name, path in SIMPLE.items():
            tab.goes(path)
            found[name] = wrong_with(tab)
        for path in ("/cases?all=true", "/cases?state=closed", "/sharing?at=2020-01-01", "/nothing", "/cases/none"):
            tab.goes(path)
            found[path] = wrong_with(tab)
    assert not {name: each for name, each in found.items() if each}


@pytest.mark.parametrize("look", LOOKS)
def test_a_case_is_clean_and_fits_in_each_of_its_states(place: Place, look: str) -> None:
    found: dict[str, list[str]] = {}
    with place.somebody("dpo", **LOOKS[look]) as tab:
        path = opened(tab, "erasure", f"{HER}\naino.esimerkki@posti.example")
        found["received"] = wrong_with(tab)
        tab.goes(path)
        sent(tab, "preview")
        found["with a plan"] = wrong_with(tab)
        tab.goes(path)
        sent(tab, "approve")
        found["approved"] = wrong_with(tab)
        tab.goes(opened(tab, "erasure", HER))
        found["duplicate"] = wrong_with(tab)
        tab.goes("/cases/open")
        tab.page.fill("[name=identifiers]", "x" * 2000)
        with tab.page.expect_navigation():
            tab.page.locator("main button.main").click()
        found["not opened"] = wrong_with(tab)
        tab.goes(path)
        sent(tab, "protect")
        sent(tab, "withdraw")
        found["withdrawn"] = wrong_with(tab)
    assert not {name: each for name, each in found.items() if each}


@pytest.mark.parametrize("look", LOOKS)
def test_a_person_is_clean_and_fits(place: Place, look: str) -> None:
    found: dict[str, list[str]] = {}
    with place.somebody("dpo", **LOOKS[look]) as tab:
        for identifier in (HER, "customer_id:nobody", "x" * 900):
            tab.goes("/persons")
            tab.page.fill("[name=identifier]", identifier)
            tab.page.fill("[name=purpose]", WHY)
            with tab.page.expect_navigation():
                tab.page.locator("main button.main").click()
            found[f"person {identifier[:20]}"] = wrong_with(tab)
        tab.goes("/persons")
        tab.page.fill("[name=identifier]", HER)
        tab.page.fill("[name=purpose]", WHY)
        with tab.page.expect_navigation():
            tab.page.locator("main button.main").click()
        tab.page.locator("summary").click()
        tab.page.fill("details [name=purpose]", "she is on the telephone")
        with tab.page.expect_navigation():
            tab.page.locator("details button.main").click()
        assert tab.says("aino.esimerkki@posti.example")
        found["revealed"] = wrong_with(tab)
    assert not {name: each for name, each in found.items() if each}


@pytest.mark.parametrize("role", ["clerk", "auditor", "viewer"])
def test_the_pages_of_other_roles_are_clean_and_fit(place: Place, role: str) -> None:
    found: dict[str, list[str]] = {}
    with place.somebody(role, viewport=PHONE) as tab:
        for path in tab.page.eval_on_selector_all("nav a", "links => links.map(each => each.getAttribute('href'))"):
            tab.goes(path)
            found[path] = wrong_with(tab)
        tab.goes("/persons" if role == "auditor" else "/drift")
        assert tab.says("Your role does not see this page.")
        found["denied"] = wrong_with(tab)
    assert len(found) >= 4
    assert not {name: each for name, each in found.items() if each}


def test_what_is_wrong_with_a_page_is_found(place: Place) -> None:
    with place.tab(viewport=PHONE) as tab:
        tab.goes("/sign-in")
        assert wrong_with(tab) == []
        tab.page.evaluate("""() => {
            const bad = document.createElement('div');
            const alike = "<tr><td>one of many</td></tr>".repeat(9), other = '<tr><td><img src="/static/jalki.svg"></td></tr>';
            bad.innerHTML = `<input><table><caption>x</caption><tbody>${alike}${other}</tbody></table>`;
            bad.attributeStyleMap.set('width', '50rem');
            document.querySelector('h1').attributeStyleMap.set('color', 'silver');
            document.querySelector('main').append(bad);
        }""")
        found = wrong_with(tab)
    assert {each.partition(":")[0] for each in found} >= {"image-alt", "label", "color-contrast"}
    assert found[-1].endswith("pixels too wide")


def test_a_wide_table_is_moved_within_itself_by_keyboard_too(place: Place) -> None:
    with place.somebody("dpo", viewport=PHONE) as tab:
        tab.goes("/sharing")
        table = tab.page.locator(".wide").first
        assert table.evaluate("each => each.scrollWidth > each.clientWidth")
        table.focus()
        tab.page.keyboard.press("ArrowRight")
        tab.waits_for("document.querySelector('.wide').scrollLeft > 0")
        assert tab.wider_than_the_screen() == 0


def test_every_target_can_be_hit_with_a_thumb_and_what_has_focus_is_seen(place: Place) -> None:
    with place.somebody("dpo", viewport=PHONE, has_touch=True) as tab:
        for each in tab.page.query_selector_all("button, nav a, summary, select"):
            box = each.bounding_box()
            assert box is not None
            assert box["height"] >= 24, each.inner_text()
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate("document.activeElement.className") == "skip"
        assert tab.page.locator(".skip").bounding_box()["x"] > 0  # type: ignore[index]  # it is shown once it has focus
        tab.page.keyboard.press("Enter")
        assert tab.page.evaluate("document.activeElement.id") == "content"
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate(outline) == "solid"
