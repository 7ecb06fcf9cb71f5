"""Decisions whether two identifiers are one person's: recorded as events, written down, and taken back by later ones."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from console.case_opening import Casebook, opened_for_casework
from console.linking import Decision, decide
from console.opening import LOOKS
from console.settings import read_settings
from lineage.errors import Misconfigured, Refused
from lineage.facts import Link, read_as_sent
from lineage.graph import NOW
from lineage.persons import find_person
from lineage.recording import bound
from lineage.revealing import opened_looks, values_of
from lineage.sealing import Seal
from schemas.records import JsonRecords, microseconds
from tests.cases.events import account, linked, subscribed
from tests.cases.stage import Stage
from tests.cases.test_household import BERT

PHONE = ("phone", "040 123 4567")
HER, HIS = ("customer_id", "C-1"), ("customer_id", "C-2")
DECIDED = Decision(PHONE, HER, True, "multitronic", "anna", "she wrote that it is hers", "dpo")
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Home:
    """Two accounts with one telephone, and who may decide about it."""

    book: Casebook
    stage: Stage

    def decides(self, *decisions: Decision) -> int:
        self.stage.believed[0] += SECOND
        return decide(self.book, decisions)

    def persons(self, named: tuple[str, str]) -> int:
        key = self.stage.key(*named)
        return find_person(self.book.folder.graph.near(key), key, NOW).candidates

    def links(self) -> list[Link]:
        return list(self.book.folder.graph.links({self.stage.key(*PHONE), self.stage.key(*HER)}, NOW))

    def looks(self) -> list[tuple[str, str, str, bool, str]]:
        folder = self.book.folder
        found = opened_looks(folder.graph, folder.keyring.find((LOOKS,))[LOOKS])
        return [(each.actor, each.asked, each.reason, each.in_clear, each.role) for each in found]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    believed = [microseconds("2026-03-01T09:00:00+02:00")]
    settings = read_settings({"JALKI_DATA": str(tmp_path / "data")})
    with opened_for_casework(settings, lambda: believed[0]) as book:
        assert book.recorder
        stage = Stage(book.work, book.recorder, JsonRecords(book.folder.catalogue), believed)
        stage.record(account(phone="040 123 4567"), account(**BERT, phone="+358401234567"))
        yield Home(book, stage)


def test_a_shared_telephone_is_said_to_be_one_persons_and_a_later_decision_takes_it_back(home: Home) -> None:
    assert home.persons(PHONE) == 2
    assert home.decides(DECIDED) == 1
    assert home.persons(PHONE) == 1
    assert home.decides(replace(DECIDED, joined=False)) == 1
    assert home.persons(PHONE) == 2
    assert home.decides(DECIDED) == 1, "and that one, too"
    assert home.persons(PHONE) == 1


def test_two_accounts_are_one_person_until_somebody_says_otherwise(home: Home) -> None:
    home.decides(replace(DECIDED, left=HER, right=HIS))
    assert home.persons(PHONE) == 1
    home.decides(replace(DECIDED, left=HIS, right=HER, joined=False))
    assert home.persons(PHONE) == 2


def test_a_decision_stands_in_the_record_as_the_event_of_the_contract_with_who_decided(home: Home) -> None:
    home.decides(DECIDED)
    (link,) = home.links()
    keys = home.book.folder.keyring.find({link.one})
    named, told = read_as_sent(Seal(keys[link.one]).open(link.as_sent, bound(link)))
    assert (link.joined, link.at) == (True, home.stage.now)
    assert (named, told["decided_by"]) == ([PHONE, HER], "anna")


def test_why_it_was_decided_is_written_down_at_both_and_names_nobody(home: Home) -> None:
    home.decides(DECIDED)
    asked = {f"where:{home.stage.key(*each).hex()}" for each in (PHONE, HER)}
    looks = home.looks()
    assert {each[1] for each in looks} == asked
    assert {(each[0], *each[2:]) for each in looks} == {("anna", "link: she wrote that it is hers", False, "dpo")}


def test_events_that_come_again_after_a_decision_do_not_undo_it(home: Home) -> None:
    home.decides(DECIDED)
    before = home.links()
    home.stage.record(account(phone="040 123 4567"), account(**BERT, phone="+358401234567"))
    home.stage.record(linked(PHONE, HER, joined=False, occurred_at="2026-02-01T09:00:00+02:00"))
    assert home.persons(PHONE) == 1, "an older decision that comes late"
    assert len(home.links()) == len(before) + 1


def test_what_was_decided_already_is_not_recorded_again(home: Home) -> None:
    home.decides(DECIDED)
    written = len(home.looks())
    assert home.decides(replace(DECIDED, left=HER, right=PHONE)) == 0
    assert (len(home.links()), len(home.looks())) == (1, written)


def test_that_two_are_different_persons_can_be_decided_before_anybody_said_otherwise(home: Home) -> None:
    assert home.decides(replace(DECIDED, left=HER, right=HIS, joined=False)) == 1
    assert home.persons(PHONE) == 2
    assert home.decides(replace(DECIDED, left=HER, right=HIS, joined=False)) == 0


@pytest.mark.parametrize(
    ("decision", "fault", "says"),
    [
        (replace(DECIDED, reason=" "), Misconfigured, "--reason says why"),
        (replace(DECIDED, reason="x" * 501), Misconfigured, "--reason says why"),
        (replace(DECIDED, controller="posti"), Misconfigured, "--controller is one of"),
        (replace(DECIDED, right=("phone", "+358 40 123 4567")), Misconfigured, "one and the same"),
        (replace(DECIDED, right=("customer_id", "C-3")), Refused, "nothing is recorded of RIGHT"),
        (replace(DECIDED, left=("phone", "1")), Refused, "nothing is recorded of LEFT"),
    ],
)
def test_a_decision_that_cannot_be_meant_is_refused_and_nothing_of_any_is_kept(
    home: Home, decision: Decision, fault: type[Exception], says: str
) -> None:
    with pytest.raises(fault, match=says):
        home.decides(DECIDED, decision)
    assert home.links() == []
    assert home.looks() == []


def test_a_decision_of_a_later_moment_is_not_hidden_by_one_of_now(home: Home) -> None:
    home.stage.record(linked(PHONE, HER, occurred_at="2027-01-01T00:00:00Z"))
    with pytest.raises(Refused, match="a decision of 2027-01-01T00:00:00Z holds"):
        home.decides(replace(DECIDED, joined=False))


def test_what_was_sent_is_found_for_identifiers_wherever_it_stands(home: Home) -> None:
    home.stage.record(subscribed(email="only@example.fi", customer_id=None))
    folder = home.book.folder
    wanted = {
        home.stage.key(*each) for each in (PHONE, HER, ("email", "anna@example.fi"), ("email", "only@example.fi"))
    }
    found = values_of(folder.graph, folder.keyring, folder.pseudonyms, wanted | {b"not there"})
    assert found.keys() == wanted
    assert {kind for kind, _ in found.values()} == {"phone", "customer_id", "email"}
    assert found[home.stage.key(*HER)] == HER
