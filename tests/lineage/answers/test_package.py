"""What a person takes along (GDPR Art. 20): what she gave and what was observed, on consent or contract; a whole that checks."""

import csv
import hashlib
import io
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lineage.answers.cells import as_csv
from lineage.answers.handing import transferred
from lineage.answers.package import package, transfer_schema, transfer_shape
from lineage.answers.portable import Portable, portable
from lineage.answers.records import Cell, Record, read_records, records_as_json
from lineage.answers.unsaid import holds_secret, named_secret
from lineage.errors import Misconfigured
from schemas.extract import said
from tests.lineage.answers.matters import (
    AINO,
    CATALOGUE,
    FRIEND,
    NOW,
    account,
    credit,
    disclosed,
    happened,
    matter_of,
    order,
    register,
    shipped,
    viewed,
)

SCHEMA = Draft202012Validator(json.loads(transfer_schema()))
ROW = Record(
    "order-system",
    "orders",
    (
        Cell("number", "O-1", "order", "order", "observed"),
        Cell("name", "Aino Esimerkki", "name", "order", "provided"),
        Cell("total", 12.5, "order", "order", "observed"),
        Cell("paid", True, "payment", "payment", "observed"),
        Cell("ip", "192.0.2.7", "ip_address", "fraud-prevention", "observed"),
        Cell("order_ip", "192.0.2.8", "ip_address", "order", "observed"),
        Cell("risk", 87, "order", "fraud-prevention", "inferred"),
        Cell("segment", "big-spender", "order", "order", "inferred"),
        Cell("voucher", "V-9", "order", "tax", "observed"),
        Cell("hetu", "131052-308T", "national_id", "credit", "provided"),
        Cell("gift_to", "Ville Vieras", "name", "order", "provided", "other"),
        Cell("gift_phone", "+358509876543", "phone", "order", "provided", "other"),
        Cell("old_login", "pbkdf2_sha256$260000$x$y", "order", "order", "observed"),
        Cell("newsletter", "weekly", "consent", "newsletter", "provided"),
    ),
)


def taken(*events: object, records: tuple[Record, ...] = (ROW,)) -> Portable:
    return portable(matter_of(*events), register(), "multitronic", NOW, records)  # type: ignore[arg-type]


def test_provided_and_observed_data_on_consent_or_contract_goes_along_and_nothing_else() -> None:
    (record,) = taken(account(), order()).records
    assert {cell.name: cell.value for cell in record.cells} == {
        "number": "O-1",
        "name": "Aino Esimerkki",
        "total": 12.5,
        "paid": True,
        "gift_to": "[another person]",
        "gift_phone": "[another person]",
        "newsletter": "weekly",
    }


def test_the_history_is_what_she_did_herself_and_not_what_others_did_with_it() -> None:
    subscribed = happened(
        "NewsletterSubscribed", "n1", email=AINO["email"], customer_id="C-17", consent_text="x", source="web"
    )
    events = (
        account(), order(), shipped("posti", "s1"), credit(), viewed("v1", "2026-03-05T09:00:00Z"), subscribed,
        disclosed("i1", "police", "authority-inquiry"),
    )  # fmt: skip
    found = taken(*events)
    assert [(each.purpose, each.basis) for each in found.history] == [
        ("account", "contract"),
        ("newsletter", "consent"),
        ("order", "contract"),
    ]
    (placed,) = [each for each in found.history if each.purpose == "order"]
    assert "ip_address" not in placed.categories
    assert ("order_id", "O-1") in placed.references
    assert dict(found.identifiers)["email"] == AINO["email"]


def test_nothing_of_whoever_received_the_goods_goes_along() -> None:
    whole = package(taken(account(), order(consignee=FRIEND)))
    for text in _files(whole).values():
        assert b"ville" not in text.lower()
        assert b"509876543" not in text


def test_a_row_of_which_only_others_values_are_left_is_left_out() -> None:
    row = Record("order-system", "gifts", (ROW.cells[10], ROW.cells[11], ROW.cells[6]))
    assert taken(account(), records=(row,)).records == ()


