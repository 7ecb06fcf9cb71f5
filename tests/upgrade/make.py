"""Makes what an earlier version keeps, by that version's own code, for the tests of upgrades to begin from.

`python -m tests.upgrade.make CHECKOUT NAME [--cases] [--neo4j]` with a checkout of that version; it must run with the
libraries of this one. A version is made once, when the next one changes what is kept, and never again: what stands in
`kept/` is what users have on their disks.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tests.servers.neo4j import Neo4j, running_neo4j
from tests.upgrade.earlier import ANSWERS, DATA, GRAPH, KEPT, dumped

PERSONS, SEED = "8", "5"
BAD = {"type": "Nope", "event_id": "x-1", "occurred_at": "2026-03-01T09:00:00+02:00", "controller": "multitronic"}
QUESTIONS = (("parties",), ("sharing",), ("drift",), ("dead-letters",))


class Version:
    """The program of a checkout, at work in a folder."""

    def __init__(self, checkout: Path, folder: Path, settings: Mapping[str, str]) -> None:
        clean = {name: each for name, each in os.environ.items() if not name.startswith("JALKI_")}
        self._environment = {**clean, **settings, "PYTHONPATH": str(checkout)}
        self._folder = folder

    def says(self, *words: str) -> str:
        """Run a command of it; 1 (in part) and 3 (something is left) are answers too. Raises: CalledProcessError: it fails."""
        start = "import sys; from console.start import main; sys.exit(main())"
        done = subprocess.run(
            [sys.executable, "-P", "-c", start, "--data", DATA, *words],
            cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if done.returncode not in {0, 1, 3}:
            done.check_returncode()
        return done.stdout

    def tells(self, *words: str) -> Any:
        return json.loads(self.says(*words, "--json"))


def make(version: Version, folder: Path, *, cases: bool) -> list[tuple[tuple[str, ...], Any]]:
    """Have it take a shop's events in, with one that is bad, and open cases; return what it answers."""
    version.says("simulate", "--persons", PERSONS, "--seed", SEED, "--out", "events.jsonl")
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text("utf-8").splitlines()]
    with (folder / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(BAD) + "\n")
    version.says("ingest", "events.jsonl")
    who = sorted({each["customer_id"] for each in events if each.get("customer_id")})
    questions = [*QUESTIONS, *(("where", f"customer_id:{each}") for each in who)]
    if cases:
        erased, waits = (
            version.says("case", "open", right, f"customer_id:{each}", "--channel", "account").split()[0]
            for right, each in (("erasure", who[0]), ("access", who[1]))
        )
        version.says("case", "approve", erased)
        questions += [("case", "show", erased), ("case", "show", waits)]
    return [(words, version.tells(*words)) for words in questions]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("checkout", type=Path)
    asked.add_argument("name")
    asked.add_argument("--cases", action="store_true")
    asked.add_argument("--neo4j", action="store_true")
    words = asked.parse_args()
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as server:
        folder = Path(made)
        with running_neo4j(Path(server)) if words.neo4j else nullcontext() as neo4j:
            _keep(words.checkout.absolute(), folder, words.name, neo4j, cases=words.cases)


def _keep(checkout: Path, folder: Path, name: str, neo4j: Neo4j | None, *, cases: bool) -> None:
    answers = make(Version(checkout, folder, neo4j.settings if neo4j else {}), folder, cases=cases)
    (folder / ANSWERS).write_text(json.dumps([{"asked": words, "answer": told} for words, told in answers]), "utf-8")
    names = [DATA, ANSWERS]
    if neo4j is not None:
        with neo4j.driver() as driver:
            (folder / GRAPH).write_text("".join(f"{line}\n" for line in dumped(driver)), "utf-8")
        names.append(GRAPH)
    KEPT.mkdir(exist_ok=True)
    with tarfile.open(KEPT / f"{name}.tar.xz", "w:xz") as kept:
        for each in names:
            kept.add(folder / each, each)


if __name__ == "__main__":
    main()
