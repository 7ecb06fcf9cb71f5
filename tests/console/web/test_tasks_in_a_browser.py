"""What happens at the console while an officer does her tasks: slips, what stays as it was, and what changes by itself."""

import pytest

from tests.console.web.browsers import Place, Tab, wrong_with
from tests.console.web.consoles import HER, WHY, code_of
from tests.console.web.hands import WAYS
from tests.console.web.officer_tasks import buyer
from tests.e2e.program import jalki

HERS = "aino.esimerkki@posti.example"


def opens(tab: Tab, right: str, identifier: str, channel: str = "account page") -> str:
    """Open a case by mouse; return its address."""
    tab.page.get_by_role("link", name="New case").click()
    tab.page.get_by_label(right, exact=True).check()
    tab.page.get_by_label("Who asks").fill(identifier)
    tab.page.get_by_label("How it came").select_option(label=channel)
    tab.button("Open")
    assert tab.path.startswith("/cases/2")
    return tab.path


def stands(tab: Tab) -> str:
    """The state of the case that is shown."""
    return tab.page.locator(".facts dd").first.inner_text()


def looks_for(tab: Tab, identifier: str) -> None:
    tab.page.get_by_role("link", name="Persons").click()
    tab.page.get_by_label("Identifier").fill(identifier)
    tab.page.get_by_label("Why you look").fill(WHY)
    tab.button("Look")


@pytest.mark.parametrize("way", WAYS)
def test_she_signs_in_after_a_slip_and_out(place: Place, way: str) -> None:
    hand_of, options = WAYS[way]
    name, password, otpauth = place.account("dpo")
    with place.tab(**options) as tab:
        hand = hand_of(tab)
        tab.goes("/cases")
        assert tab.path == "/sign-in"
        assert tab.page.evaluate("document.activeElement.name") == "name"
        for given, code in (("wrong", "000000"), (password, code_of(otpauth))):
            hand.fills("Name", name)
            hand.fills("Password", given)
            hand.fills("Code of your app", code)
            hand.presses("Sign in")
            if given == "wrong":
                assert tab.page.get_by_role("alert").inner_text().startswith("That is not right.")
        assert tab.path == "/cases"
        assert tab.says(f"{name}, data protection officer")
        hand.presses("Sign out")
        assert tab.path == "/sign-in"
        tab.page.go_back()
        tab.page.wait_for_url("**/sign-in")
        assert not tab.says("Cases by the day")


@pytest.mark.parametrize("way", WAYS)
def test_a_form_whose_session_is_over_is_sent_again_from_where_it_was(place: Place, way: str) -> None:
    hand_of, options = WAYS[way]
    with place.somebody("dpo", **options) as tab:
        hand, known = hand_of(tab), tab.page.context.cookies()
        hand.follows("New case")
        hand.ticks("access")
        hand.fills("Who asks", buyer())
        tab.page.context.clear_cookies()
        tab.page.context.add_cookies([{**each, "value": "over"} for each in known])  # type: ignore[typeddict-item]  # as they came
        hand.presses("Open")
        assert tab.page.get_by_role("alert").inner_text().startswith("Your session has ended. Nothing")
        assert way != "mouse" or wrong_with(tab) == []
        assert tab.page.get_by_role("link", name="Sign in, in another tab").get_attribute("href") == "/sign-in"
        tab.page.context.clear_cookies()
        tab.page.context.add_cookies(known)  # type: ignore[arg-type]  # as they came: she has signed in, in another tab
        hand.presses("Send it again")
        assert stands(tab) == "received"


def test_she_works_out_what_a_case_means_and_approves_it(place: Place) -> None:
    with place.somebody("dpo") as tab:
        opens(tab, "erasure", "customer_id:C-1021")
        assert stands(tab) == "received"
        assert tab.says("Not worked out yet.")
        tab.opens_act("Work out what it means")
        tab.acts("Work out what it means")
        assert tab.page.locator("#plan ~ .wide tbody tr").count() > 0
        tab.opens_act("Approve")
        tab.acts("Approve")
        assert stands(tab) == "received", "the box that she has read it stands open: the browser asks for it"
        tab.page.get_by_label("I have read what it means").first.check()
        tab.acts("Approve")
        assert stands(tab) == "being carried out"
        assert tab.page.locator("#progress tbody tr").count() > 0


