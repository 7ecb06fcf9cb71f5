"""Replays the console blocks of a page, in order, in an empty folder, and gives back what they really print.

The program runs inside this process, which is twenty times faster; what stands after a pipe, or is no `jalki`, in a shell.
Its clock begins at `BEGINS` on every page, so that a page says the same in any year. Where a page names what is drawn by lot,
a case's id or a plan's digest, later lines of it mean the one that was really drawn.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace

import pytest

import lineage.times
import streams.log
from console.cli import main
from tests.docs.pages import ROOT, Command, blocks, commands

COLUMNS = 160  # as wide as tables are where there is no terminal
BEGINS = datetime.fromisoformat("2026-11-24T09:15:00+02:00")
_PROGRAM = re.compile(r"(?:\.venv/bin/)?jalki ")
_CHANGING = (
    (re.compile(r"in [\d.]+ s \([\d,]+/s\)"), "in … s (…/s)"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<pseudonym>"),
    (re.compile(r"^20\d\d-\d\d-\d\dT[\d:.]+Z  ", re.MULTILINE), "<time>  "),
    (re.compile(r"2026-11-24T07:1\d:[\d.]+Z"), "<now>"),
    (re.compile(r"[\d.]+ MB"), "… MB"),
    (re.compile(r"(python|sqlite)(\W+)\d[\d.]+"), r"\1\2…"),
    (re.compile(r"[ \t\r]+$", re.MULTILINE), ""),
    (re.compile(r"issued 20\d\d-\d\d-\d\dT[\d:.]+Z"), "issued <time>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "<digest>"),
    (re.compile(r"\b20\d\d-[0-9A-HJKMNP-TV-Z]{8}\b"), "<case>"),
)
_DRAWN = re.compile(r"\b(?:[0-9a-f]{16}|20\d\d-[0-9A-HJKMNP-TV-Z]{8})\b")


def settled(output: str) -> str:
    """The output without what changes from run to run: speed, times of recording, pseudonyms, versions."""
    for pattern, put in _CHANGING:
        output = pattern.sub(put, output)
    return output.strip("\n")


def replayed(page: Path, folder: Path) -> Iterator[tuple[Command, str]]:
    """Write the page's files and run its commands; yield each with what it printed (stderr too)."""
    drawn: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        _clean_environment(patch)
        _set_clock(patch)
        for block in blocks(page):
            if block.title:
                file = folder / block.title
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, "utf-8")
            for command in commands(block) if block.language == "console" else ():
                if command.line.startswith("export "):
                    name, _, value = command.line.removeprefix("export ").partition("=")
                    patch.setenv(name, value)
                else:
                    printed = _printed(_meant(command.line, drawn))
                    drawn |= _learnt(command.output, printed)
                    yield command, printed


def _meant(line: str, drawn: Mapping[str, str]) -> str:
    return _DRAWN.sub(lambda found: drawn.get(found[0], found[0]), line)


def _learnt(told: str, printed: str) -> Mapping[str, str]:
    """Return what stands for what, where the page and the program name equally many things that are drawn by lot."""
    ours, real = _DRAWN.findall(told), _DRAWN.findall(printed)
    return dict(zip(ours, real, strict=True)) if len(ours) == len(real) else {}


def _set_clock(patch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()

    def now(zone: tzinfo | None = None) -> datetime:
        return (BEGINS + timedelta(seconds=time.monotonic() - begun)).astimezone(zone)

    patch.setattr(lineage.times, "datetime", SimpleNamespace(now=now))
    patch.setattr(streams.log, "time", SimpleNamespace(time_ns=lambda: int(now().timestamp() * 1e9)))


def _clean_environment(patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("JALKI_")]:
        patch.delenv(name)
    patch.setenv("PATH", f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    patch.setenv("PYTHONPATH", str(ROOT))
    patch.setenv("COLUMNS", str(COLUMNS))
    patch.setenv("LOGNAME", "dpo")


def _printed(line: str) -> str:
    if not _PROGRAM.match(line):
        return _shell(line, "")
    own, pipe, rest = line.partition(" | ")
    out, err = io.StringIO(), io.StringIO()
    if not pipe:
        err = out
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(SystemExit):
        patch.setattr("sys.argv", shlex.split(own))
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stderr", err)
        main()
    return err.getvalue() + _shell(rest, out.getvalue()) if pipe else out.getvalue()


def _shell(line: str, given: str) -> str:
    done = subprocess.run(
        ["/bin/bash", "-c", line],
        input=given.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120,
    )  # fmt: skip
    return done.stdout.decode()
