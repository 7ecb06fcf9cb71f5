from collections.abc import Callable

import pytest

from lineage.register import Finding, Register, check
from tests.lineage.register.small import SMALL, at, line_of

Load = Callable[[str], Register]


def found(load: Load, text: str) -> dict[str, Finding]:
    return {finding.id: finding for finding in check(load(text))}


def test_a_register_without_open_ends_has_only_its_risk(load: Load) -> None:
    assert sorted(found(load, SMALL)) == ["dpf-alone:mailer", "unused-party:us"]


@pytest.mark.parametrize(
    ("old", "new", "finding", "severity"),
    [
        (
            "Post Oy, kind: carrier, country: FI",
            "Post, kind: carrier, country: unknown",
            "unknown-country:post",
            "high",
        ),
        (
            "Post Oy, kind: carrier, country: FI",
            "Post, kind: carrier, country: IN",
            "no-transfer-safeguard:post",
            "high",
        ),
        ("name: Post Oy", "named: false, name: A carrier", "unnamed-party:post", "medium"),
        ("business_id: 1008670-9", "business_id: unknown", "unknown-business-id:us", "medium"),
        ("confirmed: true", "confirmed: false", "unconfirmed-financial-year:us", "medium"),
        ("text: Deliver, basis: contract", "text: Deliver, basis: unknown", "unknown-basis:delivery", "high"),
        ("role: controller", "role: unknown", "unknown-role:post", "medium"),
        ("role: controller", "role: controller, confirmed: false", "unconfirmed-role:post", "low"),
        ("after: order-closed", "after: order-closed, confirmed: false", "unconfirmed-retention:H05", "low"),
        ("mechanism: dpf", "confirmed: false, mechanism: dpf", "unconfirmed-transfer:mailer:dpf", "medium"),
        ("kind: carrier", "kind: unknown", "unknown-kind:post", "low"),
        ("dpv: 'https://w3id.org/dpv#DeliveryOfGoods'", "dpv: unknown", "unknown-dpv:delivery", "medium"),
        (
            "role: controller, from: $own",
            "role: controller, from: unknown",
            "unknown-source:post",
            "medium",
        ),
        (
            "law: contract, after: order-closed, days: 0",
            "law: unknown, after: unknown",
            "unknown-retention:delivery",
            "high",
        ),
    ],
)
def test_what_is_open_is_found_at_its_line(load: Load, old: str, new: str, finding: str, severity: str) -> None:
    text = SMALL.replace(old, new, 1)
    result = found(load, text)[finding]
    assert result.severity == severity
    assert result.where.endswith(f"register.yaml:{line_of(text, new)}")
    assert finding not in found(load, SMALL)


def test_a_second_mechanism_over_all_of_its_time_takes_the_risk_away(load: Load) -> None:
    clauses = "  - {parties: mailer, country: US, mechanism: scc, source: contract}\n"
    assert "dpf-alone:mailer" not in found(load, SMALL.replace("copies:", clauses + "copies:"))


def test_a_second_mechanism_that_ends_first_leaves_the_risk(load: Load) -> None:
    clauses = "  - {parties: mailer, country: US, mechanism: scc, source: contract, valid_until: 2026-05-31}\n"
    assert "dpf-alone:mailer" in found(load, SMALL.replace("copies:", clauses + "copies:"))


def test_an_adequacy_decision_nobody_leans_on_is_no_finding(load: Load) -> None:
    text = SMALL + "adequacy:\n  GB: {confirmed: false}\n"
    assert "unconfirmed-adequacy:GB" not in found(load, text)
    leaning = text.replace("Post Oy, kind: carrier, country: FI", "Post, kind: carrier, country: GB")
    assert "unconfirmed-adequacy:GB" in found(load, leaning)


def test_a_statement_of_the_policy_is_a_finding_in_its_own_words(load: Load) -> None:
    statement = "  x: {status: open, severity: low, quote: How long, law: Art. 5, todo: Decide}\n"
    result = found(load, SMALL + "policy:\n" + statement)["policy:x"]
    assert (result.kind, result.text, result.law, result.todo) == ("open", "How long", "Art. 5", "Decide")


def test_what_nobody_has_decided_is_no_rule_and_no_declared_source(load: Load) -> None:
    text = SMALL.replace("after: order-closed, days: 0", "after: unknown")
    text = text.replace("role: controller, from: $own", "role: controller, from: unknown")
    register = load(text)
    assert register.retention("name", "delivery") is None
    assert register.retention("name", "newsletter") is not None
    assert "undeclared-source" in register.broken_rules(
        "shop", "post", "delivery", frozenset({"name"}), at("2026-03-01T12:00")
    )


def test_a_purpose_of_unknown_meaning_has_no_iri(load: Load) -> None:
    purpose = load(SMALL.replace("dpv: 'https://w3id.org/dpv#DeliveryOfGoods'", "dpv: unknown")).purpose("delivery")
    assert purpose is not None
    assert purpose.dpv == ()
