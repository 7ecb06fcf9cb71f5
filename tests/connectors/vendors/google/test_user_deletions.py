import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from connectors.calling import Answer, Call, NotSent
from connectors.sandbox.faults import Kind
from connectors.sandbox.google.analytics import PATH
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Retryable
from tests.connectors.vendors.google.stages import (
    ANALYTICS,
    CUSTOMER,
    DEVICE,
    MAIL,
    PROPERTY,
    Google,
    of_analytics,
    said,
)

DAY = 86_400
DEVICES = tuple(("device_id", f"{number}.1700000000") for number in range(1, 5))
EMAILS = "identifiers: {email: [google-email@1]}"


def send(connector: Any, order: Order) -> Outcome:
    async def run() -> Outcome:
        try:
            outcome: Outcome = await connector.send(order)
            return outcome
        finally:
            await connector.close()

    return asyncio.run(run())


def held(google: Google, where: str = "reports") -> dict[str, list[str]]:
    found: dict[str, list[str]] = google.hosted.held()["properties"][PROPERTY][where]
    return found


def seeded(google: Google, **users: list[str]) -> None:
    google.hosted.seed({"properties": {PROPERTY: users}})


def sent(google: Google) -> list[Any]:
    return [json.loads(each) for each in google.wire.bodies(":submitUserDeletion")]


def test_every_device_on_the_order_is_deleted_and_that_is_promised_by_googles_own_day(analytics: Google) -> None:
    seeded(analytics, clientId=[value for _, value in DEVICES] + ["another"])
    outcome = send(analytics.connector(ANALYTICS), of_analytics(*DEVICES))
    assert (outcome.state, outcome.how, outcome.by, outcome.handle) == ("promised", "http-200", "2025-08-16", None)
    assert sent(analytics) == [{"clientId": value} for _, value in DEVICES]
    assert b"deletionRequestTime" in outcome.evidence
    analytics.later(3 * DAY)
    assert held(analytics)["clientId"] == ["another"]
    assert DEVICES[0][1] in held(analytics, "servers")["clientId"]
    analytics.later(59 * DAY)
    assert held(analytics, "servers")["clientId"] == ["another"]


def test_each_identifier_goes_into_the_one_field_that_google_knows_it_by(analytics: Google) -> None:
    seeded(analytics)
    who = (("customer_id", CUSTOMER), ("device_id", DEVICE), ("email", "Mai.Ja+news @Gmail.com"), ("order_id", "1"))
    outcome = send(analytics.connector(f"{ANALYTICS}, user_ids: true", EMAILS), of_analytics(*who))
    assert outcome.state == "promised"
    assert sent(analytics) == [
        {"userId": CUSTOMER},
        {"clientId": DEVICE},
        {"userProvidedData": "maija+news@gmail.com"},
    ]


def test_what_google_was_never_sent_is_not_sent_now(analytics: Google) -> None:
    seeded(analytics)
    who = (("customer_id", CUSTOMER), ("email", MAIL), ("device_id", DEVICE))
    send(analytics.connector(ANALYTICS), of_analytics(*who))
    assert sent(analytics) == [{"clientId": DEVICE}]


def test_app_instances_are_named_as_such(analytics: Google) -> None:
    seeded(analytics)
    send(analytics.connector(f"{ANALYTICS}, device_ids: appInstanceId"), of_analytics())
    assert sent(analytics) == [{"appInstanceId": DEVICE}]


def test_without_an_identifier_that_it_takes_a_person_must_act(analytics: Google) -> None:
    outcome = send(analytics.connector(ANALYTICS), of_analytics(("customer_id", CUSTOMER)))
    assert (outcome.state, outcome.ground) == ("manual", "no-identifier-it-takes")
    assert not analytics.wire.sent


def test_an_address_that_is_a_hash_cannot_be_said_and_the_task_stays_partial(analytics: Google) -> None:
    seeded(analytics)
    outcome = send(analytics.connector(ANALYTICS, EMAILS), of_analytics(("device_id", DEVICE), ("email", "a" * 64)))
    assert (outcome.state, outcome.ground) == ("partial", "identifier-not-taken")
    assert sent(analytics) == [{"clientId": DEVICE}]


def test_a_copy_in_bigquery_stays_a_persons_task(analytics: Google) -> None:
    seeded(analytics)
    outcome = send(analytics.connector(ANALYTICS.replace("false", "true")), of_analytics())
    assert (outcome.state, outcome.ground, outcome.by) == ("partial", "bigquery-export-by-hand", "2025-08-16")


def test_an_old_property_is_closed_with_evidence_and_nothing_is_called(analytics: Google) -> None:
    outcome = send(analytics.connector("universal: UA-1234567-1, bigquery_export: false"), of_analytics())
    assert (outcome.state, outcome.how) == ("not_held", "vendor-closed")
    assert json.loads(outcome.evidence)["property"] == "UA-1234567-1"
    assert not analytics.wire.sent


@pytest.mark.parametrize("action", ["stop", "restrict", "lift", "rectify", "collect", "send"])
def test_what_there_is_no_call_for_is_a_persons_task(analytics: Google, action: str) -> None:
    connector = analytics.connector(ANALYTICS)
    assert send(connector, of_analytics(action=action)).state == "manual"
    assert asyncio.run(connector.ask(of_analytics())).state == "manual"
    assert not analytics.wire.sent


