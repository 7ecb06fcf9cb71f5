"""An old copy of any one database, or of none, brought back: whoever was erased stays erased, and it is told what was done."""

from pathlib import Path

import pytest

from lineage.cases.lifting import lift
from lineage.cases.restoring import Checked, Mended
from lineage.cases.subjects import name
from lineage.cases.taking_in import TakenIn
from lineage.graph import NOW
from streams.case_log import EmbeddedCaseLog
from streams.catching_up import catch_up, check_all
from tests.cases.events import mailed
from tests.cases.logged import (
    ASKED,
    BEFORE,
    EVENTS,
    HER,
    LATER,
    OTHER,
    OVER,
    erase,
    erased,
    logged,
    lost,
    restored,
    saved,
    standing,
)
from tests.cases.stage import Parties, Stage, iso

ALL = ("graph.db", "keys.db", "log.db")


def shop(folder: Path) -> Path:
    """Make a shop whose every database was copied when a person had asked to be erased, and who then was; return the copy."""
    with logged(folder) as (stage, _):
        stage.record(*EVENTS)
        stage.at(ASKED)
        stage.open("erasure", HER)
    for each in ALL:
        saved(folder, each, folder / "old")
    with logged(folder, ASKED) as (stage, _):
        case = stage.work.case(stage.work.journal.cases()[0].case)
        stage.approve(stage.preview(case))
    return folder / "old"


def looked(folder: Path, now: str = LATER) -> tuple[TakenIn, Checked, int]:
    with logged(folder, now) as (stage, log):
        return check_all(stage.work, log)


def is_erased(stage: Stage) -> None:
    assert stage.holders(*HER) == stage.holders("email", "anna@example.fi") == set()
    stones = {each.key for each in stage.work.memory.tombstones()}
    assert stage.key(*HER) in stones
    assert not stage.work.keyring.find(stones)
    assert not stage.work.graph.disclosures(stones, NOW)
    assert stage.holders(*OTHER)
    assert stage.record(mailed(occurred_at=BEFORE, event_id="late")).held_back == 1


@pytest.mark.parametrize("back", [(), ("graph.db",), ("keys.db",), ("log.db",), ("graph.db", "keys.db"), ("graph.db", "log.db"),
                                  ("keys.db", "log.db")])  # fmt: skip
def test_whatever_old_copy_is_brought_back_the_erased_person_is_erased(tmp_path: Path, back: tuple[str, ...]) -> None:
    old = shop(tmp_path)
    with logged(tmp_path, LATER) as (stage, log):
        before, entries = standing(stage), set(map(str, log.entries()))
    for each in back:
        restored(tmp_path, each, old)
    taken, checked, to_log = looked(tmp_path)
    if set(back) != {
        "graph.db",
        "log.db",
    }:  # there it is in no journal and no log that she was erased: see the next test
        assert (checked.unknown, checked.unreadable, checked.broken, taken.broken) == ((), (), (), {})
        with logged(tmp_path, LATER) as (stage, log):
            assert standing(stage) == before
            assert set(map(str, log.entries())) == entries
    assert bool(taken.entries) == (back in {("graph.db",), ("graph.db", "keys.db")})
    assert bool(to_log) == (back in {("log.db",), ("keys.db", "log.db")})
    assert bool(taken.tombstones or checked.mended.tombstones) == ("keys.db" in back)
    assert bool(checked.mended.keys) == ("keys.db" in back)
    assert bool(checked.mended.facts) == ("graph.db" in back)
    again = looked(tmp_path)
    assert (again[0].entries, again[0].tombstones, again[1].mended, again[2]) == (0, 0, Mended(), 0)
    with logged(tmp_path, LATER) as (stage, _):
        if set(back) != {"graph.db", "log.db"}:
            is_erased(stage)


def test_a_tombstone_whose_case_is_in_no_journal_and_no_log_erases_all_the_same_and_is_told(tmp_path: Path) -> None:
    old = shop(tmp_path)
    for each in ("graph.db", "log.db"):
        restored(tmp_path, each, old)
    with logged(tmp_path, LATER) as (stage, _):
        assert stage.holders(*HER)
        (row,) = stage.work.journal.cases()
    _, checked, _ = looked(tmp_path)
    assert checked.unknown == (row.case,)
    assert checked.mended.facts
    with logged(tmp_path, LATER) as (stage, log):
        assert stage.holders(*HER) == set()
        assert stage.holders(*OTHER)
        assert check_all(stage.work, log)[1].unknown == (row.case,), "it is told as often as it is asked"


def test_what_the_law_keeps_is_kept_and_hangs_on_nobody(tmp_path: Path) -> None:
    old = shop(tmp_path)
    with logged(tmp_path, LATER) as (stage, _):
        kept = dict(stage.work.graph.counts())
    restored(tmp_path, "graph.db", old)
    looked(tmp_path)
    with logged(tmp_path, LATER) as (stage, _):
        now = dict(stage.work.graph.counts())
        assert now["disclosures"] == kept["disclosures"] > 2, "hers that are held, and the other person's"
        assert now["identifiers"] == kept["identifiers"]


