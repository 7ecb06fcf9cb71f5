"""Parties month by month, asked of the program."""

from pathlib import Path

from tests.e2e.events import order, write_lines
from tests.e2e.program import asked, jalki


def test_the_months_of_each_party_add_up_to_what_it_received(story: Path) -> None:
    shape = jalki("parties", "--volumes", "--json", "--data", story).json
    assert shape["months"] == ["2026-02", "2026-03"]
    assert [(each["id"], each["by_month"]) for each in shape["parties"]] == [
        ("order-system", {"2026-02": 1, "2026-03": 1}), ("posti", {"2026-03": 2}),
    ]  # fmt: skip
    received = {each["id"]: each["received"] for each in asked("parties", "--json", "--data", story).json}
    assert all(each["received"] == received[each["id"]] for each in shape["parties"])
    table = jalki("parties", "--volumes", "--data", story).out
    assert "2026-02 to 2026-03" in table
    assert "·█" in table


def test_parties_as_of_a_time_have_what_had_occurred_and_was_known_by_then(story: Path) -> None:
    def received(*words: str) -> dict[str, int]:
        told = asked("parties", "--json", *words, "--data", story).json
        return {each["id"]: each["received"] for each in told if each["received"]}

    assert received("--at", "2026-03-02T12:00:00Z") == {"order-system": 2, "posti": 1}
    assert received("--at", "2026-01-01T00:00:00Z") == received("--known-at", "2020-01-01T00:00:00Z") == {}
    months = asked("parties", "--volumes", "--json", "--at", "2026-02-28T00:00:00Z", "--data", story).json["months"]
    assert months == ["2026-02"]


def test_events_of_two_thousand_years_are_counted_too(tmp_path: Path) -> None:
    far = [{**order(f"f-{year}", f"O-{year}"), "occurred_at": f"{year}-06-01T00:00:00Z"} for year in (1700, 1990, 2020)]
    assert asked("ingest", write_lines(tmp_path / "far", far), "--data", tmp_path / "data").code == 0
    shape = asked("parties", "--volumes", "--json", "--data", tmp_path / "data").json
    assert shape["parties"][0]["by_month"] == {"earlier": 2, "2020-06": 1}
    assert shape["months"][:1] == ["earlier"]


def test_nothing_shared_has_no_months(tmp_path: Path) -> None:
    assert asked("ingest", write_lines(tmp_path / "none", []), "--data", tmp_path / "data").code == 0
    assert asked("parties", "--volumes", "--json", "--data", tmp_path / "data").json == {"months": [], "parties": []}
    assert "nothing" in asked("parties", "--volumes", "--data", tmp_path / "data").said
