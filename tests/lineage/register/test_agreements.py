"""Contracts, versions of the notice, and what mechanisms of transfer stand on: each holds for a time, and for no longer."""

from collections.abc import Callable

import pytest

from lineage.register import Register, check
from tests.lineage.register.small import SMALL, at, line_of

Load = Callable[[str], Register]
Refuse = Callable[[str], list[str]]
EMAIL = frozenset({"email"})
OPEN = SMALL.replace(", valid_from: 2023-07-10, valid_until: 2026-06-30", "").replace(
    ",\n     valid_from: 2026-01-01, valid_until: 2026-06-30", ""
)
"""The small register without an end to what it declares."""
CONTRACT = "contracts:\n  - {parties: mailer, kind: processing, source: DPA 7, valid_from: 2026-02-01, valid_until: 2026-05-31}\n"
NOTICES = """\
notices:
  - {version: '2', posted: 2026-03-02, valid_from: 2026-03-10, parties: [mailer, post]}
  - {version: '1', posted: 2026-01-05, kinds: carrier, purposes: delivery}
"""
FRAMEWORK = "frameworks:\n  dpf: {valid_from: 2023-07-10, valid_until: 2026-03-31}\n"


def broken(register: Register, party: str, purpose: str, when: str) -> tuple[str, ...]:
    return register.broken_rules("shop", party, purpose, EMAIL, at(when))


@pytest.mark.parametrize(
    ("when", "rules"),
    [
        ("2026-01-31T23:59", ("no-contract",)),
        ("2026-02-01T00:00", ()),
        ("2026-05-31T23:59", ()),
        ("2026-06-01T00:00", ("no-contract",)),
    ],
)
def test_a_processor_needs_a_contract_of_that_moment(load: Load, when: str, rules: tuple[str, ...]) -> None:
    assert broken(load(OPEN + CONTRACT), "mailer", "newsletter", when) == rules


def test_of_who_has_no_contract_declared_nothing_is_said_and_a_controller_needs_none(load: Load) -> None:
    assert broken(load(OPEN), "mailer", "newsletter", "2026-07-01T00:00") == ()
    controller = load(OPEN + CONTRACT.replace("mailer", "post"))
    assert broken(controller, "post", "delivery", "2026-07-01T00:00") == ()


def test_a_contract_for_one_purpose_is_none_for_another(load: Load) -> None:
    text = OPEN + CONTRACT.replace("kind: processing", "kind: processing, purposes: delivery")
    assert broken(load(text), "mailer", "newsletter", "2026-03-01T00:00") == ("no-contract",)


def test_an_entry_that_outlives_its_contract_is_a_finding(load: Load) -> None:
    assert "contract-ends:mailer:newsletter" in {each.id for each in check(load(OPEN + CONTRACT))}
    endless = CONTRACT.replace(", valid_until: 2026-05-31", "")
    assert "contract-ends:mailer:newsletter" not in {each.id for each in check(load(OPEN + endless))}
    doubted = {each.id for each in check(load(OPEN + endless.replace("DPA 7", "DPA 7, confirmed: false")))}
    assert "unconfirmed-contract:mailer:processing" in doubted


@pytest.mark.parametrize(
    ("party", "purpose", "when", "rules"),
    [
        (
            "post",
            "delivery",
            "2026-01-08T23:59",
            ("not-in-notice",),
        ),  # posted on the 5th, in force after three full days
        ("post", "delivery", "2026-01-09T00:00", ()),
        ("mailer", "newsletter", "2026-03-09T23:59", ("not-in-notice",)),  # named in a version that is posted only
        ("mailer", "newsletter", "2026-03-10T00:00", ()),
        ("post", "delivery", "2026-12-01T00:00", ()),
    ],
)
def test_a_recipient_is_named_in_the_notice_in_force_then(
    load: Load, party: str, purpose: str, when: str, rules: tuple[str, ...]
) -> None:
    assert broken(load(OPEN + NOTICES), party, purpose, when) == rules


def test_a_purpose_that_the_notice_leaves_out_is_told_of_nobody(load: Load) -> None:
    register = load(OPEN + NOTICES.replace("purposes: delivery", "purposes: newsletter"))
    assert broken(register, "post", "delivery", "2026-02-01T00:00") == ("not-in-notice",)


