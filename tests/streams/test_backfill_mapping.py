from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.streams.backfill_parts import ACCOUNTS, HEADER, csv_of, faults, formed, mapped


def test_every_fault_of_a_mapping_is_told_at_its_line_with_what_may_have_been_meant(tmp_path: Path) -> None:
    text = """\
name: accounts
event: AccountOpened
rows: {csv: a.csv, query: SELECT 1}
key: [no]
fields:
  controller: {constant: multitroni}
  customer_id: {column: no, format: '%Y'}
  emial: mail
  name: {record: {first: a}}
  address: street
"""
    assert faults(tmp_path, text) == [
        "3: query goes with sql",
        "5: fields lacks email, which every AccountOpened has",
        "5: fields lacks occurred_at, which every AccountOpened has",
        "6: fields.controller.constant: the register has no party multitroni; do you mean multitronic?",
        "7: fields.customer_id.format: format is of times, and customer_id is none",
        "7: fields.customer_id.format: format must say year, month and day, like %d.%m.%Y %H:%M, or be unix or unix_ms",
        "8: AccountOpened has no field emial; do you mean email?",
        "9: fields.name: name is one value: make it by column, join or constant",
        "10: fields.address: address is made of parts: make it by record",
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("event: AccountOpened", "event: AccountOpend", "3: there is no event type AccountOpend; do you mean AccountOpened?"),
        ("key: [no]", "kee: [no]", "5: unknown key kee; do you mean key?"),
        ("key: [no]\n", "", "1: say by one of key and fields.event_id"),
        ("  customer_id: no", "  customer_id: no\n  event_id: no", "5: say by one of key and fields.event_id"),
        ("key: [no]\nfields:", "fields:\n  event_id: {constant: x}", "6: fields.event_id: every event has an id of its own"),
        ("zone: Europe/Helsinki", "zone: Europe/Helsinky", "7: there is no such time zone"),
        ("{join: [first, last]}", "{join: [first], constant: x}", "12: fields.name: must be the name of a column"),
        ("{join: [first, last]}", "{codes: {a: b}}", "12: fields.name: must be the name of a column"),
        ("{join: [first, last]}", "{column: first, otherwise: x}", "12: fields.name.otherwise: otherwise goes with codes"),
        ("name: {join: [first, last]}", "name: {each: first}", "12: fields.name: name is no list"),
        ("{constant: multitronic}", "{constant: 7}", "8: fields.controller.constant: this is no value of controller"),
        ("{constant: multitronic}", "{column: a, codes: {A: nobody}}", "8: fields.controller.codes.A: the register has no party"),
        ("rows: {csv: 'accounts*.csv', delimiter: ';'}", "rows: {nulls: []}", "4: rows come from one of csv, parquet and sql"),
        ("rows: {csv: 'accounts*.csv', delimiter: ';'}", "rows: {sql: 'sqlite:////x'}", "4: sql needs query"),
        ("name: accounts", "name: Accounts of 2020", "2: name is not written as it must be"),
        ("{join: [first, last]}", "{constant: 4111 1111 1111 1111}", "12: fields.name.constant: a card number"),
    ],
)  # fmt: skip
def test_a_fault_is_told(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in ACCOUNTS
    found = faults(tmp_path, ACCOUNTS.replace(old, new))
    assert any(each.startswith(fault) for each in found), found


def test_a_column_that_a_file_lacks_is_told_with_what_may_have_been_meant_and_nothing_is_formed(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, ACCOUNTS)
    csv_of(tmp_path, HEADER, name="accounts-1.csv")
    csv_of(tmp_path, HEADER.replace("opened", "opend").replace("mail", "x"), name="accounts-2.csv")
    with pytest.raises(Misconfigured) as raised:
        formed(mapping)
    assert str(raised.value).splitlines() == [
        "history.yaml:7: accounts-2.csv has no column opened; do you mean opend?",
        "history.yaml:10: accounts-2.csv has no column mail: there are first, last, no, opend, phone, x",
    ]


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, ACCOUNTS)
    csv_of(tmp_path, HEADER + ";no")
    with pytest.raises(Misconfigured, match="more than one column no"):
        formed(mapping)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "accounts.csv is empty"),
        (b"\x1f\x8b\x08", "packed with gzip"),
        ("no;opened".encode("utf-16"), "save it as UTF-8"),
        (b'no;"opened', "accounts.csv:1: the header is no row of CSV"),
        ("no;ärende".encode("latin-1"), "accounts.csv:1: the header is not utf-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_before_anything_is_formed(
    tmp_path: Path, content: bytes, fault: str
) -> None:
    mapping = mapped(tmp_path, ACCOUNTS)
    (tmp_path / "accounts.csv").write_bytes(content)
    with pytest.raises(Misconfigured, match=fault):
        formed(mapping)


def test_a_pattern_that_no_file_is_named_like_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"no file is named like accounts\*.csv"):
        formed(mapped(tmp_path, ACCOUNTS))
