"""Before every sending: what a person decided against stops, what a contract or the law asks for goes on."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from lineage.errors import Retryable
from lineage.facts import Facts
from lineage.pseudonyms import Pseudonyms
from lineage.register import Register, load_register
from lineage.sharing_allowed import WHY, may_share
from lineage.tombstones import Suppression, Tombstone
from schemas.vocabulary import vocabulary
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.memory_of_erased import PlainMemory
from tests.lineage.parts import DELIVERY, facts
from tests.lineage.register.small import CATEGORIES, SMALL, at

PSEUDONYMS = Pseudonyms(b"k" * 32)
NOW = at("2026-11-20T12:00")
DAY = 86_400_000_000
DELIVERING, MAILING = ("posti", "delivery"), ("sendgrid", "newsletter")
RECALLING, CHECKING = ("product-safety-authority", "recall"), ("credit-bureau", "credit-check")
CLAIMING, ADVERTISING = ("warranty-insurer", "claim"), ("google-ads", "advertising")


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(None, frozenset(vocabulary().categories))


def key(name: str) -> bytes:
    return PSEUDONYMS.identifier(*name.split(":", 1))


def told(
    event: str, when: int = NOW - DAY, customer: str = "C", mail: str = "a@b.fi", granted: bool | None = True
) -> Facts:
    """A customer who disclosed something, with her address, and decided about the newsletter."""
    names = (f"customer_id:{customer}", f"email:{mail}")
    made = facts(
        event, at=when, owns=[names], discloses=[(names[0], DELIVERY)],
        consents=[] if granted is None else [(names[0], "newsletter", granted)],
    )  # fmt: skip
    real = dict(zip(dict.fromkeys(made.identifiers), (key(each) for each in names), strict=True))
    return made._replace(
        identifiers={real[each]: kind for each, kind in made.identifiers.items()},
        owns=tuple((real[one], real[other]) for one, other in made.owns),
        disclosures=tuple(each._replace(holder=real[each.holder]) for each in made.disclosures),
        consents=tuple(each._replace(holder=real[each.holder]) for each in made.consents),
    )


def why(
    register: Register, way: tuple[str, str], *events: Facts, memory: PlainMemory | None = None,
    asked: str = "email:A@B.fi ",
) -> Sequence[str]:  # fmt: skip
    graph = MemoryGraph()
    graph.record(events)
    kind, value = asked.split(":", 1)
    answer = may_share(graph, memory or PlainMemory(), register, PSEUDONYMS, (kind, value), *way, NOW)
    assert answer.allowed == (not answer.why)
    assert set(answer.why) <= WHY.keys()
    return answer.why


def suppressed(
    purpose: str, ground: str, party: str = "*", when: int = NOW - DAY // 2, name: str = "customer_id:C"
) -> PlainMemory:
    return PlainMemory(suppressions=[Suppression(key(name), party, purpose, ground, when, "case-1")])


def erased(*names: str, before: int = NOW - DAY // 2) -> PlainMemory:
    return PlainMemory(*(Tombstone(key(each), before, "case-1") for each in names))


def test_what_is_declared_and_needs_no_consent_may_be_sent_of_anybody(register: Register) -> None:
    assert why(register, DELIVERING) == why(register, DELIVERING, told("e")) == ()


def test_the_newsletter_needs_a_consent_that_stands(register: Register) -> None:
    assert why(register, MAILING) == ("no-consent",)
    assert why(register, MAILING, told("e")) == ()
    assert why(register, MAILING, told("e"), told("f", NOW - 1, granted=False)) == ("no-consent",)


def test_a_party_that_is_not_declared_for_the_purpose_gets_nothing(register: Register) -> None:
    assert why(register, ("posti", "newsletter"), told("e")) == ("undeclared-recipient",)


def test_the_register_is_asked_as_it_holds_now(tmp_path: Path) -> None:
    file = tmp_path / "register.yaml"
    file.write_text(SMALL, encoding="utf-8")
    small, graph = load_register(file, CATEGORIES), MemoryGraph()
    graph.record([told("e", at("2026-01-02T12:00"))])

    def reasons(party: str, purpose: str, when: str) -> Sequence[str]:
        return may_share(graph, PlainMemory(), small, PSEUDONYMS, ("customer_id", "C"), party, purpose, at(when)).why

    assert reasons("post", "delivery", "2026-03-15T12:00") == ()
    assert "undeclared-recipient" in reasons("post", "delivery", "2026-09-15T12:00")
    assert "no-transfer-safeguard" in reasons("mailer", "newsletter", "2026-09-15T12:00")


@pytest.mark.parametrize("asked", ["email:a@b.fi", "customer_id:C"])
def test_an_objection_stops_its_purpose_for_every_identifier_of_the_person_and_delivery_goes_on(
    register: Register, asked: str
) -> None:
    memory = suppressed("newsletter", "objection")
    assert why(register, MAILING, told("e"), memory=memory, asked=asked) == ("objection",)
    assert why(register, DELIVERING, told("e"), memory=memory, asked=asked) == ()


@pytest.mark.parametrize(("party", "stops"), [("*", True), ("sendgrid", True), ("meta", False)])
def test_a_suppression_may_be_of_one_party_or_of_all(register: Register, party: str, stops: bool) -> None:
    memory = suppressed("newsletter", "unsubscribe", party)
    assert why(register, MAILING, told("e"), memory=memory) == (("unsubscribe",) if stops else ())


@pytest.mark.parametrize(
    ("ground", "way", "stops"),
    [
        ("objection", MAILING, True),
        ("objection", CHECKING, True),
        ("objection", DELIVERING, False),
        ("objection", RECALLING, False),
        ("restriction", MAILING, True),
        ("restriction", DELIVERING, True),
        ("restriction", CHECKING, True),
        ("restriction", RECALLING, False),
        ("restriction", CLAIMING, False),
    ],
)
def test_one_of_every_purpose_stops_what_its_right_is_about(
    register: Register, ground: str, way: tuple[str, str], stops: bool
) -> None:
    assert why(register, way, told("e"), memory=suppressed("*", ground)) == ((ground,) if stops else ())


def test_a_consent_given_after_unsubscribing_counts_and_one_from_before_does_not(register: Register) -> None:
    memory = suppressed("newsletter", "unsubscribe", when=NOW - 10)
    assert why(register, MAILING, told("e", NOW - 11), memory=memory) == ("unsubscribe",)
    assert why(register, MAILING, told("e", NOW - 9), memory=memory) == ()


def test_a_restriction_is_not_undone_by_a_consent(register: Register) -> None:
    memory = suppressed("newsletter", "restriction", when=NOW - 10)
    assert why(register, MAILING, told("e", NOW - 9), memory=memory) == ("restriction",)


def test_of_an_erased_person_nothing_is_sent_that_needs_her_will_and_an_order_in_transit_is_delivered(
    register: Register,
) -> None:
    memory = erased("email:a@b.fi")
    assert why(register, MAILING, memory=memory) == ("no-consent", "erased")
    assert why(register, ADVERTISING, memory=memory) == ("no-consent", "erased")
    assert why(register, DELIVERING, memory=memory) == ()


def test_one_who_has_come_back_and_consented_anew_gets_her_newsletter(register: Register) -> None:
    memory = erased("email:a@b.fi", "customer_id:C")
    assert why(register, MAILING, told("e", NOW - 1, "new"), memory=memory) == ()


def test_an_address_shared_by_two_accounts_gets_no_newsletter_and_its_parcels(register: Register) -> None:
    both = [told(each, customer=each) for each in ("one", "two")]
    assert why(register, MAILING, *both) == ("shared",)
    assert why(register, DELIVERING, *both) == ()
    assert why(register, MAILING, *both, asked="customer_id:one") == ()


def test_who_shares_an_address_has_decided_for_herself_only(register: Register) -> None:
    both = [told(each, customer=each) for each in ("one", "two")]
    memory = suppressed("*", "restriction", name="customer_id:one")
    assert why(register, DELIVERING, *both, memory=memory, asked="customer_id:one") == ("restriction",)
    assert why(register, DELIVERING, *both, memory=memory, asked="customer_id:two") == ()
    assert why(register, DELIVERING, *both, memory=memory) == ()


def test_without_an_answer_about_the_erased_nobody_may_be_told_yes(register: Register) -> None:
    memory = PlainMemory()
    memory.away = True
    with pytest.raises(Retryable):
        why(register, DELIVERING, told("e"), memory=memory)