def test_after_the_last_hold_nothing_of_a_closed_case_comes_back_with_any_copy(tmp_path: Path) -> None:
    old = shop(tmp_path)
    with logged(tmp_path, OVER) as (stage, _):
        (row,) = stage.work.journal.cases()
        assert stage.run(stage.work.case(row.case)).state == "closed"
        before = dict(stage.work.graph.counts())
    for each in ("graph.db", "keys.db"):
        restored(tmp_path, each, old)
    with logged(tmp_path, OVER) as (stage, log):
        assert stage.work.keyring.find([name(row.case)])
        check_all(stage.work, log)
        assert not stage.work.keyring.find([name(row.case)])
        assert dict(stage.work.graph.counts()) == before


def test_whoever_came_back_stays_with_all_that_is_hers_now(tmp_path: Path) -> None:
    erased(tmp_path)
    with logged(tmp_path, LATER) as (stage, _):
        new = [{**each, "event_id": f"new-{at}", "occurred_at": iso(stage.now)} for at, each in enumerate(EVENTS[:3])]
        assert stage.record(*new).recorded == 3
        before, keys = standing(stage), stage.work.keyring.find([stage.key(*HER)])
    assert keys
    _, checked, _ = looked(tmp_path)
    assert checked.mended == Mended()
    with logged(tmp_path, LATER) as (stage, _):
        assert standing(stage) == before
        assert stage.work.keyring.find([stage.key(*HER)]) == keys


def test_an_old_key_does_not_live_on_because_its_person_came_back(tmp_path: Path) -> None:
    old = shop(tmp_path)
    with logged(tmp_path, LATER) as (stage, _):
        stage.record({**EVENTS[0], "event_id": "new", "occurred_at": iso(stage.now)})
    restored(tmp_path, "keys.db", old)
    with logged(tmp_path, LATER) as (stage, log):
        assert stage.work.keyring.find([stage.key(*HER)]), "the old one"
        check_all(stage.work, log)
        assert not stage.work.keyring.find([stage.key(*HER)])


def test_a_case_whose_key_is_in_no_backup_is_told(tmp_path: Path) -> None:
    with logged(tmp_path) as (stage, _):
        stage.record(*EVENTS)
    saved(tmp_path, "keys.db", tmp_path / "old")
    with logged(tmp_path, ASKED) as (stage, _):
        case = erase(stage)
    restored(tmp_path, "keys.db", tmp_path / "old")
    _, checked, _ = looked(tmp_path)
    assert checked.unreadable == (case.id,)


@pytest.mark.parametrize("lifted", [False, True])
def test_a_restriction_stands_again_unless_it_was_lifted(tmp_path: Path, lifted: bool) -> None:
    with logged(tmp_path) as (stage, _):
        stage.record(*EVENTS)
    saved(tmp_path, "keys.db", tmp_path / "old")
    with logged(tmp_path, ASKED) as (stage, _):
        case = stage.approve(stage.preview(stage.open("restriction", HER)))
        if lifted:
            stage.at("2026-05-02T10:00:00+03:00")
            lift(stage.work, case.id, "2026-05-01")
        may = stage.may("posti", "delivery")
        assert bool(may) != lifted
    restored(tmp_path, "keys.db", tmp_path / "old")
    with logged(tmp_path, LATER) as (stage, log):
        assert stage.may("posti", "delivery") == ()
        found = check_all(stage.work, log)[1]
        assert bool(found.mended.suppressions) != lifted
        assert stage.may("posti", "delivery") == may
        assert check_all(stage.work, log)[1].mended == Mended()


def test_a_chain_that_was_changed_by_hand_is_told(tmp_path: Path) -> None:
    erased(tmp_path)
    with logged(tmp_path, LATER) as (stage, log):
        (row,) = stage.work.journal.cases()
        stage.work.journal._file.execute("UPDATE entry SET actor = 'x' WHERE number = 2")  # type: ignore[attr-defined]
        taken, checked, _ = check_all(stage.work, log)
        assert checked.broken == (row.case,)
        assert taken.entries == 0


def test_a_worker_that_starts_after_the_look_finds_nothing_missing(tmp_path: Path) -> None:
    old = shop(tmp_path)
    restored(tmp_path, "graph.db", old)
    looked(tmp_path)
    with logged(tmp_path, LATER) as (stage, log):
        assert catch_up(stage.work, log) is None


def test_a_lost_log_is_filled_from_the_journal(tmp_path: Path) -> None:
    parties = erased(tmp_path, Parties())
    lost(tmp_path, "log.db")
    with logged(tmp_path, LATER, parties) as (stage, log):
        _, _, back = check_all(stage.work, log)
        (row,) = stage.work.journal.cases()
        assert back == row.entries == EmbeddedCaseLog(log._log).count()
