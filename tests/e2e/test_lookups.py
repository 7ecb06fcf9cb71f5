"""`jalki lookups` as a user runs it: who looked at one customer, who of the staff at whom, and questions asked wrongly."""

from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked, jalki

WHY = ("--who", "--reason", "the yearly review")


def viewed(number: str, staff: str, customer: str, purpose: str = "order") -> dict[str, object]:
    told = {"customer_id": customer, "viewer": "back-office", "viewer_ref": staff, "categories": ["name"]}
    return event("RecordViewed", number, "2026-03-01T09:00:00+02:00", purpose=purpose, **told)


@pytest.fixture
def looked(tmp_path: Path) -> Path:
    looks = [
        viewed("v-1", "desk-1", "C-1"), viewed("v-2", "desk-2", "C-1"), viewed("v-3", "desk-1", "C-2"),
        viewed("v-4", "desk-3", "C-1", "authority-inquiry"),
    ]  # fmt: skip
    assert asked("ingest", write_lines(tmp_path / "e", looks), "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def test_the_answer_that_may_reach_the_person_names_nobody_and_no_inquiry(looked: Path) -> None:
    for form in ((), ("--json",)):
        told = asked("lookups", "customer_id:C-1", *form, "--data", looked).out
        assert "desk" not in told
        assert "inquiry" not in told
    told = asked("lookups", "customer_id:C-1", "--json", "--data", looked).json
    assert (told["looks"], len(told["look_ups"]), told["candidates"]) == (2, 2, 1)
    assert asked("lookups", "--json", "--data", looked).json["looks"] == 3


def test_oversight_sees_who_it_was_and_is_written_down_itself(looked: Path) -> None:
    told = asked("lookups", "customer_id:C-1", *WHY, "--json", "--data", looked).json
    assert [each["staff"] for each in told["look_ups"]].count("desk-3") == 1
    assert {each["staff"]: each["looks"] for each in told["by_staff"]} == {"desk-1": 1, "desk-2": 1, "desk-3": 1}
    (look,) = asked("lookups", "--who", "--reason", "again", "--json", "--data", looked).json["shown_in_clear"][:1]
    assert (look["what"], look["reason"]) == ("lookups:customer_id:C-1", "the yearly review")


def test_one_of_staff_is_found_at_everybody_she_looked_at(looked: Path) -> None:
    told = asked("lookups", "--staff", "desk-1", *WHY[1:], "--json", "--data", looked).json
    assert (told["looks"], told["persons"], len(told["look_ups"])) == (2, 2, 2)
    printed = asked("lookups", "--staff", "desk-1", *WHY[1:], "--data", looked).out
    assert "2 look-ups at 2 persons" in printed
    assert "desk-2" not in printed


def test_who_it_was_is_never_told_without_a_reason(looked: Path) -> None:
    for words in (("--who",), ("--staff", "desk-1"), ("--who", "--reason", " ")):
        refused = jalki("lookups", "customer_id:C-1", *words, "--data", looked)
        assert (refused.code, refused.out) == (2, "")
        assert "--reason" in refused.said


def test_an_unknown_viewer_and_an_interval_turned_round_are_asked_wrongly(looked: Path) -> None:
    with pytest.raises(Misconfigured, match="--viewer"):
        asked("lookups", "--viewer", "nobody", "--data", looked)
    with pytest.raises(Misconfigured, match="swap"):
        asked("lookups", "--since", "2026-03-02T00:00:00Z", "--until", "2026-03-01T00:00:00Z", "--data", looked)
