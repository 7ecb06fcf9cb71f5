"""Judged many at a time, in whatever batches, disclosures break what each of them breaks alone; pages are parts of the whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage import drift as judged
from lineage import met_persons
from lineage import overdue as kept
from lineage.drift import Drift, Place, drift, drift_among, newest_drift, place_of
from lineage.facts import Consent, Disclosure, Facts
from lineage.graph import Graph, Until
from lineage.outliving import Known, Outliving
from lineage.overdue import overdue
from lineage.register import Register, load_register
from lineage.tombstones import Suppression
from tests.lineage.findings.drawn import BEGIN, COUNTED, DAY, NEWS, ORDER, register_of, shop
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.memory_of_erased import PlainMemory
from tests.lineage.parts import facts, key, route
from tests.lineage.register.small import CATEGORIES
from tests.lineage.test_drift_planted import FAULTS, PLANTS, REGISTER, shop_with

NOW = BEGIN + 60 * DAY
UNTIL = st.builds(
    Until, st.none() | st.integers(0, 90).map(lambda day: BEGIN + day * DAY), st.none() | st.just(BEGIN + 101 * DAY)
)
WORDS = st.lists(
    st.builds(
        Suppression, st.sampled_from(["customer_id:1", "email:a", "device_id:d"]).map(key), st.just("*"), st.just("*"),
        st.sampled_from(["restriction", "objection"]), st.integers(0, 90).map(lambda day: BEGIN + day * DAY),
        st.just("case-1"), st.booleans(),
    ),
    max_size=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    return register_of(tmp_path_factory.mktemp("register"), until="2026-02-10")


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of three, and hardly anybody remembered."""
    monkeypatch.setattr(judged, "AT_ONCE", 3)
    monkeypatch.setattr(kept, "AT_ONCE", 3)
    monkeypatch.setattr(met_persons, "_IDENTIFIERS", 1)


def graph_of(events: list[Facts]) -> MemoryGraph:
    graph = MemoryGraph()
    graph.record(events)
    return graph


@settings(max_examples=200, deadline=None)
@given(shop(), WORDS, UNTIL)
def test_many_at_once_break_what_each_breaks_alone(
    register: Register, events: list[Facts], words: list[Suppression], until: Until
) -> None:
    graph, memory = graph_of(events), PlainMemory(suppressions=words)
    every = list(graph.every_disclosure(None))
    alone = [found for each in every for found in drift_among([each], graph, register, memory, until)]
    assert drift(graph, register, None, memory=memory, until=until) == sorted(alone, key=place_of)


@pytest.mark.usefixtures("few_at_once")
def test_batches_and_what_is_remembered_change_no_answer(register: Register) -> None:
    events = [
        facts(f"e{who}-{day}", at=BEGIN + day * DAY, owns=[(f"customer_id:{who}", f"order_id:{who}")],
              discloses=[(f"customer_id:{who}", ORDER), (f"order_id:{who}", COUNTED), (f"customer_id:{who}", NEWS)])
        for day in (0, 50) for who in range(7)
    ]  # fmt: skip
    graph = graph_of(events)
    rules = {
        (each.disclosure.event, each.disclosure.route.purpose): each.rules for each in drift(graph, register, None)
    }
    expected = {(key(f"e{who}-{day}"), "newsletter"): ("no-consent",) for who in range(7) for day in (0, 50)}
    late = {(key(f"e{who}-50"), purpose): rules for who in range(7) for purpose, rules in LATE.items()}
    assert rules == expected | late
    told = list(overdue(graph, register, BEGIN + 400 * DAY))
    assert {each.person for each in told} == {key(f"customer_id:{who}") for who in range(7)}
    assert len(told) == len(set(told))


@pytest.mark.parametrize("consents", [True, False])
def test_what_is_sent_to_what_two_share_rests_on_the_consent_of_either(register: Register, *, consents: bool) -> None:
    owns = [facts(f"e{who}", at=BEGIN, owns=[(f"customer_id:{who}", "device_id:d")]) for who in (1, 2)]
    said = facts("said", at=BEGIN, consents=[("customer_id:2", "newsletter", consents)])
    sent = facts("sent", at=BEGIN + DAY, discloses=[("device_id:d", NEWS), ("customer_id:1", NEWS)])
    found = drift(graph_of([*owns, said, sent]), register, None)
    holders = {each.disclosure.holder for each in found}
    assert holders == {key("customer_id:1")} | (set() if consents else {key("device_id:d")})


@pytest.mark.parametrize("consents", [True, False])
def test_what_is_sent_to_her_rests_on_the_consent_by_what_she_shares(register: Register, *, consents: bool) -> None:
    owns = [facts(f"e{who}", at=BEGIN, owns=[(f"customer_id:{who}", "device_id:d")]) for who in (1, 2)]
    said = facts("said", at=BEGIN, consents=[("device_id:d", "newsletter", consents)])
    sent = facts("sent", at=BEGIN + DAY, discloses=[("customer_id:1", NEWS)])
    assert len(drift(graph_of([*owns, said, sent]), register, None)) == (not consents)


