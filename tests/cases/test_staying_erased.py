"""Whoever was erased stays erased, whatever comes late, again or otherwise written; and may come back herself."""

import hashlib
from itertools import permutations

import pytest

from lineage.cases.case import Case
from lineage.errors import Retryable
from tests.cases.events import (
    account,
    changed,
    disclosed,
    handed_on,
    linked,
    mailed,
    order,
    payment,
    shipment,
    subscribed,
)
from tests.cases.stage import Stage, iso, task_of

ASKED = "2026-07-01T10:00:00+03:00"
OLD = "2026-04-01T10:00:00+03:00"
HER = ("customer_id", "C-1")
PHONE = "0401234567"
HASHED = hashlib.sha256(b"anna@example.fi").hexdigest()


def erased(stage: Stage, *named: tuple[str, str]) -> Case:
    stage.record(account(phone=PHONE), order(), payment(), subscribed(), mailed())
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", *(named or (HER,)))))
    stage.at("2026-07-20T10:00:00+03:00")
    return case


@pytest.mark.parametrize(
    "late",
    [
        mailed(provider="epostservice"),
        mailed("  ANNA@Example.FI ", provider="epostservice"),
        mailed("list@example.fi", customer_id="C-1", provider="epostservice"),
        disclosed("epostservice", "newsletter", ["email"], ("phone", "+358 40 1234567")),
        disclosed("epostservice", "newsletter", ["email"], ("email", HASHED)),
        disclosed("epostservice", "newsletter", ["email"], ("order_id", "O-1")),
    ],
    ids=["same id", "other case", "other address", "phone", "hashed", "order"],
)
def test_an_event_from_before_is_held_back_and_whoever_got_it_is_told(stage: Stage, late: dict[str, object]) -> None:
    case = erased(stage)
    outcome = stage.record({**late, "occurred_at": OLD})
    assert (outcome.recorded, outcome.held_back, outcome.late) == (0, 1, 1)
    case = stage.run(case)
    (incident,) = case.incidents
    assert (incident["source"], incident["target"]) == ("order-system", "epostservice")
    assert task_of(case, "epostservice").state == "verified"
    (told,) = stage.told("epostservice")
    assert told.identifiers, "it is told by what it was sent"
    assert stage.holders(*HER) == stage.holders("email", "anna@example.fi") == set()
    assert case.state == "partly-done"


def test_what_is_late_is_judged_by_when_it_happened_and_not_by_when_it_came(stage: Stage) -> None:
    erased(stage)
    before, after = stage.work.case(stage.work.journal.cases()[0].case).entombed, stage.now
    assert before
    assert stage.record(mailed(occurred_at=iso(before), campaign_id="k-3")).held_back == 1
    assert stage.record(mailed(occurred_at=iso(before + 1), campaign_id="k-4")).recorded == 1
    assert after > before


def test_the_same_late_event_however_often_it_comes_is_one_incident(stage: Stage) -> None:
    case = erased(stage)
    late = mailed(event_id="late", occurred_at=OLD)
    for _ in range(3):
        stage.record(late)
        case = stage.run(case)
    assert len(case.incidents) == 1
    assert len([each for each in case.tasks.values() if each.party == "sendgrid"]) == 2


def test_a_replay_of_all_there_ever_was_changes_nothing_and_calls_nobody(stage: Stage) -> None:
    arrived = stage.now
    events = [{**each, "event_id": f"r-{number}", "occurred_at": iso(arrived)} for number, each in enumerate(
        [account(phone=PHONE), order(), payment(), shipment(), subscribed(), mailed()])]  # fmt: skip
    stage.record(*events)
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    counts, calls = stage.work.graph.counts(), {party: len(each.seen) for party, each in stage.parties.by_id.items()}
    for replayed in (events, events[::-1]):
        assert stage.record(*replayed, arrived=arrived).late == 0
    case = stage.run(case)
    assert stage.work.graph.counts() == counts
    assert {party: len(each.seen) for party, each in stage.parties.by_id.items()} == calls
    assert not case.incidents


def test_a_nightly_file_of_a_partner_brings_nobody_back(stage: Stage) -> None:
    case = erased(stage)
    again = {"holder": "microsoft", "recipient": "order-system", "purpose": "licence", "categories": ["email", "name"]}
    row = {"type": "DataDisclosed", "identifiers": [{"kind": "email", "value": "anna@example.fi"}], **again}
    for night in range(2):
        stage.record({**row, "event_id": f"night-{night}", "occurred_at": OLD})
    case = stage.run(case)
    assert [each["source"] for each in case.incidents] == ["microsoft", "microsoft"]
    assert stage.holders("email", "anna@example.fi") == set()


def test_whoever_comes_back_is_somebody_new(stage: Stage) -> None:
    case = erased(stage)
    new = {"customer_id": "C-8", "email": "anna@example.fi"}
    assert stage.record(account(**new), order("O-9", **new), subscribed()).recorded == 3
    assert stage.holders("customer_id", "C-8") == {"order-system", "backup"}
    assert stage.holders(*HER) == stage.holders("order_id", "O-1") == set()
    assert stage.may("sendgrid", "newsletter") == ()
    stage.record(mailed(event_id="old", occurred_at=OLD))
    stage.run(case)
    assert stage.holders("customer_id", "C-8") == {"order-system", "backup"}, "what is late of the old one is not hers"


