import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lineage.errors import Misconfigured, Refused
from streams import log as log_module
from streams.log import Log, Outgoing, Record
from tests.streams.bus_parts import Aes, numbered, numbers, open_log

NOW_MS = 1_700_000_000_000


def rows(folder: Path) -> int:
    with sqlite3.connect(folder / "log.sqlite") as file:
        count: int = file.execute("SELECT count(*) FROM chunk").fetchone()[0]
    file.close()
    return count


def read_all(log: Log, topic: str, partition: int = 0) -> list[Record]:
    found: list[Record] = []
    offset = log.begin(topic, partition)
    while more := log.read(topic, partition, offset, 7):
        found += more
        offset = more[-1].offset + 1
    return found


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path) as log:
        yield log


def test_records_come_back_whole_and_in_order_from_memory_and_from_the_file(tmp_path: Path) -> None:
    sent = [
        Outgoing(b"one", b"key", 5, (("type", b"A"), ("type", b"B"))),
        Outgoing(b"", None, None),
        Outgoing(b"three", b"", 0),
    ]
    expected = [
        Record("orders", 0, 0, 5, b"key", b"one", (("type", b"A"), ("type", b"B"))),
        Record("orders", 0, 1, NOW_MS, None, b"", ()),
        Record("orders", 0, 2, 0, b"", b"three", ()),
    ]
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        assert log.append({"orders": sent}) == {("orders", 0): range(3)}
        assert read_all(log, "orders") == expected
    with open_log(tmp_path) as log:
        assert read_all(log, "orders") == expected
        assert log.read("orders", 0, 3, 10) == []


