"""Data that outlived its retention: sent on, which is drift; or only kept, which is overdue. With the register's own days."""

from pathlib import Path

import pytest

from lineage.drift import RIGHT_IGNORED, drift
from lineage.facts import Facts
from lineage.graph import Until
from lineage.overdue import overdue
from lineage.register import Register, load_register
from lineage.tombstones import Suppression
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.memory_of_erased import PlainMemory
from tests.lineage.parts import facts, key, route
from tests.lineage.register.small import CATEGORIES, SMALL, at, line_of

REGISTER = (
    SMALL.replace(",\n     valid_from: 2026-01-01, valid_until: 2026-06-30", "")
    .replace(", valid_from: 2023-07-10, valid_until: 2026-06-30", "")
    .replace("after: order-closed, days: 0", "after: collected, days: 30")
)
"""Names and addresses for a delivery thirty days, those for the newsletter 24 months after it was asked for."""
GIVEN = route("shop", "delivery", source="person", categories=("email", "name"), controller="us")
POST = route("post", "delivery", source="shop", categories=("name",), controller="us")
ASKED = route("shop", "newsletter", source="person", categories=("email",), controller="us")
MAIL = route("mailer", "newsletter", source="shop", categories=("email",), controller="us")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("retention")


def read(folder: Path, text: str) -> Register:
    file = folder / "register.yaml"
    file.write_text(text, encoding="utf-8")
    return load_register(file, CATEGORIES)


def rules(register: Register, *story: Facts, memory: PlainMemory | None = None) -> list[tuple[bytes, tuple[str, ...]]]:
    graph = MemoryGraph()
    graph.record(story)
    return [(each.disclosure.event, each.rules) for each in drift(graph, register, None, memory=memory)]


GAVE = facts("gave", at=at("2026-01-01T12:00"), discloses=[("customer_id:1", GIVEN)])


def sent(day: str, way: object = POST, holder: str = "customer_id:1") -> Facts:
    return facts(f"sent {day}", at=at(day), discloses=[(holder, way)])  # type: ignore[list-item]  # a route


def test_what_is_sent_after_the_last_day_is_drift_and_shows_the_rule_and_what_it_counts_from(folder: Path) -> None:
    register = read(folder, REGISTER)
    assert rules(register, GAVE, sent("2026-01-31T23:59")) == []
    graph = MemoryGraph()
    graph.record([GAVE, sent("2026-02-01T00:00")])
    (drifted,) = drift(graph, register, None)
    (finding,) = drifted.findings
    (shown,) = finding.evidence
    assert (finding.rule, shown.kind, shown.event, shown.at) == ("retention-passed", "retention", key("gave"), GAVE.at)
    assert str(shown.valid_until) == "2026-01-31"
    assert shown.where.endswith(f"register.yaml:{line_of(REGISTER, '- {rule: H05')}")


def test_who_gives_it_anew_starts_the_time_anew(folder: Path) -> None:
    again = facts("again", at=at("2026-01-20T12:00"), discloses=[("customer_id:1", GIVEN)])
    assert rules(read(folder, REGISTER), GAVE, again, sent("2026-02-15T12:00")) == []


def test_what_the_sender_was_never_seen_to_get_is_judged_by_nobody(folder: Path) -> None:
    assert rules(read(folder, REGISTER), sent("2036-02-01T00:00")) == []


def test_what_another_identifier_of_hers_gave_counts_and_what_several_share_does_not(folder: Path) -> None:
    owned = facts("owned", owns=[("customer_id:1", "email:a")])
    late = sent("2026-03-01T00:00", holder="email:a")
    assert rules(read(folder, REGISTER), GAVE, owned, late) == [(key("sent 2026-03-01T00:00"), ("retention-passed",))]
    shared = facts("shared", owns=[("customer_id:2", "email:a")])
    assert rules(read(folder, REGISTER), GAVE, owned, shared, late) == []


def test_what_a_later_purpose_still_needs_may_be_sent_for_it(folder: Path) -> None:
    claim = (
        REGISTER.replace(
            "recipients:",
            "  claim: {text: Mend, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#X'}\nrecipients:",
        )
        .replace("parties: post, purposes: delivery", "parties: post, purposes: [delivery, claim]")
        .replace(
            "transfers:",
            "  - {rule: H06, categories: $contact, purposes: claim, law: claims, after: last-due-date, years: 3}\ntransfers:",
        )
    )
    claimed = POST._replace(purpose="claim")
    assert rules(read(folder, claim), GAVE, sent("2027-06-01T12:00", claimed)) == []
    assert rules(read(folder, claim), GAVE, sent("2030-06-01T12:00", claimed)) != []


def test_an_end_that_rests_on_an_assumed_day_is_given_time(folder: Path) -> None:
    register = read(folder, REGISTER.replace("after: collected, days: 30", "after: order-closed, days: 0"))
    assert rules(register, GAVE, sent("2026-03-01T00:00")) == [], "nobody saw when the order was closed"
    assert rules(register, GAVE, sent("2027-01-01T00:00")) == [(key("sent 2027-01-01T00:00"), ("retention-passed",))]


