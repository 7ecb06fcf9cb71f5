"""A server as a process of this machine: started, ended kindly or not, frozen; gone at the latest with the tests."""

import atexit
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.waiting import NeverHappenedError, until

STOP_SECONDS = 60.0
PROC = Path("/proc")


def with_us(command: Sequence[str]) -> list[str]:
    """Have the kernel end it when we are killed ourselves, which no fixture and no `atexit` sees."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--", *command] if setpriv else [*command]


def _states() -> dict[int, tuple[int, str]]:
    """Return every process's parent and state: by Linux's own files, for not each has a `ps`, or by that."""
    if not (PROC / "self" / "stat").exists():
        asked = subprocess.run(
            [shutil.which("ps") or "ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
        )
        rows = (line.split() for line in asked.stdout.splitlines())
        return {int(pid): (int(parent), state) for pid, parent, state in rows}
    found = {}
    for stat in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):  # it has gone since it was listed
            # The name before them may hold spaces and brackets.
            state, parent = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
            found[int(stat.parent.name)] = (int(parent), state)
    return found


def alive(pid: int) -> bool:
    """Tell whether it runs: one that has ended and that nobody has asked about is still listed, as a zombie."""
    return not _states().get(pid, (0, "Z"))[1].startswith("Z")


@dataclass(slots=True)
class Process:
    """One command, which may be started again and again; its output goes to the end of `log`."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, from a thread that lives as long as it shall.

        A session of its own keeps a Ctrl-C for the tests from reaching it before they are done with it.
        """
        if self.running:
            raise NeverHappenedError(f"it runs already; log: {self.log}")
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                with_us(self.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                cwd="/",
                user=self.user,
                group=self.user and _group_of(self.user),
                extra_groups=[] if self.user else None,
                start_new_session=True,
            )
        atexit.register(self.kill)

    def ended(self) -> str | None:
        """Return the end of its log if it has ended by itself."""
        if self.running and self.running.poll() is None:
            return None
        lines = self.log.read_text("utf-8", "replace").splitlines()[-30:] if self.log.exists() else []
        return "\n".join([f"the server has ended; log: {self.log}", *lines])

    def stop(self) -> None:
        """Ask it to end, and wait until it has. Raises: NeverHappenedError: it has not; it is killed then."""
        if running := self.running:
            running.send_signal(self.stop_signal)
            try:
                running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired as late:
                raise NeverHappenedError(f"it would not end; log: {self.log}") from late
            finally:
                self.kill()

    def kill(self) -> None:
        """End it and what it started at once, as a power cut would, and wait until all have gone."""
        atexit.unregister(self.kill)
        if running := self.running:
            family = self._family(running.pid)
            self._send(signal.SIGKILL, [running.pid, *family])
            running.wait(STOP_SECONDS)
            until(lambda: _any_alive(family), seconds=STOP_SECONDS, what="the end of what the server had started")
            self.running = None

    def pause(self) -> None:
        """Freeze it and what it started: connections stay, answers stay away."""
        if self.running:
            self._send(signal.SIGSTOP, [self.running.pid])
            self._send(signal.SIGSTOP, self._family(self.running.pid))

    def resume(self) -> None:
        """Let it go on."""
        if self.running:
            self._send(signal.SIGCONT, [self.running.pid, *self._family(self.running.pid)])

    def remove(self) -> None:
        """Leave nothing of it running. Its files are their folder's owner's to remove."""
        self.kill()

    def _family(self, parent: int) -> list[int]:
        return [pid for pid, (of, _) in _states().items() if of == parent]

    def _send(self, what: signal.Signals, pids: Sequence[int]) -> None:
        for pid in pids:
            try:
                os.kill(pid, what)
            except ProcessLookupError:
                continue


def _any_alive(pids: Sequence[int]) -> str | None:
    return next((f"process {pid} is there still" for pid in pids if alive(pid)), None)


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
