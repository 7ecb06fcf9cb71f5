import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors.calling import Call, NotSent
from connectors.normalisers import sha256_hex
from connectors.protocol import Together
from connectors.sandbox.faults import Kind
from connectors.sandbox.google.ads import REMOVE, REMOVE_ALL, STATUS
from connectors.waiting import Later
from lineage.cases.orders import Outcome
from lineage.errors import JalkiError, Misconfigured
from tests.connectors.vendors.google.stages import (
    ADS,
    HALF_AN_HOUR,
    LIST,
    MAIL,
    PHONE,
    Google,
    ask,
    converted,
    held,
    of_ads,
    run,
    said,
    seeded,
    send,
    taken,
    uploaded,
)


def sent(google: Google) -> list[Any]:
    return [json.loads(each) for each in google.wire.bodies(":remove")]


def hashes(request: Any) -> list[list[str]]:
    return [
        [value for each in member["userData"]["userIdentifiers"] for value in each.values()]
        for member in request["audienceMembers"]
    ]


def test_a_person_is_removed_where_she_was_sent_and_that_is_promised_when_google_says_so(ads: Google) -> None:
    seeded(ads, MAIL, PHONE, "another@example.fi")
    order = of_ads(uploaded(("email", MAIL), ("phone", "040 123 4567"), ("customer_id", "C-1")))
    outcome = send(ads, order)
    assert (outcome.state, outcome.how, outcome.ask_again_in) == ("accepted", "http-200", HALF_AN_HOUR)
    asked = replace(order, handle=outcome.handle, attempt=2)
    waiting = ask(ads, asked)
    assert (waiting.state, waiting.handle, waiting.ask_again_in) == ("accepted", outcome.handle, 2 * HALF_AN_HOUR)
    ads.later(HALF_AN_HOUR)
    done = ask(ads, replace(asked, attempt=3))
    assert (done.state, done.by, done.ground, done.handle) == ("promised", "2025-06-15", None, None)
    assert json.loads(done.evidence)[0]["lists"] == {LIST: "SUCCESS"}
    assert held(ads)[LIST] == [f"email:{sha256_hex('another@example.fi')}"]
    assert len(held(ads)["7002"]) == 3


def test_every_form_that_google_may_have_got_is_named(ads: Google) -> None:
    seeded(ads)
    send(ads, of_ads(uploaded(("email", "Mai.Ja+News@Gmail.com"), ("phone", "040 123 4567"))))
    forms = ["Mai.Ja+News@Gmail.com", "maija@gmail.com", "maija+news@gmail.com", "040 123 4567", PHONE]
    assert sorted(hashes(sent(ads)[0])[0]) == sorted(map(sha256_hex, forms))
    assert sent(ads)[0]["encoding"] == "HEX"


def test_a_hash_that_was_sent_is_named_as_it_is(ads: Google) -> None:
    seeded(ads)
    send(ads, of_ads(uploaded(("email", sha256_hex(MAIL).upper()))))
    assert hashes(sent(ads)[0]) == [[sha256_hex(MAIL)]]


def test_more_than_ten_identifiers_are_several_members(ads: Google) -> None:
    seeded(ads)
    who = [("email", f"m{number}@example.fi") for number in range(23)]
    send(ads, of_ads(uploaded(*who)))
    found = hashes(sent(ads)[0])
    assert [len(each) for each in found] == [10, 10, 3]
    assert {one for each in found for one in each} == {sha256_hex(value) for _, value in who}


def test_each_list_hears_only_of_what_was_sent_there(ads: Google) -> None:
    seeded(ads, MAIL, PHONE)
    outcome = send(ads, of_ads(uploaded(("email", MAIL)), uploaded(("phone", PHONE), audience="aud-lapsed")))
    assert [
        (each["destinationReferences"], *each["userData"]["userIdentifiers"][0])
        for each in (sent(ads)[0]["audienceMembers"])
    ] == [([LIST], "emailAddress"), (["7002"], "phoneNumber")]
    ads.later(HALF_AN_HOUR)
    assert ask(ads, of_ads(handle=outcome.handle)).state == "promised"
    assert held(ads) == {LIST: [f"phone:{sha256_hex(PHONE)}"], "7002": [f"email:{sha256_hex(MAIL)}"]}


