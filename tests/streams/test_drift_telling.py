"""What is told of drift: each change once from a reader's view, whoever is away or killed, and also after a lost graph."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.cases.journal import Journal
from lineage.errors import Retryable
from lineage.findings.model import FOUND, WITHDRAWN
from lineage.register import Register
from streams.drift_telling import Drift, Telling, deliver_all, get_ready, judge_all, publish_all
from streams.drift_topic import DRIFT, EmbeddedDriftTopic, Finding
from streams.log import Log
from tests.lineage.findings.drawn import BEGIN, DAY, NEWS, batches, register_of, shop
from tests.lineage.findings.told_shop import Records, Shop, each_change_is_told_once, standing_of
from tests.lineage.parts import facts, key


class Away(Retryable):
    """It was put there, and whoever put it there was killed before it knew."""


class PlainTopic:
    """A list. `dies`: after the next that is put."""

    def __init__(self) -> None:
        self.records: Records = []
        self.dies = False

    def findings(self) -> Iterator[Finding]:
        return iter(list(self.records))

    def put(self, records: Sequence[str]) -> None:
        self.records += [json.loads(each) for each in records]
        if self.dies:
            self.dies = False
            raise Away


class PlainReceiver:
    """Takes a few at a time. `faults`: what becomes of the next calls: `lost` before it has them, `late` afterwards."""

    lane = "webhook:test"

    def __init__(self) -> None:
        self.records: Records = []
        self.faults: list[str] = []

    def fits(self, records: Sequence[str]) -> int:
        return min(3, len(records))

    async def deliver(self, records: Sequence[str]) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault != "lost":
            self.records += [json.loads(each) for each in records]
        if fault:
            raise Away


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    return register_of(tmp_path_factory.mktemp("register"))


def once(heard: Records) -> Records:
    """As a reader has it: a record whose sequence is not higher than the last of its finding is the same one again."""
    last: dict[str, int] = {}
    new: Records = []
    for each in heard:
        if each["sequence"] > last.get(each["finding"], 0):
            last[each["finding"]] = each["sequence"]
            new.append(each)
    return new


STEPS = st.sampled_from(["judge", "publish", "publish killed", "deliver", "deliver lost", "deliver late", "graph lost"])


@settings(max_examples=100)
@given(st.data())
def test_at_the_end_topic_and_webhook_have_what_drift_lists_and_had_each_change_once(
    register: Register, data: st.DataObject
) -> None:
    come = data.draw(shop().flatmap(batches))
    topic, receiver = PlainTopic(), PlainReceiver()
    with TemporaryDirectory() as folder:
        there = Shop(Path(folder), register, ready=False)
        get_ready(drift := Drift(there.judge, there.findings, topic, receiver))
        for number, batch in enumerate(come):
            there.graph.record(batch)
            for step in data.draw(st.lists(STEPS, max_size=3)):
                if step == "graph lost":  # and the log of events is read from its beginning
                    there.close()
                    fresh = Path(folder) / f"{number}-{len(topic.records)}-{data.draw(st.integers(0, 10**9))}"
                    fresh.mkdir()
                    there = Shop(fresh, register, ready=False)
                    drift = Drift(there.judge, there.findings, topic, receiver)
                    get_ready(drift)
                    there.graph.record([each for before in come[: number + 1] for each in before])
                else:
                    _step(drift, step, topic, receiver)
        judge_all(drift)
        publish_all(drift)
        receiver.faults = []
        asyncio.run(deliver_all(drift))
        with closing(there):
            listed = there.listed()
        for heard in (topic.records, receiver.records):
            assert standing_of(once(heard)) == listed
            each_change_is_told_once(once(heard), forgot=False)


def _step(drift: Drift, step: str, topic: PlainTopic, receiver: PlainReceiver) -> None:
    match step:
        case "judge":
            drift.judge.turn()
        case "publish" | "publish killed":
            topic.dies = step == "publish killed"
            with suppress(Away):
                publish_all(drift)
            topic.dies = False
        case _:
            receiver.faults = [] if step == "deliver" else ["", step.removeprefix("deliver ")]
            with suppress(Away):
                asyncio.run(deliver_all(drift))


def sent(name: str, day: int) -> list[object]:
    return [facts(name, at=BEGIN + day * DAY, discloses=[("customer_id:1", NEWS)])]


def test_a_late_consent_takes_a_finding_back_and_a_late_withdrawal_makes_one_about_an_old_disclosure(
    register: Register, tmp_path: Path
) -> None:
    topic = PlainTopic()
    with closing(Shop(tmp_path, register, ready=False)) as there:
        get_ready(drift := Drift(there.judge, there.findings, topic))

        def comes(*events: object) -> list[tuple[str, int, str]]:
            before = len(topic.records)
            there.graph.record(events)  # type: ignore[arg-type]  # facts
            judge_all(drift)
            publish_all(drift)
            return [(each["rule"], each["sequence"], each["state"]) for each in topic.records[before:]]

        assert comes(*sent("news", 5)) == [("no-consent", 1, FOUND)]
        assert comes(*sent("news", 5)) == []
        yes = facts(
            "yes", at=BEGIN + 2 * DAY, recorded=BEGIN + 9 * DAY, consents=[("customer_id:1", "newsletter", True)]
        )
        assert comes(yes) == [("no-consent", 2, WITHDRAWN)]
        assert topic.records[-1]["person"] is None
        no = facts(
            "no", at=BEGIN + 4 * DAY, recorded=BEGIN + 9 * DAY, consents=[("customer_id:1", "newsletter", False)]
        )
        assert comes(no) == [("no-consent", 3, FOUND)]
        assert topic.records[-1]["person"] == key("customer_id:1").hex()


def test_of_who_is_erased_neither_store_nor_embedded_topic_keep_a_pseudonym(register: Register, tmp_path: Path) -> None:
    with closing(Shop(tmp_path, register, ready=False)) as there, Log(tmp_path / "log.db", Plain()) as log:
        get_ready(drift := Drift(there.judge, there.findings, EmbeddedDriftTopic(log)))
        there.graph.record(sent("news", 5))  # type: ignore[arg-type]  # facts
        there.graph.record(sent("more", 6))  # type: ignore[arg-type]  # facts
        judge_all(drift)
        publish_all(drift)
        her = key("customer_id:1").hex()
        assert {each["person"] for each in drift.topic.findings()} == {her}
        there.graph.forget([key("customer_id:1")], BEGIN + 50 * DAY, [], None)
        judge_all(drift)
        publish_all(drift)
        assert [each["state"] for each in drift.topic.findings()] == [WITHDRAWN] * 2
        assert log.end(DRIFT, 0) == 4
    for each in tmp_path.iterdir():
        content = each.read_bytes()
        assert her.encode() not in content
        assert key("customer_id:1") not in content


def test_a_shop_without_drift_tells_nothing(register: Register, tmp_path: Path) -> None:
    topic, receiver = PlainTopic(), PlainReceiver()
    with closing(Shop(tmp_path, register, ready=False)) as there:
        get_ready(drift := Drift(there.judge, there.findings, topic, receiver))
        yes = facts("yes", at=BEGIN, consents=[("customer_id:1", "newsletter", True)])
        there.graph.record([yes, *sent("news", 5)])  # type: ignore[list-item]  # facts
        judge_all(drift)
        assert publish_all(drift) == asyncio.run(deliver_all(drift)) == 0
    assert topic.records == receiver.records == []


def test_a_webhook_that_was_away_gets_everything_afterwards_in_order(register: Register, tmp_path: Path) -> None:
    topic, receiver = PlainTopic(), PlainReceiver()
    with closing(Shop(tmp_path, register, ready=False)) as there:
        get_ready(drift := Drift(there.judge, there.findings, topic, receiver))
        for day in range(10):
            there.graph.record(sent(f"news {day}", day))  # type: ignore[arg-type]  # facts
            judge_all(drift)
            publish_all(drift)
            receiver.faults = ["lost"]
            with pytest.raises(Away):
                asyncio.run(deliver_all(drift))
        assert asyncio.run(deliver_all(drift)) == 10
    assert receiver.records == topic.records


class Plain:
    """Seals nothing, so that what is in the file can be seen."""

    def seal(self, plain: bytes, _bound_to: bytes) -> bytes:
        return plain

    def open(self, sealed: bytes, _bound_to: bytes) -> bytes:
        return sealed


class Calls:
    """Counts calls of a lane in a window, as a journal does."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, int], int] = {}

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        made = self.made.get((lane, window), 0) + calls
        if made > limit:
            return False
        self.made[lane, window] = made
        return True


