"""A record that is lost and made anew from the logs is that of a shop that remembers whom it has forgotten."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from console.case_logs import opened_for_cases
from console.frames import Frames
from console.opening import BUS, LOG
from console.settings import read_settings
from lineage.cases.entries import Entry, check_chain
from lineage.cases.intake import Message, receive
from lineage.cases.journal import Outrun
from lineage.errors import Misconfigured
from streams.case_log import CASES, EmbeddedCaseLog, outgoing
from streams.catching_up import catch_up
from streams.log import Log
from streams.outbox import Outbox
from tests.cases.events import mailed
from tests.cases.logged import (
    ASKED,
    BEFORE,
    EVENTS,
    HER,
    LATER,
    OTHER,
    erase,
    erased,
    logged,
    lost,
    restored,
    saved,
    standing,
)
from tests.cases.stage import Parties, Stage, staged
from tests.cases.stepping import Killed, Steps, stepped

Change = Callable[[Entry], Entry | None]
ARRIVED = 1_772_348_400_000_000
"""When the events reached the bus: the morning they occurred."""


def replayed(stage: Stage) -> None:
    """Give every event of the topics again, as they lie there."""
    outcome = stage.record(*EVENTS, arrived=ARRIVED)
    assert outcome.late == 0


def test_an_empty_graph_and_a_replay_of_all_topics_make_the_erased_record_and_call_nobody(tmp_path: Path) -> None:
    parties = erased(tmp_path)
    with logged(tmp_path, LATER) as (stage, _):
        before = standing(stage)
    told = {party: list(each.seen) for party, each in parties.by_id.items()}
    assert sum(map(len, told.values())) == 3
    lost(tmp_path, "graph.db")
    with logged(tmp_path, LATER, parties) as (stage, log):
        assert catch_up(stage.work, log)
        replayed(stage)
        for row in stage.work.journal.cases():
            stage.run(stage.work.case(row.case))
        assert standing(stage) == before
        assert stage.holders(*HER) == set()
        assert stage.holders(*OTHER)
    assert {party: each.seen for party, each in parties.by_id.items() if each.seen} == {
        k: v for k, v in told.items() if v
    }


def test_a_graph_and_a_key_ring_from_before_the_erasure_make_no_erased_person_come_back(tmp_path: Path) -> None:
    with logged(tmp_path) as (stage, _):
        stage.record(*EVENTS)
    for name in ("graph.db", "keys.db"):
        saved(tmp_path, name, tmp_path / "old")
    parties = Parties()
    with logged(tmp_path, ASKED, parties) as (stage, _):
        erase(stage)
        keys = {each.key for each in stage.work.memory.tombstones()}
    for name in ("graph.db", "keys.db"):
        restored(tmp_path, name, tmp_path / "old")
    with logged(tmp_path, LATER, parties) as (stage, log):
        assert stage.holders(*HER), "the backup is from before"
        taken = catch_up(stage.work, log)
        assert taken
        assert taken.tombstones == len(keys)
        assert {each.key for each in stage.work.memory.tombstones()} == keys
        assert stage.holders(*HER) == stage.holders("email", "anna@example.fi") == set()
        assert not stage.work.keyring.find(keys)
        assert stage.record(mailed(occurred_at=BEFORE, event_id="late")).held_back == 1
        assert stage.holders(*OTHER)


def test_a_journal_that_has_all_entries_is_left_alone_and_the_log_is_not_read(tmp_path: Path) -> None:
    erased(tmp_path)

    class Unread(EmbeddedCaseLog):
        def entries(self) -> Iterator[Entry]:
            raise AssertionError("it is read")

    with logged(tmp_path, LATER) as (stage, log):
        assert catch_up(stage.work, Unread(log._log)) is None


def test_entries_that_wait_for_the_log_do_not_hide_those_that_the_journal_has_lost(tmp_path: Path) -> None:
    erased(tmp_path)
    lost(tmp_path, "graph.db")
    with logged(tmp_path, LATER) as (stage, log):
        records = log.count()
        while len(stage.work.journal.unpublished(10_000)) < records:
            stage.open("access", OTHER)
        taken = catch_up(stage.work, log)
        assert taken
        assert taken.entries == records


def dies(folder: Path, steps: Steps) -> None:
    """Catch up, and end at one of the steps; the log gets nothing more."""
    with (
        staged(folder, LATER) as stage,
        Log(folder / "data" / LOG, Frames(stage.work.keyring, stage.work.keyring.keys((BUS,))[BUS])) as log,
    ):
        work = stepped(stage.work, steps)
        with pytest.raises(Killed):
            catch_up(work, EmbeddedCaseLog(log))


def test_whoever_ends_while_catching_up_is_followed_by_one_who_does_the_rest(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    with logged(shop) as (stage, _):
        stage.record(*EVENTS)
    for name in ("graph.db", "keys.db"):
        saved(shop, name, tmp_path / "old")
    with logged(shop, ASKED) as (stage, _):
        erase(stage)
    with logged(shop, LATER) as (stage, log):
        before, entries = standing(stage), list(log.entries())
    for name in ("graph.db", "keys.db"):
        restored(shop, name, tmp_path / "old")
    steps = Steps()
    with logged(shutil.copytree(shop, tmp_path / "undisturbed"), LATER) as (stage, log):
        catch_up(stepped(stage.work, steps), log)
    assert {"entomb", "forget", "destroy"} <= set(steps.names)
    for number, done in product(range(len(steps.names)), (False, True)):
        folder = shutil.copytree(shop, tmp_path / f"{number}-{done}")
        dying = Steps()
        dying.kill_at(number, done=done)
        dies(folder, dying)
        with logged(folder, LATER) as (stage, log):
            catch_up(stage.work, log)
            assert standing(stage) == before
            assert not stage.work.keyring.find([each.key for each in stage.work.memory.tombstones()])
        with logged(folder, LATER) as (_, log):
            assert list(log.entries()) == entries, "nothing went to the log twice"


def doctored(log: EmbeddedCaseLog, change: Change) -> list[Entry]:
    return [each for each in map(change, log.entries()) if each is not None]


def other_log(tmp_path: Path, entries: list[Entry]) -> None:
    """Replace the log of a closed folder by one with these entries."""
    lost(tmp_path, "log.db")
    with logged(tmp_path, LATER) as (_, log):
        log.put(entries)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda each: None if each.number == 3 else each, "earlier one is missing"),
        (lambda each: replace(each, actor="person") if each.number == 3 else each, "changed"),
        (lambda each: replace(each, at=each.at + 1) if each.number == 0 else each, "changed"),
    ],
    ids=["missing", "changed", "first changed"],
)
def test_a_chain_that_is_not_whole_is_not_worked_on(tmp_path: Path, change: Change, why: str) -> None:
    erased(tmp_path)
    with logged(tmp_path, LATER) as (_, log):
        entries = doctored(log, change)
    lost(tmp_path, "graph.db")
    other_log(tmp_path, entries)
    with logged(tmp_path, LATER) as (stage, log), pytest.raises(Misconfigured, match=why):
        catch_up(stage.work, log)


def test_of_a_chain_that_is_not_whole_the_tombstones_stand_all_the_same(tmp_path: Path) -> None:
    with logged(tmp_path) as (stage, _):
        stage.record(*EVENTS)
    saved(tmp_path, "keys.db", tmp_path / "old")
    erased_keys: set[bytes] = set()
    with logged(tmp_path, ASKED) as (stage, _):
        erase(stage)
        erased_keys = {each.key for each in stage.work.memory.tombstones()}
    with logged(tmp_path, LATER) as (_, log):
        entries = doctored(log, lambda each: None if each.number == 3 else each)
    restored(tmp_path, "keys.db", tmp_path / "old")
    lost(tmp_path, "graph.db")
    other_log(tmp_path, entries)
    with logged(tmp_path, LATER) as (stage, log):
        with pytest.raises(Misconfigured):
            catch_up(stage.work, log)
        assert {each.key for each in stage.work.memory.tombstones()} == erased_keys


def test_two_that_differ_in_one_place_are_for_a_person_to_look_at(tmp_path: Path) -> None:
    with logged(tmp_path) as (stage, _):
        stage.record(*EVENTS)
        case = stage.open("erasure", HER)
    saved(tmp_path, "graph.db", tmp_path / "old")
    with logged(tmp_path, ASKED) as (stage, _):
        stage.preview(case)
    restored(tmp_path, "graph.db", tmp_path / "old")
    with logged(tmp_path, LATER) as (stage, log):
        stage.preview(case)
        with pytest.raises(Misconfigured, match="two that differ"):
            catch_up(stage.work, log)


def test_what_is_no_entry_is_not_passed_over(tmp_path: Path) -> None:
    erased(tmp_path)
    lost(tmp_path, "graph.db")
    with logged(tmp_path, LATER) as (stage, log):
        records = outgoing(list(log.entries())[:1])[CASES]
        log._log.append({CASES: [records[0]._replace(value=b"x")]})
        with pytest.raises(Misconfigured, match=r"topic cases, partition 0, offset \d+"):
            catch_up(stage.work, log)


def test_two_that_catch_up_at_once_end_with_the_same(tmp_path: Path) -> None:
    erased(tmp_path)
    with logged(tmp_path, LATER) as (stage, _):
        before = standing(stage)
    lost(tmp_path, "graph.db")
    with logged(tmp_path, LATER) as (stage, log):
        other = stage.work

        def met(number: int, done: bool) -> None:
            if not number and not done:
                catch_up(other, log)

        steps = Steps(met)
        try:
            catch_up(stepped(stage.work, steps), log)
        except Outrun:
            catch_up(stage.work, log)
        replayed(stage)
        assert standing(stage) == before


def test_what_came_back_is_whole_and_is_not_copied_to_the_log_again(tmp_path: Path) -> None:
    erased(tmp_path, closed=True)
    lost(tmp_path, "graph.db")
    with logged(tmp_path, LATER) as (stage, log):
        records = log.count()
        assert catch_up(stage.work, log)
        assert Outbox(stage.work.journal, log).flush() == 0
        assert log.count() == records
        for row in stage.work.journal.cases():
            check_chain(stage.work.journal.entries(row.case))
            assert row.state == "closed"


def test_embedded_casework_takes_in_what_is_lost_before_it_does_anything_and_copies_what_is_new(tmp_path: Path) -> None:
    erased(tmp_path)
    lost(tmp_path, "graph.db")
    settings = read_settings({"JALKI_DATA": str(tmp_path / "data")})
    with opened_for_cases(settings) as book:
        (row,) = book.work.journal.cases()
        assert row.state == "partly-done"
        message = Message(["access"], [OTHER], book.work.clock(), "account", "multitronic")
        (case,) = receive(book.work, message)
    with logged(tmp_path, LATER) as (_, log):
        assert case.id in {each.case for each in log.entries()}
