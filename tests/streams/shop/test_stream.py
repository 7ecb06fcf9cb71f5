"""The stream of the simulated shop: the same each time, whole, lawful but for what is planted."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from hashlib import sha256

import pytest

from lineage.errors import Misconfigured
from streams.shop import LAWFUL, Disorder, Simulation, simulate
from streams.shop.cards import holds_card_number, luhn_valid
from streams.shop.diary import Event
from streams.shop.truth import Truth
from streams.shop.truth_facts import facts_of, instant
from streams.shop.truth_table import TABLE

OPTIONAL = {
    "AccountOpened": "phone name address login_name",
    "ContactChanged": "email phone name address",
    "RecordViewed": "customer_id order_id",
    "OrderPlaced": "customer_id phone ip_address vat_number national_id passport_number consignee",
    "ShipmentBooked": "customer_id tracking_number phone email passport_number consignee",
    "ShipmentHandedOn": "tracking_number",
    "PaymentRequested": "customer_id provider_reference name email",
    "CreditApplied": "customer_id national_id phone",
    "RefundIssued": "customer_id provider_reference bank_account",
    "NewsletterSubscribed": "customer_id name",
    "NewsletterSent": "customer_id name list_id",
    "NewsletterUnsubscribed": "customer_id",
    "ConsentChanged": "customer_id email device_id",
    "PageViewed": "ip_address customer_id",
    "ConversionReported": "device_id email",
    "AudienceUploaded": "customer_id phone",
    "WarrantyRegistered": "customer_id phone address",
    "ClaimOpened": "customer_id serial email phone address description",
    "LicenceIssued": "customer_id name",
    "DataDisclosed": "reference secret",
}
CONSENTED = {"newsletter", "analytics", "advertising", "competition"}


@pytest.fixture(scope="module")
def shop() -> Simulation:
    return simulate(500, 7)


@pytest.fixture(scope="module")
def events(shop: Simulation) -> list[Event]:
    return list(shop)


def test_the_stream_of_two_hundred_persons_is_the_one_that_was_published() -> None:
    digest = sha256()
    for event in simulate(200, 1):
        digest.update(json.dumps(event, ensure_ascii=False).encode())
    assert digest.hexdigest() == "235020c31c055037eb555c1974931159ce155f9700d96ce8b2d025e0553562a7"


def test_the_same_arguments_give_the_same_stream_and_faults_and_another_seed_another() -> None:
    assert list(simulate(30, 5)) == list(simulate(30, 5))
    assert simulate(100, 5).planted() == simulate(100, 5).planted()
    assert {e["event_id"] for e in simulate(30, 5)}.isdisjoint(e["event_id"] for e in simulate(30, 6))


def test_disorder_changes_arrival_and_never_what_is_said() -> None:
    plain = simulate(60, 3, Disorder(repeated=0, late=0))
    wild = simulate(60, 3, Disorder(repeated=0.2, late=0.3, shuffled=True))
    assert {json.dumps(e) for e in plain} == {json.dumps(e) for e in wild}
    assert plain.planted() == wild.planted()
    assert [e["event_id"] for e in plain] != [e["event_id"] for e in wild]


def test_a_share_that_is_no_share_is_refused() -> None:
    with pytest.raises(Misconfigured, match="share"):
        Disorder(repeated=1.0)
    with pytest.raises(Misconfigured, match="negative"):
        simulate(-1, 1)
    assert list(simulate(0, 1)) == []


@pytest.mark.parametrize("seed", [7, 8])
def test_every_type_and_optional_field_occurs_and_sometimes_is_null_or_absent(seed: int) -> None:
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    types = set()
    for event in simulate(500, seed):
        kind = str(event["type"])
        types.add(kind)
        for name in OPTIONAL.get(kind, "").split():
            seen[kind, name].add("absent" if name not in event else "null" if event[name] is None else "present")
    assert types == {*TABLE, "IdentifiersLinked", "IdentifiersUnlinked"}
    assert len(types) == 22
    for kind, names in OPTIONAL.items():
        for name in names.split():
            assert seen[kind, name] == {"present", "null", "absent"}, (kind, name)


def test_only_the_contracts_fields_are_written(events: list[Event]) -> None:
    beside = {
        "RecordViewed": "viewer viewer_ref purpose categories",
        "OrderPlaced": "total currency consignee",
        "ShipmentBooked": "carrier consignee",
        "ShipmentHandedOn": "from_carrier to_carrier categories",
        "PaymentRequested": "provider amount currency method",
        "CreditApplied": "lender amount currency",
        "RefundIssued": "provider amount currency",
        "NewsletterSubscribed": "consent_text source",
        "NewsletterSent": "provider campaign_id list_id",
        "NewsletterUnsubscribed": "source",
        "ConsentChanged": "purpose granted consent_text",
        "PageViewed": "platform",
        "ConversionReported": "platform action",
        "AudienceUploaded": "platform audience_id sent_as",
        "WarrantyRegistered": "vendor",
        "ClaimOpened": "handler",
        "LicenceIssued": "vendor",
        "DataDisclosed": "holder recipient purpose identifiers categories reference secret",
    }
    for event in events:
        kind = str(event["type"])
        names = set(event) - {"type", "event_id", "occurred_at", "controller"}
        if kind.startswith("Identifiers"):
            assert names == {"left", "right", "decided_by"}
            continue
        allowed = {*TABLE[kind].fields, *beside.get(kind, "").split()}
        assert names <= allowed
        assert allowed - set(OPTIONAL.get(kind, "").split()) <= names


def test_about_three_in_a_hundred_arrive_again_unchanged_and_some_arrive_out_of_order() -> None:
    seen: dict[object, Event] = {}
    again = 0
    late = 0
    newest = 0
    for event in simulate(500, 7):
        again += event["event_id"] in seen
        assert seen.setdefault(event["event_id"], event) == event
        at = instant(str(event["occurred_at"]))
        late += newest - at > 86_400_000_000
        newest = max(newest, at)
    assert 0.025 < again / len(seen) < 0.055
    assert late > 0


def test_disorder_can_repeat_a_fifth_and_more() -> None:
    counts = Counter(e["event_id"] for e in simulate(200, 2, Disorder(repeated=0.2)))
    assert 0.16 < sum(count > 1 for count in counts.values()) / len(counts) < 0.24
    assert max(counts.values()) > 2


def test_times_are_written_in_helsinki_time_and_in_utc_by_the_season(events: list[Event]) -> None:
    offsets = Counter(str(event["occurred_at"])[19:].lstrip(".0123456789") for event in events)
    assert set(offsets) == {"Z", "+02:00", "+03:00"}
    assert all(
        "+03:00" in str(e["occurred_at"])
        for e in events
        if str(e["occurred_at"])[5:7] == "07" and "Z" not in str(e["occurred_at"])
    )


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one)]
    return [value] if isinstance(value, str) else []


def test_nothing_looks_like_a_card_but_what_is_planted(shop: Simulation) -> None:
    planted = {fault.event_id for fault in shop.planted() if fault.rule == "forbidden-data"}
    found = {str(event["event_id"]) for event in shop if any(map(holds_card_number, _strings(event)))}
    assert found == planted
    assert not any(
        text.isdigit() and 13 <= len(text) <= 19 and luhn_valid(text)
        for e in shop
        for text in _strings(e)
        if e["event_id"] not in planted
    )


def test_five_rules_are_broken_in_two_hundred_persons_and_each_fault_is_one_event() -> None:
    planted = simulate(200, 1).planted()
    assert {fault.rule for fault in planted} == {
        "no-consent",
        "category-not-allowed",
        "undeclared-recipient",
        "unknown-purpose",
        "forbidden-data",
    }
    assert len({fault.event_id for fault in planted}) == len(planted) <= 12


def test_a_planted_fault_names_the_party_and_purpose_of_its_event(shop: Simulation, events: list[Event]) -> None:
    by_id = {event["event_id"]: event for event in events}
    for fault in shop.planted():
        assert (fault.party, fault.purpose) in {
            (one.target, one.purpose) for one in facts_of(by_id[fault.event_id]).disclosed
        }


def test_all_but_the_planted_disclosures_are_among_the_lawful_flows(shop: Simulation, events: list[Event]) -> None:
    lawful = {(flow.source, flow.target, flow.purpose): flow.categories for flow in LAWFUL}
    wrong = {
        str(event["event_id"])
        for event in events
        for one in facts_of(event).disclosed
        if not one.categories <= lawful.get((one.source, one.target, one.purpose), frozenset())
    }
    unlawful = {"category-not-allowed", "undeclared-recipient", "unknown-purpose"}
    assert wrong == {fault.event_id for fault in shop.planted() if fault.rule in unlawful}


def _deciders(
    events: list[Event], whose: Callable[[Event], object]
) -> dict[tuple[object, str], list[tuple[int, bool]]]:
    """Consent decisions by root person and purpose, in event time."""
    decisions: dict[tuple[object, str], list[tuple[int, bool]]] = defaultdict(list)
    for event in events:
        purpose, granted = {
            "NewsletterSubscribed": ("newsletter", True),
            "NewsletterUnsubscribed": ("newsletter", False),
            "ConsentChanged": (str(event.get("purpose")), bool(event.get("granted"))),
        }.get(str(event["type"]), ("", False))
        if purpose:
            decisions[whose(event), purpose].append((instant(str(event["occurred_at"])), granted))
    return {key: sorted(all_of) for key, all_of in decisions.items()}


def _whose(events: list[Event]) -> Callable[[Event], object]:
    picture = Truth(events)._picture_at(None)

    def whose(event: Event) -> object:
        roots = {picture._roots[picture._group[name]] for name in facts_of(event).named}
        unshared = {root for root in roots if len(root) == 1}
        assert len(unshared) == 1
        return unshared.pop()

    return whose


@pytest.mark.parametrize("seed", [7, 11])
def test_what_needs_consent_is_sent_only_while_that_person_grants_it(seed: int) -> None:
    shop = simulate(500, seed)
    events = list(shop)
    whose = _whose(events)
    decisions = _deciders(events, whose)
    unlawful = set()
    for event in events:
        for one in facts_of(event).disclosed:
            if one.purpose in CONSENTED and event["type"] != "NewsletterSubscribed":
                before = [granted for at, granted in decisions.get((whose(event), one.purpose), []) if at < one.at]
                if not before or not before[-1]:
                    unlawful.add(event["event_id"])
    assert unlawful == {fault.event_id for fault in shop.planted() if fault.rule == "no-consent"}


def test_passports_travel_only_with_goods_that_leave_the_union(events: list[Event]) -> None:
    carrying = [event for event in events if event.get("passport_number")]
    assert {event["type"] for event in carrying} == {"OrderPlaced", "ShipmentBooked"}
    assert {event["address"]["country"] for event in carrying} <= {"NO", "CH", "GB", "US"}
    assert {e["carrier"] for e in carrying if "carrier" in e} <= {"posti", "dhl", "ups", "postnord", "schenker"}


def test_identity_codes_are_of_the_range_nobody_has_and_stay_with_orders_and_credit(events: list[Event]) -> None:
    codes = [(event["type"], str(event["national_id"])) for event in events if event.get("national_id")]
    assert {kind for kind, _ in codes} == {"OrderPlaced", "CreditApplied"}
    for _, code in codes:
        assert len(code) == 11
        assert code[6] in "-A"
        assert code[7] == "9"
        assert code[10] == "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(code[:6] + code[7:10]) % 31]


def test_ibans_pass_their_check_and_emails_end_in_a_reserved_domain() -> None:
    ibans, emails = [], []
    for event in simulate(2000, 7):
        ibans += [str(event["bank_account"]).replace(" ", "")] if event.get("bank_account") else []
        emails += [str(event["email"]).strip().lower()] if event.get("email") else []
    genuine = [one for one in ibans if one.startswith("FI")]
    assert len(genuine) > 20
    assert all(int(one[4:] + "1518" + one[2:4]) % 97 == 1 for one in genuine)
    assert all(one.endswith(".example") for one in emails)


def test_persons_of_all_shapes_occur(events: list[Event]) -> None:
    truth = Truth(events)
    answers = {one: truth.where(one) for one in truth.identifiers()}
    shared = {one.partition(":")[0] for one, answer in answers.items() if answer["candidates"] == 2}
    assert {"email", "phone", "device_id", "order_id", "payment_id"} <= shared
    assert any(answer["identifiers"].get("customer_id") == 2 for answer in answers.values())
    assert any(answer["identifiers"].get("email", 0) > 1 for answer in answers.values())
    assert any(answer["identifiers"].get("device_id", 0) > 1 for answer in answers.values())
    assert any(
        one.startswith("consignee:") and answer["identifiers"].get("customer_id") for one, answer in answers.items()
    )
