"""Whatever an order and a mapping say: no statement goes without the keys of rows, and no other person's row changes."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, event

from connectors.mapping import Mapped
from connectors.writing import changed, removed
from lineage.cases.orders import Order, Sending
from lineage.errors import Misconfigured, Refused
from tests.connectors.shop_tables import ACCOUNT, HERS, MAPPING, mapped, ordered, send, sqlite_shop, to_do

TABLE = Table("customer", MetaData(), Column("no", Integer, primary_key=True), Column("name", Integer))
PLAIN = Mapped("customer", None, "customer", 10, (("customer_id", "no"),), None, ())

values = st.sampled_from(
    ["17", "", " ", "%", "NULL", "17' OR '1'='1", "O-1", "O-2", "home@example.fi", "\0", "*"]
) | st.text(max_size=5)
REAL = (
    ACCOUNT,
    *(ordered(number, "order", "payment", "address") for number in ("O-1", "O-2")),
    *(ordered(number, "ip_address", purpose="fraud-prevention") for number in ("O-1", "O-2")),
)
kinds = st.sampled_from(["customer_id", "email", "order_id", "phone", ""])
odd = st.builds(
    Sending,
    st.lists(st.tuples(kinds, values), max_size=4).map(tuple),
    st.sampled_from(["account", "order", "fraud-prevention", ""]),
    st.just({}),
    st.lists(
        st.sampled_from(["name", "email", "customer_id", "order", "payment", "address", "ip_address", ""]), max_size=4
    ).map(tuple),
)
ways = st.sampled_from(REAL) | odd
texts = st.sampled_from(
    [
        MAPPING,
        MAPPING.replace('erase = "delete"', ""),
        MAPPING.replace('since = "placed"', 'since = "placed"\nerase_by = ["customer_id"]'),
        MAPPING.replace('erase = {constant = "erased"}', 'erase = "pseudonymise"'),
    ]
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    return to_do(
        *draw(st.lists(ways, max_size=6)),
        kept=tuple(draw(st.lists(ways, max_size=2))),
        action=draw(st.sampled_from(["erase", "rectify", "restrict", "lift", "stop", "send"])),
        changes=draw(st.dictionaries(st.sampled_from(["name", "email", "order"]), values, max_size=2)),
        before=draw(st.none() | st.integers(0, 1 << 51)),
        attempt=draw(st.integers(1, 3)),
    )


EVERYTHING = to_do(*REAL)


@given(orders(), texts)
@example(EVERYTHING, MAPPING)
@settings(max_examples=80, deadline=None)
def test_no_order_and_no_mapping_make_a_statement_without_rows_or_touch_another_person(order: Order, text: str) -> None:
    written: list[tuple[str, Any]] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN", "WITH")):
            written.append((statement, parameters))

    with TemporaryDirectory() as folder, sqlite_shop(Path(folder)) as shop:
        connector = shop.connector(mapped(Path(folder), text))
        for engine in (connector._engine, connector._writable):
            event.listen(engine, "before_cursor_execute", hear)
        others = "SELECT * FROM customer WHERE no <> 17", "SELECT * FROM orders WHERE customer_no <> 17"
        before = shop.run(*others)
        hers = {value.strip() for _, value in order.identifiers} <= {*(value for _, value in HERS), "O-1", "O-2"}
        with suppress(Refused, Misconfigured):
            send(connector, order)
        assert written or order is not EVERYTHING
        for statement, parameters in written:
            assert " WHERE " in statement
            assert parameters
        if hers and "17" in {value for kind, value in order.identifiers if kind == "customer_id"}:
            assert shop.run(*others) == before


@pytest.mark.parametrize("keys", [[], [()], [(None,)], [(1, 2)]])
def test_a_change_that_names_no_rows_cannot_be_made(keys: list[tuple[Any, ...]]) -> None:
    with pytest.raises(Refused, match="must name the rows"):
        removed(PLAIN, TABLE, keys)
    with pytest.raises(Refused, match="must name the rows"):
        changed(PLAIN, TABLE, keys, {"name": 1})


def test_a_change_of_nothing_cannot_be_made() -> None:
    with pytest.raises(Refused, match="of nothing"):
        changed(PLAIN, TABLE, [(1,)], {})


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('name = "order_line"\n', 'name = "order_line"\nsince = "x"\n', "erase_by and since are said there"),
        ('references = "number"}\nerase = "delete"', 'references = "number"}', "order_line must have erase"),
        ('erase = "delete"\nsince = "joined"', 'erase = "all"\nsince = "joined"', 'customer erase of a table is "delete"'),
        ('{constant = "erased"}', '"wipe"', "customer.name erase is one of"),
        ('{constant = "erased"}', "{constant = []}", "customer.name erase is one of"),
        ("on = 1, off = 0", "on = 1, off = 1", "two values that differ"),
        ("on = 1, off = 0", "on = 1", "restrict is written"),
        ('since = "placed"', 'since = "placed"\nerase_by = ["phone"]', "orders erase_by is a list of kinds"),
        ('since = "placed"', "since = 1", "orders since is missing"),
        ('rectify = true, erase = "null"', 'rectify = 1, erase = "null"', "customer.email rectify is true or false"),
        ('name = {category = "name"', 'name = {category = "email"', "two columns of one category to rectify"),
    ],
)  # fmt: skip
def test_a_fault_of_what_may_be_changed_is_told_with_its_place(
    tmp_path: Path, before: str, after: str, fault: str
) -> None:
    assert before in MAPPING
    with pytest.raises(Misconfigured, match=r"shop\.toml: ") as told:
        mapped(tmp_path, MAPPING.replace(before, after, 1))
    assert fault in f"{told.value}"
