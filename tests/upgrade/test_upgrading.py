"""What an earlier version kept is read, and gone on with, by this one: by the commands alone, on its disks and in Neo4j."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.events import event, write_lines
from tests.e2e.program import Ended, asked, jalki
from tests.servers.neo4j import Neo4j
from tests.upgrade.earlier import Earlier, restored, unpacked

pytestmark = pytest.mark.usefixtures("neo4j_server")
WITH_CASES = ("cases-embedded", "cases-neo4j")
EVERY = ("0.1.0", *WITH_CASES)


@dataclass(frozen=True, slots=True)
class Upgraded:
    """A folder that an earlier version left, under this version."""

    earlier: Earlier
    folder: Path
    settings: Mapping[str, str]

    def asked(self, *words: object) -> Ended:
        return asked("--data", self.earlier.data, *words, settings=self.settings)

    def told(self, *words: object) -> Ended:
        """As `asked`, by a process of the program."""
        return jalki("--data", self.earlier.data, *words, settings=self.settings)

    def ingested(self, *events: Mapping[str, Any]) -> Ended:
        return self.asked("ingest", write_lines(self.folder / "more.jsonl", events))

    @property
    def persons(self) -> list[str]:
        """Whom the earlier version told of, by customer number."""
        return [words[1] for words, _ in self.earlier.answers if words[0] == "where"]

    def case(self, right: str) -> dict[str, Any]:
        (found,) = (told for words, told in self.earlier.answers if words[0] == "case" and told["right"] == right)
        return dict(found)

    def shown(self, case: str) -> dict[str, Any]:
        return dict(self.asked("case", "show", case, "--json").json)

    def done(self, case: str) -> dict[str, Any]:
        """Staff see to every task that waits for a person."""
        for each in self.shown(case)["tasks"]:
            if each["state"] == "manual":
                number = each["task"].rpartition("/")[2]
                assert self.asked("case", "confirm", case, number, "verified", "--evidence", "seen").code == 0
        return self.shown(case)


@pytest.fixture
def upgraded(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Upgraded]:
    def of(name: str) -> Upgraded:
        earlier, settings = unpacked(name, tmp_path), {}
        if earlier.graph is not None:
            neo4j: Neo4j = request.getfixturevalue("neo4j_server")
            neo4j.wipe()
            with neo4j.driver() as driver:
                restored(driver, earlier.graph)
            settings = dict(neo4j.settings)
        return Upgraded(earlier, tmp_path, settings)

    return of


def as_then(now: Any, then: Any) -> Any:
    """An answer of now with the keys alone that there were then, at any depth; what a later version adds is no difference."""
    if isinstance(now, list) and isinstance(then, list) and len(now) == len(then):
        return [as_then(each, was) for each, was in zip(now, then, strict=True)]
    if isinstance(now, dict) and isinstance(then, dict):
        # Alarms come with the days; which there are is no matter of versions.
        return {key: as_then(now[key], was) for key, was in then.items() if key != "alarms"}
    return now


@pytest.mark.parametrize("name", EVERY)
def test_what_was_answered_before_an_upgrade_is_answered_after_it(
    name: str, upgraded: Callable[[str], Upgraded]
) -> None:
    shop = upgraded(name)
    assert shop.told("ingest", os.devnull).code == 0  # as the page of upgrades has it
    assert len(shop.persons) > 3
    for words, then in shop.earlier.answers:
        now = shop.asked(*words, "--json").json
        assert as_then(now, then) == as_then(then, then), words


@pytest.mark.parametrize("name", EVERY)
def test_events_told_again_after_an_upgrade_are_repeats_and_new_ones_are_recorded(
    name: str, upgraded: Callable[[str], Upgraded]
) -> None:
    shop = upgraded(name)
    new = event("AccountOpened", "n-1", "2026-11-01T08:00:00Z", customer_id="C-new", email="new@posti.example")
    assert "recorded 1 repeated 0" in shop.ingested(new).said
    assert "recorded 0 repeated 1" in shop.ingested(new).said
    assert shop.asked("where", "customer_id:C-new", "--json").json["candidates"] == 1


@pytest.mark.parametrize("name", EVERY)
def test_who_came_before_an_upgrade_is_erased_after_it(name: str, upgraded: Callable[[str], Upgraded]) -> None:
    shop = upgraded(name)
    her = shop.persons[-1]
    assert shop.ingested().code == 0
    case = shop.asked("case", "open", "erasure", her, "--channel", "account").out.split()[0]
    assert shop.asked("case", "approve", case).code in {0, 3}
    told = shop.done(case)
    assert not {each["state"] for each in told["tasks"]} & {"manual", "failed"}
    assert told["tasks"]


@pytest.mark.parametrize("name", WITH_CASES)
def test_a_case_that_was_under_way_goes_on_after_an_upgrade_and_is_proved(
    name: str, upgraded: Callable[[str], Upgraded]
) -> None:
    shop = upgraded(name)
    before = shop.case("erasure")
    assert any(each["state"] == "manual" for each in before["tasks"])
    assert shop.ingested().code == 0
    after = shop.done(before["case"])
    assert [each["party"] for each in after["tasks"]] == [each["party"] for each in before["tasks"]]
    assert not any(each["state"] == "manual" for each in after["tasks"])
    certificate, key = shop.folder / "certificate.json", shop.folder / "key.pem"
    assert shop.asked("case", "certificate", before["case"], "--out", certificate, "--public-key", key).code == 0
    assert shop.asked("verify-certificate", certificate, "--key", key).code == 0


@pytest.mark.parametrize("name", ["0.1.0"])
def test_a_question_before_the_upgrade_says_what_makes_it_ready_and_changes_nothing(
    name: str, upgraded: Callable[[str], Upgraded]
) -> None:
    shop = upgraded(name)
    graph = (shop.earlier.data / "graph.db").read_bytes()
    ended = shop.told("parties")
    assert ended.code == 2
    assert "`jalki worker` or `jalki ingest` makes it ready" in ended.said
    assert (shop.earlier.data / "graph.db").read_bytes() == graph
