"""The file of the truth, and the lines that are bad on purpose."""

import json
from datetime import datetime
from pathlib import Path

import streams.shop
from streams.shop import Truth, bad_lines, simulate, write_truth


def test_the_file_holds_what_the_truth_answers(tmp_path: Path) -> None:
    shop = simulate(120, 9)
    write_truth(tmp_path / "truth.json", shop, shop.planted(), persons=120, seed=9)
    told = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    truth = Truth(shop)
    assert (told["seed"], told["persons"], told["events"]) == (9, 120, len({e["event_id"] for e in shop}))
    assert {one["identifier"]: one["where"] for one in told["identifiers"]} == {
        one: truth.where(one) for one in truth.identifiers()
    }
    assert [fault["rule"] for fault in told["drift"]] == [fault.rule for fault in shop.planted()]
    assert told["sharing"] == truth.sharing()
    assert len(told["at"]) > 50
    for sample in told["at"]:
        assert sample["where"] == truth.where(sample["identifier"], datetime.fromisoformat(sample["at"]))
    assert any(sample["where"]["candidates"] == 0 for sample in told["at"])
    assert any(sample["where"]["holdings"] for sample in told["at"])


def test_the_truth_of_nobody_is_a_valid_file_too(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth.json", [], [], persons=0, seed=1)
    assert json.loads((tmp_path / "truth.json").read_text("utf-8"))["identifiers"] == []


def test_a_bad_line_of_every_kind_is_bad_in_that_way_and_its_good_ones_are_lawful() -> None:
    lines = list(bad_lines(3))
    assert {kind for _, kind in lines} == {
        *(
            "not-json",
            "not-utf-8",
            "unknown-type",
            "missing-field",
            "null-in-required",
            "wrong-type",
            "naive-date",
            "date-only",
        ),
        *("unknown-party", "empty-event-id", "names-nobody", "same-id-other-content", "unknown-controller"),
        *("money-as-number", "currency", "good"),
    }
    assert lines == list(bad_lines(3))
    for line, kind in lines:
        assert b"\n" not in line
        try:
            readable = isinstance(json.loads(line.decode()), dict)
        except ValueError:
            readable = False
        assert readable == (kind not in ("not-json", "not-utf-8"))
    (good,) = (json.loads(line) for line, kind in lines if kind == "good")
    assert Truth([good]).where(f"order_id:{good['order_id']}")["candidates"] == 1
    (twin,) = (json.loads(line) for line, kind in lines if kind == "same-id-other-content")
    assert twin["event_id"] == good["event_id"]
    assert twin != good


def test_the_package_offers_all_that_it_imports() -> None:
    imported = {
        name
        for name, value in vars(streams.shop).items()
        if getattr(value, "__module__", "").startswith("streams.shop")
    }
    assert imported <= set(streams.shop.__all__)
    assert all(hasattr(streams.shop, name) for name in streams.shop.__all__)
