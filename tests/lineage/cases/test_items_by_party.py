from pathlib import Path

import pytest

from lineage.cases.items import LegalHold, items
from lineage.register import Register, load_register
from tests.lineage.cases.seeing import at, ends, of, placed, seen, small, subscribed
from tests.lineage.register.small import CATEGORIES, SMALL


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(None, CATEGORIES)


def test_a_backup_goes_by_itself_and_says_by_when(register: Register) -> None:
    found = items([placed("O-1", "2026-03-01")], (), register, at("2026-11-23"))
    copies = [each for each in found if each.party == "backup"]
    assert {each.category for each in copies} == {"address", "customer_id", "email", "name", "order", "phone"}
    assert {(each.decision, each.until, each.promised, each.rule) for each in copies} == {
        ("erase", None, "2027-02-21", "H25")
    }
    assert {(each.observed, each.disclosures, each.form) for each in copies} == {(False, 0, "internal")}


def test_a_copy_that_ended_since_is_asked_too_but_not_one_made_later(tmp_path: Path) -> None:
    register = small(
        tmp_path,
        SMALL.partition("copies:")[0]
        + "copies:\n  - {from: mailer, to: copy, purpose: newsletter, kind: sub-processor, valid_until: 2026-03-31}\n",
    )
    sent = {day: seen("shop", "mailer", "newsletter", "email", day) for day in ("2026-03-31", "2026-04-01")}
    found = of(items(sent.values(), (), register, at("2026-06-01")), "copy", "newsletter", "email")
    assert [(each.facts, each.observed) for each in found] == [((sent["2026-03-31"].fact,), False)]


def test_a_copy_that_has_not_begun_is_not_asked_and_one_without_a_rule_ends_as_its_source(tmp_path: Path) -> None:
    copies = (
        "copies:\n  - {from: post, to: copy, purpose: support}\n"
        "  - {from: post, to: mailer, purpose: support, valid_from: 2026-12-01}\n"
    )
    purpose = "  support: {text: Help, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#CustomerCare'}\n"
    text = SMALL.partition("copies:")[0].replace("purposes:\n  delivery", f"purposes:\n{purpose}  delivery") + copies
    parcel = seen("shop", "post", "delivery", "name", "2026-06-01", "order_id:O-1", controller="us")
    found = items([parcel], (), small(tmp_path, text), at("2026-06-02"))
    assert {each.party for each in found} == {"post", "copy"}
    assert ends(found, "copy", "support", "name") == ends(found, "post", "delivery", "name") == [("hold", "2026-06-22")]


def test_an_authority_is_never_asked(register: Register) -> None:
    told = seen("order-system", "police", "authority-inquiry", "name", "2026-11-01")
    undeclared = seen("order-system", "customs", "newsletter", "email", "2026-11-01")
    found = items([told, undeclared], (), register, at("2026-11-23"))
    asked = [each for each in found if each.party in {"police", "customs"}]
    assert {(each.role, each.form, each.decision) for each in asked} == {("authority", None, "none")}
    assert len(asked) == 2


def test_what_the_register_does_not_allow_goes_at_once_with_a_notice_that_is_marked(register: Register) -> None:
    drift = seen("order-system", "svea", "advertising", "browsing", "2026-11-01")
    (item,) = items([drift], (), register, at("2026-11-23"))
    assert (item.decision, item.article, item.form, item.unknown) == ("erase", "GDPR 17(1)(d)", "notice", True)


def test_a_role_is_that_of_the_day_of_the_disclosure(tmp_path: Path) -> None:
    parcels = [
        seen("shop", "post", "delivery", "name", day, f"order_id:{day}", controller="us")
        for day in ("2026-06-30", "2026-07-01")
    ]
    found = of(items(parcels, (), small(tmp_path, SMALL), at("2027-06-01")), "post", "delivery", "name")
    assert [(each.role, each.unknown, each.disclosures) for each in found] == [
        ("controller", False, 1),
        ("unknown", True, 1),
    ]


@pytest.mark.parametrize(
    ("party", "purpose", "form"),
    [
        ("order-system", "order", "internal"),
        ("multicare", "order", "internal"),  # joint, and shares the order system
        ("multitronic", "order", "internal"),
        ("multitronic", "newsletter", "internal"),
        ("multicare", "newsletter", "notice"),  # its own marketing
        ("meta", "advertising", "notice"),  # joint for a part, on systems of its own
        ("sendgrid", "newsletter", "instruction"),
        ("posti", "delivery", "notice"),
        ("paytrail", "payment", "instruction"),
        ("paytrail", "fraud-prevention", "notice"),  # one firm, two roles
    ],
)
def test_each_party_is_told_in_the_form_of_its_role(register: Register, party: str, purpose: str, form: str) -> None:
    one = seen("order-system", party, purpose, "name", "2026-11-01")
    assert {each.form for each in items([one], (), register, at("2026-11-23")) if each.party == party} == {form}


def _order_of_court(**others: object) -> LegalHold:
    made = {"name": "L-1", "by": "district court", "law": "an order", "ordered": at("2026-01-01"), **others}
    return LegalHold(**made)  # type: ignore[arg-type]  # the fields differ in type; a wrong one fails the test


def test_a_legal_hold_beats_every_rule_until_it_is_released_and_only_on_its_items(register: Register) -> None:
    known = [subscribed("2025-01-01"), seen("order-system", "sendgrid", "newsletter", "email name", "2026-02-01")]
    hold = _order_of_court(party="sendgrid", category="email", released=at("2026-12-01"))
    during = items(known, (), register, at("2026-11-23"), [hold])
    without = items(known, (), register, at("2026-11-23"))
    (item,) = of(during, "sendgrid", "newsletter", "email")
    assert (item.decision, item.rule, item.until, item.waits_for) == ("hold", "H27", None, "release of L-1")
    assert set(during) - {item} == set(without) - set(of(without, "sendgrid", "newsletter", "email"))
    assert ends(items(known, (), register, at("2026-12-01"), [hold]), "sendgrid", "newsletter", "email") == [
        ("erase", None)
    ]
    assert ends(items(known, (), register, at("2025-12-31"), [hold]), "sendgrid", "newsletter", "email") == [
        ("erase", None)
    ]


def test_of_several_legal_holds_the_first_by_name_is_told_until_it_is_released(register: Register) -> None:
    known = [seen("order-system", "sendgrid", "newsletter", "email", "2026-02-01")]
    both = [_order_of_court(name="L-2", by="a court"), _order_of_court(released=at("2026-12-01"))]
    waits = [items(known, (), register, at(day), both)[0].waits_for for day in ("2026-11-30", "2026-12-01")]
    assert waits == ["release of L-1", "release of L-2"]


def test_a_legal_hold_on_everything_leaves_only_authorities_out(register: Register) -> None:
    known = [placed("O-1", "2026-03-01"), seen("order-system", "police", "authority-inquiry", "name", "2026-11-01")]
    found = items(known, (), register, at("2026-11-23"), [_order_of_court()])
    assert {(each.decision, each.until) for each in found if each.party != "police"} == {("hold", None)}
    assert {each.decision for each in found if each.party == "police"} == {"none"}
