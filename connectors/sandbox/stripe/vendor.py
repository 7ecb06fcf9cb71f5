"""Stripe: its operations, credentials, versions, keys of idempotency and limits, put together."""

import base64
import secrets
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from connectors.sandbox.calls import Answer, Call, Operation, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.limits import Limit, Standing
from connectors.sandbox.stripe import redacting
from connectors.sandbox.stripe.saying import missing, with_headers, wrong
from connectors.sandbox.stripe.state import KEYS_AT_MOST, TYPES, Seed, State, held, seed

SECOND = 1_000_000
CALLS, SECONDS = 25, 1
"""So many calls of each operation, as its documentation says of live accounts."""
KEYS_KEPT = 24 * 3_600 * SECOND
_TROUBLE = {
    400: "The request is not one that can be read.",
    401: "Invalid API Key provided.",
    403: "The key has no permission for this.",
    404: "Unrecognized request URL.",
    405: "Unrecognized request URL.",
    413: "The request is too large.",
    429: "Too many requests.",
    500: "An unknown error occurred.",
    503: "Stripe is not available.",
}
_READ_AT = {"checkout_sessions": "/v1/checkout/sessions"}
_FORM = "application/x-www-form-urlencoded"


class Stripe:
    """Stripe. Jobs are validated, and then redact, in `job_seconds` each."""

    name = "stripe"

    def __init__(self, clock: Clock, *, key: str | None = None, job_seconds: float = 5) -> None:
        self.state: Any = State()
        self._clock, self._takes = clock, int(job_seconds * SECOND)
        self._key = key or f"sk_test_{secrets.token_urlsafe(24)}"
        self.operations = (*self._of_jobs(), *self._of_objects())

    def admits(self, call: Call) -> Answer | None:
        """Want the key, as a bearer's token or a user's name."""
        given = call.bearer() or _user(call)
        return None if secrets.compare_digest(given.encode(), self._key.encode()) else self.trouble(401, None)

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Say what is wrong."""
        kind = "api_error" if status >= 500 else "invalid_request_error"
        headers = {"Retry-After": str(wait)} if wait is not None else {}
        return wrong(status, _TROUBLE[status], "rate_limit" if status == 429 else None, kind, headers)

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - it tells nothing of time
        """Tell which limit was too much, and of others nothing."""
        return {"Stripe-Rate-Limited-Reason": "endpoint-rate"} if standing.refused else {}

    def settle(self, now: int) -> None:
        """Carry out what is due."""
        for job in self.state.jobs.due(now):
            redacting.carry_out(self.state, job)

    def held(self) -> Mapping[str, Any]:
        """Return objects with what they say of a person, and the status of jobs."""
        return held(self.state)

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the shape of `state.Seed`."""
        seed(self.state, Seed.model_validate(given), self._clock())

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - its key is the same everywhere
        """Return its key."""
        return {"stripe.key": self._key}

    def _of_jobs(self) -> Sequence[Operation]:
        path, one = redacting.PATH, f"{redacting.PATH}/{{job}}"

        def act(name: str) -> Callable[[Call], Answer]:
            return lambda call: redacting.begin(self.state, call, name, self._takes)

        def create(call: Call) -> Answer:
            return redacting.create(self.state, call, self._takes)

        return (
            self._operation("POST", path, create, frozenset({Kind.LIE})),
            self._operation("GET", path, lambda call: redacting.every(self.state, call)),
            self._operation("GET", one, lambda call: redacting.retrieve(self.state, call)),
            self._operation("POST", one, lambda call: redacting.update(self.state, call)),
            *(self._operation("POST", f"{one}/{each}", act(each)) for each in ("run", "validate", "cancel")),
            self._operation("GET", f"{one}/validation_errors", lambda call: redacting.errors(self.state, call)),
        )

    def _operation(
        self, method: str, path: str, does: Callable[[Call], Answer], takes: frozenset[Kind] = frozenset()
    ) -> Operation:
        """Return an operation of the preview: it is there for accounts that have it, and by a version that is one."""

        def done(call: Call) -> Answer:
            if not (self.state.preview and call.headers.get("stripe-version", "").endswith(".preview")):
                return self.trouble(404, None)
            return self._once(call, does) if method == "POST" else does(call)

        return Operation(method, path, done, limits=_limits(method, path), takes=takes)

    def _once(self, call: Call, does: Callable[[Call], Answer]) -> Answer:
        """Answer the same to the same key for a day; a key that was used for something else is refused."""
        if call.headers.get("content-type", "").partition(";")[0] != _FORM:
            return wrong(400, "Invalid request: a form is wanted.")
        key = call.headers.get("idempotency-key")
        digest = sha256(call.raw_target.encode() + b"\n" + call.body).hexdigest()
        if key in self.state.said and self.state.said[key][0] > call.at - KEYS_KEPT:
            _, before, first = self.state.said[key]
            if before != digest:
                return wrong(400, "Keys for idempotent requests can only be used once.", kind="idempotency_error")
            return with_headers(first, {"Idempotent-Replayed": "true"})
        try:
            answer = does(call)
        except ValueError:
            return wrong(400, "Invalid form.")
        if key:
            self.state.said[key] = (call.at, digest, answer)
            while len(self.state.said) > KEYS_AT_MOST:
                del self.state.said[next(iter(self.state.said))]
        return answer

    def _of_objects(self) -> Sequence[Operation]:
        paths = {name: f"{_READ_AT.get(name, f'/v1/{name}')}/{{id}}" for name in TYPES}
        return (
            *(Operation("GET", path, self._reading(name), limits=_limits("GET", path)) for name, path in paths.items()),
            Operation("DELETE", paths["customers"], self._delete, limits=_limits("DELETE", paths["customers"])),
        )

    def _reading(self, name: str) -> Callable[[Call], Answer]:
        def read(call: Call) -> Answer:
            id_, kind = call.path["id"], TYPES[name][0]
            kept = self.state.objects.get(id_)
            if kept is None or kept.type != name:
                return missing(kind)
            if kept.deleted:
                return said(200, {"id": id_, "object": kind, "deleted": True})
            told = {"id": id_, "object": kind, "created": kept.created, "livemode": False, **kept.personal}
            if name != "invoices":
                told["redaction"] = {"status": kept.redaction} if kept.redaction else None
            return said(200, told)

        return read

    def _delete(self, call: Call) -> Answer:
        """Delete a customer, and nothing that she paid."""
        kept = self.state.objects.get(call.path["id"])
        if kept is None or kept.type != "customers" or kept.deleted:
            return missing("customer")
        kept.deleted, kept.personal = True, {}
        return said(200, {"id": call.path["id"], "object": "customer", "deleted": True})


def _limits(method: str, path: str) -> tuple[Limit, ...]:
    return (Limit(f"{method} {path}", CALLS, SECONDS),)


def _user(call: Call) -> str:
    """Return the name of `Authorization: Basic …`."""
    scheme, _, text = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(text, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
