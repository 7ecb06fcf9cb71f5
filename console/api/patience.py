"""How long an answer may take: whoever works on it looks at its patience now and then, and stops when there is none."""

from threading import Event
from time import monotonic


class OutOfPatienceError(Exception):
    """Nobody waits for the answer any more."""


class Patience:
    """Ends after some seconds, or when it is ended. Any number of threads may use it."""

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds
        self._over = Event()

    def end(self) -> None:
        """Let nobody wait any longer."""
        self._over.set()

    def look(self) -> None:
        """Go on, where somebody still waits. Raises: OutOfPatienceError."""
        if self._over.is_set() or monotonic() > self._ends:
            raise OutOfPatienceError
