import json
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.events import line, named_in, shop, with_bad_lines, write_lines
from tests.e2e.program import Answers, Ended, answers, asked, assert_no_traceback, counts, jalki, started

TESTS, ROUNDS = 10, 5
PERSONS = 300
STAGES = ("lock", "master.key", "keys.db", "graph.db", "log.db", "log.db-wal")


@dataclass(frozen=True, slots=True)
class Case:
    """A file of events, and what an undisturbed run makes of it. Times in seconds."""

    file: Path
    lines: int
    events: int
    dead: int
    answers: Answers
    whole: float
    working: float


def undisturbed(folder: Path, *, bad: bool) -> Case:
    events = shop(PERSONS, seed=31)
    lines, good, dead = with_bad_lines(events, seed=8) if bad else (list(map(line, events)), events, 0)
    file = write_lines(folder / "shop.jsonl", lines)
    began = time.monotonic()
    with started("ingest", file, "--data", folder / "data") as run:
        run.until((folder / "data" / "lock").exists)
        at_work = time.monotonic()
        assert run.end().code == (1 if bad else 0)
    ended = time.monotonic()
    return Case(
        file, len(lines), len(good), dead,
        answers=answers(folder / "data", named_in(good, 40)),
        whole=ended - began, working=ended - at_work,
    )  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return undisturbed(tmp_path_factory.mktemp("clean"), bad=False)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return undisturbed(tmp_path_factory.mktemp("spoilt"), bad=True)


def kill_at(case: Case, data: Path, moment: Callable[[], bool] | float, number: int = signal.SIGKILL) -> Ended:
    """Send a signal to an ingest when something is true, or so many seconds after it took the folder."""
    with started("ingest", case.file, "--data", data) as run:
        if callable(moment):
            run.until(moment)
        else:
            run.until((data / "lock").exists)
            run.ended_within(moment)
        run.process.send_signal(number)
        return run.end()


def assert_whole(case: Case, data: Path) -> None:
    """After one more ingest all is as if nothing had happened."""
    again = jalki("ingest", case.file, "--json", "--data", data)
    assert again.code == (1 if case.dead else 0)
    read, recorded, repeated, dead = counts(again)
    assert (read, dead) == (case.lines, case.dead)
    assert recorded + repeated + dead == read
    assert answers(data, case.answers.where) == case.answers
    assert len(asked("dead-letters", "--json", "--data", data).json) == case.dead
    known = asked("doctor", "--json", "--data", data).json
    assert any(f"{case.events:,} events" in each["text"] for each in known)


def assert_readable_now(case: Case, data: Path) -> None:
    """What a killed run left behind can be asked about at once: nothing there yet, or a part of the whole."""
    if not (data / "log.db").exists():  # made last: until then there is nothing to ask
        return
    whole = {(e["from"], e["to"], e["purpose"]): e["disclosures"] for e in _edges(case.answers.sharing)}
    found = asked("sharing", "--json", "--data", data)
    assert found.code == 0
    for edge in _edges(found.out):
        assert edge["disclosures"] <= whole[edge["from"], edge["to"], edge["purpose"]]


def _edges(sharing: str) -> list[dict[str, object]]:
    return json.loads(sharing)["sharing"]


@pytest.mark.parametrize("test", range(TESTS))
def test_an_ingest_killed_at_any_moment_loses_nothing_and_doubles_nothing(
    test: int, clean: Case, spoilt: Case, tmp_path: Path
) -> None:
    for number in range(test * ROUNDS, (test + 1) * ROUNDS):
        case = spoilt if number % 2 else clean
        data = tmp_path / f"round-{number}"
        chance = random.Random(number)  # noqa: S311 - repeatable
        if number % ROUNDS == 0:  # in the first start-up: as each file appears
            stage = data / STAGES[test % len(STAGES)]
            ended = kill_at(case, data, stage.exists)
        else:
            ended = kill_at(case, data, case.working * (number + chance.random()) / (TESTS * ROUNDS))
        assert_no_traceback(ended)
        if ended.code == -signal.SIGKILL:
            assert_readable_now(case, data)
        assert_whole(case, data)
        shutil.rmtree(data)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_second_ingest_killed_harms_nothing_of_the_first(part: float, spoilt: Case, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert jalki("ingest", spoilt.file, "--data", data).code == 1
    with started("ingest", spoilt.file, "--data", data) as run:
        run.ended_within(spoilt.whole - spoilt.working * (1 - part))
        run.process.kill()
        run.end()
    found = jalki("sharing", "--json", "--data", data)
    assert (found.code, found.out) == (0, spoilt.answers.sharing)
    assert_whole(spoilt, data)


def test_where_answers_right_after_a_kill(clean: Case, tmp_path: Path) -> None:
    data = tmp_path / "data"
    kill_at(clean, data, lambda: (data / "graph.db-wal").exists() and (data / "graph.db-wal").stat().st_size > 500_000)
    asked_of = next(each for each, found in clean.answers.where.items() if found["candidates"] == 1)
    ended = jalki("where", asked_of, "--json", "--data", data)
    assert ended.code == 0
    assert ended.json["candidates"] in (0, 1)
    assert_readable_now(clean, data)
    assert_whole(clean, data)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.6])
def test_an_ingest_told_to_stop_says_so_and_loses_nothing(
    number: int, part: float, clean: Case, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    ended = kill_at(clean, data, part * clean.working, number)
    assert_no_traceback(ended)
    # SIGTERM before the agents run ends the program as it ends any program; at the end of a run it comes too late
    assert ended.code in {signal.SIGTERM: (143, -signal.SIGTERM, 0), signal.SIGINT: (130, 0)}[signal.Signals(number)]
    assert_readable_now(clean, data)
    assert_whole(clean, data)


def test_what_a_killed_run_had_put_on_the_bus_is_recorded_by_whatever_is_ingested_next(
    clean: Case, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    kill_at(clean, data, lambda: (data / "log.db-wal").exists() and (data / "log.db-wal").stat().st_size > 300_000)
    nothing = write_lines(tmp_path / "nothing.jsonl", [])
    ended = jalki("ingest", nothing, "--json", "--data", data)
    assert (ended.code, counts(ended)) == (0, (0, 0, 0, 0))
    settled = jalki("ingest", nothing, "--json", "--data", data)
    assert "left behind" not in settled.said
    assert_whole(clean, data)


def test_a_kill_leaves_no_lock_behind(clean: Case, tmp_path: Path) -> None:
    data = tmp_path / "data"
    kill_at(clean, data, (data / "log.db").exists)
    assert (data / "lock").exists()
    assert jalki("ingest", write_lines(tmp_path / "nothing.jsonl", []), "--data", data).code == 0
