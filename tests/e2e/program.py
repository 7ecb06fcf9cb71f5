"""The installed program, run as a user runs it; and in this process where a test asks it hundreds of times."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.cli import app, main
from console.opening import opened
from console.settings import read_settings
from console.shapes import as_json, drift_shape, sharing_shape, where_shape
from lineage.drift import drift
from lineage.errors import Misconfigured
from lineage.graph import NOW
from lineage.identifiers import read_identifier
from lineage.sharing import sharing
from lineage.times import now
from lineage.where import where

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
        preexec_fn=before,
    )
    ended = Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert_no_traceback(ended)
    return ended


def assert_no_traceback(ended: Ended) -> None:
    for text in (ended.out, ended.err):
        for sign in ("Traceback", "fault of the program itself", "Exception ignored"):
            assert sign not in text, text[-4000:]


@contextmanager
def started(
    *words: object, cwd: Path | None = None, settings: Mapping[str, object] | None = None
) -> Iterator["Running"]:
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
            if self.ended_within(0.001):
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


def asked(*words: object, settings: Mapping[str, object] | None = None) -> Ended:
    """Run a command in this process: the same words, the same answer, without the second it takes to start."""
    told = {name: str(value) for name, value in (settings or {}).items()}
    result = CliRunner(env={"COLUMNS": "400", **told}).invoke(app, [str(word) for word in words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


def called(
    *words: object, cwd: Path | None = None, given: bytes = b"", settings: Mapping[str, object] | None = None
) -> Ended:
    """As `jalki`, by the program's own way in and out, but in this process: for tests that ask it dozens of times.

    `given` is what `sys.stdin` has; `ingest -` reads the descriptor itself, and wants a process.
    """
    told = environment(**(settings or {}))
    gone = {name: None for name in os.environ if name not in told}
    with ExitStack() as stack:
        if cwd is not None:
            stack.enter_context(chdir(cwd))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("sys.argv", [str(JALKI), *map(str, words)])
        patch.setattr("sys.excepthook", sys.excepthook)  # typer puts its own there, which would stay
        out, err, _ = stack.enter_context(CliRunner().isolation(given, {**told, **gone}))
        with pytest.raises(SystemExit) as ended:
            main()
        sys.stdout.flush()
        sys.stderr.flush()
        found = Ended(_code(ended.value.code), out.getvalue().decode(), err.getvalue().decode())
    assert_no_traceback(found)
    return found


def _code(code: object) -> int:
    return code if isinstance(code, int) else int(code is not None)


def asked_wrongly(*words: object) -> Ended:
    """Ask what cannot be meant, in this process; return it as the program would have ended."""
    try:
        ended = asked(*words)
    except Misconfigured as fault:
        return Ended(2, "", str(fault))
    raise AssertionError(ended)


@dataclass(frozen=True, slots=True)
class Answers:
    """What must not depend on how the events came: the bytes of `sharing --json`, some answers of `where`, the drift."""

    sharing: str
    where: dict[str, dict[str, Any]]
    drift: list[dict[str, Any]]


def _without_pseudonyms(drifted: dict[str, Any]) -> dict[str, Any]:
    """Drift without the names that it gives persons and events, which are other ones in each folder."""
    findings = [
        {**each, "evidence": [{**one, "event": one["event"] and "an event"} for one in each["evidence"]]}
        for each in drifted["findings"]
    ]
    return {**drifted, "event": None, "person": drifted["person"] and "a person", "findings": findings}


def answers(data: Path, identifiers: Iterable[str]) -> Answers:
    """Ask all of it in this process, of one opened folder."""
    with opened(read_settings({}, data)) as folder:
        found = {}
        for each in identifiers:
            key = folder.pseudonyms.identifier(*read_identifier(each))
            found[each] = where_shape(each, None, None, where(folder.graph, folder.register, key, NOW, now()))
        drifted = drift_shape(drift(folder.graph, folder.register, None))
        return Answers(
            sharing=as_json(sharing_shape(sharing(folder.graph, folder.register), folder.register)) + "\n",
            where=found,
            # each folder has a key of its own for pseudonyms, which drift names events by
            drift=sorted((_without_pseudonyms(each) for each in drifted), key=str),
        )


def counts(ended: Ended) -> tuple[int, int, int, int]:
    """read, recorded, repeated, dead of an `ingest --json`."""
    got = ended.json
    assert list(got) == ["read", "recorded", "repeated", "dead", "held_back"]
    return got["read"], got["recorded"], got["repeated"], got["dead"]