def test_an_order_that_does_not_say_where_is_about_every_list_in_the_settings(ads: Google) -> None:
    seeded(ads, MAIL)
    assert send(ads, replace(of_ads(), sendings=())).state == "accepted"
    assert [each["productDestinationId"] for each in sent(ads)[0]["destinations"]] == [LIST, "7002"]
    ads.later(HALF_AN_HOUR)
    assert held(ads) == {LIST: [], "7002": []}


@pytest.mark.parametrize("action", ["lift", "rectify", "collect", "send"])
def test_what_there_is_no_call_for_is_a_persons_task(ads: Google, action: str) -> None:
    assert send(ads, of_ads(action=action)).state == "manual"
    assert not ads.wire.sent


def test_conversions_are_a_persons_task_alone_or_as_the_rest_of_a_task(ads: Google) -> None:
    seeded(ads)
    alone = send(ads, of_ads(converted(("email", MAIL), ("order_id", "O-1"))))
    assert (alone.state, alone.ground) == ("manual", "conversions-by-hand")
    both = of_ads(uploaded(("email", MAIL)), converted(("order_id", "O-1")))
    outcome = send(ads, both)
    assert outcome.state == "accepted"
    ads.later(HALF_AN_HOUR)
    done = ask(ads, replace(both, handle=outcome.handle))
    assert (done.state, done.ground) == ("partial", "conversions-by-hand")


def test_an_audience_of_no_known_list_is_a_persons_task(ads: Google) -> None:
    outcome = send(ads, of_ads(uploaded(("email", MAIL), audience="aud-unknown")))
    assert (outcome.state, outcome.ground) == ("manual", "list-unknown")
    assert not ads.wire.sent


def test_a_list_that_google_does_not_know_spoils_no_other(ads: Google) -> None:
    seeded(ads, MAIL)
    settings = ADS.replace("'7002'", "'9999'")
    good, bad = of_ads(), of_ads(uploaded(("email", MAIL), audience="aud-lapsed"))
    mixed = of_ads(uploaded(("email", MAIL)), uploaded(("email", MAIL), audience="aud-lapsed"))
    answers = run(ads.connector(settings), "send_together", [good, bad, mixed])
    assert [each.state for each in answers] == ["accepted", "failed", "accepted"]
    assert (answers[1].how, answers[1].ground) == ("http-400", "removal-refused")
    assert b"product_destination_id" in answers[1].evidence
    assert len(ads.wire.bodies(":remove")) == 3
    ads.later(HALF_AN_HOUR)
    orders = [replace(each, handle=answer.handle) for each, answer in ((good, answers[0]), (mixed, answers[2]))]
    done = run(ads.connector(settings), "ask_together", orders)
    assert [(each.state, each.ground) for each in done] == [("promised", None), ("partial", "partly-removed")]


def test_one_look_tells_of_everybody_in_a_request(ads: Google) -> None:
    seeded(ads)
    connector = ads.connector(ADS)
    assert isinstance(connector, Together)
    orders = [of_ads(uploaded(("email", f"m{number}@example.fi"))) for number in range(50)]

    async def told() -> tuple[Sequence[Any], Sequence[Any], Outcome]:
        try:
            answers = await connector.send_together(orders)
            asked = [replace(each, handle=come.handle) for each, come in zip(orders, answers, strict=True)]
            ads.later(HALF_AN_HOUR)
            looks = await connector.ask_together(asked)
            return answers, looks, await connector.ask(asked[0])
        finally:
            await connector.close()

    answers, looks, later = asyncio.run(told())
    assert {each.state for each in answers} == {"accepted"}
    assert {each.state for each in looks} == {"promised"}
    assert later == looks[0]
    assert ads.hosted.counts["POST", REMOVE] == 1
    assert ads.hosted.counts["GET", STATUS] == 1
    assert len({each.handle for each in answers}) == 50


def test_what_failed_for_one_is_not_said_of_another(ads: Google) -> None:
    seeded(ads)
    ads.hosted.fault(Kind.PARTIAL, REMOVE)
    orders = [of_ads(uploaded(("email", f"m{number}@example.fi"))) for number in range(4)]
    asked = taken(ads, orders)
    states = [(each.state, each.ground) for each in run(ads.connector(ADS), "ask_together", asked)]
    assert states == [("promised", None)] * 2 + [("failed", "removal-failed")] * 2


