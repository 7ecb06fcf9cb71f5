"""Walks the events of contract §2 with every optional field present: the shipped register allows what is lawful."""

import pytest

from lineage.register import Register
from tests.lineage.register.small import CATEGORIES, at

NOW = at("2026-11-23T12:00")
ADDRESSEE = "name address phone email"
BOOKED = f"customer_id order {ADDRESSEE}"
SALE = f"customer_id order serial_number {ADDRESSEE}"
CARRIERS = ["posti", "matkahuolto", "postnord", "dhl", "ups", "schenker"]
BEYOND_EU = ["posti", "postnord", "dhl", "ups", "schenker"]
PROVIDERS = ["paytrail", "nets", "klarna", "adyen", "stripe", "paypal"]
LENDERS = ["klarna", "walley", "resurs", "svea"]
GROUP = ["multitronic", "itronic", "multitronic-pro", "multicare", "smartdeals"]
AUTHORITIES = ["tax-authority", "customs", "police", "consumer-authority", "data-protection-ombudsman"]
CASE = f"{SALE} payment claim vat_number login_name"

LAWFUL: list[tuple[str, list[str], list[str], list[str], str]] = [
    # event, from, to, for, categories
    ("AccountOpened", ["person"], ["order-system"], ["account"], f"customer_id {ADDRESSEE} login_name"),
    ("ContactChanged", ["person"], ["order-system"], ["account"], f"customer_id {ADDRESSEE}"),
    ("RecordViewed", ["order-system"], GROUP, ["customer-contact", "order", "after-sales", "claim"], CASE),
    (
        "OrderPlaced",
        ["person"],
        ["order-system"],
        ["order"],
        f"{SALE} ip_address vat_number national_id passport_number",
    ),
    ("OrderPlaced, the consignee", ["person"], ["order-system"], ["order"], ADDRESSEE),
    ("ShipmentBooked", ["order-system"], CARRIERS, ["delivery"], BOOKED),
    ("ShipmentBooked beyond the EU", ["order-system"], BEYOND_EU, ["delivery"], f"{BOOKED} passport_number"),
    ("ShipmentBooked, the consignee", ["order-system"], CARRIERS, ["delivery"], ADDRESSEE),
    ("ShipmentHandedOn", CARRIERS, [*CARRIERS, "other-carrier"], ["delivery"], f"order {ADDRESSEE}"),
    ("PaymentRequested", ["order-system"], PROVIDERS, ["payment"], "payment order customer_id name email"),
    (
        "CreditApplied",
        ["order-system"],
        LENDERS,
        ["credit"],
        f"payment order customer_id {ADDRESSEE} national_id",
    ),
    ("RefundIssued", ["order-system"], PROVIDERS, ["refund"], "payment order customer_id bank_account"),
    ("RefundIssued to a lender", ["order-system"], LENDERS, ["refund"], "payment order customer_id"),
    ("NewsletterSubscribed", ["person"], ["order-system"], ["newsletter"], "email customer_id name consent"),
    ("NewsletterSent", ["order-system"], ["sendgrid", "epostservice"], ["newsletter"], "email customer_id name"),
    ("PageViewed", ["person"], ["google-analytics"], ["analytics"], "device_id ip_address customer_id browsing"),
    ("ConversionReported", ["order-system"], ["google-ads", "meta"], ["advertising"], "device_id email order"),
    ("AudienceUploaded", ["order-system"], ["google-ads", "meta"], ["advertising"], "customer_id email phone"),
    ("WarrantyRegistered", ["order-system"], ["microsoft", "warranty-insurer", "multicare"], ["warranty"], SALE),
    (
        "ClaimOpened",
        ["order-system"],
        ["microsoft", "warranty-insurer", "repair-centre", *GROUP],
        ["claim"],
        f"{SALE} claim",
    ),
    ("LicenceIssued", ["order-system"], ["microsoft", "other-vendor"], ["licence"], "email name customer_id order"),
    (
        "DataDisclosed in an inquiry",
        ["order-system", "back-office", "multitronic"],
        AUTHORITIES,
        ["authority-inquiry"],
        f"{CASE} ip_address national_id",
    ),
    ("DataDisclosed for tax", ["order-system"], ["tax-authority", "auditor"], ["tax"], f"{SALE} payment vat_number"),
    ("DataDisclosed for tax-free sale", ["order-system"], ["tax-authority"], ["tax"], "name order passport_number"),
    (
        "DataDisclosed for export",
        ["order-system", "posti"],
        ["customs"],
        ["customs"],
        f"{SALE} passport_number vat_number",
    ),
    (
        "DataDisclosed for a debt",
        ["order-system"],
        ["debt-collector", "lawyer"],
        ["debt-collection"],
        f"{BOOKED} payment national_id",
    ),
    (
        "DataDisclosed for credit",
        ["order-system", *LENDERS, "debt-collector"],
        ["credit-bureau"],
        ["credit-check"],
        "name address national_id",
    ),
    ("DataDisclosed for a prize", ["order-system"], ["competition-sponsor"], ["competition"], ADDRESSEE),
    (
        "DataDisclosed to the back office",
        ["order-system"],
        ["back-office"],
        ["order", "customer-contact", "after-sales", "claim"],
        CASE,
    ),
    ("DataDisclosed to the backup", ["order-system", "back-office"], ["backup"], ["backup"], " ".join(CATEGORIES)),
    ("DataDisclosed to a card scheme", ["nets", "paytrail"], ["visa", "mastercard"], ["payment"], "payment"),
]


