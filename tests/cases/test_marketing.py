"""Marketing stops for whoever says so, at once and everywhere; what a contract needs goes on."""

import pytest

from lineage.cases.deciding import approve, withdraw
from lineage.cases.lifting import lift
from lineage.graph import NOW
from lineage.where import where
from tests.cases.events import account, disclosed, mailed, order, payment, shipment, subscribed, unsubscribed
from tests.cases.stage import Stage, iso, task_of
from tests.cases.stepping import Killed, Steps, stepped

ASKED = "2026-05-01T10:00:00+03:00"
HER, MAIL = ("customer_id", "C-1"), ("email", "anna@example.fi")


@pytest.fixture(autouse=True)
def known(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), payment(), subscribed(customer_id="C-1"), mailed(customer_id="C-1"))
    stage.record(
        {
            "type": "ConsentChanged",
            "customer_id": "C-1",
            "purpose": "advertising",
            "granted": True,
            "consent_text": "v1",
        }
    )
    upload = {"type": "AudienceUploaded", "customer_id": "C-1", "email": "anna@example.fi", "audience_id": "a-1"}
    stage.record(
        {**upload, "platform": "meta", "sent_as": "sha256"}, {**upload, "platform": "google-ads", "sent_as": "raw"}
    )
    stage.at(ASKED)


def test_whoever_unsubscribes_is_no_longer_mailed_or_advertised_to_and_gets_her_parcels(stage: Stage) -> None:
    case = stage.approve(stage.preview(stage.open("unsubscribe", MAIL)))
    assert {each.party for each in case.tasks.values()} >= {"sendgrid", "meta", "google-ads"}
    assert not {each.party for each in case.tasks.values()} & {"posti", "klarna"}
    assert not stage.told("posti")
    assert not stage.told("klarna")
    assert {each.action for each in stage.told("sendgrid")} == {"stop"}
    assert "unsubscribe" in stage.may("sendgrid", "newsletter")
    assert stage.may("posti", "delivery") == stage.may("klarna", "payment") == ()
    assert "posti" in stage.holders(*HER), "nothing is erased"


def test_an_objection_is_no_erasure_of_the_account(stage: Stage) -> None:
    before = stage.holders(*HER)
    case = stage.approve(stage.preview(stage.open("objection", HER)))
    assert case.state == "closed"
    assert stage.holders(*HER) == before
    assert not stage.work.memory.tombstones()
    assert "objection" in stage.may("meta", "advertising")


def test_a_new_consent_after_unsubscribing_counts_again(stage: Stage) -> None:
    stage.approve(stage.preview(stage.open("unsubscribe", MAIL)))
    stage.at("2026-06-01T10:00:00+03:00")
    stage.record(subscribed(customer_id="C-1"))
    assert stage.may("sendgrid", "newsletter") == ()


def test_a_consent_is_judged_at_the_moment_of_each_mail_and_not_of_its_processing(stage: Stage) -> None:
    stage.record(unsubscribed(customer_id="C-1", occurred_at="2026-05-01T10:00:00+03:00"))
    stage.at("2026-05-01T10:05:00+03:00")

    def drift() -> tuple[str, ...]:
        answer = where(stage.work.graph, stage.work.register, stage.key(*HER), NOW, stage.now)
        return next(each.drift for each in answer.holdings if each.party.id == "sendgrid")

    stage.record(mailed(customer_id="C-1", occurred_at="2026-05-01T09:59:00+03:00", campaign_id="k-2"))
    assert drift() == ()
    stage.record(mailed(customer_id="C-1", occurred_at="2026-05-01T10:01:00+03:00", campaign_id="k-3"))
    assert drift() == ("no-consent",)


def test_what_keeps_her_out_of_the_next_mailing_outlives_her_erasure(stage: Stage) -> None:
    stage.approve(stage.preview(stage.open("objection", HER)))
    stage.approve(stage.preview(stage.open("erasure", HER)))
    assert {"objection", "erased", "no-consent"} <= {*stage.may("sendgrid", "newsletter", HER)}
    assert {"objection", "erased"} <= {*stage.may("sendgrid", "newsletter")}


def test_a_restriction_stops_all_but_what_the_law_and_claims_need_until_it_is_lifted(stage: Stage) -> None:
    case = stage.approve(stage.preview(stage.open("restriction", HER)))
    assert {each.action for each in stage.told("posti")} == {"restrict"}
    assert stage.may("posti", "delivery") == ("restriction",)
    assert stage.may("multicare", "claim") == ()
    assert "restriction" not in stage.may("product-safety-authority", "recall")
    stage.at("2026-06-01T10:00:00+03:00")
    lift(stage.work, case.id, "2026-05-31")
    stage.run(case)
    assert [each.action for each in stage.told("posti")] == ["restrict", "lift"]
    assert stage.may("posti", "delivery") == ()


def test_an_open_case_of_erasure_or_access_stops_no_parcel(stage: Stage) -> None:
    for right in ("erasure", "access"):
        stage.preview(stage.open(right, HER))
    assert stage.may("posti", "delivery") == stage.may("multicare", "claim") == ()


@pytest.mark.parametrize("right", ["objection", "unsubscribe", "restriction"])
def test_the_inflow_stays_stopped_though_the_process_ended_as_it_was_being_stopped(stage: Stage, right: str) -> None:
    case = stage.preview(stage.open(right, HER))  # type: ignore[arg-type]  # all are rights
    steps, whole = Steps(), stage.work
    stage.work = stepped(whole, steps)
    steps.kill_at(1, done=False)
    with pytest.raises(Killed):
        approve(stage.work, case.id)
    assert steps.names == ["add approved", "suppress"]
    stage.work = whole
    assert stage.run(case).state == "closed"
    assert right in stage.may("sendgrid", "newsletter", HER)


def test_a_restriction_that_is_withdrawn_restricts_nothing(stage: Stage) -> None:
    case = stage.preview(stage.open("restriction", HER))
    approve(stage.work, case.id)
    stage.at("2026-05-01T10:05:00+03:00")
    withdraw(stage.work, case.id)
    assert stage.may("posti", "delivery", HER) == ()


def test_a_sponsor_and_whoever_relied_on_the_same_consent_are_told_too(stage: Stage) -> None:
    stage.record(disclosed("competition-sponsor", "advertising", ["email"], MAIL, occurred_at=iso(stage.now - 1)))
    case = stage.approve(stage.preview(stage.open("unsubscribe", MAIL)))
    assert task_of(case, "competition-sponsor").state == "verified"
