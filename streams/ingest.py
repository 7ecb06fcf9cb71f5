"""Ingest: files of events onto the bus, and through the agents into the graph before it returns.

The same road for `ingest`, `demo` and the benchmarks. Knows no console.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from lineage.recording import Dead
from schemas.records import JsonRecords
from streams.app import Backoff, build_app, waited_out
from streams.background import in_background
from streams.embedded import SCHEME
from streams.log import Log
from streams.recorder import FORBIDDEN, POSITION, Recorder, Tally
from streams.records import Headers, Outgoing, Record
from streams.running import embedded
from streams.sources import Source, may_wait, read_source

CHUNK = 4_000
"""Records published in one transaction of the log; with eight topics a batch is some hundreds of records or more."""


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
    counts = Ingested()
    loop = asyncio.get_running_loop()
    # One thread writes. SQLite lets the interpreter go while it works, so the loop reads on meanwhile.
    with ThreadPoolExecutor(1, thread_name_prefix="recorder") as writer:

        async def handle(batch: Sequence[Record]) -> None:
            await loop.run_in_executor(writer, recorder.record, batch)

        async def bury(dead: Sequence[Dead]) -> None:
            await loop.run_in_executor(writer, recorder.bury, dead)

        async with embedded(build_app(f"{SCHEME}://embedded", topics, handle), log) as bus:
            await bus.drain()
            counts.left = recorder.tally.settled
            recorder.tally = Tally()
            done = 0
            for name in names:
                before = done
                async for chunk, in_file in _read(name, records):
                    counts.read += len(chunk)
                    if dead := [each for each in chunk if isinstance(each, Dead)]:
                        await waited_out(partial(bury, dead), name, Backoff())
                    await bus.publish(_outgoing(each for each in chunk if isinstance(each, Source)))
                    done = before + in_file
                    progress(counts, recorder.tally, done)
            await bus.drain()
            progress(counts, recorder.tally, done)
    return counts


async def _read(name: str, records: JsonRecords) -> AsyncIterator[tuple[list[Source | Dead], int]]:
    chunks = _chunks(read_source(name, records))
    if may_wait(name):
        async for chunk in in_background(chunks):
            yield chunk
        return
    for chunk in chunks:
        yield chunk


def _chunks(sources: Iterable[tuple[Source | Dead, int]]) -> Iterable[tuple[list[Source | Dead], int]]:
    chunk: list[Source | Dead] = []
    read = 0
    for source, read in sources:
        chunk.append(source)
        if len(chunk) == CHUNK:
            yield chunk, read
            chunk = []
    if chunk:
        yield chunk, read


def _outgoing(sources: Iterable[Source]) -> dict[str, list[Outgoing]]:
    batch: dict[str, list[Outgoing]] = {}
    for position, encoded in sources:
        headers: Headers = ((POSITION, position.encode()),)
        if encoded.forbidden:
            headers = (*headers, (FORBIDDEN, ",".join(sorted(encoded.forbidden)).encode()))
        batch.setdefault(encoded.topic, []).append(Outgoing(encoded.record, headers=headers))
    return batch