def test_of_several_workers_one_has_the_turn_and_keeps_it_as_long_as_it_lives() -> None:
    now, calls = [BEGIN], Calls()
    workers = [Telling(cast("Drift", None), cast("Journal", calls), lambda: now[0]) for _ in range(3)]

    async def holders(alive: list[Telling], seconds: int) -> list[list[int]]:
        found = []
        with ThreadPoolExecutor(1) as thread:
            for _ in range(seconds):
                now[0] += 1_000_000
                for each in alive:
                    await each._hold(thread)
                found.append([place for place, each in enumerate(workers) if each in alive and each._is_mine()])
        return found

    first = asyncio.run(holders(workers, 600))
    assert all(len(each) <= 1 for each in first)
    begun = next(place for place, each in enumerate(first) if each)
    assert begun <= 45
    assert {*map(tuple, first[begun:])} == {tuple(first[begun])}, "it is kept without a gap"
    rest = [each for place, each in enumerate(workers) if [place] != first[-1]]
    then = asyncio.run(holders(rest, 600))
    assert all(len(each) <= 1 for each in then)
    taken = next(place for place, each in enumerate(then) if each)
    assert taken <= 75
    assert {*map(tuple, then[taken:])} == {tuple(then[taken])}


def test_while_much_is_still_to_be_recorded_nothing_is_judged_and_that_not_for_ever() -> None:
    now, oldest = [BEGIN], [cast("int | None", None)]
    telling = Telling(cast("Drift", None), cast("Journal", Calls()), lambda: now[0], span=0, oldest=lambda: oldest[0])
    assert not telling._is_early()
    oldest[0] = BEGIN - 59_000_000
    assert not telling._is_early()
    oldest[0] = BEGIN - 61_000_000
    assert telling._is_early()
    now[0] += 599_000_000
    assert telling._is_early()
    now[0] += 2_000_000
    assert not telling._is_early()
    oldest[0] = None
    assert not telling._is_early()
    oldest[0] = BEGIN
    assert telling._is_early()
