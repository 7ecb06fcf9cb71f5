"""One person's life in order of time: what was recorded, looked at and asked for, and what is left of who is erased."""

from contextlib import closing
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineage.graph import Until
from lineage.revealing import Looked
from lineage.stores.ordering import SqliteOrder
from lineage.timeline import Asked, Moment, Timeline, timeline
from schemas.records import microseconds
from tests.cases.events import account, linked, mailed, order, shipment, subscribed, unsubscribed
from tests.cases.stage import Stage, iso

HER = ("customer_id", "C-1")
BERT = {"customer_id": "C-2", "email": "bert@example.fi"}
NIGHT = "2026-03-02T03:00:00+02:00"


def viewed(customer: str = "C-1", **told: Any) -> dict[str, Any]:
    told = {"viewer": "back-office", "viewer_ref": "desk-1", "purpose": "order", "categories": ["name"], **told}
    return {"type": "RecordViewed", "customer_id": customer, **told}


def asked(
    stage: Stage, named: tuple[str, str] = HER, *, looks: list[Looked] | None = None, **span: Any
) -> tuple[Timeline, list[Moment]]:
    times = {name: microseconds(time) for name, time in span.items()}
    until = Until(times.pop("at", None), times.pop("known_at", None))
    with closing(SqliteOrder()) as ordered:
        found = timeline(stage.work, looks or [], Asked(stage.key(*named), until, **times), ordered)
        return found, list(ordered.in_order())


def kinds(moments: list[Moment]) -> list[str]:
    return [each.told["step"] if each.kind == "case" else each.kind for each in moments]


def test_what_happened_is_told_in_order_of_when_it_occurred_and_not_of_when_it_came(stage: Stage) -> None:
    stage.record(shipment(occurred_at=NIGHT), unsubscribed(occurred_at="2026-03-03T09:00:00Z"))
    stage.at("2026-03-05T09:00:00+02:00")
    stage.record(account(occurred_at="2026-03-01T09:00:00+02:00"), subscribed(occurred_at="2026-03-01T10:00:00+02:00"))
    found, moments = asked(stage)
    assert found.person.candidates == 1
    assert sorted(kinds(moments)[1:3]) == ["consented", "disclosed"]  # of one event
    assert [kinds(moments)[each] for each in (0, 3, 4)] == ["disclosed", "disclosed", "withdrew"]
    assert moments[0].recorded == microseconds("2026-03-05T09:00:00+02:00")
    assert moments[3].told["to"] == "posti"
    assert moments[3].told["basis"] == "contract"


def test_a_look_by_staff_is_told_apart_and_who_it_was_is_not_told(stage: Stage) -> None:
    stage.record(account(occurred_at="2026-02-28T09:00:00+02:00"), viewed())
    _, moments = asked(stage)
    assert kinds(moments) == ["disclosed", "looked-up"]
    assert moments[1].told["purpose"] == "order"
    assert "desk-1" not in str(moments)


def test_no_value_of_hers_is_in_any_moment(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), subscribed(), mailed(), viewed())
    case = stage.approve(stage.preview(stage.open("access", HER)))
    assert case.id
    _, moments = asked(stage, looks=[Looked(stage.now, "desk-2", "customer_id:C-1", "she called about O-1")])
    told = str(moments)
    assert "revealed" in kinds(moments)
    assert not [each for each in ("C-1", "anna", "Anna", "O-1", "Katu", "desk") if each in told]


def test_both_times_are_travelled_and_an_interval_can_be_cut_out(stage: Stage) -> None:
    stage.record(account(), shipment(occurred_at=NIGHT))
    stage.at("2026-03-05T09:00:00+02:00")
    stage.record(shipment("S-2", "O-2", occurred_at="2026-03-01T12:00:00+02:00"))
    assert len(asked(stage)[1]) == 3
    assert len(asked(stage, at="2026-03-01T12:00:00+02:00")[1]) == 2
    assert len(asked(stage, known_at="2026-03-04T00:00:00Z")[1]) == 2
    assert len(asked(stage, since="2026-03-01T12:00:00+02:00")[1]) == 2
    assert len(asked(stage, by="2026-03-01T11:59:59+02:00")[1]) == 1
    assert [each.at for each in asked(stage, since=NIGHT, by=NIGHT)[1]] == [microseconds(NIGHT)]


def test_cases_are_told_with_what_each_party_came_to_and_when_the_message_had_come(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), subscribed(), mailed())
    came = microseconds("2026-02-27T09:00:00+02:00")
    case = stage.approve(stage.preview(stage.open("unsubscribe", HER, received=came)))
    _, moments = asked(stage)
    steps = [each for each in moments if each.kind == "case"]
    assert (steps[0].told["step"], steps[0].at, steps[0].recorded) == ("received", came, stage.now)
    mail = [each.told for each in steps if each.told.get("party") == "sendgrid"]
    assert mail[-1] == {
        "shared": False, "case": case.id, "right": "unsubscribe", "step": "task", "party": "sendgrid",
        "action": mail[-1]["action"], "state": "verified", "how": "signed-answer",
    }  # fmt: skip


