from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.register import RULES, Register
from lineage.register import register as module
from tests.lineage.register.small import CATEGORIES, SMALL, at

Load = Callable[[str], Register]
NOW = at("2026-05-01T12:00")
EMAIL = frozenset({"email"})


@pytest.fixture
def small(load: Load) -> Register:
    return load(SMALL)


def test_a_declared_disclosure_breaks_nothing(small: Register) -> None:
    assert small.broken_rules("shop", "post", "delivery", frozenset({"name", "email"}), NOW) == ()
    assert small.broken_rules("shop", "post", "delivery", frozenset(), NOW) == ()


@pytest.mark.parametrize(
    ("source", "target", "purpose", "categories", "broken"),
    [
        ("shop", "copy", "delivery", "email", ("undeclared-recipient",)),
        ("shop", "post", "newsletter", "email", ("undeclared-recipient",)),
        ("shop", "nobody", "delivery", "email", ("undeclared-recipient",)),
        ("us", "post", "delivery", "email", ("undeclared-source",)),
        ("person", "post", "delivery", "email", ("undeclared-source",)),
        ("us", "post", "delivery", "phone", ("category-not-allowed", "undeclared-source")),
        ("shop", "post", "delivery", "national_id", ("category-not-allowed",)),
        ("shop", "post", "gossip", "national_id", ("unknown-purpose",)),
        ("shop", "nobody", "gossip", "email", ("unknown-purpose",)),
    ],
)
def test_what_is_not_declared_breaks_its_rule(
    small: Register, source: str, target: str, purpose: str, categories: str, broken: tuple[str, ...]
) -> None:
    assert small.broken_rules(source, target, purpose, frozenset({categories}), NOW) == broken


def test_before_and_after_its_days_a_recipient_is_undeclared(small: Register) -> None:
    def broken(when: str) -> tuple[str, ...]:
        return small.broken_rules("shop", "post", "delivery", EMAIL, at(when))

    assert broken("2025-12-31T23:59:59") == ("undeclared-recipient",)
    assert broken("2026-01-01T00:00") == ()
    assert broken("2026-06-30T23:59:59") == ()
    assert broken("2026-07-01T00:00") == ("undeclared-recipient",)


def test_a_transfer_is_judged_by_the_mechanism_that_held_then(small: Register) -> None:
    def broken(when: str) -> tuple[str, ...]:
        return small.broken_rules("shop", "mailer", "newsletter", EMAIL, at(when))

    assert broken("2023-07-09T23:59") == ("no-transfer-safeguard",)
    assert broken("2023-07-10T00:00") == ()
    assert broken("2026-07-01T00:00") == ("no-transfer-safeguard",)
    held, gone = small.transfer("mailer", NOW), small.transfer("mailer", at("2026-07-01T00:00"))
    assert held is not None
    assert (held.country, held.mechanisms, held.safeguarded) == ("US", ("dpf",), True)
    assert gone is not None
    assert (gone.country, gone.mechanisms, gone.safeguarded) == ("US", (), False)


def test_inside_the_eea_there_is_no_transfer(small: Register) -> None:
    assert small.transfer("post", NOW) is None
    assert small.transfer("nobody", NOW) is None


def test_outside_the_eea_without_any_mechanism_the_safeguard_is_missing(load: Load) -> None:
    register = load(SMALL.replace("Post Oy, kind: carrier, country: FI", "Post Ltd, kind: carrier, country: IN"))
    assert register.broken_rules("shop", "post", "delivery", EMAIL, NOW) == ("no-transfer-safeguard",)


def test_an_adequacy_decision_is_a_safeguard_while_it_lasts(load: Load) -> None:
    text = SMALL.replace("Post Oy, kind: carrier, country: FI", "Post Ltd, kind: carrier, country: GB")
    register = load(text + "adequacy:\n  GB: {valid_from: 2026-02-01, valid_until: 2026-05-31}\n")
    assert register.broken_rules("shop", "post", "delivery", EMAIL, at("2026-01-31T12:00")) == (
        "no-transfer-safeguard",
    )
    assert register.broken_rules("shop", "post", "delivery", EMAIL, NOW) == ()
    assert register.broken_rules("shop", "post", "delivery", EMAIL, at("2026-06-01T12:00")) == (
        "no-transfer-safeguard",
    )


def test_an_unknown_country_is_a_finding_and_no_drift(load: Load) -> None:
    register = load(SMALL.replace("Post Oy, kind: carrier, country: FI", "Post, kind: carrier, country: unknown"))
    assert register.transfer("post", NOW) is None
    assert register.broken_rules("shop", "post", "delivery", EMAIL, NOW) == ()


def test_norway_is_a_country_and_not_the_word_no(load: Load) -> None:
    text = SMALL.replace("eea: [FI, SE]", "eea: [FI, SE, NO]").replace("carrier, country: FI", "carrier, country: NO")
    register = load(text)
    post = register.party("post")
    assert post is not None
    assert post.country == "NO"
    assert register.transfer("post", NOW) is None


def test_a_basis_may_change_and_a_gap_between_two_is_unknown(load: Load) -> None:
    bases = "[{basis: contract, valid_until: 2026-01-31}, {basis: legal-obligation, valid_from: 2026-03-01}]"
    register = load(SMALL.replace("text: Deliver, basis: contract", f"text: Deliver, basis: {bases}"))
    assert register.basis("delivery", at("2026-01-31T23:59")) == "contract"
    assert register.basis("delivery", at("2026-02-15T00:00")) == "unknown"
    assert register.basis("delivery", at("2026-03-01T00:00")) == "legal-obligation"
    assert register.broken_rules("shop", "post", "delivery", EMAIL, at("2026-02-15T00:00")) == ("unknown-basis",)


