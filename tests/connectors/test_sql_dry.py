"""In a dry run the connector `sql` says the statements it would make: it makes none, and asks by what cannot write."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.calling import NotSent
from connectors.mapping import SystemMap
from connectors.sql import SqlConnector
from connectors.statements import Statement
from lineage.cases.orders import Order, Sending
from lineage.errors import Refused, Retryable
from tests.connectors.shop_tables import ACCOUNT, HERS, MAPPING, Shop, databases, mapped, ordered, send, shop_on, to_do

EVERYTHING = (
    "SELECT no, email, name, restricted FROM customer ORDER BY 1",
    "SELECT number, total, ship_to, ip FROM orders ORDER BY 1",
    "SELECT order_number, line, sku FROM order_line ORDER BY 1, 2",
)
O_1 = ordered("O-1", "order", "payment", "address")
O_2 = ordered("O-2", "address")
IPS = [ordered(each, "ip_address", purpose="fraud-prevention") for each in ("O-1", "O-2")]
KEPT = to_do(O_1, O_2, *IPS, kept=(ordered("O-2", "order", "payment"),))


@pytest.fixture(params=databases())
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with shop_on(request, tmp_path) as made:
        yield made


def heard(shop: Shop, mapping: SystemMap, order: Order) -> list[Statement]:
    """What a dry run says of an order. Whatever it says, nothing in the tables is changed."""
    found: list[Statement] = []
    before = shop.run(*EVERYTHING)
    with pytest.raises(NotSent):
        send(SqlConnector(mapping, shop.url, shop.password, dry=found.append), order)
    assert shop.run(*EVERYTHING) == before
    return found


def told(statements: list[Statement]) -> list[tuple[str | None, str, int, dict[str, str]]]:
    return [(each.verb, each.table, each.rows, dict(each.columns)) for each in statements]


def test_an_erasure_is_shown_by_table_column_and_count_and_none_of_it_is_personal(shop: Shop, tmp_path: Path) -> None:
    found = heard(shop, mapped(tmp_path), KEPT)
    assert told(found) == [
        ("UPDATE", "orders", 1, {"ship_to": "pseudonymise", "ip": "null"}),
        ("DELETE", "order_line", 2, {}),
        ("DELETE", "orders", 1, {}),
        (None, "customer", 0, {}),
    ]
    without = [(each.party, each.verb, each.table, each.rows, each.columns) for each in found]
    assert not [each for each in ("O-1", "O-2", "17", "Aino", "home") if each in repr(without)]


def test_the_rows_and_new_values_are_those_that_are_written_then(shop: Shop, tmp_path: Path) -> None:
    update, lines, orders, _ = heard(shop, mapped(tmp_path), KEPT)
    assert (list(update.keys), update.values) == ([("O-2",)], {"ip": None}), "a pseudonym is made when it is written"
    assert send(shop.connector(mapped(tmp_path)), KEPT).state == "verified"
    assert shop.rows("SELECT ip FROM orders WHERE number = 'O-2'") == [(None,)]
    left = {*shop.rows("SELECT order_number, line FROM order_line"), *shop.rows("SELECT number FROM orders")}
    assert not left & {*map(tuple, lines.keys), *map(tuple, orders.keys)}
    assert left == {("O-2", 1), ("O-3", 1), ("O-2",), ("O-3",)}


def test_what_is_left_is_told_too(shop: Shop, tmp_path: Path) -> None:
    found = heard(shop, mapped(tmp_path), to_do(O_1))
    assert (None, "order_line", 1, {}) in told(found)
    assert (None, "orders", 2, {}) in told(found)


@pytest.mark.parametrize("action", ["rectify", "restrict", "lift", "collect"])
def test_what_else_is_done_is_shown_as_what_it_is(shop: Shop, tmp_path: Path, action: str) -> None:
    shop.run("UPDATE customer SET restricted = 1") if action == "lift" else None
    order = to_do(ACCOUNT, action=action, changes={"name": "Aino N."} if action == "rectify" else {})
    found = told(heard(shop, mapped(tmp_path), order))
    if action == "collect":
        assert found == [
            ("SELECT", "customer", 1, {"no": "read", "email": "read", "name": "read"}),
            ("SELECT", "orders", 2, {"number": "read", "total": "read", "ship_to": "read", "ip": "read"}),
            ("SELECT", "order_line", 3, {"sku": "read"}),
        ]
    else:
        column = "name" if action == "rectify" else "restricted"
        assert found[0] == ("UPDATE", "customer", 1, {column: action})


def test_more_rows_than_the_bound_are_refused_in_a_dry_run_too(shop: Shop, tmp_path: Path) -> None:
    mapping = mapped(tmp_path, MAPPING.replace('name = "order_line"', 'name = "order_line"\nrows = 2'))
    for action in ("erase", "collect"):
        with pytest.raises(Refused, match="order_line has more than 2 rows"):
            send(SqlConnector(mapping, shop.url, shop.password, dry=[].append), to_do(ACCOUNT, O_1, action=action))


def test_what_the_mapping_has_no_way_for_is_by_hand_and_shows_nothing(shop: Shop, tmp_path: Path) -> None:
    found: list[Statement] = []
    connector = SqlConnector(mapped(tmp_path), shop.url, shop.password, dry=found.append)
    assert (send(connector, to_do(ACCOUNT, action="stop")).state, found) == ("manual", [])


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    connector = SqlConnector(mapped(tmp_path), f"sqlite:///{tmp_path / 'none.db'}", dry=[].append)
    with pytest.raises(Retryable, match="cannot be reached"):
        send(connector, to_do(ACCOUNT))
    assert not (tmp_path / "none.db").exists()


ANY_SENDING = st.builds(
    Sending,
    st.sampled_from([HERS, HERS[:1], (*HERS, ("order_id", "O-1")), (*HERS, ("order_id", "O-2"))]),
    st.sampled_from(["account", "order", "fraud-prevention"]),
    st.just({}),
    st.lists(st.sampled_from(["customer_id", "email", "name", "order", "payment", "address", "ip_address"]), min_size=1,
             max_size=4, unique=True).map(tuple),
)  # fmt: skip


@pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(named=st.lists(ANY_SENDING, min_size=1, max_size=4), kept=st.lists(ANY_SENDING, max_size=2))
def test_for_any_order_the_counts_of_statements_are_those_of_the_changes(
    shop: Shop, tmp_path: Path, named: list[Sending], kept: list[Sending]
) -> None:
    order = to_do(*named, kept=tuple(kept))
    statements = heard(shop, mapped(tmp_path), order)
    for table, counts in shop.connector(mapped(tmp_path)).counts(order).items():
        of = [each for each in statements if each.table == table]
        assert of
        assert sum(each.rows for each in of if each.verb == "UPDATE") == counts["changed"]
        assert sum(each.rows for each in of if each.verb == "DELETE") == counts["deleted"]
        assert sum(each.rows for each in of if each.verb is None) == counts["left"]
        assert all(len(each.keys) == each.rows for each in of if each.verb)
