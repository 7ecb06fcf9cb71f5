"""The `sql` connector on real databases: it finds a person's rows by the mapping, and can do nothing else."""

import asyncio
import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import pytest
from psycopg import sql

from connectors.mapping import SystemMap, load_mapping
from connectors.sql import SqlConnector
from lineage.answers.records import Record, read_records
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Refused, Retryable
from tests.lineage.register.small import CATEGORIES
from tests.servers.postgres import Postgres

PURPOSES = frozenset({"account", "order", "fraud-prevention"})
MAPPING = """
system = "order-system"
time_zone = "Europe/Helsinki"

[[tables]]
name = "Customer"
title = "customers"
purpose = "account"
identify = {customer_id = "no", email = "e mail"}
[tables.columns]
no = {category = "customer_id", nature = "observed"}
"e mail" = {category = "email", nature = "provided"}
joined = {category = "order", nature = "observed"}
score = {category = "order", nature = "inferred", purpose = "fraud-prevention"}

[[tables]]
name = "order"
title = "orders"
purpose = "order"
identify = {customer_id = "customer_no", order_id = "number"}
[tables.columns]
number = {category = "order", nature = "observed"}
total = {category = "order", nature = "observed"}
ship_to = {category = "name", nature = "provided", about = "other"}
note = {category = "claim", nature = "provided", about = "text"}

[[tables]]
name = "order_line"
purpose = "order"
through = {table = "order", column = "order_number", references = "number"}
[tables.columns]
sku = {category = "order", nature = "observed"}
"""
TABLES = (
    'CREATE TABLE "Customer" (no INTEGER PRIMARY KEY, "e mail" TEXT, password_hash TEXT, joined TIMESTAMP, score INTEGER)',
    'CREATE TABLE "order" (number VARCHAR(20) PRIMARY KEY, customer_no INTEGER, total NUMERIC(10,2), ship_to TEXT, note TEXT)',
    "CREATE TABLE order_line (order_number VARCHAR(20), sku TEXT)",
    """INSERT INTO "Customer" VALUES (17, ' Aino@Example.fi', 'x', '2026-07-01 12:00:00', 5),
       (18, 'eero@example.fi', 'x', '2026-01-01 12:00:00', 6), (170, NULL, 'x', NULL, NULL)""",
    """INSERT INTO "order" VALUES ('O-1', 17, 12.50, 'Ville Vieras', NULL), ('O-2', 18, 1.00, NULL, NULL),
       ('O-3', NULL, 3.00, NULL, 'as guest')""",
    "INSERT INTO order_line VALUES ('O-1', 'B'), ('O-1', 'A'), ('O-2', 'C'), ('O-3', 'D')",
)


class Tables(NamedTuple):
    """Where the tables are, and the password."""

    address: str
    password: str | None


def sqlite_tables(folder: Path) -> str:
    path = folder / "shop 100%?.db"
    with closing(sqlite3.connect(path)) as database:
        for each in TABLES:
            database.execute(each)
        database.commit()
    return f"sqlite:///{path}".replace("%", "%25").replace("?", "%3F")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tables]:
    if request.param == "sqlite":
        yield Tables(sqlite_tables(tmp_path), None)
        return
    server: Postgres = request.getfixturevalue("postgres")
    made = server.new_database()
    with server.connect(made) as connection:
        for each in TABLES:
            connection.execute(each)  # type: ignore[call-overload]  # the texts stand above
    yield Tables(made, server.login.password)
    server.drop(made)


def mapping(tmp_path: Path, text: str = MAPPING) -> SystemMap:
    path = tmp_path / "shop.toml"
    path.write_text(text, "utf-8")
    return load_mapping(path, CATEGORIES, PURPOSES)


def order(*identifiers: tuple[str, str], action: str = "collect") -> Order:
    return Order(
        key="0b3c1b9e-1111-4a4a-8b8b-000000000000", task="t", case="c", party="order-system", form="internal",
        action=action, controller="multitronic", identifiers=identifiers, categories=(), purposes=(), due="2026-12-01",
    )  # type: ignore[arg-type]  # the action is one of them  # fmt: skip


def ask(connector: SqlConnector, *identifiers: tuple[str, str], action: str = "collect") -> Outcome:
    async def asked() -> Outcome:
        try:
            return await connector.send(order(*identifiers, action=action))
        finally:
            await connector.close()

    return asyncio.run(asked())


def rows(outcome: Outcome) -> list[tuple[str, dict[str, object]]]:
    return [(each.table, {cell.name: cell.value for cell in each.cells}) for each in records(outcome)]


def records(outcome: Outcome) -> list[Record]:
    return list(read_records(outcome.evidence))


