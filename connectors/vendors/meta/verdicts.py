"""What Meta's replies come to for one order: the worst of what any of her audiences says. Pure; calls nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.vendors.meta.graph import Reply
from connectors.vendors.meta.rows import Removal, Target
from connectors.vendors.meta.sessions import Batch, Received, Sent, session_of
from lineage.cases.orders import Outcome
from lineage.errors import JalkiError, Retryable

UNREAD = "answer-unfit"


@dataclass(slots=True)
class Told:
    """What Meta said of one audience and schema, over all batches.

    `late`: it did not get to it; `over`: it has done with it; `ground`: why a person must look. `unread` are answers that
    nobody can read, `seen` all others.
    """

    invalid: bool = False
    over: bool = True
    late: bool = False
    ground: str | None = None
    unread: list[bytes] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)


def note(told: Told, batch: Batch, sent: Sent, reply: Reply) -> None:
    """Add what Meta said to one batch."""
    received = None if reply.said is None else Received.read(reply.said, batch, sent)
    told.late = told.late or not reply.done
    if received is not None:
        told.invalid = told.invalid or received.num_invalid_entries > 0
        told.seen.append(reply.raw)
    elif reply.fault is not None:
        told.ground = told.ground or reply.fault.ground
        told.seen.append(reply.raw)
    elif reply.done:
        told.unread.append(reply.raw)


def of_session(reply: Reply, target: Target, sent: Sent) -> Told:
    """Return what a session says. One that cannot be asked about is not over, and nothing more."""
    told = Told(over=False, late=not reply.done, seen=[reply.raw])
    if reply.said is None:
        told.unread = [reply.raw] if reply.done and reply.fault is None else []
        return told
    try:
        session = session_of(reply.said, target, sent)
    except ValueError:
        told.unread = [reply.raw]
        return told
    if session is not None:
        told.over, told.invalid = session.over, session.num_invalid_entries > 0
    return told


def trouble(told: Mapping[Target, Told], handle: str | None) -> Outcome | JalkiError | None:
    """Return what keeps a removal from going on: the worst of what any audience says."""
    if any(each.late for each in told.values()):
        return Retryable("Meta did not get to all of it: the same will be sent again")
    if unread := [each for one in told.values() for each in one.unread]:
        return Outcome("failed", how=UNREAD, ground=UNREAD, handle=handle, evidence=b"\n".join(unread))
    seen = b"\n".join(each for one in told.values() for each in one.seen)
    if ground := next((each.ground for each in told.values() if each.ground), None):
        return Outcome("manual", how="error-answer", ground=ground, handle=handle, evidence=seen)
    if any(each.invalid for each in told.values()):
        return Outcome("partial", how="http-200", ground="invalid-entries", handle=handle, evidence=seen)
    return None


def left(plan: Removal) -> str | None:
    """Return what a person has to see to besides, in a word of ours."""
    return "audience-unknown" if plan.unknown else "events-by-hand" if plan.unsaid else None
