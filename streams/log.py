"""The durable log of the embedded bus: topics, partitions, offsets and readers' progress, in one file of one process.

A row holds a frame of many records, sealed by whoever opens the log: nothing personal is readable in the file.
Must not know Faust, nor what a record says.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from lineage.errors import Misconfigured
from streams.logfile import faults, open_file, transaction
from streams.records import Outgoing, Partition, Record, columns, pack, partition_of, records, unpack
from streams.window import Window

__all__ = ["Log", "Outgoing", "Partition", "Record", "Seal"]

FRAME_RECORDS = 2_000
FRAME_BYTES = 4_000_000
IN_MEMORY_BYTES = 8_000_000


class Passed(Misconfigured):
    """The key of a frame was destroyed: nobody can read it any more, and it is not damaged."""


class Seal(Protocol):
    """Encrypts a frame under a key of the installation, bound to its place, so that frames cannot be exchanged."""

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """The frame, unreadable and tamper-evident."""

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """The frame again. Raises Passed where its key was destroyed, else what it raises for a wrong key, place or content."""


class _Lane:
    """One partition of one topic, as it is known in memory; the file holds the same."""

    __slots__ = ("committed", "end", "id", "place", "window")

    def __init__(self, lane: int, place: Partition, end: int) -> None:
        self.id = lane
        self.place = place
        self.end = end
        self.committed: dict[str, int] = {}
        self.window = Window()

    def bound_to(self, first: int, count: int) -> bytes:
        return f"log|{self.place[0]}|{self.place[1]}|{first}|{count}".encode()


def _now_us() -> int:
    return time.time_ns() // 1_000


class Log:
    """Use it from one thread.

    Every method raises Misconfigured for a damaged file, Refused for a full disk and Retryable for other faults of the
    disk; then nothing of that call was written.
    """

    def __init__(self, path: Path, seal: Seal, *, clock: Callable[[], int] = _now_us) -> None:
        """Opens or makes the file; `clock` gives microseconds since 1970. Raises as `open_file` does."""
        self._path = path
        self._seal = seal
        self._clock = clock
        self._turn = 0
        self._in_memory = 0
        self._watchers: list[Callable[[], None]] = []
        self._topics: dict[str, list[_Lane]] = {}
        self._file = open_file(path)
        try:
            self._recall()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file. What was appended and committed stays."""
        with faults(self._path):
            self._file.close()

    def _recall(self) -> None:
        with faults(self._path):
            by_id = {}
            for lane, topic, partition, end in self._file.execute("SELECT * FROM lane ORDER BY topic, partition"):
                by_id[lane] = _Lane(lane, (topic, partition), end)
                self._topics.setdefault(topic, []).append(by_id[lane])
            for reader, lane, offset in self._file.execute("SELECT reader, lane, offset FROM committed"):
                by_id[lane].committed[reader] = offset

    # topics and readers

    def declare(self, topic: str, partitions: int = 1) -> int:
        """Makes the topic unless it is there. Returns how many partitions it has, which never changes."""
        if topic not in self._topics:
            with faults(self._path), transaction(self._file):
                new = "INSERT INTO lane (topic, partition, end) VALUES (?, ?, 0) RETURNING id"
                ids = [self._file.execute(new, (topic, number)).fetchone()[0] for number in range(partitions)]
            self._topics[topic] = [_Lane(lane, (topic, number), 0) for number, lane in enumerate(ids)]
        return len(self._topics[topic])

    def topics(self) -> Mapping[str, int]:
        """Every topic with the number of its partitions."""
        return {topic: len(lanes) for topic, lanes in self._topics.items()}

    def subscribe(self, reader: str, topics: Iterable[str]) -> None:
        """From now on nothing of these topics is deleted before `reader` has committed it.

        A new reader begins at the earliest record that is still kept. Unknown topics are made, with one partition.
        """
        for topic in topics:
            self.declare(topic)
            new = {lane.place: self.begin(*lane.place) for lane in self._topics[topic] if reader not in lane.committed}
            self._remember(reader, new)

    def begin(self, topic: str, partition: int) -> int:
        """The offset of the earliest record still kept, or `end` when there is none."""
        lane = self._lane(topic, partition)
        with faults(self._path):
            (first,) = self._file.execute("SELECT min(first) FROM chunk WHERE lane = ?", (lane.id,)).fetchone()
        return lane.end if first is None else int(first)

    def end(self, topic: str, partition: int) -> int:
        """The offset that the next record will have. It never goes back."""
        return self._lane(topic, partition).end

    # writing

    def append(self, batch: Mapping[str, Sequence[Outgoing]]) -> dict[Partition, range]:
        """Writes all records of all topics, or none, in one transaction. Returns the offsets they got.

        Unknown topics are made, with one partition. Raises Misconfigured for a partition that is not there.
        """
        for topic in batch:
            self.declare(topic)
        spread = [part for topic, outgoing in batch.items() if outgoing for part in self._spread(topic, outgoing)]
        with faults(self._path), transaction(self._file):
            written = [(lane, *self._write(lane, outgoing)) for lane, outgoing in spread]
        offsets = {}
        for lane, new, size in written:
            offsets[lane.place] = range(lane.end, lane.end + len(new))
            lane.end += len(new)
            read = lane.committed  # without a reader it would stay for ever
            if read and self._in_memory + size <= IN_MEMORY_BYTES and lane.window.add(new, size):
                self._in_memory += size
        self._tell()
        return offsets

    def _spread(self, topic: str, batch: Sequence[Outgoing]) -> Iterable[tuple[_Lane, Sequence[Outgoing]]]:
        lanes = self._topics[topic]
        if len(lanes) == 1 and {each.partition for each in batch} <= {None, 0}:  # nearly always
            return [(lanes[0], batch)]
        by_partition: dict[int, list[Outgoing]] = {}
        for each in batch:
            self._turn += 1
            by_partition.setdefault(partition_of(each, len(lanes), self._turn), []).append(each)
        return [(self._lane(topic, number), part) for number, part in by_partition.items()]

    def _write(self, lane: _Lane, batch: Sequence[Outgoing]) -> tuple[list[Record], int]:
        now_ms = self._clock() // 1_000
        rows, made, size = [], list[Record](), 0
        step = max(1, min(FRAME_RECORDS, FRAME_BYTES * len(batch) // (1 + sum(len(each.value) for each in batch))))
        for start in range(0, len(batch), step):
            frame = columns(batch[start : start + step], now_ms)
            first = lane.end + len(made)
            new = records(*lane.place, first, frame)
            plain = pack(frame)
            rows.append((lane.id, first, len(new), self._seal.seal(plain, lane.bound_to(first, len(new)))))
            made += new
            size += len(plain)
        self._file.executemany("INSERT INTO chunk (lane, first, count, sealed) VALUES (?, ?, ?, ?)", rows)
        self._file.execute("UPDATE lane SET end = ? WHERE id = ?", (lane.end + len(made), lane.id))
        return made, size

    # reading

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on, in order; fewer does not mean that there are no more, none does.

        Where `offset` is deleted already, it begins with the earliest record that is kept.
        """
        lane = self._lane(topic, partition)
        if offset >= lane.end:
            return []
        found = lane.window.read(offset, limit)
        if not found:
            self._load(lane, offset, limit)
            found = lane.window.read(max(offset, lane.window.first), limit)
        return found

    def _load(self, lane: _Lane, offset: int, limit: int) -> None:
        """Puts the frames from the one that holds `offset` on, or from the next there is, into the window."""
        containing = "SELECT max(first) FROM chunk WHERE lane = ?1 AND first <= ?2 AND first + count > ?2"
        frames = "SELECT first, count, sealed FROM chunk WHERE lane = ? AND first >= ? ORDER BY first"
        self._in_memory -= lane.window.size
        lane.window.clear()
        with faults(self._path):
            (start,) = self._file.execute(containing, (lane.id, offset)).fetchone()
            for first, count, sealed in self._file.execute(frames, (lane.id, offset if start is None else start)):
                plain = self._seal.open(sealed, lane.bound_to(first, count))
                lane.window.add(records(*lane.place, first, unpack(plain)), len(plain))
                if lane.window.end >= max(offset, lane.window.first) + limit:
                    break
        self._in_memory += lane.window.size

    def step_over(self, topics: Iterable[str]) -> int:
        """Deletes the frames at the beginning of these topics whose key was destroyed: an old copy brought them back.

        Returns how many of their records a reader still wanted. Raises what the seal raises for a frame that is damaged.
        """
        lanes = [lane for topic in topics for lane in self._topics[topic]]
        return sum(self._step_over(lane) for lane in lanes)

    def _step_over(self, lane: _Lane) -> int:
        ask = "SELECT first, count, sealed FROM chunk WHERE lane = ? ORDER BY first"
        end, wanted, begin = None, 0, min(lane.committed.values(), default=0)
        with faults(self._path):
            for first, count, sealed in self._file.execute(ask, (lane.id,)):
                try:  # a key is new only when nothing is left that the one before opens: behind this there is none
                    self._seal.open(sealed, lane.bound_to(first, count))
                    break
                except Passed:
                    end = first + count
                    wanted += max(0, end - max(first, begin))
        if end is None:
            return 0
        with faults(self._path), transaction(self._file):
            self._file.execute("DELETE FROM chunk WHERE lane = ? AND first < ?", (lane.id, end))
            self._file.execute("UPDATE committed SET offset = ? WHERE lane = ? AND offset < ?", (end, lane.id, end))
        lane.committed = {reader: max(offset, end) for reader, offset in lane.committed.items()}
        self._in_memory -= lane.window.size
        lane.window.cut(end)
        self._in_memory += lane.window.size
        return wanted

    def compact(self, topic: str) -> None:
        """Empty every record of a topic that one of the same key has followed; offsets stay. For topics without a reader."""
        for lane in self._topics.get(topic, ()):
            frames = "SELECT first, count, sealed FROM chunk WHERE lane = ? ORDER BY first DESC"
            change = "UPDATE chunk SET sealed = ? WHERE lane = ? AND first = ?"
            seen: set[bytes | None] = set()
            with faults(self._path), transaction(self._file):
                for first, count, sealed in self._file.execute(frames, (lane.id,)).fetchall():
                    bound = lane.bound_to(first, count)
                    if (left := _compacted(self._seal.open(sealed, bound), count, seen)) is not None:
                        self._file.execute(change, (self._seal.seal(left, bound), lane.id, first))
            self._in_memory -= lane.window.size
            lane.window.clear()

    # progress

    def committed(self, reader: str) -> dict[Partition, int]:
        """The next offset `reader` wants, for every partition it is subscribed to."""
        return {lane.place: lane.committed[reader] for lane in self._lanes() if reader in lane.committed}

    def lag(self, reader: str, topics: Collection[str] | None = None) -> int:
        """How many records `reader` has still to commit, of these topics or of all. Costs no disk."""
        return sum(
            lane.end - lane.committed[reader]
            for lane in self._lanes()
            if reader in lane.committed and (topics is None or lane.place[0] in topics)
        )

    def commit(self, reader: str, offsets: Mapping[Partition, int]) -> None:
        """`reader` wants nothing before these offsets any more. An earlier offset than before changes nothing.

        Frames that every reader of the topic has committed are deleted in the same transaction.
        Raises Misconfigured for an offset that is not written yet.
        """
        ahead = {place: offset for place, offset in offsets.items() if offset > self._lane(*place).end}
        if ahead:
            raise Misconfigured(f"{reader} cannot commit what is not written: {ahead}")
        self._remember(reader, {at: to for at, to in offsets.items() if to > self._lane(*at).committed.get(reader, -1)})

    def _remember(self, reader: str, offsets: Mapping[Partition, int]) -> None:
        if not offsets:
            return
        moved = [(self._lane(*place), offset) for place, offset in offsets.items()]
        done = [(lane, min({**lane.committed, reader: offset}.values())) for lane, offset in moved]
        with faults(self._path), transaction(self._file):
            self._file.executemany(
                "INSERT INTO committed VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset",
                [(reader, lane.id, offset) for lane, offset in moved],
            )
            self._file.executemany(
                "DELETE FROM chunk WHERE lane = ?1 AND first < ?2 AND first + count <= ?2",
                [(lane.id, offset) for lane, offset in done],
            )
        for lane, offset in moved:
            lane.committed[reader] = offset
        for lane, offset in done:
            self._in_memory -= lane.window.size
            lane.window.cut(offset)
            self._in_memory += lane.window.size
        self._tell()

    # the rest

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Calls `changed` after every append and commit of this process. Returns how to end that."""
        self._watchers.append(changed)
        return lambda: self._watchers.remove(changed)

    def _tell(self) -> None:
        for changed in self._watchers:
            changed()

    def _lanes(self) -> Iterable[_Lane]:
        return (lane for lanes in self._topics.values() for lane in lanes)

    def _lane(self, topic: str, partition: int) -> _Lane:
        lanes = self._topics.get(topic, ())
        if not 0 <= partition < len(lanes):
            raise Misconfigured(f"the log has no partition {partition} of topic {topic}: it has {len(lanes)} of them")
        return lanes[partition]


def _compacted(frame: bytes, count: int, seen: set[bytes | None]) -> bytes | None:
    """Return a frame without the values whose keys came later; None where it stays as it is. `seen` gets its keys."""
    times, keys, values, headers = unpack(frame)
    names, kept = list(keys), list(values)
    before = list(kept)
    for place in reversed(range(count)):
        if names[place] is not None and names[place] in seen:
            kept[place] = b""
        seen.add(names[place])
    return None if kept == before else pack((times, names, kept, list(islice(headers, count))))