def test_all_rows_of_a_person_are_read_in_an_order_of_their_own_and_nobody_elses(url: Tables, tmp_path: Path) -> None:
    outcome = ask(SqlConnector(mapping(tmp_path), *url), ("customer_id", "17"), ("phone", "040 123 4567"))
    assert (outcome.state, outcome.how) == ("verified", "read-back")
    assert rows(outcome) == [
        # noon in Helsinki, in summer
        ("customers", {"no": 17, "e mail": " Aino@Example.fi", "joined": "2026-07-01T09:00:00Z", "score": 5}),
        ("orders", {"number": "O-1", "total": "12.50", "ship_to": "Ville Vieras", "note": None}),
        ("order_line", {"sku": "A"}),
        ("order_line", {"sku": "B"}),
    ]
    (customer, *_) = records(outcome)
    assert [(cell.nature, cell.purpose, cell.about) for cell in customer.cells[-2:]] == [
        ("observed", "account", "person"),
        ("inferred", "fraud-prevention", "person"),
    ]


def test_an_email_is_found_however_it_was_typed(url: Tables, tmp_path: Path) -> None:
    outcome = ask(SqlConnector(mapping(tmp_path), *url), ("email", "AINO@example.fi "))
    assert [name for name, _ in rows(outcome)] == ["customers"]


def test_a_row_that_names_another_account_is_not_shown_because_of_an_address_that_both_use(
    url: Tables, tmp_path: Path
) -> None:
    outcome = ask(SqlConnector(mapping(tmp_path), *url), ("customer_id", "17"), ("email", "eero@example.fi"))
    assert [row["no"] for name, row in rows(outcome) if name == "customers"] == [17]


def test_a_guest_order_is_found_by_its_number(url: Tables, tmp_path: Path) -> None:
    outcome = ask(SqlConnector(mapping(tmp_path), *url), ("order_id", "O-3"))
    assert rows(outcome) == [
        ("orders", {"number": "O-3", "total": "3.00", "ship_to": None, "note": "as guest"}),
        ("order_line", {"sku": "D"}),
    ]


@pytest.mark.parametrize(
    "value", ["17' OR '1'='1", "17; DROP TABLE order_line", "017", "1٧", "17 ", "%", "-17", "9" * 30, "C-17", ""]
)
def test_an_identifier_is_a_value_and_never_a_part_of_a_question(url: Tables, tmp_path: Path, value: str) -> None:
    connector = SqlConnector(mapping(tmp_path), *url)
    assert ask(connector, ("customer_id", value)).state == "not_held"
    assert ask(connector, ("email", value)).state == "not_held"
    assert ask(connector, ("order_id", value)).state == "not_held"
    assert len(rows(ask(connector, ("customer_id", "17")))) == 4


def test_whoever_no_table_can_be_asked_about_is_for_a_person_to_look_for(url: Tables, tmp_path: Path) -> None:
    outcome = ask(SqlConnector(mapping(tmp_path), *url), ("phone", "+358401234567"))
    assert (outcome.state, outcome.how) == ("manual", "no-identifier")


@pytest.mark.parametrize("action", ["erase", "rectify", "restrict", "lift", "stop", "send"])
def test_to_change_anything_is_not_its_business(url: Tables, tmp_path: Path, action: str) -> None:
    connector = SqlConnector(mapping(tmp_path), *url)
    assert ask(connector, ("customer_id", "17"), action=action).state == "manual"
    assert len(rows(ask(connector, ("customer_id", "17")))) == 4


def test_nothing_can_be_written_through_its_transaction(url: Tables) -> None:
    from sqlalchemy import text

    from connectors.tables import open_tables, reading

    engine = open_tables(*url, "order-system")
    with pytest.raises(Retryable, match=r"cannot be read now|cannot be reached"), reading(engine, "s", 5) as connection:
        connection.execute(text("DELETE FROM order_line"))
    with reading(engine, "s", 5) as connection:
        assert connection.execute(text("SELECT count(*) FROM order_line")).scalar() == 4


def test_more_rows_than_the_bound_are_refused_and_not_cut_off(url: Tables, tmp_path: Path) -> None:
    text = MAPPING.replace('name = "order_line"', 'name = "order_line"\nrows = 1')
    with pytest.raises(Refused, match="more than 1 rows"):
        ask(SqlConnector(mapping(tmp_path, text), *url), ("customer_id", "17"))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("sku = {", "colour = {", "order_line has no column colour"),
        ('references = "nu', 'references = "xnu', "order has no column xnumber"),
        ('name = "Customer"', 'name = "customer"', "no table customer"),
        ('email = "e mail"', 'email = "e mail", device_id = "joined"', "neither text, whole number nor UUID"),
    ],
)
def test_a_mapping_that_the_tables_have_outgrown_is_told(
    url: Tables, tmp_path: Path, before: str, after: str, fault: str
) -> None:
    if url.address.startswith("sqlite") and "no table" in fault:
        pytest.skip("SQLite does not tell upper from lower case")
    with pytest.raises(Misconfigured, match=fault):
        ask(
            SqlConnector(mapping(tmp_path, MAPPING.replace(before, after)), *url),
            ("customer_id", "17"),
            ("device_id", "d"),
        )


