"""Who may ask what: every role and every question, by the table."""

import shutil
from pathlib import Path

import pytest

from console.api.answering import LARGEST
from console.api.questions import QUESTIONS
from console.api.roles import roles
from tests.console.api.desks import WHY, Office, opened_office, problem
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked

HERS = {"identifier": "customer_id:C-17"}
TRANSFERS = {"mechanism": "dpf", "annulled": "2026-03-05T00:00:00Z"}
GIVEN = {
    "sharing-changes": {"earlier": "2026-01-01T00:00:00Z", "later": "2026-04-01T00:00:00Z"},
    "case": {},
    "where": HERS,
    "timeline": HERS,
    "timeline-moments": HERS,
    "may-share": {**HERS, "party": "posti", "for": "delivery"},
    "person-lookups": HERS,
    "staff-lookups": {"staff": "desk-4"},
    "person-cases": HERS,
    "reached": {"party": "posti"},
    "reached-first": {"party": "posti"},
    "reached-persons": {"party": "posti"},
    "remaining": {"party": "posti"},
    "remaining-persons": {"party": "posti"},
    "transfers": TRANSFERS,
    "transfers-persons": TRANSFERS,
    "notice-difference": {"published": {"as_of": "2026-01-01T00:00:00Z", "purposes": [], "open": []}},
    "notice-names": {"text": "We give your data to Posti."},
    "clock": {"received": "2026-03-01"},
    "clock-breach": {"breach": "2026-03-01"},
    "recall": {"model": "Lumo 17 Pro"},
    "recall-persons": {"model": "Lumo 17 Pro"},
}
NAMES = [each.name for each in QUESTIONS]


def given(office: Office, name: str) -> dict[str, object]:
    if name in {"case-preview", "case-requests"}:
        (undecided,) = office.desk("dpo").told("cases", state="received")
        return {"case": undecided["case"]}
    if name == "case":
        return {"case": office.desk("dpo").told("cases")[0]["case"]}
    return {**GIVEN.get(name, {})}


def hers(office: Office) -> str:
    from console.opening import opened

    with opened(office.settings) as folder:
        return folder.pseudonyms.identifier("customer_id", "C-17").hex()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", list(roles()))
def test_a_role_is_answered_what_the_table_lists_and_nothing_else(office: Office, role: str, name: str) -> None:
    bound = hers(office) if roles()[role].about == "own-person" else None
    answer = office.desk(role, bound).asks(name, **given(office, name))
    if name in roles()[role].asks:
        assert answer.status_code == 200, answer.text
    else:
        assert problem(answer) == (403, "role")


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (role.name, each.name)
        for role in roles().values()
        for each in QUESTIONS
        if "reveal" in each.asked.model_fields and each.name in role.asks
    ],
)
def test_values_are_shown_to_the_roles_of_the_table_alone(office: Office, role: str, name: str) -> None:
    bound = hers(office) if roles()[role].about == "own-person" else None
    answer = office.desk(role, bound).asks(name, **given(office, name), reveal=True)
    if roles()[role].shows == "identifiers":
        assert answer.status_code == 200
    else:
        assert problem(answer) == (403, "reveal")


def test_the_table_names_questions_that_there_are_and_only_the_officer_is_shown_values() -> None:
    assert set().union(*(role.asks for role in roles().values())) == set(NAMES)
    assert [name for name, role in roles().items() if role.shows == "identifiers"] == ["dpo"]
    assert roles()["dpo"].asks == set(NAMES)


def test_what_is_about_persons_is_never_in_an_address_and_has_a_purpose() -> None:
    for each in QUESTIONS:
        about_persons = each.looks_at is not None
        # A notice that was published is about nobody, and too long for an address.
        assert (each.method == "POST") == (about_persons or each.largest > LARGEST)
        assert ("purpose" in each.asked.model_fields) == about_persons
        assert not about_persons or each.asked.model_fields["purpose"].is_required()


def test_a_party_asks_about_itself_alone(office: Office) -> None:
    desk = office.desk("processor", "posti")
    assert desk.told("reached", party="posti")["party"] == "posti"
    for other in ("nets", "no-such-party"):
        assert problem(desk.asks("reached", party=other)) == (403, "not-yours")


