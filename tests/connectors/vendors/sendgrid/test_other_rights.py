"""Stopping, restricting, correcting and reading at SendGrid."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from lineage.answers.records import read_records
from lineage.cases.orders import Outcome
from tests.connectors.vendors.sendgrid.standing import GROUP, HERS, LOW, NEW, OTHER, Standing
from tests.contracts.connector import Carried, carried


def moved(stage: Standing, **changed: Any) -> Carried:
    """Have her address corrected, by whatever it takes."""
    made = stage.order("rectify", changes={"email": NEW})
    stage.seed(**changed)
    stage.order = lambda _action: made  # type: ignore[method-assign, assignment]
    return asyncio.run(carried(stage, "rectify"))


def one(stage: Standing, action: Any, **changed: Any) -> Outcome:
    async def run() -> Outcome:
        connector = stage.connector()
        try:
            return await connector.send(stage.order(action, **changed))
        finally:
            await connector.close()

    return asyncio.run(run())


def test_she_is_suppressed_for_the_group_of_the_purpose_alone(stage: Standing) -> None:
    outcome = one(stage, "stop")
    assert (outcome.state, outcome.how) == ("verified", "read-back")
    assert (stage.account()["groups"][str(GROUP)], stage.account()["suppressed"]) == ([OTHER, LOW], [])


def test_a_purpose_without_a_group_suppresses_her_globally(stage: Standing) -> None:
    assert one(stage, "stop", purposes=("newsletter", "advertising")).state == "verified"
    assert (stage.account()["suppressed"], stage.account("news")["suppressed"]) == ([LOW], [LOW])


def test_a_group_that_is_not_there_is_not_called_for_it_would_be_everything(stage: Standing) -> None:
    stage.order()
    stage.hosted.vendor.state.accounts[""].groups.clear()
    stage.seed = lambda **_: None  # type: ignore[method-assign, assignment]
    outcome = one(stage, "stop")
    assert (outcome.state, outcome.ground) == ("manual", "group-unknown")
    assert stage.account()["suppressed"] == []


def test_a_restriction_suppresses_globally_and_is_not_lifted_by_a_program(stage: Standing) -> None:
    assert one(stage, "restrict").state == "verified"
    lifted = one(stage, "lift")
    assert (lifted.state, lifted.ground) == ("manual", "suppression-may-be-hers")
    assert stage.account()["suppressed"] == [LOW]


def test_her_new_address_is_added_before_the_old_one_goes(stage: Standing) -> None:
    stage.hosted.seed({"accounts": {"": {"contacts": []}}})
    stage.hosted.vendor.state.accounts[""].book.__init__()
    stage.seed = lambda **more: stage.hosted.seed(  # type: ignore[method-assign]
        {"accounts": {"": {"contacts": [{"email": LOW, "first_name": "Maija", "city": "Vaasa"}], **more}, "news": {}}}
    )
    run = moved(stage, suppressed=[LOW])
    assert (run.last.state, run.last.how) == ("verified", "read-back")
    (contact,) = stage.account()["contacts"]
    assert (contact["email"], contact["first_name"], contact["city"]) == (NEW, "Maija", "Vaasa")
    # Whoever was not to be written to is not to be written to at the new address either.
    assert stage.account()["suppressed"] == [LOW, NEW]


def test_a_contact_with_more_than_its_address_is_moved_by_a_person(stage: Standing) -> None:
    run = moved(stage)  # it has an id of the shop's
    assert (run.last.state, run.last.ground) == ("manual", "identifiers-besides-address")
    assert NEW not in json.dumps(stage.hosted.held())


@pytest.mark.parametrize("changes", [{"phone": "+358401234567"}, {"name": "x" * 200}, {"email": "no address"}])
def test_what_has_no_field_is_corrected_by_a_person(stage: Standing, changes: dict[str, str]) -> None:
    before = stage.order("rectify") and stage.hosted.held()
    outcome = one(stage, "rectify", changes=changes)
    assert (outcome.state, outcome.ground) == ("manual", "field-unknown")
    assert stage.hosted.held() == before


def test_what_is_no_contact_is_not_said_to_be_corrected(stage: Standing) -> None:
    outcome = one(stage, "rectify", identifiers=(("email", "nobody@example.fi"),))
    assert (outcome.state, outcome.ground) == ("partial", "no-contact")


def test_what_is_read_of_her_are_records_by_category(stage: Standing) -> None:
    stage.order()
    stage.seed(suppressed=[LOW], spam_reports=[LOW])
    outcome = one(stage, "collect")
    assert (outcome.state, outcome.ground) == ("verified", "mail-data-unread")
    records = read_records(outcome.evidence)
    tables = sorted({each.table for each in records})
    assert tables == ["blocks", "bounces", "contact", "global unsubscribe", "invalid_emails", "spam_reports"]
    (contact,) = [each for each in records if each.table == "contact"]
    told = {cell.name: (cell.value, cell.category, cell.nature) for cell in contact.cells}
    assert told["email"] == (LOW, "email", "provided")
    assert told["first_name"] == ("Maija", "name", "provided")
    assert told["external_id"] == ("C-1001", "customer_id", "provided")
    assert "id" not in told
    assert {cell.purpose for each in records for cell in each.cells} == {"newsletter"}
    assert OTHER not in outcome.evidence.decode()


def test_nothing_found_is_not_said_to_be_nothing_held(stage: Standing) -> None:
    outcome = one(stage, "collect", identifiers=(("email", "nobody@example.fi"),))
    assert (outcome.state, outcome.ground, read_records(outcome.evidence)) == ("verified", "mail-data-unread", ())


def test_an_action_of_someone_else_is_not_mixed_up_when_told_together(stage: Standing) -> None:
    erased = stage.order("erase", key="1", task="t-1", identifiers=(("email", OTHER),))
    stopped = stage.order("stop", key="2", task="t-2", identifiers=(("email", HERS),))

    async def run() -> Any:
        connector = stage.connector()
        try:
            return await connector.send_together([stopped, erased, replace(stopped, task="t-3", action="send")])
        finally:
            await connector.close()

    assert [each.state for each in asyncio.run(run())] == ["verified", "sent", "manual"]
