"""The command `backfill`: a shop's history from its own tables and files, by a mapping that it declares."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from console.alarming import told_now
from console.feeding import publish_chunks
from console.frames import step_over
from console.ingesting import report, run_taking_in
from console.logs import log_to_stderr
from console.opening import catalogue_of, opened_for_writing, register_of
from console.settings import Settings
from console.shapes import Shape, as_json
from console.terminal import DONE, IN_PART, Data, Json, Wait, counted, say, settings_of, tell
from lineage.register import Register
from schemas.catalogue import Catalogue
from schemas.records import JsonRecords
from streams.backfill.checking import check
from streams.backfill.forming import MOST_BAD, Formed, Forming
from streams.backfill.loading import load_backfill
from streams.backfill.mapping import Backfill
from streams.backfill.running import backfill_chunks, check_files
from streams.kafka.access import KafkaAccess
from streams.recorder import Tally

SHOWN = 5
ROWS = 1_000


def backfill_command(
    context: typer.Context,
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING", help="YAML: which rows become which events.")],
    only_check: Annotated[
        bool, typer.Option("--check", help="Try the mapping on the first rows, and record nothing.")
    ] = False,
    rows: Annotated[int, typer.Option("--rows", min=1, help="With --check: how many rows of each file.")] = ROWS,
    most_bad: Annotated[
        int, typer.Option("--most-bad", min=0, help="Stop at more bad rows than this, if a tenth of all are bad.")
    ] = MOST_BAD,
    wait: Wait = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Take a shop's history in, from CSV files or a query, by a declared mapping.

    The same row always makes the same event: run it again, or over an export that overlaps, and nothing is there twice.
    Bad rows are set aside, sealed, with reason and position; the rest goes on and the exit code is 1.
    """
    settings = settings_of(context, data)
    log_to_stderr(settings.log_level, settings.log_format)
    register, catalogue = register_of(settings), catalogue_of(settings)
    declared = load_backfill(mapping, catalogue, [party.id for party in register.parties()])
    if only_check:
        raise typer.Exit(_checked(declared, catalogue, register, rows, json=json))
    size = check_files(declared)
    forming = Forming(declared, JsonRecords(catalogue), most_bad)
    if settings.kafka is None:
        bad = _recorded(settings, declared, forming, size, json=json)
    else:
        bad = _published(settings, settings.kafka, declared, forming, size, wait=wait, json=json)
    raise typer.Exit(IN_PART if bad or forming.formed.stopped else DONE)


def _checked(mapping: Backfill, catalogue: Catalogue, register: Register, rows: int, *, json: bool) -> int:
    """Try a mapping, and say what the first rows are; return the exit code."""
    formed, tables = check(mapping, catalogue, register.is_party, rows)
    if json:
        say(as_json(_checked_shape(formed)))
    for name, unused in tables:
        tell(f"{name}: not used: {', '.join(unused) or 'nothing; all columns are used'}")
    _tell_kinds(formed.kinds, formed.first)
    _tell_rows(formed, f"  bad {formed.bad:,}: nothing was recorded")
    return IN_PART if formed.bad else DONE


def _published(
    settings: Settings, access: KafkaAccess, mapping: Backfill, forming: Forming, size: int, *, wait: bool, json: bool
) -> int:
    """Publish the events of all rows and say what became of them; return how many rows were bad input."""
    bad = publish_chunks(
        settings,
        access,
        lambda _, recorder: backfill_chunks(mapping, forming, lambda: recorder.tally.dead),
        size,
        wait=wait,
        json=json,
        also=lambda: _rows_shape(forming.formed),
    )
    _tell_rows(forming.formed)
    _tell_stopped(forming.formed, ())
    return bad


def _recorded(settings: Settings, mapping: Backfill, forming: Forming, size: int, *, json: bool) -> int:
    """Record all rows in the embedded graph and say what became of them; return how many were bad input."""
    with opened_for_writing(settings) as (folder, recorder, log):
        if gone := step_over(log):
            tell(f"{counted(gone, 'record')} of an old copy of log.db can be read by nobody: they are stepped over")
        chunks = backfill_chunks(mapping, forming, lambda: recorder.tally.dead)
        counts, seconds = run_taking_in(chunks, size, folder, recorder, log)
        tally = recorder.tally
        told_now(folder.casework, settings.outward)
    if json:
        say(as_json({**_rows_shape(forming.formed), **_tally_shape(counts.read, tally)}))
    report(counts, tally, seconds)
    _tell_rows(forming.formed)
    _tell_stopped(forming.formed, tally.reasons)
    return tally.dead


def _tell_rows(formed: Formed, also: str = "") -> None:
    tell(f"rows {formed.rows:,}  left out {formed.passed:,}  events {formed.events:,}{also}")


def _tell_stopped(formed: Formed, recorded: Sequence[tuple[str, str]]) -> None:
    """Say why it stopped, by kinds of fault, and what to do; `recorded` are (position, reason) of bad input."""
    if not formed.stopped:
        return
    # Whoever records names the first thousand alone, but knows faults that a row does not show.
    if len(recorded) > formed.bad:
        _tell_kinds(Counter(reason for _, reason in recorded), {reason: at for at, reason in reversed(recorded)})
    else:
        _tell_kinds(formed.kinds, formed.first)
    tell(
        f"stopped after {counted(formed.rows, 'row')}: too many are bad. Correct the mapping or the rows above and give"
        " it again: what is recorded stays, and is not recorded twice. --most-bad allows more"
    )


def _tell_kinds(kinds: Counter[str], first: Mapping[str, str]) -> None:
    for reason, times in kinds.most_common(SHOWN):
        tell(f"{times:,} × {reason}, first at {first[reason]}")


def _rows_shape(formed: Formed) -> Shape:
    return {"rows": formed.rows, "left_out": formed.passed, "stopped": formed.stopped}


def _tally_shape(read: int, tally: Tally) -> Shape:
    return {
        "read": read,
        "recorded": tally.recorded,
        "repeated": tally.repeated,
        "dead": tally.dead,
        "held_back": tally.held_back,
    }


def _checked_shape(formed: Formed) -> Shape:
    faults = [
        {"reason": reason, "rows": times, "first": formed.first[reason]}
        for reason, times in sorted(formed.kinds.items())
    ]
    return {
        "rows": formed.rows,
        "left_out": formed.passed,
        "events": formed.events,
        "bad": formed.bad,
        "faults": faults,
    }