def test_columns_that_the_mapping_does_not_read_are_told(url: Tables, tmp_path: Path) -> None:
    connector = SqlConnector(mapping(tmp_path), *url)
    assert connector.unmapped() == {
        "Customer": ("password_hash",),
        "order": ("customer_no",),
        "order_line": ("order_number",),
    }


def slow(url: Tables) -> Callable[[], object]:
    """A question without end, in the words of either database."""
    from sqlalchemy import text

    from connectors.tables import open_tables, reading

    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"

    def asked() -> object:
        with reading(open_tables(*url, "order-system"), "order-system", 0.2) as connection:
            return connection.execute(text(endless)).scalar()

    return asked


def test_a_question_that_takes_too_long_is_ended(url: Tables) -> None:
    began = dt.datetime.now(dt.UTC)
    with pytest.raises(Retryable, match=r"longer than 0\.2 s"):
        slow(url)()
    assert dt.datetime.now(dt.UTC) - began < dt.timedelta(seconds=20)


def test_it_needs_no_more_than_the_right_to_read(postgres: Postgres, tmp_path: Path) -> None:
    made = postgres.new_database()
    try:
        with postgres.connect(made) as connection:
            for each in TABLES:
                connection.execute(each)  # type: ignore[call-overload]  # the texts stand above
            password = postgres.login.password
            told = sql.SQL(" PASSWORD {}").format(sql.Literal(password)) if password else sql.SQL("")
            connection.execute(sql.SQL("CREATE ROLE jalki_reader_test LOGIN") + told)
            login = urlsplit(made)
            own = urlunsplit(login._replace(netloc=f"jalki_reader_test@{login.netloc.rpartition('@')[2]}"))
            connector = SqlConnector(mapping(tmp_path), own, password)
            with pytest.raises(Misconfigured, match="grant SELECT"):
                ask(connector, ("customer_id", "17"))
            connection.execute('GRANT SELECT ON "Customer", "order", order_line TO jalki_reader_test')
            assert len(rows(ask(connector, ("customer_id", "17")))) == 4
    finally:
        postgres.drop(made)
        with postgres.connect() as connection:
            connection.execute("DROP ROLE IF EXISTS jalki_reader_test")


def test_a_database_that_is_away_is_waited_for_and_never_made(tmp_path: Path) -> None:
    away = tmp_path / "none.db"
    for url in (f"sqlite:///{away}", "postgresql://nobody@127.0.0.1:1/none"):
        with pytest.raises(Retryable, match="cannot be reached"):
            ask(SqlConnector(mapping(tmp_path), url), ("customer_id", "17"))
    assert not away.exists()


@pytest.mark.parametrize("url", ["mysql://a@b/c", "nonsense", "sqlite://", "postgresql://a:secret@b/c"])
def test_an_address_that_cannot_be_used_is_told_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured) as told:
        SqlConnector(mapping(tmp_path), url)
    assert "secret" not in f"{told.value}"


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('system = "order-system"', "", "system is missing"),
        ("Europe/Helsinki", "Mars/Olympus", "time_zone is no name"),
        (
            'no = {category = "customer_id"',
            'no = {category = "shoe"',
            "Customer.no category is missing, or no category",
        ),
        ('nature = "inferred"', 'nature = "guessed"', "Customer.score nature is missing"),
        ('purpose = "account"', 'purpose = "fun"', "Customer.no purpose is missing"),
        ("joined = {", "password_hash = {", "password_hash is named like a secret"),
        ('about = "text"', 'about = "nobody"', "order.note about is missing"),
        ('{customer_id = "no", email', '{name = "no", email', "identifies by name"),
        ('through = {table = "order"', 'through = {table = "nowhere"', "not mapped, or in a circle"),
        ('through = {table = "order"', 'through = {table = "order_line"', "not mapped, or in a circle"),
        ('title = "orders"', 'titel = "orders"', "has 'titel', which means nothing here"),
        ('title = "customers"', "rows = 0", "rows is a whole number"),
        ('identify = {customer_id = "customer_no", order_id = "number"}', "", "by one of identify and through"),
        ('name = "order"\n', 'name = "Customer"\n', "maps a table twice"),
        (
            'name = "order"\n',
            'name = "\\tor\\u001bder"\nrows = 0\n',
            "\ufffdor\ufffdder rows is",
        ),
        ('title = "orders"', '"\\u202etitel" = "orders"', "has '\ufffdtitel'"),
    ],
)
def test_a_fault_of_the_mapping_is_told_with_its_place(tmp_path: Path, before: str, after: str, fault: str) -> None:
    assert before in MAPPING
    with pytest.raises(Misconfigured, match=r"shop\.toml: ") as told:
        mapping(tmp_path, MAPPING.replace(before, after, 1))
    assert fault in f"{told.value}"
    assert all(line.isprintable() for line in f"{told.value}".split("\n"))


@pytest.mark.parametrize("text", ["", "tables = 1\nsystem = 's'", "[", "system = 's'\n[[tables]]"])
def test_a_file_that_is_no_mapping_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(Misconfigured, match=r"shop\.toml"):
        mapping(tmp_path, text)
