import csv
import io
import re
from pathlib import Path

import pytest

from tests.e2e.events import shop, write_lines
from tests.e2e.program import asked, jalki

COMMANDS = (
    "demo", "simulate", "ingest", "where", "timeline", "lookups", "parties", "sharing", "export", "drift", "dead-letters",
    "doctor", "remaining", "transfers", "register", "register check", "register ropa", "register notice",
)  # fmt: skip


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    ended = jalki(*command.split(), "--help", cwd=tmp_path)
    assert ended.code == 0
    assert "Usage: jalki" in ended.out
    assert len(ended.out) > 200
    assert list(tmp_path.iterdir()) == []


def test_the_help_names_every_command_and_setting() -> None:
    text = " ".join(jalki("--help").out.split())
    for word in (*(each for each in COMMANDS if " " not in each), "JALKI_DATA", "JALKI_REGISTER", "JALKI_LOG_LEVEL"):
        assert word in text


def test_wrong_usage_is_code_2(tmp_path: Path) -> None:
    for words in (
        ("nonsense",),
        ("where",),
        ("where", "a:b", "--nonsense"),
        ("ingest",),
        ("simulate", "--persons", "x"),
    ):
        ended = jalki(*words, cwd=tmp_path)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err


def test_the_folder_may_be_named_before_or_after_the_command_or_by_a_setting(story: Path, tmp_path: Path) -> None:
    words = ("where", "customer_id:C-17", "--json")
    nowhere = {"JALKI_DATA": tmp_path / "nowhere"}
    ways = [
        jalki("--data", story, *words, settings=nowhere),
        jalki(*words, "--data", story, settings=nowhere),
        jalki("--data", tmp_path / "nowhere", *words, "--data", story),
        jalki(*words, settings={"JALKI_DATA": story}),
    ]
    assert {each.code for each in ways} == {0}
    assert len({each.out for each in ways}) == 1
    assert jalki(*words, settings=nowhere).code == 2


def test_parties_tells_of_each_party_of_the_register(story: Path) -> None:
    parties = jalki("parties", "--json", "--data", story).json
    keys = [
        "id",
        "name",
        "kind",
        "country",
        "roles",
        "transfer",
        "received",
        "passed_on",
        "purposes",
        "categories",
        "first",
        "last",
    ]
    assert all(list(each) == keys for each in parties)
    by_id = {each["id"]: each for each in parties}
    named = [
        "multitronic",
        "itronic",
        "multitronic-pro",
        "multicare",
        "smartdeals",
        "order-system",
        "back-office",
        "backup",
        "posti",
        "matkahuolto",
        "postnord",
        "dhl",
        "ups",
        "schenker",
        "paytrail",
        "nets",
        "klarna",
        "adyen",
        "stripe",
        "paypal",
        "walley",
        "resurs",
        "svea",
        "google-analytics",
        "google-ads",
        "meta",
        "sendgrid",
        "epostservice",
        "microsoft",
        "warranty-insurer",
        "debt-collector",
        "credit-bureau",
        "tax-authority",
        "customs",
        "police",
        "consumer-authority",
        "data-protection-ombudsman",
    ]
    assert set(named) <= set(by_id)
    assert (by_id["posti"]["received"], by_id["order-system"]["received"], by_id["order-system"]["passed_on"]) == (
        2,
        2,
        2,
    )
    assert by_id["posti"]["last"] == "2026-03-03T09:30:00Z"
    assert (by_id["meta"]["received"], by_id["meta"]["first"]) == (0, None)
    assert "posti" in jalki("parties", "--data", story).out


def test_sharing_is_one_graph_in_three_languages(story: Path) -> None:
    shape = jalki("sharing", "--json", "--data", story).json
    assert list(shape) == ["parties", "sharing"]
    edges = [(each["from"], each["to"], each["purpose"], each["disclosures"]) for each in shape["sharing"]]
    assert edges == [
        ("order-system", "posti", "delivery", 2),
        ("person", "order-system", "account", 1),
        ("person", "order-system", "order", 1),
    ]
    rows = list(csv.DictReader(io.StringIO(jalki("sharing", "--csv", "--data", story).out)))
    assert [(row["from"], row["to"], row["purpose"], int(row["disclosures"])) for row in rows] == edges
    dot = jalki("sharing", "--dot", "--data", story).out
    assert dot.startswith("digraph")
    assert dot.rstrip().endswith("}")
    assert dot.count('"') % 2 == 0
    assert dot.count("{") == dot.count("}")
    drawn = re.findall(r'"([^"]+)" -> "([^"]+)" \[label="([^":]+): (\d+)"', dot)
    assert [(*each[:3], int(each[3])) for each in drawn] == edges
    assert jalki("sharing", "--json", "--csv", "--data", story).code == 2


def test_dead_letters_of_a_clean_folder_are_none(story: Path) -> None:
    assert jalki("dead-letters", "--json", "--data", story).json == []
    assert "no dead letters" in jalki("dead-letters", "--data", story).said


def test_nothing_shared_yet_is_said(tmp_path: Path) -> None:
    data = tmp_path / "data"
    asked("ingest", write_lines(tmp_path / "none", []), "--data", data)
    for command, word in (("sharing", "nothing"), ("drift", "no drift")):
        ended = asked(command, "--data", data)
        assert (ended.code, ended.out.strip()) == (0, "")
        assert word in ended.said
    assert asked("sharing", "--json", "--data", data).json == {"parties": [], "sharing": []}
    assert asked("drift", "--json", "--data", data).json == []


def test_two_shops_in_two_folders_know_nothing_of_each_other(story: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    asked("ingest", write_lines(tmp_path / "f", shop(5, seed=1)), "--data", other)
    assert asked("where", "customer_id:C-17", "--json", "--data", other).json["candidates"] == 0
    assert (story / "master.key").read_bytes() != (other / "master.key").read_bytes()
