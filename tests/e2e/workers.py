"""Workers of the program, as they run in earnest: started until they work, asked for their metrics, stopped kindly."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.e2e.program import JALKI, environment
from tests.servers.waiting import NeverHappenedError, free_port, until

START_SECONDS = 180.0
STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that runs; what it says goes to `log`."""

    process: "subprocess.Popen[bytes]"
    log: Path
    port: int

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def counted(self, outcome: str) -> int:
        """How many events have found this end in it: recorded, repeated or dead."""
        text = httpx2.get(f"http://127.0.0.1:{self.port}/metrics", trust_env=False).text
        (found,) = re.findall(rf'^jalki_events_total{{outcome="{outcome}"}} (\S+)$', text, re.MULTILINE)
        return int(float(found))

    def _not_yet(self) -> str | None:
        if self.process.poll() is not None:
            raise NeverHappenedError(f"the worker ended: {self.said()}")
        return None if "working" in self.said().splitlines() else self.said()


@contextmanager
def working(
    number: int, folder: Path, settings: Mapping[str, object], data: Path | None = None
) -> Iterator[list[Worker]]:
    """So many workers while the block lasts; at its end each must stop kindly, with exit code 0 and no traceback."""
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_started(folder / f"worker-{each}.log", settings, data)) for each in range(number)
        ]
        for each in workers:
            until(each._not_yet, seconds=START_SECONDS, what="a worker that works")
        yield workers
        for each in workers:
            each.process.send_signal(signal.SIGTERM)
        assert [each.process.wait(STOP_SECONDS) for each in workers] == [0] * number
        assert [each.log for each in workers if "Traceback" in each.said()] == []


@contextmanager
def killed(folder: Path, settings: Mapping[str, object]) -> Iterator[Worker]:
    """A worker that works while the block lasts, and is killed at its end."""
    with _started(folder / "killed.log", settings, None) as worker:
        until(worker._not_yet, seconds=START_SECONDS, what="a worker that works")
        yield worker


@contextmanager
def _started(log: Path, settings: Mapping[str, object], data: Path | None) -> Iterator[Worker]:
    port = free_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [JALKI, "worker", *(("--data", f"{data}") if data else ())],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env=environment(**settings) | {"JALKI_LISTEN": f"127.0.0.1:{port}"},
        )
    try:
        yield Worker(process, log, port)
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
