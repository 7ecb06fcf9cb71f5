"""Drift as the program tells it: of whom, by which rule, what shows it, and what to do; and what it says to odd questions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.opening import LOOKS, Folder, opened
from console.settings import read_settings
from lineage.revealing import read_look
from streams.shop import Event, simulate
from tests.e2e.events import ADDRESS, event, order, write_lines
from tests.e2e.program import asked, called

CARRIED = ("customer_id", "email", "device_id", "order_id", "payment_id", "claim_id", "refund_id")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Event], list[str]]:
    """A simulated shop's data folder, its events by id, and the ids of those that break a rule."""
    folder = tmp_path_factory.mktemp("drifting")
    simulated = simulate(400, 11)
    events = {str(each["event_id"]): each for each in simulated}
    assert asked("ingest", write_lines(folder / "shop.jsonl", events.values()), "--data", folder / "data").code == 0
    return folder / "data", events, [each.event_id for each in simulated.planted()]


@pytest.fixture
def folder(shop: tuple[Path, dict[str, Event], list[str]]) -> Iterator[Folder]:
    with opened(read_settings({}, shop[0])) as found:
        yield found


def values_of(told: Event) -> set[str]:
    names = told.get("identifiers") or []
    assert isinstance(names, list)
    return {str(told[name]) for name in CARRIED if told.get(name)} | {str(each["value"]) for each in names}


def test_each_planted_violation_is_of_the_person_of_its_event_and_says_what_to_do(
    shop: tuple[Path, dict[str, Event], list[str]], folder: Folder
) -> None:
    data, events, planted = shop
    found = asked("drift", "--json", "--reveal", "--reason", "a test", "--data", data).json
    by_event = {folder.pseudonyms.event(each).hex(): events[each] for each in planted}
    assert len(planted) > 4
    assert {each["event"] for each in found} == by_event.keys()
    for each in found:
        revealed = {value for values in each["revealed"].values() for value in values}
        assert each["person"]
        assert values_of(by_event[each["event"]]) & revealed
        assert [one["rule"] for one in each["findings"]] == each["rules"]
        assert all(one["law"] and one["todo"] and one["evidence"] for one in each["findings"])
    assert len({each["register"] for each in found}) == 1


def test_without_the_planted_events_there_is_no_drift(
    shop: tuple[Path, dict[str, Event], list[str]], tmp_path: Path
) -> None:
    _, events, planted = shop
    clean = write_lines(tmp_path / "clean.jsonl", [each for id_, each in events.items() if id_ not in planted])
    assert asked("ingest", clean, "--data", tmp_path / "data").code == 0
    assert asked("drift", "--json", "--data", tmp_path / "data").json == []


def test_who_looks_at_persons_says_why_and_it_is_written_down(
    shop: tuple[Path, dict[str, Event], list[str]], folder: Folder
) -> None:
    data, _, _ = shop
    for words in (
        ("--reveal",),
        ("--reveal", "--json"),
        ("--reveal", "--reason", "why"),
        ("--reveal", "--json", "--reason", " "),
    ):
        assert called("drift", *words, "--data", data).code == 2
    assert "revealed" not in asked("drift", "--json", "--data", data).out
    assert asked("drift", "--json", "--reveal", "--reason", "the officer asked", "--data", data).code == 0
    key = folder.keyring.find((LOOKS,))[LOOKS]
    looks = [read_look(each, key) for each in folder.graph.looks()]
    assert ("drift", "the officer asked") in {(each["asked"], each["reason"]) for each in looks}


def test_a_time_before_the_record_begins_is_answered_and_said(shop: tuple[Path, dict[str, Event], list[str]]) -> None:
    data, _, _ = shop
    since = asked("drift", "--json", "--since", "1990-01-01T00:00:00Z", "--data", data)
    assert since.json == asked("drift", "--json", "--data", data).json
    assert "the record begins at 2024-" in since.err
    assert "begins" not in asked("drift", "--json", "--since", "2024-09-01T00:00:00Z", "--data", data).err
    late = asked("drift", "--json", "--since", "2199-01-01T00:00:00Z", "--data", data)
    assert (late.code, late.json) == (0, [])


def test_what_is_kept_too_long_is_told_person_by_person_and_holds_nothing_in_clear(
    shop: tuple[Path, dict[str, Event], list[str]],
) -> None:
    data, events, _ = shop
    lines = [json.loads(each) for each in asked("drift", "--overdue", "--json", "--data", data).out.splitlines()]
    assert len(lines) > 50, "no event of a simulated shop erases anything"
    assert {each["rule"] for each in lines} >= {"H05"}
    text = asked("drift", "--overdue", "--json", "--data", data).out
    assert not any(str(each["email"]) in text for each in events.values() if each.get("email"))
    assert "Kept too long" in asked("drift", "--overdue", "--data", data).out
    assert called("drift", "--overdue", "--since", "2025-01-01T00:00:00Z", "--data", data).code == 2