LATE = {
    "newsletter": ("no-consent", "undeclared-recipient"),
    "statistics": ("retention-passed", "undeclared-recipient"),
}
"""On the fiftieth day the mailer is declared no more, and what was given for the order is a month old."""


def pages(graph: Graph, register: Register, most: int, since: int | None, until: Until) -> Iterator[list[Drift]]:
    after: Place | None = None
    while page := newest_drift(graph, register, most, NOW, since=since, after=after, until=until):
        yield page
        after = place_of(page[-1])


@settings(max_examples=200, deadline=None)
@given(
    shop(), st.integers(1, 4), st.none() | st.integers(0, 90).map(lambda day: BEGIN + day * DAY), UNTIL,
    st.sampled_from([(30, 150), (3, 10, 20), (1000,), ()]),
)  # fmt: skip
def test_pages_of_drift_are_all_of_it_newest_first(
    register: Register, events: list[Facts], most: int, since: int | None, until: Until, spans: tuple[int, ...]
) -> None:
    graph, shipped = graph_of(events), judged._SPANS
    judged._SPANS = spans
    try:
        several = list(pages(graph, register, most, since, until))
    finally:
        judged._SPANS = shipped
    assert [each for page in several for each in page] == drift(graph, register, since, until=until)
    assert all(len(page) == most for page in several[:-1])


def test_a_full_page_is_told_without_judging_what_is_older(register: Register) -> None:
    """Of a long record no more persons are looked up than the newest page needs."""
    events = [
        facts(f"e{day}", at=NOW - day * DAY, discloses=[(f"customer_id:{day}", NEWS)]) for day in range(0, 2_000, 10)
    ]
    looked: list[bytes] = []

    class Watched(MemoryGraph):
        def disclosures(self, holders: object, until: Until) -> list[Disclosure]:
            looked.extend(holders)  # type: ignore[call-overload]  # keys
            return list(super().disclosures(holders, until))  # type: ignore[arg-type]  # keys

    graph = Watched()
    graph.record(events)
    assert [each.disclosure.at for each in newest_drift(graph, register, 2, NOW)] == [NOW, NOW - 10 * DAY]
    assert 0 < len(set(looked)) < 5


@pytest.fixture(scope="module")
def planted_register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    file: Path = tmp_path_factory.mktemp("planted") / "register.yaml"
    file.write_text(REGISTER, encoding="utf-8")
    return load_register(file, CATEGORIES)


HELD = [
    route(target, purpose, source="person", categories=categories, controller="us")
    for target in ("shop", "courier")
    for purpose in ("order", "newsletter", "repair", "gossip")
    for categories in (("email", "name"), ("phone",), ("email", "phone"))
]  # fmt: skip
SENT = [
    route(target, purpose, source="shop", categories=categories, controller="us")
    for target, purpose in (("post", "delivery"), ("repairer", "repair"), ("mailer", "newsletter"), ("mailer", "gossip"))
    for categories in (("email",), ("name", "phone"))
]  # fmt: skip
_when = st.integers(0, 3_000).map(lambda day: BEGIN + day * DAY)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([*HELD, *SENT]), _when), max_size=6), st.sampled_from(SENT), _when,
    st.none() | _when,
)  # fmt: skip
def test_what_is_seen_to_be_fresh_at_a_glance_has_not_outlived_its_retention(
    planted_register: Register, held: list[tuple[object, int]], way: object, at: int, granted: int | None
) -> None:
    holder = key("customer_id:1")
    every = [Disclosure(key(f"h{n}"), 0, holder, each, when, when, b"") for n, (each, when) in enumerate(held)]  # type: ignore[arg-type]  # a route
    sent = Disclosure(key("sent"), 0, holder, way, at, at, b"")  # type: ignore[arg-type]  # a route
    given = None if granted is None else Consent(key("yes"), holder, "newsletter", True, min(granted, at), 0, b"")
    known, outliving = Known([*every, sent], [given] if given else []), Outliving(planted_register)
    found = outliving.passed(sent, known, given)
    thorough = Outliving(planted_register)
    thorough._suspects = lambda disclosure, *_: disclosure.route.categories  # type: ignore[method-assign]  # all of them
    assert found == thorough.passed(sent, known, given)


@settings(max_examples=30, deadline=None)
@given(PLANTS)
def test_planted_violations_break_the_same_alone_and_among_all(
    planted_register: Register, plants: list[tuple[int, str]]
) -> None:
    graph = graph_of(shop_with(plants or [(0, name) for name in FAULTS])[0])
    every = list(graph.every_disclosure(None))
    alone = [found for each in every for found in drift_among([each], graph, planted_register)]
    assert drift(graph, planted_register, None) == sorted(alone, key=place_of)


@settings(max_examples=100, deadline=None)
@given(shop(), st.sampled_from(["customer_id:1", "email:a"]))
def test_of_those_who_are_wanted_the_same_is_overdue(register: Register, events: list[Facts], name: str) -> None:
    graph, moment = graph_of(events), BEGIN + 400 * DAY
    every = list(overdue(graph, register, moment))
    assert [each for each in every if each.person >= key(name)] == list(
        overdue(graph, register, moment, wanted=lambda person: person >= key(name))
    )
