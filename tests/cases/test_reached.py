"""A breach at a party: whose data was there then, what is shown to be gone, and who can be told of it."""

from contextlib import closing
from pathlib import Path

from lineage.cases.orders import Outcome
from lineage.graph import NOW, Until
from lineage.reached import Asked, Erased, Reach, Reached, reached
from lineage.stores.spool import SqliteSpool
from schemas.records import microseconds
from tests.cases.events import account, handed_on, linked, mailed, order, payment, shipment, subscribed
from tests.cases.stage import ACCEPTED, Party, Stage, staged

HER = ("customer_id", "C-1")
BERT = {"customer_id": "C-2", "email": "bert@example.fi"}


def asked(
    stage: Stage, party: str, since: str | None = None, until: str | None = None, as_of: Until = NOW
) -> tuple[Reached, list[Reach]]:
    work, told = stage.work, list[Reach]()
    begin, end = (None if each is None else microseconds(each) for each in (since, until))
    with closing(SqliteSpool()) as spool:
        question = Asked(party, begin, end, stage.now, as_of)
        found = reached(work.graph, work.keyring, work.journal, work.register, question, spool, told.append)
    return found, told


def answer(stage: Stage, party: str, since: str | None = None, until: str | None = None) -> Reached:
    return asked(stage, party, since, until)[0]


def test_one_person_counts_once_however_many_identifiers_her_data_hangs_on(stage: Stage) -> None:
    stage.record(account(), shipment(), shipment("S-2", "O-2", customer_id=None), order("O-2"))
    stage.record(account(**BERT), order("O-3", **BERT), shipment("S-3", "O-3", customer_id="C-2"))
    found, told = asked(stage, "posti")
    assert (found.persons, found.got, found.disclosures, found.shared) == (2, 2, 3, 0)
    assert len(told) == 2
    assert dict(found.categories) == {"address": 2, "name": 2, "order": 2, "customer_id": 2}
    assert dict(found.purposes) == {"delivery": 2}
    assert dict(found.sources) == {"order-system": 2}


def test_accounts_that_a_person_linked_are_one_and_no_longer_when_it_is_taken_back(stage: Stage) -> None:
    stage.record(account(), account(**BERT), shipment(), shipment("S-3", "O-3", customer_id="C-2"))
    assert answer(stage, "posti").persons == 2
    stage.record(linked(HER, ("customer_id", "C-2")))
    assert answer(stage, "posti").persons == 1
    stage.at("2026-03-02T09:00:00+02:00")
    stage.record(linked(HER, ("customer_id", "C-2"), joined=False))
    assert answer(stage, "posti").persons == 2


def test_what_several_persons_share_is_nobodys_and_is_counted_apart(stage: Stage) -> None:
    stage.record(account(phone="0401234567"), account(**BERT, phone="0401234567"), shipment())
    stage.record(
        {
            "type": "DataDisclosed", "holder": "order-system", "recipient": "posti", "purpose": "delivery",
            "identifiers": [{"kind": "phone", "value": "0401234567"}], "categories": ["phone"],
        }
    )  # fmt: skip
    found, told = asked(stage, "posti")
    assert (found.persons, found.shared, found.shared_disclosures, found.disclosures) == (1, 1, 1, 1)
    assert sorted(each.candidates for each in told) == [1, 2]
    assert "phone" not in found.categories


def test_what_was_sent_before_a_breach_and_never_erased_is_reached_too(stage: Stage) -> None:
    stage.at("2026-09-01T09:00:00+03:00")
    stage.record(account(), order(), shipment())
    stage.at("2026-10-03T09:00:00+03:00")
    stage.record(account(**BERT), order("O-3", **BERT), shipment("S-3", "O-3", customer_id="C-2"))
    stage.at("2026-10-20T09:00:00+03:00")
    carl = {"customer_id": "C-3", "email": "carl@example.fi"}
    stage.record(account(**carl), order("O-4", **carl), shipment("S-4", "O-4", customer_id="C-3"))
    found = answer(stage, "posti", "2026-10-01T00:00:00+03:00", "2026-10-05T23:59:59+03:00")
    assert (found.persons, found.got, found.earlier, found.disclosures) == (2, 1, 1, 1)
    assert found.first == found.last == microseconds("2026-10-03T09:00:00+03:00")
    assert answer(stage, "posti").persons == 3
    assert answer(stage, "posti", "2030-01-01T00:00:00Z").got == 0
    assert answer(stage, "posti", until="2020-01-01T00:00:00Z").persons == 0


