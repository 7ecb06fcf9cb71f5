"""A part of a request that is refused in a real browser: by mouse, by keyboard alone, without JavaScript, in three languages."""

import pytest

from tests.console.web.browsers import Place, Tab
from tests.console.web.keys import presses, tabs_to, types
from tests.console.web.test_tasks_in_a_browser import opens, stands

WORK, REFUSE = "Work out what it means", "Refuse a part"


def planned(tab: Tab, number: int, right: str = "erasure") -> None:
    opens(tab, right, f"customer_id:C-{number}", "e-mail")
    tab.opens_act(WORK)
    tab.acts(WORK)


def refuses(tab: Tab) -> None:
    tab.opens_act(REFUSE)
    form = tab.page.locator("form[action$='/refuse-item']")
    form.get_by_label("Only what this party has").select_option(value="posti")
    form.get_by_label("Ground").select_option(value="17(3)(e)")
    form.get_by_label("Reason").fill("her claim is before the board")
    form.get_by_role("button").click()


@pytest.mark.parametrize(("scripts", "number"), [(True, 1036), (False, 1037)])
def test_she_refuses_a_part_and_approves_the_rest(place: Place, scripts: bool, number: int) -> None:
    with place.somebody("dpo", java_script_enabled=scripts) as tab:
        planned(tab, number)
        refuses(tab)
        assert tab.page.get_by_role("alert").count() == 0
        assert tab.page.locator("#refusals ~ ul li").count() == 1
        tab.opens_act(WORK)
        tab.acts(WORK)
        assert tab.page.locator("#plan ~ .wide tbody tr", has_text="17(3)(e)").count() >= 1
        tab.opens_act("Approve")
        tab.page.get_by_label("I have read what it means").first.check()
        tab.acts("Approve")
        assert stands(tab) == "being carried out"
        assert tab.page.locator("#progress tr", has_text="GDPR 17(3)(e)").locator(".state").inner_text() == "refused"
        tab.opens_act("Grant it after all")
        form = tab.page.locator("form[action$='/grant']")
        form.get_by_label("Number of the refusal").fill("1")
        form.get_by_role("button").click()
        assert "granted" in tab.page.locator("#refusals ~ ul li").first.inner_text()


def test_she_refuses_a_part_by_keyboard_alone(place: Place) -> None:
    with place.somebody("dpo") as tab:
        planned(tab, 1038)
        presses(tab, REFUSE)
        tabs_to(tab, lambda text: text.startswith("Only what this party has"))
        tab.page.keyboard.type("Posti")
        tabs_to(tab, lambda text: text.startswith("Ground"))
        tab.page.keyboard.type("17(3)(e)")
        types(tab, "Reason", "her claim")
        with tab.page.expect_navigation():
            presses(tab, REFUSE)
        assert tab.page.locator("#refusals ~ ul li").count() == 1
        assert "17(3)(e)" in tab.page.locator("#refusals ~ ul li").first.inner_text()


@pytest.mark.parametrize("language", ["Suomi", "Svenska", "English"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_case_refused_in_part_is_clean_and_fits(place: Place, language: str, width: int) -> None:
    with place.somebody("dpo", viewport={"width": width, "height": 800}) as tab:
        planned(tab, 1039, "transfer")
        tab.page.get_by_role("button", name=language).click()
        for each in tab.page.locator("details").all():
            each.locator("summary").click()
        assert tab.violations() == []
        assert tab.wider_than_the_screen() == 0
