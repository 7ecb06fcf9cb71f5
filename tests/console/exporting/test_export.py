"""What holds for every format: counts only, the same text for the same graph, a file whole or not at all."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.exporting.formats import FORMATS
from console.exporting.names import NAMES
from tests.console.exporting.drawn import Shop
from tests.e2e.events import write_lines
from tests.e2e.program import asked, jalki

every_format = pytest.mark.parametrize("form", sorted(FORMATS))
_OF_A_PERSON = {
    "customer_id", "email", "phone", "name", "order_id", "shipment_id", "tracking_number", "street", "device_id",
    "payment_id", "national_id", "ip_address", "bank_account", "event_id", "login_name", "serial_number",
}  # fmt: skip


def values(of: Any) -> Iterator[str]:
    """Every value in an event that could tell of a person."""
    if isinstance(of, list):
        for each in of:
            yield from values(each)
    elif isinstance(of, dict):
        for name, each in of.items():
            if isinstance(each, str) and name in _OF_A_PERSON and len(each) > 3:
                yield each
            yield from values(each)


def test_every_format_is_named_in_the_help_and_every_name_has_its_format() -> None:
    assert tuple(FORMATS) == NAMES


@every_format
def test_no_export_holds_anything_of_a_person(form: str, shop: Shop) -> None:
    text = shop.exported(form).out
    found = set(values(shop.events))
    assert len(found) > 300
    assert not [each for each in found if each in text]


@every_format
def test_an_export_is_the_same_text_however_the_events_came(form: str, shop: Shop, tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "again.jsonl", [*reversed(shop.events), *shop.events[:30]])
    assert asked("ingest", lines, "--data", tmp_path / "data").code == 0
    text = shop.exported(form).out
    assert asked("export", form, "--data", tmp_path / "data").out == text == shop.exported(form).out


@every_format
def test_an_export_into_a_file_is_what_is_printed(form: str, shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "sharing"
    path.write_text("what was there before")
    ended = jalki("export", form, "--out", path, "--data", shop.data)
    assert (ended.code, ended.out) == (0, "")
    assert f"{len(shop.edges)} edges" in ended.said
    assert path.read_bytes().decode() == jalki("export", form, "--data", shop.data).out
    assert list(tmp_path.iterdir()) == [path]


@every_format
def test_nothing_shared_is_an_export_without_edges(form: str, tmp_path: Path) -> None:
    assert asked("ingest", write_lines(tmp_path / "none", []), "--data", tmp_path / "data").code == 0
    ended = asked("export", form, "--data", tmp_path / "data")
    assert ended.code == 0
    assert "posti" not in ended.out


def test_an_export_as_of_a_time_has_what_occurred_by_then(shop: Shop) -> None:
    first = min(each["first"] for each in shop.edges)
    then = shop.exported("openlineage", "--at", first).out.splitlines()
    assert [json.loads(each)["eventTime"] for each in then] == [first] * len(then)
    assert not shop.exported("openlineage", "--known-at", "2020-01-01T00:00:00Z").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("parquet",), "there is no format 'parquet': take one of csv, fideslang"),
        (("csv", "--at", "noon"), "--at takes a time with its offset"),
        (("csv", "--out", "/nowhere/at/all"), "cannot be written"),
        ((), "Missing argument 'FORMAT'"),
    ],
)
def test_what_cannot_be_exported_is_answered_with_what_to_do(shop: Shop, words: tuple[str, ...], said: str) -> None:
    ended = jalki("export", *words, "--data", shop.data)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.said


def test_a_file_that_cannot_be_replaced_stays_as_it_was(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert jalki("export", "csv", "--out", tmp_path / "folder", "--data", shop.data).code == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]
    assert list((tmp_path / "folder").iterdir()) == []
