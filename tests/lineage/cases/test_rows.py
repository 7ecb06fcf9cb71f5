"""What lanes and time are fed by: when a task, or a case, is to be looked at again."""

from collections.abc import Mapping
from typing import Any

from lineage.cases.case import Case
from lineage.cases.entries import Entry, entry
from lineage.cases.folding import folded
from lineage.cases.rows import dates_of, row_of, task_rows, waits_for
from lineage.clocks import start_of
from tests.lineage.cases.seeing import at

CASE, BEGUN = "2026-ABCDEFGH", at("2026-05-04")
LATER = BEGUN + 1_000_000


def told(task: str, party: str, *after: str, **more: Any) -> dict[str, Any]:
    """One task of a plan."""
    about = {"controller": "multitronic", "categories": ["email"], "purposes": ["newsletter"], "due": "2026-05-25"}
    return {"task": task, "party": party, "form": "notice", "action": "erase", "after": list(after), **about, **more}


def chain(*kinds: tuple[str, Mapping[str, Any]], right: str = "erasure") -> list[Entry]:
    """A case that was begun, and what happened to it since, a second apart."""
    begun = {
        "right": right, "received": BEGUN, "subjects": ["00" * 16], "controller": "multitronic", "language": "fi",
        "channel": "account", "verified": True,
    }  # fmt: skip
    entries = [entry(CASE, BEGUN, "received", "person", begun)]
    for kind, said in kinds:
        entries.append(entry(entries[-1], entries[-1].at + 1_000_000, kind, "jalki", said))
    return entries


def case_of(*kinds: tuple[str, Mapping[str, Any]], right: str = "erasure") -> Case:
    return folded(chain(*kinds, right=right))


PLAN = (
    "planned",
    {
        "items": [],
        "tasks": [told("t/dhl", "dhl"), told("t/posti", "posti", "t/dhl"), told("t/k", "klarna", until="2032-12-31")],
    },
)
APPROVED = ("approved", {"approved": BEGUN + 2_000_000})


def became(task: str, state: str, look_at: int | None = None, **more: Any) -> tuple[str, dict[str, Any]]:
    return "task", {"task": task, "state": state, "look_at": look_at, **more}


def looks(case: Case) -> dict[str, int | None]:
    return {each.task: each.look_at for each in task_rows(case, None)}


def test_before_approval_nothing_is_due() -> None:
    assert looks(case_of(PLAN)) == dict.fromkeys(["t/dhl", "t/posti", "t/k"])


def test_after_approval_who_is_furthest_down_is_due_and_what_is_held_the_day_after_its_last() -> None:
    case = case_of(PLAN, APPROVED)
    assert looks(case) == {"t/dhl": LATER, "t/posti": None, "t/k": at("2032-12-31", "22:00")}
    assert [each.id for each in waits_for(case, case.tasks["t/posti"])] == ["t/dhl"]


def test_once_the_one_further_down_was_tried_the_next_is_due_though_it_failed() -> None:
    case = case_of(PLAN, APPROVED, became("t/dhl", "queued", LATER * 2, failed=True, how="away"))
    assert looks(case)["t/posti"] == LATER
    assert not waits_for(case, case.tasks["t/posti"])


def test_what_is_held_until_a_person_releases_it_is_never_due() -> None:
    assert looks(case_of(("planned", {"items": [], "tasks": [told("t/k", "klarna", until="")]}), APPROVED)) == {
        "t/k": None
    }


def test_a_claimed_task_is_due_again_when_its_lease_is_over() -> None:
    assert looks(case_of(PLAN, APPROVED, ("claimed", {"task": "t/dhl", "look_at": 7})))["t/dhl"] == 7


def test_what_is_withdrawn_is_not_due_but_a_party_that_is_at_it_is_asked() -> None:
    begun = (PLAN, APPROVED, became("t/dhl", "accepted", 9), became("t/posti", "sent", 9))
    assert looks(case_of(*begun, ("withdrawn", {}))) == {"t/dhl": 9, "t/posti": None, "t/k": None}


def test_of_a_closed_case_nothing_is_due_whatever_comes() -> None:
    done = [
        became("t/dhl", "declined"),
        ("answered", {}),
        ("closed", {}),
        became("t/dhl", "promised", 9, by="2026-12-01"),
    ]
    case = case_of(("planned", {"items": [], "tasks": [told("t/dhl", "dhl")]}), APPROVED, *done)
    assert looks(case) == {"t/dhl": None}
    assert row_of(case).look_at is None


def test_only_what_has_changed_is_written_anew() -> None:
    before = case_of(PLAN, APPROVED)
    after = case_of(PLAN, APPROVED, became("t/dhl", "verified", how="signed-answer"))
    assert {each.task for each in task_rows(after, before)} == {"t/dhl", "t/posti"}
    assert task_rows(after, after) == []


def test_a_row_tells_where_a_case_stands() -> None:
    case = case_of(PLAN)
    row = row_of(case)
    assert (row.state, row.entries, row.head, row.subjects) == ("received", 2, case.last.hash, (bytes(16),))
    assert row.operative == dates_of(case).operative.isoformat()
    assert row.look_at is not None
    assert BEGUN < row.look_at <= start_of(dates_of(case).operative)


def test_a_case_that_waits_for_its_parties_is_looked_at_when_the_first_is_overdue() -> None:
    case = case_of(PLAN, APPROVED, ("alarmed", {"alarm": "none"}), right="rectification")
    assert row_of(case).look_at is not None
    assert (row_of(case).look_at or 0) <= at("2026-05-25", "21:00")


def test_a_case_whose_next_step_waits_for_nobody_is_looked_at_now() -> None:
    one = ("planned", {"items": [], "tasks": [told("t/dhl", "dhl")]})
    case = case_of(one, APPROVED, became("t/dhl", "verified"), right="rectification")
    assert row_of(case).look_at == case.last.at


def test_a_case_stays_open_for_a_party_that_will_be_asked_if_it_did_what_it_promised() -> None:
    one = ("planned", {"items": [], "tasks": [told("t/dhl", "dhl")]})
    promised: list[tuple[str, Mapping[str, Any]]] = [
        one,
        APPROVED,
        became("t/dhl", "promised", 99, by="2026-12-01"),
        ("answered", {}),
    ]
    assert row_of(case_of(*promised, right="rectification")).look_at is None
    unasked: list[tuple[str, Mapping[str, Any]]] = [
        one,
        APPROVED,
        became("t/dhl", "promised", None, by="2026-12-01"),
        ("answered", {}),
    ]
    case = case_of(*unasked, right="rectification")
    assert row_of(case).look_at == case.last.at