def test_whoever_comes_back_may_be_erased_again(stage: Stage) -> None:
    first = erased(stage)
    new = {"customer_id": "C-8", "email": "anna@example.fi"}
    stage.record(account(**new), mailed(customer_id="C-8", campaign_id="k-7"))
    stage.at("2026-08-20T10:00:00+03:00")
    second = stage.approve(stage.preview(stage.open("erasure", ("email", "anna@example.fi"))))
    assert second.id != first.id
    assert (second.state, second.duplicate_of) == ("closed", None)
    assert stage.holders("customer_id", "C-8") == set()
    assert len(stage.told("sendgrid")) == 2


def test_a_link_from_before_does_not_bring_her_back(stage: Stage) -> None:
    case = erased(stage)
    stage.record(account(customer_id="C-2", email="bert@example.fi"))
    outcome = stage.record(linked(HER, ("customer_id", "C-2"), occurred_at=OLD))
    assert outcome.held_back == 1
    assert len(stage.run(case).incidents) == 1
    assert stage.holders("customer_id", "C-2") == {"order-system", "backup"}


def test_of_a_late_event_about_two_people_the_part_of_the_other_stays(stage: Stage) -> None:
    erased(stage)
    gift = {"name": "Cecilia C", "email": "cecilia@example.fi"}
    outcome = stage.record(order("O-3", consignee=gift, occurred_at=OLD))
    assert (outcome.recorded, outcome.late) == (1, 1)
    assert "order-system" in stage.holders("email", "cecilia@example.fi")
    assert stage.holders(*HER) == set()


@pytest.mark.parametrize("turn", [*permutations(range(3))], ids=str)
def test_events_out_of_order_end_the_same_whichever_came_first(stage: Stage, turn: tuple[int, ...]) -> None:
    case = erased(stage)
    late = [mailed(campaign_id="a"), changed(email="anna@other.example"), mailed("anna@other.example", campaign_id="b")]
    for number in turn:
        stage.record({**late[number], "occurred_at": OLD})
    case = stage.run(case)
    assert stage.holders(*HER) == set()
    assert len([each for each in case.tasks.values() if each.party == "sendgrid"]) >= 2


def unnamed(event: dict[str, object]) -> dict[str, object]:
    """An event that says by its references alone whose it is."""
    return {name: value for name, value in event.items() if name not in {"customer_id", "email", "phone"}}


@pytest.mark.parametrize("at_once", [False, True])
def test_what_follows_a_late_order_is_late_too_though_it_names_nobody(stage: Stage, at_once: bool) -> None:
    erased(stage)
    booked = unnamed(shipment("S-9", "O-9"))
    three = [{**each, "occurred_at": OLD} for each in (order("O-9", customer_id="C-1"), booked, handed_on("S-9"))]
    for some in [three] if at_once else [[each] for each in three]:
        outcome = stage.record(*some)
        assert (outcome.recorded, outcome.late) == (0, len(some))
    case = stage.run(stage.work.case(stage.work.journal.cases()[0].case))
    assert {task_of(case, party).state for party in ("posti", "dhl")} == {"verified"}
    for kind, value in (("order_id", "O-9"), ("shipment_id", "S-9")):
        assert stage.holders(kind, value) == set()


def test_a_late_order_of_another_who_is_named_beside_her_stays_the_others(stage: Stage) -> None:
    erased(stage)
    others = order("O-9", customer_id="C-2", email="anna@example.fi", occurred_at=OLD)
    assert stage.record(others).late == 1
    assert stage.record({**unnamed(shipment("S-9", "O-9")), "occurred_at": OLD}).recorded == 1
    assert stage.holders("order_id", "O-9") == {"posti"}


def test_an_order_of_hers_from_after_the_erasure_is_recorded_with_what_follows(stage: Stage) -> None:
    erased(stage)
    assert stage.record(order("O-9", customer_id="C-1", occurred_at=iso(stage.now))).recorded == 1
    assert stage.record({**unnamed(shipment("S-9", "O-9")), "occurred_at": iso(stage.now)}).recorded == 1
    assert "posti" in stage.holders(*HER)


def test_while_nobody_can_tell_who_is_erased_nothing_is_recorded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    erased(stage)
    counts = stage.work.graph.counts()

    def away(_keys: object) -> None:
        raise Retryable("the key ring is away")

    monkeypatch.setattr(type(stage.work.memory), "entombed", lambda _self, keys: away(keys))
    with pytest.raises(Retryable):
        stage.record(mailed(campaign_id="k-5"))
    with pytest.raises(Retryable):
        stage.may("sendgrid", "newsletter")
    monkeypatch.undo()
    assert stage.work.graph.counts() == counts


def test_what_came_back_after_the_case_was_closed_opens_it_again_and_closes_it_for_good(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert case.state == "closed"
    stage.at("2027-05-01T10:00:00+03:00")
    stage.record(mailed(provider="epostservice", occurred_at=OLD))
    case = stage.run(case)
    assert case.state == "closed"
    assert task_of(case, "epostservice").due > "2027-05-01"
    assert len(stage.told("epostservice")) == 1


@pytest.mark.parametrize("held", [False, True], ids=["closed at once", "with a hold"])
def test_with_the_end_of_a_case_all_that_it_knew_of_her_is_gone(stage: Stage, held: bool) -> None:
    stage.record(account(), mailed(), *([order(), payment()] if held else []))
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    stage.at("2026-09-01T10:00:00+03:00")
    stage.record(mailed(provider="epostservice", occurred_at=OLD))
    case = stage.run(case)
    stage.at("2034-01-01T10:00:00+02:00")
    case = stage.run(case)
    assert case.state == "closed"
    assert len([each for each in stage.work.journal.entries(case.id) if each.sealed]) > 1
    assert not [each for each in stage.work.journal.entries(case.id) if stage.work.personal(each)]
