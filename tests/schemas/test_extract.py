"""What an event says: the categories really present, whose they are, and the shapes that its texts must have."""

from typing import Any

import pytest

from schemas.codec import decode
from schemas.extract import InvalidEvent, Said, said
from schemas.records import JsonRecords
from tests.schemas.making import CATALOGUE, TYPES, example, line

JSON = JsonRecords(CATALOGUE)
ADDRESS = {"street": "Rantatie 1", "postcode": "65100", "city": "Vaasa", "country": "FI"}
EMPTY = {"street": "", "postcode": "", "city": "", "country": ""}


def told(name: str, /, **fields: Any) -> Said:
    encoded = JSON.encode(line(example(CATALOGUE.types[name], **fields)))
    return said(*decode(CATALOGUE, encoded.record), encoded.forbidden)


def categories(name: str, /, **fields: Any) -> list[set[str]]:
    return [set(person.categories) for person in told(name, **fields).people]


ALL = {
    "AccountOpened": "customer_id email phone name address login_name",
    "ContactChanged": "customer_id email phone name address",
    "OrderPlaced": "order customer_id email phone name address ip_address vat_number national_id passport_number serial_number",
    "ShipmentBooked": "order customer_id name address phone email passport_number",
    "PaymentRequested": "payment order customer_id name email",
    "CreditApplied": "payment order customer_id name national_id email phone address",
    "RefundIssued": "payment order customer_id bank_account",
    "NewsletterSubscribed": "email customer_id name consent",
    "NewsletterSent": "email customer_id name",
    "PageViewed": "device_id ip_address customer_id browsing",
    "ConversionReported": "device_id email order",
    "AudienceUploaded": "customer_id email phone",
    "WarrantyRegistered": "order customer_id serial_number name email phone address",
    "ClaimOpened": "claim order customer_id serial_number name email phone address",
    "LicenceIssued": "order customer_id email name",
}


def filled(name: str) -> dict[str, Any]:
    """Every field of the person given; her consignee left out."""
    fields = {field["name"]: field for field in CATALOGUE.types[name].schema["fields"]}
    given: dict[str, Any] = {
        each: "given" for each, field in fields.items() if field.get("category") and each != "items"
    }
    if "address" in given:
        given["address"] = ADDRESS
    if "items" in fields:
        given["items"] = [
            {"sku": "x", "product_group": "g", "model": None, "serial": "S", "quantity": 1, "price": "1.00"}
        ]
    return given


@pytest.mark.parametrize("name", ALL)
def test_all_categories_of_a_full_event_are_seen(name: str) -> None:
    assert categories(name, **filled(name)) == [set(ALL[name].split())]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("absent", [None, ""], ids=["null", "empty"])
def test_what_is_null_or_empty_is_not_disclosed(name: str, absent: str | None) -> None:
    """One field after the other: its category is gone unless another field has the same."""
    fields = {field["name"]: field for field in CATALOGUE.types[name].schema["fields"]}
    of = {each: field["category"] for each, field in fields.items() if field.get("category")}
    full = filled(name)
    for each in full:
        if absent is None and "default" not in fields[each]:
            continue
        empty = {"address": None if absent is None else EMPTY, "items": []}.get(each, absent)
        others = {of[other] for other in full if other != each} | (
            {"serial_number"} if "items" in full and each != "items" else set()
        )
        others |= {"consent"} if name == "NewsletterSubscribed" else set()
        assert categories(name, **{**full, each: empty}) == [others], each


def test_an_address_of_which_one_part_is_given_is_disclosed() -> None:
    assert "address" in categories("ContactChanged", address={**EMPTY, "city": "Vaasa"})[0]
    assert "address" not in categories("ContactChanged", address=EMPTY)[0]


def test_a_serial_number_is_disclosed_where_an_item_has_one() -> None:
    item = {"sku": "x", "product_group": "g", "model": "M", "quantity": 1, "price": "1.00"}
    assert "serial_number" not in categories("OrderPlaced", items=[item, {**item, "serial": ""}])[0]
    assert "serial_number" in categories("OrderPlaced", items=[item, {**item, "serial": "S"}])[0]


