"""Every event type of the contract is there, with exactly its fields. The table is written from the contract's page."""

from typing import Any

import pytest

from schemas.vocabulary import vocabulary
from tests.schemas.making import CATALOGUE

# type: topic, (source, target, purpose) or None, fields besides the envelope as the contract writes them.
SHOP = "order-system"
CONTRACT: dict[str, tuple[str, tuple[str, str, str] | None, str]] = {
    "AccountOpened": (
        "accounts",
        ("person", SHOP, "account"),
        "customer_id* email* phone?* name?* address?* login_name?*",
    ),
    "ContactChanged": ("accounts", ("person", SHOP, "account"), "customer_id* email?* phone?* name?* address?*"),
    "IdentifiersLinked": ("accounts", None, "left right decided_by"),
    "IdentifiersUnlinked": ("accounts", None, "left right decided_by"),
    "RecordViewed": (
        "accounts",
        (SHOP, "$viewer", "$purpose"),
        "customer_id?* order_id?* viewer viewer_ref purpose categories",
    ),
    "OrderPlaced": (
        "orders",
        ("person", SHOP, "order"),
        (
            "order_id* customer_id?* email* phone?* name* address* ip_address?* vat_number?* national_id?* "
            "passport_number?* consignee? items* total currency"
        ),
    ),
    "ShipmentBooked": (
        "shipping",
        (SHOP, "$carrier", "delivery"),
        (
            "shipment_id* order_id* customer_id?* carrier tracking_number?* name* address* phone?* email?* "
            "passport_number?* consignee?"
        ),
    ),
    "ShipmentHandedOn": (
        "shipping",
        ("$from_carrier", "$to_carrier", "delivery"),
        "shipment_id* tracking_number?* from_carrier to_carrier categories",
    ),
    "PaymentRequested": (
        "payments",
        (SHOP, "$provider", "payment"),
        "payment_id* order_id* customer_id?* provider provider_reference?* name?* email?* amount currency method",
    ),
    "CreditApplied": (
        "payments",
        (SHOP, "$lender", "credit"),
        "application_id* order_id* customer_id?* lender name* national_id?* email* phone?* address* amount currency",
    ),
    "RefundIssued": (
        "payments",
        (SHOP, "$provider", "refund"),
        "refund_id* order_id* customer_id?* provider provider_reference?* bank_account?* amount currency",
    ),
    "NewsletterSubscribed": (
        "newsletter",
        ("person", SHOP, "newsletter"),
        "email* customer_id?* name?* consent_text source",
    ),
    "NewsletterSent": (
        "newsletter",
        (SHOP, "$provider", "newsletter"),
        "email* customer_id?* name?* provider campaign_id list_id?",
    ),
    "NewsletterUnsubscribed": ("newsletter", None, "email* customer_id?* source"),
    "ConsentChanged": ("web", None, "customer_id?* email?* device_id?* purpose granted consent_text"),
    "PageViewed": ("web", ("person", "$platform", "analytics"), "device_id* ip_address?* customer_id?* page* platform"),
    "ConversionReported": ("web", (SHOP, "$platform", "advertising"), "device_id?* email?* order_id* platform action"),
    "AudienceUploaded": (
        "web",
        (SHOP, "$platform", "advertising"),
        "customer_id?* email* phone?* platform audience_id sent_as",
    ),
    "WarrantyRegistered": (
        "aftersales",
        (SHOP, "$vendor", "warranty"),
        "registration_id* order_id* customer_id?* vendor serial* name* email* phone?* address?*",
    ),
    "ClaimOpened": (
        "aftersales",
        (SHOP, "$handler", "claim"),
        "claim_id* order_id* customer_id?* handler serial?* name* email?* phone?* address?* description?*",
    ),
    "LicenceIssued": (
        "aftersales",
        (SHOP, "$vendor", "licence"),
        "licence_id* order_id* customer_id?* vendor email* name?*",
    ),
    "DataDisclosed": (
        "disclosures",
        ("$holder", "$recipient", "$purpose"),
        "holder recipient purpose identifiers categories reference? secret?",
    ),
}

CATEGORY_OF = {
    **dict.fromkeys(["items", "order_id", "shipment_id", "tracking_number", "registration_id", "licence_id"], "order"),
    **dict.fromkeys(["payment_id", "provider_reference", "application_id", "refund_id"], "payment"),
    **dict.fromkeys(["claim_id", "description"], "claim"),
    "serial": "serial_number",
    "page": "browsing",
}
CATEGORIES = (
    "name address email phone customer_id login_name ip_address vat_number national_id passport_number bank_account "
    "device_id order payment claim serial_number browsing consent"
)
IDENTIFIERS = {
    "customer_id",
    "email",
    "phone",
    "device_id",
    "order_id",
    "shipment_id",
    "tracking_number",
    "payment_id",
    "provider_reference",
    "application_id",
    "refund_id",
    "registration_id",
    "licence_id",
    "claim_id",
}
PARTIES = {
    "controller",
    "viewer",
    "carrier",
    "from_carrier",
    "to_carrier",
    "provider",
    "lender",
    "platform",
    "vendor",
    "handler",
    "holder",
    "recipient",
}
NESTED = {
    "address": "street postcode city country",
    "consignee": "name* phone?* email?* address?*",
    "items": "sku product_group model? serial?* quantity price",
    "left": "kind value",
    "identifiers": "kind value",
}
NOT_TEXT = {"quantity": "int", "granted": "boolean", "secret": "boolean"}


