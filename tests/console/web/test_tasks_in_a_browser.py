"""What a data protection officer does at the console, as she does it: by mouse, by keyboard alone, and without JavaScript."""

from collections.abc import Callable

import pytest

from tests.console.web.browsers import Place, Tab
from tests.console.web.consoles import HER, WHY, code_of
from tests.e2e.program import jalki

HERS = "aino.esimerkki@posti.example"
TABS = 120


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


def test_she_signs_in_after_a_slip_and_out(place: Place) -> None:
    name, password, otpauth = place.account("dpo")
    with place.tab() as tab:
        tab.goes("/cases")
        assert tab.path == "/sign-in"
        assert tab.page.evaluate("document.activeElement.name") == "name"
        for given, code in (("wrong", "000000"), (password, code_of(otpauth))):
            tab.page.get_by_label("Name").fill(name)
            tab.page.get_by_label("Password").fill(given)
            tab.page.get_by_label("Code of your app").fill(code)
            tab.button("Sign in")
            if given == "wrong":
                assert tab.page.get_by_role("alert").inner_text().startswith("That is not right.")
        assert tab.path == "/cases"
        assert tab.says(f"{name}, data protection officer")
        tab.button("Sign out")
        assert tab.path == "/sign-in"
        tab.page.go_back()
        tab.page.wait_for_url("**/sign-in")
        assert not tab.says("Cases by the day")


def test_she_finds_a_case_in_the_inbox(place: Place) -> None:
    with place.somebody("dpo") as tab:
        rows = tab.page.locator("tbody tr")
        under_way = rows.count()
        assert under_way >= 3
        tab.page.get_by_label("State").select_option(label="refused")
        tab.page.get_by_label("All, also those that are over").check()
        tab.button("Show")
        tab.waits_for("location.search.includes('state=refused') && location.search.includes('all=true')")
        tab.waits_for("document.querySelectorAll('tbody tr').length == 1")
        assert tab.page.get_by_label("State").input_value() == "refused"
        rows.first.get_by_role("link").click()
        assert stands(tab) == "refused"
        assert tab.says("Refused on 12(5)")
        assert tab.says("Nothing can be done here now.")


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


@pytest.mark.parametrize(
    ("act", "fields", "says"),
    [
        ("Extend by two months", {"Reason": "many parties must be asked"}, "Latest by law"),
        ("Who asks is shown", {"How it was seen": "id card at the counter"}, "Who asks is shown yes"),
        ("Protect her address", {"I have read": ""}, "Her address is protected"),
        ("Withdraw for her", {"I have read": ""}, "State withdrawn"),
    ],
)
def test_she_does_what_else_there_is_to_do(place: Place, act: str, fields: dict[str, str], says: str) -> None:
    numbers = {
        "Extend by two months": 1023,
        "Who asks is shown": 1024,
        "Protect her address": 1025,
        "Withdraw for her": 1026,
    }
    with place.somebody("dpo") as tab:
        opens(tab, "erasure", f"customer_id:C-{numbers[act]}", "telephone")
        before = tab.page.inner_text(".facts")
        tab.opens_act(act)
        form = tab.page.locator("details[open]")
        for label, text in fields.items():
            field = form.get_by_label(label)
            if text:
                field.fill(text)
            else:
                field.check()
        tab.acts(act)
        assert tab.page.get_by_role("alert").count() == 0
        assert tab.says(says)
        assert act == "Protect her address" or tab.page.inner_text(".facts") != before


def test_she_records_what_a_party_did(place: Place) -> None:
    with place.somebody("dpo") as tab:
        case = opens(tab, "erasure", "customer_id:C-1027").rpartition("/")[2]
        tab.opens_act("Work out what it means")
        tab.acts("Work out what it means")
        tab.opens_act("Approve")
        tab.page.get_by_label("I have read what it means").first.check()
        tab.acts("Approve")
        assert jalki("case", "watch", case, "--data", place.data).code in {0, 3}
        tab.page.reload()
        row = tab.page.locator("#progress tr", has=tab.page.locator(".manual")).first
        task = row.locator("th").inner_text()
        tab.opens_act("Record what a party did")
        form = tab.page.locator("details[open]")
        form.get_by_label("Task number").fill(task)
        form.get_by_label("What is known").select_option(label="done, shown")
        form.get_by_label("What shows it").fill("their letter of today")
        tab.acts("Record what a party did")
        assert tab.page.get_by_role("alert").count() == 0
        done = tab.page.locator("#progress tr", has=tab.page.locator(f"th:text-is('{task}')"))
        assert done.locator(".state").inner_text() == "done, shown"


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


def main_path(tab: Tab, number: int) -> None:
    """The main path by mouse, which needs no script."""
    opens(tab, "erasure", f"customer_id:C-{number}")
    tab.opens_act("Work out what it means")
    tab.acts("Work out what it means")
    tab.opens_act("Approve")
    tab.page.get_by_label("I have read what it means").first.check()
    tab.acts("Approve")
    assert stands(tab) == "being carried out"
    looks_for(tab, HER)
    assert tab.page.locator("tbody tr").count() > 0
    for name in ("Cases", "Sharing", "Drift", "Parties", "Record"):
        tab.page.get_by_role("link", name=name, exact=True).click()
        assert tab.page.locator("tbody tr").count() > 0
    tab.button("Sign out")
    assert tab.path == "/sign-in"


def test_everything_is_done_without_javascript(place: Place) -> None:
    with place.somebody("dpo", java_script_enabled=False) as tab:
        main_path(tab, 1029)


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


def test_everything_is_done_by_keyboard_alone(place: Place) -> None:
    name, password, otpauth = place.account("dpo")
    with place.tab() as tab:
        tab.goes("/sign-in")
        tab.page.keyboard.type(name)
        types(tab, "Password", password)
        types(tab, "Code", code_of(otpauth))
        with tab.page.expect_navigation():
            tab.page.keyboard.press("Enter")
        with tab.page.expect_navigation():
            presses(tab, "New case")
        presses(tab, "erasure", "Space")
        types(tab, "Who asks", "customer_id:C-1030")
        with tab.page.expect_navigation():
            presses(tab, "Open")
        for act in ("Work out what it means", "Approve"):
            presses(tab, act)
            if act == "Approve":
                presses(tab, "I have read what it means", "Space")
            with tab.page.expect_navigation():
                presses(tab, act)
        assert stands(tab) == "being carried out"
        with tab.page.expect_navigation():
            presses(tab, "Sign out")
        assert tab.path == "/sign-in"
