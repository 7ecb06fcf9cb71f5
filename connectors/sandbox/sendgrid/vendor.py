"""SendGrid, v3: its operations, credentials and limits, put together."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.calls import Answer, Call, Operation, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.jobs import Job
from connectors.sandbox.limits import Limit, Standing
from connectors.sandbox.sendgrid import marketing, suppressing
from connectors.sandbox.sendgrid.saying import addresses_of, with_object, wrong
from connectors.sandbox.sendgrid.state import ERASE_SCOPE, LISTS, Account, Seed, State, seed, shown

SECOND = 1_000_000
ERASED_AT_MOST = 5_000
LARGEST_ERASURE = 256 * 1024
ERASE, ERASE_PATH = "erase", "/v3/recipients/erasejob"
ERASE_LIMIT = Limit("erasejob", 100, 60)
"""As its specification says."""
OTHER_LIMIT = Limit("other", 600, 60)
"""Assumed: no specification says how often the others may be called."""
_TROUBLE = {
    400: "bad request",
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    404: "not found",
    405: "method not allowed",
    413: "payload too large",
    429: "too many requests",
    500: "internal server error",
    503: "service unavailable",
}
KEY_FILE = "sendgrid.key"
_OWN_FAULTS = frozenset({Kind.PARTIAL, Kind.LIE})


class SendGrid:
    """SendGrid. Jobs take `job_seconds`. Erasure jobs leave suppressions, unless they are said to clear them."""

    name = "sendgrid"

    def __init__(
        self,
        clock: Clock,
        *,
        key: str | None = None,
        job_seconds: float = 5,
        clears_suppressions: bool = False,
    ) -> None:
        self.state: Any = State()
        self.operations = self._operations()
        self._clock, self._clears = clock, clears_suppressions
        self._key = key or f"SG.{secrets.token_urlsafe(32)}"
        self._takes = int(job_seconds * SECOND)

    def admits(self, call: Call) -> Answer | None:
        """Want the key, and for an erasure its scope; an account to act for must be one."""
        if not secrets.compare_digest((call.bearer() or "").encode(), self._key.encode()):
            return self.trouble(401, None)
        if _account_name(call) not in self.state.accounts:
            return self.trouble(403, None)
        erases = call.template == ERASE_PATH
        return self.trouble(403, None) if erases and ERASE_SCOPE not in self.state.scopes else None

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Say what is wrong; how long to wait after a 429 is said by the limit's headers."""
        says = {"Retry-After": str(wait)} if wait is not None and status == 503 else {}
        return wrong(status, _TROUBLE[status], headers=says)

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:
        """Tell the limit: until it is reset in seconds for erasures, as a time of day for the rest."""
        erases = standing.limit == ERASE_LIMIT
        reset = standing.wait if erases else -(-(now + standing.resets_in) // SECOND)
        told = {
            "X-RateLimit-Limit": str(standing.limit.calls),
            "X-RateLimit-Remaining": str(standing.left),
            "X-RateLimit-Reset": str(reset),
        }
        return {**told, "X-Envoy-Ratelimited": "true"} if erases and standing.refused else told

    def settle(self, now: int) -> None:
        """Carry out the jobs that are due."""
        for job in self.state.jobs.due(now):
            account = self.state.accounts[job.asked.get("account", "")]
            self.state.jobs.end(
                job, marketing.carry_out(account, job) if job.kind != ERASE else self._erased(account, job)
            )

    def held(self) -> Mapping[str, Any]:
        """Return accounts with mail data, contacts and suppressions; jobs; and how often all contacts were to go."""
        return shown(self.state)

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the shape of `state.Seed`."""
        seed(self.state, Seed.model_validate(given), self._clock())

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - its key is the same everywhere
        """Return its key."""
        return {KEY_FILE: self._key}

    def _operations(self) -> Sequence[Operation]:
        return (
            _operation("GET", "/v3/scopes", lambda _: said(200, {"scopes": list(self.state.scopes)})),
            Operation("POST", ERASE_PATH, with_object(self._erase), limits=(ERASE_LIMIT,)),
            *self._of_contacts(),
            *self._of_suppressions(),
        )

    def _of_contacts(self) -> Sequence[Operation]:
        contacts = "/v3/marketing/contacts"

        def searched(_: Call, body: Mapping[str, Any]) -> Answer:
            return marketing.search(self.state, body)

        def upserted(call: Call, body: Mapping[str, Any]) -> Answer:
            return marketing.upsert(self.state, call, body, self._takes)

        def deleted(call: Call) -> Answer:
            return marketing.delete(self.state, call, self._takes)

        return (
            _operation("POST", f"{contacts}/search/emails", with_object(searched)),
            _operation("PUT", contacts, with_object(upserted), _OWN_FAULTS),
            _operation("DELETE", contacts, deleted, _OWN_FAULTS),
            _operation("GET", f"{contacts}/imports/{{id}}", lambda call: marketing.status(self.state, call)),
        )

    def _of_suppressions(self) -> Sequence[Operation]:
        all_, group = "/v3/asm/suppressions", "/v3/asm/groups/{group_id}/suppressions"
        lists = [(each, f"/v3/suppression/{each}/{{email}}") for each in LISTS]
        whole = [(each, f"/v3/suppression/{each}") for each in LISTS]
        return (
            _operation("POST", f"{all_}/global", with_object(self._with_body(suppressing.suppress))),
            _operation("GET", f"{all_}/global/{{email}}", self._for(suppressing.suppressed)),
            _operation("DELETE", f"{all_}/global/{{email}}", self._for(suppressing.let_through)),
            _operation("GET", f"{all_}/{{email}}", self._for(suppressing.groups_of)),
            _operation("GET", "/v3/asm/groups/{group_id}", self._for(suppressing.group)),
            _operation("POST", f"{group}/search", with_object(self._with_body(suppressing.members_of))),
            _operation("POST", group, with_object(self._with_body(suppressing.suppress_in_group))),
            _operation("GET", group, self._for(suppressing.of_group)),
            _operation("DELETE", f"{group}/{{email}}", self._for(suppressing.let_through_group)),
            *(_operation("GET", path, self._for(suppressing.entry(which))) for which, path in lists),
            *(_operation("DELETE", path, self._for(suppressing.removal(which))) for which, path in lists),
            *(_operation("DELETE", path, self._clearing(which)) for which, path in whole),
        )

    def _for(self, does: suppressing.ByAccount) -> Callable[[Call], Answer]:
        return lambda call: does(self.state.accounts[_account_name(call)], call)

    def _clearing(self, which: str) -> Callable[[Call], Answer]:
        return lambda call: suppressing.clear(self.state, self.state.accounts[_account_name(call)], which, call)

    def _with_body(
        self, does: Callable[[Account, Call, Mapping[str, Any]], Answer]
    ) -> Callable[[Call, Mapping[str, Any]], Answer]:
        return lambda call, body: does(self.state.accounts[_account_name(call)], call, body)

    def _erase(self, call: Call, body: Mapping[str, Any]) -> Answer:
        """Queue the erasure of mail data, of the account that is named and of no other."""
        if len(call.body) > LARGEST_ERASURE:
            return wrong(400, "the payload is larger than 256 KB", "email_addresses")
        given = addresses_of(body, "email_addresses")
        if isinstance(given, Answer):
            return given
        if not 1 <= len(given) <= ERASED_AT_MOST:
            return wrong(400, "1 to 5000 addresses are wanted", "email_addresses")
        asked = {"addresses": sorted({each.lower() for each in given}), "account": _account_name(call)}
        return said(202, {"job_id": self.state.jobs.start(ERASE, asked, call.at, self._takes).id})

    def _erased(self, account: Account, job: Job) -> Mapping[str, Any]:
        for each in job.asked["addresses"]:
            account.mail.pop(each, None)
            if self._clears:
                for held in (
                    account.suppressed,
                    *account.lists.values(),
                    *(g.members for g in account.groups.values()),
                ):
                    held.pop(each, None)
        return {}


def _operation(
    method: str, path: str, does: Callable[[Call], Answer], takes: frozenset[Kind] = frozenset()
) -> Operation:
    return Operation(method, path, does, limits=(OTHER_LIMIT,), takes=takes)


def _account_name(call: Call) -> str:
    return call.headers.get("on-behalf-of", "").strip()
