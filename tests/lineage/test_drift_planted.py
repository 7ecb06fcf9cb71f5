"""A shop that does as declared has no drift; of violations planted in it each is found, of its person, and none else."""

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.drift import drift
from lineage.facts import Facts
from lineage.register import Register, load_register
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import facts, key, route
from tests.lineage.register.small import CATEGORIES, at

REGISTER = """\
eea: [FI, SE]
controllers:
  us: {business_id: 1008670-9, financial_year_ends: 12-31, financial_year_confirmed: true}
parties:
  us: {name: Us Oy, kind: group, country: FI}
  shop: {name: Shop, kind: own-system, country: FI}
  post: {name: Post Oy, kind: carrier, country: FI}
  courier: {name: Courier Oy, kind: carrier, country: FI}
  repairer: {name: Repairer Oy, kind: repair, country: FI}
  mailer: {name: Mailer Inc., kind: mail, country: US}
purposes:
  order: {text: Sell, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#CustomerOrderManagement'}
  delivery: {text: Deliver, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#DeliveryOfGoods'}
  repair: {text: Repair, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#CustomerCare'}
  newsletter: {text: Write, basis: consent, consent: newsletter, article: 6(1)(a), dpv: 'https://w3id.org/dpv#Marketing'}
recipients:
  - {parties: shop, purposes: order, role: own-system, from: person, categories: [name, email, phone]}
  - {parties: [post, courier], purposes: delivery, role: controller, from: shop, categories: [name, email, phone]}
  - {parties: repairer, purposes: repair, role: processor, from: shop, categories: [name, phone], valid_until: 2027-12-31}
  - {parties: mailer, purposes: newsletter, role: processor, from: shop, categories: email}
retention:
  - {rule: D01, categories: [name, email], purposes: order, law: ours, after: order-placed, years: 6}
  - {rule: D02, categories: phone, purposes: order, law: ours, after: order-placed, months: 6}
  - {rule: D03, categories: [name, email, phone], purposes: delivery, law: ours, after: collected, years: 3}
  - {rule: D05, categories: [name, phone], purposes: repair, law: ours, after: collected, months: 6}
  - {rule: D04, categories: email, purposes: newsletter, law: ours, after: last-opened, months: 24}
transfers:
  - {parties: mailer, country: US, mechanism: scc, source: clauses, valid_until: 2026-04-30}
  - {parties: mailer, country: US, mechanism: dpf, source: list, valid_from: 2026-06-01}
frameworks:
  dpf: {valid_from: 2023-07-10, valid_until: 2026-08-31}
contracts:
  - {parties: [mailer, repairer], kind: processing, source: DPA 1, valid_until: 2026-06-30}
  - {parties: repairer, kind: processing, source: DPA 2, valid_from: 2026-07-15}
notices:
  - {version: '1', kinds: [carrier, mail, repair, group], purposes: [order, delivery, newsletter]}
  - {version: '2', posted: 2026-03-20, kinds: [carrier, mail, repair, group]}
"""
PERSONS = 6
DAY = 86_400_000_000
PHONE, WHOLE = ("phone",), ("email", "name", "phone")
ORDER = route("shop", "order", source="person", categories=WHOLE, controller="us")
POST = route("post", "delivery", source="shop", categories=WHOLE, controller="us")
REPAIR = route("repairer", "repair", source="shop", categories=PHONE, controller="us")
MAIL = route("mailer", "newsletter", source="shop", categories=("email",), controller="us")
BEGIN = at("2026-03-02T09:00")


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    file: Path = tmp_path_factory.mktemp("planted") / "register.yaml"
    file.write_text(REGISTER, encoding="utf-8")
    return load_register(file, CATEGORIES)


def lawful(who: int) -> list[Facts]:
    """One customer's life: each thing on a day on which it may be done, up to the last and from the first such day."""
    customer, email, order = f"customer_id:{who}", f"email:{who}", f"order_id:{who}"
    when = BEGIN + who * 60_000_000

    def sent(name: str, day: str, holder: str, way: object) -> Facts:
        return facts(f"{name}-{who}", at=at(day), discloses=[(holder, way)])  # type: ignore[list-item]  # a route

    owns = [(customer, email), (customer, order)]
    return [
        facts(f"order-{who}", at=when, owns=owns, discloses=[(customer, ORDER)]),
        facts(f"parcel-{who}", at=when + DAY, owns=owns[1:], discloses=[(order, POST)]),
        facts(f"asked-{who}", at=when + DAY, consents=[(email, "newsletter", True)]),
        sent("last of the clauses", "2026-04-30T23:59", email, MAIL),
        sent("first of the list", "2026-06-01T00:00", email, MAIL),
        sent("last of the contract", "2026-06-30T23:59", email, MAIL),
        sent("first of the notice", "2026-03-24T00:00", customer, REPAIR),
        sent("first of the second contract", "2026-07-15T00:00", order, REPAIR),
        sent("last of the phone number", "2026-09-02T23:59", customer, REPAIR),
        sent("another courier", "2026-04-02T00:00", customer, POST._replace(target="courier")),
    ]


