import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.recording import Dead
from streams.backfill.csv_tables import MOST_LINES
from streams.sources import Source
from tests.streams.backfill_parts import ACCOUNTS, GOOD, HEADER, csv_of, events, formed, mapped, reasons

ORDERS = """
name: orders
event: OrderPlaced
rows: {csv: orders.csv, nulls: [NULL, '-']}
key: [order]
zone: Europe/Helsinki
only: {status: [paid, sent]}
fields:
  occurred_at: placed
  controller: {column: shop, codes: {MT: multitronic, IT: itronic}}
  order_id: order
  customer_id: customer
  email: email
  name: name
  address:
    record: {street: street, postcode: postcode, city: city, country: {constant: FI}}
  consignee: {record: {name: to_name, phone: to_phone}}
  items:
    each:
      record:
        sku: sku
        product_group: {constant: unknown}
        serial: serial
        quantity: {column: n, codes: {one: 1, two: 2}, otherwise: 3}
        price: {column: price, decimal: ','}
  total: {column: total, decimal: ','}
  currency: {constant: EUR}
"""
COLUMNS = "order,status,placed,shop,customer,email,name,street,postcode,city,to_name,to_phone,sku,serial,n,price,total"
FIRST = (
    'O-1,paid,2026-03-01 09:30:00,MT,C-1,a@x.example,Aino,Katu 1,00100,Helsinki,NULL,-,K-1,,one,"1 234,50","1 260,00"'
)
SECOND = (
    'O-1,paid,2026-03-01 09:30:00,MT,C-1,a@x.example,Aino,Katu 1,00100,Helsinki,NULL,-,K-2,S-9,two,"12,75","1 260,00"'
)


def test_a_row_becomes_the_event_that_the_mapping_says(tmp_path: Path) -> None:
    csv_of(tmp_path, HEADER, GOOD.replace("040 1234567", " "))
    made, counts = formed(mapped(tmp_path, ACCOUNTS))
    (event,) = events(made)
    assert event["event_id"].startswith("accounts-")
    assert event["occurred_at"] == 1_772_350_200_000_000  # 07:30 UTC: Helsinki is two hours ahead in winter
    assert (event["name"], event["phone"], event["address"]) == ("Aino Virta", None, None)
    assert (counts.rows, counts.events, counts.bad) == (1, 1, 0)


def test_rows_that_follow_each_other_with_one_key_are_one_event(tmp_path: Path) -> None:
    other = FIRST.replace("O-1", "O-2")
    left_out = FIRST.replace("O-1", "O-3").replace("paid", "cart")
    csv_of(tmp_path, COLUMNS, FIRST, SECOND, other, left_out, name="orders.csv")
    made, counts = formed(mapped(tmp_path, ORDERS))
    first, second = events(made)
    assert [each["sku"] for each in first["items"]] == ["K-1", "K-2"]
    assert [each["price"] for each in first["items"]] == ["1234.50", "12.75"]
    assert [(each["quantity"], each["serial"]) for each in first["items"]] == [(1, None), (2, "S-9")]
    assert (first["controller"], first["consignee"], first["total"]) == ("multitronic", None, "1260.00")
    assert (second["order_id"], len(second["items"])) == ("O-2", 1)
    assert (counts.rows, counts.passed, counts.events) == (4, 1, 2)


def test_rows_with_one_event_id_of_their_own_are_one_event_and_others_are_others(tmp_path: Path) -> None:
    csv_of(tmp_path, COLUMNS, FIRST, SECOND, FIRST.replace("O-1", "O-2"), name="orders.csv")
    mapping = ORDERS.replace("key: [order]", "").replace(
        "  order_id:", "  event_id: {join: [shop, order]}\n  order_id:"
    )
    made, _ = formed(mapped(tmp_path, mapping))
    assert [(each["event_id"], len(each["items"])) for each in events(made)] == [("MT O-1", 2), ("MT O-2", 1)]


def test_an_order_without_lines_has_no_items(tmp_path: Path) -> None:
    csv_of(tmp_path, COLUMNS, FIRST.replace('K-1,,one,"1 234,50"', ",,,"), name="orders.csv")
    made, _ = formed(mapped(tmp_path, ORDERS))
    assert [each["items"] for each in events(made)] == [[]]


