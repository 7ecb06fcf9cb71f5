"""Every call that the connectors make, and every answer of the sandbox, is what Google's own types and schemas allow."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.descriptor import PROOFS, Proof
from connectors.descriptors import load_descriptors
from connectors.sandbox.faults import Kind
from connectors.sandbox.google.ads import REMOVE
from lineage.cases.orders import Outcome
from tests.connectors.vendors.google.stages import (
    ADS,
    ANALYTICS,
    CUSTOMER,
    DEVICE,
    HALF_AN_HOUR,
    MAIL,
    PHONE,
    PROPERTY,
    Google,
    ask,
    of_ads,
    of_analytics,
    run,
    seeded,
    send,
    uploaded,
)
from tests.vendors import google as truth
from tests.vendors.specifications import raw


def paths(document: str) -> set[tuple[str, str]]:
    """All methods of a discovery document, as (HTTP method, path)."""

    def inside(part: Any) -> set[tuple[str, str]]:
        found = {(each["httpMethod"], each["path"]) for each in part.get("methods", {}).values()}
        return found.union(*(inside(each) for each in part.get("resources", {}).values()))

    return inside(raw(document))


def test_every_removal_is_what_google_takes(ads: Google) -> None:
    seeded(ads)
    who = [("email", f"m{number}@example.fi") for number in range(12)]
    orders = [of_ads(uploaded(*who, ("phone", PHONE))), of_ads(uploaded(("email", MAIL), audience="aud-lapsed"))]
    run(ads.connector(ADS), "send_together", orders)
    send(ads, of_ads(), f"{ADS}, login_account: '1234500000', validate_only: true")
    bodies = ads.wire.bodies(":remove")
    assert len(bodies) == 2
    assert [truth.faults(truth.REMOVE, each) for each in bodies] == [[], []]


def test_every_deletion_is_what_google_takes(analytics: Google) -> None:
    analytics.hosted.seed({"properties": {PROPERTY: {}}})
    who = (("customer_id", CUSTOMER), ("device_id", DEVICE), ("email", MAIL), ("phone", PHONE))
    more = "identifiers: {email: [google-email@1], phone: [google-phone@1]}"
    for devices in ("clientId", "appInstanceId"):
        settings = f"{ANALYTICS}, user_ids: true, device_ids: {devices}"
        assert run(analytics.connector(settings, more), "send", of_analytics(*who)).state == "promised"
    bodies = analytics.wire.bodies(":submitUserDeletion")
    assert len(bodies) == 8
    assert not [found for each in bodies if (found := truth.faults(truth.DELETE, each))]
    assert all(len(json.loads(each)) == 1 for each in bodies)


def test_every_path_and_parameter_is_in_googles_documents(ads: Google, analytics: Google) -> None:
    seeded(ads)
    order = of_ads()
    ask(ads, replace(order, handle=send(ads, order).handle))
    analytics.hosted.seed({"properties": {PROPERTY: {}}})
    run(analytics.connector(ANALYTICS), "send", of_analytics())
    called = {(call.method, urlsplit(call.url)) for google in (ads, analytics) for call, _, _ in google.wire.sent}
    made = {(method, url.path.lstrip("/").replace(f"properties/{PROPERTY}", "{+name}")) for method, url in called}
    assert made - {("POST", "token")} == {
        ("POST", "v1/audienceMembers:remove"),
        ("GET", "v1/requestStatus:retrieve"),
        ("POST", "v1alpha/{+name}:submitUserDeletion"),
    }
    assert made - {("POST", "token")} <= paths(truth.DATA_MANAGER) | paths(truth.ADMIN)
    assert {name for _, url in called for name in parse_qs(url.query)} == {"requestId"}


def test_every_answer_of_the_sandbox_is_what_google_may_answer(ads: Google, analytics: Google) -> None:
    seeded(ads)
    analytics.hosted.seed({"properties": {PROPERTY: {}}})
    run(analytics.connector(ANALYTICS), "send", of_analytics())
    for kind in (None, Kind.PARTIAL, Kind.ERROR_INSIDE, Kind.LIE):
        if kind:
            ads.hosted.fault(kind, REMOVE)
        order = of_ads(uploaded(*(("email", f"m{number}@example.fi") for number in range(23))))
        order = replace(order, handle=send(ads, order).handle)
        ask(ads, order)
        ads.later(HALF_AN_HOUR)
        ask(ads, order)
    endings = {":remove": truth.REMOVED, "requestStatus:retrieve": truth.STATUS, ":submitUserDeletion": truth.DELETED}
    answers = [
        (what, answer.body)
        for google in (ads, analytics)
        for call, _, answer in google.wire.sent
        for ending, what in endings.items()
        if urlsplit(call.url).path.endswith(ending) and answer
    ]
    assert len(answers) == 13
    assert not [found for what, body in answers if (found := truth.faults(what, body))]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        (truth.REMOVE, {"audienceMember": []}),
        (truth.REMOVE, {"encoding": "hex"}),
        (truth.REMOVE, {"audienceMembers": [{"userData": {"userIdentifiers": [{"email": "x"}]}}]}),
        (truth.REMOVE, {"destinations": {"reference": "1"}}),
        (truth.DELETE, {"clientId": "1", "userId": "2"}),
        (truth.DELETE, {"client": "1"}),
        (truth.DELETE, {"clientId": 1}),
        (truth.STATUS, {"requestStatusPerDestination": [{"requestStatus": "FAILURE"}]}),
    ],
)
def test_the_judges_find_what_is_wrong(what: tuple[str, str], body: object) -> None:
    assert truth.faults(what, json.dumps(body).encode())


CLAIMS: dict[str, Proof] = {"accepted": "accepted", "promised": "promised", "verified": "verified", "not_held": "none"}


@pytest.mark.parametrize("action", ["erase", "collect", "rectify", "restrict", "stop"])
def test_no_outcome_claims_more_than_the_descriptors_say(ads: Google, analytics: Google, action: Any) -> None:
    seeded(ads)
    analytics.hosted.seed({"properties": {PROPERTY: {}}})
    order = of_ads(action=action)
    sent = send(ads, order)
    ads.later(HALF_AN_HOUR)
    outcomes: dict[str, Sequence[Outcome]] = {
        "google-ads": [sent, ask(ads, replace(order, handle=sent.handle))],
        "google-analytics": [run(analytics.connector(ANALYTICS), "send", of_analytics(action=action))],
    }
    for party, seen in outcomes.items():
        meaning = load_descriptors()[party].means_for(action)
        assert meaning
        claimed = [CLAIMS[each.state] for each in seen if each.state in CLAIMS]
        assert all(PROOFS.index(each) >= PROOFS.index(meaning.proof) for each in claimed)
        if meaning.proof == "none":
            assert {each.state for each in seen} == {"manual"}
        else:
            assert seen[-1].state == meaning.proof
