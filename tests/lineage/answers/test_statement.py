"""What a person is told (GDPR Art. 15): all of hers, nothing of anybody else's, and nothing that did not happen."""

from dataclasses import replace
from itertools import permutations

import pytest

from lineage.answers.gaps import Gap, gaps
from lineage.answers.model import Statement
from lineage.answers.outline import outline
from lineage.answers.records import Cell, Record
from lineage.answers.shape import statement_json
from lineage.answers.statement import statement
from lineage.answers.texts import LANGUAGES, texts_of
from lineage.errors import Refused
from schemas.records import microseconds
from tests.lineage.answers.matters import (
    AINO,
    FRIEND,
    NOW,
    PSEUDONYMS,
    Keys,
    account,
    credit,
    disclosed,
    happened,
    matter_of,
    order,
    register,
    shipped,
    viewed,
)


def told(*events: object, controller: str = "multitronic", **options: object) -> Statement:
    return statement(matter_of(*events), register(), controller, NOW, **options)  # type: ignore[arg-type]


def everything_said(of: Statement) -> str:
    """The words of every language and the JSON."""
    pages = [repr(outline(of, texts_of(language))) for language in LANGUAGES]
    return "\n".join((*pages, statement_json(of, texts_of("en")).decode()))


def test_three_carriers_are_those_three_by_name_with_role_country_purpose_first_last_and_count() -> None:
    found = told(
        account(),
        order(),
        shipped("posti", "s1"),
        shipped("posti", "s2", "2026-05-02T10:00:00Z"),
        shipped("dhl", "s3"),
        shipped("matkahuolto", "s4"),
    )
    assert [each.company.name for each in found.recipients] == [
        "DHL Express (Finland) Oy",
        "Oy Matkahuolto Ab",
        "Posti Oy",
    ]
    posti = found.recipients[-1]
    assert (posti.role, posti.company.country, posti.purpose, posti.count) == ("controller", "FI", "delivery", 2)
    assert (posti.first, posti.last) == (microseconds("2026-03-02T10:00:00Z"), microseconds("2026-05-02T10:00:00Z"))
    assert posti.categories == ("address", "customer_id", "name", "order", "phone")


def test_own_systems_are_no_recipients_and_a_declared_copy_is_told_as_one() -> None:
    found = told(account(), order())
    assert found.recipients == ()
    assert {(each.company.party, each.purpose, each.observed) for each in found.systems} == {
        ("order-system", "account", True),
        ("order-system", "order", True),
        ("backup", "backup", False),
    }


def test_one_company_with_two_roles_has_a_row_for_each() -> None:
    fraud = disclosed("d1", "paytrail", "fraud-prevention")
    paid = happened(
        "PaymentRequested", "p1", payment_id="P-1", order_id="O-1", customer_id="C-17", provider="paytrail"
    )  # fmt: skip
    found = told(order(), paid, fraud)
    assert {(each.company.party, each.purpose, each.role) for each in found.recipients} == {
        ("paytrail", "fraud-prevention", "controller"),
        ("paytrail", "payment", "processor"),
    }


def test_look_ups_are_told_with_date_purpose_and_company_and_never_with_a_name_of_staff() -> None:
    moments = ["2026-03-05T09:00:00Z", "2026-03-06T09:00:00Z", "2026-03-07T09:00:00Z", "2026-03-08T09:00:00Z"]
    found = told(account(), *(viewed(f"v{each}", each) for each in moments))
    assert [(each.at, each.purpose, each.company.name) for each in found.look_ups] == [
        (microseconds(each), "customer-contact", "Multitronic Oy") for each in moments
    ]
    assert "matti" not in everything_said(found)


def test_a_look_by_another_company_of_the_group_is_a_recipient_and_by_the_same_company_is_none() -> None:
    found = told(account(), viewed("v1", "2026-03-05T09:00:00Z"), viewed("v2", "2026-03-06T09:00:00Z", "multicare"))
    assert [(each.company.party, each.role) for each in found.recipients] == [("multicare", "joint-controller")]
    assert [each.company.party for each in found.look_ups] == ["multitronic", "multicare"]


def test_a_look_through_one_of_our_systems_is_told_for_the_company_it_acted_for() -> None:
    found = told(account(), viewed("v1", "2026-03-05T09:00:00Z", "back-office"))
    assert [each.company.party for each in found.look_ups] == ["multitronic"]