def test_a_customer_is_told_where_her_own_data_is_and_not_of_an_inquiry(office: Office) -> None:
    desk = office.desk("customer", hers(office))
    own = desk.told("where", identifier="customer_id:C-17")
    all_ = office.desk("dpo").told("where", identifier="customer_id:C-17")
    assert {each["party"] for each in all_["holdings"]} - {each["party"] for each in own["holdings"]} == {"police"}
    assert own == {**all_, "holdings": [each for each in all_["holdings"] if each["party"] != "police"]}
    for other in ("customer_id:C-1", "customer_id:nobody", "email:aino.esimerkki@posti.example"):
        assert problem(desk.asks("where", identifier=other)) == (403, "not-yours")


def test_a_customer_is_told_how_her_own_requests_stand_also_what_was_refused(office: Office) -> None:
    desk = office.desk("customer", hers(office))
    own = desk.told("person-cases", identifier="customer_id:C-17")
    assert own == office.desk("dpo").told("person-cases", identifier="customer_id:C-17")
    states = {each["right"]: (each["state"], each["refused_on"]) for each in own}
    assert states["access"] == ("refused", "12(5)")
    assert states.keys() == {"access", "erasure"}
    assert "asked before" not in str(own), "the reason is in the letter to her"
    for other in ("customer_id:C-1", "customer_id:nobody"):
        assert problem(desk.asks("person-cases", identifier=other)) == (403, "not-yours")
    (his,) = office.desk("dpo").told("person-cases", identifier="customer_id:C-1")
    assert his["right"] == "transfer"


def test_a_case_of_something_that_several_share_is_nobodys_here(recorded: Path, tmp_path: Path) -> None:
    shared = {"identifier": "email:b.hyvonen18@meili.example"}
    data = shutil.copytree(recorded, tmp_path / "data")
    assert asked("case", "open", "access", shared["identifier"], "--data", data).code == 0
    with opened_office(data) as office:
        assert office.desk("dpo").told("where", **shared)["candidates"] > 1
        assert office.desk("dpo").told("person-cases", **shared) == []


def test_a_token_of_a_role_that_the_table_no_longer_has_is_worth_nothing(
    own_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = own_office.desk("auditor")
    assert desk.asks("parties").status_code == 200
    monkeypatch.setattr("console.api.grants.roles", dict)
    assert problem(desk.asks("parties")) == (401, "token")


def test_a_customer_is_told_when_her_record_was_looked_at_and_not_by_whom(recorded: Path, tmp_path: Path) -> None:
    shared = {"kind": "email", "value": "b.hyvonen18@meili.example"}
    viewed = {"viewer": "back-office", "purpose": "order", "categories": ["name"]}
    inquiry = {"secret": True, "purpose": "authority-inquiry"}
    views = [
        event("RecordViewed", "w-1", customer_id="C-17", viewer_ref="desk-4", **viewed),
        event("RecordViewed", "w-2", customer_id="C-17", viewer_ref="desk-4", **{**viewed, **inquiry}),
    ]
    data = shutil.copytree(recorded, tmp_path / "data")
    assert asked("ingest", write_lines(tmp_path / "w", views), "--data", data).code == 0
    with opened_office(data) as office:
        key = hers(office)
        told = office.desk("customer", key).told("person-lookups", **HERS)
        assert [(each["viewer"], each["purpose"]) for each in told["look_ups"]] == [("back-office", "order")]
        assert "desk-4" not in str(told)
        for other in ("customer_id:C-1", f"{shared['kind']}:{shared['value']}"):
            assert problem(office.desk("customer", key).asks("person-lookups", identifier=other)) == (403, "not-yours")


@pytest.mark.parametrize("role", list(roles()))
def test_no_role_gets_anything_by_another_verb(office: Office, role: str) -> None:
    desk = office.desk(role, hers(office) if roles()[role].about == "own-person" else None)
    for each in QUESTIONS:
        for verb in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - {each.method}:
            answer = desk.sends(verb, each.path, json={**given(office, each.name), "purpose": WHY})
            assert problem(answer) == (405, "method"), (verb, each.path)
            assert each.method in answer.headers["allow"]


def test_the_auditor_gets_no_question_about_one_person_and_the_customer_none_but_about_herself() -> None:
    of_persons = {each.name for each in QUESTIONS if "identifier" in each.asked.model_fields}
    assert of_persons == {
        "where", "timeline", "timeline-moments", "may-share", "person-lookups", "staff-lookups", "person-cases",
    }  # fmt: skip
    assert not of_persons & (roles()["auditor"].asks | roles()["processor"].asks)
    assert roles()["customer"].asks < of_persons
    assert [name for name, role in roles().items() if "staff-lookups" in role.asks] == ["dpo"]
