import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.opening import Folder, opened
from console.settings import read_settings
from console.shapes import where_shape
from lineage.graph import Until
from lineage.identifiers import read_identifier
from lineage.times import now
from lineage.where import where
from schemas.records import microseconds
from streams.shop import Disorder, Fault, Truth, simulate, write_truth
from tests.e2e.events import with_bad_lines, write_lines
from tests.e2e.program import Ended, counts, jalki

PERSONS, SEED = 800, 77
COMPARED = ("party", "from", "categories", "purposes", "first", "last", "disclosures")


@dataclass(frozen=True, slots=True)
class Shop:
    data: Path
    ingested: Ended
    lines: int
    events: int
    dead: int
    truth: dict[str, Any]
    planted: tuple[Fault, ...]
    occurred: dict[str, str]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """All of it out of order, a fifth of it repeated, every kind of bad line in between, through the program."""
    folder = tmp_path_factory.mktemp("truth")
    simulated = simulate(PERSONS, SEED, Disorder(repeated=0.2, shuffled=True))
    lines, good, dead = with_bad_lines(list(simulated), seed=5)
    write_lines(folder / "shop.jsonl", lines)
    write_truth(folder / "truth.json", good, simulated.planted(), persons=PERSONS, seed=SEED)
    return Shop(
        data=folder / "data",
        ingested=jalki("--data", folder / "data", "ingest", "--json", folder / "shop.jsonl"),
        lines=len(lines),
        events=len({each["event_id"] for each in good}),
        dead=dead,
        truth=json.loads((folder / "truth.json").read_bytes()),
        planted=simulated.planted(),
        occurred={str(each["event_id"]): str(each["occurred_at"]) for each in good},
    )


@pytest.fixture(scope="module")
def folder(shop: Shop) -> Iterator[Folder]:
    with opened(read_settings({}, shop.data)) as open_folder:
        yield open_folder


def answer(folder: Folder, identifier: str, at: str | None) -> dict[str, Any]:
    kind, value = read_identifier(identifier)
    until = Until(microseconds(at) if at else None)
    key = folder.pseudonyms.identifier(kind, value)
    return where_shape(identifier, until.at, None, where(folder.graph, folder.register, key, until, now()))


def as_the_truth_says_it(got: dict[str, Any]) -> dict[str, Any]:
    held = {
        part: [{name: each[name] for name in COMPARED} for each in got[part] if each["observed"]]
        for part in ("holdings", "shared")
    }
    return {"identifiers": got["identifiers"], "candidates": got["candidates"], **held}


def test_every_line_is_read_and_is_recorded_repeated_or_dead(shop: Shop) -> None:
    assert shop.ingested.code == 1
    assert counts(shop.ingested) == (shop.lines, shop.events, shop.lines - shop.events - shop.dead, shop.dead)
    assert shop.lines - shop.events > shop.lines // 8


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
    for entry in chosen:
        at = entry.get("at")
        ended = jalki("where", entry["identifier"], *(("--at", at) if at else ()), "--json", "--data", shop.data)
        assert ended.code == 0
        assert ended.json == answer(folder, entry["identifier"], at)
        assert as_the_truth_says_it(ended.json) == entry["where"]


def test_drift_is_what_was_planted_and_nothing_else(shop: Shop, folder: Folder) -> None:
    ended = jalki("drift", "--json", "--data", shop.data)
    assert ended.code == 0
    found = [
        (each["event"], rule, each["to"], each["purpose"], microseconds(each["at"]))
        for each in ended.json
        for rule in each["rules"]
    ]
    planted = [
        (
            folder.pseudonyms.event(each.event_id).hex(), each.rule, each.party, each.purpose,
            microseconds(shop.occurred[each.event_id]),
        )
        for each in shop.planted
    ]  # fmt: skip
    assert len(planted) > 20
    assert sorted(found) == sorted(planted)
    assert [each["at"] for each in ended.json] == sorted(
        (each["at"] for each in ended.json), key=microseconds, reverse=True
    )


def test_drift_since_a_time_is_the_newer_part_of_all_drift(shop: Shop) -> None:
    whole = jalki("drift", "--json", "--data", shop.data).json
    middle = whole[len(whole) // 2]["at"]
    since = jalki("drift", "--json", "--since", middle, "--data", shop.data).json
    assert since == [each for each in whole if microseconds(each["at"]) >= microseconds(middle)]
    assert 0 < len(since) < len(whole)


def test_sharing_counts_what_the_truth_counts(shop: Shop) -> None:
    ended = jalki("sharing", "--json", "--data", shop.data)
    edges = [{name: each[name] for name in ("from", "to", "purpose", "disclosures")} for each in ended.json["sharing"]]
    assert edges == shop.truth["sharing"]


def test_parties_counts_are_those_of_the_sharing_graph(shop: Shop) -> None:
    received: dict[str, int] = {}
    passed_on: dict[str, int] = {}
    for each in shop.truth["sharing"]:
        received[each["to"]] = received.get(each["to"], 0) + each["disclosures"]
        passed_on[each["from"]] = passed_on.get(each["from"], 0) + each["disclosures"]
    parties = jalki("parties", "--json", "--data", shop.data).json
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
