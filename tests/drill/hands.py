"""The steps of the page on rehearsing a restore, carried out as they stand, with the programs that they name."""

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import ROOT
from tests.e2e.program import JALKI, environment
from tests.servers.jars import jars, java
from tests.servers.jvm import flags
from tests.servers.kafka_body import VERSION as KAFKA
from tests.servers.neo4j_body import ARTIFACTS as NEO4J_ARTIFACTS
from tests.servers.neo4j_body import VERSION as NEO4J
from tests.servers.postgres_body import programs

PAGE = ROOT / "docs" / "how-to" / "restore-drill.md"
TOOLS = (f"org.apache.kafka:kafka-tools:{KAFKA}", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5")
SECONDS = 300


def steps() -> dict[int, list[str]]:
    """Return the command lines of each step on servers, by its number."""
    found: dict[int, list[str]] = {}
    number, inside = 0, False
    for line in PAGE.read_text("utf-8").partition("\n## On servers\n")[2].splitlines():
        if line.startswith("### "):
            number = int(line.split()[1].rstrip("."))
        elif line.startswith("```"):
            inside = line == "```sh"
        elif inside:
            found.setdefault(number, []).append(line)
    return found


@dataclass(frozen=True, slots=True)
class Hand:
    """Whoever carries the page out, in a folder. `services` is what `systemctl` does there: by its two words."""

    folder: Path
    settings: Mapping[str, object]
    services: Mapping[tuple[str, str], Callable[[], None]]
    found: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "found", self.folder / "bin")

    def learns(self, neo4j: Path) -> None:
        """Lay the servers' own programs where a shell finds them: those of a Neo4j in this folder, and Kafka's."""
        self.found.mkdir()
        admin = jars(f"neo4j-{NEO4J}", NEO4J_ARTIFACTS)
        at = f"NEO4J_HOME={neo4j} NEO4J_CONF={neo4j / 'conf'} "
        self._program("neo4j-admin", at, admin, "org.neo4j.server.startup.Neo4jAdminCommand")
        tools = jars(f"kafka-tools-{KAFKA}", TOOLS)
        group = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
        self._program("kafka-consumer-groups.sh", "", tools, group)

    def _program(self, name: str, environment_: str, lib: Path, main: str) -> None:
        words = shlex.join([java(), *flags("256m"), "-cp", f"{lib}/*", main])
        program = self.found / name
        program.write_text(f'#!/bin/sh\nexec env {environment_}{words} "$@"\n', "utf-8")
        program.chmod(0o755)

    def does(self, line: str) -> str:
        """Carry one line out; return what it prints. Raises: AssertionError: it fails."""
        words = line.split()
        if words[0] == "systemctl":
            self.services[words[1], words[2]]()
            return ""
        path = os.pathsep.join((str(self.found), str(programs()), str(JALKI.parent), os.environ["PATH"]))
        done = subprocess.run(
            ["/bin/bash", "-ec", line], cwd=self.folder, env={**environment(**self.settings), "PATH": path},
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout + done.stderr
