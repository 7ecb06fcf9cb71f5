"""A person's page: what it says of where her data is, of her time, and of what is shared; and what is written down of it."""

import html
import json
import re
from typing import Any

import pytest

from console.api.problems import Problem
from console.opening import LOOKS
from console.person_tree import tree_of
from console.web.person_days import Span, chosen_day, span_of
from console.web.person_drawn import drawing, listed
from console.web.person_times import LISTED, read_mark, times_of
from lineage.revealing import opened_looks
from lineage.timeline import Moment
from schemas.records import microseconds
from tests.console.web.consoles import HER, WHY, Console, said
from tests.console.web.reading import Page

HOME = "customer_id:C-2101"


def looks(console: Console) -> list[tuple[str, str, str, bool]]:
    with console.office.reading() as folder:
        found = opened_looks(folder.graph, folder.keyring.find((LOOKS,))[LOOKS])
        return [(each.actor, each.asked, each.reason, each.in_clear) for each in found]


def page_of(console: Console, role: str = "dpo", who: str = HER, more: str = "") -> Page:
    visitor = console.somebody(role)
    return Page.of(visitor.sees(visitor.finds(who) + more, follow_redirects=True).text)


def drawn(page: Page) -> Any:
    found = re.search(r'data-elements="([^"]*)"', page.html)
    assert found
    return json.loads(html.unescape(found[1]))


def holding(party: str, *sources: str, role: str = "processor", **more: Any) -> dict[str, Any]:
    return {"party": party, "name": party.title(), "role": role, "observed": True, "from": list(sources), "disclosures": 2,
            "drift": [], "first": "2026-01-01T00:00:00Z", "categories": ["name"], "purposes": ["order"], **more}  # fmt: skip


SMALL = {
    "holdings": [
        holding("shop", "person", role="own-system"),
        holding("posti", "shop", "person"),
        holding("dhl", "posti", drift=["no-contract"]),
        holding("backup", "shop", observed=False),
    ],
    "shared": [holding("meta", "shop")],
}
NAMES = {"posti": '<b onload="x">', "dhl": "\u202e" + "x" * 10_000}


# ── the tree and the map ──


def test_each_party_is_in_the_tree_once_below_the_first_that_gave_to_it() -> None:
    (shop, posti) = sorted(listed(tree_of(SMALL, {}), lambda each: each), key=lambda each: each["name"], reverse=True)
    assert (shop["name"], [each["name"] for each in shop["below"]]) == ("shop", ["backup", "meta"])
    assert (posti["name"], posti["also_from"], [each["name"] for each in posti["below"]]) == (
        "posti",
        ["shop"],
        ["dhl"],
    )
    assert {each["name"]: (each["state"], each["shared"]) for each in shop["below"]} == {
        "backup": ("declared", False), "meta": ("held", True),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("states", "holds", "state"),
    [
        (["held"], True, "kept"), (["verified", "not_held"], False, "erased"), (["verified", "failed"], False, "asked"),
        (["verified"], True, "held"), ([], True, "held"),
    ],
)  # fmt: skip
def test_how_it_stands_at_a_party_is_what_was_seen_and_what_her_cases_did(
    states: list[str], holds: bool, state: str
) -> None:
    told = {"posti": [{"action": "erase", "state": each, "until": None, "tasks": 1} for each in states]}
    where = {"holdings": [holding("posti", "person")] if holds else [], "shared": []}
    assert [each["state"] for each in listed(tree_of(where, told), lambda each: each)] == [state]


def test_the_map_has_the_parties_of_the_tree_and_the_ways_between_them() -> None:
    found = drawing(tree_of(SMALL, {}), lambda each: NAMES.get(each, each), "this person")
    labels = {each["data"]["id"]: each["data"]["label"] for each in found["nodes"]}
    assert set(labels.values()) == {"this person", "shop", NAMES["posti"], NAMES["dhl"], "backup", "meta"}
    ways = {(labels[each["data"]["source"]], labels[each["data"]["target"]]) for each in found["edges"]}
    assert ("this person", "shop") in ways
    assert (NAMES["posti"], NAMES["dhl"]) in ways
    assert [labels[each["data"]["target"]] for each in found["edges"] if each["data"]["drift"]] == [NAMES["dhl"]]
    across = {each["data"]["label"]: each["position"]["x"] for each in found["nodes"]}
    assert across["this person"] < across["shop"] < across["backup"]


def test_tree_map_and_table_say_the_same_and_name_nobody(console: Console) -> None:
    page = page_of(console)
    parties = {row[0] for row in page.rows("Parties that got")}
    tree = page.html[page.html.index('class="tree"') : page.html.index("Who has what")]
    listed_there = {html.unescape(each) for each in re.findall(r"<strong>([^<]+)</strong>", tree)}
    labels = {each["data"]["label"] for each in drawn(page)["nodes"]} - {"this person"}
    assert labels == listed_there
    assert {each.partition(" outside")[0] for each in parties} == labels
    assert not re.search("esimerkki|C-17|0401234567", page.html, re.IGNORECASE)


