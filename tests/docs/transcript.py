"""Runs the console blocks of a page, in order, in an empty folder, and gives back what they really print."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import ROOT, Command, blocks, commands

COLUMNS = 110
_CHANGING = (
    (re.compile(r"in [\d.]+ s \([\d,]+/s\)"), "in … s (…/s)"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<pseudonym>"),
    (re.compile(r"^20\d\d-\d\d-\d\dT[\d:.]+Z  ", re.MULTILINE), "<time>  "),
    (re.compile(r'"recorded": "[^"]+"'), '"recorded": "<time>"'),
    (re.compile(r"[\d.]+ MB"), "… MB"),
    (re.compile(r"(python|sqlite): \d[\d.]+"), r"\1: …"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


def settled(output: str) -> str:
    """The output without what changes from run to run: speed, times of recording, pseudonyms, versions."""
    for pattern, put in _CHANGING:
        output = pattern.sub(put, output)
    return output.strip("\n")


def replayed(page: Path, folder: Path) -> Iterator[tuple[Command, str]]:
    """Write the page's files and run its commands; yield each with what it printed (both streams)."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("JALKI_")}
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{environ['PATH']}"
    environ |= {"COLUMNS": str(COLUMNS), "PATH": path, "PYTHONPATH": str(ROOT), "USER": "dpo", "LOGNAME": "dpo"}
    exports: list[str] = []
    for block in blocks(page):
        if block.title:
            file = folder / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
        if block.language != "console":
            continue
        for command in commands(block):
            if command.line.startswith("export "):
                exports.append(command.line)
                continue
            yield command, _run("\n".join([*exports, command.line]), folder, environ)


def _run(script: str, folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        ["/bin/bash", "-c", script],
        cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=120,
    )  # fmt: skip
    return done.stdout.decode()