def test_five_hundred_a_day_are_kept_across_restarts_and_the_rest_goes_on_after_midnight_in_the_west(
    analytics: Google,
) -> None:
    seeded(analytics)
    order = of_analytics(*(("device_id", f"{number}") for number in range(504)))
    outcome = send(analytics.connector(ANALYTICS, "limits: {timeout: 300}"), order)
    assert (outcome.state, outcome.handle) == ("sent", "500/504/0")
    # 2025-06-15 15:06:40 UTC is 08:06:40 there: until midnight it is 15 h 53 min 20 s
    assert outcome.ask_again_in == 57_200
    assert outcome.evidence.count(b"deletionRequestTime") == 500
    again = replace(order, handle=outcome.handle, attempt=2)
    with pytest.raises(Later) as raised:
        send(analytics.connector(ANALYTICS), again)
    assert raised.value.seconds == 57_200
    analytics.later(57_200)
    outcome = send(analytics.connector(ANALYTICS), replace(again, attempt=3))
    assert (outcome.state, outcome.by) == ("promised", "2025-08-17")
    assert analytics.hosted.held()["deletions"] == 504
    assert [each["clientId"] for each in sent(analytics)] == [f"{number}" for number in range(504)]


def test_a_fault_in_the_middle_loses_nothing_that_was_done(analytics: Google) -> None:
    seeded(analytics)
    order = of_analytics(*DEVICES)
    outcomes = []
    for kind in (Kind.BROKEN, Kind.BUSY, Kind.DROPPED_AFTER):
        analytics.hosted.fault(Kind.LATE, PATH, seconds=0)  # the first call goes well, the second does not
        analytics.hosted.fault(kind, PATH)
        outcomes.append(send(analytics.connector(ANALYTICS), order))
        order = replace(order, handle=outcomes[-1].handle, attempt=order.attempt + 1)
    outcomes.append(send(analytics.connector(ANALYTICS), order))
    assert [each.state for each in outcomes] == ["sent", "sent", "sent", "promised"]
    assert [each.handle for each in outcomes] == ["1/4/0", "2/4/0", "3/4/0", None]
    assert [each.ask_again_in for each in outcomes] == [2.0, 7.0, 2.0, None]
    told = [each["clientId"] for each in sent(analytics)]
    assert list(dict.fromkeys(told)) == [value for _, value in DEVICES]
    assert len(told) == 7


@pytest.mark.parametrize(
    "answer",
    [
        said(200),
        said(200, error={"code": 500, "message": MAIL}),
        said(200, deletionRequestTime="yesterday"),
        said(200, deletionRequestTime="2001-01-01T00:00:00Z"),
        said(200, deletionRequestTime=["2025-06-15T15:06:40Z"]),
        said(400, error={"code": 400, "message": MAIL}),
        Answer(200, {}, b'{"deletionRequestTime": "2025-06-1'),
        Answer(200, {}, b"<html>"),
        Answer(204, {}, b""),
    ],
)
def test_an_answer_that_fits_nothing_is_failed_with_the_answer_kept(analytics: Google, answer: Answer) -> None:
    seeded(analytics)
    analytics.wire.answers.append(answer)
    outcome = send(analytics.connector(ANALYTICS), of_analytics())
    assert (outcome.state, outcome.ground, outcome.evidence) == ("failed", "identifiers-refused", answer.body)
    assert MAIL not in repr(replace(outcome, evidence=b""))


def test_one_identifier_that_google_refuses_does_not_stop_the_others(analytics: Google) -> None:
    seeded(analytics)
    analytics.wire.answers.append(said(400, error={"code": 400}))
    outcome = send(analytics.connector(ANALYTICS), of_analytics(*DEVICES))
    assert (outcome.state, outcome.ground) == ("partial", "identifiers-refused")
    assert len(sent(analytics)) == 4


def test_a_403_over_a_quota_passes_and_any_other_is_a_right_that_is_missing(analytics: Google) -> None:
    seeded(analytics)
    quota = {"code": 403, "status": "PERMISSION_DENIED", "errors": [{"reason": "rateLimitExceeded"}]}
    analytics.wire.answers.append(said(403, error=quota))
    with pytest.raises(Retryable, match="over a quota"):
        send(analytics.connector(ANALYTICS), of_analytics())
    with pytest.raises(Misconfigured, match="give the service account its role"):
        send(analytics.connector(ANALYTICS.replace(PROPERTY, "9")), of_analytics())
    analytics.wire.answers.append(said(404))
    with pytest.raises(Misconfigured, match="no such property"):
        send(analytics.connector(ANALYTICS), of_analytics())


def test_a_dry_run_shows_the_call_and_makes_none(analytics: Google) -> None:
    shown: list[Call] = []
    with pytest.raises(NotSent):
        send(analytics.connector(ANALYTICS, dry=shown.append), of_analytics())
    assert [(each.method, each.body) for each in shown] == [("POST", json.dumps({"clientId": DEVICE}).encode())]
    assert not analytics.hosted.counts


@pytest.mark.parametrize("handle", [None, "", "4/5/0", "9/4/0", "1/4/2", "x", "-1/4/0", "1/4", "99999999999/4/0"])
def test_a_handle_of_something_else_begins_anew(analytics: Google, handle: str | None) -> None:
    seeded(analytics)
    send(analytics.connector(ANALYTICS), of_analytics(*DEVICES, handle=handle))
    assert len(sent(analytics)) == 4
