"""`jalki restore-check --shop`: a backup of the shop's own tables came back, and whoever was erased in them is gone again."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from connectors.mapping import load_mapping
from connectors.sql import SqlConnector
from console.restoring import restore_check_command
from lineage.errors import Misconfigured
from lineage.register import load_register
from schemas.vocabulary import vocabulary
from tests.cases.logged import ASKED, EVENTS, OVER, erase, logged
from tests.cases.stage import Parties, task_of

app = typer.Typer()
app.command()(restore_check_command)

MAPPING = """
system = "order-system"
time_zone = "Europe/Helsinki"

[[tables]]
name = "customer"
purpose = "account"
identify = {customer_id = "no", email = "email"}
erase = "delete"
since = "joined"
[tables.columns]
no = {category = "customer_id", nature = "observed", erase = "with-row"}
email = {category = "email", nature = "provided", erase = "null"}
phone = {category = "phone", nature = "provided", erase = "null"}

[[tables]]
name = "subscriber"
purpose = "newsletter"
identify = {email = "email"}
erase = "delete"
since = "joined"
[tables.columns]
email = {category = "email", nature = "provided"}

[[tables]]
name = "orders"
purpose = "order"
identify = {customer_id = "customer_no", order_id = "number"}
erase = "delete"
[tables.columns]
number = {category = "order", nature = "observed", erase = "with-row"}
total = {category = "order", nature = "observed", erase = "null"}
name = {category = "name", nature = "provided", erase = "null"}
email = {category = "email", nature = "provided", erase = "null"}
"""
TABLES = (
    "CREATE TABLE customer (no TEXT PRIMARY KEY, email TEXT, phone TEXT, joined TIMESTAMP)",
    "CREATE TABLE subscriber (id INTEGER PRIMARY KEY, email TEXT, joined TIMESTAMP)",
    """CREATE TABLE orders (number TEXT PRIMARY KEY, customer_no TEXT REFERENCES customer (no), total TEXT, name TEXT,
       email TEXT)""",
    """INSERT INTO customer VALUES ('C-1', 'anna@example.fi', '0401234567', '2026-03-01 09:00:00'),
       ('C-2', 'beata@example.fi', NULL, '2026-03-01 09:00:00')""",
    """INSERT INTO subscriber VALUES (1, 'Anna@example.fi', '2026-03-01 09:00:00'),
       (2, 'beata@example.fi', '2026-03-01 09:00:00')""",
    "INSERT INTO orders VALUES ('O-1', 'C-1', '10.00', 'Anna A', 'anna@example.fi'), ('O-9', 'C-2', '1.00', 'Beata', 'b@e.fi')",
)
CAME_BACK = (
    "INSERT INTO customer VALUES ('C-77', 'anna@example.fi', '050', '2026-05-10 10:00:00')",
    "INSERT INTO subscriber VALUES (77, 'anna@example.fi', '2026-05-10 10:00:00')",
)


def run(folder: Path, *statements: str) -> list[list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        found = [list(map(tuple, database.execute(each))) for each in statements]
        database.commit()
        return found


def all_of(folder: Path) -> Sequence[Any]:
    return run(
        folder,
        "SELECT * FROM customer ORDER BY 1",
        "SELECT * FROM subscriber ORDER BY 1",
        "SELECT * FROM orders ORDER BY 1",
    )


def connector(folder: Path) -> SqlConnector:
    register = load_register(None, frozenset(vocabulary().categories))
    purposes = [each.id for each in register.declared.purposes]
    mapping = load_mapping(folder / "own" / "tables" / "shop.toml", vocabulary().categories, purposes)
    return SqlConnector(mapping, f"sqlite:///{folder / 'shop.db'}")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop whose order system is told by its tables, of two persons, none of them erased; and a backup of its tables."""
    own = tmp_path / "own"
    (own / "tables").mkdir(parents=True)
    (own / "tables" / "shop.toml").write_text(MAPPING, "utf-8")
    (own / "url").write_text(f"sqlite:///{tmp_path / 'shop.db'}")
    (own / "order-system.yaml").write_text(
        "channel: sql\nsettings:\n  url: {file: url}\n  mapping_file: tables/shop.toml\n"
    )
    monkeypatch.setenv("JALKI_PARTIES", str(own))
    run(tmp_path, *TABLES)
    shutil.copy(tmp_path / "shop.db", tmp_path / "backup.db")
    with logged(tmp_path) as (stage, _):
        stage.record(*EVENTS)
    return tmp_path


def erased_in(folder: Path, *, closed: bool) -> None:
    parties = Parties()
    parties.by_id["order-system"] = connector(folder)  # type: ignore[assignment]  # the real one
    with logged(folder, ASKED, parties) as (stage, _):
        case = erase(stage)
        assert task_of(case, "order-system").state == "verified", task_of(case, "order-system")
        if closed:
            stage.at(OVER)
            assert stage.run(case).state == "closed"


def restored(folder: Path) -> None:
    shutil.copy(folder / "backup.db", folder / "shop.db")


def check(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--data", str(folder / "data"), "--shop", *words])


@pytest.mark.parametrize("closed", [False, True])
def test_whoever_was_erased_is_gone_again_and_whoever_came_back_or_is_another_stays(shop: Path, closed: bool) -> None:
    erased_in(shop, closed=closed)
    run(shop, *CAME_BACK)
    expected = all_of(shop)
    assert not [row for table in expected for row in table if "0401234567" in row]
    kept = [("O-1", "C-1", "10.00", "Anna A", None)]  # her voucher, as long as the law keeps it
    assert [row for row in expected[2] if row[0] == "O-1"] == ([] if closed else kept)
    restored(shop)
    run(shop, *CAME_BACK)
    assert all_of(shop) != expected

    before = all_of(shop)
    dry = json.loads(check(shop, "--dry-run", "--json").stdout)["shop"]["order-system"]
    assert all_of(shop) == before, "a dry run changes nothing"
    done = check(shop, "--json")
    assert all_of(shop) == expected, (
        "she is gone as she was, the law's part is there again, and nobody else was touched"
    )
    told = json.loads(done.stdout)["shop"]["order-system"]
    assert (done.exit_code, told["not_mended"]) == (0, [])
    assert told["tables"] == dry["tables"]
    assert told["tables"]["subscriber"]["deleted"] == 1

    again = check(shop)
    assert (again.exit_code, again.stdout) == (0, "")
    assert all_of(shop) == expected


def test_a_row_of_hers_that_nothing_dates_is_left_and_told(shop: Path) -> None:
    erased_in(shop, closed=True)
    restored(shop)
    run(shop, "UPDATE subscriber SET joined = NULL WHERE id = 1")
    done = check(shop)
    assert done.exit_code == 1
    assert "order-system: table subscriber: rows are hers, and nothing shows" in done.stdout
    assert (1,) in run(shop, "SELECT id FROM subscriber")[0]


def test_what_is_said_holds_nothing_of_her(shop: Path) -> None:
    erased_in(shop, closed=True)
    restored(shop)
    done = check(shop)
    assert not [each for each in ("anna", "C-1", "O-1", "0401234567") if each in done.output]


def test_a_dry_run_of_nothing_is_a_mistake(shop: Path) -> None:
    wrong = CliRunner().invoke(app, ["--data", str(shop / "data"), "--dry-run"])
    assert isinstance(wrong.exception, Misconfigured)


def test_where_no_party_is_told_by_its_tables_that_is_said(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JALKI_PARTIES")
    assert isinstance(check(shop).exception, Misconfigured)