def test_the_event_types_are_those_of_the_contract_and_no_others() -> None:
    assert set(CATALOGUE.types) == set(CONTRACT)


def test_there_are_the_eight_topics_of_the_contract() -> None:
    assert CATALOGUE.topics == tuple(sorted({topic for topic, *_ in CONTRACT.values()}))
    assert len(CATALOGUE.topics) == 8


def test_the_categories_are_those_of_the_contract_each_with_a_full_iri() -> None:
    assert set(vocabulary().categories) == set(CATEGORIES.split())
    assert vocabulary().dpv_version == "2.3"
    assert all(iri.startswith(("https://w3id.org/dpv", "urn:")) for iri in vocabulary().categories.values())
    assert len(set(vocabulary().categories.values())) == len(vocabulary().categories)


def written(fields: list[dict[str, Any]]) -> list[str]:
    """Fields of a schema in the contract's way of writing: `?` may be null, `*` carries personal data."""
    return [
        each["name"] + "?" * (isinstance(each["type"], list) and "null" in each["type"]) + "*" * ("category" in each)
        for each in fields
    ]


def inside(avro: Any) -> list[dict[str, Any]] | None:
    """The fields of the record inside a type, where it is written out there."""
    if isinstance(avro, list):
        return next((found for branch in avro if (found := inside(branch))), None)
    if isinstance(avro, dict):
        return avro["fields"] if avro["type"] == "record" else inside(avro.get("items"))
    return None


@pytest.mark.parametrize("name", CONTRACT)
def test_an_event_has_exactly_the_fields_of_the_contract(name: str) -> None:
    topic, _, fields = CONTRACT[name]
    kind = CATALOGUE.types[name]
    assert kind.topic == topic
    assert written(kind.schema["fields"]) == ["event_id", "occurred_at", "controller", *fields.split()]


@pytest.mark.parametrize("name", CONTRACT)
def test_an_event_says_who_got_it_from_whom_for_which_purpose(name: str) -> None:
    discloses = CATALOGUE.types[name].annotations.discloses
    assert (discloses and (discloses.source, discloses.target, discloses.purpose)) == CONTRACT[name][1]


@pytest.mark.parametrize("name", CONTRACT)
def test_fields_have_the_types_categories_and_kinds_of_the_contract(name: str) -> None:
    for field in CATALOGUE.types[name].schema["fields"]:
        avro, each = field["type"], field["name"]
        branches = [branch for branch in avro if branch != "null"] if isinstance(avro, list) else [avro]
        assert len(branches) == 1
        if isinstance(avro, list):
            assert field["default"] is None
            assert avro[0] == "null"
        if each == "occurred_at":
            assert branches == [{"type": "long", "logicalType": "timestamp-micros"}]
        elif each == "sent_as":
            assert branches[0]["symbols"] == ["raw", "sha256"]
        elif each == "categories":
            assert branches == [{"type": "array", "items": "string"}]
        elif fields := inside(branches[0]):
            assert written(fields) == NESTED[each].split()
            assert all(
                part["type"] in ("string", NOT_TEXT.get(part["name"]), ["null", "string"], ["null", "Address"])
                for part in fields
            )
        elif each != "right":
            assert branches == [NOT_TEXT.get(each, "string")]
        if "category" in field:
            assert field["category"] == CATEGORY_OF.get(each, each)
        assert field.get("identifier") == (each if each in IDENTIFIERS else None)
        assert bool(field.get("party")) == (each in PARTIES)


def test_what_is_inside_consignee_and_items_has_the_categories_of_the_contract() -> None:
    for name in ("OrderPlaced", "ShipmentBooked"):
        fields = {field["name"]: field for field in CATALOGUE.types[name].schema["fields"]}
        for part in inside(fields["consignee"]["type"]) or ():
            assert part["category"] == part["name"]
        (another,) = CATALOGUE.types[name].annotations.others
        assert (another.name, another.reference, another.named_by) == ("consignee", "consignee", "order_id")
    serial = {
        part["name"]: part.get("category")
        for part in inside({f["name"]: f for f in CATALOGUE.types["OrderPlaced"].schema["fields"]}["items"]["type"])
        or ()
    }
    assert {name: category for name, category in serial.items() if category} == {"serial": "serial_number"}


def test_consents_and_links_are_those_of_the_contract() -> None:
    consents = {name: kind.annotations.consents for name, kind in CATALOGUE.types.items() if kind.annotations.consents}
    assert consents == {
        "NewsletterSubscribed": ("newsletter", True),
        "NewsletterUnsubscribed": ("newsletter", False),
        "ConsentChanged": ("$purpose", "$granted"),
    }
    links = {name: kind.annotations.links for name, kind in CATALOGUE.types.items() if kind.annotations.links}
    assert links == {"IdentifiersLinked": ("left", "right", True), "IdentifiersUnlinked": ("left", "right", False)}


def test_only_three_events_have_a_list_of_categories_that_counts_alone() -> None:
    listed = {
        name
        for name, kind in CATALOGUE.types.items()
        if kind.annotations.discloses and kind.annotations.discloses.categories
    }
    assert listed == {"RecordViewed", "ShipmentHandedOn", "DataDisclosed"}
    adds = {
        name: kind.annotations.discloses.adds for name, kind in CATALOGUE.types.items() if kind.annotations.discloses
    }
    assert {name: set(added) for name, added in adds.items() if added} == {"NewsletterSubscribed": {"consent"}}