def test_where_nobody_says_whose_part_failed_nobody_is_said_to_be_removed(ads: Google) -> None:
    seeded(ads)
    asked = taken(ads, [of_ads(), of_ads()])
    destination = {"productDestinationId": LIST}
    for counts in ([], [{"recordCount": "1"}], [{"recordCount": "2", "recordIndices": [1, 1]}]):
        status = {"destination": destination, "requestStatus": "PARTIAL_SUCCESS", "errorInfo": {"errorCounts": counts}}
        ads.wire.answers.append(said(200, requestStatusPerDestination=[status]))
        outcomes = run(ads.connector(ADS), "ask_together", asked)
        assert [(each.state, each.ground) for each in outcomes] == [("partial", "partly-removed")] * 2


def test_a_request_that_failed_is_failed_with_the_answer_kept(ads: Google) -> None:
    seeded(ads, MAIL)
    ads.hosted.fault(Kind.ERROR_INSIDE, REMOVE)
    (order,) = taken(ads, [of_ads()])
    outcome = ask(ads, order)
    assert (outcome.state, outcome.ground) == ("failed", "removal-failed")
    assert json.loads(outcome.evidence)[0]["lists"] == {LIST: "FAILED"}
    assert held(ads)[LIST]


def test_a_status_that_does_not_come_is_a_persons_task_in_the_end(ads: Google) -> None:
    seeded(ads)
    order = of_ads()
    handle = send(ads, order).handle
    waits = [ask(ads, replace(order, handle=handle, attempt=each)).ask_again_in for each in (2, 3, 4, 5, 60)]
    assert waits == [3_600, 7_200, 14_400, 21_600, 21_600]
    last = ask(ads, replace(order, handle=handle, attempt=61))
    assert (last.state, last.ground) == ("manual", "no-status-in-time")


@pytest.mark.parametrize("handle", [None, "", "x", "refused", "r 0-0", "r 0-0 7001;", "ä 0-0 1", "r 0-0 7001;x"])
def test_a_handle_that_is_none_of_ours_is_a_persons_task(ads: Google, handle: str | None) -> None:
    assert ask(ads, of_ads(handle=handle)).state == "manual"


def test_a_request_that_google_does_not_know_is_failed(ads: Google) -> None:
    outcome = ask(ads, of_ads(handle=f"unknown 0-0 {LIST}"))
    assert (outcome.state, outcome.how, outcome.ground) == ("failed", "http-404", "request-unknown")


def test_judging_alone_removes_nobody_and_says_so(ads: Google) -> None:
    seeded(ads, MAIL)
    outcome = send(ads, of_ads(), f"{ADS}, validate_only: true")
    assert (outcome.state, outcome.how) == ("manual", "validated-only")
    assert sent(ads)[0]["validateOnly"] is True
    assert ads.hosted.held()["requests"] == 0


def test_a_dry_run_shows_the_call_and_makes_none(ads: Google) -> None:
    shown: list[Call] = []
    with pytest.raises(NotSent):
        run(ads.connector(ADS, dry=shown.append), "send", of_ads())
    assert [each.url.rpartition("/")[2] for each in shown] == ["audienceMembers:remove"]
    assert not ads.hosted.counts


def test_the_same_order_twice_has_its_effect_once(ads: Google) -> None:
    seeded(ads, MAIL, PHONE)
    order = of_ads()
    for _ in range(2):
        assert send(ads, order).state == "accepted"
    ads.later(HALF_AN_HOUR)
    assert held(ads)[LIST] == [f"phone:{sha256_hex(PHONE)}"]


def test_rights_that_are_missing_are_told_with_the_party(ads: Google) -> None:
    seeded(ads)
    with pytest.raises(Misconfigured, match="the calls for google-ads"):
        send(ads, of_ads(), ADS.replace("1234567890", "1111111111"))


def test_calls_are_counted_before_they_are_made(ads: Google) -> None:
    seeded(ads)
    more = "limits: {rates: {requests: {calls: 1, seconds: 60}}}"
    connector = ads.connector(ADS, more)
    other = of_ads(uploaded(("email", MAIL), audience="7002"))

    async def told() -> Sequence[Outcome | JalkiError]:
        try:
            await connector.send(of_ads())
            answers: Sequence[Outcome | JalkiError] = await connector.send_together([other, other])
            return answers
        finally:
            await connector.close()

    answers = asyncio.run(told())
    assert all(isinstance(each, Later) for each in answers)
    assert len(sent(ads)) == 1


def test_nothing_was_ever_asked_that_clears_a_list(ads: Google) -> None:
    seeded(ads, MAIL)
    taken(ads, [of_ads()])
    assert ("POST", REMOVE_ALL) not in ads.hosted.counts
    assert ads.hosted.held()["wiped"] == 0