GUEST = {"email": "eero@example.fi", "name": "Eero Malli"}
YEARS = [
    order("y-1", "O-1", at="2020-03-02T09:00:00+02:00", **GUEST, consignee=None),
    event("ClaimOpened", "y-2", "2021-09-01T09:00:00+03:00", claim_id="K-1", order_id="O-1", handler="multicare", **GUEST),
    event("DataDisclosed", "y-3", "2020-12-01T09:00:00+02:00", holder="order-system", recipient="debt-collector",
          purpose="debt-collection", identifiers=[{"kind": "order_id", "value": "O-1"}], categories=["name", "email", "order"]),
    event("AccountOpened", "y-4", "2020-01-02T09:00:00+02:00", customer_id="C-1", email="aino@example.fi", phone="0401234567"),
    *(order(f"y-5-{year}", f"O-{year}", at=f"{year}-02-01T09:00:00+02:00", customer_id="C-1", email="aino@example.fi")
      for year in (2021, 2022, 2023, 2024)),
    event("ShipmentBooked", "y-6", "2024-02-03T09:00:00+02:00", shipment_id="S-1", order_id="O-2024", customer_id="C-1",
          carrier="posti", name="Aino", address=ADDRESS, phone="0401234567"),
    event("DataDisclosed", "y-7", "2026-02-03T09:00:00+02:00", holder="order-system", recipient="tax-authority", purpose="tax",
          identifiers=[{"kind": "order_id", "value": "O-1"}], categories=["name", "address", "order"]),
]  # fmt: skip
OLD_LOOK = {"viewer": "multitronic", "viewer_ref": "x", "purpose": "customer-contact", "order_id": "O-1"}


def test_over_years_only_what_the_shipped_register_lets_nobody_keep_is_too_old(tmp_path: Path) -> None:
    looked = event("RecordViewed", "y-8", "2025-05-05T09:00:00+03:00", **OLD_LOOK, categories=["email"])
    too_late = event("RecordViewed", "y-9", "2027-05-03T09:00:00+03:00", **OLD_LOOK, categories=["name"])
    in_time = event("RecordViewed", "y-10", "2026-12-31T09:00:00+02:00", **OLD_LOOK, categories=["name"])
    assert asked("ingest", write_lines(tmp_path / "f.jsonl", YEARS), "--data", tmp_path / "data").code == 0
    assert asked("drift", "--json", "--data", tmp_path / "data").json == []
    more = write_lines(tmp_path / "g.jsonl", [looked, too_late, in_time])
    assert asked("ingest", more, "--data", tmp_path / "data").code == 0
    found = asked("drift", "--json", "--data", tmp_path / "data").json
    assert [(each["at"], each["rules"]) for each in found] == [
        ("2027-05-03T06:00:00Z", ["retention-passed"]),
        ("2025-05-05T06:00:00Z", ["retention-passed"]),
    ]


REGISTER: dict[str, Any] = {
    "more": """
notices:
  - {version: '1', posted: 2026-03-02, valid_from: 2026-03-04, kinds: carrier}
adequacy:
  GB: [{valid_from: 2026-01-01}, {valid_from: 2026-02-01}]
"""
}


def test_a_register_that_contradicts_itself_is_refused_with_every_line(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "lineage" / "register" / "multitronic"
    (tmp_path / "register").mkdir()
    for each in shipped.glob("*.yaml"):
        text = each.read_text("utf-8")
        (tmp_path / "register" / each.name).write_text(
            text.partition("adequacy:")[0] if each.name == "transfers.yaml" else text
        )
    (tmp_path / "register" / "z.yaml").write_text(REGISTER["more"])
    data, settings = tmp_path / "data", {"JALKI_REGISTER": tmp_path / "register"}
    assert asked("ingest", write_lines(tmp_path / "f.jsonl", [order()]), "--data", data).code == 0
    ended = called("drift", "--data", data, settings=settings)
    assert ended.code == 2
    assert "z.yaml:3: a notice posted on 2026-03-02 may take effect three full days later at the earliest" in ended.err
    assert "z.yaml:5: two decisions on 'GB' hold at the same time" in ended.err


def test_an_event_from_before_all_that_is_declared_is_drift_and_no_fault(tmp_path: Path) -> None:
    seen = {"order_id": "O-1", "viewer": "meta", "viewer_ref": "x", "purpose": "order", "categories": ["name"]}
    viewed = event("RecordViewed", "e-2", "1999-03-01T09:30:00Z", **seen)
    file = write_lines(tmp_path / "f.jsonl", [order(), viewed])
    assert asked("ingest", file, "--data", tmp_path / "data").code == 0
    (only,) = asked("drift", "--json", "--data", tmp_path / "data").json
    assert (only["at"], only["rules"]) == ("1999-03-01T09:30:00Z", ["undeclared-recipient"])