Plant = Callable[[int], tuple[str, object, str, list[Facts]]]


def planted(rule: str, day: str, way: object, before: Callable[[int], list[Facts]] = lambda _: []) -> Plant:
    return lambda who: (rule, way, day, before(who))


def for_two_minutes(who: int) -> list[Facts]:
    """She withdraws, and consents again."""
    decided = [("withdrawn", "2026-06-30T22:00", False), ("asked again", "2026-06-30T22:02", True)]
    return [
        facts(f"{name}-{who}", at=at(day), consents=[(f"customer_id:{who}", "newsletter", yes)])
        for name, day, yes in decided
    ]


FAULTS: Mapping[str, Plant] = {
    "a minute after she withdrew": planted("no-consent", "2026-06-30T22:01", MAIL, for_two_minutes),
    "the clauses had ended": planted("no-transfer-safeguard", "2026-05-01T00:00", MAIL),
    "the list had not begun": planted("no-transfer-safeguard", "2026-05-31T23:59", MAIL),
    "before the notice took effect": planted("not-in-notice", "2026-03-23T23:59", REPAIR),
    "the contract had ended": planted("no-contract", "2026-07-01T00:00", MAIL),
    "between two contracts": planted("no-contract", "2026-07-14T23:59", REPAIR),
    "the phone number should be gone": planted("retention-passed", "2026-09-03T00:00", REPAIR),
    "to somebody else": planted(
        "undeclared-recipient", "2026-04-02T00:00", POST._replace(target="mailer", categories=("email",))
    ),
    "too much": planted("category-not-allowed", "2026-04-02T00:00", REPAIR._replace(categories=("email", "phone"))),
    "another way": planted("undeclared-source", "2026-04-02T00:00", POST._replace(source="courier")),
    "for nothing known": planted("unknown-purpose", "2026-04-02T00:00", POST._replace(purpose="gossip")),
}
PLANTS = st.lists(st.tuples(st.integers(0, PERSONS - 1), st.sampled_from(sorted(FAULTS))), max_size=12, unique=True)


def shop_with(plants: list[tuple[int, str]]) -> tuple[list[Facts], set[tuple[bytes, str, bytes]]]:
    """The whole shop, and of each violation its event, its rule and its person."""
    story = [each for who in range(PERSONS) for each in lawful(who)]
    expected = set()
    for who, name in plants:
        rule, way, day, before = FAULTS[name](who)
        holder = f"email:{who}" if way is MAIL else f"customer_id:{who}"
        story += [*before, facts(f"{name}-{who}", at=at(day), discloses=[(holder, way)])]  # type: ignore[list-item]  # a route
        expected.add((key(f"{name}-{who}"), rule, key(f"customer_id:{who}")))
    return story, expected


@settings(max_examples=60, deadline=None)
@given(PLANTS, st.randoms(use_true_random=False))
def test_every_planted_violation_is_found_of_its_person_and_none_else(
    register: Register, plants: list[tuple[int, str]], random: Random
) -> None:
    story, expected = shop_with(plants)
    graph = MemoryGraph()
    for each in random.sample([*story, *random.sample(story, 5)], len(story) + 5):
        graph.record([each])
    found = drift(graph, register, None)
    assert {(each.disclosure.event, rule, each.person) for each in found for rule in each.rules} == expected
    assert all(one.evidence and one.todo and one.law for each in found for one in each.findings)


@pytest.mark.parametrize("name", FAULTS)
def test_each_violation_alone_is_found(register: Register, name: str) -> None:
    story, expected = shop_with([(1, name)])
    graph = MemoryGraph()
    graph.record(story)
    found = {(each.disclosure.event, rule, each.person) for each in drift(graph, register, None) for rule in each.rules}
    assert found == expected


def test_a_shop_that_does_as_it_declares_has_no_drift(register: Register) -> None:
    graph = MemoryGraph()
    graph.record(shop_with([])[0])
    assert drift(graph, register, None) == []
