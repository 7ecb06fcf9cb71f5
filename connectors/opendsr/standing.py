"""What a signed word of a party comes to (specification §8), whether it was asked or told us by itself. Pure."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from connectors.opendsr.messages import Told
from connectors.opendsr.signatures import DOMAIN_HEADER, SIGNATURE_HEADER, Vouched
from lineage.cases.orders import Outcome
from lineage.cases.transitions import OPEN, may_become
from lineage.cases.words import TaskState

HOW = "signed-answer"
_SOONEST, _LATEST = 900.0, 86_400.0
_BEFORE_ACCEPTED: tuple[TaskState, ...] = ("queued", "sent")


def outcome_of(said: Told, evidence: bytes, now: int, handle: str | None = None) -> Outcome:
    """Return what a status comes to: `completed` is proved by its signature, `cancelled` means that nobody will do it."""
    match said.request_status:
        case "completed":
            return Outcome("verified", HOW, handle=handle, evidence=evidence)
        case "cancelled":
            return Outcome("failed", HOW, ground="cancelled", handle=handle, evidence=evidence)
    expected = said.expected_completion_time
    return Outcome(
        "accepted",
        HOW,
        by=expected.date().isoformat(),
        handle=handle,
        ask_again_in=again(expected, now),
        evidence=evidence,
    )


def is_news(state: TaskState, outcome: Outcome) -> bool:
    """Tell whether an outcome takes a task further. Callbacks come late, twice and out of order, and bear no time.

    A proof counts whenever it comes. That a request was cancelled is believed only while nothing has answered the task, and
    that it was begun only while all we know is that it was sent.
    """
    if state == outcome.state or not may_become(state, outcome.state):
        return False
    if outcome.state == "verified":
        return True
    return state in (_BEFORE_ACCEPTED if outcome.state == "accepted" else OPEN)


def again(expected: datetime, now: int) -> float:
    """Return seconds until a party is asked how it goes: when it expects to be done, but at least once a day."""
    return min(max(expected.timestamp() - now / 1_000_000, _SOONEST), _LATEST)


def evidence(by: Vouched, headers: Mapping[str, str], body: bytes, said: str) -> bytes:
    """Return what a signed answer can be proved by later, without us and without the party.

    Certificate, signature and SHA-256 of the signed bytes; `said` is what they said, less what must not be kept.
    """
    kept = {
        "certificate": by.pem.decode("ascii", "replace"),
        "domain": headers.get(DOMAIN_HEADER.lower(), ""),
        "signature": headers.get(SIGNATURE_HEADER.lower(), ""),
        "sha256": hashlib.sha256(body).hexdigest(),
        "said": said,
    }
    return json.dumps(kept, ensure_ascii=False, sort_keys=True).encode()
