"""A shop's tables, on SQLite and PostgreSQL, of two persons who share an address; and orders to change something there."""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connectors.mapping import SystemMap, load_mapping
from connectors.sql import SqlConnector
from lineage.cases.orders import Order, Outcome, Sending
from tests.lineage.register.small import CATEGORIES
from tests.servers.postgres import Postgres

PURPOSES = frozenset({"account", "order", "fraud-prevention"})
MAPPING = """
system = "order-system"
time_zone = "Europe/Helsinki"

[[tables]]
name = "customer"
purpose = "account"
identify = {customer_id = "no", email = "email"}
erase = "delete"
since = "joined"
restrict = {column = "restricted", on = 1, off = 0}
[tables.columns]
no = {category = "customer_id", nature = "observed", erase = "with-row"}
email = {category = "email", nature = "provided", rectify = true, erase = "null"}
name = {category = "name", nature = "provided", rectify = true, erase = {constant = "erased"}}

[[tables]]
name = "orders"
purpose = "order"
identify = {customer_id = "customer_no", order_id = "number"}
erase = "delete"
since = "placed"
[tables.columns]
number = {category = "order", nature = "observed", erase = "with-row"}
total = {category = "payment", nature = "observed", erase = "null"}
ship_to = {category = "address", nature = "provided", erase = "pseudonymise"}
ip = {category = "ip_address", nature = "observed", purpose = "fraud-prevention", erase = "null"}

[[tables]]
name = "order_line"
purpose = "order"
through = {table = "orders", column = "order_number", references = "number"}
erase = "delete"
[tables.columns]
sku = {category = "order", nature = "observed"}
"""
TABLES = (
    """CREATE TABLE customer (no INTEGER PRIMARY KEY, email TEXT, name TEXT NOT NULL, joined TIMESTAMP,
       restricted INTEGER DEFAULT 0)""",
    """CREATE TABLE orders (number VARCHAR(20) PRIMARY KEY, customer_no INTEGER REFERENCES customer (no),
       total NUMERIC(10,2), ship_to TEXT, ip TEXT, placed TIMESTAMP)""",
    """CREATE TABLE order_line (order_number VARCHAR(20) REFERENCES orders (number), line INTEGER, sku TEXT,
       PRIMARY KEY (order_number, line))""",
    "CREATE TABLE review (id INTEGER PRIMARY KEY, order_number VARCHAR(20) REFERENCES orders (number))",
    """INSERT INTO customer VALUES (17, 'home@example.fi', 'Aino', '2025-01-01 12:00:00', 0),
       (18, 'home@example.fi', 'Eero', '2025-01-01 12:00:00', 0)""",
    """INSERT INTO orders VALUES ('O-1', 17, 12.50, 'Ainola', '192.0.2.1', '2025-02-01 12:00:00'),
       ('O-2', 17, 5.00, 'Ainola', '192.0.2.1', '2026-02-01 12:00:00'),
       ('O-3', 18, 1.00, 'Eerola', '192.0.2.2', '2025-02-01 12:00:00')""",
    """INSERT INTO order_line VALUES ('O-1', 1, 'A'), ('O-1', 2, 'B'), ('O-2', 1, 'C'), ('O-3', 1, 'D')""",
)
HERS = (("customer_id", "17"), ("email", "home@example.fi"))
ACCOUNT = Sending(HERS, "account", {}, ("customer_id", "email", "name"))


class Shop(NamedTuple):
    """A shop's database: how it is reached, and how tests look into it."""

    url: str
    password: str | None
    server: Postgres | None

    def run(self, *statements: str) -> list[list[tuple[Any, ...]]]:
        """Run statements; return the rows of each."""
        if self.server is not None:
            with self.server.connect(self.url) as connection:
                cursors = [connection.execute(each) for each in statements]  # type: ignore[call-overload]  # a test's own
                return [cursor.fetchall() if cursor.description else [] for cursor in cursors]
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as database:
            found = [[tuple(row) for row in database.execute(each)] for each in statements]
            database.commit()
            return found

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        return self.run(question)[0]

    def connector(self, mapping: SystemMap) -> SqlConnector:
        return SqlConnector(mapping, self.url, self.password)


@contextmanager
def sqlite_shop(folder: Path) -> Iterator[Shop]:
    shop = Shop(f"sqlite:///{folder / 'shop.db'}", None, None)
    shop.run(*TABLES)
    yield shop


@contextmanager
def postgres_shop(server: Postgres) -> Iterator[Shop]:
    made = server.new_database()
    shop = Shop(made, server.login.password, server)
    shop.run(*TABLES)
    yield shop
    server.drop(made)


def mapped(folder: Path, text: str = MAPPING) -> SystemMap:
    path = folder / "shop.toml"
    path.write_text(text, "utf-8")
    return load_mapping(path, CATEGORIES, PURPOSES)


def ordered(number: str, *categories: str, purpose: str = "order") -> Sending:
    """An order of hers, as its event told of it."""
    return Sending((*HERS, ("order_id", number)), purpose, {}, categories)


def to_do(*sendings: Sending, **changed: Any) -> Order:
    identifiers = sorted({each for way in sendings for each in way.identifiers})
    given: dict[str, Any] = {
        "key": "0b3c1b9e-1111-4a4a-8b8b-000000000000", "task": "t", "case": "c", "party": "order-system",
        "form": "internal", "action": "erase", "controller": "multitronic", "identifiers": tuple(identifiers),
        "categories": tuple(sorted({each for way in sendings for each in way.categories})),
        "purposes": tuple(sorted({way.purpose for way in sendings})), "due": "2026-12-01", "sendings": sendings,
    }  # fmt: skip
    return Order(**(given | changed))


def send(connector: SqlConnector, order: Order) -> Outcome:
    async def sent() -> Outcome:
        try:
            return await connector.send(order)
        finally:
            await connector.close()

    return asyncio.run(sent())


def databases() -> Iterable[str]:
    return ("sqlite", "postgresql")


@contextmanager
def shop_on(request: pytest.FixtureRequest, folder: Path) -> Iterator[Shop]:
    """The shop on the database that the fixture's parameter names."""
    if request.param == "sqlite":
        with sqlite_shop(folder) as shop:
            yield shop
    else:
        with postgres_shop(request.getfixturevalue("postgres")) as shop:
            yield shop
