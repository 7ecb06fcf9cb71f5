"""Who is told what: those who really got something, each in the form of its role, by what it was sent, in a safe order."""

import json

from lineage.cases.orders import Order, Outcome
from tests.cases.events import account, claim, disclosed, handed_on, mailed, order, payment, shipment, subscribed
from tests.cases.stage import ACCEPTED, VERIFIED, Party, Stage, away, iso, task_of

ASKED = "2026-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")


def bought(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), handed_on(), payment(), subscribed(), mailed())
    stage.at(ASKED)


def test_a_bank_is_notified_and_a_processor_is_instructed_and_an_authority_is_not_told(stage: Stage) -> None:
    stage.record(disclosed("police", "authority-inquiry", ["name"]), disclosed("nordea", "payment", ["name"]))
    bought(stage)
    case = stage.preview(stage.open("erasure", HER))
    forms = {each.party: each.form for each in case.tasks.values()}
    assert (forms["nordea"], forms["sendgrid"], forms["order-system"]) == ("notice", "instruction", "internal")
    assert "police" not in forms


def test_one_company_with_two_roles_is_told_in_each(stage: Stage) -> None:
    stage.record(
        account(), disclosed("nets", "payment", ["name", "payment"]), disclosed("nets", "fraud-prevention", ["name"])
    )
    stage.at(ASKED)
    case = stage.preview(stage.open("erasure", HER))
    roles = {(each["party"], each["purpose"]): each["role"] for each in case.plan["items"]}
    assert roles["nets", "payment"] != roles["nets", "fraud-prevention"]
    assert len({each.form for each in case.tasks.values() if each.party == "nets"}) == 2


def test_only_those_who_got_something_are_told(stage: Stage) -> None:
    stage.record(account(), order(), mailed())
    stage.record(
        account(customer_id="C-2", email="bert@example.fi"), mailed("bert@example.fi", provider="epostservice")
    )
    stage.at(ASKED)
    stage.approve(stage.preview(stage.open("erasure", HER)))
    assert {party for party, each in stage.parties.by_id.items() if each.seen} == {"order-system", "sendgrid"}


def test_what_goes_out_names_nothing_but_what_this_party_was_sent(stage: Stage) -> None:
    bought(stage)
    stage.approve(stage.preview(stage.open("erasure", HER)))
    sent = {"sendgrid": {"anna@example.fi"}, "dhl": {"S-1"}, "posti": {"S-1", "O-1", "C-1"}}
    for party, values in sent.items():
        (told,) = stage.told(party)
        assert {value for _, value in told.identifiers} <= values
        assert told.changes == {}
        assert "Anna A" not in json.dumps([*told.identifiers, told.key, told.task, told.case])


def test_whoever_passed_it_on_is_told_after_those_it_went_to_and_our_own_systems_after_all(stage: Stage) -> None:
    bought(stage)
    turns: list[str] = []

    def answer(order_: Order) -> Outcome:
        turns.append(order_.party)
        return VERIFIED

    for party in ("dhl", "posti", "sendgrid", "order-system"):
        stage.parties.by_id[party] = Party(answer)
    stage.approve(stage.preview(stage.open("erasure", HER)))
    assert turns.index("dhl") < turns.index("posti") < turns.index("order-system")
    assert turns.index("sendgrid") < turns.index("order-system")


def test_parties_in_a_circle_or_reached_by_two_ways_have_one_task_each(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), handed_on(), handed_on(from_carrier="dhl", to_carrier="posti"))
    stage.record(handed_on(from_carrier="posti", to_carrier="ups"), handed_on(from_carrier="dhl", to_carrier="ups"))
    stage.at("2026-09-01T10:00:00+03:00")
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    for party in ("posti", "dhl", "ups"):
        assert len([each for each in case.tasks.values() if each.party == party]) == 1
        assert len(stage.told(party)) == 1
    assert stage.told("ups")[0].task in {*task_of(case, "posti").after, *task_of(case, "dhl").after}


def test_who_got_it_after_she_asked_or_after_the_plan_is_told_too(stage: Stage) -> None:
    bought(stage)
    case = stage.preview(stage.open("erasure", HER))
    stage.record(mailed(provider="epostservice", occurred_at=iso(stage.now)))
    stage.parties.by_id["sendgrid"] = Party(lambda _order: ACCEPTED)
    case = stage.approve(case)
    assert len(stage.told("epostservice")) == 1
    stage.record(disclosed("google-ads", "advertising", ["email"], ("email", "anna@example.fi")))
    stage.parties.by_id["sendgrid"].asked = lambda _order: Outcome("verified", how="read-back")
    stage.at("2026-05-01T12:00:00+03:00")
    stage.run(case)
    assert len(stage.told("google-ads")) == 1
    assert stage.holders(*HER) == set()


