"""One request that comes twice, by several ways, or from somebody else in her name."""

import pytest

from lineage.cases.deciding import approve, refuse, withdraw
from lineage.cases.identity import doubt, guess, prove
from lineage.errors import Refused
from tests.cases.events import account, mailed, order
from tests.cases.stage import Stage

ASKED = "2026-07-01T10:00:00+03:00"
HER, MAIL = ("customer_id", "C-1"), ("email", "anna@example.fi")


@pytest.fixture(autouse=True)
def known(stage: Stage) -> None:
    stage.record(account(phone="0401234567"), order(), mailed())
    stage.at(ASKED)


def test_a_request_sent_again_is_a_duplicate_of_the_first_whichever_way_it_comes(stage: Stage) -> None:
    first = stage.open("erasure", HER)
    for channel, named in (("account", HER), ("email", MAIL), ("phone", ("phone", "+358401234567")), ("chat", HER)):
        again = stage.open("erasure", named, channel=channel)
        assert (again.state, again.duplicate_of) == ("duplicate", first.id)
    stage.approve(stage.preview(first))
    assert len(stage.told("sendgrid")) == 1


def test_one_who_is_not_verified_can_neither_block_nor_cancel_another(stage: Stage) -> None:
    fake = stage.open("erasure", MAIL, channel="email")
    real = stage.open("erasure", HER)
    assert (fake.state, real.state) == ("received", "received")
    withdraw(stage.work, fake.id)
    refuse(stage.work, stage.open("erasure", MAIL, ("email", "x@example.fi"), channel="email").id, "12(2)", "no proof")
    done = stage.approve(stage.preview(real))
    assert done.answered is not None
    assert stage.holders(*HER) == set()


def test_the_same_right_of_the_same_person_is_not_carried_out_twice_at_once(stage: Stage) -> None:
    mail = stage.preview(stage.open("erasure", MAIL, channel="email"))
    real = stage.preview(stage.open("erasure", HER))
    approve(stage.work, real.id)
    with pytest.raises(Refused, match=real.id):
        approve(stage.work, mail.id)


def test_whoever_asks_again_and_names_more_is_no_duplicate(stage: Stage) -> None:
    stage.record(account(customer_id="C-9", email="guest@example.fi"))
    first = stage.open("erasure", HER)
    second = stage.open("erasure", HER, ("email", "guest@example.fi"))
    assert second.state == "received"
    stage.approve(stage.preview(first))
    stage.approve(stage.preview(second))
    assert stage.holders(*HER) == stage.holders("email", "guest@example.fi") == set()


def test_another_right_or_another_person_is_no_duplicate(stage: Stage) -> None:
    stage.record(account(customer_id="C-2", email="bert@example.fi", name="Anna A"))
    stage.open("erasure", HER)
    assert stage.open("access", HER).state == "received"
    assert stage.open("erasure", ("customer_id", "C-2")).state == "received"


def test_after_an_erasure_is_over_the_next_one_is_a_case_of_its_own(stage: Stage) -> None:
    first = stage.open("erasure", HER)
    withdraw(stage.work, first.id)
    assert stage.open("erasure", HER).state == "received"


def test_nobody_is_asked_for_proof_without_a_doubt_that_was_written_down(stage: Stage) -> None:
    case = stage.open("erasure", HER)
    assert (case.verified, case.asked) == (True, None)
    with pytest.raises(Refused):
        prove(stage.work, case.id, "passport")
    assert stage.preview(case).state == "received"


def test_a_code_is_taken_once_and_no_proof_outlives_its_check(stage: Stage) -> None:
    case = stage.open("erasure", MAIL, channel="email")
    code = doubt(stage.work, case.id, "sent from another address")
    with pytest.raises(Refused):
        approve(stage.work, case.id)
    assert guess(stage.work, case.id, code)
    assert stage.work.case(case.id).verified
    assert not stage.work.keyring.find([b"proof:" + case.id.encode()])
    with pytest.raises(Refused):
        guess(stage.work, case.id, code)


def test_a_code_cannot_be_guessed_by_trying(stage: Stage) -> None:
    case = stage.open("erasure", MAIL, channel="email")
    code = doubt(stage.work, case.id, "sent from another address")
    wrong = [each for each in (f"{number:06}" for number in range(6)) if each != code][:5]
    assert not any(guess(stage.work, case.id, each) for each in wrong)
    with pytest.raises(Refused, match="no more codes"):
        guess(stage.work, case.id, code)
    assert stage.work.case(case.id).state == "identity"


def test_a_code_has_its_time(stage: Stage) -> None:
    case = stage.open("erasure", MAIL, channel="email")
    code = doubt(stage.work, case.id, "sent from another address")
    stage.at("2026-07-01T10:31:00+03:00")
    with pytest.raises(Refused, match="time is over"):
        guess(stage.work, case.id, code)


@pytest.mark.parametrize(
    ("mandate", "why"),
    [
        ({}, "needs a mandate"),
        ({"document": "guardianship 7", "until": "2026-04-30"}, "ended on 2026-04-30"),
        ({"document": "letter 3", "scope": "access"}, "covers access"),
    ],
    ids=["none", "over", "narrow"],
)
def test_whoever_asks_for_another_needs_a_mandate_that_holds(stage: Stage, mandate: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        stage.open("erasure", HER, by="guardian", mandate=mandate)
    assert not stage.work.journal.cases()


def test_a_mandate_that_holds_is_kept_with_the_case_and_read_by_nobody_else(stage: Stage) -> None:
    mandate = {"document": "guardianship 7", "scope": "erasure", "until": "2026-12-31"}
    case = stage.open("erasure", HER, by="guardian", mandate=mandate)
    (entry,) = stage.work.journal.entries(case.id)
    assert "guardianship" not in repr(entry.said)
    assert (stage.work.personal(entry) or {})["mandate"] == mandate


def test_a_refusal_needs_its_reason_and_tells_the_remedies(stage: Stage) -> None:
    case = stage.open("erasure", HER)
    with pytest.raises(Refused, match="reason"):
        refuse(stage.work, case.id, "12(5)", " ")
    refuse(stage.work, case.id, "12(5)", "the fifth within a month")
    said = stage.work.journal.entries(case.id)[-1].said
    assert "Tietosuojavaltuutettu" in said["remedies"][0]
