"""Files of events onto Kafka, for workers to record. What cannot become a record is set aside at once. Knows no console."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lineage.recording import Dead
from schemas.records import JsonRecords
from streams.chunks import outgoing, read_chunks
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
    counts, done = Fed(), 0
    for name in names:
        before = done
        async for chunk, in_file in read_chunks(name, records):
            dead = [each for each in chunk if isinstance(each, Dead)]
            batch = outgoing(chunk, recorder.key_of)
            await asyncio.to_thread(_publish, publisher, batch, dead, recorder)
            counts.read += len(chunk)
            counts.dead += len(dead)
            counts.published += len(chunk) - len(dead)
            done = before + in_file
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