def test_an_append_of_several_topics_is_written_wholly_or_not_at_all(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        with pytest.raises(Misconfigured, match="no partition 3 of topic payments"):
            log.append({"orders": numbered(3), "payments": [Outgoing(b"x", partition=3)]})
        assert (log.end("orders", 0), read_all(log, "orders")) == (0, [])
    assert rows(tmp_path) == 0


def test_a_seal_that_fails_leaves_nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_payments(_: Aes, plain: bytes, bound_to: bytes) -> bytes:
        if b"payments" in bound_to:
            raise RuntimeError("no key")
        return plain

    with open_log(tmp_path) as log:
        with monkeypatch.context() as broken:
            broken.setattr(Aes, "seal", refuse_payments)
            with pytest.raises(RuntimeError, match="no key"):
                log.append({"orders": numbered(3), "payments": numbered(1)})
        log.append({"orders": numbered(2, start=7)})
        assert numbers(read_all(log, "orders")) == [7, 8]


def test_a_key_always_goes_to_the_same_partition_and_records_without_one_are_spread(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.declare("orders", 4)
        first = log.append({"orders": [Outgoing(b"x", b"customer")]})
    with open_log(tmp_path) as log:
        assert log.declare("orders", 9) == 4
        assert log.append({"orders": [Outgoing(b"y", b"customer")]}).keys() == first.keys()
        spread = log.append({"orders": numbered(8)})
        assert {place[1]: len(offsets) for place, offsets in spread.items()} == {0: 2, 1: 2, 2: 2, 3: 2}
        assert log.append({"orders": [Outgoing(b"z", b"customer", partition=3)]}).keys() == {("orders", 3)}


def test_frames_are_deleted_only_when_every_reader_has_committed_them(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.subscribe("fast", ["orders"])
        log.subscribe("slow", ["orders"])
        log.append({"orders": numbered(5)})
        log.append({"orders": numbered(5, start=5)})
        log.commit("fast", {("orders", 0): 10})
    assert rows(tmp_path) == 2
    with open_log(tmp_path) as log:
        assert (log.lag("fast"), log.lag("slow")) == (0, 10)
        log.commit("slow", {("orders", 0): 7})
        assert numbers(log.read("orders", 0, 7, 99)) == [7, 8, 9]
    assert rows(tmp_path) == 1
    with open_log(tmp_path) as log:
        log.commit("slow", {("orders", 0): 10})
    assert rows(tmp_path) == 0


def test_what_nobody_reads_is_kept(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        log.append({"orders": numbered(1), "dead": numbered(2)})
        log.commit("jalki", {("orders", 0): 1})
        assert log.lag("jalki") == 0
        assert numbers(read_all(log, "dead")) == [0, 1]


def test_offsets_go_on_after_everything_was_deleted_and_the_process_restarted(tmp_path: Path) -> None:
    for start in (0, 5, 10):
        with open_log(tmp_path) as log:
            log.subscribe("jalki", ["orders"])
            assert log.lag("jalki") == 0
            assert log.append({"orders": numbered(5, start)}) == {("orders", 0): range(start, start + 5)}
            assert log.committed("jalki") == {("orders", 0): start}
            log.commit("jalki", {("orders", 0): start + 5})
        assert rows(tmp_path) == 0


def test_a_new_reader_begins_with_the_earliest_record_still_kept(log: Log) -> None:
    log.subscribe("old", ["orders"])
    log.append({"orders": numbered(5)})
    log.append({"orders": numbered(5, start=5)})
    log.commit("old", {("orders", 0): 6})
    log.subscribe("new", ["orders"])
    assert log.committed("new") == {("orders", 0): 5}
    assert log.lag("new") == 5
    assert numbers(log.read("orders", 0, 0, 2)) == [5, 6]


def test_a_commit_never_goes_back_and_never_past_the_end(log: Log) -> None:
    log.subscribe("jalki", ["orders"])
    log.append({"orders": numbered(5)})
    log.commit("jalki", {("orders", 0): 4})
    log.commit("jalki", {("orders", 0): 2})
    assert log.committed("jalki") == {("orders", 0): 4}
    with pytest.raises(Misconfigured, match="not written"):
        log.commit("jalki", {("orders", 0): 6})
    with pytest.raises(Misconfigured, match="no partition"):
        log.commit("jalki", {("unknown", 0): 0})


def test_whoever_watches_hears_of_appends_and_commits_until_it_ends(log: Log) -> None:
    heard: list[int] = []
    log.subscribe("jalki", ["orders"])
    unwatch = log.watch(lambda: heard.append(log.lag("jalki")))
    log.append({"orders": numbered(3)})
    log.commit("jalki", {("orders", 0): 2})
    unwatch()
    log.append({"orders": numbered(3)})
    assert heard == [3, 1]


def test_no_plaintext_is_in_any_file_of_the_folder(tmp_path: Path) -> None:
    secret, key, header = b"aino.virtanen@example.fi", b"customer-4711-aino", b"header-of-aino"

    def in_files() -> list[str]:
        return [
            file.name for file in tmp_path.iterdir() for word in (secret, key, header) if word in file.read_bytes()
        ]

    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        log.append({"orders": [Outgoing(secret * 40, key, headers=(("h", header),))] * 300})
        assert in_files() == []
        assert log.read("orders", 0, 0, 1)[0].value == secret * 40
        log.commit("jalki", {("orders", 0): 250})
        assert in_files() == []
    assert in_files() == []
    assert (tmp_path / "log.sqlite").stat().st_mode & 0o077 == 0


def test_a_frame_moved_to_another_place_is_not_opened(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append({"orders": numbered(3), "payments": numbered(3)})
    file = sqlite3.connect(tmp_path / "log.sqlite")
    (stolen,) = file.execute("SELECT sealed FROM chunk ORDER BY lane LIMIT 1").fetchone()
    file.execute("UPDATE chunk SET sealed = ?", (stolen,))
    file.commit()
    file.close()
    with open_log(tmp_path) as log, pytest.raises(InvalidTag):
        read_all(log, "orders") + read_all(log, "payments")


def test_the_room_of_committed_records_is_used_again(tmp_path: Path) -> None:
    sizes = []
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        for _ in range(30):
            log.append({"orders": [Outgoing(bytes(300))] * 2_000})
            log.commit("jalki", {("orders", 0): log.end("orders", 0)})
            sizes.append(sum(file.stat().st_size for file in tmp_path.iterdir()))
    assert max(sizes) < 100_000_000
    assert (tmp_path / "log.sqlite").stat().st_size < 4_000_000


def test_more_than_memory_may_hold_is_read_back_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "IN_MEMORY_BYTES", 500)
    monkeypatch.setattr(log_module, "FRAME_RECORDS", 50)
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders", "payments"])
        for start in range(0, 1_000, 100):
            log.append({"orders": numbered(100, start), "payments": numbered(100, start)})
        assert numbers(read_all(log, "orders")) == list(range(1_000))
        assert numbers(read_all(log, "payments")) == list(range(1_000))


def test_records_that_found_no_room_in_memory_leave_no_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "IN_MEMORY_BYTES", 500)
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        for start in (0, 100):
            log.append({"orders": numbered(100, start)})
        log.commit("jalki", {("orders", 0): 90})
        log.append({"orders": numbered(50, start=200)})
        assert numbers(log.read("orders", 0, 90, 5)) == list(range(90, 95))
        log.commit("jalki", {("orders", 0): 95})
        assert [record[2:] for record in log.read("orders", 0, 97, 1)] == [(97, NOW_MS, None, b"97", ())]
        assert numbers(read_all(log, "orders")) == list(range(250))


def test_frames_of_large_records_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "FRAME_BYTES", 10_000)
    with open_log(tmp_path) as log:
        log.append({"orders": [Outgoing(bytes(5_000))] * 20})
    assert rows(tmp_path) >= 10


# what is refused


def test_a_newer_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append({"orders": numbered(3)})
    file = sqlite3.connect(tmp_path / "log.sqlite")
    file.execute("PRAGMA user_version = 2")
    file.close()
    before = (tmp_path / "log.sqlite").read_bytes()
    with pytest.raises(Misconfigured, match="newer Jalki"):
        open_log(tmp_path)
    assert (tmp_path / "log.sqlite").read_bytes() == before


@pytest.mark.parametrize("content", [b"no database, but long enough for a header" * 9, b"SQLite format 3\0" * 99])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log.sqlite").write_bytes(content)
    with pytest.raises(Misconfigured, match="no log of Jalki"):
        open_log(tmp_path)


def test_a_damaged_log_is_refused(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append({"orders": numbered(500)})
    file = tmp_path / "log.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:16_384] + bytes(len(whole) - 16_384))
    with pytest.raises(Misconfigured, match="damaged"):
        open_log(tmp_path)


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "log.sqlite")
    file.execute("CREATE TABLE theirs (x)")
    file.close()
    with pytest.raises(Misconfigured, match="not a log of Jalki"):
        open_log(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="does not exist"):
        open_log(tmp_path / "nowhere")


def test_a_second_process_is_refused_while_the_log_is_open(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from lineage.errors import Refused; from streams.log import Log\n"
        "try: Log(pathlib.Path(sys.argv[1]), None)\n"
        "except Refused as error: print(error)"
    )
    with open_log(tmp_path) as log:
        log.append({"orders": numbered(1)})
        command = [sys.executable, "-c", program, str(tmp_path / "log.sqlite")]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert "in use by another process" in said
    open_log(tmp_path).close()


def test_a_full_disk_is_said_clearly_and_loses_nothing(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        log.append({"orders": numbered(10)})
        (pages,) = log._file.execute("PRAGMA page_count").fetchone()
        log._file.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(Refused, match="no room left"):
            log.append({"orders": [Outgoing(bytes(1_000_000))]})
        assert (log.end("orders", 0), log.lag("jalki")) == (10, 10)
        log._file.execute("PRAGMA max_page_count = 100000")
        assert log.append({"orders": numbered(1, start=10)}) == {("orders", 0): range(10, 11)}
        assert numbers(read_all(log, "orders")) == list(range(11))


# against a model


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
    LogAgainstLists.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
    run = LogAgainstLists.TestCase("runTest")
    run.runTest()
