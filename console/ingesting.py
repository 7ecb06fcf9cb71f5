"""The commands that put events in: `ingest` and `simulate`."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import nullcontext
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from console.alarming import told_now
from console.drift_telling import tell_drift
from console.feeding import publish
from console.frames import step_over
from console.logs import log_to_stderr
from console.opening import Folder, opened_for_writing
from console.shapes import Shape, as_json
from console.terminal import DONE, IN_PART, INTERRUPTED, Data, Json, Wait, counted, err, say, settings_of, tell
from lineage.errors import Misconfigured
from schemas.records import JsonRecords
from streams.chunks import Chunk, read_files
from streams.log import Log
from streams.recorder import Recorder, Tally
from streams.records import GROUP
from streams.sources import check_readable

if TYPE_CHECKING:
    from streams.ingest import Ingested
    from streams.shop import Event

SHOWN = 20


def ingest_command(
    context: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="JSON Lines or Avro files; - is standard input.")
    ],
    wait: Wait = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Take events in: into the stream, and through the agents into the graph before it returns.

    With JALKI_KAFKA they are published, and workers record them. Bad records are set aside, sealed, with reason and
    position; the rest goes on and the exit code is 1. The same event is recorded once, however often its file is ingested.
    """
    settings = settings_of(context, data)
    log_to_stderr(settings.log_level, settings.log_format)
    size = sum(check_readable(name) for name in files)
    if settings.kafka is not None:
        raise typer.Exit(IN_PART if publish(settings, settings.kafka, files, size, wait=wait, json=json) else DONE)
    with opened_for_writing(settings) as (folder, recorder, log):
        step_over_unreadable(log)
        counts, seconds = run_ingest(files, size, folder, recorder, log)
        tally = recorder.tally
        told_now(folder.casework, settings.outward)
        tell_drift(folder, log)
        if unread := log.lag(GROUP):
            tell(
                f"{counted(unread, 'record')} wait on topics of event types that are not there now: set JALKI_SCHEMAS as before"
            )
    if json:
        say(as_json(counts_shape(counts, tally)))
    report(counts, tally, seconds)
    raise typer.Exit(IN_PART if tally.dead else DONE)


def step_over_unreadable(log: Log) -> None:
    """Step over the records of an old copy of the stream whose key is destroyed, and say how many they were."""
    if gone := step_over(log):
        tell(
            f"{counted(gone, 'record')} of an old copy of log.db cannot be read by anybody: their key was destroyed when "
            "all of them had been recorded; they are stepped over"
        )


def counts_shape(counts: "Ingested", tally: Tally) -> Shape:
    """Return what became of the records, as JSON."""
    return {
        "read": counts.read,
        "recorded": tally.recorded,
        "repeated": tally.repeated,
        "dead": tally.dead,
        "held_back": tally.held_back,
    }


def run_ingest(files: list[str], size: int, folder: Folder, recorder: Recorder, log: Log) -> tuple["Ingested", float]:
    """Ingest with a progress bar; return the counts and the seconds it took."""
    return run_taking_in(read_files(files, JsonRecords(folder.catalogue)), size, folder, recorder, log)


def run_taking_in(
    chunks: AsyncIterator[tuple[Chunk, int]], size: int, folder: Folder, recorder: Recorder, log: Log
) -> tuple["Ingested", float]:
    """Take in records in chunks, each with the bytes read of `size`, with a progress bar; return counts and seconds."""
    # Faust takes longer to import than any question takes to answer, and only this needs it.
    from streams.ingest import take_in

    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(),
        TextColumn("{task.fields[settled]:>10,} recorded  {task.fields[rate]:>8,.0f}/s"), TimeElapsedColumn(),
        console=err, transient=True, disable=not err.is_terminal,
    )  # fmt: skip
    started = time.monotonic()
    with bar:
        task: TaskID = bar.add_task("ingesting", total=size or None, settled=0, rate=0.0)

        def progress(_counts: "Ingested", tally: Tally, read: int) -> None:
            rate = tally.settled / max(time.monotonic() - started, 0.001)
            bar.update(task, completed=read, settled=tally.settled, rate=rate)

        try:
            counts = asyncio.run(take_in(chunks, log, folder.catalogue.topics, recorder, progress))
        except KeyboardInterrupt:
            tell(INTERRUPTED)
            raise typer.Exit(130) from None
    return counts, time.monotonic() - started


def report(counts: "Ingested", tally: Tally, seconds: float) -> None:
    """Say what became of the records, and of the dead where they stood and why."""
    if counts.left:
        tell(f"{counts.left:,} records that an interrupted run had left behind were recorded first")
    for position, reason in tally.reasons[:SHOWN]:
        tell(f"{position}: {reason}")
    if tally.dead > SHOWN:
        tell(f"… and {tally.dead - SHOWN:,} more: `jalki dead-letters` lists them")
    if tally.late:
        tell(
            f"{counted(tally.late, 'time')} an event spoke of a person who was erased before it came: it is not recorded,"
            " and her case tells who has her still"
        )
    rate = tally.settled / max(seconds, 0.001)
    held = f"  held back {tally.held_back:,}" if tally.held_back else ""
    tell(
        f"read {counts.read:,}  recorded {tally.recorded:,}  repeated {tally.repeated:,}  dead {tally.dead:,}{held}"
        f"  in {seconds:.1f} s ({rate:,.0f}/s)"
    )


def simulate_command(
    persons: Annotated[int, typer.Option("--persons", min=1, max=10_000_000, help="How many persons the shop has.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same shop.")],
    out_file: Annotated[Path | None, typer.Option("--out", help="Write here instead of to stdout.")] = None,
    truth: Annotated[Path | None, typer.Option("--truth", help="Write what the answers must be here, as JSON.")] = None,
) -> None:
    """Write a believable shop's events as JSON Lines: every event type, repeats, late and reordered ones, some drift."""
    from streams.shop import simulate, write_truth  # only this and the demo need a made-up shop

    shop = simulate(persons, seed)
    try:
        with out_file.open("w", encoding="utf-8") if out_file else nullcontext(sys.stdout) as file:
            for event in track(shop, "simulating") if out_file else shop:
                file.write(dumps(event, ensure_ascii=False) + "\n")
        if truth:
            write_truth(truth, shop, shop.planted(), persons=persons, seed=seed)
    except BrokenPipeError:
        raise
    except OSError as cause:
        raise Misconfigured(f"cannot write: {cause.strerror}") from cause


def track(shop: Iterable["Event"], what: str) -> Iterator["Event"]:
    """Count events on stderr while they pass; how many there will be is not known before."""
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,} events"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        for number, event in enumerate(shop, 1):
            if not number % 1000:
                bar.update(task, completed=number)
            yield event
