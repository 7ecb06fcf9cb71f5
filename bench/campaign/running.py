"""A program of the product while it runs: started, killed, started again; its log goes on at the end of one file."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.e2e.program import JALKI, environment
from tests.servers.processes import with_us
from tests.servers.waiting import NeverHappenedError, until

PATIENCE = 180.0
STOPS_WITHIN = 90.0
_REFUSED = 1
"""The exit code of a program to which a server refuses something, as one whose disk is full does."""
_WRONG = 2
"""The exit code of what cannot be mended by starting it again."""
CRASHES = ("Traceback", "fault of the program", "Exception ignored", "never retrieved")
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Running:
    """One program. `works` answers 200 when it does."""

    words: tuple[str, ...]
    settings: Mapping[str, str] = field(repr=False)
    log: Path
    works: str
    process: "subprocess.Popen[bytes] | None" = None
    gave_up: int = 0
    """How often it ended by itself since a server refused, and was started again."""

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.works.rpartition("/")[0]

    def start(self, ahead: int = 0) -> None:
        """Start it; its clock is so many seconds ahead."""
        program = [sys.executable, "-m", "bench.campaign.wrong_clock", f"{ahead}"] if ahead else [f"{JALKI}"]
        more = {"PYTHONPATH": f"{ROOT}"} if ahead else {}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                with_us([*program, *self.words]), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=environment(**{**self.settings, **more}),
            )  # fmt: skip

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Have it finish what is in hand and end, as a deployment does."""
        if self.process is None or self.process.poll() is not None:
            self.until_works()
        assert self.process  # noqa: S101 - it was started
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.words[0]} did not stop within {STOPS_WITHIN:g} s") from None
        assert code == 0, f"{self.words[0]} stopped with {code}: {self.said()}"  # noqa: S101 - that is what is tried

    def keep_up(self) -> None:
        """Start it again if it has ended by itself, as whatever runs it in earnest would."""
        if self.process is None:
            self.start()
        elif (code := self.process.poll()) is not None:
            assert code == _REFUSED, f"{self.words[0]} ended with {code}: {self.said()}"  # noqa: S101 - that is what is tried
            self.gave_up += 1
            self.start()

    def until_works(self) -> None:
        """Wait until it does; started again where it gave up."""

        def missing() -> str | None:
            if self.process and self.process.poll() == _WRONG:
                raise NeverHappenedError(f"{self.words[0]} refuses to start: {self.said()}")
            self.keep_up()
            try:
                answer = httpx2.get(self.works, timeout=5, trust_env=False)
            except httpx2.HTTPError as away:
                return f"{type(away).__name__}; it said: {self.said()}"
            return (
                None
                if answer.status_code == 200
                else f"{answer.status_code} {answer.text[:500]}; it said: {self.said()}"
            )

        until(missing, seconds=PATIENCE, what=f"{self.words[0]} that works")

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", "replace")[-2_000:]

    def crashes(self) -> list[str]:
        """What of its log is a crash: the lines around it are for whoever runs the campaign, on this machine alone."""
        return [
            line
            for line in self.log.read_text("utf-8", "replace").splitlines()
            if any(each in line for each in CRASHES)
        ]