@pytest.mark.parametrize(
    ("event", "sources", "targets", "purposes", "categories"), LAWFUL, ids=[row[0] for row in LAWFUL]
)
def test_a_lawful_event_with_every_field_breaks_no_rule(
    shipped: Register, event: str, sources: list[str], targets: list[str], purposes: list[str], categories: str
) -> None:
    for source in sources:
        for target in targets:
            for purpose in purposes:
                broken = shipped.broken_rules(source, target, purpose, frozenset(categories.split()), NOW)
                assert broken == (), f"{event}: {source} to {target} for {purpose}"


FORBIDDEN = [
    # national ids go to nobody who only carries, writes or advertises (Tietosuojalaki 29 §)
    *(("order-system", carrier, "delivery", "national_id", "category-not-allowed") for carrier in CARRIERS),
    *(
        ("order-system", mail, "newsletter", "national_id", "category-not-allowed")
        for mail in ("sendgrid", "epostservice")
    ),
    *(("order-system", web, "advertising", "national_id", "category-not-allowed") for web in ("google-ads", "meta")),
    *(("order-system", viewer, "order", "national_id", "category-not-allowed") for viewer in GROUP),
    *(("order-system", provider, "payment", "national_id", "category-not-allowed") for provider in PROVIDERS),
    # passport numbers: exports only
    ("order-system", "matkahuolto", "delivery", "passport_number", "category-not-allowed"),
    ("posti", "matkahuolto", "delivery", "passport_number", "category-not-allowed"),
    ("order-system", "back-office", "order", "passport_number", "category-not-allowed"),
    ("order-system", "police", "authority-inquiry", "passport_number", "category-not-allowed"),
    *(("order-system", lender, "credit", "passport_number", "category-not-allowed") for lender in LENDERS),
    # bank accounts: refunds only
    *(("order-system", provider, "payment", "bank_account", "category-not-allowed") for provider in PROVIDERS),
    ("order-system", "walley", "refund", "bank_account", "category-not-allowed"),
    ("order-system", "tax-authority", "tax", "bank_account", "category-not-allowed"),
    ("order-system", "debt-collector", "debt-collection", "bank_account", "category-not-allowed"),
    # nothing that names a person goes through Google Analytics
    *(
        ("person", "google-analytics", "analytics", category, "category-not-allowed")
        for category in sorted(CATEGORIES - {"device_id", "ip_address", "customer_id", "browsing"})
    ),
    ("order-system", "google-analytics", "analytics", "device_id", "undeclared-source"),
    # data for one purpose is not data for another
    ("order-system", "posti", "advertising", "name", "undeclared-recipient"),
    ("order-system", "sendgrid", "advertising", "email", "undeclared-recipient"),
    ("order-system", "google-analytics", "advertising", "device_id", "undeclared-recipient"),
    ("order-system", "meta", "newsletter", "email", "undeclared-recipient"),
    ("order-system", "klarna", "newsletter", "email", "undeclared-recipient"),
    ("order-system", "multitronic", "advertising", "email", "undeclared-recipient"),
    # nobody passes on what is not theirs to pass on
    ("sendgrid", "meta", "advertising", "email", "undeclared-source"),
    ("posti", "debt-collector", "debt-collection", "name", "undeclared-source"),
    ("klarna", "posti", "delivery", "name", "undeclared-source"),
    ("order-system", "positive-credit-register", "credit-check", "national_id", "undeclared-source"),
    ("order-system", "posti", "curiosity", "name", "unknown-purpose"),
]


@pytest.mark.parametrize(("source", "target", "purpose", "category", "rule"), FORBIDDEN)
def test_a_forbidden_disclosure_breaks_its_rule(
    shipped: Register, source: str, target: str, purpose: str, category: str, rule: str
) -> None:
    assert shipped.broken_rules(source, target, purpose, frozenset({category}), NOW) == (rule,)


def test_only_who_may_ever_gets_what_is_most_sensitive(shipped: Register) -> None:
    def who(category: str) -> set[str]:
        return {entry.party for entry in shipped.declared.recipients if category in entry.categories}

    own = {"order-system", "back-office", "backup"}
    banks = {"nordea", "danske-bank", "op", "saastopankki", "alandsbanken"}
    assert who("passport_number") == {"order-system", "backup", "customs", "tax-authority", *BEYOND_EU}
    assert who("bank_account") == {*own, *PROVIDERS, *banks}
    assert who("browsing") == {"google-analytics", "backup"}
    assert not who("national_id") & {
        *CARRIERS,
        "other-carrier",
        "sendgrid",
        "epostservice",
        "google-ads",
        "meta",
        *GROUP,
    }


def test_before_the_framework_the_clauses_alone_carry_the_transfer(shipped: Register) -> None:
    before, after = shipped.transfer("meta", at("2023-07-09T12:00")), shipped.transfer("meta", at("2023-07-10T12:00"))
    assert before is not None
    assert before.mechanisms == ("scc",)
    assert after is not None
    assert (after.country, after.mechanisms) == ("US", ("dpf", "scc"))
