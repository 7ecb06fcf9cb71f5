"""Whether a worker does its work, since when, and if not, what it waits for. Pure; knows no HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lineage.errors import Retryable
from streams.metrics import AWAY, Away


class Status(StrEnum):
    """What a worker is doing."""

    STARTING = "starting"
    OK = "ok"
    WAITING = "waiting"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a worker stands: `since` in microseconds UTC; `reason` is what our own errors say, which is never personal."""

    status: Status
    since: int
    reason: str | None = None


class Health:
    """The standing of one worker. To be changed from one thread; read from any."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._began = Standing(Status.STARTING, clock())
        self._away: dict[Away, Standing] = {}
        self._standing = self._began

    @property
    def standing(self) -> Standing:
        """How the worker stands now."""
        return self._standing

    def started(self) -> None:
        """All that is needed was reached and the agents run. Again later, it changes nothing."""
        if self._began.status is Status.STARTING:
            self._began = Standing(Status.OK, self._clock())
            self._look()

    def waiting(self, of: Away, error: Retryable) -> None:
        """Something is away, and is tried again. The time of the first failure stays, the reason is the last one."""
        before = self._away.get(of)
        self._away[of] = Standing(Status.WAITING, before.since if before else self._clock(), str(error))
        self._look()

    def returned(self, of: Away) -> None:
        """Something answers again. Cheap where it was not away: call it after every success."""
        if self._away.pop(of, None) is not None:
            if not self._away and self._began.status is Status.OK:
                self._began = Standing(Status.OK, self._clock())
            self._look()

    def stopping(self) -> None:
        """The worker drains and ends. Nothing changes that any more."""
        if self._began.status is not Status.STOPPING:
            self._began = Standing(Status.STOPPING, self._clock())
            self._look()

    def _look(self) -> None:
        away = [self._away[of] for of in AWAY if of in self._away]
        if self._began.status is Status.STOPPING or not away:
            self._standing = self._began
        else:
            reasons = "; ".join(dict.fromkeys(each.reason or "" for each in away))
            self._standing = Standing(Status.WAITING, min(each.since for each in away), reasons)