# ── her time ──


def moment(at: str, key: str, kind: Any = "disclosed") -> Moment:
    return Moment(microseconds(at), microseconds(at), key, kind, {"shared": False})


def test_without_a_month_it_is_the_last_in_which_more_than_looks_occurred() -> None:
    some = [moment("2026-01-31T22:30:00Z", "a"), moment("2026-03-01T00:00:00Z", "b"),
            moment("2026-03-02T00:00:00Z", "c", "case"), moment("2026-09-01T00:00:00Z", "d", "asked-about")]  # fmt: skip
    found = times_of(some, None, None)
    assert (found.month, [each["day"] for each in found.moments]) == ("2026-03", ["2026-03-01", "2026-03-02"])
    assert found.months == {"2026-02": 1, "2026-03": 2, "2026-09": 1}, "by the clock of Helsinki"
    assert (found.first, found.last) == (some[0].at, some[1].at), "a case is no event"
    assert times_of(some[3:], None, None).month == "2026-09", "there is nothing but looks"
    assert times_of([], None, None).month is None


def test_the_pages_of_a_month_have_each_moment_once() -> None:
    some = [moment("2026-03-01T08:00:00Z", f"{number:04}") for number in range(2 * LISTED + 1)]
    seen, after = 0, None
    for _ in range(3):
        found = times_of(some, "2026-03", after)
        seen += len(found.moments)
        after = read_mark(found.after) if found.after else None
    assert (seen, after) == (len(some), None)


def test_her_time_is_what_the_command_tells_by_month(console: Console) -> None:
    page = page_of(console, more="?month=2026-03")
    rows = [row for row in page.rows("What happened in this month") if len(row) > 1]
    assert len(rows) >= 3
    assert {row[1] for row in rows} >= {"disclosure"}
    assert "Posti" in " ".join(row[2] for row in rows)
    assert "March 2026 (" in page.text
    assert "no-such-case" not in page.html


def test_what_is_no_month_or_no_day_is_refused(console: Console) -> None:
    dpo = console.somebody("dpo")
    path = dpo.finds()
    for wrong in ("?month=2026-13", "?after=x", "?slide=x", "?slide=99999999", "?at=2026-02-30"):
        assert dpo.sees(path + wrong).status_code in {400, 422}, wrong


# ── the slider ──


def test_the_slider_goes_from_her_first_event_to_the_last() -> None:
    first, last = "2026-02-01T22:30:00Z", "2026-03-03T10:00:00Z"
    span = span_of(first, last, "")
    assert span is not None
    assert (span.last - span.first, span.shown, span.day) == (29, span.last, "2026-03-03")
    for at, day in (("2026-02-10", "2026-02-10"), ("2020-01-01", "2026-02-02"), ("2030-01-01", "2026-03-03")):
        shown = span_of(first, last, at)
        assert isinstance(shown, Span)
        assert shown.day == day
        assert chosen_day(str(shown.shown), "0") == day
    assert chosen_day(str(span.last), str(span.last)) == "", "its end is now"
    assert span_of(first, first, "") is span_of(None, None, "") is None
    with pytest.raises(Problem):
        chosen_day("0", "1")


def test_the_slider_leads_to_the_day_and_what_is_chosen_besides_stays(console: Console) -> None:
    dpo = console.somebody("dpo")
    path = dpo.finds()
    page = dpo.sees(path).text
    found = re.search(r'type="range" name="slide" min="(\d+)" max="(\d+)" value="(\d+)"', page)
    assert found
    assert found[2] == found[3]
    before = len(looks(console))
    answer = dpo.sees(f"{path}?slide={found[1]}&top={found[2]}&known_at=2030-01-01")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?at=2026-02-01&known_at=2030-01-01")
    assert len(looks(console)) == before, "nothing was shown"
    assert dpo.sees(f"{path}?slide={found[2]}&top={found[2]}").headers["location"] == path


# ── what is written down ──


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_each_look_is_written_down_once_with_its_purpose(console: Console, headers: dict[str, str]) -> None:
    dpo = console.somebody("dpo", "anna")
    before = len(looks(console))
    path = dpo.finds()
    assert len(looks(console)) == before, "the form shows nothing of her"
    for more in ("", "?at=2026-02-10", "?month=2026-03"):
        assert dpo.sees(path + more, headers=headers).status_code == 200
    new = looks(console)[before:]
    assert {(each[0], *each[2:]) for each in new} == {("anna", WHY, False)}
    assert len(new) == 3
    dpo.does(f"{path}/reveal", {"purpose": "she is on the telephone"})
    assert looks(console)[-1][2:] == ("she is on the telephone", True)
    assert len(looks(console)) == before + 4


