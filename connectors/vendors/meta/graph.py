"""Calls Meta's Graph API by its batch form, in which neither token nor identifier is in an address. Knows no audience.

A batch is answered 200 whatever became of what is in it: each part has a status and a body of its own.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from connectors.calling import Answer, Caller
from connectors.protocol import Budget
from connectors.secretfile import Secret
from connectors.vendors.meta.faults import Fault, fault_of
from connectors.vendors.meta.usage import Usage
from connectors.waiting import Later
from lineage.errors import Misconfigured

PARTS_AT_MOST = 50
RATE = "batch"
_LOOSE = ConfigDict(frozen=True, extra="ignore", strict=True)


class Part(NamedTuple):
    """One call inside a batch; its fields go into its body, or of a GET into its own relative address."""

    method: str
    path: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a part: `said`, an object, or a `fault`; neither, where nobody can read it. `raw` is what was sent back.

    `done` is False where Meta did not get to it.
    """

    raw: bytes
    said: Mapping[str, object] | None = None
    fault: Fault | None = None
    done: bool = True


class _Header(BaseModel):
    model_config = _LOOSE
    name: str
    value: str


class _Part(BaseModel):
    model_config = _LOOSE
    code: int
    headers: list[_Header] | None = None
    body: str | None = None


_PARTS: TypeAdapter[list[_Part | None]] = TypeAdapter(list[_Part | None])
_OBJECT: TypeAdapter[dict[str, object]] = TypeAdapter(dict[str, object])


@dataclass(slots=True)
class Graph:
    """The Graph API of one version. `proven` is the app's secret, by which each call is shown to be the app's own.

    It remembers until when Meta wants no more calls: only so that none is made in vain. Nobody depends on that memory.
    """

    party: str
    url: str
    token: Secret
    proven: Secret | None
    caller: Caller
    budget: Budget
    clock: Callable[[], int]
    _rests: float = 0.0

    async def ask(self, parts: Sequence[Part]) -> Sequence[Reply]:
        """Make the calls of a batch, 50 at most; return a reply to each, in their order.

        Raises: Later: Meta has had enough calls for now. Misconfigured: it does not take our token. Retryable, Refused: as
        `connectors.calling`.
        """
        now = self.clock() / 1_000_000
        if now < self._rests:
            raise Later(f"{self.party} has had as many calls as it takes for now", self._rests - now)
        await self.budget.take(RATE)
        token = self.token.read()
        fields = {"batch": json.dumps([_told(each) for each in parts]), "include_headers": "true"}
        if self.proven is not None:
            secret = self.proven.read().encode()
            fields["appsecret_proof"] = hmac.new(secret, token.encode(), hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Bearer {token}"}
        answer = await self.caller.call("POST", self.url, urlencode(fields).encode(), headers)
        return self._replies(answer, parts)

    def _replies(self, answer: Answer, parts: Sequence[Part]) -> Sequence[Reply]:
        self._heed(answer.headers)
        try:
            told = _PARTS.validate_json(answer.body)
        except ValidationError:
            return self._of_none(answer, len(parts))
        if answer.status != 200 or len(told) != len(parts):
            return [Reply(answer.body)] * len(parts)
        return [Reply(b"", done=False) if each is None else self._reply(each) for each in told]

    def _of_none(self, answer: Answer, parts: int) -> Sequence[Reply]:
        """Return replies to a batch that was not taken as one, or say what is wrong."""
        said = _object(answer.body)
        fault = None if said is None else fault_of(said)
        if fault is not None:
            fault.stop(self.party, self.clock, self._rests)
        if answer.status in (401, 403) or fault is not None:
            raise Misconfigured(
                f"{self.party} refuses our calls ({answer.status}): check the token and the app's secret"
            )
        return [Reply(answer.body)] * parts

    def _reply(self, part: _Part) -> Reply:
        raw = (part.body or "").encode()
        self._heed({each.name.lower(): each.value for each in part.headers or ()})
        said = _object(raw)
        fault = None if said is None else fault_of(said)
        if fault is not None:
            fault.stop(self.party, self.clock, self._rests)
        good = said is not None and fault is None and part.code == 200
        return Reply(raw, said if good else None, fault)

    def _heed(self, headers: Mapping[str, str]) -> None:
        """Remember what Meta says of how much we have called."""
        rest = Usage.read(headers).rest
        if rest:
            self._rests = max(self._rests, self.clock() / 1_000_000 + rest)


def _told(part: Part) -> Mapping[str, str]:
    fields = urlencode(
        {
            name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            for name, value in part.fields.items()
        }
    )
    if part.method == "GET":
        return {"method": part.method, "relative_url": f"{part.path}?{fields}"}
    return {"method": part.method, "relative_url": part.path, "body": fields}


def _object(body: bytes) -> Mapping[str, object] | None:
    try:
        return _OBJECT.validate_json(body)
    except ValidationError:
        return None
