import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.opening import Folder, opened
from console.settings import read_settings
from schemas.records import microseconds
from streams.shop import Truth, simulate
from tests.e2e.program import Ended, called, counts, jalki
from tests.e2e.truths import SEED, Told, answer, as_the_truth_says_it, found_drift, planted_as_found, told

PERSONS = 800


@dataclass(frozen=True, slots=True)
class Shop:
    data: Path
    ingested: Ended
    told: Told

    @property
    def truth(self) -> dict[str, Any]:
        return self.told.truth


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """All of it out of order, a fifth of it repeated, every kind of bad line in between, through the program."""
    folder = tmp_path_factory.mktemp("truth")
    all_told = told(folder, PERSONS)
    ingested = jalki("--data", folder / "data", "ingest", "--json", all_told.file)
    return Shop(folder / "data", ingested, all_told)


@pytest.fixture(scope="module")
def folder(shop: Shop) -> Iterator[Folder]:
    with opened(read_settings({}, shop.data)) as open_folder:
        yield open_folder


def test_every_line_is_read_and_is_recorded_repeated_or_dead(shop: Shop) -> None:
    lines, events, dead = shop.told.lines, shop.told.events, shop.told.dead
    assert shop.ingested.code == 1
    assert counts(shop.ingested) == (lines, events, lines - events - dead, dead)
    assert lines - events > lines // 8


def test_where_answers_the_truth_for_every_identifier(shop: Shop, folder: Folder) -> None:
    assert len(shop.truth["identifiers"]) > 5 * PERSONS
    wrong = [
        entry["identifier"].partition(":")[0]
        for entry in shop.truth["identifiers"]
        if as_the_truth_says_it(answer(folder, entry["identifier"], None)) != entry["where"]
    ]
    assert wrong == []


def test_where_answers_the_truth_as_of_an_earlier_time(shop: Shop, folder: Folder) -> None:
    assert any(entry["where"]["candidates"] for entry in shop.truth["at"])
    wrong = [
        (entry["identifier"].partition(":")[0], entry["at"])
        for entry in shop.truth["at"]
        if as_the_truth_says_it(answer(folder, entry["identifier"], entry["at"])) != entry["where"]
    ]
    assert wrong == []


def test_the_program_prints_what_was_worked_out_in_process(shop: Shop, folder: Folder) -> None:
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for entry in shop.truth["identifiers"]:
        by_kind.setdefault(f"{entry['identifier'].partition(':')[0]}{min(entry['where']['candidates'], 2)}", []).append(
            entry
        )
    chosen = [entries[len(entries) // 2] for entries in by_kind.values()] + shop.truth["at"][::24]
    chosen = chosen[::2] if len(chosen) > 28 else chosen
    assert len(chosen) > 14
    for number, entry in enumerate(chosen):
        at = entry.get("at")
        ask = called if number % 8 else jalki
        ended = ask("where", entry["identifier"], *(("--at", at) if at else ()), "--json", "--data", shop.data)
        assert ended.code == 0
        assert ended.json == answer(folder, entry["identifier"], at)
        assert as_the_truth_says_it(ended.json) == entry["where"]


def test_drift_is_what_was_planted_and_nothing_else(shop: Shop, folder: Folder) -> None:
    ended = called("drift", "--json", "--data", shop.data)
    assert ended.code == 0
    planted = planted_as_found(shop.told, folder)
    assert len(planted) > 20
    assert found_drift(ended.json) == planted
    assert [each["at"] for each in ended.json] == sorted(
        (each["at"] for each in ended.json), key=microseconds, reverse=True
    )


def test_drift_since_a_time_is_the_newer_part_of_all_drift(shop: Shop) -> None:
    whole = called("drift", "--json", "--data", shop.data).json
    middle = whole[len(whole) // 2]["at"]
    since = called("drift", "--json", "--since", middle, "--data", shop.data).json
    assert since == [each for each in whole if microseconds(each["at"]) >= microseconds(middle)]
    assert 0 < len(since) < len(whole)


def test_sharing_counts_what_the_truth_counts(shop: Shop) -> None:
    ended = called("sharing", "--json", "--data", shop.data)
    edges = [{name: each[name] for name in ("from", "to", "purpose", "disclosures")} for each in ended.json["sharing"]]
    assert edges == shop.truth["sharing"]


def test_parties_counts_are_those_of_the_sharing_graph(shop: Shop) -> None:
    received: dict[str, int] = {}
    passed_on: dict[str, int] = {}
    for each in shop.truth["sharing"]:
        received[each["to"]] = received.get(each["to"], 0) + each["disclosures"]
        passed_on[each["from"]] = passed_on.get(each["from"], 0) + each["disclosures"]
    parties = called("parties", "--json", "--data", shop.data).json
    assert {each["id"]: each["received"] for each in parties if each["received"]} == received
    assert {each["id"]: each["passed_on"] for each in parties if each["passed_on"]} == {
        party: count for party, count in passed_on.items() if party != "person"
    }


def test_the_truth_is_the_same_whichever_order_it_is_told_in(shop: Shop) -> None:
    events = list(simulate(60, SEED))
    again = events[:]
    random.Random(1).shuffle(again)  # noqa: S311 - repeatable
    one, other = Truth(events), Truth(again)
    assert one.identifiers() == other.identifiers()
    assert all(one.where(each) == other.where(each) for each in one.identifiers()[::7])
    assert shop.truth["persons"] == PERSONS