def test_what_several_persons_share_is_marked_and_asked_by_it_all_of_it_is(stage: Stage) -> None:
    phone = ("phone", "+358401234567")
    stage.record(account(phone=phone[1]), account(**BERT, phone=phone[1]), subscribed("bert@example.fi"))
    own = {"type": "ConsentChanged", "device_id": "D-1", "purpose": "analytics", "granted": True, "consent_text": "v"}
    stage.record({**own, "customer_id": "C-1"}, {**own, "customer_id": "C-2"}, {**own, "granted": False})
    found, moments = asked(stage)
    assert found.person.candidates == 1
    assert [each.told["shared"] for each in moments if each.kind == "withdrew"] == [True]
    assert not [each for each in moments if each.kind == "disclosed" and each.told["shared"]]
    found, moments = asked(stage, ("device_id", "D-1"))
    assert found.person.candidates == 2
    assert [each.told["shared"] for each in moments] == [True]


def test_the_case_of_another_who_shares_an_identifier_is_marked_too(stage: Stage) -> None:
    phone = ("phone", "+358401234567")
    stage.record(account(phone=phone[1]), account(**BERT, phone=phone[1]))
    stage.open("access", phone)
    steps = [each for each in asked(stage)[1] if each.kind == "case"]
    assert steps
    assert all(each.told["shared"] for each in steps)


def test_looks_at_many_persons_are_counted_and_ascribed_to_nobody(stage: Stage) -> None:
    stage.record(account(), account(**BERT))
    case = stage.open("access", ("customer_id", "C-2"))
    looks = [
        Looked(stage.now, "desk", "reached:posti", "breach"),
        Looked(stage.now + 1, "desk", "recall:X 1..2", "recall"),
        Looked(stage.now + 2, "desk", "email:anna@example.fi", "called in"),
        Looked(stage.now + 3, "desk", case.id, "his case"),
        Looked(stage.now + 4, "desk", "reached:posti", "counts", in_clear=False),
    ]
    found, moments = asked(stage, looks=looks)
    assert found.many == 2
    assert [each.at - stage.now for each in moments if each.kind == "revealed"] == [2]
    assert asked(stage, looks=looks, by=iso(stage.now))[0].many == 1


def test_a_look_over_the_api_is_hers_by_whichever_way_it_is_written_down(stage: Stage) -> None:
    stage.record(account(), account(**BERT))
    his = stage.open("access", ("customer_id", "C-2"))
    case = stage.open("access", HER)
    anna, bert = (stage.key(*each).hex() for each in (("email", "anna@example.fi"), ("customer_id", "C-2")))
    asked_for = (f"where:{anna}", f"case:{case.id}", f"where:{bert}", f"case:{his.id}", "where:00")
    for in_clear, kind in ((True, "revealed"), (False, "asked-about")):
        looks = [Looked(stage.now + n, "desk", what, "", in_clear) for n, what in enumerate(asked_for)]
        _, moments = asked(stage, looks=looks)
        assert [each.at - stage.now for each in moments if each.kind == kind] == [0, 1]


def test_a_person_who_is_erased_has_only_what_her_case_tells_by_any_identifier_of_hers(stage: Stage) -> None:
    stage.record(account(), subscribed(), mailed())
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert case.forgotten is not None
    for named in (HER, ("email", "anna@example.fi")):
        found, moments = asked(stage, named)
        assert [each for each, _ in found.erased] == [case.id]
        assert {each.kind for each in moments} == {"case"}
        assert {"received", "approved", "forgotten", "partly-done"} <= set(kinds(moments))


def test_who_comes_back_is_told_of_from_then_on_and_that_an_earlier_one_was_erased(stage: Stage) -> None:
    stage.record(account())
    stage.approve(stage.preview(stage.open("erasure", HER)))
    stage.at("2026-04-01T09:00:00+03:00")
    stage.record(account())
    found, moments = asked(stage)
    assert found.person.candidates == 1
    assert len(found.erased) == 1
    assert [each.at for each in moments if each.kind == "disclosed"] == [stage.now]


def test_nobody_has_no_moments(stage: Stage) -> None:
    stage.record(account())
    found, moments = asked(stage, ("customer_id", "C-9"))
    assert (found.person.candidates, found.erased, moments) == (0, (), [])


def test_a_decision_that_two_are_one_is_told_once(stage: Stage) -> None:
    stage.record(account(), account(**BERT), linked(HER, ("customer_id", "C-2")))
    assert kinds(asked(stage)[1]).count("linked") == 1


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.sampled_from("abc"))))
def test_an_order_gives_each_moment_once_by_both_times(times: list[tuple[int, int, str]]) -> None:
    with closing(SqliteOrder()) as ordered:
        for at, recorded, key in times:
            ordered.add([Moment(at, recorded, key, "case", {"step": "received"})])
        found = [each[:3] for each in ordered.in_order()]
    assert found == sorted(set(times))
