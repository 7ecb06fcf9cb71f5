from pathlib import Path

import pytest

from lineage.register import Register
from lineage.ropa import ENDED, OBSERVED, UNDECLARED, UNOBSERVED, Activity, ProcessingRecord, Seen
from lineage.ropa.gaps import WHAT
from tests.lineage.register.small import SMALL, at
from tests.lineage.ropa.recorded import COLLECTED, DELIVERY, NEWSLETTER, NOW, SPRING, flow, record_of, register_of

JULY = at("2026-07-15T12:00")
DAY = 86_400_000_000


@pytest.fixture
def small(tmp_path: Path) -> Register:
    return register_of(tmp_path)


def activity(record: ProcessingRecord, purpose: str) -> Activity:
    (found,) = (each for each in record.activities if each.purpose == purpose)
    return found


def test_what_is_declared_and_went_out_is_observed_with_how_often_and_when(small: Register) -> None:
    record = record_of(
        small, (DELIVERY, SPRING), (DELIVERY, SPRING + DAY), (DELIVERY._replace(categories=("name",)), NOW)
    )
    found = flow(record, "shop", "post", "delivery")
    assert (found.counted.status, found.kinds, found.role, found.drift) == (OBSERVED, ("disclosure",), "controller", {})
    assert found.counted.seen == Seen(3, SPRING, NOW)
    assert {each.category: each.counted.seen for each in found.categories} == {
        "email": Seen(2, SPRING, SPRING + DAY),
        "name": Seen(3, SPRING, NOW),
    }
    assert found.companies == {"us": Seen(3, SPRING, NOW)}


def test_what_is_declared_and_never_went_out_is_unobserved(small: Register) -> None:
    record = record_of(small)
    assert {each.counted.status for each in record.flows} == {UNOBSERVED}
    assert [(each.source, each.target, each.purpose) for each in record.flows] == [
        ("person", "shop", "delivery"),
        ("shop", "copy", "delivery"),
        ("shop", "post", "delivery"),
        ("person", "shop", "newsletter"),
        ("shop", "mailer", "newsletter"),
    ]


def test_what_went_out_while_it_was_declared_has_ended_and_is_no_drift(small: Register) -> None:
    found = flow(record_of(small, (DELIVERY, SPRING), until=JULY), "shop", "post", "delivery")
    assert (found.counted.status, found.counted.undeclared, found.drift) == (ENDED, 0, {})
    assert found.role == "controller", "as it was when it was seen last"
    assert {each.counted.status for each in found.categories} == {ENDED}


def test_what_never_was_declared_or_only_before_is_undeclared(small: Register) -> None:
    record = record_of(
        small, (DELIVERY, SPRING), (DELIVERY, JULY), (NEWSLETTER._replace(target="post"), JULY), until=JULY
    )
    late, never = (flow(record, "shop", "post", purpose) for purpose in ("delivery", "newsletter"))
    assert (late.counted.status, late.counted.undeclared, late.counted.seen) == (UNDECLARED, 1, Seen(2, SPRING, JULY))
    assert late.drift == {"undeclared-recipient": Seen(1, JULY, JULY)}
    assert (never.counted.status, never.kinds, never.role) == (UNDECLARED, (), "unknown")


def test_a_declared_party_from_a_source_that_is_not_is_undeclared(small: Register) -> None:
    found = flow(record_of(small, (DELIVERY._replace(source="us"), SPRING)), "us", "post", "delivery")
    assert (found.counted.status, set(found.drift)) == (UNDECLARED, {"undeclared-source"})


def test_data_that_is_not_declared_is_told_apart_in_a_flow_that_is(small: Register) -> None:
    more = DELIVERY._replace(categories=("email", "phone"))
    found = flow(record_of(small, (DELIVERY, SPRING), (more, NOW)), "shop", "post", "delivery")
    assert found.counted.status == OBSERVED
    assert found.counted.undeclared == 0
    assert found.drift == {"category-not-allowed": Seen(1, NOW, NOW)}
    phone = next(each for each in found.categories if each.category == "phone")
    assert (phone.counted.status, phone.counted.undeclared, phone.counted.seen) == (UNDECLARED, 1, Seen(1, NOW, NOW))
    assert {each.category for each in found.categories if each.counted.status == OBSERVED} == {"email", "name"}


