"""Drift and sharing: each disclosure is judged by the register and the consent of its own moment, in any order of arrival."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.drift import drift
from lineage.facts import Disclosure, Facts
from lineage.graph import NOW, Until
from lineage.judging import declared_rules_broken, rules_broken
from lineage.register import Register, load_register
from lineage.sharing import sharing
from lineage.where import where
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import facts, key, route
from tests.lineage.register.small import CATEGORIES, SMALL, at

SPRING, AUTUMN = at("2026-03-15T12:00"), at("2026-09-15T12:00")
POST = route("post", "delivery", source="shop", categories=("email", "name"), controller="us")
MAIL = route("mailer", "newsletter", source="shop", categories=("email",), controller="us")


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    file: Path = tmp_path_factory.mktemp("judging") / "register.yaml"
    file.write_text(SMALL, encoding="utf-8")
    return load_register(file, CATEGORIES)


def one(way: object, when: int = SPRING) -> Disclosure:
    return Disclosure(b"", 0, b"", way, when, 0, b"")  # type: ignore[arg-type]


def test_what_is_declared_is_no_drift(register: Register) -> None:
    assert declared_rules_broken(register, one(POST)) == ()
    assert rules_broken(register, one(POST), lambda *_: False) == ()


def test_forbidden_data_is_drift_wherever_it_went(register: Register) -> None:
    assert declared_rules_broken(register, one(POST._replace(forbidden=True))) == ("forbidden-data",)


def test_each_moment_is_judged_by_the_register_of_its_own(register: Register) -> None:
    assert "undeclared-recipient" in declared_rules_broken(register, one(POST, AUTUMN))
    assert "no-transfer-safeguard" in declared_rules_broken(register, one(MAIL, AUTUMN))
    assert declared_rules_broken(register, one(MAIL, SPRING)) == ()


def test_rules_are_told_apart_and_sorted(register: Register) -> None:
    wide = POST._replace(categories=("email", "national_id"), source="post", forbidden=True)
    assert declared_rules_broken(register, one(wide)) == ("category-not-allowed", "forbidden-data", "undeclared-source")
    assert "unknown-purpose" in declared_rules_broken(register, one(POST._replace(purpose="horoscope")))


def test_a_purpose_that_rests_on_consent_needs_one_at_that_moment(register: Register) -> None:
    asked: list[tuple[str, int]] = []

    def consented(purpose: str, when: int) -> bool:
        asked.append((purpose, when))
        return False

    assert rules_broken(register, one(MAIL), consented) == ("no-consent",)
    assert rules_broken(register, one(MAIL), lambda *_: True) == ()
    assert asked == [("newsletter", SPRING)]


STORY = [
    facts("opened", at=SPRING, owns=[("customer_id:1", "email:a")], discloses=[("customer_id:1", POST)]),
    facts("granted", at=SPRING + 10, consents=[("email:a", "newsletter", True)]),
    facts("sent", at=SPRING + 20, discloses=[("email:a", MAIL)]),
    facts("withdrawn", at=SPRING + 30, consents=[("customer_id:1", "newsletter", False)]),
    facts("sent again", at=SPRING + 40, discloses=[("email:a", MAIL)]),
    facts("stranger", at=SPRING + 50, discloses=[("email:b", MAIL), ("email:b", POST)]),
    facts("late", at=AUTUMN, discloses=[("customer_id:1", POST)]),
]


def graph_of(story: Sequence[Facts]) -> MemoryGraph:
    graph = MemoryGraph()
    graph.record(story)
    return graph


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_drift_and_sharing_are_the_same_for_any_order_of_arrival(register: Register, random: Random) -> None:
    shuffled = graph_of([*random.sample(STORY, len(STORY)), *random.sample(STORY, 3)])
    assert drift(shuffled, register, None) == drift(graph_of(STORY), register, None)
    assert sharing(shuffled, register) == sharing(graph_of(STORY), register)


def test_drift_is_told_newest_first_with_all_rules_broken(register: Register) -> None:
    looked: list[int] = []
    found = drift(graph_of(STORY), register, None, lambda: looked.append(1))
    assert [(each.disclosure.at, each.rules) for each in found] == [
        (AUTUMN, ("undeclared-recipient",)),
        (SPRING + 50, ("no-consent",)),
        (SPRING + 40, ("no-consent",)),
    ]
    assert len(looked) == 6


def test_drift_since_a_time_leaves_out_what_occurred_before(register: Register) -> None:
    assert [each.disclosure.at for each in drift(graph_of(STORY), register, SPRING + 50)] == [AUTUMN, SPRING + 50]
    assert drift(graph_of(STORY), register, AUTUMN + 1) == []


def test_drift_as_of_a_time_is_judged_by_what_had_occurred_and_was_known_then(register: Register) -> None:
    def told(until: Until) -> list[tuple[int, tuple[str, ...]]]:
        return [(each.disclosure.at, each.rules) for each in drift(graph_of(STORY), register, None, until=until)]

    assert told(Until(at=SPRING + 50)) == [(SPRING + 50, ("no-consent",)), (SPRING + 40, ("no-consent",))]
    assert told(Until(at=SPRING + 39)) == []
    late = [
        facts("sent", at=SPRING + 20, recorded=100, discloses=[("email:a", MAIL)]),
        facts("granted", at=SPRING + 10, recorded=200, consents=[("email:a", "newsletter", True)]),
    ]
    for known_at, rules in ((100, ["no-consent"]), (199, ["no-consent"]), (200, []), (99, [])):
        found = drift(graph_of(late), register, None, until=Until(known_at=known_at))
        assert [rule for each in found for rule in each.rules] == rules, known_at


def test_sharing_counts_every_edge_once_an_edge(register: Register) -> None:
    shares = sharing(graph_of(STORY), register)
    assert [(each.source, each.target, each.purpose, each.disclosures) for each in shares] == [
        ("shop", "mailer", "newsletter", 3),
        ("shop", "post", "delivery", 3),
    ]
    mailer, post = shares
    assert (mailer.first, mailer.last) == (SPRING + 20, SPRING + 50)
    assert dict(mailer.categories) == {"email": 3}
    assert dict(post.categories) == {"email": 3, "name": 3}
    assert dict(post.drift) == {"undeclared-recipient": 1}, "one of the three was after the entry had ended"
    assert dict(mailer.drift) == {}


def test_sharing_says_nothing_of_when_something_was_recorded(register: Register) -> None:
    later = [each._replace(recorded=10**15) for each in STORY]
    assert sharing(graph_of(later), register) == sharing(graph_of(STORY), register)
    assert sharing(MemoryGraph(), register) == ()


def test_where_adds_up_what_each_party_holds_of_one_person_and_no_other(register: Register) -> None:
    found = where(graph_of(STORY), register, key("email:a"), NOW, AUTUMN)
    assert [(each.party.id, each.disclosures, each.drift, each.observed) for each in found.holdings] == [
        ("mailer", 2, ("no-consent",), True),
        ("post", 2, ("undeclared-recipient",), True),
    ]
    assert dict(found.kinds) == {"customer_id": 1, "email": 1}
    assert found.shared == ()
    post = found.holdings[1]
    assert (post.first, post.last, post.sources, post.categories) == (SPRING, AUTUMN, ("shop",), ("email", "name"))
