"""The members of Meta's audiences: added and removed by rows, in sessions, with an effect that comes later."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.calls import Answer, said
from connectors.sandbox.faults import Kind
from connectors.sandbox.jobs import Job
from connectors.sandbox.meta.saying import FLAGGED, TOO_SMALL, wrong
from connectors.sandbox.meta.state import KEYS, MEMBERS_AT_MOST, SESSIONS_AT_MOST, SINGLE, Audience, Session, State

ROWS_AT_MOST = 10_000
SECOND = 1_000_000
ADD, REMOVE = "add", "remove"
_HASH = re.compile(r"[0-9a-f]{64}")
_DEVICE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Rows:
    """A payload that was read: a member's keys for each row that is good, and how many are not."""

    def __init__(self, members: Sequence[Mapping[str, str]], received: int) -> None:
        self.members, self.received = members, received

    @property
    def invalid(self) -> int:
        """How many rows are no good."""
        return self.received - len(self.members)


def change(
    state: State, audience_id: str, fields: Mapping[str, str], act: str, at: int, takes: int, fault: Kind | None
) -> Answer:
    """Take rows in, that are to be added or removed."""
    audience = state.audiences.get(audience_id)
    if audience is None:
        return wrong(400, 100, "Unsupported request: the object does not exist, or is not to be seen", 33)
    if audience.flagged:
        return wrong(400, 100, "Invalid parameter", FLAGGED)
    if audience.too_small and act == REMOVE:
        return wrong(403, 200, "Permissions error", TOO_SMALL)
    payload, session = _object(fields.get("payload")), _object(fields.get("session", "{}"))
    rows = None if payload is None else _rows(payload)
    if rows is None or session is None:
        return wrong(400, 100, "Invalid parameter")
    number = str(session.get("session_id", at))
    if not re.fullmatch(r"[0-9]{1,20}", number):
        return wrong(400, 100, "Invalid parameter: session_id is a positive number")
    members = rows.members[: len(rows.members) // 2] if fault is Kind.PARTIAL else rows.members
    _count(audience, number, session, rows, rows.received - len(members), at)
    asked = {"audience": audience_id, "members": [dict(each) for each in members], "session": number}
    state.jobs.start(act, asked, at, takes)
    return said(
        200,
        {
            "audience_id": audience_id,
            "session_id": number,
            "num_received": rows.received,
            "num_invalid_entries": rows.received - len(members),
            "invalid_entry_samples": {},
        },
    )


def _count(audience: Audience, number: str, session: Mapping[str, Any], rows: Rows, invalid: int, at: int) -> None:
    kept = audience.sessions.setdefault(number, Session(at // SECOND))
    while len(audience.sessions) > SESSIONS_AT_MOST:
        del audience.sessions[next(iter(audience.sessions))]
    if session.get("batch_seq", 1) == 1:  # begins it anew
        kept.received = kept.invalid = 0
        kept.ended = None
    kept.received += rows.received
    kept.invalid += invalid
    kept.last = bool(session.get("last_batch_flag", True))


def _object(text: str | None) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _rows(payload: Mapping[str, Any]) -> Rows | None:
    """Return the rows of a payload; None where it is none."""
    schema, data = payload.get("schema"), payload.get("data")
    if not isinstance(data, list) or not 1 <= len(data) <= ROWS_AT_MOST:
        return None
    if isinstance(schema, str) and schema in SINGLE:
        keys: Sequence[str] = [SINGLE[schema]]
    elif isinstance(schema, list) and schema and all(each in KEYS for each in schema) and payload.get("is_raw") is True:
        keys = schema
    else:
        return None
    found = [_member(keys, row if isinstance(row, list) else [row]) for row in data]
    return Rows([each for each in found if each], len(data))


def _member(keys: Sequence[str], row: Sequence[object]) -> Mapping[str, str] | None:
    if len(row) != len(keys):
        return None
    known: dict[str, str] = {}
    for key, value in zip(keys, row, strict=True):
        if not isinstance(value, str):
            return None
        if value == "":
            continue
        if (key in ("EMAIL", "PHONE") and not _HASH.fullmatch(value)) or (
            key == "MADID" and not _DEVICE.fullmatch(value)
        ):
            return None
        known[key] = value
    return known or None


def carry_out(state: State, job: Job) -> None:
    """Add or remove what was asked for. A row removes each member that has all its keys."""
    audience = state.audiences[job.asked["audience"]]
    rows = job.asked["members"]
    if job.kind == ADD:
        audience.members = [*audience.members, *rows][:MEMBERS_AT_MOST]
        matched = len(rows)
    else:
        left = [each for each in audience.members if not any(row.items() <= each.items() for row in rows)]
        matched = len(audience.members) - len(left)
        audience.members = left
    if (session := audience.sessions.get(job.asked["session"])) is not None:
        session.matched += matched
        session.ended = job.due // SECOND if session.last else None
    state.jobs.end(job, {"matched": matched})


def sessions(state: State, audience_id: str, number: str | None) -> Answer:
    """Tell of the sessions of an audience, or of one."""
    audience = state.audiences.get(audience_id)
    if audience is None:
        return wrong(400, 100, "Unsupported request: the object does not exist, or is not to be seen", 33)
    found = [(each, one) for each, one in audience.sessions.items() if number in (None, each)]
    return said(200, {"data": [_told(each, one) for each, one in found]})


def _told(number: str, session: Session) -> Mapping[str, str]:
    """Return a session as it is told: in texts alone."""
    over = session.ended is not None
    return {
        "session_id": number,
        "start_time": str(session.began),
        **({"end_time": str(session.ended)} if over else {}),
        "stage": "done" if over else "matching",
        "progress": "100" if over else "0",
        "num_received": str(session.received),
        "num_matched": str(session.matched),
        "num_invalid_entries": str(session.invalid),
    }
