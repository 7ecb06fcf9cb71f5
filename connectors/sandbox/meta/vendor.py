"""Meta's Graph API: its operations, alone and in batches, credentials and usage, put together."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.sandbox.calls import FIELDS_AT_MOST, Answer, Call, Operation, said
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.limits import Limit, Standing
from connectors.sandbox.meta import users
from connectors.sandbox.meta.saying import BUSY, usage, wrong
from connectors.sandbox.meta.state import Seed, State, held, seed

SECOND = 1_000_000
PARTS_AT_MOST = 50
LIMIT = Limit("custom_audience", 5_000, 3_600)
"""Assumed: what Meta allows depends on the account."""
BUSINESS = "66782684"
_TROUBLE = {
    400: (400, 100, "Invalid parameter"),
    401: (401, 190, "Error validating access token: the session has expired"),
    404: (404, 2500, "Unknown path components"),
    405: (400, 100, "Unsupported request"),
    413: (413, 1, "Please reduce the amount of data"),
    429: (400, BUSY, "There have been too many calls for custom audiences"),
    500: (500, 1, "An unknown error occurred"),
    503: (503, 2, "Service temporarily unavailable"),
}
_INSIDE = frozenset({Kind.ERROR_INSIDE, Kind.PARTIAL})


class Meta:
    """Meta. What is removed is gone after `job_seconds`. With a secret of the app each call must prove that it has it."""

    name = "meta"

    def __init__(
        self, clock: Clock, *, token: str | None = None, app_secret: str | None = None, job_seconds: float = 5
    ) -> None:
        self.state: Any = State()
        self._clock, self._takes = clock, int(job_seconds * SECOND)
        self._token = token or f"EAA{secrets.token_urlsafe(48)}"
        self._secret = app_secret or secrets.token_hex(16)
        users_of = "/{version}/{audience}/users"
        self.operations = (
            *(
                Operation("POST", path, self._batch, limits=(LIMIT,), takes=_INSIDE)
                for path in ("/{version}/", "/{version}")
            ),
            Operation("DELETE", users_of, self._alone, limits=(LIMIT,)),
            Operation("POST", users_of, self._alone, limits=(LIMIT,)),
            Operation("GET", "/{version}/{audience}/sessions", self._alone, limits=(LIMIT,)),
            *(
                Operation("GET", path, self._alone, limits=(LIMIT,))
                for path in ("/{version}/{audience}", "/{version}/{audience}/")
            ),
        )

    def admits(self, call: Call) -> Answer | None:
        """Want the token, from wherever it may come, and what shows that whoever calls has the app's secret."""
        fields = {**dict(call.query), **_form(call)}
        token = call.bearer() or fields.get("access_token", "")
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return self.trouble(401, None)
        proof = hmac.new(self._secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if not secrets.compare_digest(fields.get("appsecret_proof", "").encode(), proof.encode()):
            return wrong(400, 100, "Invalid appsecret_proof provided in the API argument")
        return None

    def trouble(self, status: int, wait: int | None) -> Answer:
        """Say what is wrong. Too many calls are a 400 with a number, and a header tells the minutes."""
        answer, code, message = _TROUBLE[status]
        headers = usage(BUSINESS, 100, -(-wait // 60)) if status == 429 and wait is not None else {}
        return wrong(answer, code, message, headers=headers, transient=status >= 500)

    def shown(self, standing: Standing, now: int) -> Mapping[str, str]:  # noqa: ARG002 - it tells minutes alone
        """Tell how much of what may be called was called, in percent."""
        minutes = -(-standing.wait // 60) if standing.refused else 0
        return usage(BUSINESS, 100 - 100 * standing.left // standing.limit.calls, minutes)

    def settle(self, now: int) -> None:
        """Add and remove what is due."""
        for job in self.state.jobs.due(now):
            users.carry_out(self.state, job)

    def held(self) -> Mapping[str, Any]:
        """Return audiences with their members and sessions."""
        return held(self.state)

    def seed(self, given: Mapping[str, Any]) -> None:
        """Let it hold this too. Raises: ValueError: it is not of the shape of `state.Seed`."""
        seed(self.state, Seed.model_validate(given))

    def credentials(self, url: str) -> Mapping[str, str]:  # noqa: ARG002 - they are the same everywhere
        """Return its token and the app's secret."""
        return {"meta.token": self._token, "meta.app-secret": self._secret}

    def _alone(self, call: Call) -> Answer:
        tail = call.template.rpartition("/")[2]
        path = [call.path["audience"], *([tail] if tail in ("users", "sessions") else [])]
        return self._do(call.method, path, {**dict(call.query), **_form(call)}, call.at, None)

    def _batch(self, call: Call) -> Answer:
        """Do several things, and tell of each. It is answered 200 whatever became of them."""
        try:
            parts = json.loads(_form(call).get("batch", ""))
        except (ValueError, RecursionError):
            return wrong(400, 100, "Invalid parameter: batch is a list in JSON")
        if not isinstance(parts, list) or not all(isinstance(each, dict) for each in parts):
            return wrong(400, 100, "Invalid parameter: batch is a list in JSON")
        if not 1 <= len(parts) <= PARTS_AT_MOST:
            return wrong(400, 100, f"Too many requests in batch message. Maximum batch size is {PARTS_AT_MOST}")
        return said(200, [_inside(self._part(each, call)) for each in parts])

    def _part(self, part: Mapping[str, Any], call: Call) -> Answer:
        if call.fault is Kind.ERROR_INSIDE:
            return wrong(200, BUSY, "There have been too many calls", headers=usage(BUSINESS, 100, 2))
        target = urlsplit(str(part.get("relative_url", "")))
        path = [each for each in target.path.split("/") if each]
        try:
            fields = dict(_pairs(target.query) + _pairs(str(part.get("body", ""))))
        except ValueError:
            return wrong(400, 100, "Invalid parameter")
        return self._do(str(part.get("method", "")), path, fields, call.at, call.fault)

    def _do(self, method: str, path: Sequence[str], fields: Mapping[str, str], at: int, fault: Kind | None) -> Answer:
        match method, path:
            case "DELETE", [audience, "users"]:
                return users.change(self.state, audience, fields, users.REMOVE, at, self._takes, fault)
            case "POST", [audience, "users"]:
                return users.change(self.state, audience, fields, users.ADD, at, self._takes, fault)
            case "GET", [audience, "sessions"]:
                return users.sessions(self.state, audience, fields.get("session_id"))
            case "GET", [audience] if audience in self.state.audiences:
                return said(200, _told(audience, self.state.audiences[audience]))
            case _:
                return wrong(400, 100, "Unsupported request: the object does not exist, or is not to be seen", 33)


def _told(number: str, audience: Any) -> Mapping[str, Any]:  # noqa: ANN401 - of the state, which is copied as it is
    status = {"code": 471, "description": "flagged"} if audience.flagged else {"code": 200, "description": "Normal"}
    return {
        "id": number,
        "name": audience.name,
        "operation_status": status,
        "lookalike_audience_ids": list(audience.lookalikes),
    }


def _inside(answer: Answer) -> Mapping[str, Any]:
    headers = {"Content-Type": "application/json; charset=UTF-8", **answer.headers}
    return {
        "code": answer.status,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "body": answer.body.decode(),
    }


def _form(call: Call) -> Mapping[str, str]:
    """Return the fields of a body that is a form; none of any other."""
    try:
        return dict(call.form()) if call.method == "POST" else {}
    except ValueError:
        return {}


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_AT_MOST, errors="strict")
