"""Google Ads by the Data Manager, v1: people are removed from user lists by a request that is processed later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.calls import Answer, Call, Operation, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.google.asked import ENCODINGS, Destination, Remove, RemoveAll, Seed
from connectors.sandbox.google.desk import Desk, Tokens
from connectors.sandbox.google.saying import enum, with_shape, wrong
from connectors.sandbox.jobs import Job, Jobs
from connectors.sandbox.limits import Limit, Standing

REMOVE, REMOVE_ALL, STATUS = "/v1/audienceMembers:remove", "/v1/audienceMembers:removeAll", "/v1/requestStatus:retrieve"
SCOPE = "https://www.googleapis.com/auth/datamanager"
ACCOUNT = "1234567890"
MEMBERS_AT_MOST, DESTINATIONS_AT_MOST, IDENTIFIERS_AT_MOST = 10_000, 10, 10
LIMITS = (Limit("requests", 300, 60), Limit("requests-a-day", 100_000, 86_400))
LARGEST = 16 * 1024 * 1024
_SECOND = 1_000_000
_INTERNAL = "PROCESSING_ERROR_REASON_INTERNAL_ERROR"
_FAULTS = frozenset({Kind.PARTIAL, Kind.ERROR_INSIDE, Kind.LIE})
Hashes = set[tuple[str, str]]


@dataclass
class State:
    """All of it: hashes by user list; `wiped` counts orders to remove everybody, which are only counted."""

    account: str = ACCOUNT
    lists: dict[str, Hashes] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=dict)
    jobs: Jobs = field(default_factory=Jobs)
    wiped: int = 0


class GoogleAds:
    """Google Ads. A request is processed after `job_seconds`."""

    name = "google-ads"

    def __init__(self, clock: Clock, *, job_seconds: float = 1_500) -> None:
        self.state: Any = State()
        self._clock, self._desk, self._takes = clock, Desk(self.name, SCOPE), int(job_seconds * _SECOND)

    @property
    def operations(self) -> Sequence[Operation]:
        """Removals, their status, and the login."""
        remove, clear = with_shape(Remove, self._remove), with_shape(RemoveAll, self._clear)
        return (
            Operation("POST", REMOVE, remove, limits=LIMITS, takes=_FAULTS, largest=LARGEST),
            Operation("POST", REMOVE_ALL, clear, limits=LIMITS),
            Operation("GET", STATUS, self._status, limits=LIMITS),
            self._desk.operation(lambda: self.state.tokens),
        )

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
        """Process the requests that are due."""
        for job in self.state.jobs.due(now):
            self.state.jobs.end(job, self._processed(job))

    def held(self) -> Mapping[str, Any]:
        """Return hashes by user list, and how often all were to go."""
        lists = {each: sorted(":".join(pair) for pair in found) for each, found in self.state.lists.items()}
        return {"lists": lists, "wiped": self.state.wiped, "requests": len(self.state.jobs)}

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the shape of `Seed`."""
        asked = Seed.model_validate(given)
        self.state.account = asked.account or self.state.account
        for user_list, hashes in asked.lists.items():
            kept: Hashes = self.state.lists.setdefault(user_list, set())
            kept |= {(kind, digest) for kind, _, digest in (each.partition(":") for each in hashes)}

    def credentials(self, url: str) -> Mapping[str, str]:
        """Return the key file of its service account."""
        return {"google-ads.json": self._desk.key_file(url)}

    def _remove(self, call: Call, asked: Remove) -> Answer:
        refusal = self._unknown(asked.destinations) or _too_many(asked)
        if refusal:
            return refusal
        encoding = enum(ENCODINGS, asked.encoding)
        if encoding is None:
            return wrong(400, field="encoding", why="HEX or BASE64 is wanted")
        by_reference = {each.reference: each.product_destination_id for each in asked.destinations}
        members: list[tuple[list[str], list[tuple[str, str]]]] = []
        for at, each in enumerate(asked.audience_members):
            hashed = [one.hashed(encoding) for one in each.user_data.user_identifiers]
            found = [one for one in hashed if one]
            if len(found) != len(hashed) or not 1 <= len(found) <= IDENTIFIERS_AT_MOST:
                return wrong(400, field=f"audience_members.audience_members[{at}]", why="1 to 10 SHA-256 hashes")
            if not set(each.destination_references) <= by_reference.keys():
                return wrong(400, field=f"audience_members.audience_members[{at}]", why="an unknown reference")
            where = [by_reference[one] for one in each.destination_references] or list(by_reference.values())
            members.append((where, found))
        if asked.validate_only:
            return said(200, {})
        told = {"destinations": asked.destinations, "members": members, "fault": call.fault}
        return said(200, {"requestId": self.state.jobs.start("remove", told, call.at, self._takes).id})

    def _clear(self, _: Call, asked: RemoveAll) -> Answer:
        refusal = self._unknown(asked.destinations)
        if refusal or asked.validate_only:
            return refusal or said(200, {})
        self.state.wiped += 1
        for each in asked.destinations:
            self.state.lists[each.product_destination_id].clear()
        return said(200, {"requestId": "removed-all"})

    def _status(self, call: Call) -> Answer:
        job = self.state.jobs.get(call.asked("requestId") or "")
        if job is None:
            return wrong(404)
        each = job.outcome["each"] if job.outcome else [_told(one, "PROCESSING") for one in job.asked["destinations"]]
        return said(200, {"requestStatusPerDestination": each})

    def _unknown(self, destinations: Sequence[Destination]) -> Answer | None:
        """Return the refusal of destinations, for their number, their account, or as there is no such list."""
        if not 1 <= len(destinations) <= DESTINATIONS_AT_MOST:
            return wrong(400, field="destinations", why="1 to 10 destinations are wanted")
        for at, each in enumerate(destinations):
            if not each.operating_account.is_ads:
                return wrong(
                    400, field=f"destinations.destinations[{at}].operating_account", why="an account is wanted"
                )
            if each.operating_account.account_id != self.state.account:
                return wrong(403)
            if each.product_destination_id not in self.state.lists:
                return wrong(400, field=f"destinations.destinations[{at}].product_destination_id", why="no such list")
        return None

    def _processed(self, job: Job) -> Mapping[str, Any]:
        """Remove the members of a request, all or, as its fault wants it, the first half or none."""
        members, fault = job.asked["members"], job.asked["fault"]
        kept = {Kind.PARTIAL: len(members) // 2, Kind.ERROR_INSIDE: 0, Kind.LIE: 0}.get(fault, len(members))
        for where, hashes in members[:kept]:
            for each in where:
                self.state.lists[each] -= set(hashes)
        count = len(members) if fault is Kind.LIE else kept
        return {"each": [_done(one, members, count) for one in job.asked["destinations"]]}


def _too_many(asked: Remove) -> Answer | None:
    if not 1 <= len(asked.audience_members) <= MEMBERS_AT_MOST:
        return wrong(400, field="audience_members", why="1 to 10000 members are wanted")
    return None


def _told(destination: Destination, status: str) -> dict[str, Any]:
    told = destination.model_dump(by_alias=True, exclude_defaults=True)
    told["operatingAccount"] = {"accountType": "GOOGLE_ADS", "accountId": destination.operating_account.account_id}
    told.pop("loginAccount", None)
    told.pop("linkedAccount", None)
    return {"destination": told, "requestStatus": status}


def _done(
    destination: Destination, members: Sequence[tuple[Sequence[str], Sequence[Any]]], kept: int
) -> dict[str, Any]:
    """Return how a request ended at one destination; counts are of what was processed, and texts as Google writes 64 bits."""
    here = [at for at, (where, _) in enumerate(members) if destination.product_destination_id in where]
    failed = [at for at in here if at >= kept]
    status = "SUCCESS" if not failed else "FAILED" if len(failed) == len(here) else "PARTIAL_SUCCESS"
    done = [members[at][1] for at in here if at < kept]
    counts = {"recordCount": str(len(done)), "userIdentifierCount": str(sum(map(len, done)))}
    told = {**_told(destination, status), "audienceMembersRemovalStatus": {"userDataRemovalStatus": counts}}
    if failed:
        error = {"reason": _INTERNAL, "recordCount": str(len(failed)), "recordIndices": failed}
        told["errorInfo"] = {"errorCounts": [error]}
    return told
