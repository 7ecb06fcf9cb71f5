"""The truth about fields: who is named by one, whether it was there at all; and about the whole, in any order."""

from random import Random

import pytest

from streams.shop import simulate
from streams.shop.truth import Truth
from tests.streams.shop.cases import account, categories, disclosed, event, order, parties


def test_a_disclosure_may_name_anybody_by_any_reference_and_name_and_address_name_nobody() -> None:
    named = disclosed(("name", "A"), ("payment_id", "P1"), ("claim_id", "K1"), ("address", "x"), ("serial", "S"))
    assert Truth([named]).identifiers() == ["claim_id:K1", "payment_id:P1"]
    assert Truth([named]).where("claim_id:K1")["identifiers"] == {"claim_id": 1, "payment_id": 1}
    anyone = disclosed(("loyalty_card", "9"), ("consignee", "O1"))
    assert Truth([anyone]).where("loyalty_card:9")["identifiers"] == {"consignee": 1, "loyalty_card": 1}


def test_the_first_listed_of_the_highest_kind_owns_the_others() -> None:
    truth = Truth([disclosed(("email", "a@b.example"), ("email", "b@b.example"), ("phone", "0401234567"))])
    assert truth.where("email:b@b.example")["identifiers"] == {"email": 2, "phone": 1}


def test_a_circle_of_owners_is_one_root() -> None:
    circle = [
        disclosed(("email", "a@b.example"), ("email", "b@b.example")),
        disclosed(("email", "b@b.example"), ("email", "a@b.example")),
    ]
    answer = Truth([*circle, order("O1", "a@b.example")]).where("order_id:O1")
    assert (answer["candidates"], answer["identifiers"]) == (1, {"email": 2, "order_id": 1})
    assert parties(answer) == {"order-system": 1, "police": 2}


def test_a_withdrawal_identifies_and_discloses_nothing() -> None:
    left = event("NewsletterUnsubscribed", email="a@b.example", source="link", customer_id="C1")
    answer = Truth([left]).where("email:a@b.example")
    assert answer == {"identifiers": {"customer_id": 1, "email": 1}, "candidates": 1, "holdings": [], "shared": []}


@pytest.mark.parametrize(
    "card", ["4111111111111111", "4111 1111-1111 1111", "(4111111111111111)", "maksoin 4111 1111 1111 1111."]
)
def test_a_field_with_a_card_number_counts_as_absent(card: str) -> None:
    claim = event(
        "ClaimOpened", claim_id="K1", order_id="O1", handler="multicare", name=card, phone=card, description=card
    )
    answer = Truth([claim]).where("order_id:O1")
    assert (categories(answer, "multicare"), answer["identifiers"]) == (
        ["claim", "order"],
        {"claim_id": 1, "order_id": 1},
    )


@pytest.mark.parametrize(
    "text",
    ["4111111111111112", "+4111111111111111", "A4111111111111111", "4111111111111111x", "4111  1111  1111  1111"],
)
def test_what_is_no_card_number_stays(text: str) -> None:
    claim = event("ClaimOpened", claim_id="K1", order_id="O1", handler="multicare", name=text)
    assert categories(Truth([claim]).where("order_id:O1"), "multicare") == ["claim", "name", "order"]


def test_null_and_empty_fields_are_not_observed() -> None:
    truth = Truth([account("C1", "a@b.example", phone="", name=None, address={}, login_name="")])
    assert categories(truth.where("customer_id:C1"), "order-system") == ["customer_id", "email"]


def test_the_answers_do_not_depend_on_order_or_repetition() -> None:
    events = list(simulate(40, 4))
    mixed = [*events, *events[::3]]
    Random(1).shuffle(mixed)  # noqa: S311 - repeatable on purpose
    plain, other = Truth(events), Truth(mixed)
    assert plain.identifiers() == other.identifiers()
    assert all(plain.where(one) == other.where(one) for one in plain.identifiers())
    assert plain.sharing() == other.sharing()


def test_every_disclosure_is_held_by_exactly_one_person_or_shared() -> None:
    truth = Truth(simulate(300, 4))
    picture = truth._picture_at(None)
    held = {}
    unsettled = 0
    for group, roots in picture._roots.items():
        kind, value = min(group)
        answer = truth.where(f"{kind}:{value}")
        assert answer["candidates"] == len(roots)
        if len(roots) == 1:
            held[roots] = sum(parties(answer).values())
        else:
            unsettled += len(picture._disclosed.get(group, ()))
    assert unsettled > 0
    assert sum(held.values()) + unsettled == sum(way["disclosures"] for way in truth.sharing())
