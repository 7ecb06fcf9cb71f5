"""The plan of a case: who is asked to do what, with which identifiers, in which order; told from another by its digest."""

from collections.abc import Sequence
from itertools import chain, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lineage.cases.items import Seen, items
from lineage.cases.plan_changes import difference
from lineage.cases.planning import Asked, Planned, plan
from lineage.cases.rights import rule
from lineage.cases.words import Right
from lineage.register import load_register
from tests.lineage.cases.seeing import at, paid, placed, seen, shipped, subscribed
from tests.lineage.register.small import CATEGORIES

CASE, SECRET, NOW = "2026-ABCDEFGH", bytes(32), at("2026-05-01")
REGISTER = load_register(None, CATEGORIES)
EVERYTHING = [
    placed("O-1", "2026-03-01"),
    shipped("O-1", "2026-03-02"),
    seen("posti", "dhl", "delivery", "address name", "2026-03-03", "order_id:O-1", "shipment_id:S-O-1"),
    paid("O-1", "2026-03-01"),
    paid("O-2", "2024-03-01"),
    subscribed("2026-03-04"),
    seen("order-system", "sendgrid", "newsletter", "email", "2026-03-05"),
    seen("order-system", "police", "authority-inquiry", "name", "2026-03-06"),
]
some_seen = st.lists(st.sampled_from(EVERYTHING), min_size=1)


def planned(found: Sequence[Seen], right: Right = "erasure", **asked: Any) -> Planned:
    told = Asked(CASE, rule(right), **{"secret": SECRET, "purposes": rule(right).purposes or (), **asked})
    return plan(told, items(found, (), REGISTER, NOW), found, REGISTER, "2026-05-25", {"holds": "2026-1"})


def tasks_of(made: Planned, party: str) -> list[dict[str, Any]]:
    return [each for each in made.said["tasks"] if each["party"] == party]


@given(some_seen, st.randoms(use_true_random=False))
def test_the_order_and_the_repetition_of_what_was_seen_change_no_plan(found: list[Seen], chance: Any) -> None:
    other = [*dict.fromkeys(map(EVERYTHING.index, found))]
    chance.shuffle(other)
    again = planned([EVERYTHING[each] for each in other])
    made = planned(found)
    assert made.digest == again.digest
    assert made.personal["payloads"] == again.personal["payloads"]


@given(some_seen)
def test_each_party_is_told_what_it_got_and_nothing_else(found: list[Seen]) -> None:
    made = planned(found)
    for task in made.said["tasks"]:
        got = {pair for each in found if each.disclosure.route.target == task["party"] for pair in each.identifiers}
        told = {tuple(each) for each in made.personal["payloads"][task["task"]]["identifiers"]}
        assert told <= got
        assert told or not task["observed"]
    reached = {each.disclosure.route.target for each in found}
    reached |= {copy.target for copy in REGISTER.declared.copies if copy.source in reached}
    assert {each["party"] for each in made.said["tasks"]} <= reached - {"police"}


@given(some_seen)
def test_nobody_waits_in_a_circle_and_nobody_waits_for_what_is_held(found: list[Seen]) -> None:
    tasks = {each["task"]: each for each in planned(found).said["tasks"]}
    done: set[str] = set()
    while new := {id_ for id_, each in tasks.items() if id_ not in done and done >= {*each["after"]}}:
        done |= new
    assert done == tasks.keys()
    assert not any("until" in tasks[other] for each in tasks.values() for other in each["after"])
    assert not any(each["after"] for each in tasks.values() if "until" in each)


def test_a_carrier_waits_for_the_one_it_handed_the_parcel_on_to() -> None:
    made = planned(EVERYTHING[:3], "rectification", changes={"name": "Anna B"})
    ((posti,), (dhl,)) = tasks_of(made, "posti"), tasks_of(made, "dhl")
    assert posti["after"] == [dhl["task"]]
    assert dhl["after"] == []


def test_what_is_held_to_different_days_is_a_task_for_each_with_its_own_identifiers() -> None:
    made = planned(EVERYTHING)
    held = {each["until"]: each for each in tasks_of(made, "paytrail") if "until" in each}
    assert set(held) == {"2030-12-31", "2032-12-31"}
    for until, order in (("2030-12-31", "O-2"), ("2032-12-31", "O-1")):
        payload = dict(made.personal["payloads"][held[until]["task"]]["identifiers"])
        assert (payload["order_id"], held[until]["rule"]) == (order, "H01")


def test_where_purposes_are_chosen_only_those_are_acted_on() -> None:
    assert {each["party"] for each in planned(EVERYTHING, "unsubscribe").said["tasks"]} >= {"sendgrid"}
    assert not tasks_of(planned(EVERYTHING, "unsubscribe"), "posti")
    (only,) = tasks_of(planned(EVERYTHING, "restriction", purposes=("delivery",)), "posti")
    assert only["purposes"] == ["delivery"]


def test_a_party_hears_the_new_value_only_of_what_it_has() -> None:
    made = planned(EVERYTHING, "rectification", changes={"name": "Anna B", "bank_account": "FI00"})
    for task in made.said["tasks"]:
        assert made.personal["payloads"][task["task"]]["changes"] == {"name": "Anna B"}
    assert not tasks_of(made, "sendgrid")


def test_a_right_that_asks_nobody_has_no_task() -> None:
    assert planned(EVERYTHING, "access").said["tasks"] == []
    assert planned(EVERYTHING, "access").said["items"]


def test_nothing_personal_stands_in_what_is_not_sealed() -> None:
    said = str(planned(EVERYTHING, "rectification", changes={"name": "Anna B"}).said)
    values = {value for each in EVERYTHING for kind, value in each.identifiers} | {"Anna B"}
    assert not [value for value in values if value in said]


def test_the_digest_tells_plans_apart_by_all_that_is_sent_and_by_the_secret() -> None:
    more = seen("order-system", "sendgrid", "newsletter", "email", "2026-03-05", "email:b@example.fi", event="other")
    again = seen("order-system", "sendgrid", "newsletter", "email", "2026-03-05", event="again")
    made = planned(EVERYTHING)
    assert planned([*EVERYTHING, again]).digest == made.digest
    digests = {each.digest for each in (made, planned([*EVERYTHING, more]), planned(EVERYTHING[:-2]))}
    assert len(digests | {planned(EVERYTHING, secret=bytes(31) + b"1").digest}) == 4


@given(some_seen, some_seen)
def test_a_difference_is_named_exactly_where_there_is_one(one: list[Seen], other: list[Seen]) -> None:
    before, after = planned(one), planned(other)
    lines = difference(before.said, after.said)
    assert bool(lines) == (before.digest != after.digest)
    values = {value for each in EVERYTHING for _, value in each.identifiers}
    assert not [line for line, value in product(lines, values) if value in line.text]


def test_tasks_of_a_later_plan_have_names_of_their_own() -> None:
    names = [[each["task"] for each in planned(EVERYTHING, round=number).said["tasks"]] for number in (0, 1, 2)]
    assert len({*chain(*names)}) == sum(map(len, names))