def test_the_package_is_what_its_schema_says_and_comes_back_as_it_went_in() -> None:
    found = taken(account(), order())
    files = _files(package(found))
    told = json.loads(files["data.json"])
    SCHEMA.validate(told)
    assert told == transfer_shape(found)
    assert json.loads(files["schema.json"]) == SCHEMA.schema
    rows = list(csv.DictReader(io.StringIO(files["records.csv"].decode())))
    assert [(row["name"], row["value"].removeprefix("'")) for row in rows] == [
        (cell.name, "true" if cell.value is True else str(cell.value)) for cell in found.records[0].cells
    ]


@pytest.mark.parametrize("spoilt", [{"version": 2}, {"made_at": "2026-11-23"}, {"history": None}, {"extra": 1}])
def test_the_schema_takes_nothing_else(spoilt: dict[str, object]) -> None:
    assert not SCHEMA.is_valid({**transfer_shape(taken(account())), **spoilt})


def test_inferred_data_would_not_pass_the_schema() -> None:
    told = transfer_shape(taken(account(), order()))
    told["records"][0]["values"][0]["nature"] = "inferred"
    assert not SCHEMA.is_valid(told)


def test_the_manifest_has_the_sum_of_every_other_file() -> None:
    files = _files(package(taken(account(), order())))
    listed = json.loads(files.pop("manifest.json"))["files"]
    assert {each["name"]: (each["bytes"], each["sha256"]) for each in listed} == {
        name: (len(text), hashlib.sha256(text).hexdigest()) for name, text in files.items()
    }
    assert set(files) == {"data.json", "schema.json", "identifiers.csv", "history.csv", "records.csv"}


def test_the_same_matter_makes_the_same_bytes_whatever_the_order_of_arrival() -> None:
    assert package(taken(account(), order())) == package(taken(order(), account()))


def test_a_transfer_is_recorded_as_a_disclosure_of_hers_to_the_new_controller() -> None:
    found = taken(account(), order())
    event = transferred(found, "key-1", "case-1", "other-vendor", "order-system", [("customer_id", "C-17")], NOW)
    told = said(CATALOGUE.types["DataDisclosed"], {**event, "occurred_at": NOW, "secret": None})
    assert (told.source, told.target, told.purpose) == ("order-system", "other-vendor", "rights")
    assert told.people[0].categories == tuple(sorted(event["categories"]))
    assert event == transferred(
        found, "key-1", "case-1", "other-vendor", "order-system", [("customer_id", "C-17")], NOW
    )


def test_records_come_back_from_their_json() -> None:
    assert tuple(read_records(records_as_json([ROW]))) == (ROW,)
    with pytest.raises(Misconfigured):
        read_records(b'[{"system": 1}]')


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12), min_size=1, max_size=4))
def test_no_cell_of_a_csv_begins_a_formula_and_every_value_can_be_had_again(values: list[str]) -> None:
    (row,) = list(csv.reader(io.StringIO(as_csv([], [values]).decode(), newline="")))[1:]
    assert [cell.removeprefix("'") for cell in row] == values
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("value", ["=1+1", "+358401234567", "-2", "@SUM(A1)", "\tx", "'quoted", "＝1"])
def test_what_a_spreadsheet_would_run_is_quoted_and_can_be_unquoted(value: str) -> None:
    (row,) = list(csv.reader(io.StringIO(as_csv([], [[value]]).decode(), newline="")))[1:]
    assert row == [f"'{value}"]


@pytest.mark.parametrize(
    "value",
    [
        "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$v=19$m=65536", "pbkdf2_sha256$1$a$b", "{SSHA}abc", "4111 1111 1111 1111",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "-----BEGIN PRIVATE KEY-----", "card 5555555555554444 used",
    ],
)  # fmt: skip
def test_secrets_are_told_by_their_look(value: str) -> None:
    assert holds_secret(value)


@pytest.mark.parametrize(
    "value", ["6438158123456", "O-4111", "JJFI6543210000123456", "+358 40 123 4567", "4111111111111112"]
)
def test_what_a_shop_keeps_of_its_customers_is_no_secret(value: str) -> None:
    assert not holds_secret(value)


@pytest.mark.parametrize(
    "name", ["password_hash", "passwordHash", "api_key", "userToken", "PIN", "salasana", "session_id"]
)
def test_columns_named_like_secrets_are_known(name: str) -> None:
    assert named_secret(name)


@pytest.mark.parametrize("name", ["passport_number", "shipping_name", "pinned_note", "cookie_consent", "hashtag"])
def test_other_columns_are_not(name: str) -> None:
    assert not named_secret(name)


def _files(whole: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