def test_a_part_of_a_page_asked_for_after_the_session_leads_to_the_sign_in(console: Console) -> None:
    answer = console.nobody().sees("/cases", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"], answer.content) == (204, "/sign-in", b"")
    assert console.nobody().sees("/cases").status_code == 303


# ── what is shared ──


def fields(page: str) -> tuple[str, list[str]]:
    shared = re.search(r'name="shared" value="(\w+)"', page)
    assert shared
    return shared[1], re.findall(r'name="choice" value="(\w+)"', page)


def test_the_officer_decides_whose_a_telephone_is_and_takes_it_back(console: Console) -> None:
    dpo = console.somebody("dpo", "anna")
    path = dpo.finds(HOME)
    page = dpo.sees(path).text
    shared, choices = fields(page)
    assert choices[2:] == ["one", "apart"]
    assert "shared by 2 persons" in said(dpo.sees(path))
    decided = {"shared": shared, "choice": choices[0], "reason": "she wrote", "controller": "multitronic"}
    assert dpo.does(f"{path}/decide", decided).headers["location"] == f"{path}#shared"
    assert {each[2] for each in looks(console)[-2:]} == {"link: she wrote"}
    page = dpo.sees(path).text
    assert 'name="shared"' not in page
    assert "two identifiers are one person&#39;s" in page
    back = re.search(r'name="back" value="([\w.]+)"', page)
    assert back
    undone = {"back": back[1], "reason": "it was a mistake", "controller": "multitronic"}
    assert dpo.does(f"{path}/decide", undone).status_code == 303
    assert fields(dpo.sees(path).text) == (shared, choices)
    again = dpo.does(f"{path}/decide", undone)
    assert again.status_code == 409, "what is taken back already stands there no more"
    assert "look at the page again" in said(again)


def test_that_they_are_different_persons_is_kept_and_that_they_are_one_too(console: Console) -> None:
    dpo = console.somebody("dpo")
    path = dpo.finds("phone:+358409990011")
    shared, _ = fields(dpo.sees(path).text)
    told = {"shared": shared, "reason": "a couple", "controller": "multitronic"}
    assert dpo.does(f"{path}/decide", {**told, "choice": "apart"}).status_code == 303
    assert "decided: it stays shared" in said(dpo.sees(path))
    assert dpo.does(f"{path}/decide", {**told, "choice": "one"}).status_code == 303
    page = dpo.sees(path)
    assert 'name="shared"' not in page.text
    assert "customer number 2" in said(page)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": ""}, "Say why, in 3 to"),
        ({"controller": "posti"}, "The company is one of"),
        ({"choice": "00" * 16}, "Choose whose it is"),
        ({"choice": ""}, "Choose whose it is"),
        ({"shared": "00" * 16}, "look at the page again"),
        ({"back": "00.11.1"}, "look at the page again"),
    ],
)
def test_a_decision_that_cannot_be_meant_is_refused_on_the_page(
    console: Console, change: dict[str, str], says: str
) -> None:
    dpo = console.somebody("dpo")
    path = dpo.finds("customer_id:C-2121")
    shared, choices = fields(dpo.sees(path).text)
    told = {"shared": shared, "choice": choices[0], "reason": "she wrote", "controller": "multitronic"}
    answer = dpo.does(f"{path}/decide", {**told, **change})
    assert answer.status_code == 409
    assert says in said(answer)
    assert fields(dpo.sees(path).text) == (shared, choices)


def test_who_may_not_decide_sees_what_is_shared_and_no_form(console: Console) -> None:
    page = page_of(console, "clerk", "customer_id:C-2131")
    assert "shared by 2 persons" in page.text
    assert "/decide" not in page.html
    clerk = console.somebody("clerk")
    assert clerk.does(f"{clerk.finds(HOME)}/decide", {"choice": "one"}).status_code == 403


def test_who_shares_something_is_looked_at_too_where_identifiers_are_shown(console: Console) -> None:
    dpo = console.somebody("dpo", "anna")
    path = dpo.finds("customer_id:C-2141")
    assert "C-2142" not in dpo.sees(path).text
    before = len(looks(console))
    assert "C-2142" in dpo.does(f"{path}/reveal", {"purpose": "whose telephone is it"}).text
    with console.office.reading() as folder:
        asked = {f"where:{folder.pseudonyms.identifier('customer_id', each).hex()}" for each in ("C-2141", "C-2142")}
    new = looks(console)[before:]
    assert {each[1] for each in new} == asked
    assert {each[2:] for each in new} == {("whose telephone is it", True)}
    assert len(new) == 2


def test_as_of_another_day_nothing_is_decided(console: Console) -> None:
    page = page_of(console, who="customer_id:C-2131", more="?at=2026-03-09")
    assert "As of the end of 9 March 2026" in page.text
    assert "/decide" not in page.html


def test_pages_of_parties_are_found_by_name_and_kind(console: Console) -> None:
    dpo = console.somebody("dpo")
    found = [row[:2] for row in Page.of(dpo.sees("/parties?name=POSTI&kind=carrier").text).rows("The parties")]
    assert found == [["Posti Oy", "carrier"]]
    assert "No party is like that." in said(dpo.sees("/parties?name=nobody-at-all"))
