"""Several rights at once: copies before erasure, and each with what it is about."""

import pytest

from lineage.cases.deciding import approve, extend, withdraw
from lineage.cases.handing import hand
from lineage.errors import Refused
from tests.cases.events import account, changed, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Stage

ASKED = "2026-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")


@pytest.fixture(autouse=True)
def known(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), payment(), subscribed(), mailed())
    stage.at(ASKED)


def test_a_copy_that_is_asked_for_with_an_erasure_goes_out_first(stage: Stage) -> None:
    access, transfer, erasure = stage.open_all(["erasure", "transfer", "access"], HER)
    assert [each.right for each in (access, transfer, erasure)] == ["access", "transfer", "erasure"]
    for each in (access, transfer, erasure):
        stage.preview(each)
    with pytest.raises(Refused, match="answer that first"):
        approve(stage.work, erasure.id)
    for each in (access, transfer):
        stage.approve(each)
        with pytest.raises(Refused, match="answer that first"):
            approve(stage.work, erasure.id)
        hand(stage.work, each.id, ["statement.json"])
        assert stage.run(each).answered is not None
    stage.approve(erasure)
    assert stage.holders(*HER) == set()


def test_an_erasure_does_not_wait_for_a_copy_that_she_no_longer_wants(stage: Stage) -> None:
    access, erasure = stage.open_all(["erasure", "access"], HER)
    withdraw(stage.work, access.id)
    stage.preview(erasure)
    assert approve(stage.work, erasure.id).state == "carrying-out"


def test_a_copy_tells_nobody_to_erase_anything_and_nothing_is_forgotten(stage: Stage) -> None:
    before = stage.holders(*HER)
    case = stage.approve(stage.preview(stage.open("access", HER)))
    assert not case.tasks
    assert stage.holders(*HER) == before
    assert (case.state, case.answered) == ("carrying-out", None), "not answered before anything is handed over"


def test_a_corrected_value_goes_only_to_those_who_have_that_field_each_by_what_it_knows(stage: Stage) -> None:
    stage.record(changed(email="anna.new@example.fi"), mailed("anna.new@example.fi", provider="epostservice"))
    case = stage.preview(stage.open("rectification", HER, changes={"address": "Uusikatu 2, 65100 Vaasa"}))
    stage.approve(case)
    assert {each.party for each in case.tasks.values()} >= {"posti", "order-system"}
    assert not {each.party for each in case.tasks.values()} & {"sendgrid", "epostservice", "klarna"}
    (told,) = stage.told("posti")
    assert (told.action, dict(told.changes)) == ("rectify", {"address": "Uusikatu 2, 65100 Vaasa"})
    assert ("shipment_id", "S-1") in told.identifiers


def test_of_two_corrected_values_each_party_gets_only_its_own(stage: Stage) -> None:
    changes = {"address": "Uusikatu 2", "email": "anna.new@example.fi"}
    stage.approve(stage.preview(stage.open("rectification", HER, changes=changes)))
    assert dict(stage.told("sendgrid")[0].changes) == {"email": "anna.new@example.fi"}
    assert dict(stage.told("posti")[0].changes) == {"address": "Uusikatu 2"}


def test_a_corrected_value_is_nowhere_in_clear(stage: Stage) -> None:
    case = stage.approve(stage.preview(stage.open("rectification", HER, changes={"address": "Uusikatu 2"})))
    assert "Uusikatu" not in "".join(repr(each) for each in stage.work.journal.entries(case.id))


def test_a_clock_runs_from_arrival_and_not_from_the_yes(stage: Stage) -> None:
    case = stage.open("erasure", HER, received=stage.now)
    stage.at("2026-05-25T10:00:00+03:00")
    stage.approve(stage.preview(case))
    (row,) = stage.work.journal.cases()
    assert row.operative <= "2026-06-01"


def test_a_case_that_nobody_looks_at_raises_an_alarm_before_its_day_and_after_it(stage: Stage) -> None:
    case = stage.open("erasure", HER)
    stage.run(case)
    assert not stage.work.case(case.id).alarmed
    stage.at("2026-06-10T10:00:00+03:00")
    alarmed = stage.run(case).alarmed
    assert any(each.startswith("alarm-") for each in alarmed)
    assert any(each.startswith("overdue-") for each in alarmed)
    assert stage.run(case).alarmed == alarmed


def test_an_extension_needs_its_reason_and_comes_in_the_first_month_and_once(stage: Stage) -> None:
    case, late = stage.open("erasure", HER), stage.open("access", HER)
    with pytest.raises(Refused, match="reason"):
        extend(stage.work, case.id, " ")
    extended = extend(stage.work, case.id, "four hundred disclosures")
    assert extended.extended is not None
    with pytest.raises(Refused, match="only once"):
        extend(stage.work, case.id, "more")
    stage.at("2026-06-10T10:00:00+03:00")
    with pytest.raises(Refused, match="that day is over"):
        extend(stage.work, late.id, "forgotten")
