"""A vendor that does not exist, of the plainest kind: the framework's tests need nothing of a real one's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.calls import Answer, Call, Operation, nothing, said
from connectors.sandbox.faults import Kind
from connectors.sandbox.jobs import Jobs
from connectors.sandbox.limits import Limit, Standing

TOKEN = "of-the-invented"  # noqa: S105 - of nothing that exists
JOB_TAKES = 60_000_000


@dataclass
class State:
    names: set[str] = field(default_factory=set)
    jobs: Jobs = field(default_factory=Jobs)


class Invented:
    """Keeps names: PUT and DELETE one, DELETE all of a shelf later, GET a job."""

    name = "invented"

    def __init__(self) -> None:
        self.state: Any = State()
        limits = (Limit("shelf", 3, 60, by="shelf"),)
        takes = frozenset({Kind.PARTIAL})
        self.operations = (
            Operation("PUT", "/names/{name}", self._put),
            Operation("DELETE", "/names/{name}", self._delete),
            Operation("POST", "/shelves/{shelf}:clear", self._clear, limits=limits, takes=takes),
            Operation("GET", "/jobs/{id}", self._job),
            Operation("GET", "/fault", self._fail),
            Operation("POST", "/token", lambda _: said(200, {"token": TOKEN}), open=True, largest=10),
        )

    def admits(self, call: Call) -> Answer | None:
        return None if call.bearer() == TOKEN else self.trouble(401, None)

    def trouble(self, status: int, wait: int | None) -> Answer:
        return said(status, {"wrong": status}, {"Retry-After": str(wait)} if wait is not None else {})

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:
        return {"X-Left": str(standing.left), "X-Now": str(now)}

    def settle(self, now: int) -> None:
        for job in self.state.jobs.due(now):
            left = 1 if job.asked["partial"] else 0
            self.state.names = set(sorted(self.state.names)[:left])
            self.state.jobs.end(job, {"left": left})

    def held(self) -> Mapping[str, Any]:
        return {"names": sorted(self.state.names)}

    def seed(self, given: Mapping[str, Any]) -> None:
        if given.keys() != {"names"}:
            raise ValueError("names are wanted")
        self.state.names |= set(given["names"])

    def credentials(self, url: str) -> Mapping[str, str]:
        return {"invented.token": TOKEN, "invented.url": url}

    def _put(self, call: Call) -> Answer:
        self.state.names.add(call.path["name"])
        return said(200, {"name": call.path["name"]})

    def _delete(self, call: Call) -> Answer:
        self.state.names.discard(call.path["name"])
        return nothing()

    def _fail(self, call: Call) -> Answer:
        raise RuntimeError(f"a fault of the vendor's file, with what was sent: {call.query}")

    def _clear(self, call: Call) -> Answer:
        asked = {"partial": call.fault is Kind.PARTIAL}
        return said(202, {"job": self.state.jobs.start("clear", asked, call.at, JOB_TAKES).id})

    def _job(self, call: Call) -> Answer:
        job = self.state.jobs.get(call.path["id"])
        return said(200, {"done": job.done}) if job else self.trouble(404, None)
