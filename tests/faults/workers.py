"""A real `jalki worker`: a process of its own, watched from outside as an operator does, by health, metrics and log."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.program import JALKI, environment
from tests.servers.waiting import NeverHappenedError, until

DEADLINE = 90.0


class Health(NamedTuple):
    status: int
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Worker:
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def said(self) -> str:
        """All it wrote to stderr, on one line."""
        return " ".join(self.log.read_text("utf-8").split())

    def _get(self, path: str) -> tuple[int, str] | None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, HTTPException):  # not yet, or not any more
            return None
        finally:
            connection.close()

    def health(self) -> Health | None:
        got = self._get("/health")
        return Health(got[0], json.loads(got[1])) if got else None

    def measured(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples with these labels; 0 before the worker listens."""
        got = self._get("/metrics")
        if got is None:
            return 0.0
        families = text_string_to_metric_families(got[1])
        samples = (each for family in families for each in family.samples if each.name == name)
        return sum(each.value for each in samples if labels.items() <= each.labels.items())

    def events(self, outcome: str) -> float:
        return self.measured("jalki_events_total", outcome=outcome)

    def settled(self) -> float:
        return self.measured("jalki_events_total")

    def until(self, reached: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
        """Wait until it is so; the worker has to live that long."""

        def missing() -> str | None:
            if (code := self.process.poll()) is not None:
                raise NeverHappenedError(f"{what}: the worker ended with {code}: {self.said[-2000:]}")
            return None if reached() else f"health {self.health()}; it said: {self.said[-2000:]}"

        until(missing, seconds=seconds, what=what)

    def until_works(self) -> None:
        self.until(lambda: (found := self.health()) is not None and found.status == 200, "a worker that works")

    def until_waits(self, why: str, seconds: float = DEADLINE) -> None:
        """Wait until health says 503 and names in its reason what is away."""

        def waits() -> bool:
            found = self.health()
            if found is None or found.said["status"] != "waiting":
                return False
            assert found.status == 503
            return why in (found.said["reason"] or "")

        self.until(waits, f"a worker that waits for {why}", seconds)

    def tell_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self, seconds: float = DEADLINE) -> int:
        """Wait for its end; return the exit code. It never ends with a traceback."""
        code = self.process.wait(seconds)
        self.assert_quiet()
        return code

    def stop(self) -> None:
        """Have it drain and end, as a deployment does."""
        self.tell_to_stop()
        assert self.end() == 0, self.said[-2000:]

    def assert_quiet(self) -> None:
        """Nothing it says is a crash or the words of a library."""
        for each in (
            "Traceback",
            "fault of the program",
            "Exception ignored",
            "never retrieved",
            "Unclosed",
            "Deadlock",
        ):
            assert each not in self.said, self.said[-4000:]


@contextmanager
def running(port: int, log: Path, settings: Mapping[str, object]) -> Iterator[Worker]:
    """Run a worker; killed at the end of the block if it still runs. Its log goes to the end of a file."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(JALKI), "worker"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(**settings, JALKI_LISTEN=f"127.0.0.1:{port}"),
        )
    try:
        yield Worker(process, port, log)
    finally:
        process.kill()
        process.wait()


def within(seconds: float) -> Callable[[], bool]:
    """Tell whether so much time has passed since now: for what must be seen to last."""
    over = time.monotonic() + seconds
    return lambda: time.monotonic() >= over
