"""What shows a finding, and what to do: entries of the register with their days and lines, and events by pseudonym."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from lineage.drift import RIGHT_IGNORED, Drift, drift, record_begins
from lineage.explaining import rule_texts
from lineage.facts import Facts
from lineage.judging import FORBIDDEN_DATA, NO_CONSENT
from lineage.outliving import RETENTION_PASSED
from lineage.register import RULES, Register, load_register
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import facts, key, route
from tests.lineage.register.small import CATEGORIES, SMALL, at, line_of

TEN = at("2026-03-16T10:00")
MINUTE = 60_000_000
POST = route("post", "delivery", source="shop", categories=("email", "name"), controller="us")
MAIL = route("mailer", "newsletter", source="shop", categories=("email",), controller="us")
Load = Callable[[str], Register]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def from_text(text: str) -> Register:
        file = tmp_path / "register.yaml"
        file.write_text(text, encoding="utf-8")
        return load_register(file, CATEGORIES)

    return from_text


def found(register: Register, *story: Facts) -> list[Drift]:
    graph = MemoryGraph()
    graph.record(story)
    return drift(graph, register, None)


def test_every_rule_has_its_law_and_what_to_do_and_no_other_has() -> None:
    assert set(rule_texts()) == {*RULES, FORBIDDEN_DATA, NO_CONSENT, RETENTION_PASSED, RIGHT_IGNORED}
    assert all(texts["law"] and texts["todo"] for texts in rule_texts().values())


def test_a_consent_withdrawn_at_ten_covers_the_event_of_a_minute_before_and_not_that_of_a_minute_after(
    load: Load,
) -> None:
    story = [
        facts(
            "asked",
            at=TEN - 9 * MINUTE,
            owns=[("customer_id:1", "email:a")],
            consents=[("email:a", "newsletter", True)],
        ),
        facts("before", at=TEN - MINUTE, discloses=[("email:a", MAIL)]),
        facts("withdrawn", at=TEN, consents=[("customer_id:1", "newsletter", False)]),
        facts("after", at=TEN + MINUTE, discloses=[("email:a", MAIL)]),
        facts("another", at=TEN + MINUTE, consents=[("email:b", "newsletter", True)]),
        facts("hers", at=TEN + 2 * MINUTE, discloses=[("email:b", MAIL)]),
    ]
    for order in (story, story[::-1]):
        (drifted,) = found(load(SMALL), *order)
        assert (drifted.disclosure.event, drifted.rules) == (key("after"), ("no-consent",))
        assert drifted.person == key("customer_id:1"), "the person, whatever it hangs on"
        (finding,) = drifted.findings
        withdrawn, basis = finding.evidence
        assert (withdrawn.kind, withdrawn.event, withdrawn.at) == ("consent", key("withdrawn"), TEN)
        assert basis.where.endswith(f"register.yaml:{line_of(SMALL, '  newsletter:')}")


def test_where_nobody_ever_consented_that_is_said(load: Load) -> None:
    (drifted,) = found(load(SMALL), facts("sent", at=TEN, discloses=[("email:a", MAIL)]))
    assert "ever given" in drifted.findings[0].evidence[0].text
    assert drifted.findings[0].evidence[0].event is None


def test_what_several_persons_share_is_ascribed_to_none(load: Load) -> None:
    story = [
        facts("one", owns=[("customer_id:1", "phone:1")]),
        facts("two", owns=[("customer_id:2", "phone:1")]),
        facts("sent", at=TEN, discloses=[("phone:1", POST._replace(categories=("phone",)))]),
    ]
    (drifted,) = found(load(SMALL), *story)
    assert (drifted.rules, drifted.person) == (("category-not-allowed",), None)


def test_an_entry_that_had_ended_is_shown_with_its_days_and_line(load: Load) -> None:
    register = load(SMALL)
    (drifted,) = found(register, facts("late", at=at("2026-07-01T00:00"), discloses=[("email:a", POST)]))
    (finding,) = drifted.findings
    (entry,) = finding.evidence
    assert (finding.rule, entry.kind) == ("undeclared-recipient", "recipient")
    assert (entry.valid_from, entry.valid_until) == (date(2026, 1, 1), date(2026, 6, 30))
    assert entry.where.endswith(f"register.yaml:{line_of(SMALL, '{parties: post')}")
    assert drifted.register == register.version


WAYS = [
    (POST._replace(source="copy"), "undeclared-source", "recipient", "declared from shop only"),
    (POST._replace(target="copy"), "undeclared-recipient", "recipient", "no entry lets 'copy' get data for 'delivery'"),
    (POST._replace(categories=("phone",)), "category-not-allowed", "recipient", "declared without phone"),
    (POST._replace(purpose="gossip"), "unknown-purpose", "purpose", "no purpose 'gossip'"),
    (POST._replace(forbidden=True), "forbidden-data", "event", "a card number or a bank login"),
]


@pytest.mark.parametrize(("way", "rule", "kind", "text"), WAYS, ids=[each[1] for each in WAYS])
def test_each_rule_is_shown_by_what_broke_it(load: Load, way: object, rule: str, kind: str, text: str) -> None:
    (drifted,) = found(load(SMALL), facts("sent", at=TEN, discloses=[("email:a", way)]))  # type: ignore[list-item]  # a route
    (finding,) = drifted.findings
    assert (finding.rule, finding.evidence[0].kind) == (rule, kind)
    assert text in finding.evidence[0].text


@pytest.mark.parametrize(
    ("more", "rule", "texts"),
    [
        ("", "no-transfer-safeguard", ("US, outside the EEA", "dpf: did not hold")),
        (
            "contracts:\n  - {parties: mailer, kind: processing, source: DPA 7, valid_until: 2026-05-31}\n",
            "no-contract",
            ("DPA 7: did not hold",),
        ),
        (
            "notices: [{version: a, posted: 2026-07-01, parties: mailer}, {version: b, posted: 2026-01-01, kinds: bank}]\n",
            "not-in-notice",
            ("version b does not name it", "version a names it, posted on 2026-07-01"),
        ),
    ],
)
def test_what_did_not_hold_is_shown_by_name(load: Load, more: str, rule: str, texts: tuple[str, ...]) -> None:
    sent = facts("sent", at=at("2026-07-03T12:00"), discloses=[("email:a", MAIL)])
    asked = facts("asked", at=TEN, consents=[("email:a", "newsletter", True)])
    (drifted,) = found(load(SMALL + more), sent, asked)
    (finding,) = [each for each in drifted.findings if each.rule == rule]
    assert len(finding.evidence) == len(texts)
    assert all(text in shown.text for text, shown in zip(texts, finding.evidence, strict=True))


def test_the_version_of_a_register_tells_its_content_and_not_its_layout(load: Load) -> None:
    assert load(SMALL).version == load(SMALL + "\n# a word\n").version
    assert load(SMALL).version != load(SMALL.replace("Post Oy", "Post Ab")).version


def test_the_record_begins_with_its_first_disclosure() -> None:
    graph = MemoryGraph()
    assert record_begins(graph) is None
    graph.record([facts("one", at=7, discloses=[("email:a", POST)]), facts("two", at=5, discloses=[("email:a", MAIL)])])
    assert record_begins(graph) == 5