@pytest.mark.parametrize(
    "inquiry",
    [
        disclosed("i1", "police", "authority-inquiry"),
        disclosed("i2", "police", "fraud-prevention"),
        disclosed("i3", "police", "delivery"),  # an authority that nobody declared for this: in doubt, kept back
        disclosed("i4", "tax-authority", "tax", secret=True),
        viewed("i5", "2026-03-05T09:00:00Z", "back-office", "authority-inquiry"),
    ],
    ids=["asked", "reported", "undeclared", "secret", "a look for it"],
)
def test_an_inquiry_of_an_authority_is_kept_from_the_person_and_shown_to_the_officer(
    inquiry: dict[str, object],
) -> None:
    without, with_it = told(account(), order()), told(account(), order(), inquiry)
    assert with_it == without
    shown = told(account(), order(), inquiry, include_authorities=True)
    inquiries = [each for each in (*shown.recipients, *shown.systems) if each.inquiry]
    assert [each.count for each in inquiries] == [1]
    assert inquiries[0].secret == (inquiry["event_id"] == "i4")
    matter = matter_of(account(), order(), inquiry)
    assert Gap("kept-back", inquiries[0].company.party) in gaps(with_it, matter, register())


def test_what_the_law_orders_every_shop_to_report_is_told() -> None:
    found = told(order(), disclosed("t1", "tax-authority", "tax"))
    assert [(each.company.party, each.role) for each in found.recipients] == [("tax-authority", "authority")]


def test_without_any_credit_case_no_word_speaks_of_credit() -> None:
    found = told(account(), order(), shipped("posti", "s1"), viewed("v1", "2026-03-05T09:00:00Z"))
    words = everything_said(found).lower()
    assert not [word for word in ("credit", "luotto", "luoton", "kredit", "walley") if word in words]


def test_with_a_credit_case_the_lender_is_told_to_decide_and_to_be_asked() -> None:
    found = told(account(), order(), credit())
    assert [(each.company.name, each.count) for each in found.decisions] == [("Norion Bank AB", 1)]
    assert "review" in found.rights


def test_nothing_of_whoever_receives_the_goods_is_in_the_buyers_statement_nor_the_other_way_round() -> None:
    events = (account(), order(consignee=FRIEND), shipped("posti", "s1"))
    assert "ville" not in everything_said(statement(matter_of(*events), register(), "multitronic", NOW)).lower()
    matter = matter_of(*events, who="email:ville@example.fi")
    assert dict(matter.identifiers) == {"email": "ville@example.fi", "phone": "+358509876543"}
    friend = statement(matter, register(), "multitronic", NOW)
    assert {each.purpose for each in friend.uses} == {"order", "backup"}
    assert "aino" not in everything_said(friend).lower()


def household() -> tuple[dict[str, object], ...]:
    spouse = {**AINO, "customer_id": "C-18", "email": "eero@example.fi", "name": "Eero Esimerkki"}
    guest = happened(
        "NewsletterSubscribed", "n1", email="koti@example.fi", customer_id="C-17", consent_text="Yes", source="web"
    )
    other = happened(
        "NewsletterSubscribed", "n2", email="koti@example.fi", customer_id="C-18", consent_text="Yes", source="web"
    )
    sent = happened("NewsletterSent", "n3", email="koti@example.fi", provider="sendgrid", campaign_id="spring")
    return account(), happened("AccountOpened", "a2", **spouse), guest, other, sent  # type: ignore[return-value]


def test_what_a_household_shares_is_mentioned_and_not_ascribed() -> None:
    found = told(*household())
    assert found.shared == {"email": 1, "phone": 1}
    assert "sendgrid" not in {each.company.party for each in found.recipients}
    assert "eero" not in everything_said(found).lower()


def test_nobody_gets_a_statement_by_an_identifier_that_several_persons_share() -> None:
    with pytest.raises(Refused, match="several persons"):
        matter_of(*household(), who="email:koti@example.fi")


def test_whoever_is_unknown_is_told_that_there_is_nothing_and_where_to_complain() -> None:
    found = told(account(), controller="multitronic")
    nobody = statement(matter_of(account(), who="email:nobody@example.fi"), register(), "multitronic", NOW)
    assert found.known
    assert not nobody.known
    assert [section.heading for section in outline(nobody, texts_of("en")).sections] == [
        "In short",
        "If you are not content",
    ]


def test_rights_follow_from_the_persons_own_grounds() -> None:
    assert "withdrawal" not in told(account()).rights
    assert "marketing" not in told(account()).rights
    subscribed = happened(
        "NewsletterSubscribed", "n1", email=AINO["email"], customer_id="C-17", consent_text="I agree", source="web"
    )
    found = told(account(), subscribed)
    assert {"withdrawal", "marketing", "portability"} <= set(found.rights)
    assert [(each.purpose, each.granted, each.words) for each in found.consents] == [("newsletter", True, "I agree")]


