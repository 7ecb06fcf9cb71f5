"""The letter that answers a case: what is shown and what is only said, what stays, and nothing of anybody's person."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from console.answering import letter_files
from lineage.answers.letter import letter
from lineage.answers.letter_model import Kind, Letter
from lineage.answers.letter_shape import letter_schema
from lineage.answers.texts import LANGUAGES
from lineage.cases.case import Case
from lineage.cases.deciding import extend, refuse
from lineage.cases.lifting import lift
from lineage.cases.orders import Outcome
from lineage.cases.refusals import refusal_grounds
from lineage.cases.refusing import grant_items, refuse_items
from lineage.cases.rights import rules
from tests.cases.events import account, claim, handed_on, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Party, Stage, staged
from tests.console.test_answers import Page

ASKED, OVERDUE, LATER = "2026-05-01T10:00:00+03:00", "2026-06-03T10:00:00+03:00", "2036-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")
HERS = ("C-1", "anna@example.fi", "Anna A", "0401234567", "+358401234567", "O-1", "S-1", "Katu 1")
PROMISED = Outcome("promised", how="confirmed-link", by="2026-06-15")
SCHEMA = Draft202012Validator(json.loads(letter_schema()))
RIGHTS = [right for right, rule in rules().items() if not rule.answer]
every_language = pytest.mark.parametrize("language", LANGUAGES)


@contextmanager
def shop(folder: Path) -> Iterator[Stage]:
    with staged(folder) as opened:
        opened.record(
            account(phone="0401234567"), order(), shipment(), handed_on(), payment(), subscribed(), mailed(), claim()
        )
        opened.at(ASKED)
        yield opened


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with shop(tmp_path) as opened:
        yield opened


def carried_out(stage: Stage, right: Any = "erasure", **more: Any) -> Case:
    return stage.approve(stage.preview(stage.open(right, HER, **more)))


def told(stage: Stage, case: Case, kind: Kind = "answer", **more: str) -> Letter:
    return letter(stage.work.journal.entries(case.id), stage.work.register, stage.now, kind, **more)


def shape(stage: Stage, case: Case, language: str = "en") -> Any:
    return json.loads(letter_files(told(stage, case), language)["letter.json"])


def standings(stage: Stage, case: Case) -> dict[str, str]:
    made = told(stage, case)
    return {each.company.party: each.standing for each in made.recipients if each.until is None}


@every_language
@pytest.mark.parametrize("right", RIGHTS)
def test_every_right_has_its_letter_in_every_language(stage: Stage, right: str, language: str) -> None:
    more = {"changes": {"email": "new@example.fi"}} if right == "rectification" else {}
    case = carried_out(stage, right, **more)
    files = letter_files(told(stage, case, contact="dpo@example.fi"), language)
    SCHEMA.validate(shape(stage, case, language))
    page = Page(files["letter.html"].decode())
    text = "".join(page.text)
    assert page.open == []
    assert ("html", {"lang": language}) in page.tags
    assert not {"script", "link", "img", "a", "form"} & {tag for tag, _ in page.tags}
    assert "{" not in text
    assert case.id in text
    assert "tietosuoja@om.fi" in text
    assert files["letter.pdf"].startswith(b"%PDF-")
    assert files["letter.json"].rstrip() in files["letter.pdf"]
    assert files == letter_files(told(stage, case, contact="dpo@example.fi"), language)


@pytest.mark.parametrize(
    ("outcome", "standing"),
    [
        (Outcome("verified", how="read-back"), "proved"),
        (Outcome("verified", how="signed-answer"), "proved"),
        (Outcome("verified", how="confirmed-link"), "promised"),
        (Outcome("verified", how="http-200"), "promised"),
        (PROMISED, "promised"),
        (Outcome("sent", how="smtp-250"), "told"),
        (Outcome("accepted", how="http-202"), "accepted"),
        (Outcome("partial", how="confirmed-link"), "partial"),
        (Outcome("declined", how="confirmed-link", ground="law"), "declined"),
        (Outcome("not_held", how="signed-answer"), "not_held"),
        (Outcome("manual", how="no-address"), "waiting"),
        (Outcome("failed", how="http-404"), "failed"),
    ],
    ids=lambda each: f"{each.state}-{each.how}" if isinstance(each, Outcome) else each,
)
def test_nothing_is_told_better_than_it_was_shown(stage: Stage, outcome: Outcome, standing: str) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: outcome)
    assert standings(stage, carried_out(stage))["sendgrid"] == standing


def test_a_party_that_was_told_and_one_that_was_not_are_not_alike_when_their_day_is_over(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("sent", how="smtp-250"))
    stage.parties.by_id["posti"] = Party(lambda _: Outcome("manual", how="no-address"))
    case = carried_out(stage)
    stage.at(OVERDUE)
    case = stage.run(case)
    assert {each.state for each in case.tasks.values() if each.party in {"sendgrid", "posti"}} == {"overdue"}
    assert standings(stage, case) | {"sendgrid": "overdue", "posti": "waiting"} == standings(stage, case)


def test_a_day_that_is_promised_and_a_ground_of_the_partys_own_are_in_words(stage: Stage) -> None:
    stage.parties.by_id["posti"] = Party(lambda _: PROMISED)
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("declined", how="confirmed-link", ground="claims"))
    texts = {each["company"]["party"]: each["text"] for each in shape(stage, carried_out(stage))["recipients"]}
    assert texts["posti"] == "has promised it by 2026-06-15; this was not shown to us"
    assert texts["sendgrid"] == "keeps the data on a legal ground of its own: needed for legal claims"


def test_what_stays_is_told_with_why_until_when_and_where(stage: Stage) -> None:
    case = carried_out(stage)
    stays = {each["rule"]: each for each in shape(stage, case, "fi")["stays"]}
    assert stays["H01"]["until"] == "2032-12-31"
    assert "Kirjanpitolain mukaan" in stays["H01"]["text"]
    assert {each["party"] for each in stays["H01"]["companies"]} >= {"klarna", "order-system"}
    assert {each["until"] for each in shape(stage, case)["recipients"] if each["standing"] == "held"} >= {"2032-12-31"}
    assert set(stays) == {each.rule for each in case.tasks.values() if each.state == "held"}


def test_when_all_is_over_nothing_stays_and_our_own_record_is_gone(stage: Stage) -> None:
    case = carried_out(stage)
    assert told(stage, case).kept > 0
    stage.at(LATER)
    case = stage.run(case)
    assert case.state == "closed"
    made = told(stage, case)
    assert (made.stays, made.kept) == ((), 0)
    assert made.forgotten == case.keys_destroyed is not None
    assert {each.standing for each in (*made.recipients, *made.systems)} <= {"proved", "promised"}


@every_language
def test_nothing_of_her_person_is_in_it_before_and_after(stage: Stage, language: str) -> None:
    case = carried_out(stage)
    for moment in (ASKED, LATER):
        stage.at(moment)
        case = stage.run(case)
        files = letter_files(told(stage, case), language)
        text = files["letter.html"].decode() + files["letter.json"].decode()
        assert not [each for each in HERS if re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", text)]


def inquiry(recipient: str, purpose: str) -> dict[str, Any]:
    return {
        "type": "DataDisclosed", "holder": "order-system", "recipient": recipient, "purpose": purpose,
        "identifiers": [{"kind": "customer_id", "value": "C-1"}], "categories": ["name", "order"],
    }  # fmt: skip


@pytest.mark.parametrize("right", RIGHTS)
def test_no_authority_and_no_step_of_an_inquiry_is_in_it(right: str, tmp_path: Path) -> None:
    steps = (
        inquiry("police", "authority-inquiry"), inquiry("tax-authority", "tax"), inquiry("back-office", "authority-inquiry"),
        inquiry("enforcement-authority", "security"),
    )  # fmt: skip
    made = []
    for name, events in (("without", ()), ("with", steps)):
        with shop(tmp_path / name) as stage:
            stage.record(*events)
            case = carried_out(stage, right, **({"changes": {"name": "Anna B"}} if right == "rectification" else {}))
            made.append(shape(stage, case) | {"case": None})
            held = {each.party for each in case.tasks.values()}
    assert ("back-office" in held) == (right not in {"objection", "unsubscribe"})  # those are about some purposes alone
    assert made[0] == made[1]


def test_shared_identifiers_are_told_and_what_is_declared_is_no_proof(stage: Stage) -> None:
    stage.record(account(customer_id="C-2", email="anna@example.fi"))
    made = told(stage, carried_out(stage))
    assert made.undecided > 0
    assert any(not each.observed for each in (*made.recipients, *made.systems))
    text = letter_files(made, "en")["letter.html"].decode()
    assert "You share" in text
    assert "by arrangement" in text


def test_who_is_not_known_is_told_that_nothing_was_found(stage: Stage) -> None:
    case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-99"))))
    made = told(stage, case)
    assert made.nothing
    assert (made.recipients, made.systems) == ((), ())
    assert "hold no personal data about you" in letter_files(made, "en")["letter.html"].decode()


def test_identifiers_of_several_persons_are_not_nothing(stage: Stage) -> None:
    stage.record(account(customer_id="C-2", email="anna@example.fi"))
    case = stage.approve(stage.preview(stage.open("erasure", ("email", "anna@example.fi"))))
    made = told(stage, case)
    assert (made.ambiguous, made.nothing) == (1, False)


def test_a_lifted_restriction_is_told_by_who_was_told_so(stage: Stage) -> None:
    case = carried_out(stage, "restriction")
    assert told(stage, case).inflow == case.approved
    assert "We tell you before" in letter_files(told(stage, case), "en")["letter.html"].decode()
    lift(stage.work, case.id, "2026-05-01")
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("sent", how="smtp-250"))
    case = stage.run(case)
    assert standings(stage, case)["sendgrid"] == "told"
    text = letter_files(told(stage, case), "en")["letter.html"].decode()
    assert "The restriction ended on" in text
    assert "We tell you before" not in text


def test_where_she_had_her_data_sent_is_told_as_hers_to_ask(stage: Stage) -> None:
    stage.record(inquiry("other-vendor", "rights") | {"holder": "multitronic"})
    made = told(stage, carried_out(stage))
    assert [each.party for each in made.taken_to] == ["other-vendor"]
    every = (*made.recipients, *made.systems)
    assert "other-vendor" not in {each.company.party for each in every}
    assert "other-vendor" not in {company.party for each in made.stays for company in each.companies}
    assert "You had us send your data to" in letter_files(made, "en")["letter.html"].decode()


def test_an_objection_names_what_it_is_about(stage: Stage) -> None:
    made = shape(stage, carried_out(stage, "objection", purposes=["newsletter"]))
    assert made["purposes"] == ["newsletter"]
    assert {each["company"]["party"] for each in made["recipients"]} == {"sendgrid"}


@every_language
def test_a_refusal_has_its_reason_its_ground_and_the_remedies(stage: Stage, language: str) -> None:
    reason = "Kolmas <samanlainen> & pyyntö"
    case = refuse(stage.work, stage.open("access", HER).id, "12(5)", reason)
    files = letter_files(told(stage, case, "refusal", reason=reason), language)
    SCHEMA.validate(json.loads(files["letter.json"]))
    text = "".join(Page(files["letter.html"].decode()).text)
    assert reason in text
    assert "GDPR 12(5)" in text
    assert "tietosuoja.fi" in text


@every_language
def test_an_extension_has_its_reason_and_the_new_day(stage: Stage, language: str) -> None:
    reason = "Pyyntöjä on monta"
    case = extend(stage.work, stage.open("erasure", HER).id, reason)
    made = told(stage, case, "extension", reason=reason)
    assert made.until == next(
        each.said["until"] for each in stage.work.journal.entries(case.id) if each.kind == "extended"
    )
    files = letter_files(made, language)
    SCHEMA.validate(json.loads(files["letter.json"]))
    text = "".join(Page(files["letter.html"].decode()).text)
    assert reason in text
    assert made.until in text


def test_the_answer_can_be_made_while_parties_have_not_answered_and_changes_when_they_do(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _: Outcome("accepted", how="http-202", ask_again_in=3_600))
    case = carried_out(stage)
    assert case.state == "carrying-out"
    before = standings(stage, case)
    stage.parties.by_id["sendgrid"].answer = lambda _: Outcome("verified", how="signed-answer")
    stage.at("2026-05-02T10:00:00+03:00")
    after = standings(stage, stage.run(case))
    assert (before["sendgrid"], after["sendgrid"]) == ("accepted", "proved")


def test_the_letter_is_of_the_plan_that_was_approved_and_not_of_the_one_before(stage: Stage) -> None:
    case = stage.preview(stage.open("erasure", HER))
    stage.record(mailed(provider="epostservice"))
    case = stage.approve(case)
    every = [each.company.party for each in told(stage, case).recipients]
    assert every.count("epostservice") == 1
    assert every.count("sendgrid") == 1


@every_language
def test_what_is_refused_in_part_stands_in_the_letter_with_ground_reason_and_remedies(
    stage: Stage, language: str
) -> None:
    case = stage.preview(stage.open("erasure", HER))
    refuse_items(stage.work, case.id, "17(3)(e)", "your claim of 2 March", party="posti")
    case = stage.approve(case)
    made = told(stage, case, reasons={1: "your claim of 2 March"})
    files = letter_files(made, language)
    whole = json.loads(files["letter.json"])
    SCHEMA.validate(whole)
    (refused,) = whole["refused"]
    assert (refused["ground"], refused["ground_text"]) == ("17(3)(e)", "GDPR 17(3)(e)")
    assert [each["party"] for each in refused["companies"]] == ["posti"]
    assert refused["categories"]
    assert refused["purposes"] == ["delivery"]
    assert "your claim of 2 March" in refused["text"]
    assert refusal_grounds()["17(3)(e)"].texts[language] in refused["text"]
    (posti,) = [each for each in whole["recipients"] if each["company"]["party"] == "posti"]
    assert posti["standing"] == "refused"
    page = files["letter.html"].decode()
    assert "your claim of 2 March" in page
    assert whole["complaint"]["text"] in page
    assert whole["complaint"]["where"] in page
    assert not [each for each in whole["stays"] if "posti" in {one["party"] for one in each["companies"]}]


def test_a_letter_made_when_the_key_is_gone_still_says_the_ground_of_a_part_that_was_refused(stage: Stage) -> None:
    case = stage.preview(stage.open("erasure", HER))
    refuse_items(stage.work, case.id, "17(3)(b)", "the books", party="posti")
    (refused,) = shape(stage, stage.approve(case))["refused"]
    assert refused["text"] == refusal_grounds()["17(3)(b)"].texts["en"]
    grant_items(stage.work, case.id, 1)
    assert shape(stage, stage.run(case))["refused"] == []


def test_beside_a_copy_a_letter_tells_what_of_it_is_refused_and_no_more(stage: Stage) -> None:
    case = stage.preview(stage.open("access", HER))
    refuse_items(stage.work, case.id, "15(4)", "it names your neighbour", category="address")
    case = stage.approve(case)
    made = json.loads(
        letter_files(told(stage, case, "partial", reasons={1: "it names your neighbour"}), "en")["letter.json"]
    )
    SCHEMA.validate(made)
    assert made["kind"] == "partial"
    assert {each for one in made["refused"] for each in one["categories"]} == {"address"}
    assert made["recipients"] == made["stays"] == []