def test_both_ends_of_the_interval_belong_to_it(stage: Stage) -> None:
    stage.record(account(), shipment())
    now = "2026-03-01T09:00:00+02:00"
    assert answer(stage, "posti", now, now).disclosures == 1
    assert answer(stage, "posti", until="2026-03-01T08:59:59.999999+02:00").persons == 0
    assert answer(stage, "posti", "2026-03-01T09:00:00.000001+02:00").disclosures == 0


def test_a_retention_that_is_over_ends_what_is_held_and_one_that_hangs_on_others_does_not(stage: Stage) -> None:
    stage.record(
        account(),
        {"type": "PageViewed", "device_id": "D-1", "customer_id": "C-1", "page": "/", "platform": "google-analytics"},
    )
    stage.record(shipment())
    assert answer(stage, "google-analytics").held == 1
    stage.at("2028-03-01T09:00:00+02:00")
    found = answer(stage, "google-analytics")
    assert (found.persons, found.held, found.retention_over, found.proved) == (1, 0, 1, 0)
    assert answer(stage, "google-analytics", "2028-01-01T00:00:00Z").persons == 0
    assert answer(stage, "posti").held == 1


def test_only_what_a_party_has_shown_to_be_erased_is_gone_from_there_while_a_case_goes_on(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.record(account(), order(), shipment(), subscribed(), mailed(), payment())
        stage.parties.by_id["posti"] = Party(lambda _order: ACCEPTED)
        stage.parties.by_id["klarna"] = Party(lambda _order: Outcome("promised", how="signed-answer", by="2026-06-01"))
        stage.at("2026-03-10T09:00:00+02:00")
        case = stage.approve(stage.preview(stage.open("erasure", HER)))
        assert case.forgotten is None  # an order is under way
        mail, post, bank = (answer(stage, party) for party in ("sendgrid", "posti", "klarna"))
        assert (mail.persons, mail.held, mail.proved) == (1, 0, 1)
        assert (post.persons, post.held, post.promised, post.proved) == (1, 1, 0, 0)
        assert (bank.persons, bank.held) == (1, 1)
        stage.at("2026-03-12T09:00:00+02:00")
        assert answer(stage, "sendgrid", "2026-03-11T00:00:00+02:00").persons == 0
        assert answer(stage, "sendgrid", "2026-03-09T00:00:00+02:00").persons == 1


def test_who_is_erased_here_is_counted_with_what_the_party_answered_and_is_nobody_any_more(stage: Stage) -> None:
    stage.record(account(), subscribed(), mailed(), mailed(provider="epostservice"))
    audience = {"platform": "meta", "audience_id": "a", "sent_as": "raw"}
    stage.record({"type": "AudienceUploaded", "customer_id": "C-1", "email": "anna@example.fi", **audience})
    stage.parties.by_id["epostservice"] = Party(lambda _order: Outcome("promised", how="letter", by="2026-06-01"))
    stage.parties.by_id["meta"] = Party(lambda _order: Outcome("declined", how="letter", ground="own"))
    stage.at("2026-05-01T10:00:00+03:00")
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert case.forgotten is not None
    for party, told in (
        ("sendgrid", (1, 0, 0)),
        ("epostservice", (1, 1, 1)),
        ("meta", (1, 1, 0)),
        ("posti", (0, 0, 0)),
    ):
        found, persons = asked(stage, party)
        assert (found.erased.persons, found.erased.may_be_held, found.erased.promised) == told, party
        assert not persons
    assert answer(stage, "sendgrid", until="2026-02-01T00:00:00Z").erased.persons == 0
    assert answer(stage, "sendgrid", "2026-06-01T00:00:00Z").erased.persons == 0
    assert answer(stage, "meta", "2026-06-01T00:00:00Z").erased.may_be_held == 1


def then(text: str) -> tuple[Until, Until]:
    """As of a time, and as known at it."""
    return Until(at=microseconds(text)), Until(known_at=microseconds(text))


def test_as_of_a_time_only_what_a_party_had_answered_by_then_counts(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        stage.record(account(), order(), subscribed(), mailed())
        stage.at("2026-03-10T09:00:00+02:00")
        case = stage.approve(stage.preview(stage.open("erasure", HER)))
        assert case.forgotten is None  # an order is under way
        stage.at("2026-03-12T09:00:00+02:00")
        for as_of in then("2026-03-09T09:00:00+02:00"):
            found, told = asked(stage, "sendgrid", as_of=as_of)
            assert (found.persons, found.held, found.proved, len(told)) == (1, 1, 0, 1)
        for as_of in then("2026-03-11T09:00:00+02:00"):
            found, _ = asked(stage, "sendgrid", as_of=as_of)
            assert (found.persons, found.held, found.proved) == (1, 0, 1)
        for as_of in then("2026-02-01T09:00:00+02:00"):
            assert asked(stage, "sendgrid", as_of=as_of)[0] == Reached()


def test_who_was_erased_since_is_told_of_as_one_of_whom_nothing_more_is_known(stage: Stage) -> None:
    stage.record(account(), subscribed(), mailed())
    stage.at("2026-05-01T10:00:00+03:00")
    assert stage.approve(stage.preview(stage.open("erasure", HER))).forgotten is not None
    for day, persons, since in (("02-01", 0, 0), ("04-01", 0, 1), ("05-02", 1, 0)):
        for as_of in then(f"2026-{day}T00:00:00+02:00"):
            found, told = asked(stage, "sendgrid", as_of=as_of)
            expected = (persons, since) if as_of.at is not None or day != "02-01" else (0, 1)
            assert (found.erased.persons, found.erased.since) == expected, as_of
            assert (found.persons, told) == (0, [])
    assert asked(stage, "posti", as_of=then("2026-04-01T00:00:00+02:00")[0])[0].erased.since == 0


def test_a_letter_that_came_before_its_case_was_opened_had_come_then_and_was_not_known(stage: Stage) -> None:
    stage.record(account(), subscribed(), mailed())
    stage.at("2026-05-01T10:00:00+03:00")
    stage.approve(stage.preview(stage.open("erasure", HER, received=microseconds("2026-04-20T09:00:00+03:00"))))
    for as_of in then("2026-04-25T00:00:00+03:00"):
        assert asked(stage, "sendgrid", as_of=as_of)[0].erased == Erased(since=1)


def test_who_has_no_address_that_can_be_read_cannot_be_reached(stage: Stage) -> None:
    stage.record({"type": "PageViewed", "device_id": "D-9", "page": "/", "platform": "google-analytics"})
    stage.record(
        account(),
        {"type": "PageViewed", "device_id": "D-1", "customer_id": "C-1", "page": "/", "platform": "google-analytics"},
    )
    found = answer(stage, "google-analytics")
    assert (found.persons, found.contactable, dict(found.ways)) == (2, 1, {"email": 1})
    stage.work.keyring.destroy([stage.key(*HER)])
    assert answer(stage, "google-analytics").contactable == 0


def test_data_counts_as_gone_on_to_another_only_where_an_event_showed_it(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), handed_on())
    (onward,) = answer(stage, "posti").onward
    assert (onward.party, onward.sources, onward.observed, onward.disclosures) == ("dhl", ("posti",), True, 1)
    assert answer(stage, "dhl").persons == 1
    own = {each.party: each for each in answer(stage, "order-system").onward}
    assert own["dhl"].sources == ("posti",)
    assert (own["backup"].observed, own["backup"].disclosures) == (False, 0)
    assert answer(stage, "backup").persons == 0
    assert not [each for each in answer(stage, "posti", until="2020-01-01T00:00:00Z").onward if each.observed]


def test_a_gifts_receiver_is_reached_and_its_buyer_is_not(stage: Stage) -> None:
    gift = {"name": "Dora D", "address": {"street": "Tie 2", "postcode": "00100", "city": "Helsinki", "country": "FI"}}
    stage.record(account(), order(consignee=gift))
    stage.record({"type": "ShipmentBooked", "shipment_id": "S-9", "order_id": "O-1", "carrier": "posti", "name": "Dora D",
                  "address": gift["address"], "consignee": gift})  # fmt: skip
    found, told = asked(stage, "posti")
    assert found.persons == len(told) >= 1
    assert stage.key("consignee", "O-1") in {each.key for each in told}
