"""Google Analytics 4: user deletions of the Admin interface. Reports are clear after 72 hours, servers at the next run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from connectors.sandbox.calls import Answer, Call, Operation, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.google.desk import Desk, Tokens
from connectors.sandbox.google.saying import CLOSED, moment, with_shape, wrong
from connectors.sandbox.jobs import Jobs
from connectors.sandbox.limits import Limit, Standing

PATH = "/v1alpha/properties/{property}:submitUserDeletion"
SCOPE = "https://www.googleapis.com/auth/analytics.edit"
FIELDS = ("clientId", "userId", "appInstanceId", "userProvidedData")
REPORTS, SERVERS = "reports", "servers"
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
REPORTS_TAKE = 3 * _DAY
RUNS_EVERY = 61 * _DAY
DELETIONS_A_DAY = 500
"""For each property; a day begins at midnight in the west of America."""
WRITES = Limit("writes", 600, 60)
HELD_AT_MOST = 200_000
Users = dict[str, dict[str, int]]
"""By field of a request, values and when they were last measured, in microseconds."""
_Value = Annotated[str, Field(min_length=1, max_length=1_024)]


class _Deletion(BaseModel):
    model_config = CLOSED
    name: str | None = None
    client_id: _Value | None = None
    user_id: _Value | None = None
    app_instance_id: _Value | None = None
    user_provided_data: _Value | None = None


class _Users(BaseModel):
    model_config = CLOSED
    client_id: Annotated[list[_Value], Field(max_length=HELD_AT_MOST)] = []
    user_id: Annotated[list[_Value], Field(max_length=HELD_AT_MOST)] = []
    app_instance_id: Annotated[list[_Value], Field(max_length=HELD_AT_MOST)] = []
    user_provided_data: Annotated[list[_Value], Field(max_length=HELD_AT_MOST)] = []


class Seed(BaseModel):
    """What a sandbox is seeded with: users by property, under the names of a request's fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    properties: Mapping[Annotated[str, Field(pattern=r"^[0-9]{1,19}$")], _Users] = {}


@dataclass
class State:
    """All of it: for each property whom reports show, and whom servers still have; how many deletions were asked for."""

    properties: dict[str, dict[str, Users]] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=dict)
    jobs: Jobs = field(default_factory=Jobs)
    deletions: int = 0
    today: tuple[str, dict[str, int]] = ("", {})
    """A day, and the deletions on it by property."""


class GoogleAnalytics:
    """Google Analytics."""

    name = "google-analytics"

    def __init__(self, clock: Clock) -> None:
        self.state: Any = State()
        self._clock, self._desk = clock, Desk(self.name, SCOPE)

    @property
    def operations(self) -> Sequence[Operation]:
        """Deletion, and the login."""
        submit = Operation("POST", PATH, with_shape(_Deletion, self._submit), limits=(WRITES,), largest=65_536)
        return submit, self._desk.operation(lambda: self.state.tokens)

    def admits(self, call: Call) -> Answer | None:
        """Want a token of the desk."""
        return self._desk.admits(call, self.state.tokens)

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Say what is wrong."""
        return wrong(status, wait)

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - it tells nothing
        """Tell nothing of limits: Google does not."""
        return {}

    def settle(self, now: int) -> None:
        """Clear reports, or servers, of what was measured before it was asked for."""
        for job in self.state.jobs.due(now):
            users = self.state.properties.get(job.asked["property"], {}).get(job.kind, {})
            seen = users.get(job.asked["field"], {})
            if seen.get(job.asked["value"], job.began + 1) <= job.began:
                del seen[job.asked["value"]]
            self.state.jobs.end(job, {})

    def held(self) -> Mapping[str, Any]:
        """Return users by property, where they are still seen, and field; and how many deletions there were."""
        told = {
            each: {where: {name: sorted(found) for name, found in users.items()} for where, users in both.items()}
            for each, both in self.state.properties.items()
        }
        return {"properties": told, "deletions": self.state.deletions}

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold these users too. Raises: ValueError: it is not of the shape of `Seed`."""
        now = self._clock()
        for number, users in Seed.model_validate(given).properties.items():
            both = self.state.properties.setdefault(number, {})
            for where in (REPORTS, SERVERS):
                kept = both.setdefault(where, {name: {} for name in FIELDS})
                for name, values in users.model_dump(by_alias=True).items():
                    kept[name].update(dict.fromkeys(values, now))

    def credentials(self, url: str) -> Mapping[str, str]:
        """Return the key file of its service account."""
        return {"google-analytics.json": self._desk.key_file(url)}

    def _submit(self, call: Call, given: _Deletion) -> Answer:
        found = {name: value for name, value in given.model_dump(by_alias=True).items() if value and name in FIELDS}
        if len(found) != 1:
            return wrong(400, field="user", why="exactly one identifier is wanted")
        if call.path["property"] not in self.state.properties:
            return wrong(403)
        if not self._counted(call):
            return wrong(429)
        ((name, value),) = found.items()
        asked = {"property": call.path["property"], "field": name, "value": value}
        run = RUNS_EVERY - call.at % RUNS_EVERY
        for kind, takes in ((REPORTS, REPORTS_TAKE), (SERVERS, run)):
            self.state.jobs.start(kind, asked, call.at, takes)
        self.state.deletions += 1
        return said(200, {"deletionRequestTime": moment(call.at)})

    def _counted(self, call: Call) -> bool:
        """Count a deletion of the day, unless there are no more to be had."""
        day = datetime.fromtimestamp(call.at // _SECOND, ZoneInfo("America/Los_Angeles")).date().isoformat()
        if self.state.today[0] != day:
            self.state.today = (day, {})
        counts = self.state.today[1]
        counts[call.path["property"]] = counts.get(call.path["property"], 0) + 1
        return bool(counts[call.path["property"]] <= DELETIONS_A_DAY)