def test_every_category_of_every_purpose_has_its_period_once_and_the_law_it_rests_on() -> None:
    found = told(account(), order(national_id="131052-308T"), shipped("posti", "s1"))
    pairs = [(each.purpose, category) for each in found.periods for category in each.categories]
    assert len(pairs) == len(set(pairs))
    assert {(use.purpose, category) for use in found.uses for category in use.categories} == set(pairs)
    (voucher,) = [each for each in found.periods if each.purpose == "order" and "name" in each.categories]
    assert texts_of("en").period(voucher.rule) == (
        "6 years, counted from: the end of the financial year of the purchase; then until the end of that calendar year"
    )


def test_a_transfer_is_judged_by_what_held_when_it_happened() -> None:
    sent = [
        happened(
            "NewsletterSent",
            f"n{at}",
            at,
            email=AINO["email"],
            customer_id="C-17",
            provider="sendgrid",
            campaign_id="x",
        )
        for at in ("2023-01-10T00:00:00Z", "2026-01-10T00:00:00Z")
    ]
    (early,), (both,) = told(account(), sent[0]).abroad, told(account(), *sent).abroad
    assert early.mechanisms == ("bcr-p", "scc")
    assert (both.mechanisms, both.unguarded, both.country) == (("bcr-p", "dpf", "scc"), 0, "US")


def test_the_source_is_the_person_or_whoever_it_was() -> None:
    (source,) = told(account(), shipped("posti", "s1")).sources
    assert source.company is None
    back = disclosed("x1", "order-system", "delivery") | {"holder": "posti"}
    assert [each.company and each.company.party for each in told(account(), back).sources] == [None, "posti"]


def test_what_is_to_settle_before_it_is_sent_is_listed_for_the_officer() -> None:
    events = (account(), disclosed("d1", "other-vendor", "warranty"), disclosed("d2", "posti", "no-such-purpose"))
    matter = matter_of(*events)
    found = gaps(statement(matter, register(), "multitronic", NOW), matter, register())
    assert Gap("unnamed-recipient", "other-vendor") in found
    assert Gap("unknown-basis", "no-such-purpose") in found
    assert Gap("no-period", "name no-such-purpose") in found
    assert Gap("unknown-role", "posti no-such-purpose") in found


def test_what_can_no_longer_be_read_is_still_told_and_the_officer_knows() -> None:
    keys = Keys()
    keys.lost = {PSEUDONYMS.identifier("customer_id", "C-17")}
    matter = matter_of(account(), viewed("v1", "2026-03-05T09:00:00Z"), keys=keys)
    found = statement(matter, register(), "multitronic", NOW)
    assert len(found.look_ups) == 1
    assert found.systems
    assert Gap("lost", "order-system") in gaps(found, matter, register())


def test_records_of_the_shops_tables_are_in_it_without_others_and_secrets() -> None:
    row = Record(
        "order-system",
        "orders",
        (
            Cell("name", "Aino Esimerkki", "name", "order", "provided"),
            Cell("to", "Ville Vieras", "name", "order", "provided", "other"),
            Cell("phone_to", "040 1234567", "phone", "order", "provided", "other"),
            Cell("note", "Soita 050 987 6543 tai 040 123 4567, ville@example.fi", "claim", "order", "provided", "text"),
            Cell("hetu", "131052-308T", "national_id", "order", "provided"),
            Cell("legacy", "$2b$12$abcdefghijklmnopqrstuv", "order", "order", "observed"),
        ),
    )
    (found,) = told(account(), copy=[row]).copy
    assert {cell.name: cell.value for cell in found.cells} == {
        "name": "Aino Esimerkki",
        "to": "[another person]",
        "phone_to": "040 1234567",
        "note": "Soita [another person] tai 040 123 4567, [another person]",
        "hetu": "131052-****",
        "legacy": "[withheld: a secret]",
    }


def test_what_only_the_shops_tables_hold_has_its_purpose_and_period_too_and_an_inquiry_stays_unsaid() -> None:
    row = Record(
        "order-system",
        "repairs",
        (
            Cell("text", "screen", "claim", "after-sales", "provided", "text"),
            Cell("asked_by", "police", "order", "authority-inquiry", "observed"),
            Cell("empty", None, "bank_account", "refund", "provided"),
        ),
    )
    found = told(account(), copy=[row])
    assert {"after-sales"} == {use.purpose for use in found.uses} - {"account", "backup"}
    assert "police" not in everything_said(found)
    assert "after-sales" in {each.purpose for each in found.periods}
    assert "police" in everything_said(told(account(), copy=[row], include_authorities=True))


def test_equal_facts_in_any_order_give_the_same_statement() -> None:
    events = [account(), order(), shipped("posti", "s1"), viewed("v1", "2026-03-05T09:00:00Z")]
    statements = [told(*each) for each in permutations(events)]
    assert all(each == statements[0] for each in statements)
    assert statement_json(statements[0], texts_of("fi")) == statement_json(statements[-1], texts_of("fi"))
    assert replace(statements[0], made_at=0) != statements[0]