def test_a_purpose_that_the_register_does_not_know_is_an_activity_of_its_own(small: Register) -> None:
    record = record_of(small, (DELIVERY._replace(purpose="gossip"), SPRING))
    found = activity(record, "gossip")
    assert (found.declared, found.basis, found.kept[0].rule) == (None, None, None)
    assert [each.counted.status for each in found.flows] == [UNDECLARED]
    assert ("purpose", "gossip") in [(each.what, each.where) for each in record.missing]


def test_a_party_that_only_an_older_register_knew_is_told_by_its_id(small: Register) -> None:
    (found,) = activity(record_of(small, (DELIVERY._replace(target="gone"), SPRING)), "delivery").recipients[:1]
    assert (found.party.id, found.party.name, found.party.country, found.party.named) == (
        "gone",
        "gone",
        "unknown",
        False,
    )
    assert found.counted.status == UNDECLARED


def test_a_declared_copy_is_a_flow_and_a_recipient_entry_of_the_same_way_makes_no_second_one(tmp_path: Path) -> None:
    text = SMALL.replace(
        "retention:",
        "  - {parties: copy, purposes: delivery, role: own-system, from: $own, categories: $contact}\nretention:",
    )
    alone = flow(record_of(register_of(tmp_path)), "shop", "copy", "delivery")
    both = flow(record_of(register_of(tmp_path, text)), "shop", "copy", "delivery")
    assert (alone.kinds, alone.categories) == (("copy",), ())
    assert (both.kinds, [each.category for each in both.categories]) == (("copy", "disclosure"), ["email", "name"])


def test_what_a_copy_goes_to_is_what_its_kind_says_where_no_entry_does(tmp_path: Path) -> None:
    text = SMALL.replace("copies:", "copies:\n  - {from: post, to: mailer, purpose: delivery, kind: sub-processor}")
    record = record_of(register_of(tmp_path, text))
    assert flow(record, "shop", "copy", "delivery").role == "own-system"
    assert flow(record, "post", "mailer", "delivery").role == "processor"
    assert "role" not in {each.what for each in record.missing}


def test_only_what_occurred_by_then_and_since_then_counts(small: Register) -> None:
    disclosed = [(DELIVERY, SPRING), (DELIVERY, NOW), (DELIVERY, NOW + 1)]
    assert flow(record_of(small, *disclosed), "shop", "post", "delivery").counted.seen == Seen(2, SPRING, NOW)
    later = record_of(small, *disclosed, since=SPRING + 1)
    assert flow(later, "shop", "post", "delivery").counted.seen == Seen(1, NOW, NOW)
    edge = record_of(small, *disclosed, since=SPRING)
    assert flow(edge, "shop", "post", "delivery").counted.seen == Seen(2, SPRING, NOW)


def test_rows_are_those_that_held_then(small: Register) -> None:
    february = at("2026-02-01T12:00")
    assert ("shop", "copy") not in [(each.source, each.target) for each in record_of(small, until=february).flows]
    assert ("shop", "post") not in [(each.source, each.target) for each in record_of(small, until=JULY).flows]


def test_a_transfer_whose_safeguard_has_ended_is_told_and_missing(small: Register) -> None:
    held, ended = record_of(small), record_of(small, (NEWSLETTER, JULY), until=JULY)
    assert activity(held, "newsletter").recipients[0].transfer.mechanisms == ("dpf",)
    mailer = activity(ended, "newsletter").recipients[0]
    assert (mailer.transfer.country, mailer.transfer.mechanisms) == ("US", ())
    assert mailer.drift == {"no-transfer-safeguard": Seen(1, JULY, JULY)}
    assert ("safeguard", "mailer") in [(each.what, each.where) for each in ended.missing]
    assert "safeguard" not in {each.what for each in held.missing}


def test_systems_of_our_own_are_no_recipients(small: Register) -> None:
    found = activity(record_of(small, (COLLECTED, SPRING)), "delivery")
    assert [each.party.id for each in found.recipients] == ["post"]
    assert [each.party.id for each in found.systems] == ["copy", "shop"]


