import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from streams import log as log_module
from streams.log import Outgoing
from tests.streams.bus_parts import open_log


class LogAgainstLists(RuleBasedStateMachine):
    """Whatever is done in whatever order, the log is some lists and some numbers."""

    partitions: ClassVar = {"orders": 1, "payments": 3}
    places = st.sampled_from([("orders", 0), ("payments", 0), ("payments", 1), ("payments", 2)])

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.log = open_log(self.folder)
        self.lists: dict[tuple[str, int], list[bytes]] = {}
        self.readers: dict[str, dict[tuple[str, int], int]] = {}

    @initialize()
    def declare(self) -> None:
        for topic, count in self.partitions.items():
            self.log.declare(topic, count)
            self.lists.update({(topic, number): [] for number in range(count)})

    @rule(batch=st.lists(st.tuples(places, st.binary(max_size=5)), max_size=12))
    def append(self, batch: Sequence[tuple[tuple[str, int], bytes]]) -> None:
        outgoing: dict[str, list[Outgoing]] = {}
        for (topic, partition), value in batch:
            outgoing.setdefault(topic, []).append(Outgoing(value, partition=partition))
            self.lists[topic, partition].append(value)
        self.log.append(outgoing)

    @rule(reader=st.sampled_from(["a", "b"]), topics=st.sets(st.sampled_from(["orders", "payments"])))
    def subscribe(self, reader: str, topics: set[str]) -> None:
        self.log.subscribe(reader, sorted(topics))
        mine = self.readers.setdefault(reader, {})
        for topic in topics:
            for number in range(self.partitions[topic]):
                mine.setdefault((topic, number), self.log.begin(topic, number))

    @rule(data=st.data())
    def commit(self, data: st.DataObject) -> None:
        known = [(reader, place) for reader, places in self.readers.items() for place in places]
        if known:
            reader, place = data.draw(st.sampled_from(known))
            offset = data.draw(st.integers(0, len(self.lists[place])))
            self.log.commit(reader, {place: offset})
            self.readers[reader][place] = max(self.readers[reader][place], offset)

    @rule()
    def reopen(self) -> None:
        self.log.close()
        self.log = open_log(self.folder)

    @rule(place=places, data=st.data(), limit=st.integers(1, 30))
    def read(self, place: tuple[str, int], data: st.DataObject, limit: int) -> None:
        everything = self.lists[place]
        asked = data.draw(st.integers(0, len(everything)))
        found = self.log.read(*place, asked, limit)
        start = max(asked, self.log.begin(*place))
        assert [record.value for record in found] == everything[start : start + len(found)]
        assert [record.offset for record in found] == list(range(start, start + len(found)))
        assert bool(found) == (start < len(everything))
        assert len(found) <= limit

    @invariant()
    def nothing_uncommitted_is_gone(self) -> None:
        for place, everything in self.lists.items():
            assert self.log.end(*place) == len(everything)
            wanted = [offsets[place] for offsets in self.readers.values() if place in offsets]
            assert self.log.begin(*place) <= min(wanted, default=0)
        for reader, offsets in self.readers.items():
            assert self.log.committed(reader) == offsets
            assert self.log.lag(reader) == sum(len(self.lists[place]) - at for place, at in offsets.items())

    def teardown(self) -> None:
        self.log.close()
        shutil.rmtree(self.folder)


@pytest.mark.parametrize("frame", [2, 2_000])
def test_any_interleaving_of_calls_and_restarts_behaves_like_plain_lists(
    frame: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "FRAME_RECORDS", frame)
    LogAgainstLists.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
    run = LogAgainstLists.TestCase("runTest")
    run.runTest()
