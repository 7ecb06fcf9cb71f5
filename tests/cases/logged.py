"""A stage with its log of cases beside it: what a shop's folder holds, opened, copied, lost in part and opened again."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from console.frames import Frames
from console.opening import BUS, LOG
from lineage.cases.case import Case
from streams.case_log import EmbeddedCaseLog
from streams.log import Log
from streams.outbox import Outbox
from tests.cases.events import account, mailed, order, payment, shipment, subscribed
from tests.cases.stage import Parties, Stage, staged

BEFORE, ASKED, LATER = "2026-03-01T09:00:00+02:00", "2026-05-01T10:00:00+03:00", "2026-05-20T10:00:00+03:00"
OVER = "2034-05-01T10:00:00+03:00"
HER, OTHER = ("customer_id", "C-1"), ("customer_id", "C-2")
EVENTS: Sequence[Mapping[str, Any]] = [
    {**each, "event_id": f"x-{number}", "occurred_at": BEFORE}
    for number, each in enumerate(
        [account(phone="0401234567"), order(), shipment(), payment(), subscribed(), mailed(),
         account(customer_id="C-2", email="beata@example.fi"), mailed("beata@example.fi", customer_id="C-2")]
    )
]  # fmt: skip


@contextmanager
def logged(folder: Path, now: str = BEFORE, parties: Parties | None = None) -> Iterator[tuple[Stage, EmbeddedCaseLog]]:
    """Open a shop's folder and the log in it; as this ends the log gets what it has not."""
    with (
        staged(folder, now, parties) as stage,
        Log(folder / "data" / LOG, Frames(stage.work.keyring, stage.work.keyring.keys((BUS,))[BUS])) as log,
    ):
        yield stage, EmbeddedCaseLog(log)
        Outbox(stage.work.journal, EmbeddedCaseLog(log)).flush()


def erase(stage: Stage, *named: tuple[str, str]) -> Case:
    """Erase a person, as far as it goes now."""
    return stage.approve(stage.preview(stage.open("erasure", *(named or (HER,)))))


def erased(folder: Path, parties: Parties | None = None, *, closed: bool = False) -> Parties:
    """Make a shop with two persons, one of whom is erased: until what the law keeps, or, `closed`, with that gone too."""
    parties = parties or Parties()
    with logged(folder, parties=parties) as (stage, _):
        stage.record(*EVENTS)
        stage.at(ASKED)
        case = erase(stage)
        if closed:
            stage.at(OVER)
            assert stage.run(case).state == "closed"
    return parties


def saved(folder: Path, name: str, to: Path) -> None:
    """Copy one database of a closed folder, with all that belongs to it."""
    to.mkdir(exist_ok=True)
    for path in (folder / "data").glob(f"{name}*"):
        shutil.copy(path, to)


def lost(folder: Path, name: str) -> None:
    """Take one database away."""
    for path in (folder / "data").glob(f"{name}*"):
        path.unlink()


def restored(folder: Path, name: str, saved_in: Path) -> None:
    """Put an old copy of one database in its place."""
    lost(folder, name)
    for path in saved_in.glob(f"{name}*"):
        shutil.copy(path, folder / "data")


def standing(stage: Stage) -> Any:
    """All that cases and the record tell of whoever was erased, whatever the numbers of events."""
    cases = {row.case: stage.work.journal.entries(row.case) for row in stage.work.journal.cases()}
    rows = [*stage.work.journal.cases(), *stage.work.journal.parties_due(1 << 62)]
    stones = stage.work.memory.tombstones()
    return cases, rows, stones, stage.holders(*HER), stage.holders("email", "anna@example.fi"), stage.holders(*OTHER)
