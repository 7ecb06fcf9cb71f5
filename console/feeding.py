"""`ingest` where the stream is Kafka: files are published, and workers record them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from console.opening import Folder, opened_for_recording
from console.settings import Settings
from console.shapes import Shape, as_json
from console.terminal import INTERRUPTED, err, say, tell
from schemas.records import JsonRecords
from streams.chunks import Chunk, read_files
from streams.kafka.access import KafkaAccess
from streams.recorder import Recorder
from streams.records import GROUP, Partition

if TYPE_CHECKING:
    from streams.feeding import Fed

LOOK_SECONDS = 0.5
SHOWN = 20


Chunks = Callable[[Folder, Recorder], AsyncIterator[tuple[Chunk, int]]]
"""What makes the records to publish, in chunks, each with the bytes read so far."""


def publish(settings: Settings, access: KafkaAccess, files: list[str], size: int, *, wait: bool, json: bool) -> int:
    """Publish files, wait for workers if so told, say what was done; return how many records were bad input."""
    return publish_chunks(
        settings,
        access,
        lambda folder, _: read_files(files, JsonRecords(folder.catalogue)),
        size,
        wait=wait,
        json=json,
    )


def publish_chunks(
    settings: Settings,
    access: KafkaAccess,
    chunks: Chunks,
    size: int,
    *,
    wait: bool,
    json: bool,
    also: Callable[[], Shape] = dict,
) -> int:
    """Publish records in chunks, with a progress bar over `size` bytes; else as `publish`. `also` stands before its counts."""
    with opened_for_recording(settings) as (folder, recorder):
        try:
            counts, offsets = _published(access, chunks(folder, recorder), size, folder, recorder)
            if wait:
                asyncio.run(_recorded(access, offsets))
        except KeyboardInterrupt:
            tell(INTERRUPTED)
            raise typer.Exit(130) from None
    if json:
        shape = {
            **also(),
            "read": counts.read,
            "published": counts.published,
            "recorded": None,
            "repeated": None,
            "dead": counts.dead,
        }
        say(as_json(shape))
    for position, reason in recorder.tally.reasons[:SHOWN]:
        tell(f"{position}: {reason}")
    after = "and recorded by workers" if wait else "for workers to record: `jalki doctor` tells how far they are"
    tell(f"read {counts.read:,}  published {counts.published:,}  dead {counts.dead:,}, {after}")
    return counts.dead


def _published(
    access: KafkaAccess, chunks: AsyncIterator[tuple[Chunk, int]], size: int, folder: Folder, recorder: Recorder
) -> tuple["Fed", Mapping[Partition, int]]:
    # kafka-python takes longer to import than any question takes to answer.
    from streams.feeding import feed_chunks
    from streams.kafka.preflight import check
    from streams.kafka.publishing import Publisher

    check(access, folder.catalogue.topics, GROUP)
    text = TextColumn("{task.fields[published]:>10,} published")
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), text, TimeElapsedColumn())
    with (
        Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar,
        Publisher(access) as publisher,
    ):
        task = bar.add_task("publishing", total=size or None, published=0)

        def progress(counts: "Fed", read: int) -> None:
            bar.update(task, completed=read, published=counts.published)

        counts = asyncio.run(feed_chunks(chunks, publisher, recorder, progress))
        return counts, dict(publisher.offsets)


async def _recorded(access: KafkaAccess, offsets: Mapping[Partition, int]) -> None:
    """Return when workers have committed all that was published. There is no word from them but that."""
    from streams.kafka.lag import settled

    columns = (SpinnerColumn(), TextColumn("waiting for workers"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        bar.add_task("waiting", total=None)
        while not await asyncio.to_thread(settled, access, GROUP, offsets):  # noqa: ASYNC110 - Kafka tells nobody of commits
            await asyncio.sleep(LOOK_SECONDS)