def test_products_are_told_by_item_and_of_an_event_itself() -> None:
    item = {"sku": "S-1", "product_group": "home", "quantity": 1, "price": "1.00"}
    items = [
        {**item, "model": "X1", "serial": "S-1"},
        {**item, "model": None, "serial": ""},
        {**item, "model": "X2", "serial": None},
    ]
    assert told("OrderPlaced", items=items).products == (("X1", "S-1"), ("X2", ""))
    assert told("OrderPlaced", items=[]).products == ()
    assert told("WarrantyRegistered", serial="S-2").products == (("", "S-2"),)
    assert told("ClaimOpened", serial=None).products == ()
    assert told("ShipmentBooked").products == ()


def test_a_consignee_is_a_person_of_her_own_with_what_is_disclosed_of_her() -> None:
    consignee = {"name": "K", "phone": "0401", "email": "", "address": ADDRESS}
    for name in ("OrderPlaced", "ShipmentBooked"):
        buyer, other = told(name, order_id="O-1", email="a@b.fi", phone=None, consignee=consignee).people
        assert set(other.categories) == {"name", "phone", "address"}
        assert [tuple(each) for each in other.identifiers] == [("phone", "0401")]
        assert tuple(other.reference or ()) == ("consignee", "O-1")
        assert "phone" not in buyer.categories
        assert buyer.reference is None
        assert ("phone", "0401") not in [tuple(each) for each in buyer.identifiers]


def test_a_consignee_of_whom_nothing_is_said_is_nobody() -> None:
    assert len(told("OrderPlaced", consignee=None).people) == 1
    assert len(told("OrderPlaced", consignee={"name": "", "phone": None, "email": "", "address": EMPTY}).people) == 1


def test_a_list_of_categories_counts_and_nothing_else_does() -> None:
    assert categories("ShipmentHandedOn", shipment_id="s", tracking_number="t", categories=["name"]) == [{"name"}]
    assert categories("RecordViewed", customer_id="c", order_id="o", categories=["email", "phone", "email"]) == [
        {"email", "phone"}
    ]
    identifiers = [{"kind": "email", "value": "a@b.fi"}]
    assert categories("DataDisclosed", identifiers=identifiers, categories=["payment"]) == [{"payment"}]
    assert categories("DataDisclosed", identifiers=identifiers, categories=[]) == [set()]


def test_a_subscription_adds_the_consent_and_grants_it() -> None:
    given = told("NewsletterSubscribed", email="a@b.fi")
    assert "consent" in given.people[0].categories
    assert given.consent == ("newsletter", True)
    assert told("NewsletterUnsubscribed").consent == ("newsletter", False)
    assert told("ConsentChanged", purpose="analytics", granted=False).consent == ("analytics", False)
    assert told("OrderPlaced").consent is None


def test_identifiers_are_those_given_in_order_and_blank_ones_are_none() -> None:
    identifiers = [
        {"kind": "order_id", "value": "o"},
        {"kind": "email", "value": "  "},
        {"kind": "email", "value": "A@b.fi"},
    ]
    (person,) = told("DataDisclosed", identifiers=identifiers).people
    assert [tuple(each) for each in person.identifiers] == [("order_id", "o"), ("email", "A@b.fi")]
    (person,) = told("ContactChanged", customer_id=" ", email="", phone=" 0401").people
    assert [tuple(each) for each in person.identifiers] == [("phone", " 0401")]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_every_party_of_an_event_is_named(kind: Any) -> None:
    fields = [field["name"] for field in kind.schema["fields"] if field.get("party")]
    parties = {name: f"party-{number}" for number, name in enumerate(fields)}
    assert told(kind.name, **parties).parties == tuple(parties.values())
    assert told(kind.name, **parties).controller == parties["controller"]


