"""Ingest: files of events onto the bus, and through the agents into the graph before it returns.

The same road for `ingest`, `demo` and the benchmarks. Knows no console.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from lineage.recording import Dead
from schemas.records import JsonRecords
from streams.app import build_app
from streams.chunks import Chunk, outgoing, read_files
from streams.embedded import SCHEME
from streams.groupcommit import group_commit
from streams.log import Log
from streams.recorder import Recorder, Tally
from streams.running import embedded

AHEAD = 2
"""Batches of a topic that are prepared or written at a time."""


@dataclass(slots=True)
class Ingested:
    """Counts of one run. `left` are records that an earlier run had put on the bus and not recorded."""

    read: int = 0
    left: int = 0


Progress = Callable[[Ingested, Tally, int], None]


async def ingest(
    names: Sequence[str],
    log: Log,
    topics: Sequence[str],
    records: JsonRecords,
    recorder: Recorder,
    progress: Progress = lambda _counts, _tally, _bytes: None,
) -> Ingested:
    """Read files (`-`: standard input) and return when all of it is recorded. `progress` also gets the bytes read.

    Raises: Refused, Retryable, Misconfigured: what is recorded by then stays; the rest can be ingested again.
    """
    return await take_in(read_files(names, records), log, topics, recorder, progress)


async def take_in(
    chunks: AsyncIterator[tuple[Chunk, int]],
    log: Log,
    topics: Sequence[str],
    recorder: Recorder,
    progress: Progress = lambda _counts, _tally, _bytes: None,
) -> Ingested:
    """Take in records in chunks, each with the bytes read so far, and return when all of it is recorded. Raises: as `ingest`."""
    counts = Ingested()
    # One thread: SQLite lets the interpreter go while it works, so the loop reads on meanwhile.
    async with group_commit(recorder, threads=1) as group:
        app = build_app(f"{SCHEME}://embedded", topics, group.handle, ahead=AHEAD)
        async with embedded(app, log) as bus:
            await bus.drain()
            counts.left = recorder.tally.settled
            recorder.tally = Tally()
            done = 0
            async for chunk, done in chunks:
                counts.read += len(chunk)
                if dead := [each for each in chunk if isinstance(each, Dead)]:
                    await group.write(Recorder.buried(dead))
                await bus.publish(outgoing(chunk))
                progress(counts, recorder.tally, done)
            await bus.drain()
            progress(counts, recorder.tally, done)
    return counts
