"""Stripe's redaction jobs: made, validated, run, cancelled; and what becomes of the objects."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.sandbox.calls import Answer, Call, said
from connectors.sandbox.faults import Kind
from connectors.sandbox.jobs import Job
from connectors.sandbox.stripe.saying import listed, missing, wrong
from connectors.sandbox.stripe.state import REDACTED, TRANSACTIONS, TYPES, Kept, Redaction, State, related

PATH = "/v1/privacy/redaction_jobs"
OBJECTS_AT_MOST = 10
AGE = 90 * 86_400
SECOND = 1_000_000
VALIDATE, REDACT, AGED = "validate", "redact", "aged"
JOBS_AT_MOST = 10_000
_FIELD = re.compile(r"objects\[([a-z_]+)\]\[\d*\]")
_BEHAVIORS = ("error", "fix")


def create(state: State, call: Call, takes: int) -> Answer:
    """Make a job; it begins to validate."""
    roots: dict[str, list[str]] = {}
    behavior = "error"
    for name, value in call.form():
        if found := _FIELD.fullmatch(name):
            roots.setdefault(found[1], []).append(value)
        elif name == "validation_behavior" and value in _BEHAVIORS:
            behavior = value
        else:
            return wrong(400, "Received unknown parameter", "parameter_unknown")
    if (refusal := _refusal(state, roots)) is not None:
        return refusal
    id_ = f"prj_{secrets.token_hex(8)}"
    state.redactions[id_] = Redaction(call.at // SECOND, roots, behavior, lies=call.fault is Kind.LIE)
    while len(state.redactions) > JOBS_AT_MOST:
        del state.redactions[next(iter(state.redactions))]
    state.jobs.start(VALIDATE, {}, call.at, takes, id=id_)
    return said(200, shown(state, id_))


def _refusal(state: State, roots: Mapping[str, Sequence[str]]) -> Answer | None:
    if not roots:
        return wrong(400, "Missing required param: objects.", "parameter_missing")
    if unknown := roots.keys() - TYPES.keys():
        return wrong(400, f"Received unknown parameter: objects[{min(unknown)}]", "parameter_unknown")
    if sum(map(len, roots.values())) > OBJECTS_AT_MOST:
        return wrong(400, f"At most {OBJECTS_AT_MOST} objects can be in a job.")
    for name, ids in roots.items():
        for each in ids:
            if each not in state.objects or state.objects[each].type != name or state.objects[each].deleted:
                return missing(TYPES[name][0])
    return None


def shown(state: State, id_: str) -> Mapping[str, Any]:
    """Return a job as it is told."""
    each = state.redactions[id_]
    return {
        "id": id_,
        "object": "privacy.redaction_job",
        "created": each.created,
        "livemode": False,
        "status": each.status,
        "validation_behavior": each.behavior,
    }


def retrieve(state: State, call: Call) -> Answer:
    """Tell how a job stands."""
    id_ = call.path["job"]
    return said(200, shown(state, id_)) if id_ in state.redactions else missing("redaction job")


def every(state: State, _: Call) -> Answer:
    """List the jobs, the newest first."""
    return said(200, listed(PATH, [shown(state, each) for each in reversed(state.redactions)][:10]))


def errors(state: State, call: Call) -> Answer:
    """List why a job is not to be run."""
    id_ = call.path["job"]
    if id_ not in state.redactions:
        return missing("redaction job")
    return said(200, listed(f"{PATH}/{id_}/validation_errors", state.redactions[id_].errors))


def update(state: State, call: Call) -> Answer:
    """Change how a job validates; it does not begin to."""
    id_ = call.path["job"]
    if id_ not in state.redactions:
        return missing("redaction job")
    given = dict(call.form())
    if given.get("validation_behavior") not in _BEHAVIORS:
        return wrong(400, "Invalid validation_behavior: must be one of error or fix")
    state.redactions[id_].behavior = given["validation_behavior"]
    return said(200, shown(state, id_))


def begin(state: State, call: Call, act: str, takes: int) -> Answer:
    """Run, validate or cancel a job, where it stands as it must for that."""
    id_ = call.path["job"]
    if id_ not in state.redactions:
        return missing("redaction job")
    each = state.redactions[id_]
    may, then, kind = {
        "run": (("ready",), "redacting", REDACT),
        "validate": (("failed",), "validating", VALIDATE),
        "cancel": (("ready", "failed"), "canceled", None),
    }[act]
    if each.status not in may:
        return wrong(400, f"You cannot {act} a redaction job in this status.")
    each.status = then
    if kind is not None:
        state.jobs.start(kind, {}, call.at, takes, id=id_)
    return said(200, shown(state, id_))


def carry_out(state: State, job: Job) -> None:
    """Do what is due: validate, redact, or redact what has become old enough."""
    if job.kind == AGED:
        _redact(state.objects[job.asked["object"]])
    elif job.id in state.redactions and job.kind == VALIDATE:
        _validate(state, job.id)
    elif job.id in state.redactions:
        _run(state, job)
    state.jobs.end(job, {})


def _validate(state: State, id_: str) -> None:
    job = state.redactions[id_]
    earlier = list(state.redactions)[: list(state.redactions).index(id_)]
    busy = {
        root
        for each in map(state.redactions.__getitem__, earlier)
        if each.status in ("validating", "ready", "redacting")
        for ids in each.roots.values()
        for root in ids
    }
    found: list[tuple[str, str]] = []
    for root in (each for ids in job.roots.values() for each in ids):
        if root in busy:
            found.append(("locked_by_other_job", root))
        for other, kept in related(state, root):
            if not kept.final and job.behavior == "error":
                found.append(("invalid_state" if other == root else "invalid_cascading_source", other))
    job.errors = [_error(state, code, object_) for code, object_ in found]
    job.status = "failed" if found else "ready"


def _error(state: State, code: str, object_: str) -> dict[str, Any]:
    return {
        "id": f"prjve_{secrets.token_hex(8)}",
        "object": "privacy.redaction_job_validation_error",
        "code": code,
        "erroring_object": {"id": object_, "object_type": TYPES[state.objects[object_].type][0]},
        "message": f"{object_} cannot be redacted as it is",
    }


def _run(state: State, job: Job) -> None:
    redaction = state.redactions[job.id]
    redaction.status = "succeeded"
    if redaction.lies:
        return
    for id_, kept in [pair for ids in redaction.roots.values() for root in ids for pair in related(state, root)]:
        kept.final = True
        wait = kept.created + AGE - job.due // SECOND
        if kept.type in TRANSACTIONS and wait > 0:
            kept.redaction = "validated"
            state.jobs.start(AGED, {"object": id_}, job.due, wait * SECOND)
        else:
            _redact(kept)


def _redact(kept: Kept) -> None:
    kept.redaction = "redacted"
    kept.personal = dict.fromkeys(kept.personal, REDACTED)
