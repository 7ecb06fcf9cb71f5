"""Answers of a database that are remembered for as long as nobody has changed what they came from. Asks nothing itself."""

from collections.abc import Collection, Mapping
from itertools import islice
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """The latest answers by name, true under one mark of their table. Any number of threads may use it at once.

    Whoever uses it reads the mark first, then the rows: then what is remembered under a mark is never older than it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._mark: bytes | None = None
        self._answers: dict[bytes, Answer] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def recall(self, mark: bytes, names: Collection[bytes]) -> dict[bytes, Answer]:
        """Return the answers there are to these names. Under another mark than the last all of them are forgotten."""
        with self._lock:
            if mark != self._mark:
                self._mark = mark
                self._answers.clear()
                return {}
            answers = self._answers
            return {name: answers[name] for name in names if name in answers}

    def remember(self, mark: bytes, answers: Mapping[bytes, Answer]) -> None:
        """Keep answers that were read after this mark was; pass them over if another thread has seen a later one."""
        with self._lock:
            if mark != self._mark:
                return
            self._answers.update(answers)
            for name in list(islice(self._answers, max(len(self._answers) - self._most, 0))):
                del self._answers[name]

    def forget(self) -> None:
        """Forget everything, and whatever is being read at this moment."""
        with self._lock:
            self._mark = None
            self._answers.clear()
