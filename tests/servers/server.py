"""What all servers have in common: they run or not, are ours or not, and answer or not."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Protocol

from tests.servers.waiting import NeverHappenedError, until

START_SECONDS = 120.0


class UnavailableError(Exception):
    """No such server can be had on this machine; the message says what is missing."""


class Body(Protocol):
    """What a server runs as: a process, a container."""

    def start(self) -> None: ...
    def ended(self) -> str | None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def remove(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Power:
    """Power over a server of ours; none over one that was given to us, which is only asked whether it answers."""

    body: Body | None
    missing: Callable[[], str | None]

    @property
    def ours(self) -> Body:
        """The server's body. Raises: PermissionError: it is not ours."""
        if self.body is None:
            raise PermissionError("this server was given to the tests; a test that breaks one needs one of its own")
        return self.body

    def start(self) -> None:
        """Start it and wait until it answers. Raises: NeverHappenedError: it ended or does not answer."""
        self.ours.start()
        try:
            self.wait()
        except BaseException:
            self.ours.kill()
            raise

    def wait(self) -> None:
        """Wait until it answers. Raises: NeverHappenedError: it has ended or does not answer."""
        until(self._missing, seconds=START_SECONDS, what="an answer of the server")

    def _missing(self) -> str | None:
        if self.body and (why := self.body.ended()):
            raise NeverHappenedError(why)
        return self.missing()


def running(power: Power) -> AbstractContextManager[object]:
    """Start a server of ours; at the end stop it, whatever a test has done to it meanwhile."""
    stack = ExitStack()
    stack.callback(_end, power.ours)
    try:
        power.start()
    except BaseException:
        stack.close()
        raise
    return stack


def _end(body: Body) -> None:
    """Frozen processes cannot end kindly, and those that have ended need nothing."""
    try:
        if body.ended() is None:
            body.resume()
            body.stop()
    finally:
        body.remove()
