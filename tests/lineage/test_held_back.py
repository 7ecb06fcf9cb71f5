"""What of an event is held back once a person in it is erased: hers, from before, in whatever form it comes."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.facts import Facts, facts_of, read_as_sent
from lineage.held_back import held_in, late_of, left_of, tombstone_keys
from lineage.pseudonyms import Pseudonyms
from lineage.tombstones import Tombstone

PSEUDONYMS = Pseudonyms(b"k" * 32)
BEFORE = 100


class Named(NamedTuple):
    kind: str
    value: str


class Concerned(NamedTuple):
    identifiers: tuple[Named, ...]
    reference: Named | None = None
    categories: tuple[str, ...] = ("name",)
    forbidden: bool = False


class Said(NamedTuple):
    people: tuple[Concerned, ...]
    type: str = "Told"
    event_id: str = "e-1"
    occurred_at: int = BEFORE
    controller: str = "multitronic"
    parties: tuple[str, ...] = ()
    source: str | None = "order-system"
    target: str | None = "posti"
    purpose: str | None = "delivery"
    consent: tuple[str, bool] | None = None
    link: tuple[Named, Named, bool] | None = None
    evidence: Mapping[str, str | bool] = MappingProxyType({})
    products: tuple[tuple[str, str], ...] = ()


def named(text: str) -> Named:
    return Named(*text.split(":", 1))


def person(text: str, reference: str = "") -> Concerned:
    return Concerned(tuple(map(named, text.split())), named(reference) if reference else None)


BUYER = person("customer_id:c email:buyer phone:+358401234567 order_id:o")
CONSIGNEE = person("email:friend phone:+358401234567", "consignee:o")


def facts(said: Said) -> Facts:
    return facts_of(said, b"content", PSEUDONYMS, 9, lambda _: True)


def key(text: str) -> bytes:
    return PSEUDONYMS.identifier(*named(text))


def stones(*texts: str, before: int = BEFORE, case: str = "case-1") -> dict[bytes, Tombstone]:
    return {key(each): Tombstone(key(each), before, case) for each in texts}


@pytest.mark.parametrize("entombed", ["customer_id:c", "email:buyer", "order_id:o"])
def test_an_event_that_names_any_identifier_of_an_erased_person_is_held_back_whole(entombed: str) -> None:
    event = facts(Said((BUYER,)))
    held = held_in(event, stones(entombed), None)
    assert [(each.part, each.whole, each.tombstone.case) for each in held] == [(0, True, "case-1")]
    assert left_of(event, held) is None


@pytest.mark.parametrize(("before", "held"), [(BEFORE - 1, False), (BEFORE, True), (BEFORE + 1, True)])
def test_event_time_decides_and_what_occurred_after_the_erasure_is_let_in(before: int, held: bool) -> None:
    event = facts(Said((BUYER,)))
    assert bool(held_in(event, stones("email:buyer", before=before), None)) is held


def test_of_an_event_about_two_persons_only_the_erased_ones_part_is_held_back() -> None:
    event = facts(Said((BUYER, CONSIGNEE)))
    held = held_in(event, stones("customer_id:c", "order_id:o"), None)
    assert [(each.part, each.whole) for each in held] == [(0, False)]
    left = left_of(event, held)
    assert left is not None
    assert set(left.identifiers) == {key("email:friend"), key("phone:+358401234567"), key("consignee:o")}
    alone = facts(Said((CONSIGNEE,)))
    assert set(left.owns) == set(alone.owns)
    assert [each.part for each in left.disclosures] == [1]
    assert (left.event, left.content, left.at) == (event.event, event.content, event.at)
    assert set(held[0].facts.identifiers) == set(facts(Said((BUYER,))).identifiers)


def test_the_consignee_can_be_the_erased_one_and_the_buyers_part_is_recorded() -> None:
    event = facts(Said((BUYER, CONSIGNEE)))
    left = left_of(event, held_in(event, stones("email:friend"), None))
    assert left is not None
    assert (left.identifiers, set(left.owns)) == (
        facts(Said((BUYER,))).identifiers,
        set(facts(Said((BUYER,))).owns),
    )


def test_an_identifier_that_both_have_holds_both_back() -> None:
    event = facts(Said((BUYER, CONSIGNEE)))
    held = held_in(event, stones("phone:+358401234567"), None)
    assert [each.part for each in held] == [0, 1]
    assert sum(each.whole for each in held) == 1
    assert left_of(event, held) is None


def test_several_customers_named_at_once_are_several_persons_with_consents_of_their_own() -> None:
    both = person("customer_id:a customer_id:b email:shared")
    event = facts(Said((both,), consent=("newsletter", True)))
    held = held_in(event, stones("customer_id:a"), None)
    left = left_of(event, held)
    assert left is not None
    assert [each.holder for each in left.consents] == [key("customer_id:b")]
    assert [each.holder for each in held[0].facts.consents] == [key("customer_id:a")]


def test_a_link_with_an_erased_end_is_held_back() -> None:
    event = facts(Said((), source=None, target=None, link=(named("customer_id:a"), named("email:b"), True)))
    held = held_in(event, stones("email:b"), None)
    assert left_of(event, held) is None
    assert late_of(held[0], known=False).route is None


@pytest.mark.parametrize(("arrived", "replay"), [(None, False), (BEFORE, True), (BEFORE + 1, False)])
def test_a_record_that_was_on_the_bus_before_the_erasure_is_a_replay(arrived: int | None, replay: bool) -> None:
    (held,) = held_in(facts(Said((BUYER,))), stones("email:buyer"), arrived)
    assert held.is_replay is replay


def test_of_several_tombstones_the_latest_names_the_case() -> None:
    event = facts(Said((BUYER,)))
    both = stones("email:buyer", case="case-1") | stones("customer_id:c", before=BEFORE + 9, case="case-2")
    assert held_in(event, both, BEFORE + 5)[0].tombstone.case == "case-2"
    assert held_in(event, both, BEFORE + 5)[0].is_replay


def test_late_says_which_case_who_gave_whom_what_and_what_was_sent() -> None:
    (held,) = held_in(facts(Said((BUYER,))), stones("email:buyer"), None)
    late = late_of(held, known=True)
    assert (late.event, late.part, late.case) == (PSEUDONYMS.event("e-1"), 0, "case-1")
    assert (late.at, late.recorded, late.known) == (BEFORE, 9, True)
    assert late.route is not None
    assert (late.route.source, late.route.target, late.route.categories) == ("order-system", "posti", ("name",))
    assert ("email", "buyer") in read_as_sent(late.as_sent)[0]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("kind", "value", "again"),
    [
        ("email", "Aino.V@Example.fi ", "aino.v@example.fi"),
        ("email", "Aino.V@Example.fi ", digest("aino.v@example.fi")),
        ("email", "Aino.V@Example.fi ", digest("aino.v@example.fi").upper()),
        ("email", "Aino.V@Example.fi ", digest("Aino.V@Example.fi")),
        ("email", "Ai.no+x@Gmail.com", digest("aino@gmail.com")),
        ("email", "Ai.no+x@Gmail.com", digest("aino+x@gmail.com")),
        ("email", "MÄKI@example.fi", digest("mäki@example.fi")),
        ("email", "a@example.fi.", digest("a@example.fi")),
        ("phone", "040 123 4567", "+358401234567"),
        ("phone", "040 123 4567", digest("+358401234567")),
        ("phone", "040 123 4567", digest("358401234567")),
        ("phone", "040 123 4567", digest("358401234567").upper()),
        ("order_id", "O-1", "O-1"),
    ],
)
def test_an_identifier_is_entombed_in_every_form_it_may_come_back_in(kind: str, value: str, again: str) -> None:
    assert PSEUDONYMS.identifier(kind, again) in tombstone_keys(PSEUDONYMS, kind, value)


@pytest.mark.parametrize(
    ("kind", "value", "other"),
    [
        ("email", "ai.no@example.fi", digest("aino@example.fi")),
        ("order_id", "O-1", digest("O-1")),
        ("phone", "040 123 4567", "+358401234568"),
    ],
)
def test_what_is_somebody_elses_is_not_entombed(kind: str, value: str, other: str) -> None:
    assert PSEUDONYMS.identifier(kind, other) not in tombstone_keys(PSEUDONYMS, kind, value)


@given(st.emails(), st.sampled_from(["", " ", "\t"]), st.booleans())
def test_any_spelling_of_an_address_is_entombed_by_any_other(address: str, space: str, upper: bool) -> None:
    spelt = space + (address.upper() if upper else address) + space
    keys = tombstone_keys(PSEUDONYMS, "email", spelt)
    assert PSEUDONYMS.identifier("email", address) in keys
    assert PSEUDONYMS.identifier("email", digest(address.lower())) in keys