def test_a_job_number_is_no_erasure_and_is_asked_after_until_it_is_one(stage: Stage) -> None:
    bought(stage)
    answers = [ACCEPTED, Outcome("accepted", how="job-running", ask_again_in=60), Outcome("verified", how="read-back")]
    stage.parties.by_id["sendgrid"] = Party(lambda _order: answers.pop(0), asked=lambda _order: answers.pop(0))
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert (task_of(case, "sendgrid").state, case.state, case.answered) == ("accepted", "carrying-out", None)
    assert stage.told("sendgrid")[0].handle is None
    stage.at("2026-05-01T12:00:00+03:00")
    assert task_of(stage.run(case), "sendgrid").state == "accepted"
    stage.at("2026-05-01T14:00:00+03:00")
    case = stage.run(case)
    assert (task_of(case, "sendgrid").state, case.state) == ("verified", "partly-done")


def test_who_has_nothing_any_more_is_done_and_who_keeps_it_says_why(stage: Stage) -> None:
    bought(stage)
    stage.parties.by_id["sendgrid"] = Party(lambda _order: Outcome("not_held", how="signed-answer"))
    stage.parties.by_id["dhl"] = Party(lambda _order: Outcome("declined", how="signed-answer", ground="own-contract"))
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert task_of(case, "sendgrid").state == "not_held"
    assert (task_of(case, "dhl").state, task_of(case, "dhl").ground) == ("declined", "own-contract")
    assert case.state == "partly-done"


def test_one_dead_party_of_many_delays_nobody_and_is_overdue_on_its_day(stage: Stage) -> None:
    bought(stage)
    stage.parties.by_id["sendgrid"] = Party(away)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    others = [each for each in case.tasks.values() if each.until is None and each.party != "sendgrid"]
    assert {each.state for each in others} == {"verified", "promised"}
    assert (task_of(case, "sendgrid").state, case.answered) == ("queued", None)
    due = task_of(case, "sendgrid").due
    stage.at(f"{due}T23:59:59+03:00")
    assert task_of(stage.run(case), "sendgrid").state == "queued"
    stage.at("2026-06-05T09:00:00+03:00")
    case = stage.run(case)
    assert [each.party for each in case.tasks.values() if each.state == "overdue"] == ["sendgrid"]
    assert case.answered is not None
    assert case.alarmed
    assert stage.holders(*HER) == set()
    stage.parties.by_id["sendgrid"].answer = lambda _order: Outcome("verified", how="read-back")
    stage.at("2026-06-07T09:00:00+03:00")
    case = stage.run(case)
    assert task_of(case, "sendgrid").state == "verified"
    assert len({each.key for each in stage.told("sendgrid")}) == 1


def test_a_declared_copy_is_told_though_no_event_showed_it(stage: Stage) -> None:
    stage.record(account(), claim())
    stage.at(ASKED)
    case = stage.preview(stage.open("erasure", HER))
    backup = task_of(case, "backup")
    assert (backup.state, backup.observed, backup.by) == ("promised", False, "2026-07-30") or backup.by
    assert not backup.observed


def test_a_party_that_nobody_declared_is_told_all_the_same(stage: Stage) -> None:
    stage.record(account(), disclosed("competition-sponsor", "competition", ["email"], ("email", "anna@example.fi")))
    stage.record(disclosed("other-vendor", "advertising", ["email"], ("email", "anna@example.fi")))
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert task_of(case, "competition-sponsor").state == "verified"
    assert (task_of(case, "other-vendor").form, task_of(case, "other-vendor").state) == ("notice", "verified")


def test_all_device_ids_of_a_person_go_and_not_just_the_last(stage: Stage) -> None:
    for device in ("d-1", "d-2", "d-3"):
        view = {
            "type": "PageViewed",
            "device_id": device,
            "customer_id": "C-1",
            "page": "/tv",
            "platform": "google-analytics",
        }
        stage.record(view)
    stage.record(account())
    stage.at(ASKED)
    stage.approve(stage.preview(stage.open("erasure", HER)))
    (told,) = stage.told("google-analytics")
    assert {value for kind, value in told.identifiers if kind == "device_id"} == {"d-1", "d-2", "d-3"}


def test_a_company_that_got_her_data_at_her_own_wish_is_not_told_of_the_erasure(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.record({
        "type": "DataDisclosed", "holder": "order-system", "recipient": "other-vendor", "purpose": "rights",
        "identifiers": [{"kind": "customer_id", "value": "C-1"}], "categories": ["email", "name"],
    })  # fmt: skip
    stage.at(ASKED)
    case = stage.preview(stage.open("erasure", ("customer_id", "C-1")))
    assert {each.party for each in case.tasks.values()} == {"backup", "order-system", "sendgrid"}
