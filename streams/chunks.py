"""Files of events in chunks, ready for a bus: records by topic, and what cannot become one. Knows no bus."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from lineage.recording import Dead
from schemas.records import JsonRecords
from streams.background import in_background
from streams.recorder import FORBIDDEN, POSITION
from streams.records import Headers, Outgoing
from streams.sources import Source, may_wait, read_source

CHUNK = 4_000
"""Records published in one go; with eight topics a batch is some hundreds of records or more."""

Chunk = list[Source | Dead]


async def read_chunks(name: str, records: JsonRecords) -> AsyncIterator[tuple[Chunk, int]]:
    """Read a file's records in chunks, each with the bytes read so far."""
    chunks = _chunks(read_source(name, records))
    if may_wait(name):
        async for chunk in in_background(chunks):
            yield chunk
        return
    for chunk in chunks:
        yield chunk


async def read_files(names: Sequence[str], records: JsonRecords) -> AsyncIterator[tuple[Chunk, int]]:
    """Read the records of several files in chunks, each with the bytes of them all read so far."""
    done = 0
    for name in names:
        before = done
        async for chunk, in_file in read_chunks(name, records):
            done = before + in_file
            yield chunk, done


def _chunks(sources: Iterable[tuple[Source | Dead, int]]) -> Iterable[tuple[Chunk, int]]:
    chunk: Chunk = []
    read = 0
    for source, read in sources:
        chunk.append(source)
        if len(chunk) == CHUNK:
            yield chunk, read
            chunk = []
    if chunk:
        yield chunk, read


def outgoing(
    chunk: Iterable[Source | Dead], key_of: Callable[[bytes], bytes | None] = lambda _: None
) -> dict[str, list[Outgoing]]:
    """Return the records of a chunk by topic, each with where it stood."""
    batch: dict[str, list[Outgoing]] = {}
    for each in chunk:
        if isinstance(each, Dead):
            continue
        position, encoded = each
        headers: Headers = ((POSITION, position.encode()),)
        if encoded.forbidden:
            headers = (*headers, (FORBIDDEN, ",".join(sorted(encoded.forbidden)).encode()))
        batch.setdefault(encoded.topic, []).append(Outgoing(encoded.record, key_of(encoded.record), headers=headers))
    return batch
