import re
from collections import Counter

import pytest

from lineage.register import PERSON, Register, check
from tests.lineage.register.small import CATEGORIES, at

NOW = at("2026-11-23T12:00")
_PARTIES = """
multitronic itronic multitronic-pro multicare smartdeals order-system back-office backup posti matkahuolto
postnord dhl ups schenker paytrail nets klarna adyen stripe paypal klarna walley resurs svea google-analytics
google-ads meta sendgrid epostservice microsoft warranty-insurer debt-collector credit-bureau tax-authority
customs police consumer-authority data-protection-ombudsman
"""
CONTRACT_PARTIES = _PARTIES.split()
_PURPOSES = """
account order delivery customer-contact payment credit refund newsletter analytics advertising warranty claim licence
after-sales competition tax customs authority-inquiry debt-collection credit-check fraud-prevention recall security
backup rights
"""
PURPOSES = _PURPOSES.split()


def test_every_party_of_the_contract_is_known(shipped: Register) -> None:
    assert [party for party in CONTRACT_PARTIES if not shipped.is_party(party)] == []


def test_the_purposes_are_those_of_the_shared_vocabulary(shipped: Register) -> None:
    assert sorted(purpose.id for purpose in shipped.declared.purposes) == sorted(PURPOSES)
    assert {purpose for purpose in PURPOSES if shipped.basis(purpose, NOW) in (None, "unknown")} == set()


def test_only_newsletter_analytics_and_advertising_rest_on_consent(shipped: Register) -> None:
    rest = {purpose: shipped.consent_purpose(purpose, NOW) for purpose in PURPOSES}
    assert {purpose: consent for purpose, consent in rest.items() if consent is not None} == {
        "newsletter": "newsletter",
        "analytics": "analytics",
        "advertising": "advertising",
    }


def test_posti_is_as_the_contract_shows_it(shipped: Register) -> None:
    posti = shipped.party("posti")
    assert posti is not None
    assert (posti.name, posti.country) == ("Posti Oy", "FI")
    assert shipped.role("posti", "delivery", NOW) == "controller"
    assert shipped.basis("delivery", NOW) == "contract"
    assert shipped.transfer("posti", NOW) is None


@pytest.mark.parametrize(
    ("party", "purpose", "role"),
    [
        ("order-system", "order", "own-system"),
        ("multitronic", "order", "controller"),
        ("multicare", "customer-contact", "joint-controller"),
        ("sendgrid", "newsletter", "processor"),
        ("google-analytics", "analytics", "processor"),
        ("google-ads", "advertising", "controller"),
        ("meta", "advertising", "joint-controller"),
        ("klarna", "credit", "controller"),
        ("paytrail", "payment", "processor"),
        ("paytrail", "fraud-prevention", "controller"),
        ("debt-collector", "debt-collection", "unknown"),
        ("police", "authority-inquiry", "authority"),
    ],
)
def test_a_party_has_the_role_of_its_purpose(shipped: Register, party: str, purpose: str, role: str) -> None:
    assert shipped.role(party, purpose, NOW) == role


def test_brands_are_declared_as_the_companies_behind_them(shipped: Register) -> None:
    named = {party.id: (party.name, party.country) for party in shipped.parties()}
    assert named["walley"] == ("Norion Bank AB", "SE")
    assert named["klarna"] == ("Klarna Bank AB (publ)", "SE")
    assert named["google-analytics"] == named["google-ads"] == ("Google Ireland Limited", "IE")
    assert named["meta"] == ("Meta Platforms Ireland Limited", "IE")
    assert named["sendgrid"] == ("Twilio Inc.", "US")
    assert named["epostservice"][1] == "unknown"


def test_only_the_five_companies_are_controllers_of_ours(shipped: Register) -> None:
    ours = [party.id for party in shipped.parties() if shipped.is_controller(party.id)]
    assert ours == ["itronic", "multicare", "multitronic", "multitronic-pro", "smartdeals"]


def test_the_systems_are_copied_to_the_backup(shipped: Register) -> None:
    for system in ("order-system", "back-office"):
        assert [(copy.target, copy.purpose) for copy in shipped.copies_from(system, NOW)] == [("backup", "backup")]


def test_every_declared_pair_has_a_finite_rule(shipped: Register) -> None:
    pairs = {(category, entry.purpose) for entry in shipped.declared.recipients for category in entry.categories}
    assert [pair for pair in sorted(pairs) if shipped.retention(*pair) is None] == []


@pytest.mark.parametrize(
    ("category", "purpose", "rule"),
    [
        ("order", "order", "H01"),
        ("email", "order", "H05"),
        ("serial_number", "order", "H07"),
        ("ip_address", "order", "H16"),
        ("national_id", "credit", "H15"),
        ("passport_number", "delivery", "H12"),
        ("bank_account", "refund", "H14"),
        ("email", "newsletter", "H23"),
        ("consent", "newsletter", "H19"),
        ("name", "account", "H22"),
        ("serial_number", "recall", "H10"),
    ],
)
def test_the_longest_hold_does_not_spread_to_its_siblings(
    shipped: Register, category: str, purpose: str, rule: str
) -> None:
    found = shipped.retention(category, purpose)
    assert found is not None
    assert found.rule == rule


def test_no_category_of_data_is_declared_by_nobody(shipped: Register) -> None:
    declared = frozenset[str]().union(*(entry.categories for entry in shipped.declared.recipients))
    assert declared == CATEGORIES


def test_every_source_is_a_party_or_the_person(shipped: Register) -> None:
    sources = {source for entry in shipped.declared.recipients for source in entry.sources}
    assert [source for source in sorted(sources) if source != PERSON and not shipped.is_party(source)] == []


def test_the_findings_name_every_contradiction_of_the_policy_and_every_open_point(shipped: Register) -> None:
    found = {finding.id for finding in check(shipped)}
    assert {
        "policy:until-asked",
        "policy:ten-years",
        "policy:clock-from-approval",
        "policy:universal-analytics",
        "policy:ip-is-only-location",
        "policy:joint-controllers",
        "policy:shared-credentials",
        "policy:transfers-not-named",
        "policy:recipients-not-named",
    } <= found
    opened = sorted(name for name in found if name.startswith("policy:open-"))
    assert [name.split("-")[1] for name in opened] == list("abcdefghi")


def test_the_findings_name_every_unknown(shipped: Register) -> None:
    found = {finding.id for finding in check(shipped)}
    assert {
        "unknown-country:epostservice",
        "unknown-business-id:multicare",
        "unknown-role:debt-collector",
        "unnamed-party:competition-sponsor",
        "unconfirmed-transfer:meta:dpf",
        "unconfirmed-retention:H07",
        "unconfirmed-adequacy:GB",
    } <= found
    assert "unknown-business-id:multitronic" not in found
    assert not {name for name in found if name.startswith(("unused-party", "unknown-basis", "no-transfer-safeguard"))}


def test_every_finding_says_where_why_and_what_to_do(shipped: Register) -> None:
    findings = check(shipped)
    assert max(Counter(finding.id for finding in findings).values()) == 1
    for finding in findings:
        assert re.fullmatch(r"[a-z]+\.yaml:[1-9]\d*", finding.where)
        assert finding.text
        assert finding.law
        assert finding.todo
        assert finding.severity in ("high", "medium", "low")
    assert findings == check(shipped)
    assert [finding.severity for finding in findings] == sorted(
        (finding.severity for finding in findings), key=("high", "medium", "low").index
    )
