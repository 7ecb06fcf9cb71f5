"""The installed program, run as a user runs it; and in this process where a test asks it hundreds of times."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from console.cli import app

JALKI = Path(sys.executable).with_name("jalki")
DEADLINE = 120.0


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """What it wrote to stderr on one line: the terminal's width breaks messages anywhere."""
        return " ".join(self.err.split())


def environment(**settings: object) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JALKI_")}
    return {**clean, "COLUMNS": "400", **{name: str(value) for name, value in settings.items()}}


def jalki(
    *words: object,
    cwd: Path | None = None,
    given: bytes = b"",
    settings: Mapping[str, object] | None = None,
    before: Callable[[], None] | None = None,
    under: Sequence[str] = (),
) -> Ended:
    """Run the program to its end, under another program if one is named; never with a traceback."""
    done = subprocess.run(
        [*under, str(JALKI), *map(str, words)],
        input=given,
        capture_output=True,
        cwd=cwd,
        env=environment(**(settings or {})),
        timeout=DEADLINE,
        check=False,
        preexec_fn=before,  # noqa: PLW1509 - one thread, and a limit set in the child alone
    )
    ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert_no_traceback(ended)
    return ended


def assert_no_traceback(ended: Ended) -> None:
    for text in (ended.out, ended.err):
        assert "Traceback" not in text
        assert "fault of the program itself" not in text
        assert "Exception ignored" not in text


@contextmanager
def started(*words: object, cwd: Path | None = None, settings: Mapping[str, object] | None = None) -> Iterator["Running"]:
    """The program while it runs; killed at the end of the block if it still does."""
    process = subprocess.Popen(
        [str(JALKI), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=environment(**(settings or {})),
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.communicate()


@dataclass(frozen=True, slots=True)
class Running:
    process: "subprocess.Popen[bytes]"

    def until(self, reached: Callable[[], bool]) -> bool:
        """Wait until it is so; False where the program ended before."""
        deadline = time.monotonic() + DEADLINE
        while not reached():
            if self.process.poll() is not None:
                return False
            assert time.monotonic() < deadline
        return True

    def ended_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> Ended:
        out, err = self.process.communicate(timeout=DEADLINE)
        return Ended(self.process.returncode, out.decode(), err.decode())


def asked(*words: object) -> Ended:
    """Run a command in this process: the same words, the same answer, without the second it takes to start."""
    result = CliRunner(env={"COLUMNS": "400"}).invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


def counts(ended: Ended) -> tuple[int, int, int, int]:
    """read, recorded, repeated, dead of an `ingest --json`."""
    got = ended.json
    assert list(got) == ["read", "recorded", "repeated", "dead"]
    return got["read"], got["recorded"], got["repeated"], got["dead"]
