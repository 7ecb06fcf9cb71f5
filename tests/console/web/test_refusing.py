"""A part of a request that is refused at the console: by whom, on which ground, seen by her, and nothing crafted gets further."""

import re

import pytest

from tests.console.web.consoles import HER, Console, Visitor, said
from tests.console.web.reading import Page
from tests.console.web.test_deciding import at_once, digest_of, entries, state
from tests.e2e.program import asked

PART = {"party": "posti", "ground": "17(3)(e)", "reason": "her claim is before the board"}


def planned(console: Console, right: str = "erasure", who: str = "anna") -> tuple[Visitor, str]:
    visitor = console.somebody("dpo", who)
    case = visitor.opens(right, HER, channel="email")
    assert visitor.does(f"/cases/{case}/preview").status_code == 303
    return visitor, case


def refuses(who: Visitor, case: str, **more: str) -> int:
    return who.does(f"/cases/{case}/refuse-item", {**PART, **more}).status_code


def test_a_part_is_refused_the_rest_approved_and_the_page_says_which(own_console: Console) -> None:
    anna, case = planned(own_console)
    page = anna.sees(f"/cases/{case}").text
    assert '<option value="17(3)(e)">' in page
    assert '<option value="posti">' in page
    assert '<option value="15(4)">' not in page
    shown = digest_of(anna, case)
    assert refuses(anna, case) == 303
    old = anna.does(f"/cases/{case}/approve", {"digest": shown, "sure": "yes"})
    assert old.status_code == 409
    assert "things have changed" in said(old)
    assert anna.does(f"/cases/{case}/preview").status_code == 303
    page_ = Page.of(anna.sees(f"/cases/{case}").text)
    assert page_.faults == []
    assert any("refuse" in row[3] and "17(3)(e)" in row[4] for row in page_.rows("What is decided"))
    assert "Refused in part" in page_.text
    assert anna.does(f"/cases/{case}/approve", {"digest": digest_of(anna, case), "sure": "yes"}).status_code == 303
    told = asked("case", "show", case, "--json", "--data", own_console.settings.data).json
    (task,) = [each for each in told["tasks"] if each["party"] == "posti"]
    assert (task["state"], task["refused"]) == ("held", "GDPR 17(3)(e)")
    assert refuses(anna, case) == 409, "what is approved is not refused any more"


def test_it_is_granted_after_all_before_and_after_the_approval(own_console: Console) -> None:
    anna, case = planned(own_console)
    before = digest_of(anna, case)
    assert "grant" not in re.findall(rf'action="/cases/{case}/([\w-]+)"', anna.sees(f"/cases/{case}").text)
    assert refuses(anna, case) == 303
    assert anna.does(f"/cases/{case}/grant", {"refusal": "1"}).status_code == 303
    assert anna.does(f"/cases/{case}/grant", {"refusal": "1"}).status_code == 409, "a form that is sent again"
    assert anna.does(f"/cases/{case}/preview").status_code == 303
    assert digest_of(anna, case) == before
    assert refuses(anna, case) == 303
    assert anna.approves(case).status_code == 303
    assert anna.does(f"/cases/{case}/grant", {"refusal": "2"}).status_code == 303
    told = asked("case", "show", case, "--json", "--data", own_console.settings.data).json
    assert {each["refused"] for each in told["tasks"]} == {None}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"party": ""}, "Say which items"),
        ({"ground": "15(4)"}, "are refused on one of"),
        ({"ground": "she is rude"}, "an article of the GDPR"),
        ({"party": "no-such"}, "no item of what it means"),
        ({"party": "x" * 10_000}, "no item of what it means"),
        ({"party": "<script>alert(1)</script>"}, "no item of what it means"),
        ({"party": "\u202eitsop"}, "no item of what it means"),
        ({"reason": ""}, "Fill in all fields"),
        ({"reason": "  \n"}, "Fill in all fields"),
    ],
)
def test_what_may_not_be_refused_so_is_said_and_what_was_typed_stays(
    console: Console, more: dict[str, str], says: str
) -> None:
    anna, case = planned(console)
    kept = entries(console, case)
    answer = anna.does(f"/cases/{case}/refuse-item", {**PART, **more})
    assert answer.status_code in {409, 422}
    assert says in said(answer)
    assert "<script>alert" not in answer.text
    if more.get("party") is None:
        assert '<option value="posti" selected>' in answer.text
    if "reason" not in more:
        assert PART["reason"] in answer.text
    assert entries(console, case) == kept


def test_a_long_reason_or_one_that_is_markup_is_kept_as_text(console: Console) -> None:
    anna, case = planned(console)
    for number, reason in enumerate(("<script>alert(1)</script>", "\u202efdp", "x" * 10_000), 1):
        assert refuses(anna, case, reason=reason, party="", category=("phone", "name", "email")[number - 1]) == 303
        assert "<script>alert" not in anna.sees(f"/cases/{case}").text
    assert anna.approves(case).status_code == 303
    assert anna.does(f"/cases/{case}/letter").status_code == 200


def test_of_two_who_refuse_and_approve_at_once_nothing_is_approved_that_was_not_read(own_console: Console) -> None:
    anna, case = planned(own_console)
    eva = own_console.somebody("dpo", "eva")
    form = {"digest": digest_of(anna, case), "sure": "yes"}
    approved, refused = at_once((anna, f"/cases/{case}/approve", form), (eva, f"/cases/{case}/refuse-item", PART))
    assert sorted([approved.status_code, refused.status_code]) == [303, 409]
    if approved.status_code == 409:
        assert "things have changed" in said(approved)
        assert state(own_console, case) == "received"
    else:
        assert state(own_console, case) == "carrying-out"


def test_of_a_right_that_is_never_refused_in_part_no_form_is_offered(console: Console) -> None:
    anna, case = planned(console, "unsubscribe")
    assert f"/cases/{case}/refuse-item" not in anna.sees(f"/cases/{case}").text
    assert refuses(anna, case) == 409


@pytest.mark.parametrize("role", ["clerk", "auditor", "viewer"])
def test_no_other_role_refuses_or_grants(console: Console, role: str) -> None:
    _, case = planned(console, "objection")
    other = console.somebody(role, role)
    assert refuses(other, case) == 403
    assert other.does(f"/cases/{case}/grant", {"refusal": "1"}).status_code == 403
