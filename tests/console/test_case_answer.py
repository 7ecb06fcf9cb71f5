"""`jalki case answer`: for every right, for what is refused or extended, with a copy of the shop's own tables."""

import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from console.outward import Shop
from console.shop_tables import records_of
from lineage.cases.rights import rules
from lineage.errors import Retryable
from tests.console.shops import Desk
from tests.lineage.answers.matters import register
from tests.servers.postgres import Postgres

LETTER = {"letter.html", "letter.json", "letter.pdf"}
STATEMENT = {"recipients.csv", "statement.html", "statement.json", "statement.pdf"}
MAPPING = """
system = "order-system"
[[tables]]
name = "customers"
purpose = "account"
identify = {customer_id = "no", email = "email"}
[tables.columns]
no = {category = "customer_id", nature = "observed"}
full_name = {category = "name", nature = "provided"}
risk = {category = "order", nature = "inferred", purpose = "fraud-prevention"}
"""
TABLES = (
    "CREATE TABLE customers (no VARCHAR(20), email TEXT, full_name TEXT, risk INTEGER)",
    "INSERT INTO customers VALUES ('C-1', 'anna@example.fi', 'Anna Asiakas', 7), ('C-2', 'eve@example.fi', 'Eve Muu', 1)",
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def shop(tmp_path: Path) -> Desk:
    """One whose own tables may be read."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        for each in TABLES:
            database.execute(each)
        database.commit()
    (tmp_path / "shop.toml").write_text(MAPPING, "utf-8")
    return Desk(tmp_path, JALKI_SHOP=f"sqlite:///{tmp_path}/shop.db", JALKI_SHOP_TABLES=tmp_path / "shop.toml")


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()} if folder.exists() else set()


def letter(folder: Path) -> Any:
    return json.loads((folder / "letter.json").read_text("utf-8"))


@pytest.mark.parametrize("right", sorted(rules()))
def test_there_is_an_answer_for_every_right(right: str, desk: Desk, tmp_path: Path) -> None:
    more = ("--change", "email=new@example.fi") if right == "rectification" else ()
    case = desk.approved(right, "--language", "sv", "--answer-to", "anna@example.fi", *more)
    ended = desk.answer(case, "--out", tmp_path / "out")
    expected = {"statement": STATEMENT, "package": {"transfer.zip"}, "": LETTER}[rules()[right].answer]  # type: ignore[index]
    assert (ended.code, files(tmp_path / "out")) == (0, expected | {"address.txt"})
    assert "address.txt says where" in ended.err
    assert "anna@" not in ended.err
    assert (tmp_path / "out" / "address.txt").read_text("utf-8") == "anna@example.fi\n"
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in (tmp_path / "out").iterdir())
    if expected == LETTER:
        assert (letter(tmp_path / "out")["language"], letter(tmp_path / "out")["right"]) == ("sv", right)


def test_what_a_protected_person_gets_goes_to_no_address_and_to_nobody_who_has_not_shown_who_she_is(
    desk: Desk, tmp_path: Path
) -> None:
    case = desk.opens("access", "--protected", "--answer-to", "home@example.fi", "--channel", "email")
    refused = desk.asks("case", "approve", case)
    assert refused.code == 1
    assert "who asks must be shown first" in refused.said
    assert desk.asks("case", "verify", case, "--proved", "id card at the counter").code == 0
    assert desk.asks("case", "approve", case).code == 3
    assert desk.shown(case)["protected"] is True
    ended = desk.answer(case, "--out", tmp_path / "out")
    assert (ended.code, files(tmp_path / "out")) == (0, STATEMENT)
    assert "hand them over where she has shown who she is" in ended.said


def test_a_case_is_marked_as_protected_once_and_says_so(desk: Desk) -> None:
    case = desk.approved("rectification", "--change", "address=Salapolku 1")
    outside = next(each["task"] for each in desk.shown(case)["tasks"] if each["form"] != "internal")
    number = outside.rpartition("/")[2]
    assert desk.asks("case", "confirm", case, number, "verified", "--evidence", "seen").code == 0
    ended = desk.asks("case", "protect", case)
    assert ended.code == 1
    assert f"task {number}, to" in ended.said
    assert ended.said.count("had gone out, or may have") == 1
    assert "Salapolku" not in ended.out + ended.err
    assert "her address is protected" in desk.asks("case", "show", case).said


def test_an_answer_is_not_made_before_anything_is_decided(desk: Desk, tmp_path: Path) -> None:
    for right in ("erasure", "access"):
        ended = desk.answer(desk.opens(right), "--out", tmp_path / "out")
        assert ended.code == 1
        assert "nothing to tell yet" in ended.said
    assert files(tmp_path / "out") == set()


def test_what_was_withdrawn_has_no_answer(desk: Desk, tmp_path: Path) -> None:
    case = desk.approved("access")
    assert desk.asks("case", "withdraw", case).code == 0
    assert desk.answer(case, "--out", tmp_path / "out").code == 1
    assert files(tmp_path / "out") == set()


def test_a_refusal_is_told_whatever_was_asked(desk: Desk, tmp_path: Path) -> None:
    for right in ("erasure", "transfer"):
        case = desk.opens(right)
        assert desk.asks("case", "refuse", case, "--reason", "Liian usein", "--ground", "12(5)").code == 0
        assert desk.answer(case, "--out", tmp_path / right).code == 0
        told = letter(tmp_path / right)
        assert (told["kind"], told["reason"], told["ground"]) == ("refusal", "Liian usein", "12(5)")
        assert desk.shown(case)["state"] == "refused"


def test_the_notice_of_an_extension_is_no_answer(desk: Desk, tmp_path: Path) -> None:
    case = desk.opens("access")
    assert desk.asks("case", "extend", case, "--reason", "Monta pyyntöä").code == 0
    assert desk.answer(case, "--out", tmp_path / "notice").code == 0
    assert (letter(tmp_path / "notice")["kind"], files(tmp_path / "notice")) == ("extension", LETTER)
    assert desk.asks("case", "approve", case).code == 3
    assert desk.answer(case, "--out", tmp_path / "again", "--extension").code == 0
    assert letter(tmp_path / "again")["kind"] == "extension"
    assert desk.shown(case)["answered"] is None
    assert desk.answer(case, "--out", tmp_path / "answer").code == 0
    assert files(tmp_path / "answer") == STATEMENT
    assert desk.shown(case)["answered"] is not None


def test_a_case_that_is_not_extended_has_no_notice(desk: Desk, tmp_path: Path) -> None:
    ended = desk.answer(desk.approved("erasure"), "--out", tmp_path / "out", "--extension")
    assert ended.code == 1
    assert "is not extended" in ended.said


def test_a_letter_is_not_needed_for_closing_and_can_be_made_again_after_it(desk: Desk, tmp_path: Path) -> None:
    case = desk.approved("erasure", "--answer-to", "anna@example.fi")
    before = desk.shown(case)["state"]
    for name in ("first", "second"):
        assert desk.answer(case, "--out", tmp_path / name).code == 0
    assert desk.shown(case)["state"] == before


def test_a_statement_has_a_copy_of_the_shops_own_tables_of_her_alone(shop: Desk, tmp_path: Path) -> None:
    assert shop.answer(shop.approved("access"), "--out", tmp_path / "out").code == 0
    told = json.loads((tmp_path / "out" / "statement.json").read_text("utf-8"))
    (row,) = told["copy"]
    assert {each["name"]: each["value"] for each in row["values"]} == {
        "no": "C-1",
        "full_name": "Anna Asiakas",
        "risk": 7,
    }
    assert "Anna Asiakas" in (tmp_path / "out" / "statement.html").read_text("utf-8")
    assert "Eve" not in (tmp_path / "out" / "statement.json").read_text("utf-8")


def test_a_package_has_what_she_gave_and_not_what_was_inferred(shop: Desk, tmp_path: Path) -> None:
    assert shop.answer(shop.approved("transfer"), "--out", tmp_path / "out").code == 0
    with zipfile.ZipFile(tmp_path / "out" / "transfer.zip") as archive:
        (record,) = json.loads(archive.read("data.json"))["records"]
    assert {each["name"] for each in record["values"]} == {"no", "full_name"}


def test_what_she_names_beside_and_nobody_knows_as_hers_is_not_asked_for(shop: Desk, tmp_path: Path) -> None:
    ended = shop.asks("case", "open", "access", "customer_id:C-1", "email:eve@example.fi", "--channel", "account")
    case = ended.out.strip()
    assert shop.asks("case", "approve", case).code == 3
    assert shop.answer(case, "--out", tmp_path / "out").code == 0
    assert "Eve" not in (tmp_path / "out" / "statement.json").read_text("utf-8")


def test_whom_only_the_shops_tables_know_gets_her_copy(shop: Desk, tmp_path: Path) -> None:
    case = shop.asks("case", "open", "access", "customer_id:C-2", "--channel", "account").out.strip()
    assert shop.asks("case", "approve", case).code == 3
    assert shop.answer(case, "--out", tmp_path / "out").code == 0
    told = json.loads((tmp_path / "out" / "statement.json").read_text("utf-8"))
    assert (told["known"], len(told["copy"])) == (True, 1)


@pytest.mark.parametrize("right", ["access", "transfer"])
def test_while_the_shops_database_is_away_nothing_is_written(right: str, shop: Desk, tmp_path: Path) -> None:
    case = shop.approved(right)
    (tmp_path / "shop.db").rename(tmp_path / "away.db")
    ended = shop.answer(case, "--out", tmp_path / "out")
    assert ended.code == 1
    assert "order-system cannot be" in ended.said
    assert not (tmp_path / "out").exists()
    assert shop.shown(case)["answered"] is None
    (tmp_path / "away.db").rename(tmp_path / "shop.db")
    assert shop.answer(case, "--out", tmp_path / "out").code == 0


def test_a_file_that_others_could_read_is_not_written_into(desk: Desk, tmp_path: Path) -> None:
    (out := tmp_path / "out").mkdir()
    (old := out / "letter.html").write_text("old", "utf-8")
    old.chmod(0o644)
    assert desk.answer(desk.approved("erasure"), "--out", out).code == 0
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert files(out) == LETTER


@pytest.mark.parametrize("words", [(), ("--out", "x", "--to", "y"), ("--to", "y", "--extension")])
def test_one_of_folder_and_target_is_named(words: tuple[str, ...], desk: Desk) -> None:
    ended = desk.answer(desk.approved("transfer"), *words)
    assert ended.code == 2
    assert "say one of" in ended.said


def misset(tmp_path: Path) -> dict[str, Callable[[], dict[str, object]]]:
    (tmp_path / "bad.toml").write_text(MAPPING.replace("order-system", "nobody"), "utf-8")
    (tmp_path / "good.toml").write_text(MAPPING, "utf-8")
    url, good = f"sqlite:///{tmp_path}/shop.db", tmp_path / "good.toml"
    return {
        "needs JALKI_SHOP_TABLES": lambda: {"JALKI_SHOP": url},
        "without JALKI_SHOP": lambda: {"JALKI_SHOP_TABLES": good},
        "no party of the register": lambda: {"JALKI_SHOP": url, "JALKI_SHOP_TABLES": tmp_path / "bad.toml"},
        "names a file that does not exist": lambda: {"JALKI_SHOP": url, "JALKI_SHOP_TABLES": tmp_path / "none.toml"},
        "put it into a file": lambda: {"JALKI_SHOP": "postgresql://a:b@localhost/x", "JALKI_SHOP_TABLES": good},
    }


def test_settings_of_the_shop_that_cannot_be_used_are_named(desk: Desk, tmp_path: Path) -> None:
    case = desk.approved("access")
    for said, settings in misset(tmp_path).items():
        desk.settings = {name: str(value) for name, value in settings().items()}
        ended = desk.answer(case, "--out", tmp_path / "out")
        assert (ended.code, said in ended.said) == (2, True), ended.said
    assert files(tmp_path / "out") == set()


def test_the_tables_may_be_in_postgresql_and_the_password_in_a_file(postgres: Postgres, tmp_path: Path) -> None:
    made = postgres.new_database()
    with postgres.connect(made) as connection:
        for each in TABLES:
            connection.execute(each)
    (tmp_path / "shop.toml").write_text(MAPPING, "utf-8")
    password = tmp_path / "password"
    password.write_text(f"{postgres.login.password or 'none is asked for'}\n", "utf-8")
    shop = Shop(made, tmp_path / "shop.toml", password)
    (row,) = records_of(shop, register(), [("customer_id", "C-1")])
    assert [cell.value for cell in row.cells] == ["C-1", "Anna Asiakas", 7]
    assert records_of(shop, register(), [("customer_id", "C-3")]) == ()
    postgres.drop(made)
    with pytest.raises(Retryable, match="order-system"):
        records_of(shop, register(), [("customer_id", "C-1")])


def test_without_a_shop_there_is_no_copy() -> None:
    assert records_of(None, register(), [("customer_id", "C-1")]) == ()


def test_a_copy_of_which_a_part_is_refused_has_no_value_of_it_and_comes_with_a_letter(
    shop: Desk, tmp_path: Path
) -> None:
    words = ("--ground", "15(4)", "--reason", "it would name the neighbour")
    case = shop.opens("access")
    ended = shop.asks("case", "refuse", case, "--category", "name", *words)
    assert (ended.code, "refusal 1 of items, on 15(4)" in ended.said) == (0, True), ended.said
    assert shop.shown(case)["refusals"][0]["category"] == "name"
    assert shop.asks("case", "approve", case).code in {0, 3}
    assert shop.answer(case, "--out", tmp_path / "out").code == 0
    assert files(tmp_path / "out") == STATEMENT | {"copy.csv"} | LETTER
    everything = b"".join(each.read_bytes() for each in (tmp_path / "out").iterdir() if each.suffix != ".pdf")
    assert b"Anna Asiakas" not in everything
    copy = (tmp_path / "out" / "copy.csv").read_text("utf-8")
    assert "[refused: see the letter]" in copy
    assert ",no,C-1,customer_id" in copy
    (refused,) = letter(tmp_path / "out")["refused"]
    assert "it would name the neighbour" in refused["text"]


def test_a_package_of_which_a_part_is_refused_is_without_it(shop: Desk, tmp_path: Path) -> None:
    case = shop.opens("transfer")
    words = ("--ground", "20(4)", "--reason", "it would name the neighbour", "--category", "name")
    assert shop.asks("case", "refuse", case, *words).code == 0
    assert shop.asks("case", "approve", case).code in {0, 3}
    assert shop.answer(case, "--out", tmp_path / "out").code == 0
    assert files(tmp_path / "out") == {"transfer.zip"} | LETTER
    with zipfile.ZipFile(tmp_path / "out" / "transfer.zip") as archive:
        data = json.loads(archive.read("data.json"))
        everything = b"".join(archive.read(each) for each in archive.namelist())
    assert b"Anna Asiakas" not in everything
    assert b"refused" not in everything
    assert not [each for each in data["history"] if "name" in each["categories"]]
    values = [each["category"] for record in data["records"] for each in record["values"]]
    assert values
    assert "name" not in values


def test_a_refusal_of_a_part_is_granted_by_its_number_and_a_wrong_one_is_said(desk: Desk) -> None:
    case = desk.opens("erasure")
    words = ("--ground", "17(3)(e)", "--reason", "a claim")
    assert desk.asks("case", "refuse", case, "--party", "dhl", *words).code == 1
    assert desk.asks("case", "refuse", case, "--party", "posti", *words).code == 0
    assert "refusal 1: posti, on 17(3)(e)" in desk.asks("case", "show", case, "--preview").said
    assert desk.asks("case", "grant", case, "--number", 2).code == 1
    assert desk.asks("case", "grant", case, "--number", 1).code == 0
    assert desk.shown(case)["refusals"][0]["granted"]
