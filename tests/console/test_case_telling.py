"""`case show` tells what each party would be told: by kinds, and in clear only with a reason."""

from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.console.shops import Desk
from tests.console.test_case_commands import opened
from tests.console.test_restored_shop import MAPPING, TABLES, all_of, run
from tests.e2e.program import asked

EMAIL = "Aino.Esimerkki@posti.example"


def test_a_preview_says_how_many_identifiers_of_which_kind_go_to_whom_and_shows_none(story_copy: Path) -> None:
    case = opened(story_copy)
    ended = asked("case", "show", case, "--preview", "--requests", "--json", "--data", story_copy)
    told = {each["party"]: each["identifiers"] for each in ended.json["tasks"]}
    assert any("email" in kinds for kinds in told.values())
    assert all(count > 0 for kinds in told.values() for count in kinds.values())
    assert EMAIL not in ended.out + ended.err
    assert ended.json["requests"] == [], "no party of the shipped descriptors is told by calls"


def test_identifiers_are_shown_as_sent_only_with_a_reason(story_copy: Path) -> None:
    case = opened(story_copy)
    with pytest.raises(Misconfigured, match="--reason"):
        asked("case", "show", case, "--preview", "--reveal", "--data", story_copy)
    ended = asked("case", "show", case, "--preview", "--reveal", "--reason", "test", "--json", "--data", story_copy)
    sent = [each for task in ended.json["tasks"] for each in task["sent"]]
    assert EMAIL in {each["value"].strip() for each in sent if each["kind"] == "email"}


def with_tables(tmp_path: Path) -> Desk:
    """A shop whose order system is told by its tables."""
    own = tmp_path / "own"
    (own / "tables").mkdir(parents=True)
    (own / "tables" / "shop.toml").write_text(MAPPING, "utf-8")
    (own / "url").write_text(f"sqlite:///{tmp_path / 'shop.db'}")
    (own / "order-system.yaml").write_text(
        "channel: sql\nsettings: {url: {file: url}, mapping_file: tables/shop.toml}\n"
    )
    run(tmp_path, *TABLES)
    return Desk(tmp_path, JALKI_PARTIES=own)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_tables(tmp_path)


def test_of_a_party_told_by_its_tables_the_statements_are_shown_and_none_is_made(desk: Desk) -> None:
    case, before = desk.opens("erasure"), all_of(desk.folder)
    ended = desk.asks("case", "show", case, "--preview", "--requests", "--json")
    shown = [each for each in ended.json["requests"] if each["party"] == "order-system"]
    now = [each for each in shown if each["state"] == "queued"]
    assert [(each["statement"], each["table"], each["rows"], each["columns"]) for each in now] == [
        ("UPDATE", "orders", 1, {"email": "null"}),
        ("UPDATE", "customer", 1, {"email": "null", "phone": "null"}),
        ("DELETE", "subscriber", 1, {}),
    ]
    assert {each["state"] for each in shown if each not in now} == {"held"}, "an order is kept for the accounts"
    assert all(each.keys() == {"task", "party", "state", "statement", "table", "columns", "rows"} for each in shown)
    printed = desk.asks("case", "show", case, "--preview", "--requests")
    assert "DELETE subscriber, 1 row" in printed.out
    assert not [each for each in ("anna@", "C-1", "O-1", "Anna A") if each in ended.out + printed.out + printed.err]
    assert all_of(desk.folder) == before


def test_rows_and_new_values_of_statements_are_shown_only_with_a_reason(desk: Desk) -> None:
    mapping = desk.folder / "own" / "tables" / "shop.toml"
    mapping.write_text(MAPPING.replace('"provided", erase = "null"}', '"provided", rectify = true}', 1))
    case, words = desk.opens("rectification", "--change", "email=anna.new@example.fi"), ("--preview", "--requests")
    assert desk.asks("case", "show", case, *words, "--reveal").code == 2
    ended = desk.asks("case", "show", case, *words, "--reveal", "--reason", "is it right?", "--json")
    assert ended.code == 0, ended.err
    (told, *_) = [each for each in ended.json["requests"] if each.get("statement")]
    assert (told["table"], told["keys"], told["values"]) == ("customer", [["C-1"]], {"email": "anna.new@example.fi"})
    printed = desk.asks("case", "show", case, *words, "--reveal", "--reason", "is it right?")
    assert 'C-1; email = "anna.new@example.fi"' in printed.out


def test_tables_that_cannot_be_reached_are_told_and_the_rest_is_shown(desk: Desk) -> None:
    case = desk.opens("erasure")
    (desk.folder / "shop.db").unlink()
    ended = desk.asks("case", "show", case, "--preview", "--requests", "--json")
    assert {each["refused"] for each in ended.json["requests"] if each["party"] == "order-system"} == {
        "the tables of order-system cannot be reached: look whether the database runs, and at the login"
    }
    assert ended.json["tasks"]