def test_an_event_between_whose_rows_one_is_bad_is_bad_as_a_whole(tmp_path: Path) -> None:
    csv_of(tmp_path, COLUMNS, FIRST, SECOND.encode().replace(b"Aino", b"\xc4ino"), SECOND, name="orders.csv")
    made, counts = formed(mapped(tmp_path, ORDERS))
    assert reasons(made) == [
        "orders.csv:3: not utf-8 (column name)",
        "orders.csv:2: a row between the rows of this event is bad",
    ]
    assert counts.events == 0


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("MT", "XX", "controller: a code that is not declared (column shop)"),
        ("2026-03-01 09:30:00", "yesterday", "occurred_at: not a time as declared (column placed)"),
        ("2026-03-01 09:30:00", "2026-03-29 03:30:00", "occurred_at: not a time as declared (column placed)"),
        ("2026-03-01 09:30:00", "", "occurred_at: empty (column placed)"),
        ('"1 234,50"', "12.90", "items.price: not a number as declared (column price)"),
        ("O-1", "", "key: empty (column order)"),
        ("MT,C-1", "MT", "orders.csv:2: 16 cells where there are 17 columns"),
    ],
)
def test_a_fault_of_a_row_names_field_and_column_and_no_value(tmp_path: Path, old: str, new: str, reason: str) -> None:
    csv_of(tmp_path, COLUMNS, FIRST.replace(old, new), FIRST.replace("O-1", "O-2"), name="orders.csv")
    made, counts = formed(mapped(tmp_path, ORDERS))
    (told,) = reasons(made)
    assert told.endswith(reason)
    assert told.startswith("orders.csv:2: ")
    assert (counts.events, counts.bad) == (1, 1)


def test_of_the_hour_that_is_there_twice_the_first_is_meant(tmp_path: Path) -> None:
    csv_of(tmp_path, HEADER, GOOD.replace("01.03.2026 09:30", "25.10.2026 03:30"))
    made, _ = formed(mapped(tmp_path, ACCOUNTS))
    assert [each["occurred_at"] for each in events(made)] == [1_792_888_200_000_000]  # 00:30 UTC, still summer time


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("{column: opened}", "2026-03-01T09:30:00+02:00"),
        ("{column: opened}", "2026-03-01T07:30:00Z"),
        ("{column: opened, zone: UTC}", "2026-03-01 07:30"),
        ("{column: opened, format: unix}", "1772350200"),
        ("{column: opened, format: unix_ms}", "1772350200000"),
    ],
)
def test_a_time_is_read_as_it_is_declared(tmp_path: Path, form: str, text: str) -> None:
    mapping = ACCOUNTS.replace("{column: opened, format: '%d.%m.%Y %H:%M', zone: Europe/Helsinki}", form)
    csv_of(tmp_path, HEADER, GOOD.replace("01.03.2026 09:30", text))
    made, _ = formed(mapped(tmp_path, mapping))
    assert [each["occurred_at"] for each in events(made)] == [1_772_350_200_000_000]


def test_the_same_row_makes_the_same_event_whatever_stands_around_it(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, ACCOUNTS)
    csv_of(tmp_path, HEADER, GOOD)
    alone, _ = formed(mapping)
    csv_of(tmp_path, "x;" + HEADER, "1;" + GOOD.replace("C-1", "C-2"), '2;"C-1" ; ' + GOOD[4:])
    among, counts = formed(mapping)
    assert counts.bad == 1  # a text after a quoted cell is no CSV
    csv_of(tmp_path, "x;" + HEADER, "1;" + GOOD.replace("C-1", "C-2"), "2; " + GOOD)
    among, _ = formed(mapping)
    assert events(alone)[0] == events(among)[1]
    assert len({each["event_id"] for each in events(among)}) == 2


def test_keys_of_several_columns_are_not_mixed_up(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, ACCOUNTS.replace("key: [no]", "key: [first, last]"))
    csv_of(tmp_path, HEADER, GOOD.replace("Aino;Virta", "ab;c"), GOOD.replace("Aino;Virta", "a;bc"))
    made, _ = formed(mapping)
    assert len({each["event_id"] for each in events(made)}) == 2


def test_a_row_in_another_encoding_is_bad_and_the_rest_goes_on(tmp_path: Path) -> None:
    finnish = GOOD.replace("Virta", "Mäkelä")
    csv_of(tmp_path, HEADER, finnish, finnish.encode("latin-1"), finnish.replace("C-1", "C-2"))
    made, _ = formed(mapped(tmp_path, ACCOUNTS))
    assert reasons(made) == ["accounts.csv:3: not utf-8 (column last)"]
    assert [each["name"] for each in events(made)] == ["Aino Mäkelä", "Aino Mäkelä"]
    assert [each.record for each in made if isinstance(each, Dead)] == [(finnish + "\n").encode("latin-1")]


def test_the_declared_encoding_is_used(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, ACCOUNTS.replace("delimiter:", "encoding: cp1252, delimiter:"))
    csv_of(tmp_path, HEADER, GOOD.replace("Virta", "Mäkelä €"), GOOD.encode() + b"\x81", encoding="cp1252")
    made, _ = formed(mapping)
    assert [each["name"] for each in events(made)] == ["Aino Mäkelä €"]
    assert reasons(made) == ["accounts.csv:3: not cp1252 (column last)"]


