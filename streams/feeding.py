"""Files of events onto Kafka, for workers to record. What cannot become a record is set aside at once. Knows no console."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass

from lineage.recording import Dead
from schemas.records import JsonRecords
from streams.chunks import Chunk, outgoing, read_files
from streams.kafka.publishing import Publisher
from streams.recorder import Recorder
from streams.records import Outgoing


@dataclass(slots=True)
class Fed:
    """Counts of one run: records read, published and confirmed, and set aside."""

    read: int = 0
    published: int = 0
    dead: int = 0


async def feed(
    names: Sequence[str],
    publisher: Publisher,
    records: JsonRecords,
    recorder: Recorder,
    progress: Callable[[Fed, int], None] = lambda _counts, _bytes: None,
) -> Fed:
    """Publish files (`-`: standard input), and return when all of it is confirmed. `progress` also gets the bytes read.

    Raises: Refused, Retryable, Misconfigured: what is published stays; all of it can be given again.
    """
    return await feed_chunks(read_files(names, records), publisher, recorder, progress)


async def feed_chunks(
    chunks: AsyncIterator[tuple[Chunk, int]],
    publisher: Publisher,
    recorder: Recorder,
    progress: Callable[[Fed, int], None] = lambda _counts, _bytes: None,
) -> Fed:
    """Publish records in chunks, each with the bytes read so far; return when all of it is confirmed. Raises: as `feed`."""
    counts = Fed()
    async for chunk, done in chunks:
        dead = [each for each in chunk if isinstance(each, Dead)]
        batch = outgoing(chunk, recorder.key_of)
        await asyncio.to_thread(_publish, publisher, batch, dead, recorder)
        counts.read += len(chunk)
        counts.dead += len(dead)
        counts.published += len(chunk) - len(dead)
        progress(counts, done)
    return counts


def _publish(
    publisher: Publisher, batch: Mapping[str, Sequence[Outgoing]], dead: list[Dead], recorder: Recorder
) -> None:
    for topic, records in batch.items():
        publisher.publish(topic, records)
    publisher.flush()
    if dead:
        recorder.write([Recorder.buried(dead)])
