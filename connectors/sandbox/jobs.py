"""What a vendor does later: jobs that are done when the clock has passed their time. Nothing sleeps, nothing runs by itself."""

import heapq
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

JOBS_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Job:
    """Something asked for at `began` that is done at `due`, both in microseconds; `outcome` is None until then."""

    id: str
    kind: str
    began: int
    due: int
    asked: Mapping[str, Any] = field(repr=False)
    outcome: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def done(self) -> bool:
        """Whether it was carried out."""
        return self.outcome is not None


class Jobs:
    """A vendor's jobs, the newest ten thousand. Part of its state."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._waiting: list[tuple[int, int, Job]] = []
        self._started = 0

    def start(
        self,
        kind: str,
        asked: Mapping[str, Any],
        now: int,
        takes: int,
        id: str | None = None,  # noqa: A002 - a job's
    ) -> Job:
        """Keep a job that is due `takes` microseconds from now.

        Its id is a UUID unless one is given; that of a job that is there begins its next stage.
        """
        job = Job(id or str(uuid.uuid4()), kind, now, now + takes, asked)
        self._jobs[job.id] = job
        self._started += 1
        heapq.heappush(self._waiting, (job.due, self._started, job))
        while len(self._jobs) > JOBS_AT_MOST:
            del self._jobs[next(iter(self._jobs))]
        return job

    def due(self, now: int) -> Iterator[Job]:
        """Give out those whose time has come, the earliest first, each once: carry it out and `end` it."""
        while self._waiting and self._waiting[0][0] <= now:
            job = heapq.heappop(self._waiting)[2]
            if self._jobs.get(job.id) == job:  # neither forgotten nor in another stage by now
                yield job

    def end(self, job: Job, outcome: Mapping[str, Any]) -> None:
        """Keep what became of one."""
        self._jobs[job.id] = replace(job, outcome=outcome)

    def get(self, id: str) -> Job | None:  # noqa: A002 - a job's
        """Return one; None: there is none of that id, or no longer."""
        return self._jobs.get(id)

    def __len__(self) -> int:
        return len(self._jobs)