def test_a_quote_that_is_not_closed_spoils_its_own_row_alone(tmp_path: Path) -> None:
    others = [GOOD.replace("C-1", f"C-{number}") for number in range(2, 2 * MOST_LINES)]
    csv_of(tmp_path, HEADER, GOOD.replace("Aino", '"Aino'), *others)
    made, counts = formed(mapped(tmp_path, ACCOUNTS))
    assert len(reasons(made)) == 1
    assert reasons(made)[0].startswith("accounts.csv:2: no row of CSV")
    assert counts.events == len(others)
    assert [each.position for each in made if isinstance(each, Source)][-1] == f"accounts.csv:{len(others) + 2}"


def test_a_cell_of_several_lines_is_one_cell_and_lines_are_counted_on(tmp_path: Path) -> None:
    csv_of(tmp_path, HEADER, GOOD.replace("Aino", '"Aino\nMaria"'), "", GOOD.replace(";a@", ";;;a@"))
    made, _ = formed(mapped(tmp_path, ACCOUNTS))
    assert [each["name"] for each in events(made)] == ["Aino\nMaria Virta"]
    assert reasons(made) == ["accounts.csv:5: 8 cells where there are 6 columns"]


def test_a_line_without_end_is_bad_and_takes_no_memory(tmp_path: Path) -> None:
    csv_of(tmp_path, HEADER, GOOD, b"x" * (40 << 20), GOOD.replace("C-1", "C-2"))
    mapping = mapped(tmp_path, ACCOUNTS)
    tracemalloc.start()
    try:
        made, counts = formed(mapping)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reasons(made) == ["accounts.csv:3: longer than 1 MiB: only its beginning is kept"]
    assert counts.events == 2
    assert peak < 12 << 20


def test_too_many_bad_rows_stop_it_and_their_kinds_are_counted(tmp_path: Path) -> None:
    bad = GOOD.replace("01.03.2026", "03/01/2026")
    csv_of(tmp_path, HEADER, *[GOOD.replace("C-1", f"C-{number}") for number in range(50)], *[bad] * 1_000)
    made, counts = formed(mapped(tmp_path, ACCOUNTS), most_bad=20)
    assert counts.stopped
    assert counts.kinds == {"occurred_at: not a time as declared (column opened)": 21}
    assert len(made) == 71


def test_a_few_bad_rows_among_many_do_not_stop_it(tmp_path: Path) -> None:
    rows = [GOOD.replace("C-1", f"C-{number}") for number in range(1_000)]
    rows[500::20] = [each + ";" for each in rows[500::20]]
    csv_of(tmp_path, HEADER, *rows)
    _, counts = formed(mapped(tmp_path, ACCOUNTS), most_bad=20)
    assert (counts.stopped, counts.bad, counts.events) == (False, 25, 975)


def test_a_card_number_is_dropped_though_two_columns_hold_its_halves(tmp_path: Path) -> None:
    csv_of(tmp_path, HEADER, GOOD.replace("Aino;Virta", "4111 1111;1111 1111"))
    made, _ = formed(mapped(tmp_path, ACCOUNTS))
    (source,) = [each for each in made if isinstance(each, Source)]
    assert b"4111" not in source.encoded.record
    assert source.encoded.forbidden == {"person"}


CELL = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    [
        "",
        "paid",
        "MT",
        "O-1",
        "2026-03-01 09:30:00",
        "0001-01-01 00:00",
        "9999-12-31T23:59:59-23:00",
        "12,50",
        "NULL",
        '"',
        "\0",
    ]
)


@given(rows=st.lists(st.lists(CELL, min_size=15, max_size=19), max_size=6))
def test_any_rows_become_events_or_faults_by_name(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    mapping = mapped(folder, ORDERS.replace("  order_id", "  ip_address: status\n  order_id"))
    csv_of(
        folder,
        COLUMNS,
        *[",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows],
        name="orders.csv",
    )
    made, counts = formed(mapping)
    assert counts.events == sum(isinstance(each, Source) for each in made)
    assert counts.bad == sum(isinstance(each, Dead) for each in made)
    for each in made:
        if isinstance(each, Dead):
            assert each.reason.isprintable()


@given(content=st.binary(max_size=400))
def test_any_bytes_behind_a_header_are_rows_or_faults(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    mapping = mapped(folder, ACCOUNTS)
    csv_of(folder, HEADER + "\n" + "x" * 1_000, content)  # a file that begins like text
    _, counts = formed(mapping)
    assert counts.rows == counts.events + counts.bad