def test_who_got_it_from_whom_is_read_from_the_event_where_it_says_so() -> None:
    handed_on = told("ShipmentHandedOn", from_carrier="posti", to_carrier="dhl")
    assert (handed_on.source, handed_on.target, handed_on.purpose) == ("posti", "dhl", "delivery")
    disclosed = told("DataDisclosed", holder="order-system", recipient="police", purpose="authority-inquiry")
    assert (disclosed.source, disclosed.target, disclosed.purpose) == ("order-system", "police", "authority-inquiry")
    linked = told("IdentifiersLinked")
    assert (linked.source, linked.target, linked.purpose) == (None, None, None)


def test_a_link_names_both_ends_and_whether_it_joins() -> None:
    ends = {"left": {"kind": "email", "value": "a@b.fi"}, "right": {"kind": "phone", "value": "0401"}}
    for name, joined in (("IdentifiersLinked", True), ("IdentifiersUnlinked", False)):
        left, right, joins = told(name, **ends).link or ()
        assert (tuple(left), tuple(right), joins) == (("email", "a@b.fi"), ("phone", "0401"), joined)


WORD = "field: not in its format"
BAD = [
    *(
        ("OrderPlaced", {"total": text}, "total")
        for text in ("", "1,00", "1.", ".5", "1e3", " 1", "+1", "NaN", "1" * 19, "１")
    ),
    *(("OrderPlaced", {"currency": text}, "currency") for text in ("", "eur", "EURO", "€", "EU", "EUR ")),
    *(("OrderPlaced", {"address": {**ADDRESS, "country": text}}, "country") for text in ("fi", "FIN", "Finland", "F")),
    *(("RecordViewed", {"purpose": text}, "purpose") for text in ("", "1st", "a@b.fi", "x" * 65, "ä", "a,b")),
    *(
        ("ShipmentHandedOn", {"categories": ["name", text]}, "categories")
        for text in ("", "0401234567", "a@b.fi", "a,b")
    ),
    ("DataDisclosed", {"identifiers": [{"kind": "Email", "value": "x"}]}, "identifiers"),
    ("DataDisclosed", {"identifiers": [{"kind": "", "value": "x"}]}, "kind"),
    ("IdentifiersLinked", {"left": {"kind": "email", "value": " "}}, "left"),
    ("IdentifiersUnlinked", {"right": {"kind": "E mail", "value": "x"}}, "right"),
    ("OrderPlaced", {"event_id": ""}, "event_id"),
]


@pytest.mark.parametrize(("name", "fields", "named"), BAD, ids=range(len(BAD)))
def test_a_text_that_has_not_its_shape_is_bad_input_named_by_its_field(
    name: str, fields: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidEvent) as caught:
        told(name, **fields)
    assert str(caught.value).startswith(named)


def test_items_and_a_consignee_are_looked_into_as_well() -> None:
    item = {"sku": "x", "product_group": "g", "quantity": 1, "price": "1,00"}
    with pytest.raises(InvalidEvent, match=r"^price: "):
        told("OrderPlaced", items=[item])
    with pytest.raises(InvalidEvent, match=r"^country: "):
        told("OrderPlaced", consignee={"name": "K", "address": {**ADDRESS, "country": "Suomi"}})


@pytest.mark.parametrize("amount", ["0", "12.50", "-3.00", "999999999999999999.123456789"])
def test_amounts_are_decimal_strings(amount: str) -> None:
    assert told("RefundIssued", amount=amount, currency="SEK").type == "RefundIssued"


def test_a_forbidden_value_is_marked_with_the_person_whose_it_was() -> None:
    card = "4111 1111 1111 1111"
    consignee = {"name": "K", "phone": None, "email": None, "address": {**ADDRESS, "street": card}}
    assert [person.forbidden for person in told("OrderPlaced", consignee=consignee).people] == [False, True]
    assert [person.forbidden for person in told("OrderPlaced", ip_address=card).people] == [True]
    assert [person.forbidden for person in told("OrderPlaced").people] == [False]
    alone = told("OrderPlaced", consignee={"name": card}).people
    assert [person.forbidden for person in alone] == [False, True]
