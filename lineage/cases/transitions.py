"""What may follow what: states of a task, and what a case lets happen to it. Data; whoever writes an entry asks here first."""

from collections.abc import Mapping

from lineage.cases.case import Case
from lineage.cases.words import CaseState, TaskState
from lineage.errors import Refused

SETTLED: frozenset[TaskState] = frozenset({"verified", "promised", "partial", "declined", "not_held", "cancelled"})
"""There is an answer. A promise may yet be verified, or prove untrue; a person looks at what is partial."""
OPEN: frozenset[TaskState] = frozenset({"queued", "sent", "accepted", "manual", "overdue", "failed"})
_ANSWERS: frozenset[TaskState] = frozenset({"verified", "promised", "partial", "declined", "not_held"})


def _states(*states: TaskState) -> frozenset[TaskState]:
    return frozenset(states)


NEXT: Mapping[TaskState, frozenset[TaskState]] = {
    "held": _states("held", "queued", "cancelled"),
    "queued": _states("queued", "sent", "accepted", "manual", "failed", "overdue", "cancelled") | _ANSWERS,
    "sent": _states("sent", "accepted", "manual", "failed", "overdue", "queued") | _ANSWERS,
    "accepted": _states("accepted", "manual", "failed", "overdue", "queued") | _ANSWERS,
    "manual": _states("manual", "queued", "sent", "accepted", "failed", "overdue", "cancelled") | _ANSWERS,
    "overdue": _states("overdue", "queued", "sent", "accepted", "manual", "failed") | _ANSWERS,
    "failed": _states("failed", "queued", "sent", "accepted", "manual", "overdue") | _ANSWERS,
    # What was promised, or done for a part, may prove done, or untrue.
    "promised": _states("promised", "verified", "partial", "declined", "not_held", "failed"),
    "partial": _states("partial", "verified", "promised", "declined", "not_held", "failed", "queued"),
    # A late answer of the party corrects an earlier one; nothing but a proof that it is untrue takes a verification back.
    "declined": _states("declined", "verified", "promised", "partial", "not_held"),
    "not_held": _states("not_held", "verified", "failed"),
    "verified": _states("verified", "failed"),
    "cancelled": _states(),
}

_CASE: Mapping[str, frozenset[CaseState]] = {
    "doubt": frozenset({"received", "identity"}),
    "prove": frozenset({"identity"}),
    "plan": frozenset({"received"}),
    "hold": frozenset({"received", "identity", "carrying-out", "answered", "partly-done"}),
    "release": frozenset({"received", "identity", "carrying-out", "answered", "partly-done"}),
    "approve": frozenset({"received"}),
    "refuse": frozenset({"received", "identity"}),
    "refuse-item": frozenset({"received"}),
    "grant": frozenset({"received", "identity", "carrying-out", "answered", "partly-done"}),
    "extend": frozenset({"received", "identity", "carrying-out"}),
    "withdraw": frozenset({"received", "identity", "carrying-out"}),
    "confirm": frozenset({"carrying-out", "answered", "partly-done"}),
    # A refusal is complained of, and its ground is to be shown then.
    "file": frozenset({"received", "identity", "carrying-out", "answered", "partly-done", "refused"}),
}
_WHY: Mapping[CaseState, str] = {
    "identity": "who asks is still to be shown: `jalki case verify`",
    "received": "it is not approved yet: `jalki case approve`",
    "carrying-out": "it is being carried out",
    "answered": "it is answered",
    "partly-done": "it is answered; what the law keeps is erased by itself when its time is over",
    "closed": "it is closed",
    "refused": "it was refused",
    "withdrawn": "it was withdrawn",
    "duplicate": "it is a duplicate of another case: act on that one",
    "approved": "it is approved",
}


def may_become(now: TaskState, then: TaskState) -> bool:
    """Tell whether a task may go from one state to the other. An answer that may not is kept, and changes nothing."""
    return then in NEXT[now]


def check_may(case: Case, act: str) -> None:
    """Make sure that a case lets something happen to it. Raises: Refused: it does not; the message says why."""
    if case.state not in _CASE[act]:
        raise Refused(f"case {case.id}: cannot {act}: {_WHY[case.state]}", f"may-not-{case.state}", case=case.id)