def test_a_consent_given_anew_keeps_what_it_is_about(folder: Path) -> None:
    register = read(folder, REGISTER)
    asked = facts(
        "asked", at=at("2024-01-01T12:00"), consents=[("email:a", "newsletter", True)], discloses=[("email:a", ASKED)]
    )
    late = sent("2026-06-01T12:00", MAIL, "email:a")
    assert rules(register, asked, late) == [(key("sent 2026-06-01T12:00"), ("retention-passed",))]
    again = facts("again", at=at("2025-12-01T12:00"), consents=[("email:a", "newsletter", True)])
    assert rules(register, asked, again, late) == []


def test_what_is_only_kept_is_overdue_and_no_drift(folder: Path) -> None:
    register = read(folder, REGISTER)
    graph = MemoryGraph()
    graph.record([GAVE, facts("sent", at=at("2026-01-10T12:00"), discloses=[("customer_id:1", POST)])])
    assert drift(graph, register, None) == []
    assert list(overdue(graph, register, at("2026-01-31T12:00"))) == []
    assert [(each.party, str(each.last_day)) for each in overdue(graph, register, at("2026-02-01T00:00"))] == [
        ("shop", "2026-01-31")
    ]
    shop, post = sorted(overdue(graph, register, at("2026-03-01T12:00")), key=lambda each: each.last_day)
    assert (shop.person, shop.categories, shop.rule, shop.event) == (
        key("customer_id:1"), ("email", "name"), "H05", key("gave"),
    )  # fmt: skip
    assert (post.party, post.categories, str(post.last_day), post.assumed) == ("post", ("name",), "2026-02-09", False)


def test_what_is_overdue_is_told_as_of_both_times(folder: Path) -> None:
    register, graph, late = read(folder, REGISTER), MemoryGraph(), at("2026-02-20T12:00")
    sent_late = facts("sent", at=at("2026-01-10T12:00"), recorded=late, discloses=[("customer_id:1", POST)])
    graph.record([GAVE, sent_late])
    moment = at("2026-03-01T12:00")

    def parties(until: Until) -> list[str]:
        return sorted(each.party for each in overdue(graph, register, moment, until=until))

    assert parties(Until()) == ["post", "shop"]
    assert parties(Until(known_at=late)) == ["post", "shop"]
    assert parties(Until(known_at=late - 1)) == ["shop"]
    assert parties(Until(at=at("2026-01-10T11:59"))) == ["shop"]
    assert parties(Until(known_at=-1)) == []


def test_what_was_forgotten_is_overdue_no_more(folder: Path) -> None:
    register, graph = read(folder, REGISTER), MemoryGraph()
    graph.record([GAVE])
    graph.forget([key("customer_id:1")], at("2026-03-01T12:00"), (), None)
    assert list(overdue(graph, register, at("2026-04-01T12:00"))) == []


def test_what_rests_on_a_consent_that_holds_is_not_overdue_and_after_it_was_withdrawn_it_is(folder: Path) -> None:
    shape = "after: consent-ended, days: 0, at_latest: {after: last-opened, months: 24}"
    register, graph = read(folder, REGISTER.replace("after: last-opened, months: 24", shape)), MemoryGraph()
    graph.record(
        [
            facts(
                "asked",
                at=at("2026-01-01T12:00"),
                consents=[("email:a", "newsletter", True)],
                discloses=[("email:a", ASKED)],
            )
        ]
    )
    assert list(overdue(graph, register, at("2027-01-01T12:00"))) == []
    graph.record([facts("left", at=at("2026-05-01T12:00"), consents=[("email:a", "newsletter", False)])])
    assert list(overdue(graph, register, at("2026-05-01T20:00"))) == []
    (left,) = overdue(graph, register, at("2026-05-02T00:00"))
    assert (left.party, left.purpose, str(left.last_day)) == ("shop", "newsletter", "2026-05-01")
    graph.record([facts("back", at=at("2026-06-01T12:00"), consents=[("email:a", "newsletter", True)])])
    assert list(overdue(graph, register, at("2026-07-01T12:00"))) == []


@pytest.mark.parametrize(
    ("ground", "way", "ignored"),
    [("unsubscribe", MAIL, True), ("objection", MAIL, True), ("restriction", POST, True), ("objection", POST, False)],
)
def test_what_is_sent_against_her_decision_is_drift_from_then_on(
    folder: Path, ground: str, way: object, *, ignored: bool
) -> None:
    since = at("2026-01-10T12:00")
    memory = PlainMemory(suppressions=[Suppression(key("customer_id:1"), "*", "*", ground, since, "2026-AAAAAAAA")])
    asked = facts("asked", at=GAVE.at, consents=[("customer_id:1", "newsletter", True)])
    story = [GAVE, asked, sent("2026-01-10T11:59", way), sent("2026-01-10T12:01", way)]
    expected = [(key("sent 2026-01-10T12:01"), (RIGHT_IGNORED,))] if ignored else []
    assert rules(read(folder, REGISTER), *story, memory=memory) == expected
    again = facts("again", at=since + 1, consents=[("customer_id:1", "newsletter", True)])
    taken_back = [] if way is MAIL else expected
    assert rules(read(folder, REGISTER), *story, again, memory=memory) == taken_back