def test_an_unknown_purpose_has_no_basis_and_no_consent(small: Register) -> None:
    assert small.basis("gossip", NOW) is None
    assert small.consent_purpose("gossip", NOW) is None


def test_only_a_purpose_that_rests_on_consent_names_one(load: Load) -> None:
    bases = "[{basis: contract, valid_until: 2026-01-31}, {basis: consent, valid_from: 2026-02-01}]"
    register = load(SMALL.replace("text: Write, basis: consent", f"text: Write, basis: {bases}"))
    assert register.consent_purpose("newsletter", at("2026-01-31T12:00")) is None
    assert register.consent_purpose("newsletter", at("2026-02-01T00:00")) == "newsletter"
    assert register.consent_purpose("delivery", NOW) is None


def test_a_role_holds_for_its_purpose_and_its_days_only(small: Register) -> None:
    assert small.role("post", "delivery", NOW) == "controller"
    assert small.role("post", "newsletter", NOW) == "unknown"
    assert small.role("post", "delivery", at("2026-07-01T00:00")) == "unknown"


def test_one_firm_may_have_two_roles_for_two_purposes(load: Load) -> None:
    entry = "  - {parties: post, purposes: newsletter, role: processor, from: $own, categories: email}\nretention:"
    register = load(SMALL.replace("retention:", entry))
    assert (register.role("post", "delivery", NOW), register.role("post", "newsletter", NOW)) == (
        "controller",
        "processor",
    )


def test_a_recipient_is_never_valid_longer_than_its_party(load: Load) -> None:
    register = load(SMALL.replace("kind: carrier, country: FI", "kind: carrier, country: FI, valid_until: 2026-04-30"))
    assert register.broken_rules("shop", "post", "delivery", EMAIL, at("2026-04-30T23:59")) == ()
    assert register.broken_rules("shop", "post", "delivery", EMAIL, NOW) == ("undeclared-recipient",)


def test_copies_are_declared_for_their_days(small: Register) -> None:
    assert small.copies_from("shop", at("2026-02-28T23:59")) == ()
    assert [copy.target for copy in small.copies_from("shop", at("2026-03-01T00:00"))] == ["copy"]
    assert small.copies_from("post", NOW) == ()


def test_the_parties_are_known_by_id_and_only_the_group_controls(small: Register) -> None:
    assert [party.id for party in small.parties()] == ["copy", "mailer", "post", "shop", "us"]
    assert small.is_party("post")
    assert not small.is_party("person")
    assert small.party("nobody") is None
    assert [party.id for party in small.parties() if small.is_controller(party.id)] == ["us"]
    assert not small.is_controller("nobody")


def test_a_pair_has_its_retention_rule(small: Register) -> None:
    rule = small.retention("email", "newsletter")
    assert rule is not None
    assert (rule.rule, rule.period.after, rule.period.months) == ("H23", "last-opened", 24)
    assert small.retention("browsing", "newsletter") is None


IDS = st.sampled_from(["person", "shop", "post", "mailer", "copy", "us", "nobody"])
PURPOSES = st.sampled_from(["delivery", "newsletter", "gossip"])
TIMES = st.integers(at("2022-01-01T00:00"), at("2028-01-01T00:00"))
QUESTIONS = st.tuples(IDS, IDS, PURPOSES, st.frozensets(st.sampled_from(["name", "email", "phone"])), TIMES)


@given(st.lists(QUESTIONS, min_size=1, max_size=40))
def test_what_was_asked_before_never_changes_an_answer(
    small_once: Register, asked: list[tuple[str, str, str, frozenset[str], int]]
) -> None:
    for question in asked:
        fresh = Register(small_once.declared).broken_rules(*question)
        assert small_once.broken_rules(*question) == fresh
        assert set(fresh) <= set(RULES)
        assert list(fresh) == sorted(fresh)


@given(QUESTIONS, TIMES)
def test_between_two_boundaries_every_answer_stays(
    small_once: Register, question: tuple[str, str, str, frozenset[str], int], later: int
) -> None:
    source, target, purpose, categories, when = question
    low, high = sorted((when, later))
    if not any(low < boundary <= high for boundary in small_once.boundaries):
        one, other = Register(small_once.declared), Register(small_once.declared)
        then = other.broken_rules(source, target, purpose, categories, high)
        assert one.broken_rules(source, target, purpose, categories, low) == then


def test_the_answers_kept_have_a_bound_and_never_hold_what_the_register_does_not_know(
    small: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 8)
    parties = [party.id for party in small.parties()]
    for source, target, category in product(parties, parties, sorted(CATEGORIES)):
        small.broken_rules(source, target, "delivery", frozenset({category}), NOW)
        assert len(small._kept) <= 8
    small._kept.clear()
    for number in range(20):
        small.broken_rules(f"stranger-{number}", "post", "delivery", EMAIL, NOW)
        small.broken_rules("shop", "post", f"purpose-{number}", EMAIL, NOW)
        small.broken_rules("shop", f"stranger-{number}", "delivery", EMAIL, NOW)
    assert not small._kept


def test_the_purposes_of_a_party_are_those_it_is_declared_for(small: Register) -> None:
    assert small.purposes_of("shop") == ("delivery", "newsletter")
    assert small.purposes_of("us") == ()
