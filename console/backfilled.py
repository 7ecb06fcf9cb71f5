"""A backfill carried out: its mapping tried, or its rows published or recorded, and what is said of them.

For `console.backfilling` alone, which loads this when it runs.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from console.alarming import told_now
from console.drift_telling import tell_drift
from console.feeding import publish_chunks
from console.ingesting import counts_shape, report, run_taking_in, step_over_unreadable
from console.opening import catalogue_of, opened_for_writing, register_of
from console.settings import Settings
from console.shapes import Shape, as_json
from console.terminal import DONE, IN_PART, counted, say, tell
from lineage.register import Register
from schemas.catalogue import Catalogue
from schemas.records import JsonRecords
from streams.backfill.checking import check
from streams.backfill.forming import Formed, Forming
from streams.backfill.loading import load_backfill
from streams.backfill.mapping import Backfill
from streams.backfill.running import backfill_chunks, check_files
from streams.kafka.access import KafkaAccess

SHOWN = 5


def tried(settings: Settings, file: Path, rows: int, *, json: bool) -> int:
    """Try the mapping in a file on the first rows of each table, and say what they are; return the exit code.

    Raises: Misconfigured, Retryable: as `load_backfill` and `check`.
    """
    mapping, catalogue, register = _declared(settings, file)
    formed, tables = check(mapping, catalogue, register.is_party, rows)
    if json:
        say(as_json(_checked_shape(formed)))
    for name, unused in tables:
        tell(f"{name}: not used: {', '.join(unused) or 'nothing; all columns are used'}")
    _tell_kinds(formed.kinds, formed.first)
    _tell_rows(formed, f"  bad {formed.bad:,}: nothing was recorded")
    return IN_PART if formed.bad else DONE


def taken_in(settings: Settings, file: Path, most_bad: int, *, wait: bool, json: bool) -> int:
    """Take all rows in by the mapping in a file, and say what became of them; return the exit code.

    Raises: Misconfigured, Retryable, Refused: a table or a store cannot be used; what came before stays.
    """
    mapping, catalogue, _ = _declared(settings, file)
    size = check_files(mapping)
    forming = Forming(mapping, JsonRecords(catalogue), most_bad)
    if settings.kafka is None:
        bad = _recorded(settings, mapping, forming, size, json=json)
    else:
        bad = _published(settings, settings.kafka, mapping, forming, size, wait=wait, json=json)
    return IN_PART if bad or forming.formed.stopped else DONE


def _declared(settings: Settings, file: Path) -> tuple[Backfill, Catalogue, Register]:
    register, catalogue = register_of(settings), catalogue_of(settings)
    return load_backfill(file, catalogue, [party.id for party in register.parties()]), catalogue, register


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
        step_over_unreadable(log)
        chunks = backfill_chunks(mapping, forming, lambda: recorder.tally.dead)
        counts, seconds = run_taking_in(chunks, size, folder, recorder, log)
        tally = recorder.tally
        told_now(folder.casework, settings.outward)
        tell_drift(folder, log)
    if json:
        say(as_json({**_rows_shape(forming.formed), **counts_shape(counts, tally)}))
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
