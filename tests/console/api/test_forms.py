"""Answers in other forms than JSON: pictures and texts, by what is accepted."""

from typing import Any

import pytest

from console.api.accepting import form_of
from console.api.problems import Problem
from console.api.questions import QUESTIONS, SVG
from console.api.roles import roles
from tests.console.api.desks import WHY, Office, problem
from tests.console.api.test_answers import key_of, looks
from tests.console.test_sharing_svg import drawn
from tests.e2e.program import asked

HERS = {"identifier": "customer_id:C-17"}
AT = "2026-03-02T00:00:00Z"
FORMS = {each.name: set(each.forms) for each in QUESTIONS if each.forms}


def test_the_pictures_and_texts_there_are() -> None:
    assert {"sharing": {SVG}, "volumes": {SVG}, "where": {SVG}, "notice": {"text/markdown"}} == FORMS


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, None),
        ("", None),
        ("*/*", None),
        ("application/json", None),
        ("application/json, image/svg+xml", None),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", None),
        ("image/svg+xml", SVG),
        ("IMAGE/SVG+XML;charset=utf-8", SVG),
        ("image/svg+xml, */*;q=0.1", SVG),
        ("image/*", SVG),
        ("application/json;q=0.2, image/svg+xml;q=0.3", SVG),
        ("application/json;q=0, */*", SVG),
        ("image/svg+xml;q=0, */*", None),
    ],
)
def test_the_form_is_the_one_that_is_wanted_most(accept: str | None, form: str | None) -> None:
    assert form_of(accept or None, {SVG}) == form


@pytest.mark.parametrize(
    "accept", ["text/html", "image/svg+xml;q=0", "image/svg+xml;q=x", ",;,", "application/json;q=nan"]
)
def test_what_is_not_to_be_had_is_refused(accept: str) -> None:
    with pytest.raises(Problem):
        form_of(accept, {SVG})


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("sharing", {}, ("sharing", "--svg")),
        ("sharing", {"at": AT}, ("sharing", "--svg", "--at", AT)),
        ("volumes", {}, ("parties", "--volumes", "--svg")),
        ("where", HERS, ("where", "customer_id:C-17", "--svg")),
        ("where", {**HERS, "at": AT}, ("where", "customer_id:C-17", "--svg", "--at", AT)),
    ],
)
def test_a_picture_is_the_one_that_the_command_prints(
    office: Office, name: str, given: dict[str, Any], words: tuple[str, ...]
) -> None:
    answer = office.desk("dpo").draws(name, SVG, **given)
    assert answer.headers["content-type"].startswith(SVG)
    assert answer.headers["cache-control"] == "no-store"
    assert drawn(answer.text) is not None
    assert answer.text.strip() == asked(*words, "--data", office.settings.data).out.strip()


def test_a_picture_of_a_person_is_a_look_at_her_and_has_no_identifier(own_office: Office) -> None:
    desk, settings = own_office.desk("dpo"), own_office.settings
    assert desk.draws("where", SVG, **HERS).status_code == 200
    (look,) = looks(settings)
    assert (look["asked"], look["reason"]) == (f"where:{key_of(settings, 'customer_id', 'C-17')}", WHY)
    answer = desk.draws("where", SVG, **HERS, reveal=True)
    assert problem(answer) == (422, "question")
    assert [each["field"] for each in answer.json()["errors"]] == ["reveal"]
    assert len(looks(settings)) == 1


def test_what_cases_did_is_drawn_for_who_may_ask_about_one_and_an_inquiry_not_for_her(office: Office) -> None:
    key = key_of(office.settings, "customer_id", "C-17")
    own = office.desk("customer", key).draws("where", SVG, **HERS).text
    all_ = office.desk("dpo").draws("where", SVG, **HERS).text
    assert "police" in all_ and "erase: " in all_  # noqa: PT018 - what is not in the other
    assert "police" not in own and "erase: " not in own  # noqa: PT018 - either would be told
    served = office.desk("support").draws("where", SVG, **HERS).text
    assert "police" in served and "erase: " not in served  # noqa: PT018 - who may not ask about a case
    other = office.desk("customer", key).draws("where", SVG, identifier="customer_id:C-1")
    assert problem(other) == (403, "not-yours")


@pytest.mark.parametrize("name", sorted(FORMS))
@pytest.mark.parametrize("role", [name for name, each in roles().items() if each.about == "everyone"])
def test_a_form_is_for_whoever_may_ask_the_question(office: Office, role: str, name: str) -> None:
    (form,) = FORMS[name]
    answer = office.desk(role).draws(name, form, **(HERS if name == "where" else {}))
    if name in roles()[role].asks:
        assert answer.status_code == 200
    else:
        assert problem(answer) == (403, "role")


def test_a_question_without_such_a_form_says_so_and_answers_json_to_all_else(office: Office) -> None:
    desk = office.desk("dpo")
    assert problem(desk.draws("parties", SVG)) == (406, "accept")
    assert problem(desk.draws("where", "text/html", **HERS)) == (406, "accept")
    assert desk.draws("parties", "image/svg+xml, application/json;q=0.1").json()
