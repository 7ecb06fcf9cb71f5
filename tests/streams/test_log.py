import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from lineage.errors import Misconfigured
from streams import log as log_module
from streams.log import Log, Outgoing, Passed, Record
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


class Forgetful:
    """Seals as `Aes` does; of what was sealed before it forgot nobody has the key."""

    def __init__(self, forgets: int = 0) -> None:
        self._aes, self._forgets = Aes(), forgets

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        return self._aes.seal(plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        if int(bound_to.split(b"|")[3]) < self._forgets:
            raise Passed("its key is gone")
        return self._aes.open(sealed, bound_to)


def test_what_nobody_can_read_is_stepped_over_and_readers_go_on_behind_it(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        for reader in ("fast", "slow"):
            log.subscribe(reader, ["orders", "others"])
        log.append({"orders": numbered(5), "others": numbered(2)})
        log.commit("fast", {("orders", 0): 4})
        log.append({"orders": numbered(5, start=5)})
    with Log(tmp_path / "log.sqlite", Forgetful(forgets=5)) as log:
        with pytest.raises(Passed):
            log.read("orders", 0, 0, 10)
        assert log.step_over(["orders"]) == 5
        assert log.step_over(["orders"]) == 0
        assert (log.begin("orders", 0), log.end("orders", 0)) == (5, 10)
        assert {log.committed(reader)["orders", 0] for reader in ("fast", "slow")} == {5}
        assert numbers(read_all(log, "orders")) == [5, 6, 7, 8, 9]
    with Log(tmp_path / "log.sqlite", Forgetful(forgets=99)) as log:
        assert log.step_over(["orders", "others"]) == 7
        assert log.lag("slow") == 0
        assert log.committed("slow") == {("orders", 0): 10, ("others", 0): 2}


def test_what_is_damaged_is_not_stepped_over(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        log.append({"orders": numbered(5)})
    with sqlite3.connect(tmp_path / "log.sqlite") as file:
        file.execute("UPDATE chunk SET sealed = zeroblob(100)")
    file.close()
    with open_log(tmp_path) as log, pytest.raises(InvalidTag):
        log.step_over(["orders"])
    assert rows(tmp_path) == 1


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
        return [file.name for file in tmp_path.iterdir() for word in (secret, key, header) if word in file.read_bytes()]

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
    monkeypatch.setattr(log_module, "IN_MEMORY_BYTES", 2_000)  # of these records one hundred and a few
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        for start in (0, 100):
            log.append({"orders": numbered(100, start)})
        log.commit("jalki", {("orders", 0): 90})
        log.append({"orders": numbered(50, start=200)})
        assert numbers(log.read("orders", 0, 98, 4))[:2] == [98, 99]
        assert numbers(log.read("orders", 0, 100, 1)) == [100]
        assert numbers(read_all(log, "orders")) == list(range(250))


def test_what_a_commit_takes_out_of_memory_is_still_read_while_its_frame_is_kept(log: Log) -> None:
    log.subscribe("jalki", ["orders"])
    log.append({"orders": numbered(100)})
    log.commit("jalki", {("orders", 0): 90})
    assert numbers(log.read("orders", 0, 0, 3)) == [0, 1, 2]
    assert numbers(log.read("orders", 0, 90, 3)) == [90, 91, 92]


def test_frames_of_large_records_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "FRAME_BYTES", 10_000)
    with open_log(tmp_path) as log:
        log.append({"orders": [Outgoing(bytes(5_000))] * 20})
    assert rows(tmp_path) >= 10


def test_compacting_empties_what_the_same_key_has_followed_and_leaves_offsets_and_all_else(tmp_path: Path) -> None:
    headers = (("type", b"A"),)
    first = [Outgoing(b"a1", b"a", 1, headers), Outgoing(b"b1", b"b", 2), Outgoing(b"none", None, 3)]
    with open_log(tmp_path) as log:
        for batch in (first, [Outgoing(b"a2", b"a", 4), Outgoing(b"none too", None, 5)], [Outgoing(b"a3", b"a", 6)]):
            log.append({"kept": batch, "other": batch})
        log.compact("kept")
        log.compact("kept")
        log.compact("nowhere")
    with open_log(tmp_path) as log:
        values = [(each.offset, each.value) for each in read_all(log, "kept")]
        assert values == [(0, b""), (1, b"b1"), (2, b"none"), (3, b""), (4, b"none too"), (5, b"a3")]
        assert read_all(log, "kept")[0][:4] == ("kept", 0, 0, 1)
        assert read_all(log, "kept")[0].headers == headers
        assert [each.value for each in read_all(log, "other")][:2] == [b"a1", b"b1"]
        log.append({"kept": [Outgoing(b"b2", b"b", 7)]})
        log.compact("kept")
        assert [each.value for each in read_all(log, "kept")][1] == b""
