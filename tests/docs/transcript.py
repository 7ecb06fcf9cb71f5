"""Replays the console blocks of a page, in order, in an empty folder, and gives back what they really print.

The program runs inside this process, which is twenty times faster; what stands after a pipe, or is no `jalki`, in a shell.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli import main
from tests.docs.pages import ROOT, Command, blocks, commands

COLUMNS = 160  # as wide as tables are where there is no terminal
_PROGRAM = re.compile(r"(?:\.venv/bin/)?jalki ")
_CHANGING = (
    (re.compile(r"in [\d.]+ s \([\d,]+/s\)"), "in … s (…/s)"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<pseudonym>"),
    (re.compile(r"^20\d\d-\d\d-\d\dT[\d:.]+Z  ", re.MULTILINE), "<time>  "),
    (re.compile(r"[\d.]+ MB"), "… MB"),
    (re.compile(r"(python|sqlite)(\W+)\d[\d.]+"), r"\1\2…"),
    (re.compile(r"[ \t\r]+$", re.MULTILINE), ""),
)


def settled(output: str) -> str:
    """The output without what changes from run to run: speed, times of recording, pseudonyms, versions."""
    for pattern, put in _CHANGING:
        output = pattern.sub(put, output)
    return output.strip("\n")


def replayed(page: Path, folder: Path) -> Iterator[tuple[Command, str]]:
    """Write the page's files and run its commands; yield each with what it printed (stderr too)."""
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        _clean_environment(patch)
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
                    yield command, _printed(command.line)


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
