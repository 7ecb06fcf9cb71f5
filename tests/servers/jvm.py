"""How Java is started for a server: quickly for tests, at full speed for measurements; and what makes it quicker."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.jars import cache, java, java_version, locked
from tests.servers.processes import Process

# An archive that does not fit is gone without, only slower.
QUIET = ("-Xlog:cds=off", "-Xlog:cds+dynamic=off")


def flags(heap: str, *, full: bool = False) -> list[str]:
    """Return Java's flags: a compiler and a collector that start fast and small; `full`, those of production."""
    if full:
        return [f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseG1GC"]
    return ["-Xms64m", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


def _class_data(name: str) -> Path:
    """Return the file that holds this server's classes as this Java lays them out in memory."""
    return cache() / name / f"{hashlib.sha256(java_version(java()).encode()).hexdigest()[:12]}.jsa"


def class_data_flags(name: str) -> list[str]:
    """Return flags that start Java from a class-data archive, if there is one: seconds less a start."""
    made = _class_data(name)
    return [f"-XX:SharedArchiveFile={made}", *QUIET] if made.exists() else []


@dataclass(slots=True)
class Jvm:
    """A server in Java. The first on a machine that ends kindly leaves the class-data archive to those after it."""

    name: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: Process | None = None
    part: Path | None = None
    making: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start it; raise as `Process.start` does."""
        words = class_data_flags(self.name)
        if not words and self.making.enter_context(self._turn()):
            self.part = _class_data(self.name).with_suffix(".part")
            words = [f"-XX:ArchiveClassesAtExit={self.part}", *QUIET]
        self.process = Process([java(), *words, *self.arguments], self.log, self.environment)
        self.process.start()

    def _turn(self) -> AbstractContextManager[bool]:
        """One makes the archive, the others go without: it costs seconds at the end."""
        return locked(cache() / self.name / "class-data.lock", wait=False)

    def ended(self) -> str | None:
        """Return the end of its log if it has ended by itself."""
        return self.process.ended() if self.process else "it was never started"

    def stop(self) -> None:
        """End it kindly; keep the archive it has made, if it was its turn."""
        if self.process:
            self.process.stop()
        if self.part and self.part.exists():
            self.part.replace(_class_data(self.name))
        self._turn_is_over()

    def kill(self) -> None:
        """End it at once."""
        if self.process:
            self.process.kill()
        self._turn_is_over()

    def _turn_is_over(self) -> None:
        if self.part:
            self.part.unlink(missing_ok=True)
        self.part = None
        self.making.close()

    def pause(self) -> None:
        """Freeze it."""
        if self.process:
            self.process.pause()

    def resume(self) -> None:
        """Let it go on."""
        if self.process:
            self.process.resume()

    def remove(self) -> None:
        """Leave nothing of it running."""
        self.kill()