def test_she_refuses_with_a_ground_and_a_wrong_one_is_said(place: Place) -> None:
    with place.somebody("dpo") as tab:
        opens(tab, "access", "customer_id:C-1022")
        for ground in ("because", "12(5)"):
            tab.opens_act("Refuse")
            form = tab.page.locator("form[action$='/refuse']")
            form.get_by_label("Ground").fill(ground)
            form.get_by_label("Reason").fill("asked before")
            form.get_by_role("button").click()
            if ground == "because":
                assert "article of the GDPR" in tab.page.get_by_role("alert").inner_text()
                assert stands(tab) == "received"
                assert (
                    tab.page.locator("form[action$='/refuse']").get_by_label("Reason").input_value() == "asked before"
                )
                assert tab.page.locator("details[open] form[action$='/refuse']").count() == 1, "it stays open"
                tab.page.locator("details[open] > summary").click()
        assert stands(tab) == "refused"


def test_she_finds_a_person_also_as_of_a_day_and_her_identifiers(place: Place) -> None:
    with place.somebody("dpo") as tab:
        looks_for(tab, HER)
        assert tab.path.startswith("/persons/")
        assert "C-17" not in tab.path
        rows = tab.page.locator("tbody tr")
        now_there = rows.count()
        assert now_there >= 2
        assert not tab.says(HERS)
        exact = tab.page.locator("#exact")
        exact.get_by_label("As of the end of this day").fill("2026-02-02")
        exact.get_by_role("button").click()
        tab.waits_for("location.search.includes('at=2026-02-02')")
        assert rows.count() < now_there
        exact.get_by_label("As of the end of this day").fill("")
        exact.get_by_label("As it was known").fill("2020-01-01")
        exact.get_by_role("button").click()
        tab.waits_for("document.body.innerText.includes('Nothing is recorded of this identifier.')")
        looks_for(tab, HER)
        tab.opens_act("Show identifiers")
        tab.page.get_by_label("Why you must see them").fill("she is on the telephone")
        tab.acts("Show identifiers")
        assert tab.says(HERS)
        tab.page.get_by_role("button", name="Suomi").click()
        assert tab.path.startswith("/persons/")
        assert not tab.path.endswith("/reveal")
        assert not tab.says(HERS), "what was revealed is not shown again without saying why"


def test_she_looks_at_sharing_drift_parties_and_the_record(place: Place) -> None:
    with place.somebody("dpo") as tab:
        tab.page.get_by_role("link", name="Sharing").click()
        rows = tab.page.locator("tbody tr")
        rows.first.wait_for()
        everything = rows.count()
        tab.page.get_by_label("Only this party").select_option(value="posti")
        tab.button("Show")
        tab.waits_for("location.search.includes('party=posti')")
        rows.first.wait_for()
        assert 0 < rows.count() < everything
        tab.page.get_by_label("As of the end of this day").fill("2020-01-01")
        tab.button("Show")
        tab.waits_for("location.search.includes('at=2020-01-01')")
        tab.waits_for("!document.querySelector('tbody tr')")
        for name in ("Drift", "Parties", "Record"):
            tab.page.get_by_role("link", name=name, exact=True).click()
            tab.page.locator("tbody tr").first.wait_for()
            assert tab.page.locator("nav a[aria-current=page]").inner_text() == name


def test_she_reads_it_in_her_language_and_stays_where_she_was(place: Place) -> None:
    with place.somebody("dpo") as tab:
        tab.goes("/cases?state=refused&all=true")
        tab.page.get_by_role("button", name="Svenska").click()
        assert tab.path == "/cases?state=refused&all=true"
        tab.waits_for("document.documentElement.lang == 'sv'")
        tab.page.get_by_role("button", name="Suomi").click()
        tab.waits_for("document.documentElement.lang == 'fi'")
        states = tab.page.locator("tbody tr td:nth-of-type(2)").all_inner_texts()
        assert set(states) == {"evätty"}, "the filter stays"
        tab.goes("/drift")
        assert tab.page.evaluate("document.documentElement.lang") == "fi"


def test_the_tasks_of_a_case_change_on_the_page_while_another_process_carries_it_out(place: Place) -> None:
    with place.somebody("dpo") as tab:
        case = opens(tab, "erasure", "customer_id:C-1028").rpartition("/")[2]
        tab.opens_act("Work out what it means")
        tab.acts("Work out what it means")
        tab.opens_act("Approve")
        tab.page.get_by_label("I have read what it means").first.check()
        tab.acts("Approve")
        states = "[...document.querySelectorAll('#progress .state')].map(each => each.className)"
        waiting = tab.page.evaluate(states)
        assert "state queued" in waiting
        tab.page.evaluate("window.same = true")
        assert jalki("case", "watch", case, "--data", place.data).code in {0, 3}
        tab.waits_for(f"!{states}.includes('state queued')")
        assert tab.page.evaluate("window.same"), "the page was not loaded anew"
        assert tab.page.evaluate(states) != waiting