def test_own_systems_need_not_be_named(load: Load) -> None:
    register = load(OPEN + NOTICES)
    assert register.broken_rules("person", "shop", "delivery", EMAIL, at("2026-02-01T00:00")) == ()


def test_a_notice_without_days_was_always_in_force(load: Load) -> None:
    register = load(OPEN + "notices:\n  - {version: '1', kinds: [carrier, mail]}\n")
    assert broken(register, "post", "delivery", "2001-01-01T00:00") == ()


def test_no_mechanism_outlives_the_framework_it_stands_on(load: Load) -> None:
    register = load(OPEN + FRAMEWORK)
    assert broken(register, "mailer", "newsletter", "2026-03-31T23:59") == ()
    assert broken(register, "mailer", "newsletter", "2026-04-01T00:00") == ("no-transfer-safeguard",)
    clauses = OPEN.replace("copies:", "  - {parties: mailer, country: US, mechanism: scc, source: contract}\ncopies:")
    assert broken(load(clauses + FRAMEWORK), "mailer", "newsletter", "2026-04-01T00:00") == ()


def test_decisions_on_one_country_may_follow_each_other(load: Load) -> None:
    text = OPEN.replace("Post Oy, kind: carrier, country: FI", "Post Ltd, kind: carrier, country: GB")
    text += "adequacy:\n  GB: [{valid_until: 2026-02-28}, {valid_from: 2026-03-05}]\n"
    rules = [broken(load(text), "post", "delivery", f"2026-03-0{day}T12:00") for day in (1, 5)]
    assert rules == [("no-transfer-safeguard",), ()]
    assert broken(load(text), "post", "delivery", "2026-02-28T23:59") == ()


def test_article_49_1_b_carries_what_a_contract_asks_for_and_nothing_else(load: Load) -> None:
    derogation = OPEN.replace("mechanism: dpf", "mechanism: 49-1-b")
    assert broken(load(derogation), "mailer", "newsletter", "2026-03-01T00:00") == ("no-transfer-safeguard",)
    abroad = OPEN.replace("Post Oy, kind: carrier, country: FI", "Post Ltd, kind: carrier, country: IN").replace(
        "copies:", "  - {parties: post, country: IN, mechanism: 49-1-b, source: the order}\ncopies:"
    )
    assert broken(load(abroad), "post", "delivery", "2026-03-01T00:00") == ()


CONTRADICTIONS = [
    (CONTRACT + CONTRACT.partition("\n")[2], 2, "hold for the same at one time"),
    (NOTICES.replace("valid_from: 2026-03-10", "valid_from: 2026-03-05"), 1, "three full days later at the earliest"),
    (NOTICES.replace("valid_from: 2026-03-10", "valid_from: 2026-01-09"), 1, "three full days later at the earliest"),
    (NOTICES.replace("posted: 2026-03-02, valid_from: 2026-03-10", "valid_from: 2026-01-09"), 2, "on the same day"),
    (NOTICES.replace("'2'", "'1'"), 2, "the version '1' is there twice"),
    (NOTICES.replace("posted: 2026-03-02", "posted: 1950-03-02"), 1, "'posted':"),
    (NOTICES.replace(", kinds: carrier", ""), 2, "names recipients"),
    (NOTICES.replace("kinds: carrier", "kinds: postman"), 2, "'kinds'"),
    (FRAMEWORK.replace("dpf", "trust"), 1, "unknown mechanism 'trust'"),
    ("adequacy:\n  GB: [{valid_until: 2026-03-01}, {valid_from: 2026-03-01}]\n", 1, "hold at the same time"),
]


@pytest.mark.parametrize(("more", "line", "message"), CONTRADICTIONS, ids=[each[2] for each in CONTRADICTIONS])
def test_a_register_that_contradicts_itself_is_refused_at_the_line(
    refuse: Refuse, more: str, line: int, message: str
) -> None:
    faults = refuse(OPEN + more)
    lines = {int(fault.split(":")[1]) for fault in faults if message in fault}
    assert lines == {line_of(OPEN + more, more.partition("\n")[0]) + line}, faults


def test_a_mechanism_from_before_its_framework_is_refused(refuse: Refuse) -> None:
    text = SMALL + FRAMEWORK.replace("valid_from: 2023-07-10, valid_until: 2026-03-31", "valid_from: 2026-07-01")
    assert any("this never holds: 'dpf' has no force then" in fault for fault in refuse(text))