def test_whose_activity_it_is_is_told_where_it_is_declared_and_who_acted_besides(tmp_path: Path) -> None:
    text = SMALL.replace(
        "retention:",
        "  - {parties: us, purposes: delivery, role: controller, from: $own, categories: $contact}\nretention:",
    )
    record = record_of(register_of(tmp_path, text), (DELIVERY, SPRING), (NEWSLETTER, NOW))
    assert [(each.company, each.role) for each in activity(record, "delivery").companies] == [("us", "controller")]
    (acted,) = activity(record, "newsletter").companies
    assert (acted.company, acted.role, acted.seen) == ("us", None, Seen(1, NOW, NOW))
    assert [each.where for each in record.missing if each.what == "controller"] == ["newsletter"]


def test_a_company_declared_as_a_processor_acts_for_those_it_gets_the_data_from(tmp_path: Path) -> None:
    text = SMALL.replace(
        "retention:",
        "  - {parties: us, purposes: delivery, role: processor, from: [post, shop], categories: $contact}\n"
        "  - {parties: mailer, purposes: delivery, role: processor, from: us, categories: email}\nretention:",
    )
    record = record_of(register_of(tmp_path, text), (DELIVERY._replace(source="post", target="us"), SPRING))
    nobody, post = record.mandates
    assert (nobody.processor, nobody.controller, nobody.counted.status) == ("us", None, UNOBSERVED)
    assert (post.processor, post.controller, post.purposes) == ("us", "post", ("delivery",))
    assert (post.categories, post.counted.seen) == (("email", "name"), Seen(1, SPRING, SPRING))
    assert [(each.party, each.country) for each in post.transfers] == [("mailer", "US")]
    assert ("mandate-controller", "us") in [(each.what, each.where) for each in record.missing]
    assert record_of(register_of(tmp_path)).mandates == ()


def test_what_article_30_asks_for_and_nobody_declared_is_named_and_nothing_else(tmp_path: Path) -> None:
    assert [(each.what, each.where) for each in record_of(register_of(tmp_path)).missing] == [
        ("contact", "us"),
        ("controller", "delivery"),
        ("controller", "newsletter"),
        ("data-protection-officer", "us"),
        ("data-subjects", "delivery"),
        ("data-subjects", "newsletter"),
        ("security", "register"),
    ]


def test_a_register_without_any_company_has_a_record_that_says_so(tmp_path: Path) -> None:
    lines = [each for each in SMALL.splitlines() if not each.startswith(("controllers:", "  us:"))]
    record = record_of(register_of(tmp_path, "\n".join(lines)), (DELIVERY, SPRING))
    assert record.companies == ()
    assert ("controller", "register") in [(each.what, each.where) for each in record.missing]
    assert flow(record, "shop", "post", "delivery").companies == {"us": Seen(1, SPRING, SPRING)}


def test_a_register_that_says_it_all_misses_nothing(tmp_path: Path) -> None:
    text = SMALL.replace(
        "financial_year_confirmed: true",
        "financial_year_confirmed: true, contact: us@us.example, officer: dpo@us.example",
    )
    text = text.replace("basis: contract", "subjects: [customer, consignee], basis: contract")
    text = text.replace("basis: consent,", "subjects: subscriber, basis: consent,")
    text = text.replace(
        "retention:",
        "  - {parties: us, purposes: [delivery, newsletter], role: controller, from: $own, categories: $contact}\n"
        "security:\n  - {measure: Doors are locked, source: policy}\nretention:",
    )
    record = record_of(register_of(tmp_path, text))
    assert record.missing == ()
    assert [each.text for each in record.security] == ["Doors are locked"]
    assert activity(record, "delivery").declared.subjects == ("consignee", "customer")
    assert (record.companies[0].contact, record.companies[0].officer) == ("us@us.example", "dpo@us.example")


def test_the_shipped_register_has_everything_that_can_be_missing_in_the_list_of_it(shipped: Register) -> None:
    record = record_of(shipped)
    assert {each.what for each in record.missing} <= set(WHAT)
    assert {"contact", "data-protection-officer", "controller", "legal-name", "country"} <= {
        each.what for each in record.missing
    }
    assert not {"data-subjects", "security", "basis"} & {each.what for each in record.missing}


def test_time_limits_are_told_by_rule_for_every_declared_category(small: Register) -> None:
    kept = activity(record_of(small), "newsletter").kept
    assert [(each.rule.rule, each.categories) for each in kept] == [("H23", ("email", "name"))]
