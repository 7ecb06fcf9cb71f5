"""The `sql` connector changes a person's rows on real databases: what an order names, and nothing else."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.changes import is_pseudonym
from connectors.tables import Writing
from lineage.cases.orders import Outcome
from lineage.errors import Misconfigured, Refused
from tests.connectors.shop_tables import (
    ACCOUNT,
    HERS,
    MAPPING,
    Shop,
    databases,
    mapped,
    ordered,
    send,
    shop_on,
    to_do,
)

ALL_OF_ORDER = ("order", "payment", "address")
IP = "ip_address"
EVERYTHING = to_do(
    ACCOUNT,
    *(ordered(number, *ALL_OF_ORDER) for number in ("O-1", "O-2")),
    *(ordered(number, IP, purpose="fraud-prevention") for number in ("O-1", "O-2")),
)


@pytest.fixture(params=databases())
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with shop_on(request, tmp_path) as made:
        yield made


def counts(outcome: Outcome) -> dict[str, Any]:
    return dict(json.loads(outcome.evidence)["tables"])


def test_all_of_a_person_goes_in_one_transaction_and_the_other_account_of_the_same_address_stays(
    shop: Shop, tmp_path: Path
) -> None:
    outcome = send(shop.connector(mapped(tmp_path)), EVERYTHING)
    assert (outcome.state, outcome.how, outcome.ground) == ("verified", "read-back", None)
    assert shop.rows("SELECT no, email, name FROM customer") == [(18, "home@example.fi", "Eero")]
    assert shop.rows("SELECT number, customer_no FROM orders") == [("O-3", 18)]
    assert shop.rows("SELECT order_number FROM order_line") == [("O-3",)]
    assert counts(outcome)["order_line"] == {"rows": 3, "changed": 0, "deleted": 3, "left": 0}


def test_what_the_law_keeps_of_one_order_stays_while_the_other_goes(shop: Shop, tmp_path: Path) -> None:
    held = (ordered("O-2", "order", "payment"),)
    now = to_do(ordered("O-1", *ALL_OF_ORDER), ordered("O-2", "address"),
                *(ordered(each, IP, purpose="fraud-prevention") for each in ("O-1", "O-2")), kept=held)  # fmt: skip
    outcome = send(shop.connector(mapped(tmp_path)), now)
    assert outcome.state == "verified"
    ((number, total, address, ip),) = shop.rows("SELECT number, total, ship_to, ip FROM orders WHERE customer_no = 17")
    assert (number, f"{float(total):.2f}", ip) == ("O-2", "5.00", None)
    assert is_pseudonym(address)
    assert shop.rows("SELECT sku FROM order_line ORDER BY 1") == [("C",), ("D",)]
    later = to_do(ordered("O-2", "order", "payment"))
    assert send(shop.connector(mapped(tmp_path)), later).state == "verified"
    assert shop.rows("SELECT number FROM orders") == [("O-3",)]


def test_an_account_on_which_a_kept_order_hangs_is_emptied(shop: Shop, tmp_path: Path) -> None:
    held = (ordered("O-2", "order", "payment"),)
    now = to_do(ACCOUNT, ordered("O-1", *ALL_OF_ORDER), ordered("O-2", "address"), ordered("O-2", IP, purpose="fraud-prevention"),
                ordered("O-1", IP, purpose="fraud-prevention"), kept=held)  # fmt: skip
    assert send(shop.connector(mapped(tmp_path)), now).state == "verified"
    assert shop.rows("SELECT no, email, name FROM customer WHERE no = 17") == [(17, None, "erased")]
    assert shop.rows("SELECT number FROM orders WHERE customer_no = 17") == [("O-2",)]


def test_two_orders_in_one_task_never_lend_each_other_what_they_are_about(shop: Shop, tmp_path: Path) -> None:
    """The categories and purposes of a task, taken as lists, would name the payment of O-2 too."""
    outcome = send(shop.connector(mapped(tmp_path)), to_do(ordered("O-1", "payment"), ordered("O-2", "address")))
    assert outcome.state == "partial"  # of the same pairs there is more, which no task names and nothing keeps
    assert (outcome.ground, counts(outcome)["orders"]["left"]) == ("left in orders", 2)
    found = shop.rows("SELECT number, total IS NULL, ship_to FROM orders WHERE customer_no = 17 ORDER BY 1")
    assert [(number, bool(gone)) for number, gone, _ in found] == [("O-1", True), ("O-2", False)]
    assert found[0][2] == "Ainola"
    assert is_pseudonym(found[1][2])


def test_what_is_kept_without_saying_in_which_row_keeps_every_row_and_is_told(shop: Shop, tmp_path: Path) -> None:
    held = (replace(ordered("O-2", "payment"), identifiers=HERS),)
    now = to_do(ordered("O-1", "payment", "address"), ordered("O-2", "address"), kept=held)
    outcome = send(shop.connector(mapped(tmp_path)), now)
    assert (outcome.state, outcome.ground) == ("partial", "left in orders")
    found = shop.rows("SELECT total, ship_to FROM orders WHERE customer_no = 17")
    assert all(total is not None and is_pseudonym(address) for total, address in found)


def test_doing_it_again_finds_nothing_and_a_first_look_that_finds_nobody_says_so(shop: Shop, tmp_path: Path) -> None:
    connector = shop.connector(mapped(tmp_path))
    assert send(connector, EVERYTHING).state == "verified"
    assert send(connector, replace(EVERYTHING, attempt=2)).state == "verified", "its first outcome was lost"
    assert send(connector, EVERYTHING).state == "not_held"


def test_killed_between_the_change_and_its_outcome_it_goes_on_to_the_same_end(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector = shop.connector(mapped(tmp_path))

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(connector), "_read_back", killed)
        with pytest.raises(KeyboardInterrupt):
            send(connector, EVERYTHING)
    assert shop.rows("SELECT no FROM customer") == [(18,)], "it was committed"
    assert send(connector, replace(EVERYTHING, attempt=2)).state == "verified"


def test_killed_before_it_is_committed_nothing_has_happened(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import connectors.sql as module

    connector, write = shop.connector(mapped(tmp_path)), module.write

    def killed(work: Writing, *given: Any) -> None:
        write(work, *given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            send(connector, EVERYTHING)
    assert len(shop.rows("SELECT no FROM customer")) == 2
    assert len(shop.rows("SELECT 1 FROM order_line")) == 4
    assert send(connector, replace(EVERYTHING, attempt=2)).state == "verified"


def test_a_dry_run_says_counts_by_table_and_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    everything = (
        "SELECT no, email, name FROM customer ORDER BY 1",
        "SELECT number, total, ship_to, ip FROM orders ORDER BY 1",
    )
    before = shop.run(*everything)
    assert shop.connector(mapped(tmp_path)).counts(EVERYTHING) == {
        "customer": {"rows": 1, "changed": 0, "deleted": 1, "left": 0},
        "orders": {"rows": 2, "changed": 0, "deleted": 2, "left": 0},
        "order_line": {"rows": 3, "changed": 0, "deleted": 3, "left": 0},
    }
    assert shop.run(*everything) == before


def test_a_row_that_another_table_needs_is_refused_by_the_name_of_its_table_and_nothing_is_done(
    shop: Shop, tmp_path: Path
) -> None:
    shop.run("INSERT INTO review VALUES (1, 'O-1')")
    with pytest.raises(Refused, match="orders does not take what the mapping says") as raised:
        send(shop.connector(mapped(tmp_path)), EVERYTHING)
    assert not [each for each in ("O-1", "17", "home", "Aino", "review") if each in str(raised.value)]
    assert len(shop.rows("SELECT 1 FROM order_line")) == 4


def test_more_rows_than_the_bound_are_refused_and_nothing_is_done(shop: Shop, tmp_path: Path) -> None:
    text = MAPPING.replace('name = "order_line"', 'name = "order_line"\nrows = 2')
    with pytest.raises(Refused, match="order_line has more than 2 rows"):
        send(shop.connector(mapped(tmp_path, text)), EVERYTHING)
    assert len(shop.rows("SELECT 1 FROM order_line")) == 4


def test_a_row_goes_only_with_all_that_hangs_on_it(shop: Shop, tmp_path: Path) -> None:
    text = MAPPING.replace('sku = {category = "order"', 'sku = {category = "claim"')
    outcome = send(shop.connector(mapped(tmp_path, text)), EVERYTHING)
    assert (outcome.state, outcome.ground) == ("partial", "left in customer, orders")
    assert len(shop.rows("SELECT 1 FROM order_line")) == 4
    assert shop.rows("SELECT total FROM orders WHERE customer_no = 17") == [(None,), (None,)]


def test_an_order_that_no_event_told_of_is_left_and_told(shop: Shop, tmp_path: Path) -> None:
    outcome = send(shop.connector(mapped(tmp_path)), to_do(ordered("O-1", *ALL_OF_ORDER)))
    assert (outcome.state, outcome.ground) == ("partial", "left in order_line, orders")
    assert ("O-2",) in shop.rows("SELECT number FROM orders WHERE total IS NOT NULL")


def test_an_account_is_not_hers_because_of_an_address_alone(shop: Shop, tmp_path: Path) -> None:
    by_mail = replace(ACCOUNT, identifiers=(HERS[1],))
    outcome = send(shop.connector(mapped(tmp_path)), to_do(by_mail))
    assert (outcome.state, outcome.ground) == ("partial", "left in customer")
    assert len(shop.rows("SELECT 1 FROM customer WHERE email IS NOT NULL")) == 2


def test_whoever_came_back_since_she_was_forgotten_is_not_touched(shop: Shop, tmp_path: Path) -> None:
    shop.run("DELETE FROM order_line", "DELETE FROM orders")
    shop.run("UPDATE customer SET no = 170, joined = '2026-06-01 12:00:00' WHERE no = 18")
    back = to_do(replace(ACCOUNT, identifiers=(("customer_id", "17"), ("customer_id", "170"), HERS[1])),
                 before=1_760_000_000_000_000)  # fmt: skip
    assert send(shop.connector(mapped(tmp_path)), back).state == "verified"
    assert shop.rows("SELECT no, name FROM customer") == [(170, "Eero")]


def test_of_what_has_no_time_nobody_knows_whether_it_is_older(shop: Shop, tmp_path: Path) -> None:
    shop.run("DELETE FROM order_line", "DELETE FROM orders", "UPDATE customer SET joined = NULL")
    outcome = send(shop.connector(mapped(tmp_path)), to_do(ACCOUNT, before=1_760_000_000_000_000))
    assert (outcome.state, outcome.ground) == ("partial", "left in customer")
    undated = mapped(tmp_path, MAPPING.replace('since = "joined"\n', ""))
    assert send(shop.connector(undated), to_do(ACCOUNT, before=1_760_000_000_000_000)).state == "partial"
    assert len(shop.rows("SELECT no FROM customer")) == 2


def test_a_correction_goes_where_the_mapping_allows_it_and_is_read_back(shop: Shop, tmp_path: Path) -> None:
    order = to_do(ACCOUNT, action="rectify", changes={"name": "Aino Uusi", "email": "new@example.fi"})
    connector = shop.connector(mapped(tmp_path))
    assert send(connector, order).state == "verified"
    assert shop.rows("SELECT no, name, email FROM customer ORDER BY 1") == [
        (17, "Aino Uusi", "new@example.fi"), (18, "Eero", "home@example.fi"),
    ]  # fmt: skip
    assert send(connector, replace(order, attempt=2)).state == "verified"
    elsewhere = to_do(ordered("O-1", "address"), action="rectify", changes={"address": "Uusila"})
    assert send(connector, elsewhere).state == "partial"
    assert ("Ainola",) in shop.rows("SELECT ship_to FROM orders")


def test_a_restriction_marks_her_rows_and_its_lifting_takes_the_mark_off(shop: Shop, tmp_path: Path) -> None:
    connector = shop.connector(mapped(tmp_path))
    assert send(connector, to_do(ACCOUNT, action="restrict")).state == "verified"
    assert shop.rows("SELECT no, restricted FROM customer ORDER BY 1") == [(17, 1), (18, 0)]
    assert send(connector, to_do(ACCOUNT, action="lift")).state == "verified"
    assert shop.rows("SELECT no, restricted FROM customer ORDER BY 1") == [(17, 0), (18, 0)]
    both = send(connector, to_do(ACCOUNT, ordered("O-1", "payment"), action="restrict"))
    assert (both.state, both.ground) == ("partial", "left in orders"), "orders have no mark"


@pytest.mark.parametrize("action", ["stop", "send"])
def test_what_the_mapping_has_no_way_for_is_for_a_person(shop: Shop, tmp_path: Path, action: str) -> None:
    assert send(shop.connector(mapped(tmp_path)), replace(EVERYTHING, action=action)).how == "reads-only"  # type: ignore[arg-type]  # an action


def test_an_order_from_an_old_plan_does_not_say_enough(shop: Shop, tmp_path: Path) -> None:
    outcome = send(shop.connector(mapped(tmp_path)), replace(EVERYTHING, sendings=()))
    assert (outcome.state, outcome.how) == ("manual", "no-identifier")
    assert len(shop.rows("SELECT no FROM customer")) == 2


def test_rows_without_a_key_cannot_be_changed(shop: Shop, tmp_path: Path) -> None:
    shop.run("CREATE TABLE loose (no INTEGER, name TEXT)", "INSERT INTO loose VALUES (17, 'Aino')")
    text = (
        MAPPING
        + """
[[tables]]
name = "loose"
purpose = "account"
identify = {customer_id = "no"}
erase = "delete"
[tables.columns]
name = {category = "name", nature = "provided"}
"""
    )
    with pytest.raises(Misconfigured, match="loose has no primary key"):
        send(shop.connector(mapped(tmp_path, text)), EVERYTHING)
    assert len(shop.rows("SELECT no FROM customer")) == 2


def test_what_is_read_back_and_said_holds_nothing_of_her(shop: Shop, tmp_path: Path) -> None:
    outcome = send(shop.connector(mapped(tmp_path)), EVERYTHING)
    assert not [each for each in ("home@", "Aino", "O-1", '"17"', "192.0") if each in repr(outcome)]
