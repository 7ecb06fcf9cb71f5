"""A source that is open and silent, a terminal or a pipe, and what it leaves when the program is told to end."""

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.events import event, line
from tests.e2e.program import Ended, Running, asked, assert_no_traceback, counts, jalki, started

CHUNK = 4_000
"""So many lines of a live source are taken in at once."""
BEYOND = 10
SECONDS = 20.0
"""In which the program must have ended: its own work takes less than one, the rest is for a busy machine."""
CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}
LINES = b"".join(
    line(event("PageViewed", f"v-{number}", device_id=f"d-{number}", page="/", platform="google-analytics")) + b"\n"
    for number in range(CHUNK + BEYOND)
)
each_signal = pytest.mark.parametrize("number", CODES)


def recorded(data: Path) -> int:
    if not (data / "graph.db").exists():
        return 0
    with closing(sqlite3.connect(f"{(data / 'graph.db').as_uri()}?mode=ro", uri=True)) as graph:
        try:
            return int(graph.execute("SELECT count(*) FROM event").fetchone()[0])
        except sqlite3.OperationalError:  # its tables are not there yet
            return 0


def takes_in(data: Path) -> bool:
    """Whether the stream is open: nearly all of the start is over, and then the program waits for its source."""
    waiting = data / "log.db-wal"
    return waiting.exists() and waiting.stat().st_size > 0


def told_to_end(run: Running, number: signal.Signals) -> Ended:
    """Send the signal while the source is still open."""
    run.process.send_signal(number)
    assert run.ended_within(SECONDS)
    assert run.process.stdout is not None
    assert run.process.stderr is not None
    ended = Ended(run.process.returncode, run.process.stdout.read().decode(), run.process.stderr.read().decode())
    assert_no_traceback(ended)
    return ended


def assert_ended_as_told(ended: Ended, number: signal.Signals) -> None:
    assert (ended.code, ended.out) == (CODES[number], "")
    assert ("interrupted; what is recorded stays" in ended.said) is (number == signal.SIGINT)


@each_signal
def test_waiting_for_standard_input_ends_at_once_when_told_and_keeps_what_is_recorded(
    number: signal.Signals, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with started("ingest", "-", "--json", "--data", data) as run:
        assert run.process.stdin is not None
        run.process.stdin.write(LINES)
        run.process.stdin.flush()
        assert run.until(lambda: recorded(data) == CHUNK)
        ended = told_to_end(run, number)
    assert_ended_as_told(ended, number)
    assert recorded(data) == CHUNK
    assert asked("where", "device_id:d-0", "--json", "--data", data).json["candidates"] == 1
    again = jalki("ingest", "-", "--json", "--data", data, given=LINES)
    assert (again.code, counts(again)) == (0, (CHUNK + BEYOND, BEYOND, CHUNK, 0))


@each_signal
def test_waiting_for_a_first_line_that_never_comes_ends_at_once_when_told(
    number: signal.Signals, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with started("ingest", "-", "--data", data) as run:
        assert run.until(lambda: takes_in(data))
        ended = told_to_end(run, number)
    assert_no_traceback(ended)
    # until the agents run there is no handler of SIGTERM: it then ends the program as it ends any program
    assert ended.code in {CODES[number], -number}
    assert recorded(data) == 0


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[int]:
    """Both ends of a pipe with a name, held open by the test."""
    os.mkfifo(tmp_path / "pipe")
    both = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        yield both
    finally:
        os.close(both)


def write_all(into: int, content: bytes) -> None:
    while content:
        content = content[os.write(into, content) :]


@each_signal
def test_waiting_for_a_pipe_with_a_name_ends_at_once_when_told(
    number: signal.Signals, pipe: int, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with started("ingest", tmp_path / "pipe", "--data", data) as run:
        threading.Thread(target=write_all, args=(pipe, LINES), daemon=True).start()
        assert run.until(lambda: recorded(data) == CHUNK)
        ended = told_to_end(run, number)
    assert_ended_as_told(ended, number)
    assert recorded(data) == CHUNK


def test_an_interrupt_while_the_program_is_loaded_is_quiet(tmp_path: Path) -> None:
    with started("ingest", "-", "--data", tmp_path / "data") as run:
        loaded = Path(f"/proc/{run.process.pid}/maps")
        assert run.until(lambda: "pydantic_core" in loaded.read_text())
        ended = told_to_end(run, signal.SIGINT)
    assert ended.code in {130, -signal.SIGINT}
    assert "KeyboardInterrupt" not in ended.err
