"""What each event adds: who owns what, and where its disclosure hangs. The table is written from the contract's rules."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from lineage.errors import Invalid
from lineage.facts import Facts, facts_of, of_parts, read_as_sent
from lineage.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"k" * 32)
EVERYONE = {"multitronic", "posti", "order-system"}.__contains__


class Named(NamedTuple):
    kind: str
    value: str


class Concerned(NamedTuple):
    identifiers: tuple[Named, ...]
    reference: Named | None = None
    categories: tuple[str, ...] = ("name",)
    forbidden: bool = False


class Said(NamedTuple):
    people: tuple[Concerned, ...]
    type: str = "Told"
    event_id: str = "e-1"
    occurred_at: int = 5
    controller: str = "multitronic"
    parties: tuple[str, ...] = ("multitronic", "posti")
    source: str | None = "order-system"
    target: str | None = "posti"
    purpose: str | None = "delivery"
    consent: tuple[str, bool] | None = None
    link: tuple[Named, Named, bool] | None = None
    evidence: Mapping[str, str | bool] = MappingProxyType({})
    products: tuple[tuple[str, str], ...] = ()


def named(names: str) -> tuple[Named, ...]:
    return tuple(Named(each, f"{each}-1") for each in names.split())


def key(kind: str) -> bytes:
    return PSEUDONYMS.identifier(kind, f"{kind}-1")


def facts(said: Said, is_party: Any = EVERYONE) -> Facts:
    return facts_of(said, b"content", PSEUDONYMS, 9, is_party)


def owns(pairs: Iterable[str]) -> set[tuple[bytes, bytes]]:
    return {(key(owner), key(owned)) for owner, owned in (pair.split(">") for pair in pairs)}


# Identifiers of one person in an event: what is owned, and what the disclosure hangs on.
ONE_PERSON: dict[str, tuple[str, str, str]] = {
    "AccountOpened": ("customer_id email phone", "customer_id>email customer_id>phone", "customer_id"),
    "AccountOpened without phone": ("customer_id email", "customer_id>email", "customer_id"),
    "ContactChanged with nothing": ("customer_id", "", "customer_id"),
    "RecordViewed of a customer": ("customer_id", "", "customer_id"),
    "RecordViewed of an order": ("order_id", "", "order_id"),
    "RecordViewed of both": ("customer_id order_id", "customer_id>order_id", "customer_id"),
    "OrderPlaced": (
        "order_id customer_id email phone",
        "customer_id>email customer_id>phone customer_id>order_id",
        "customer_id",
    ),
    "OrderPlaced by a guest": ("order_id email phone", "email>phone email>order_id", "order_id"),
    "ShipmentBooked": (
        "shipment_id order_id customer_id tracking_number phone email",
        "customer_id>phone customer_id>email customer_id>order_id order_id>shipment_id order_id>tracking_number",
        "customer_id",
    ),
    "ShipmentBooked for a guest": (
        "shipment_id order_id tracking_number phone",
        "phone>order_id order_id>shipment_id order_id>tracking_number",
        "order_id",
    ),
    "ShipmentBooked without who": ("shipment_id order_id", "order_id>shipment_id", "order_id"),
    "ShipmentHandedOn": ("shipment_id tracking_number", "shipment_id>tracking_number", "shipment_id"),
    "PaymentRequested": (
        "payment_id order_id customer_id provider_reference email",
        "customer_id>email customer_id>order_id order_id>payment_id order_id>provider_reference",
        "customer_id",
    ),
    "CreditApplied by a guest": (
        "application_id order_id email phone",
        "email>phone email>order_id order_id>application_id",
        "order_id",
    ),
    "RefundIssued": (
        "refund_id order_id provider_reference",
        "order_id>refund_id order_id>provider_reference",
        "order_id",
    ),
    "NewsletterSent": ("email", "", "email"),
    "NewsletterSubscribed by a customer": ("email customer_id", "customer_id>email", "customer_id"),
    "PageViewed": ("device_id", "", "device_id"),
    "PageViewed by a customer": ("device_id customer_id", "customer_id>device_id", "customer_id"),
    "ConversionReported": ("device_id email order_id", "email>device_id email>order_id", "order_id"),
    "ConversionReported of a device": ("device_id order_id", "device_id>order_id", "order_id"),
    "AudienceUploaded": ("email phone", "email>phone", "email"),
    "WarrantyRegistered": (
        "registration_id order_id customer_id email",
        "customer_id>email customer_id>order_id order_id>registration_id",
        "customer_id",
    ),
    "ClaimOpened": ("claim_id order_id phone", "phone>order_id order_id>claim_id", "order_id"),
    "LicenceIssued": ("licence_id order_id email", "email>order_id order_id>licence_id", "order_id"),
    "DataDisclosed of a claim alone": ("claim_id", "", "claim_id"),
    "DataDisclosed of a consignee": ("consignee tracking_number", "consignee>tracking_number", "consignee"),
    "DataDisclosed of everything": (
        "claim_id order_id device_id phone email customer_id consignee",
        "customer_id>email customer_id>phone customer_id>device_id customer_id>order_id order_id>consignee order_id>claim_id",
        "customer_id",
    ),
}


@pytest.mark.parametrize("event", ONE_PERSON)
def test_an_event_adds_the_ownership_of_the_contract_and_hangs_where_it_says(event: str) -> None:
    identifiers, pairs, holder = ONE_PERSON[event]
    made = facts(Said((Concerned(named(identifiers)),)))
    assert set(made.owns) == owns(pairs.split())
    assert [each.holder for each in made.disclosures] == [key(holder)]
    assert made.identifiers == {key(kind): kind for kind in identifiers.split()}


def test_a_consignee_owns_by_her_mail_and_phone_and_hangs_on_her_reference() -> None:
    buyer = Concerned(named("order_id customer_id email"))
    consignee = Concerned((Named("phone", "p"), Named("email", "e")), Named("consignee", "O-1"), ("address", "name"))
    made = facts(Said((buyer, consignee)))
    mail, phone, reference = (
        PSEUDONYMS.identifier(*each) for each in (("email", "e"), ("phone", "p"), ("consignee", "O-1"))
    )
    assert set(made.owns) == owns(["customer_id>email", "customer_id>order_id"]) | {(mail, phone), (mail, reference)}
    assert [(each.part, each.holder) for each in made.disclosures] == [(0, key("customer_id")), (1, reference)]
    assert made.disclosures[1].route.categories == ("address", "name")
    assert made.identifiers[reference] == "consignee"


def test_a_consignee_without_mail_and_phone_is_known_by_her_reference_alone() -> None:
    made = facts(Said((Concerned(named("order_id")), Concerned((), Named("consignee", "O-1")))))
    assert made.disclosures[1].holder == PSEUDONYMS.identifier("consignee", "O-1")
    assert not made.owns


def test_what_never_identifies_is_no_identifier_whatever_an_event_calls_it() -> None:
    kinds = "name address ip_address national_id vat_number passport_number"
    made = facts(Said((Concerned(named(f"{kinds} order_id")),)))
    assert made.identifiers == {key("order_id"): "order_id"}
    assert not made.owns
    with pytest.raises(Invalid, match="names nobody"):
        facts(Said((Concerned(named(kinds)),)))
    with pytest.raises(Invalid, match="identifies nobody"):
        facts(Said((), link=(Named("name", "x"), Named("email", "y"), True)))


def test_an_identifier_twice_in_one_event_owns_not_itself() -> None:
    twice = (Named("email", "a@b.fi"), Named("email", " A@B.fi"), Named("order_id", "o"), Named("order_id", "o"))
    made = facts(Said((Concerned(twice),)))
    assert made.owns == ((PSEUDONYMS.identifier("email", "a@b.fi"), PSEUDONYMS.identifier("order_id", "o")),)


def test_an_event_that_speaks_of_nobody_is_bad_input() -> None:
    with pytest.raises(Invalid, match="names nobody"):
        facts(Said((Concerned(()),)))
    with pytest.raises(Invalid, match="names nobody"):
        facts(Said((Concerned(named("email")),), source=None, target=None, purpose=None))


@pytest.mark.parametrize("unknown", ["multitronic", "posti"])
def test_an_unknown_party_is_bad_input_that_is_not_repeated(unknown: str) -> None:
    with pytest.raises(Invalid) as caught:
        facts(Said((Concerned(named("email")),)), lambda party: party != unknown)
    assert str(caught.value) == "unknown party"


def test_a_disclosure_says_what_went_where_why_and_when() -> None:
    (one,) = facts(Said((Concerned(named("email"), None, ("email", "name"), forbidden=True),))).disclosures
    assert tuple(one.route) == ("order-system", "posti", "delivery", ("email", "name"), "multitronic", True)
    assert (one.event, one.at, one.recorded) == (PSEUDONYMS.event("e-1"), 5, 9)
    assert one.as_sent == b'{"identifiers":[["email","email-1"]],"evidence":{}}'


def test_a_consent_hangs_where_a_disclosure_would_and_both_may_be_there() -> None:
    made = facts(Said((Concerned(named("email customer_id")),), consent=("newsletter", True)))
    assert [(each.holder, each.purpose, each.granted) for each in made.consents] == [
        (key("customer_id"), "newsletter", True)
    ]
    assert len(made.disclosures) == 1
    alone = facts(
        Said((Concerned(named("device_id")),), source=None, target=None, purpose=None, consent=("analytics", False))
    )
    assert not alone.disclosures
    assert alone.consents[0].granted is False


def test_a_link_is_the_same_whichever_side_is_left() -> None:
    ends = Named("email", "a@b.fi"), Named("phone", "040 1234567")
    nothing = {"source": None, "target": None, "purpose": None}
    one, other = (facts(Said((), link=(*pair, True), **nothing)).links[0] for pair in (ends, ends[::-1]))
    assert (one.one, one.other) == (other.one, other.other)
    assert {one.one, one.other} == {PSEUDONYMS.identifier(*each) for each in ends}
    assert one.joined
    assert facts(Said((), link=(*ends, False), **nothing)).identifiers == dict(
        zip((PSEUDONYMS.identifier(*each) for each in ends), ("email", "phone"), strict=True)
    )


def test_the_same_content_of_another_type_is_other_content() -> None:
    said = Said((Concerned(named("email")),))
    assert facts(said).content == facts(said).content
    assert facts(said).content != facts(said._replace(type="Other")).content
    assert facts(said).content != facts_of(said, b"other", PSEUDONYMS, 9, EVERYONE).content


def test_evidence_is_kept_beside_the_identifiers_as_sent() -> None:
    evidence = {"decided_by": "desk-1", "secret": True}
    (one,) = facts(Said((Concerned(named("email")),), evidence=evidence)).disclosures
    assert read_as_sent(one.as_sent) == ([("email", "email-1")], evidence)


def test_several_customers_named_at_once_stay_several_and_each_has_the_disclosure() -> None:
    listed = (Named("customer_id", "C-1"), Named("customer_id", "C-2"), Named("email", "a@b.fi"))
    made = facts(Said((Concerned(listed),)))
    first, second, mail = (PSEUDONYMS.identifier(each.kind, each.value) for each in listed)
    assert made.owns == ((first, mail), (second, mail))
    assert [(each.part, each.holder) for each in made.disclosures] == [(0, first), (1, second)]


def test_a_flood_of_identifiers_in_one_event_is_bad_input() -> None:
    flood = tuple(Named("customer_id", f"C-{number}") for number in range(201))
    with pytest.raises(Invalid, match="more than 200 identifiers"):
        facts(Said((Concerned(flood),)))


def test_the_parts_of_an_event_are_what_each_of_its_persons_alone_would_add() -> None:
    people = (
        Concerned(named("customer_id email order_id payment_id")),
        Concerned(named("phone"), Named("consignee", "O-1")),
        Concerned(()),
        Concerned(named("email phone"), Named("consignee", "O-2")),
    )
    whole = facts(Said(people))
    assert [each.number for each in whole.parts] == [0, 1, 3]
    for part in whole.parts:
        alone, apart = facts(Said((people[part.number],))), of_parts(whole, (part.number,))
        assert alone.parts == ()
        assert (apart.identifiers, apart.owns) == (alone.identifiers, alone.owns)
        assert [each._replace(part=0) for each in apart.disclosures] == list(alone.disclosures)
    assert of_parts(whole, (0, 1, 3)) == whole._replace(identifiers=of_parts(whole, (0, 1, 3)).identifiers)
    assert of_parts(whole, (0, 1, 3)).identifiers == whole.identifiers
